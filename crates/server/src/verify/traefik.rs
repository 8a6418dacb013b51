//! Traefik's `ForwardAuth`.
//!
//! The call is a GET with every header of the client that does not concern one connection. Traefik
//! writes `X-Forwarded-Method`, `-Uri`, `-Host`, `-Proto` and `-For` itself as long as
//! `trustForwardHeader` is off; with it, the client would describe its own request. Any answer but a
//! 2xx reaches the client, with a relative `Location` taken for one on this server.

use http::request::Parts;

use super::answer::Cookies;
use super::dialect::Dialect;
use super::original::{Original, OriginalError};
use super::verdict::Redirects;

/// `/auth/verify/traefik`.
pub(super) struct Traefik;

impl Dialect for Traefik {
    const REDIRECTS: Redirects = Redirects::Passed;
    const COOKIES: Cookies = Cookies::Plain;

    fn original(call: &Parts) -> Result<Original<'_>, OriginalError> {
        Original::in_x_forwarded(&call.headers)
    }
}

//! Caddy's `forward_auth`.
//!
//! The call is a GET with every header of the client. Caddy writes `X-Forwarded-Method`, `-Uri`,
//! `-Host`, `-Proto` and `-For` in place of what the client sent under those very names; other
//! spellings of them pass. The query of the client stands behind the path of the call too. Any answer
//! but a 2xx reaches the client as it is.

use http::request::Parts;

use super::answer::Cookies;
use super::dialect::Dialect;
use super::original::{Original, OriginalError};
use super::verdict::Redirects;

/// `/auth/verify/caddy`.
pub(super) struct Caddy;

impl Dialect for Caddy {
    const REDIRECTS: Redirects = Redirects::Passed;
    const COOKIES: Cookies = Cookies::Plain;

    fn original(call: &Parts) -> Result<Original<'_>, OriginalError> {
        Original::in_x_forwarded(&call.headers)
    }
}

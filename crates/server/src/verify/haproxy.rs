//! `HAProxy`, whose Lua asks before a request goes on.
//!
//! The call is what the Lua of the configuration makes it: a GET with every header of the client,
//! and the original method and URL under the names that nginx's configuration uses. Status, headers
//! and body of a refusal reach the client as they are.

use http::request::Parts;

use super::answer::Cookies;
use super::dialect::Dialect;
use super::original::{Original, OriginalError};
use super::verdict::Redirects;

/// `/auth/verify/haproxy`.
pub(super) struct Haproxy;

impl Dialect for Haproxy {
    const REDIRECTS: Redirects = Redirects::Passed;
    const COOKIES: Cookies = Cookies::Numbered;

    fn original(call: &Parts) -> Result<Original<'_>, OriginalError> {
        Original::in_x_original(&call.headers)
    }
}

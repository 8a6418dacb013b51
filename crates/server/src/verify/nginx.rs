//! nginx's `auth_request`.
//!
//! The subrequest is a GET with every header of the client, unless the configuration overwrites
//! it; the original method and URL are what the configuration sets:
//!
//! ```nginx
//! proxy_set_header X-Original-Method $request_method;
//! proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
//! proxy_set_header X-Forwarded-For $remote_addr;
//! ```
//!
//! 401 and 403 reach the client with their status and `WWW-Authenticate`; anything else but 2xx
//! becomes a 500. Of an answer's headers only those that the configuration copies one by one count.

use http::request::Parts;

use super::answer::Cookies;
use super::dialect::Dialect;
use super::original::{Original, OriginalError};
use super::verdict::Redirects;

/// `/auth/verify/nginx`.
pub(super) struct Nginx;

impl Dialect for Nginx {
    const REDIRECTS: Redirects = Redirects::Lost;
    const COOKIES: Cookies = Cookies::Numbered;

    fn original(call: &Parts) -> Result<Original<'_>, OriginalError> {
        Original::in_x_original(&call.headers)
    }
}

//! The page where someone logs in, for a browser that shows whatever it is answered.

use std::fmt::Write as _;

use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, Uri, header};
use sealpass_tower::sealpass::Origin;

use super::original::Original;

/// The login page.
#[derive(Clone, Debug)]
pub(super) struct LoginPage {
    /// Whole, since some proxies take a relative `Location` for one of ours.
    url: String,
    /// Its path, when it is a page of our own origin.
    own_path: Option<String>,
}

impl LoginPage {
    /// The page at `url`, for the site `origin`.
    pub(super) fn new(url: &Uri, origin: &Origin) -> Self {
        let url = url.to_string();
        let own = url.strip_prefix(&origin.to_string());
        let own = own.and_then(|target| target.parse::<PathAndQuery>().ok());
        Self { own_path: own.map(|target| target.path().to_owned()), url }
    }

    /// Where the browser goes that sent `original`: to the login page, which is told as `return_to`
    /// where to go afterwards. None when nobody would see the page, and when it is the page itself
    /// that wants a session, which would go on for ever.
    pub(super) fn for_request(&self, original: &Original<'_>) -> Option<HeaderValue> {
        let is_itself = self.own_path.as_deref().is_some_and(|own| original.path() == Some(own));
        let is_seen = original.view().method() == Method::GET && is_navigation(original.headers());
        if is_itself || !is_seen {
            return None;
        }
        let mut location = self.url.clone();
        if let Some(target) = original.target().filter(|target| stays_here(target)) {
            location.push(if location.contains('?') { '&' } else { '?' });
            location.push_str("return_to=");
            push_encoded(&mut location, target);
        }
        HeaderValue::try_from(location).ok()
    }
}

/// Whether a browser shows the answer as a page (Fetch Metadata; it takes HTML).
fn is_navigation(headers: &HeaderMap) -> bool {
    let mut modes = headers.get_all("sec-fetch-mode").iter();
    let accepted = headers.get_all(header::ACCEPT).iter().flat_map(|value| {
        value
            .as_bytes()
            .split(|&byte| byte == b',')
            .filter_map(|range| range.split(|&byte| byte == b';').next())
    });
    let mut accepted = accepted.map(<[u8]>::trim_ascii);
    modes.next().is_some_and(|mode| mode == "navigate")
        && modes.next().is_none()
        && accepted.any(|range| range.eq_ignore_ascii_case(b"text/html"))
}

/// Whether a browser that is told to go to `target` stays on the site it is on. `//host` is another
/// one, also once a login page has taken `/..` from in front of it, and so it is with `\` and with white
/// space that browsers take out of a URL.
fn stays_here(target: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    target.len() <= MAX_TARGET
        && target.starts_with('/')
        && !target.split('?').next().unwrap_or_default().contains("//")
        && target.bytes().all(is_plain)
}

/// Percent-encodes what is not unreserved (RFC 3986 §2.3).
fn push_encoded(url: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(url, "%{byte:02X}");
        }
    }
}

/// Bytes. Three times as many still fit where proxies read the head of an answer.
const MAX_TARGET: usize = 1024;

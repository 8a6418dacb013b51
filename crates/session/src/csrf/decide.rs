//! Whether a request was made by our own page.
//!
//! A browser attaches the session cookie to whatever makes it send a request, so a cookie proves who
//! the user is and not that they meant it. In this order:
//!
//! 1. GET, HEAD and OPTIONS pass: they change nothing. Opening a WebSocket is a GET and does not pass
//!    here, since any page may open one and then talk; it needs 2 and 3, and cannot send a token.
//! 2. `Sec-Fetch-Site`: `same-origin` and `none` pass on. `same-site` and `cross-site` are refused,
//!    unless `Origin` names an origin that was configured as trusted. A value we do not know is
//!    refused.
//! 3. `Origin`, when present, must be ours or trusted: parsed and compared whole.
//! 4. The token must be in the header, in its cookie, and equal the one sealed in the session. The
//!    header may have it masked; the cookie has it plain.
//!
//! Clients that send neither header of 2 and 3 are decided by 4 alone, and 4 alone would do: the
//! first two are there for the day one of them has a hole. [`CsrfMode::FetchMetadata`] asks for 4
//! from those clients only. `Referer` decides nothing: privacy settings remove it.
//!
//! `tests/csrf_table/verdicts.txt` has the verdict of every combination.

use http::header::{HeaderMap, ORIGIN};

use super::{CsrfMode, CsrfToken};
use crate::cookie::{self, Lookup};
use crate::origin::Origin;
use crate::rejection::Rejection;
use crate::request::RequestView;

/// The header that carries the anti-CSRF token of an unsafe request.
pub const HEADER: &str = "x-csrf-token";

const SEC_FETCH_SITE: &str = "sec-fetch-site";

/// What the decision goes by, beside the request.
#[derive(Clone, Copy)]
pub(crate) struct Rules<'r> {
    pub(crate) mode: CsrfMode,
    /// Our own origin, then the trusted ones.
    pub(crate) origins: &'r [Origin],
    /// The name of the anti-CSRF cookie that belongs to the session cookie of the request.
    pub(crate) cookie: &'r str,
}

impl Rules<'_> {
    /// Decides about a request whose identity came from the session cookie. What is let through
    /// although it should not be is the verdict that [`CsrfMode::DangerReportOnly`] reports.
    pub(crate) fn decide(
        self,
        request: &RequestView<'_>,
        sealed: &CsrfToken,
    ) -> Result<Option<Rejection>, Rejection> {
        match (self.verdict(request, sealed), self.mode) {
            (Ok(()), _) => Ok(None),
            (Err(refused), CsrfMode::DangerReportOnly) => Ok(Some(refused)),
            (Err(refused), CsrfMode::FetchMetadata | CsrfMode::Strict) => Err(refused),
        }
    }

    fn verdict(self, request: &RequestView<'_>, sealed: &CsrfToken) -> Result<(), Rejection> {
        same_site(request, self.origins)?;
        if request.is_safe() || (self.mode == CsrfMode::FetchMetadata && tells_its_origin(request))
        {
            return Ok(());
        }
        double_submit(request.headers(), self.cookie, sealed)
    }
}

/// Whether the rules about `Sec-Fetch-Site` and `Origin` had anything to go by.
fn tells_its_origin(request: &RequestView<'_>) -> bool {
    [SEC_FETCH_SITE, ORIGIN.as_str()].iter().any(|name| request.headers().contains_key(*name))
}

/// Rules 1 to 3: all there is to go by when nobody is logged in yet. `ours[0]` is our own origin,
/// the others are trusted ones.
pub(crate) fn same_site(request: &RequestView<'_>, ours: &[Origin]) -> Result<(), Rejection> {
    if request.is_safe() && !request.is_websocket() {
        return Ok(());
    }
    let origin = match single(request.headers(), ORIGIN.as_str())? {
        None => None,
        Some(text) => {
            let origin = std::str::from_utf8(text).ok().and_then(|text| Origin::parse(text).ok());
            // `null` is what a sandboxed frame or a redirect across origins sends: nobody's origin.
            Some(origin.filter(|origin| ours.contains(origin)).ok_or(Rejection::CrossSite)?)
        }
    };
    match single(request.headers(), SEC_FETCH_SITE)? {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(b"same-site" | b"cross-site")
            if origin.as_ref().is_some_and(|origin| is_trusted(origin, ours)) =>
        {
            Ok(())
        }
        Some(_) => Err(Rejection::CrossSite),
    }
}

/// Another origin than our own that was configured: it may call us across sites.
fn is_trusted(origin: &Origin, ours: &[Origin]) -> bool {
    ours.iter().skip(1).any(|trusted| trusted == origin)
}

fn double_submit(
    headers: &HeaderMap,
    csrf_cookie: &str,
    sealed: &CsrfToken,
) -> Result<(), Rejection> {
    let mut header = headers.get_all(HEADER).iter();
    let Some(echoed) = header.next() else {
        return Err(Rejection::CsrfMissing);
    };
    let cookie = match cookie::find(headers, csrf_cookie) {
        Lookup::Absent => return Err(Rejection::CsrfMissing),
        Lookup::Conflicting => return Err(Rejection::CsrfMismatch),
        Lookup::Found(value) => value,
    };
    let both = sealed.matches_masked(echoed.as_bytes()) & sealed.matches(cookie);
    if both && header.next().is_none() { Ok(()) } else { Err(Rejection::CsrfMismatch) }
}

/// The value of a header that browsers send once; twice is not from a browser.
fn single<'h>(headers: &'h HeaderMap, name: &str) -> Result<Option<&'h [u8]>, Rejection> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => Ok(Some(value.as_bytes())),
        (Some(_), Some(_)) => Err(Rejection::CrossSite),
    }
}

//! How much a request in a cookie has to prove.

/// What an unsafe request with a session cookie must bring, once it has passed the rules about
/// `Sec-Fetch-Site` and `Origin`. Logins pass those rules in every mode.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum CsrfMode {
    /// Decides as [`CsrfMode::Strict`] and lets the request pass whatever the verdict is, which
    /// [`crate::Authenticated::csrf_report`] then has. **Nobody is protected**: it is for finding out
    /// which clients would be refused, before they are.
    DangerReportOnly,
    /// The token, only when the request has neither `Sec-Fetch-Site` nor `Origin`.
    FetchMetadata,
    /// The token, always. The default.
    Strict,
}

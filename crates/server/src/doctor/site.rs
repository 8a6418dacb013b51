//! The deployment, as whoever connects to it sees it.

use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use http::uri::Scheme;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header, request};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use sealpass_tower::sealpass::Origin;
use serde_json::Value;
use tokio::time::timeout;

use super::csrf;
use super::finding::Finding;
use crate::outbound::{self, Client};

/// What is probed. Every answer is bounded in time and in size, and no redirect is followed.
pub(super) struct Site {
    origin: Origin,
    client: Client<Full<Bytes>>,
    timeout: Duration,
}

impl Site {
    /// The deployment at `origin`; connects to nothing yet.
    ///
    /// # Errors
    /// That the system has no root certificates to trust.
    pub(super) fn new(origin: Origin, timeout: Duration) -> anyhow::Result<Self> {
        let scheme = if origin.is_secure() { Scheme::HTTPS } else { Scheme::HTTP };
        let client = outbound::client(&scheme, timeout, timeout)?;
        Ok(Self { origin, client, timeout })
    }

    pub(super) const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Host and port, the port only if it is not that of the scheme: what browsers call `Host`.
    pub(super) fn authority(&self) -> String {
        let origin = self.origin.to_string();
        origin.split_once("://").map(|(_, authority)| authority.to_owned()).unwrap_or_default()
    }

    pub(super) const fn timeout(&self) -> Duration {
        self.timeout
    }

    pub(super) fn get(&self, path: &str) -> Call<'_> {
        self.call(Method::GET, path)
    }

    pub(super) fn post(&self, path: &str) -> Call<'_> {
        self.call(Method::POST, path)
    }

    pub(super) fn call(&self, method: Method, path: &str) -> Call<'_> {
        let what = format!("{method} {path}");
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.origin))
            .header(header::USER_AGENT, USER_AGENT)
            // Not a navigation: what is refused is refused, and not led to a login page.
            .header(header::ACCEPT, "application/json");
        Call { site: self, what, request, body: Bytes::new() }
    }
}

/// A request to be sent.
pub(super) struct Call<'s> {
    site: &'s Site,
    what: String,
    request: request::Builder,
    body: Bytes,
}

impl Call<'_> {
    pub(super) fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.request = self.request.header(name.as_ref(), value.as_ref());
        self
    }

    /// As a page of the deployment itself sends it.
    pub(super) fn same_origin(self) -> Self {
        let origin = self.site.origin.to_string();
        self.header(header::ORIGIN, origin).header("sec-fetch-site", "same-origin")
    }

    /// As a page of another site makes a browser send it.
    pub(super) fn cross_site(self) -> Self {
        self.header(header::ORIGIN, csrf::FOREIGN).header("sec-fetch-site", "cross-site")
    }

    pub(super) fn json(mut self, body: &Value) -> Self {
        self.body = Bytes::from(body.to_string());
        self.header(header::CONTENT_TYPE, "application/json")
    }

    /// An empty message of gRPC.
    pub(super) fn grpc(mut self) -> Self {
        self.body = Bytes::from_static(&[0; 5]);
        self.header(header::CONTENT_TYPE, "application/grpc")
    }

    /// Sends it, and reads the answer up to [`MAX_BODY`].
    ///
    /// # Errors
    /// [`NoAnswer`] when no head of an answer came in time.
    pub(super) async fn send(self) -> Result<Answer, NoAnswer> {
        let Self { site, what, request, body } = self;
        let no_answer = |error| NoAnswer { what, error };
        let request = match request.body(Full::new(body)) {
            Ok(request) => request,
            Err(error) => return Err(no_answer(error.into())),
        };
        let (asked, begun) = (SystemTime::now(), Instant::now());
        let response = timeout(site.timeout, site.client.request(request)).await;
        let took = begun.elapsed();
        let response = response
            .with_context(|| format!("no answer within {} s", site.timeout.as_secs()))
            .and_then(|response| response.map_err(anyhow::Error::from))
            .map_err(no_answer)?;
        let (parts, body) = response.into_parts();
        let mut read = Vec::new();
        // Some answers do not end. What has come is as good as all of it.
        let _ = timeout(site.timeout, read_body(body, &mut read)).await;
        Ok(Answer { status: parts.status, headers: parts.headers, body: read, asked, took })
    }
}

async fn read_body(mut body: Incoming, read: &mut Vec<u8>) {
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(data) = frame.into_data() else { continue };
        let room = MAX_BODY - read.len();
        read.extend(data.iter().take(room));
        if read.len() == MAX_BODY {
            return;
        }
    }
}

/// What came back.
#[derive(Clone)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    /// When the request was sent.
    pub(super) asked: SystemTime,
    /// Until the head of the answer was there.
    pub(super) took: Duration,
}

impl Answer {
    /// The first value of a header; empty when there is none, or none in ASCII.
    pub(super) fn header(&self, name: impl AsRef<str>) -> &str {
        let value = self.headers.get(name.as_ref()).map(HeaderValue::to_str);
        value.and_then(Result::ok).unwrap_or_default()
    }

    /// Every value of a header, as text.
    pub(super) fn all(&self, name: &HeaderName) -> Vec<String> {
        let values = self.headers.get_all(name).iter();
        values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
    }

    /// Whether caches are told to keep nothing of it.
    pub(super) fn is_no_store(&self) -> bool {
        self.tells_caches("no-store")
    }

    /// Whether caches for more than one are told so.
    pub(super) fn is_private(&self) -> bool {
        self.tells_caches("private")
    }

    fn tells_caches(&self, directive: &str) -> bool {
        let directives = self.all(&header::CACHE_CONTROL).join(",");
        directives.split(',').any(|said| said.trim().eq_ignore_ascii_case(directive))
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The code of a problem answer of ours; empty when it is none.
    pub(super) fn code(&self) -> String {
        if self.header(header::CONTENT_TYPE) != "application/problem+json" {
            return String::new();
        }
        self.json()["code"].as_str().map(shown).unwrap_or_default()
    }

    pub(super) fn contains(&self, text: &str) -> bool {
        !text.is_empty() && self.body.windows(text.len()).any(|part| part == text.as_bytes())
    }

    /// The status, and what else tells it apart: `401 token_missing`, `302 to /login`.
    pub(super) fn summary(&self) -> String {
        let status = self.status.as_u16();
        if self.status.is_redirection() {
            return format!("{status} to {}", shown(self.header(header::LOCATION)));
        }
        match self.code() {
            code if code.is_empty() => status.to_string(),
            code => format!("{status} {code}"),
        }
    }
}

/// What a deployment sent, fit for a terminal.
pub(super) fn shown(text: &str) -> String {
    text.chars().take(MAX_SHOWN).flat_map(char::escape_debug).collect()
}

/// A request that was not answered.
#[derive(Debug)]
pub(super) struct NoAnswer {
    pub(super) what: String,
    pub(super) error: anyhow::Error,
}

impl From<NoAnswer> for Finding {
    fn from(NoAnswer { what, error }: NoAnswer) -> Self {
        Self::fail(
            "no_answer",
            format!("{what}: {}", shown(&format!("{error:#}"))),
            "find out in the logs of the front proxy and of Sealpass why this request was not \
             answered; what follows from its answer was not checked",
        )
    }
}

impl From<NoAnswer> for anyhow::Error {
    fn from(NoAnswer { what, error }: NoAnswer) -> Self {
        anyhow!("{what}: {error:#}")
    }
}

const USER_AGENT: &str = concat!("sealpass-doctor/", env!("CARGO_PKG_VERSION"));

/// Bytes.
const MAX_BODY: usize = 256 * 1024;
/// Characters.
const MAX_SHOWN: usize = 120;

#[cfg(test)]
impl Answer {
    /// An answer as it was recorded.
    pub(super) fn recorded(status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let headers = headers.iter().map(|(name, value)| {
            let name = HeaderName::try_from(*name).expect("a name");
            (name, HeaderValue::try_from(*value).expect("a value"))
        });
        Self {
            status: StatusCode::from_u16(status).expect("a status"),
            headers: headers.collect(),
            body: body.into(),
            asked: SystemTime::UNIX_EPOCH,
            took: Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_says_what_it_is_in_a_few_words() {
        let problem = ("content-type", "application/problem+json");
        for (answer, expected) in [
            (Answer::recorded(200, &[], ""), "200"),
            (Answer::recorded(401, &[problem], r#"{"code":"token_missing"}"#), "401 token_missing"),
            (Answer::recorded(401, &[], r#"{"code":"token_missing"}"#), "401"),
            (Answer::recorded(302, &[("location", "/login")], ""), "302 to /login"),
        ] {
            assert_eq!(answer.summary(), expected);
        }
    }

    #[test]
    fn what_a_deployment_sends_does_not_steer_the_terminal() {
        assert_eq!(shown("\u{1b}[2J"), "\\u{1b}[2J");
        assert_eq!(shown(&"a".repeat(500)).len(), MAX_SHOWN);
    }

    #[test]
    fn no_store_is_found_among_other_directives() {
        for (value, expected) in [
            ("no-store", true),
            ("private, No-Store", true),
            ("no-cache", false),
            ("x-no-store=1", false),
        ] {
            let answer = Answer::recorded(200, &[("cache-control", value)], "");
            assert_eq!(answer.is_no_store(), expected, "{value}");
        }
        assert!(!Answer::recorded(200, &[], "").is_no_store());
    }
}

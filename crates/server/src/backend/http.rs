//! The HTTP backend: another service says who a username and a password belong to.
//!
//! ```text
//! POST {url}  {"username": "ada", "password": "..."}
//! 200         {"subject": "u-1", "claims": {"role": "admin"}}
//! 401         these credentials prove nobody
//!
//! POST {refresh_url}  {"subject": "u-1"}
//! 200                 {"subject": "u-1", "claims": {"role": "admin"}}, as it is now
//! 410                 there is no such user any more, or not one who may log in
//! ```
//!
//! Everything else, and everything late, long or malformed, is an unavailable backend.

use std::fmt;
use std::num::NonZeroUsize;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use sealpass_tower::sealpass::Secret;
use sealpass_tower::sealpass::credential::{
    BackendError, Credentials, Identity, Refreshed, Subject,
};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use tokio::time;

use super::pool::Queue;
use super::unavailable;
use crate::config;
use crate::outbound::{self, Client};
use crate::user::{Claims, reserved_claim};

/// Asks another service.
#[derive(Debug)]
pub(crate) struct HttpBackend {
    client: Client<Full<Bytes>>,
    queue: Queue,
    url: Uri,
    /// Where to ask about a user whose session is renewed, in a queue of its own: a flood of logins
    /// does not keep renewals waiting.
    refresh: Option<(Queue, Uri)>,
    timeout: Duration,
    max_response: usize,
}

#[derive(Serialize)]
struct Question<'c> {
    username: &'c str,
    password: &'c str,
}

#[derive(Serialize)]
struct RefreshQuestion<'s> {
    subject: &'s str,
}

#[derive(Deserialize)]
struct Answer {
    subject: String,
    #[serde(default)]
    claims: Claims,
}

/// An answer that is an object: serde would take a list of the members too.
struct Object(Answer);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Object, A::Error> {
                Answer::deserialize(MapAccessDeserializer::new(members)).map(Object)
            }
        }

        deserializer.deserialize_map(Members)
    }
}

impl HttpBackend {
    /// Builds the client; connects to nothing yet.
    ///
    /// # Errors
    /// That TLS has no root certificates to trust.
    pub(super) fn new(backend: &config::HttpBackend) -> anyhow::Result<Self> {
        let scheme = backend.url.scheme().context("the URL of the backend has no scheme")?;
        Ok(Self {
            client: outbound::client(scheme, backend.timeout, backend.timeout)?,
            queue: Queue::new(AT_ONCE),
            url: backend.url.clone(),
            refresh: backend.refresh_url.clone().map(|url| (Queue::new(AT_ONCE), url)),
            timeout: backend.timeout,
            max_response: backend.max_response,
        })
    }

    pub(super) async fn verify(
        &self,
        credentials: Credentials,
    ) -> Result<Identity<Claims>, BackendError> {
        let (status, body) = self.ask(&self.queue, &self.url, question(&credentials)?).await?;
        match status {
            StatusCode::OK => identity(&body),
            StatusCode::UNAUTHORIZED => Err(BackendError::BadCredentials),
            status => Err(unavailable(format!("it answered {status}; expected 200 or 401"))),
        }
    }

    /// What the service says of a subject by now.
    pub(super) async fn refresh(
        &self,
        subject: &Subject,
    ) -> Result<Refreshed<Claims>, BackendError> {
        let Some((queue, url)) = &self.refresh else { return Ok(Refreshed::NotOffered) };
        let question = serde_json::to_vec(&RefreshQuestion { subject: subject.as_str() });
        let question = question.map_err(|_| unavailable("the request could not be written"))?;
        match self.ask(queue, url, question.into()).await? {
            (StatusCode::OK, body) => {
                let identity = identity(&body)?;
                if identity.subject() != subject {
                    return Err(unavailable("its answer is about another subject"));
                }
                Ok(Refreshed::Current(identity.into_claims()))
            }
            // This one alone: what a wrong URL or a proxy in between answers ends nobody's session.
            (StatusCode::GONE, _) => Ok(Refreshed::Gone),
            (status, _) => Err(unavailable(format!("it answered {status}; expected 200 or 410"))),
        }
    }

    /// The status of the answer to `question`, and its body when it is 200.
    async fn ask(
        &self,
        queue: &Queue,
        url: &Uri,
        question: Bytes,
    ) -> Result<(StatusCode, Bytes), BackendError> {
        // Waiting for a turn takes none of the time that the service has.
        let _turn = queue.turn().await?;
        let exchange = time::timeout(self.timeout, self.exchange(url, question));
        exchange.await.unwrap_or_else(|_| {
            Err(unavailable(format!("it did not answer within {:?}", self.timeout)))
        })
    }

    async fn exchange(
        &self,
        url: &Uri,
        question: Bytes,
    ) -> Result<(StatusCode, Bytes), BackendError> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .body(Full::new(question))
            .map_err(|error| unavailable(error.to_string()))?;
        // Redirects are answers like any other: a password is sent to one URL only.
        let response = self.client.request(request).await;
        let response = response.map_err(|error| unavailable(causes(&error)))?;
        match response.status() {
            StatusCode::OK => Ok((StatusCode::OK, self.body(response).await?)),
            status => Ok((status, Bytes::new())),
        }
    }

    async fn body(&self, response: Response<Incoming>) -> Result<Bytes, BackendError> {
        let body = Limited::new(response.into_body(), self.max_response).collect().await;
        let body = body.map_err(|error| {
            unavailable(if error.is::<LengthLimitError>() {
                format!("its answer is longer than {} bytes", self.max_response)
            } else {
                format!("its answer broke off: {error}")
            })
        })?;
        Ok(body.to_bytes())
    }
}

/// The body of the request, wiped once it is sent.
fn question(credentials: &Credentials) -> Result<Bytes, BackendError> {
    let question =
        Question { username: credentials.username(), password: credentials.password().expose() };
    // JSON writes a byte as six at worst: with room for that, no growing leaves a copy behind.
    let room = 6 * (question.username.len() + question.password.len()) + SYNTAX_ROOM;
    let mut body = Vec::with_capacity(room);
    let written = serde_json::to_writer(&mut body, &question);
    let body = Wiped(Secret::new(body));
    written.map_err(|_| unavailable("the request could not be written"))?;
    Ok(Bytes::from_owner(body))
}

/// Logins, and renewals, that the service is asked about at the same time, each with a connection of its own.
pub(super) const AT_ONCE: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// Names, quotes, braces: `{"username":"","password":""}` and some.
const SYNTAX_ROOM: usize = 64;

struct Wiped(Secret<Vec<u8>>);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        self.0.expose()
    }
}

fn identity(body: &[u8]) -> Result<Identity<Claims>, BackendError> {
    // The parser's error may quote the answer, which is not for the log.
    let answer = serde_json::from_slice(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        unavailable(format!(
            "its answer is not `{{\"subject\": text, \"claims\": object}}` (line {line} column {column})"
        ))
    })?;
    let Object(answer) = answer;
    let subject = Subject::new(answer.subject);
    let subject = subject.map_err(|error| unavailable(format!("its answer: {error}")))?;
    if let Some(claim) = reserved_claim(&answer.claims) {
        return Err(unavailable(format!(
            "its answer has the claim `{claim}`, which is the token's own"
        )));
    }
    Ok(Identity::new(subject, answer.claims))
}

/// An error with what caused it: hyper says only "client error (Connect)" by itself.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests;

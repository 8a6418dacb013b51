//! The reverse proxy: every request that is not ours, once it is known who may make it.
//!
//! It stands on hyper's own client (through [`crate::outbound`]) rather than on a proxy framework.
//! What a proxy in front of an API must get right is which headers pass, and that is a page of code
//! that has to be read here, not configured elsewhere. What is hard, framing, pooling and
//! backpressure, hyper does, on both sides of us: bodies stream through frame by frame, and a slow
//! reader on one side slows the writer on the other.
//!
//! | step | where |
//! |---|---|
//! | refuse what cannot be passed on | [`request`] |
//! | end what concerns one connection | [`hop_by_hop`] |
//! | remove what the client may not say, our tokens and our cookies | [`client_headers`], [`cookies`] |
//! | say where the request came from, and who makes it | [`forwarded`], [`crate::identity`] |
//! | pass the answer on | [`response`] |

mod body;
mod client_headers;
mod cookies;
mod error;
mod forwarded;
mod hop_by_hop;
mod request;
mod response;
#[cfg(test)]
mod tests;

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::response::{IntoResponse as _, Response};
use http::Request;
use http::request::Parts;
use http_body::Body as _;
use hyper::body::Incoming;
use hyper_util::client::legacy;
use sealpass_tower::extract::SessionRejection;
use sealpass_tower::sealpass::{Origin, Problem};
use sealpass_tower::{Session, problem_response};
use tower::Service;

use self::body::OutgoingBody;
use self::error::ForwardError;
use self::forwarded::Forwarded;
use self::request::RequestRules;
use crate::config::Upstream;
use crate::identity::IdentityRules;
use crate::route::{Needs, Unmet};
use crate::serve::peer::{Peer, TrustedProxies};
use crate::serve::request_body::Stalled;
use crate::user::Claims;
use crate::{clock, outbound};

/// The API behind us. As a service it stands behind [`sealpass_tower::Sealpass::layer`]; cloning it is
/// cheap.
#[derive(Clone)]
pub(crate) struct Proxy(Arc<Shared>);

struct Shared {
    client: outbound::Client<OutgoingBody>,
    rules: RequestRules,
    identity: IdentityRules,
    audience: String,
    response_timeout: Duration,
}

impl Proxy {
    /// A proxy for `upstream` that calls itself `origin`, keeps the cookies called `cookies` to
    /// itself, tells the API what `identity` says, and believes `trusted` about where a request came
    /// from.
    ///
    /// # Errors
    /// When the upstream is https and the system has no root certificates.
    pub(crate) fn new(
        upstream: &Upstream,
        origin: &Origin,
        cookies: Vec<String>,
        identity: IdentityRules,
        trusted: TrustedProxies,
    ) -> anyhow::Result<Self> {
        let rules = RequestRules {
            scheme: upstream.scheme.clone(),
            authority: upstream.authority.clone(),
            forwarded: Forwarded::new(origin, trusted),
            cookies,
        };
        Ok(Self(Arc::new(Shared {
            client: outbound::client(&upstream.scheme, upstream.connect_timeout)?,
            rules,
            identity,
            audience: upstream.audience.clone(),
            response_timeout: upstream.response_timeout,
        })))
    }
}

impl Proxy {
    /// Passes a request on for nobody, whatever session it may carry.
    pub(crate) async fn for_anyone(self, request: Request<Body>) -> Result<Response, Infallible> {
        let (parts, body) = request.into_parts();
        Ok(self.0.pass_on(None, parts, body).await)
    }
}

impl Service<Request<Body>> for Proxy {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let shared = Arc::clone(&self.0);
        Box::pin(async move { Ok(shared.answer(request).await) })
    }
}

impl Shared {
    async fn answer(&self, request: Request<Body>) -> Response {
        let (mut parts, body) = request.into_parts();
        let caller =
            <Session<Claims> as FromRequestParts<()>>::from_request_parts(&mut parts, &()).await;
        let caller = match caller {
            Ok(caller) => caller,
            Err(rejection) => return rejection.into_response(),
        };
        let needs = parts.extensions.get::<Arc<Needs>>().cloned().unwrap_or_default();
        match needs.require(&caller, caller.decided_at()) {
            Ok(()) => self.pass_on(Some(&caller), parts, body).await,
            Err(Unmet::Login(rejection)) => SessionRejection::from(rejection).into_response(),
            Err(unmet) => problem_response(&unmet.into()),
        }
    }

    /// The answer of the API to `caller`, or to nobody.
    async fn pass_on(
        &self,
        caller: Option<&Session<Claims>>,
        parts: Parts,
        body: Body,
    ) -> Response {
        match self.forward(caller, parts, body).await {
            Ok(response) => response,
            Err(error) => {
                report(&error);
                problem_response(&Problem::from(&error))
            }
        }
    }

    async fn forward(
        &self,
        caller: Option<&Session<Claims>>,
        mut parts: Parts,
        body: Body,
    ) -> Result<Response, ForwardError> {
        let peer = parts.extensions.get().copied().unwrap_or(Peer::UNKNOWN);
        let identity = self
            .identity
            .headers(caller.map(|caller| &**caller), &self.audience, clock::now())
            .map_err(ForwardError::Identity)?;
        self.rules.apply(&mut parts, &body, peer, &identity)?;
        // What the server knows of the client's connection is not the upstream's.
        parts.extensions.clear();

        let spare = (parts.method.is_safe() && body.is_end_stream()).then(|| parts.clone());
        let answer = match (self.send(Request::from_parts(parts, body)).await, spare) {
            (Err(Failure::Client(error)), Some(parts)) if died_unanswered(&error) => {
                self.send(Request::from_parts(parts, Body::empty())).await
            }
            (answer, _) => answer,
        };
        response::pass_on(answer?.map(Body::new), &self.rules.cookies)
    }

    async fn send(&self, request: Request<Body>) -> Result<Response<Incoming>, Failure> {
        let (parts, body) = request.into_parts();
        let (body, patience) = OutgoingBody::new(body);
        tokio::select! {
            biased;
            answer = self.client.request(Request::from_parts(parts, body)) => {
                answer.map_err(Failure::Client)
            }
            () = patience.lost(self.response_timeout) => Err(Failure::Timeout),
        }
    }
}

/// Why there is no answer, before anyone is told.
enum Failure {
    Client(legacy::Error),
    Timeout,
}

impl From<Failure> for ForwardError {
    fn from(failure: Failure) -> Self {
        let error = match failure {
            Failure::Client(error) => error,
            Failure::Timeout => return Self::UpstreamTimeout,
        };
        if find::<Stalled>(&error).is_some() {
            Self::RequestStalled
        } else if error.is_connect() {
            Self::UpstreamUnreachable(error)
        } else if find::<hyper::Error>(&error).is_some_and(hyper::Error::is_user) {
            Self::RequestIncomplete
        } else {
            Self::UpstreamInvalid(Some(error))
        }
    }
}

/// Whether the connection ended before a whole head of an answer. Most often the API closed one that
/// was kept alive, just as the request was on its way, and never looked at it. A fresh connection
/// that ends so is not told apart, so the API may see a request twice: only one that changes nothing
/// and has no body is sent again, once (RFC 9110 §9.2.2).
fn died_unanswered(error: &legacy::Error) -> bool {
    !error.is_connect()
        && find::<hyper::Error>(error).is_some_and(|error| {
            error.is_incomplete_message() || error.is_canceled() || error.is_closed()
        })
}

/// What the operator can mend is a warning; what a client did is not, or clients could fill the log.
fn report(error: &ForwardError) {
    let (code, causes) = (error.code(), chain(error));
    if error.is_clients() {
        tracing::debug!(code, error = %causes, "request not passed on");
    } else {
        tracing::warn!(code, error = %causes, "request not passed on");
    }
}

/// The first cause of `error` that is an `E`.
fn find<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    causes(error).find_map(|error| error.downcast_ref())
}

/// An error with its causes, on one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    causes(error).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

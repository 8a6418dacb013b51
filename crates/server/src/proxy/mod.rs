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
//! | find the API | [`place`], [`api`] |
//! | refuse what cannot be passed on | [`request`] |
//! | end what concerns one connection | [`hop_by_hop`] |
//! | remove what the client may not say, our tokens and our cookies | [`client_headers`], [`cookies`] |
//! | say where the request came from, and who makes it | [`forwarded`], [`crate::identity`] |
//! | pass the answer on | [`response`] |
//! | what is not over with the head of the answer | [`websocket`], [`answer_body`], for a [`lifetime`] |

mod answer_body;
mod api;
mod body;
mod client_headers;
mod cookies;
mod error;
mod forwarded;
mod hop_by_hop;
mod lifetime;
mod place;
mod request;
mod response;
#[cfg(test)]
mod tests;
mod websocket;

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
use http::request::Parts;
use http::{Request, StatusCode};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::client::legacy;
use sealpass_tower::extract::SessionRejection;
use sealpass_tower::sealpass::{Origin, Problem};
use sealpass_tower::{Sealpass, Session, problem_response};
use tower::Service;

use self::answer_body::AnswerBody;
use self::api::Api;
pub(crate) use self::api::Apis;
use self::body::OutgoingBody;
pub(crate) use self::error::ForwardError;
use self::forwarded::Forwarded;
use self::lifetime::Lifetime;
pub(crate) use self::place::{Hosts, Places};
use self::request::RequestRules;
pub(crate) use self::request::require_method;
use self::websocket::{Handshake, Tunnel};
use crate::clock;
use crate::identity::IdentityRules;
use crate::route::{Needs, Unmet};
use crate::serve::answer::Arrival;
use crate::serve::peer::TrustedProxies;
use crate::serve::problem;
use crate::serve::request_body::Stalled;
use crate::serve::tunnels::Tunnels;
use crate::shutdown::Stop;
use crate::user::Claims;

/// The API behind us. As a service it stands behind [`sealpass_tower::Sealpass::layer`]; cloning it is
/// cheap.
#[derive(Clone)]
pub(crate) struct Proxy(Arc<Shared>);

/// What a request came to the proxy with, in its extensions.
#[derive(Clone, Debug)]
pub(crate) struct Admission {
    /// What its caller must have beside a session.
    pub(crate) needs: Arc<Needs>,
    pub(crate) arrival: Arrival,
}

struct Shared {
    auth: Sealpass<Claims>,
    apis: Apis,
    rules: RequestRules,
    identity: IdentityRules,
}

impl Proxy {
    /// A proxy for `apis` that calls itself `origin`, keeps the cookies of `auth` to itself, tells
    /// the API what `identity` says, and believes `trusted` about where a request came from.
    pub(crate) fn new(
        apis: Apis,
        origin: &Origin,
        auth: Sealpass<Claims>,
        identity: IdentityRules,
        trusted: TrustedProxies,
    ) -> Self {
        let rules = RequestRules {
            forwarded: Forwarded::new(origin, trusted),
            cookies: auth.policy().cookie_names().map(str::to_owned).collect(),
        };
        Self(Arc::new(Shared { auth, apis, rules, identity }))
    }
}

impl Proxy {
    /// Passes a request on for nobody, whatever session it may carry.
    pub(crate) async fn answer_anyone(&self, request: Request<Body>, arrival: Arrival) -> Response {
        let (parts, body) = request.into_parts();
        self.0.pass_on(None, arrival, parts, body).await
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
        let Some(Admission { needs, arrival }) = parts.extensions.remove() else {
            return problem_response(&problem::undecided());
        };
        match needs.require(&caller, caller.decided_at()) {
            Ok(()) => self.pass_on(Some(&caller), arrival, parts, body).await,
            Err(Unmet::Login(rejection)) => SessionRejection::from(rejection).into_response(),
            Err(unmet) => problem_response(&unmet.into()),
        }
    }

    /// The answer of the API to `caller`, or to nobody.
    async fn pass_on(
        &self,
        caller: Option<&Session<Claims>>,
        arrival: Arrival,
        parts: Parts,
        body: Body,
    ) -> Response {
        match self.forward(caller, arrival, parts, body).await {
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
        arrival: Arrival,
        mut parts: Parts,
        body: Body,
    ) -> Result<Response, ForwardError> {
        let api = self.apis.find(&parts)?;
        let identity = self
            .identity
            .headers(caller.map(|caller| &**caller), &api.audience, clock::now())
            .map_err(ForwardError::Identity)?;
        let handshake = Handshake::find(&mut parts, &body)?;
        self.rules.apply(&mut parts, &body, api, arrival.peer, identity)?;
        if handshake.is_some() {
            Handshake::write_to(&mut parts.headers);
        }
        // What the server knows of the client's connection is not the upstream's.
        parts.extensions.clear();

        let spare = (parts.method.is_safe() && body.is_end_stream()).then(|| parts.clone());
        let answer = match (send(api, Request::from_parts(parts, body)).await, spare) {
            (Err(Failure::Client(error)), Some(parts)) if died_unanswered(&error) => {
                send(api, Request::from_parts(parts, Body::empty())).await
            }
            (answer, _) => answer,
        };
        let mut answer = answer?;
        let ends = match (handshake, answer.status() == StatusCode::SWITCHING_PROTOCOLS) {
            (Some(handshake), true) => Some(handshake.agreed(&mut answer)?),
            // Nobody asked for that.
            (None, true) => return Err(ForwardError::UpstreamInvalid(None)),
            (_, false) => None,
        };
        let answer = response::pass_on(answer, &self.rules.cookies)?;
        Ok(match ends {
            Some(ends) => self.open_tunnel(caller, &arrival.tunnels, ends, answer),
            None => self.stream(caller, &arrival.tunnels, api.stall, answer),
        })
    }

    /// Lets bytes pass between two `ends` once `answer` is given.
    fn open_tunnel(
        &self,
        caller: Option<&Session<Claims>>,
        tunnels: &Tunnels,
        (client, upstream): (OnUpgrade, OnUpgrade),
        answer: Response<Incoming>,
    ) -> Response {
        let lifetime = self.lifetime(caller, Some(tunnels.stop()));
        tunnels.dig(Tunnel { client, upstream, lifetime }.run());
        let mut answer = answer.map(Body::new);
        Handshake::write_to(answer.headers_mut());
        answer
    }

    /// `answer` as its body comes, of an API that may pause for `patience`.
    fn stream(
        &self,
        caller: Option<&Session<Claims>>,
        tunnels: &Tunnels,
        patience: Duration,
        answer: Response<Incoming>,
    ) -> Response {
        let is_event_stream = answer_body::is_event_stream(answer.headers());
        answer.map(|body| {
            // One that says its length ends there; any other may never end.
            let is_endless = !body.is_end_stream() && body.size_hint().exact().is_none();
            Body::new(if is_event_stream {
                let lifetime = self.lifetime(caller, Some(tunnels.stop()));
                AnswerBody::events(body).until(lifetime.over())
            } else if is_endless && caller.is_some() {
                // It is in flight when we stop, and may still be whole.
                AnswerBody::other(body, patience).until(self.lifetime(caller, None).over())
            } else {
                AnswerBody::other(body, patience)
            })
        })
    }

    fn lifetime(&self, caller: Option<&Session<Claims>>, stop: Option<Stop>) -> Lifetime {
        Lifetime { auth: self.auth.clone(), caller: caller.cloned(), stop }
    }
}

async fn send(api: &Api, request: Request<Body>) -> Result<Response<Incoming>, Failure> {
    let (parts, body) = request.into_parts();
    let (body, patience) = OutgoingBody::new(body);
    tokio::select! {
        biased;
        answer = api.client.request(Request::from_parts(parts, body)) => {
            answer.map_err(Failure::Client)
        }
        () = patience.lost(api.response_timeout) => Err(Failure::Timeout),
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

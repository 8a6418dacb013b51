//! The layer: every request behind it is decided once.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Request, header};
use pin_project_lite::pin_project;
use sealpass::policy::{Claims, Renewed};
use sealpass::{Authenticated, NumericDate, Problem, Rejection, RequestView};
use tower_layer::Layer;
use tower_service::Service;

use crate::answer::{problem_response, set_cookies};
use crate::auth::Sealpass;

/// Makes a [`SessionService`]; see [`Sealpass::layer`].
#[derive(Debug)]
pub struct SessionLayer<C> {
    auth: Sealpass<C>,
    strangers: Strangers,
}

/// What happens to a caller who is not known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Strangers {
    Refused,
    Welcome,
}

/// What the layer found out about a request, for the extractors.
pub(crate) struct Decision<C> {
    pub(crate) caller: Result<Arc<Authenticated<C>>, Rejection>,
    pub(crate) now: NumericDate,
}

// The three `Clone`s are written out since a derived one would ask the claims to be `Clone`.

impl<C> Clone for SessionLayer<C> {
    fn clone(&self) -> Self {
        Self { auth: self.auth.clone(), strangers: self.strangers }
    }
}

impl<C, S: Clone> Clone for SessionService<C, S> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), auth: self.auth.clone(), strangers: self.strangers }
    }
}

impl<C> Clone for Decision<C> {
    fn clone(&self) -> Self {
        Self { caller: self.caller.clone(), now: self.now }
    }
}

impl<C> SessionLayer<C> {
    pub(crate) const fn new(auth: Sealpass<C>, strangers: Strangers) -> Self {
        Self { auth, strangers }
    }
}

impl<C, S> Layer<S> for SessionLayer<C> {
    type Service = SessionService<C, S>;

    fn layer(&self, inner: S) -> Self::Service {
        SessionService { inner, auth: self.auth.clone(), strangers: self.strangers }
    }
}

/// Authenticates a request, hands it on, and renews the session with the answer when that is due.
///
/// A refusal is `application/problem+json`; the [`Rejection`] is also in the extensions of the
/// response, for a layer further out that logs it.
pub struct SessionService<C, S> {
    inner: S,
    auth: Sealpass<C>,
    strangers: Strangers,
}

impl<C, S: fmt::Debug> fmt::Debug for SessionService<C, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionService").field("inner", &self.inner).finish_non_exhaustive()
    }
}

impl<C, S, B> Service<Request<B>> for SessionService<C, S>
where
    C: Claims,
    S: Service<Request<B>>,
    S::Response: IntoResponse,
{
    type Response = Response;
    type Error = S::Error;
    type Future = SessionFuture<C, S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let now = self.auth.now();
        let decided = self.auth.policy().authenticate(&RequestView::from(&request), now);
        let caller = match decided {
            Ok(caller) => Ok(Arc::new(caller)),
            Err(stranger)
                if self.strangers == Strangers::Welcome && stranger.is_unauthenticated() =>
            {
                Err(stranger)
            }
            Err(rejection) => return SessionFuture::refused(rejection),
        };
        let renewal = caller
            .as_ref()
            .ok()
            .filter(|caller| caller.renewal_due())
            .map(|caller| Renewal { auth: self.auth.clone(), caller: Arc::clone(caller) });
        request.extensions_mut().insert(Decision { caller, now });
        SessionFuture { state: State::Inner { future: self.inner.call(request), renewal } }
    }
}

pin_project! {
    /// The answer to come.
    pub struct SessionFuture<C, F> {
        #[pin]
        state: State<C, F>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<C, F> {
        Inner { #[pin] future: F, renewal: Option<Renewal<C>> },
        Refused { response: Option<Response> },
    }
}

impl<C, F> SessionFuture<C, F> {
    fn refused(rejection: Rejection) -> Self {
        let mut response = problem_response(&Problem::from(rejection));
        response.extensions_mut().insert(rejection);
        Self { state: State::Refused { response: Some(response) } }
    }
}

impl<C, F> fmt::Debug for SessionFuture<C, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionFuture").finish_non_exhaustive()
    }
}

impl<C, F, R, E> Future for SessionFuture<C, F>
where
    C: Claims,
    F: Future<Output = Result<R, E>>,
    R: IntoResponse,
{
    type Output = Result<Response, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().state.project() {
            StateProjection::Inner { future, renewal } => {
                let mut response = ready!(future.poll(context))?.into_response();
                if let Some(renewal) = renewal.take() {
                    renewal.apply(response.headers_mut());
                }
                Poll::Ready(Ok(response))
            }
            // A future polled after it was ready may answer anything but must not panic.
            StateProjection::Refused { response } => {
                Poll::Ready(Ok(response.take().unwrap_or_default()))
            }
        }
    }
}

struct Renewal<C> {
    auth: Sealpass<C>,
    caller: Arc<Authenticated<C>>,
}

impl<C: Claims> Renewal<C> {
    /// Renews as late as possible, so that a logout during the request is seen; and not at all when
    /// the answer says something about the session cookie itself, such as to forget it.
    fn apply(self, headers: &mut HeaderMap) {
        let policy = self.auth.policy();
        if sets_cookie(headers, policy.cookies().session_name()) {
            return;
        }
        match policy.renew(&self.caller, self.auth.now()) {
            Ok(Renewed::Cookie(grant)) => set_cookies(headers, grant.set_cookies()),
            // Only a token from a cookie is ever due.
            Ok(Renewed::Bearer(_)) => {}
            Err(error) => {
                tracing::debug!(%error, sid = %self.caller.session_id(), "session not renewed");
            }
        }
    }
}

fn sets_cookie(headers: &HeaderMap, name: &str) -> bool {
    headers.get_all(header::SET_COOKIE).iter().any(|cookie| {
        cookie.as_bytes().strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b"="))
    })
}

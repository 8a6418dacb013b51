//! The layer: every request behind it is decided once.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, Request, header};
use pin_project_lite::pin_project;
use sealpass::policy::{Claims, Renewed};
use sealpass::{Authenticated, NumericDate, Problem, Rejection, RequestView};
use tower_layer::Layer;
use tower_service::Service;

use crate::answer::{log_csrf_report, problem_response, set_granted};
use crate::auth::Sealpass;
use crate::refresh::{Answer, Refresher};
use crate::renew::patiently;

/// Makes a [`SessionService`]; see [`Sealpass::layer`].
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

impl<C> fmt::Debug for SessionLayer<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayer").field("strangers", &self.strangers).finish_non_exhaustive()
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
        let welcome = self.strangers == Strangers::Welcome;
        let caller = match decided {
            Ok(caller) => {
                log_csrf_report(caller.csrf_report(), caller.session_id());
                Ok(Arc::new(caller))
            }
            Err(stranger) if welcome && stranger.is_unauthenticated() => Err(stranger),
            Err(rejection) => return SessionFuture::refused(rejection),
        };
        let due = caller.as_ref().ok().filter(|caller| caller.renewal_due());
        let renewal = due.map(|caller| Renewal::begin(&self.auth, caller));
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
        Renewing { response: Option<Response>, renewal: Renewal<C> },
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
        let mut state = self.project().state;
        loop {
            match state.as_mut().project() {
                StateProjection::Inner { future, renewal } => {
                    let response = ready!(future.poll(context))?.into_response();
                    let Some(renewal) = renewal.take() else { return Poll::Ready(Ok(response)) };
                    if renewal.is_ruled_out_by(&response) {
                        return Poll::Ready(Ok(response));
                    }
                    state.set(State::Renewing { response: Some(response), renewal });
                }
                StateProjection::Renewing { response, renewal } => {
                    let answer = ready!(renewal.answer.as_mut().poll(context));
                    // A future polled after it was ready may answer anything but must not panic.
                    let mut response = response.take().unwrap_or_default();
                    renewal.apply(answer, response.headers_mut());
                    state.set(State::Refused { response: None });
                    return Poll::Ready(Ok(response));
                }
                StateProjection::Refused { response } => {
                    return Poll::Ready(Ok(response.take().unwrap_or_default()));
                }
            }
        }
    }
}

struct Renewal<C> {
    auth: Sealpass<C>,
    caller: Arc<Authenticated<C>>,
    /// What the backend says, asked since the request came in.
    answer: Pin<Box<dyn Future<Output = Answer<C>> + Send>>,
}

impl<C: Claims> Renewal<C> {
    /// Asks the backend while the handler is at work.
    fn begin(auth: &Sealpass<C>, caller: &Arc<Authenticated<C>>) -> Self {
        let answer = Box::pin(patiently(Refresher::begin(auth, caller.subject())));
        Self { auth: auth.clone(), caller: Arc::clone(caller), answer }
    }

    /// Whether the answer refuses the caller, or says something about the session's cookies itself, such
    /// as to forget them: that is the last word.
    fn is_ruled_out_by(&self, response: &Response) -> bool {
        let headers = response.headers();
        response.extensions().get::<Rejection>().is_some()
            || self.auth.policy().cookie_names().any(|name| sets_cookie(headers, name))
            || clears_cookies(headers)
    }

    /// Renews as late as possible, so that a logout during the request is seen.
    fn apply(&self, answer: Answer<C>, headers: &mut HeaderMap) {
        // Only a token from a cookie is ever due.
        if let Some(Renewed::Cookie(grant)) = self.auth.renew_or_not(&self.caller, answer) {
            set_granted(headers, &grant);
        }
    }
}

/// Whether an answer sets or removes the cookie `name`. White space around a name is none of it
/// (RFC 6265 §5.2), and a cookie without `=` has no name.
fn sets_cookie(headers: &HeaderMap, name: &str) -> bool {
    headers.get_all(header::SET_COOKIE).iter().any(|cookie| {
        let pair = cookie.as_bytes().split(|&byte| byte == b';').next().unwrap_or_default();
        pair.iter()
            .position(|&byte| byte == b'=')
            .and_then(|end| pair.get(..end))
            .is_some_and(|found| found.trim_ascii() == name.as_bytes())
    })
}

/// Whether an answer has the browser forget all cookies of the site.
fn clears_cookies(headers: &HeaderMap) -> bool {
    headers.get_all(CLEAR_SITE_DATA).iter().any(|types| {
        types
            .as_bytes()
            .split(|&byte| byte == b',')
            .any(|kind| matches!(kind.trim_ascii(), b"\"cookies\"" | b"\"*\""))
    })
}

const CLEAR_SITE_DATA: HeaderName = HeaderName::from_static("clear-site-data");

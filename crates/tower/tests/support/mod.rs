//! An API with a clock that the test sets, and a client with a cookie jar.
#![allow(dead_code, reason = "each test file uses its own part")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{get, post};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use sealpass::credential::{BackendError, Credentials, Identity, Refreshed, Subject};
use sealpass::jose::{Key, KeyRing};
use sealpass::revocation::Revocation;
use sealpass::{NumericDate, Origin, Policy};
use sealpass_tower::extract::SessionRejection;
use sealpass_tower::store::Recording;
use sealpass_tower::{CredentialBackend, Fresh, RevocationStore, Sealpass, Session, StoreError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Notify;
use tower::ServiceExt;

pub(crate) const ORIGIN: &str = "https://app.example";
pub(crate) const LOGIN: u64 = 1_800_000_000;

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Claims {
    pub(crate) role: String,
}

/// What the backend says of everyone whose session is renewed.
#[derive(Clone, Debug, Default)]
pub(crate) enum Says {
    #[default]
    NotOffered,
    Role(&'static str),
    Gone,
    Down,
    /// Nothing until it is notified, and then the role.
    Later(Arc<Notify>, &'static str),
}

#[derive(Clone, Default)]
pub(crate) struct Backend {
    says: Arc<Mutex<Says>>,
    /// How often it was asked about a session that is renewed.
    asked: Arc<AtomicUsize>,
}

impl CredentialBackend for Backend {
    type Claims = Claims;

    async fn verify(&self, credentials: Credentials) -> Result<Identity<Claims>, BackendError> {
        match (credentials.username(), credentials.password().expose().as_str()) {
            ("ada" | "bob", "correct-horse") => Ok(Identity::new(
                Subject::new(credentials.username()).unwrap(),
                Claims { role: "admin".into() },
            )),
            ("huge", _) => {
                Ok(Identity::new(Subject::new("huge").unwrap(), Claims { role: "r".repeat(5_000) }))
            }
            ("busy", _) => Err(BackendError::Busy { retry_after: 7 }),
            ("down", _) => {
                Err(BackendError::Unavailable { reason: "ldap://internal refused".into() })
            }
            _ => Err(BackendError::BadCredentials),
        }
    }

    async fn refresh(&self, _: &Subject) -> Result<Refreshed<Claims>, BackendError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let role = |role: &str| Refreshed::Current(Claims { role: role.to_owned() });
        let says = self.says.lock().unwrap().clone();
        match says {
            Says::NotOffered => Ok(Refreshed::NotOffered),
            Says::Role(name) => Ok(role(name)),
            Says::Gone => Ok(Refreshed::Gone),
            Says::Down => Err(BackendError::Unavailable { reason: "ldap://internal".into() }),
            Says::Later(when, name) => {
                when.notified().await;
                Ok(role(name))
            }
        }
    }
}

/// A store that may refuse.
#[derive(Default)]
pub(crate) struct Store {
    refuses: AtomicBool,
}

impl RevocationStore for Store {
    fn record<'a>(&'a self, _: &'a [Revocation]) -> Recording<'a> {
        let refuses = self.refuses.load(Ordering::SeqCst);
        Box::pin(
            async move { if refuses { Err(StoreError::new("the disk is full")) } else { Ok(()) } },
        )
    }
}

/// The application under test: `/api` for sessions, `/public` for strangers too, `/fresh` for recent
/// logins. `reached` counts the requests that got to a handler of `/api`.
pub(crate) struct App {
    router: Router,
    clock: Arc<AtomicU64>,
    pub(crate) reached: Arc<AtomicUsize>,
    backend: Backend,
    store: Arc<Store>,
}

impl App {
    pub(crate) fn new() -> Self {
        Self::with(new_keys(), Builder::bearer_tokens)
    }

    /// The same application before and after a restart that its keys survived.
    pub(crate) fn twice() -> (Self, Self) {
        let keys = new_keys();
        (
            Self::with(keys.clone(), |builder| builder),
            Self::begun_at(LOGIN, keys, |builder| builder),
        )
    }

    pub(crate) fn without_bearer() -> Self {
        Self::with(new_keys(), |builder| builder)
    }

    pub(crate) fn with_store(store: Arc<dyn RevocationStore>) -> Self {
        Self::build(LOGIN - 1, new_keys(), |builder| builder, |auth| auth.with_store(store))
    }

    /// The application begins a second before anyone logs in.
    fn with(keys: KeyRing, options: impl FnOnce(Builder) -> Builder) -> Self {
        Self::begun_at(LOGIN - 1, keys, options)
    }

    fn begun_at(start: u64, keys: KeyRing, options: impl FnOnce(Builder) -> Builder) -> Self {
        Self::build(start, keys, options, |auth| auth)
    }

    fn build(
        start: u64,
        keys: KeyRing,
        options: impl FnOnce(Builder) -> Builder,
        equipped: impl FnOnce(Sealpass<Claims>) -> Sealpass<Claims>,
    ) -> Self {
        let builder = Policy::builder()
            .issuer(ORIGIN)
            .audience(ORIGIN)
            .keys(keys)
            .origin(Origin::parse(ORIGIN).unwrap());
        let clock = Arc::new(AtomicU64::new(start));
        let reached = Arc::new(AtomicUsize::new(0));
        let ticking = Arc::clone(&clock);
        let auth: Sealpass<Claims> =
            Sealpass::with_clock(options(builder).build().unwrap(), move || {
                NumericDate::from_secs(ticking.load(Ordering::SeqCst))
            });
        let store = Arc::new(Store::default());
        let auth = equipped(auth.with_store(store.clone()));
        let backend = Backend::default();
        let count = Arc::clone(&reached);
        let api = move |session: Session<Claims>| async move {
            count.fetch_add(1, Ordering::SeqCst);
            format!("{} {}", session.subject(), session.claims().role)
        };
        clock.store(LOGIN, Ordering::SeqCst);
        let logging_out = {
            let auth = auth.clone();
            move |request: Request| async move {
                let view = sealpass::RequestView::from(&request);
                let logout = auth.policy().logout(&view, auth.now()).unwrap();
                let ended = auth.complete(logout).await.unwrap();
                ended.revoked().unwrap().to_string()
            }
        };
        let forgetting =
            || async { [("set-cookie", "__Host-session=; Path=/; Max-Age=0; Secure")] };
        // Answers with the header that the request asks for.
        let saying = |request: Request| async move {
            let asked = &request.headers()["x-say"];
            let (name, value) = asked.to_str().unwrap().split_once(": ").unwrap();
            let name = HeaderName::try_from(name).unwrap();
            [(name, HeaderValue::from_str(value).unwrap())]
        };
        let transfer = |caller: Session<Claims>| async move {
            caller.require_fresh(300, caller.decided_at())?;
            Ok::<_, SessionRejection>("done")
        };
        let closed = Router::new()
            .route("/saying", get(saying))
            .route("/logging-out", post(logging_out))
            .route("/forgetting", get(forgetting))
            .route("/api", get(api.clone()).post(api.clone()).delete(api))
            .route(
                "/fresh",
                get(|caller: Fresh<300, Claims>| async move { caller.subject().to_string() }),
            )
            .layer(auth.layer());
        let open = Router::new()
            .route("/public", get(public).post(public))
            .route("/transfer", get(transfer))
            .layer(auth.layer_with_strangers());
        let forgotten =
            Router::new().route("/forgotten", get(|_: Session<Claims>| async { "reached" }));
        Self {
            router: closed.merge(open).merge(forgotten).merge(auth.routes(backend.clone())),
            clock,
            reached,
            backend,
            store,
        }
    }

    pub(crate) fn at(&self, seconds: u64) {
        self.clock.store(seconds, Ordering::SeqCst);
    }

    /// What the backend says from now on of whoever is renewed.
    pub(crate) fn backend_says(&self, says: Says) {
        *self.backend.says.lock().unwrap() = says;
    }

    /// How often the backend was asked about a session that is renewed.
    pub(crate) fn asked(&self) -> usize {
        self.backend.asked.load(Ordering::SeqCst)
    }

    pub(crate) fn store_refuses(&self, refuses: bool) {
        self.store.refuses.store(refuses, Ordering::SeqCst);
    }

    pub(crate) fn reached(&self) -> usize {
        self.reached.load(Ordering::SeqCst)
    }

    pub(crate) async fn send(&self, request: Request) -> Answer {
        Answer::read(self.router.clone().oneshot(request).await.unwrap()).await
    }
}

fn new_keys() -> KeyRing {
    KeyRing::new(Key::generate_a256gcm().unwrap())
}

type Builder = sealpass::policy::PolicyBuilder<Claims, sealpass::policy::Ready>;

async fn public(session: Option<Session<Claims>>) -> String {
    session.map_or_else(|| "stranger".into(), |session| session.subject().to_string())
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = to_bytes(body, 1 << 20).await.unwrap();
        Self {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The status and the code of a problem, whose whole shape is checked on the way.
    pub(crate) fn problem(&self) -> (u16, String) {
        assert_eq!(self.headers["content-type"], "application/problem+json", "{self:?}");
        assert_eq!(self.headers["cache-control"], "no-store", "{self:?}");
        let json = self.json();
        assert_eq!(json["status"], self.status.as_u16());
        assert!(!json["detail"].as_str().unwrap().is_empty());
        assert_eq!(self.headers.contains_key("www-authenticate"), self.status == 401, "{self:?}");
        assert!(
            !self.headers.contains_key("set-cookie"),
            "a refusal touched the cookies: {self:?}"
        );
        (self.status.as_u16(), json["code"].as_str().unwrap().to_owned())
    }

    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect()
    }
}

/// A client that keeps cookies as a browser does.
#[derive(Clone, Default)]
pub(crate) struct Client {
    jar: BTreeMap<String, String>,
}

impl Client {
    pub(crate) async fn logged_in(app: &App) -> Self {
        let mut client = Self::default();
        let answer = client.login(app, "ada", "correct-horse").await;
        assert_eq!(answer.status, 200, "{answer:?}");
        client
    }

    pub(crate) async fn login(&mut self, app: &App, username: &str, password: &str) -> Answer {
        let body = serde_json::json!({ "username": username, "password": password }).to_string();
        self.send(app, Method::POST, "/auth/login", &[("content-type", "application/json")], &body)
            .await
    }

    pub(crate) async fn get(&mut self, app: &App, path: &str) -> Answer {
        self.send(app, Method::GET, path, &[], "").await
    }

    pub(crate) async fn post(&mut self, app: &App, path: &str) -> Answer {
        let csrf = self.csrf();
        self.send(app, Method::POST, path, &[("x-csrf-token", &csrf)], "").await
    }

    pub(crate) async fn post_unguarded(&mut self, app: &App, path: &str) -> Answer {
        self.send(app, Method::POST, path, &[], "").await
    }

    pub(crate) fn csrf(&self) -> String {
        self.jar.get("__Host-csrf").cloned().unwrap_or_default()
    }

    pub(crate) fn token(&self) -> String {
        self.jar.get("__Host-session").cloned().unwrap_or_default()
    }

    pub(crate) async fn send(
        &mut self,
        app: &App,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !self.jar.is_empty() {
            let cookies: Vec<_> =
                self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header("cookie", cookies.join("; "));
        }
        let answer = app.send(request.body(Body::from(body.to_owned())).unwrap()).await;
        for cookie in answer.set_cookies() {
            let (name, rest) = cookie.split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if rest.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.into(), value.into());
            }
        }
        answer
    }
}

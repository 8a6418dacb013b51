//! What is ours and what is the API's.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use http::{Request, StatusCode};
use sealpass_tower::layer::SessionService;
use sealpass_tower::{CredentialBackend, Sealpass, problem_response};
use tower::{Layer as _, Service};

use super::answer::{Answer, Arrival};
use super::problem;
use crate::backend::LoginShares;
use crate::keys::jwks::{self, PublishedKeys};
use crate::proxy::{Admission, Proxy};
use crate::route::{Access, Routes};
use crate::user::Claims;

/// Everything under `/auth` is answered here, and nothing there ever reaches the API, so that a
/// path that gets a meaning in a later version was nobody's before. So is the JWK Set, if the keys are
/// such that there may be one. Every other path is the API's, as its rule says; without an API it is
/// 404.
pub(crate) struct App {
    ours: Router,
    has_jwks: bool,
    logins: LoginShares,
    api: Option<Api>,
}

/// The API, for strangers and for callers.
struct Api {
    routes: Routes,
    open: Proxy,
    behind_session: SessionService<Claims, Proxy>,
}

impl App {
    pub(crate) fn new<B: CredentialBackend<Claims = Claims>>(
        auth: &Sealpass<Claims>,
        backend: B,
        proxy: Option<Proxy>,
        routes: &Routes,
        keys: Option<PublishedKeys>,
        feed: Option<Router>,
        logins: LoginShares,
    ) -> Self {
        let has_jwks = keys.is_some();
        let ours = auth.routes(backend);
        let ours = feed.into_iter().fold(ours, Router::merge);
        let ours = keys.map(jwks::routes).into_iter().fold(ours, Router::merge);
        let ours = ours.fallback(async || problem_response(&problem::not_found()));
        let api = proxy.map(|proxy| Api {
            routes: routes.clone(),
            behind_session: auth.layer().layer(proxy.clone()),
            open: proxy,
        });
        Self { ours, has_jwks, logins, api }
    }
}

impl Answer for App {
    async fn answer(&self, request: Request<Body>, arrival: Arrival) -> Response {
        let path = request.uri().path();
        let is_ours = is_under_auth(path) || (self.has_jwks && path == jwks::PATH);
        match &self.api {
            // In a box, since every connection has room for the answer, and few are at work at a time.
            Some(api) if !is_ours => Box::pin(api.answer(request, arrival)).await,
            _ => match self.logins.begin(&request, arrival.client) {
                Ok(_share) => self.ours.answer(request, arrival).await,
                Err(problem) => problem_response(&problem),
            },
        }
    }
}

impl Api {
    async fn answer(&self, mut request: Request<Body>, arrival: Arrival) -> Response {
        match self.routes.decide(Some(request.method()), Some(request.uri().path())) {
            Ok(Access::Public) => self.open.answer_anyone(request, arrival).await,
            Ok(Access::Session(needs)) => {
                let needs = Arc::clone(needs);
                request.extensions_mut().insert(Admission { needs, arrival });
                match self.behind_session.clone().call(request).await {
                    Ok(response) => response,
                    Err(never) => match never {},
                }
            }
            Err(ambiguous) => {
                tracing::debug!(%ambiguous, "request refused");
                problem_response(&ambiguous.problem(StatusCode::BAD_REQUEST))
            }
        }
    }
}

/// Whether a path is answered here whatever the configuration, and never reaches the API.
pub(crate) fn is_under_auth(path: &str) -> bool {
    path.strip_prefix("/auth").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, SocketAddr};
    use std::num::NonZeroUsize;
    use std::sync::Arc;
    use std::time::Duration;

    use sealpass_tower::sealpass::credential::{
        BackendError, Credentials, Identity, Refreshed, Subject,
    };
    use sealpass_tower::sealpass::jose::{Key, KeyRing};
    use sealpass_tower::sealpass::{Origin, Policy};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpStream;
    use tokio::sync::Semaphore;

    use super::*;
    use crate::config::Limits;
    use crate::serve::listener::Listener;
    use crate::serve::peer::TrustedProxies;
    use crate::shutdown::{self, StopSwitch};

    /// Logins that have begun, and those that may be answered.
    #[derive(Clone)]
    struct Doors {
        begun: Arc<Semaphore>,
        answered: Arc<Semaphore>,
    }

    impl CredentialBackend for Doors {
        type Claims = Claims;

        async fn verify(&self, _: Credentials) -> Result<Identity<Claims>, BackendError> {
            self.begun.add_permits(1);
            self.answered.acquire().await.unwrap().forget();
            Err(BackendError::BadCredentials)
        }

        async fn refresh(&self, _: &Subject) -> Result<Refreshed<Claims>, BackendError> {
            Ok(Refreshed::NotOffered)
        }
    }

    /// A server on whose network every client is, and where each has one login at a time.
    struct Running {
        address: SocketAddr,
        doors: Doors,
        _switch: StopSwitch,
    }

    impl Running {
        async fn trusting(proxies: &[&str]) -> Self {
            let origin = Origin::parse("https://app.example").unwrap();
            let policy = Policy::builder()
                .issuer("https://app.example")
                .audience("https://app.example")
                .keys(KeyRing::new(Key::generate_a256gcm().unwrap()))
                .origin(origin);
            let auth = Sealpass::new(policy.build().unwrap());
            let closed = || Arc::new(Semaphore::new(0));
            let doors = Doors { begun: closed(), answered: closed() };
            let one = LoginShares::new(NonZeroUsize::MIN);
            let app = App::new(&auth, doors.clone(), None, &Routes::default(), None, None, one);
            let loopback = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            let proxies = proxies.iter().map(|network| network.parse().unwrap()).collect();
            let listener = Listener::bind(loopback, Limits::LOCAL).await.unwrap();
            let listener = listener.behind(TrustedProxies::new(proxies));
            let address = listener.address();
            let (switch, stop) = shutdown::switch();
            tokio::spawn(listener.serve(app, stop, Duration::ZERO));
            Self { address, doors, _switch: switch }
        }

        /// A login of whoever `forwarded_for` says.
        async fn login(&self, forwarded_for: &str) -> TcpStream {
            let mut stream = TcpStream::connect(self.address).await.unwrap();
            let body = r#"{"username":"ada","password":"any"}"#;
            let request = format!(
                "POST /auth/login HTTP/1.1\r\nHost: app.example\r\nConnection: close\r\n\
                 Content-Type: application/json\r\nContent-Length: {}\r\n\
                 X-Forwarded-For: {forwarded_for}\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(request.as_bytes()).await.unwrap();
            stream
        }

        /// The same, which has its share, and waits for its answer.
        async fn begun_login(&self, forwarded_for: &str) -> TcpStream {
            let mut stream = self.login(forwarded_for).await;
            tokio::select! {
                begun = self.doors.begun.acquire() => begun.unwrap().forget(),
                refused = answer(&mut stream) => panic!("{forwarded_for}: {refused}"),
            }
            stream
        }

        /// The same, which is refused for the others of its network.
        async fn assert_is_one_too_many(&self, forwarded_for: &str) {
            let mut stream = self.login(forwarded_for).await;
            tokio::select! {
                _ = self.doors.begun.acquire() => panic!("{forwarded_for} has a share of its own"),
                refused = answer(&mut stream) => {
                    assert!(refused.starts_with("HTTP/1.1 429 "), "{forwarded_for}: {refused}");
                    assert!(refused.contains(r#""code":"too_many_logins""#), "{refused}");
                }
            }
        }

        async fn assert_is_answered(&self, mut login: TcpStream) {
            self.doors.answered.add_permits(1);
            let answer = answer(&mut login).await;
            assert!(answer.contains(r#""code":"bad_credentials""#), "{answer}");
        }
    }

    async fn answer(stream: &mut TcpStream) -> String {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    #[tokio::test]
    async fn clients_behind_one_trusted_proxy_have_login_shares_of_their_own() {
        let running = Running::trusting(&["127.0.0.1/32"]).await;
        let first = running.begun_login("192.0.2.1").await;
        running.assert_is_one_too_many("192.0.2.1").await;
        let second = running.begun_login("192.0.2.2").await;
        running.assert_is_one_too_many("192.0.2.2").await;
        for login in [first, second] {
            running.assert_is_answered(login).await;
        }
        let again = running.begun_login("192.0.2.1").await;
        running.assert_is_answered(again).await;
    }

    #[tokio::test]
    async fn no_client_gets_a_login_share_by_what_it_says_of_itself() {
        let behind_a_proxy = Running::trusting(&["127.0.0.1/32"]).await;
        let _first = behind_a_proxy.begun_login("192.0.2.1").await;
        for spoofed in ["192.0.2.2, 192.0.2.1", "127.0.0.1,192.0.2.1", "x, ,192.0.2.1"] {
            behind_a_proxy.assert_is_one_too_many(spoofed).await;
        }
        for proxies in [&[][..], &["192.0.2.0/24"]] {
            let running = Running::trusting(proxies).await;
            let _first = running.begun_login("192.0.2.1").await;
            running.assert_is_one_too_many("192.0.2.2").await;
        }
    }
}

//! The proxy between a client and an API that are both raw sockets, so that every byte counts.

mod answers;
mod failures;
mod http2;
mod hygiene;
mod routes;
mod session;
mod streaming;
mod upstreams;
mod websocket;

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::body::Body;
use http::Request;
use http::uri::Scheme;
use sealpass_tower::sealpass::credential::{
    BackendError, Credentials, Identity, Refreshed, Subject,
};
use sealpass_tower::sealpass::jose::{Key, KeyRing};
use sealpass_tower::sealpass::{NumericDate, Policy};
use sealpass_tower::{CredentialBackend, Sealpass};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::*;
use crate::backend::LoginShares;
use crate::config::{ClaimHeader, Limits, PlacedUpstream, Upstream};
use crate::route::Routes;
use crate::serve::app::App;
use crate::serve::listener::Listener;
use crate::shutdown::{self, StopSwitch};

const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
const LOGIN: NumericDate = NumericDate::from_secs(1_800_000_000);

/// The gateway under test, with one user logged in.
struct Gate {
    address: SocketAddr,
    /// `Cookie` and `X-CSRF-Token` lines of the session.
    session: String,
    bearer: String,
    auth: Sealpass<Claims>,
    /// The time, in seconds since the epoch.
    clock: Arc<AtomicU64>,
    switch: StopSwitch,
    served: JoinHandle<()>,
}

/// How a test differs from the ordinary.
struct Setup {
    claims: Value,
    response_timeout: Duration,
    /// How long the API may pause in an answer.
    stall: Duration,
    /// Seconds since the login.
    age: u64,
    routes: Routes,
    limits: Limits,
    /// Beside the one that is everywhere.
    upstreams: Vec<PlacedUpstream>,
}

impl Default for Setup {
    fn default() -> Self {
        let claims = json!({"role": "admin", "groups": ["a", "b,c"]});
        Self {
            claims,
            response_timeout: Duration::from_mins(1),
            stall: Duration::from_mins(1),
            age: 1,
            routes: Routes::default(),
            limits: Limits::LOCAL,
            upstreams: Vec::new(),
        }
    }
}

/// Nobody logs in over HTTP here.
struct NoBackend;

impl CredentialBackend for NoBackend {
    type Claims = Claims;

    async fn verify(&self, _credentials: Credentials) -> Result<Identity<Claims>, BackendError> {
        Err(BackendError::BadCredentials)
    }

    async fn refresh(&self, _: &Subject) -> Result<Refreshed<Claims>, BackendError> {
        Ok(Refreshed::NotOffered)
    }
}

impl Gate {
    async fn before(api: &Api) -> Self {
        Self::new(api.address, Setup::default()).await
    }

    async fn new(upstream: SocketAddr, setup: Setup) -> Self {
        let origin = Origin::parse("https://app.example").unwrap();
        let policy: Policy<Claims> = Policy::builder()
            .issuer("https://app.example")
            .audience("https://app.example")
            .keys(KeyRing::new(Key::generate_a256gcm().unwrap()))
            .origin(origin.clone())
            // The clock stands elsewhere than where the process began.
            .revocations(Arc::default())
            .bearer_tokens()
            .build()
            .unwrap();
        let claims = serde_json::from_value(setup.claims).unwrap();
        let ada = Identity::new(Subject::new("ada").unwrap(), claims);
        let grant = policy.grant(&ada, LOGIN).unwrap();
        let [session, csrf] = grant.set_cookies();
        let session = format!(
            "Cookie: theme=dark; {}={}; {}={}\r\nX-CSRF-Token: {3}\r\n",
            session.name(),
            session.value(),
            csrf.name(),
            csrf.value(),
        );
        let bearer = policy.grant_bearer(&ada, LOGIN).unwrap();
        let bearer = format!("Authorization: Bearer {}\r\n", bearer.access_token().expose());

        let wanted = ["role", "groups", "absent"].map(|claim| ClaimHeader {
            claim: claim.to_owned(),
            header: format!("x-auth-claims-{claim}").parse().unwrap(),
        });
        let upstream = Upstream {
            scheme: Scheme::HTTP,
            authority: upstream.to_string().parse().unwrap(),
            audience: "api".to_owned(),
            connect_timeout: Duration::from_secs(5),
            response_timeout: setup.response_timeout,
            stall: setup.stall,
        };
        let trusted = TrustedProxies::default();
        let clock = Arc::new(AtomicU64::new(LOGIN.as_secs() + setup.age));
        let auth = Sealpass::with_clock(policy, {
            let clock = Arc::clone(&clock);
            move || NumericDate::from_secs(clock.load(Ordering::Relaxed))
        });
        let apis = Apis::new(Some(&upstream), &setup.upstreams).unwrap();
        let identity = IdentityRules::new(&wanted, None);
        let proxy = Proxy::new(apis, &origin, auth.clone(), identity, trusted);
        let logins = LoginShares::new(NonZeroUsize::MIN);
        let app = App::new(&auth, NoBackend, Some(proxy), &setup.routes, None, None, logins);

        let listener = Listener::bind(LOOPBACK, setup.limits).await.unwrap();
        let address = listener.address();
        let (switch, stop) = shutdown::switch();
        let served = tokio::spawn(listener.serve(app, stop, Duration::from_mins(1)));
        Self { address, session, bearer, auth, clock, switch, served }
    }

    async fn connect(&self) -> Wire {
        Wire(TcpStream::connect(self.address).await.unwrap())
    }

    /// A connection on which `request` was sent, `{session}` in it replaced by the session.
    async fn send(&self, request: &str) -> Wire {
        let mut wire = self.connect().await;
        wire.send(&self.fill(request)).await;
        wire
    }

    /// `request` with its line ends and its session.
    fn fill(&self, request: &str) -> String {
        let host = format!("Host: {}\r\n", self.address);
        request
            .replace('\n', "\r\n")
            .replace("{host}\r\n", &host)
            .replace("{session}\r\n", &self.session)
            .replace("{bearer}\r\n", &self.bearer)
    }
}

/// The API: a socket whose connections the test answers by hand.
struct Api {
    socket: TcpListener,
    address: SocketAddr,
}

impl Api {
    async fn start() -> Self {
        let socket = TcpListener::bind(LOOPBACK).await.unwrap();
        let address = socket.local_addr().unwrap();
        Self { socket, address }
    }

    async fn accept(&self) -> Wire {
        Wire(self.socket.accept().await.unwrap().0)
    }

    /// That nobody has connected: the proxy would have done so before it answered.
    fn assert_unreached(self) {
        let socket = self.socket.into_std().unwrap();
        let error = socket.accept().expect_err("the API was reached");
        assert_eq!(error.kind(), std::io::ErrorKind::WouldBlock);
    }
}

/// One end of a connection.
struct Wire(TcpStream);

impl Wire {
    async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// A head, up to and without the empty line.
    async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let byte = self.0.read_u8().await;
            head.push(byte.unwrap_or_else(|error| panic!("{error} after {}", head.escape_ascii())));
        }
        head.truncate(head.len() - 4);
        String::from_utf8(head).unwrap()
    }

    async fn bytes(&mut self, length: usize) -> String {
        String::from_utf8(self.raw(length).await).unwrap()
    }

    async fn raw(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.0.read_exact(&mut bytes).await.unwrap();
        bytes
    }

    /// One chunk; an empty one is the last.
    async fn chunk(&mut self) -> String {
        let mut size = String::new();
        while !size.ends_with("\r\n") {
            size.push(char::from(self.0.read_u8().await.unwrap()));
        }
        let length = usize::from_str_radix(size.trim_end(), 16).unwrap();
        let chunk = self.bytes(length).await;
        assert_eq!(self.bytes(2).await, "\r\n");
        chunk
    }

    /// Everything until the other side closes or breaks the connection.
    async fn rest(mut self) -> String {
        let mut rest = Vec::new();
        let _ = self.0.read_to_end(&mut rest).await;
        String::from_utf8(rest).unwrap()
    }

    /// The status and the `code` of a problem.
    async fn problem(&mut self) -> (u16, String) {
        let head = self.head().await;
        assert_eq!(header(&head, "content-type"), Some("application/problem+json"), "{head}");
        let length = header(&head, "content-length").unwrap().parse().unwrap();
        let body: Value = serde_json::from_str(&self.bytes(length).await).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        assert_eq!(body["status"], status);
        (status, body["code"].as_str().unwrap().to_owned())
    }
}

/// The first value of a header in a head.
fn header<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().skip(1).find_map(|line| {
        let (found, value) = line.split_once(": ")?;
        found.eq_ignore_ascii_case(name).then_some(value)
    })
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

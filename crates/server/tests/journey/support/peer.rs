//! An API and a credential backend: this test program once more, in a process of its own.

use std::env;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use axum::{Json, Router};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::Notify;

use super::{Child, Client};

/// A peer that writes down what it is asked.
#[derive(Debug)]
pub(crate) struct Peer {
    address: String,
    record: PathBuf,
    _child: Child,
    _directory: TempDir,
}

/// A request as it arrived.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Peer {
    /// Headers of a request: a line that the answer of the API has, and its status.
    pub(crate) const ANSWER_WITH: &str = "X-Answer-With";
    pub(crate) const ANSWER_STATUS: &str = "X-Answer-Status";

    /// An API that answers everything with what it was sent, with the headers and the status that it
    /// was asked for by [`Self::ANSWER_WITH`] and [`Self::ANSWER_STATUS`]. It holds `/held` until `/release`,
    /// and opens WebSockets at `/socket`, where it says what it hears.
    pub(crate) fn api() -> Self {
        Self::start("api")
    }

    /// An API that reads heads without a thought of what they say, as little as HTTP demands.
    pub(crate) fn careless_api() -> Self {
        Self::start("careless api")
    }

    /// A credential backend that knows one account.
    pub(crate) fn backend() -> Self {
        Self::start("backend")
    }

    fn start(role: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let record = directory.path().join("requests");
        File::create(&record).expect("a file");
        let child = Child::start(
            Command::new(env::current_exe().expect("this program"))
                .args(["--exact", SELF, "--nocapture"])
                .env(ROLE, role)
                .env(RECORD, &record),
        );
        let address = child.wait_for(|line| line.strip_prefix("serving ").map(str::to_owned));
        Self { address, record, _child: child, _directory: directory }
    }

    /// `127.0.0.1` and a port.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Every request so far, in the order of arrival.
    pub(crate) fn requests(&self) -> Vec<Recorded> {
        let text = fs::read_to_string(&self.record).expect("the record");
        text.lines().map(|line| serde_json::from_str(line).expect("a request")).collect()
    }

    /// The one request that `act` makes arrive here.
    pub(crate) fn one_request(&self, act: impl FnOnce()) -> Recorded {
        let before = self.requests().len();
        act();
        let mut after = self.requests().split_off(before);
        assert_eq!(after.len(), 1, "requests that arrived: {after:#?}");
        after.remove(0)
    }

    /// Does `act`, and sees that nothing of it arrives here.
    pub(crate) fn no_request<T>(&self, act: impl FnOnce() -> T) -> T {
        let before = self.requests().len();
        let done = act();
        assert!(self.requests().len() == before, "arrived: {:#?}", self.requests().last());
        done
    }
}

impl Recorded {
    /// The one value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(known, _)| known == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} arrived twice: {:#?}", self.headers);
        value
    }
}

/// What the backend knows.
pub(crate) const USERNAME: &str = "ada";
pub(crate) const PASSWORD: &str = "pass phrase of \u{201c}Ada\u{201d}";
pub(crate) const SUBJECT: &str = "user-1815";

const ROLE: &str = "SEALPASS_TEST_PEER";
const RECORD: &str = "SEALPASS_TEST_RECORD";
const SELF: &str = "support::peer::a_peer_is_a_process_that_records_what_arrives";

/// Both the test of the peers and, started by [`Peer::start`], the peer.
#[test]
fn a_peer_is_a_process_that_records_what_arrives() {
    if let Ok(role) = env::var(ROLE) {
        return serve(&role);
    }
    let peer = Peer::api();
    let recorded = peer.one_request(|| {
        let answer =
            Client::new().post(&peer.url("/orders?n=1")).header("X-Seen: yes").body("tea").send();
        assert_eq!(answer.status, 200);
        assert_ne!(answer.json()["process"], std::process::id());
    });
    assert_eq!((recorded.method.as_str(), recorded.target.as_str()), ("POST", "/orders?n=1"));
    assert_eq!((recorded.header("x-seen"), recorded.body.as_str()), (Some("yes"), "tea"));
}

#[test]
fn a_careless_api_records_what_others_would_refuse() {
    let api = Peer::careless_api();
    let request = b"GET /a\\..\\b#c HTTP/1.1\r\nHost: a\r\nX_Seen: yes\r\n\r\n";
    let recorded = api.one_request(|| {
        super::exchange(api.address(), request).expect(200);
    });
    assert_eq!((recorded.method.as_str(), recorded.target.as_str()), ("GET", "/a\\..\\b#c"));
    assert_eq!(recorded.header("x_seen"), Some("yes"));
}

fn serve(role: &str) {
    // The test that started this process holds the other end, and lets go of it in any case.
    std::thread::spawn(|| {
        let _ = io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    let record = File::options().append(true).open(env::var(RECORD).expect("a path"));
    let recorder = Recorder(Arc::new(Mutex::new(record.expect("the record"))));
    let app = match role {
        "careless api" => return careless_api(&recorder),
        "api" => api(recorder),
        "backend" => backend(recorder),
        unknown => panic!("no peer is called {unknown}"),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        eprintln!("serving {}", listener.local_addr().expect("an address"));
        axum::serve(listener, app).await.expect("served");
    });
}

#[derive(Clone)]
struct Recorder(Arc<Mutex<File>>);

impl Recorder {
    /// Writes a request down, before it is answered.
    async fn record(&self, request: Request) -> Recorded {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 16 << 20).await.unwrap_or_default();
        let recorded = Recorded {
            method: parts.method.to_string(),
            target: parts.uri.to_string(),
            headers: lines(&parts.headers),
            body: String::from_utf8_lossy(&body).into_owned(),
        };
        self.write(&recorded);
        recorded
    }

    fn write(&self, recorded: &Recorded) {
        let line = serde_json::to_string(recorded).expect("JSON") + "\n";
        self.0.lock().unwrap().write_all(line.as_bytes()).expect("written");
    }
}

/// Serves one request after the other, each on a connection of its own, and reads no body.
fn careless_api(recorder: &Recorder) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    eprintln!("serving {}", listener.local_addr().expect("an address"));
    for stream in listener.incoming() {
        let mut stream = BufReader::new(stream.expect("a connection"));
        let mut lines = Vec::new();
        loop {
            let mut line = Vec::new();
            let Ok(1..) = stream.read_until(b'\n', &mut line) else { break };
            let line = String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned();
            if line.is_empty() {
                break;
            }
            lines.push(line);
        }
        let Some((line, headers)) = lines.split_first() else { continue };
        let (method, target) = line.split_once(' ').expect("a request line");
        let target = target.rsplit_once(" HTTP/").map_or(target, |(target, _)| target);
        let headers = headers.iter().filter_map(|line| line.split_once(':'));
        recorder.write(&Recorded {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: headers
                .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
                .collect(),
            body: String::new(),
        });
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        // Whoever asked may be gone.
        let _ = stream.get_mut().write_all(answer);
    }
}

fn lines(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect()
}

fn api(recorder: Recorder) -> Router {
    let (arrived, released) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (arrive, release) = (Arc::clone(&arrived), Arc::clone(&released));
    Router::new()
        .route(
            "/held",
            any(async move || {
                arrive.notify_one();
                released.notified().await;
                "held and released"
            }),
        )
        .route("/arrived", get(async move || arrived.notified().await))
        .route("/socket", get(socket))
        .route("/release", post(async move || release.notify_one()))
        .fallback(async |State(recorder): State<Recorder>, request: Request| {
            let (status, headers) = wanted(request.headers());
            let received = recorder.record(request).await;
            let body = Json(json!({ "process": std::process::id(), "received": received }));
            (status, headers, body)
        })
        .with_state(recorder)
}

/// Opens a WebSocket for the key that RFC 6455 has as an example.
async fn socket(State(recorder): State<Recorder>, mut request: Request) -> Response {
    let upgrade = hyper::upgrade::on(&mut request);
    recorder.record(request).await;
    tokio::spawn(async move {
        let opened = hyper_util::rt::TokioIo::new(upgrade.await.expect("an upgrade"));
        let (mut heard, mut said) = tokio::io::split(opened);
        // Whoever opened it may be gone.
        let _ = tokio::io::copy(&mut heard, &mut said).await;
    });
    let headers = [
        (header::CONNECTION, "Upgrade"),
        (header::UPGRADE, "websocket"),
        (header::SEC_WEBSOCKET_ACCEPT, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

/// What an answer is to have.
fn wanted(request: &HeaderMap) -> (StatusCode, HeaderMap) {
    let text = |value: &http::HeaderValue| value.to_str().expect("text").to_owned();
    let status = request.get(Peer::ANSWER_STATUS).map(text);
    let status = status.map_or(StatusCode::OK, |status| status.parse().expect("a status"));
    let lines = request.get_all(Peer::ANSWER_WITH).iter().map(text);
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(": ").expect("a header");
        let name: http::HeaderName = name.parse().expect("a name");
        (name, value.parse().expect("a value"))
    });
    let mut wanted = HeaderMap::new();
    for (name, value) in headers {
        wanted.append(name, value);
    }
    (status, wanted)
}

fn backend(recorder: Recorder) -> Router {
    Router::new()
        .route("/verify", post(verify))
        .route("/broken", any(async || StatusCode::INTERNAL_SERVER_ERROR))
        .route("/garbage", any(async || "who?"))
        .route("/oversized", any(async || Body::from(Bytes::from(vec![b' '; 65 * 1024]))))
        .route("/silent", any(async || std::future::pending::<()>().await))
        .with_state(recorder)
}

async fn verify(State(recorder): State<Recorder>, request: Request) -> Response {
    let received = recorder.record(request).await;
    let asked: Value = serde_json::from_str(&received.body).unwrap_or_default();
    if asked["username"] != USERNAME || asked["password"] != PASSWORD {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let claims = json!({ "name": "Ada Lovelace", "roles": ["reader", "writer"] });
    Json(json!({ "subject": SUBJECT, "claims": claims })).into_response()
}

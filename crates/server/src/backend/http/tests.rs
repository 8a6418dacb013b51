use std::convert::Infallible;
use std::future::pending;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use http_body_util::combinators::BoxBody;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use super::*;

type Body = BoxBody<Bytes, Infallible>;

/// What a server of the tests was asked: method, path, content type, body.
type Asked = Arc<Mutex<Vec<(Method, String, Option<String>, Bytes)>>>;

/// A real server that gives one answer to everything.
struct Server {
    address: SocketAddr,
    asked: Asked,
}

impl Server {
    async fn answering(status: StatusCode, location: Option<&'static str>, body: &str) -> Self {
        let body = Bytes::from(body.to_owned());
        Self::with(move || {
            let mut response = Response::builder().status(status);
            if let Some(location) = location {
                response = response.header(header::LOCATION, location);
            }
            response.body(Full::new(body.clone()).boxed()).unwrap()
        })
        .await
    }

    async fn with(answer: impl Fn() -> Response<Body> + Clone + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Asked::default();
        let seen = Arc::clone(&asked);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (seen, answer) = (Arc::clone(&seen), answer.clone());
                let service = service_fn(move |request: Request<Incoming>| {
                    let (seen, answer) = (Arc::clone(&seen), answer.clone());
                    async move {
                        let (head, body) = request.into_parts();
                        let body = body.collect().await?.to_bytes();
                        let content_type = head.headers.get(header::CONTENT_TYPE);
                        let content_type = content_type.map(|it| it.to_str().unwrap().to_owned());
                        let path = head.uri.to_string();
                        seen.lock().unwrap().push((head.method, path, content_type, body));
                        Ok::<_, hyper::Error>(answer())
                    }
                });
                let connection = hyper::server::conn::http1::Builder::new();
                tokio::spawn(connection.serve_connection(TokioIo::new(stream), service));
            }
        });
        Self { address, asked }
    }

    async fn ask(&self) -> Result<Identity<Claims>, BackendError> {
        ask(self.address, Duration::from_mins(1)).await
    }
}

async fn ask(address: SocketAddr, timeout: Duration) -> Result<Identity<Claims>, BackendError> {
    let url = format!("http://{address}/check?v=1").parse().unwrap();
    let config = config::HttpBackend { url, refresh_url: None, timeout, max_response: 1024 };
    let backend = HttpBackend::new(&config);
    let password = Secret::new("pa\"ss\\w\u{f6}rd\u{1}".to_owned());
    backend.unwrap().verify(Credentials::new("ada".to_owned(), password).unwrap()).await
}

async fn reason(server: &Server) -> String {
    match server.ask().await {
        Err(BackendError::Unavailable { reason }) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_service_is_asked_as_documented_and_its_answer_is_the_identity() {
    let answer = json!({"subject": "u-1", "claims": {"role": "admin"}, "more": "is ignored"});
    let server = Server::answering(StatusCode::OK, None, &answer.to_string()).await;
    let identity = server.ask().await.unwrap();
    assert_eq!(identity.subject().as_str(), "u-1");
    assert_eq!(Value::from(identity.claims().clone()), json!({"role": "admin"}));

    let asked = server.asked.lock().unwrap();
    let [(method, path, content_type, body)] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((method, path.as_str()), (&Method::POST, "/check?v=1"));
    assert_eq!(content_type.as_deref(), Some("application/json"));
    let body: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(body, json!({"username": "ada", "password": "pa\"ss\\w\u{f6}rd\u{1}"}));
}

#[tokio::test]
async fn claims_may_be_left_out() {
    let server = Server::answering(StatusCode::OK, None, r#"{"subject":"u-1"}"#).await;
    assert_eq!(server.ask().await.unwrap().claims().len(), 0);
}

#[tokio::test]
async fn only_401_says_that_the_credentials_are_wrong() {
    let server = Server::answering(StatusCode::UNAUTHORIZED, None, "whatever").await;
    assert_eq!(server.ask().await.unwrap_err(), BackendError::BadCredentials);
    for status in [201, 202, 204, 206, 400, 403, 404, 429, 500, 503] {
        let status = StatusCode::from_u16(status).unwrap();
        let server = Server::answering(status, None, r#"{"subject":"u-1"}"#).await;
        assert!(reason(&server).await.starts_with(&format!("it answered {status}")));
    }
}

#[tokio::test]
async fn a_redirect_takes_the_password_nowhere() {
    for status in [301, 302, 303, 307, 308] {
        let status = StatusCode::from_u16(status).unwrap();
        let server = Server::answering(status, Some("/elsewhere"), "").await;
        assert!(reason(&server).await.starts_with(&format!("it answered {status}")));
        assert_eq!(server.asked.lock().unwrap().len(), 1, "the redirect was followed");
    }
}

#[tokio::test]
async fn an_answer_of_another_shape_is_no_identity() {
    let long = format!(r#"{{"subject":"{}"}}"#, "x".repeat(300));
    for body in [
        "",
        "null",
        "[]",
        "<html></html>",
        r#"{"subject":"u-1""#,
        r#"{"subject":"u-1"} {"subject":"u-2"}"#,
        r#"{"subject":"u-1","subject":"u-2"}"#,
        r#"{"claims":{}}"#,
        r#"{"subject":null}"#,
        r#"{"subject":5}"#,
        r#"{"subject":""}"#,
        r#"{"subject":"a\r\nX-Admin: 1"}"#,
        r#"{"subject":"u-1","claims":null}"#,
        r#"{"subject":"u-1","claims":[]}"#,
        r#"{"subject":"u-1","claims":"admin"}"#,
        &long,
    ] {
        let server = Server::answering(StatusCode::OK, None, body).await;
        let why = reason(&server).await;
        assert!(why.starts_with("its answer"), "{body}: {why}");
        assert!(!why.contains("u-1") && !why.contains("X-Admin"), "the log quotes it: {why}");
    }
}

#[tokio::test]
async fn an_answer_that_lists_its_members_is_refused() {
    for body in [r#"["u-1"]"#, r#"["u-1",{"role":"admin"}]"#, r#"[{"subject":"u-1"}]"#] {
        let server = Server::answering(StatusCode::OK, None, body).await;
        let why = reason(&server).await;
        assert!(why.starts_with("its answer is not `{\"subject\": text"), "{body}: {why}");
    }
}

#[tokio::test]
async fn a_flood_of_logins_does_not_become_a_flood_of_connections() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap()).parse().unwrap();
    let timeout = Duration::from_mins(1);
    let config = config::HttpBackend { url, refresh_url: None, timeout, max_response: 1024 };
    let mut backend = HttpBackend::new(&config).unwrap();
    backend.queue = Queue::new(NonZeroUsize::MIN);
    let backend = Arc::new(backend);
    let mut logins: Vec<_> = (0..6)
        .map(|_| {
            let backend = Arc::clone(&backend);
            tokio::spawn(async move {
                let password = Secret::new("correct horse".to_owned());
                let credentials = Credentials::new("ada".to_owned(), password).unwrap();
                backend.verify(credentials).await.unwrap_err()
            })
        })
        .collect();
    // One is asked about, four wait, and the sixth, the only one with an answer, is turned away.
    let _asked = silent.accept().await.unwrap();
    let sixth = logins.pop().unwrap().await.unwrap();
    assert_eq!(sixth, BackendError::Busy { retry_after: 1 });
    assert!(logins.iter().all(|login| !login.is_finished()));
    for login in &logins {
        login.abort();
    }
}

#[tokio::test]
async fn a_claim_of_the_token_itself_is_refused_by_name() {
    for claim in ["sub", "exp", "sid", "csrf", "max", "cnf"] {
        let body = json!({"subject": "u-1", "claims": {"role": "user", claim: "evil"}});
        let server = Server::answering(StatusCode::OK, None, &body.to_string()).await;
        assert_eq!(
            reason(&server).await,
            format!("its answer has the claim `{claim}`, which is the token's own")
        );
    }
}

#[tokio::test]
async fn an_answer_past_the_limit_is_not_read_to_its_end() {
    let padded = |bytes: usize| format!("{:bytes$}", r#"{"subject":"u-1"}"#);
    let server = Server::answering(StatusCode::OK, None, &padded(1024)).await;
    assert!(server.ask().await.is_ok());
    let server = Server::answering(StatusCode::OK, None, &padded(1025)).await;
    assert_eq!(reason(&server).await, "its answer is longer than 1024 bytes");

    // Without a length, and without an end.
    let endless = Server::with(|| {
        let chunk = || Ok(http_body::Frame::data(Bytes::from_static(&[b' '; 512])));
        let chunks = futures_util::stream::repeat_with(chunk);
        Response::new(http_body_util::StreamBody::new(chunks).boxed())
    });
    assert_eq!(reason(&endless.await).await, "its answer is longer than 1024 bytes");
}

#[tokio::test]
async fn a_service_that_never_ends_its_answer_is_given_up() {
    let stalling = Server::with(|| {
        let stall = futures_util::stream::once(pending());
        Response::new(http_body_util::StreamBody::new(stall).boxed())
    });
    let answer = ask(stalling.await.address, Duration::from_millis(100)).await;
    let late = unavailable("it did not answer within 100ms");
    assert_eq!(answer.unwrap_err(), late);

    // One that accepts connections and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let answer = ask(silent.local_addr().unwrap(), Duration::from_millis(100)).await;
    assert_eq!(answer.unwrap_err(), late);
}

#[tokio::test]
async fn a_service_that_is_not_there_or_speaks_something_else_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"SSH-2.0-OpenSSH_9.2\r\n").await;
        }
    });
    let garbage = ask(address, Duration::from_mins(1)).await;
    assert!(matches!(garbage, Err(BackendError::Unavailable { .. })), "{garbage:?}");

    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = closed.local_addr().unwrap();
    drop(closed);
    match ask(address, Duration::from_mins(1)).await {
        Err(BackendError::Unavailable { reason }) => {
            assert!(reason.contains("refused"), "{reason}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_no_identity() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let half = b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"subject\":\"u-1\"}";
            let _ = stream.write_all(half).await;
        }
    });
    let broken = ask(address, Duration::from_mins(1)).await;
    assert!(matches!(broken, Err(BackendError::Unavailable { .. })), "{broken:?}");
}

#[test]
fn the_longest_password_fits_the_buffer_that_is_wiped() {
    let name = "\u{7f}".repeat(10) + &"\"".repeat(Credentials::MAX_USERNAME - 10);
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    let password = Secret::new("\u{1}".repeat(Credentials::MAX_PASSWORD));
    let credentials = Credentials::new(name, password).unwrap();
    let room = 6 * (credentials.username().len() + Credentials::MAX_PASSWORD) + SYNTAX_ROOM;
    assert!(question(&credentials).unwrap().len() <= room);
}

/// What the service that answers so is taken to say of `u-1`.
async fn refreshed(status: u16, body: &str) -> (Server, Result<Refreshed<Value>, BackendError>) {
    let status = StatusCode::from_u16(status).unwrap();
    let server = Server::answering(status, Some("/elsewhere"), body).await;
    let url: Uri = format!("http://{}/check", server.address).parse().unwrap();
    let config = config::HttpBackend {
        refresh_url: Some(format!("http://{}/refresh?v=1", server.address).parse().unwrap()),
        url,
        timeout: Duration::from_mins(1),
        max_response: 1024,
    };
    let backend = HttpBackend::new(&config).unwrap();
    let answer = match backend.refresh(&Subject::new("u-1").unwrap()).await {
        Ok(Refreshed::Current(claims)) => Ok(Refreshed::Current(claims.into())),
        Ok(Refreshed::Gone) => Ok(Refreshed::Gone),
        Ok(Refreshed::NotOffered) => Ok(Refreshed::NotOffered),
        Err(error) => Err(error),
    };
    (server, answer)
}

#[tokio::test]
async fn a_renewal_asks_the_service_about_the_subject_and_takes_its_claims() {
    let body = json!({"subject": "u-1", "claims": {"role": "guest"}}).to_string();
    let (server, answer) = refreshed(200, &body).await;
    assert_eq!(answer, Ok(Refreshed::Current(json!({"role": "guest"}))));
    let asked = server.asked.lock().unwrap();
    let [(method, path, content_type, body)] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!((method, path.as_str()), (&Method::POST, "/refresh?v=1"));
    assert_eq!(content_type.as_deref(), Some("application/json"));
    assert_eq!(serde_json::from_slice::<Value>(body).unwrap(), json!({"subject": "u-1"}));
}

#[tokio::test]
async fn only_410_ends_sessions_and_a_wrong_url_does_not() {
    assert_eq!(refreshed(410, "").await.1, Ok(Refreshed::Gone));
    for status in [201, 204, 301, 302, 307, 308, 400, 401, 403, 404, 405, 429, 500, 503] {
        let (server, answer) = refreshed(status, r#"{"subject":"u-1"}"#).await;
        let Err(BackendError::Unavailable { reason }) = answer else { panic!("{answer:?}") };
        assert!(reason.ends_with("expected 200 or 410"), "{reason}");
        assert_eq!(server.asked.lock().unwrap().len(), 1, "a redirect was followed");
    }
}

#[tokio::test]
async fn an_answer_about_somebody_else_is_none() {
    for body in [
        r#"{"subject":"u-2","claims":{"role":"admin"}}"#,
        r#"{"subject":"U-1"}"#,
        r#"{"claims":{"role":"admin"}}"#,
        r#"{"subject":"u-1","claims":{"sub":"u-2"}}"#,
        "",
    ] {
        let answer = refreshed(200, body).await.1;
        assert!(matches!(answer, Err(BackendError::Unavailable { .. })), "{body}: {answer:?}");
    }
}

#[tokio::test]
async fn without_a_url_for_it_the_service_is_not_asked() {
    let server = Server::answering(StatusCode::GONE, None, "").await;
    let config = config::HttpBackend {
        url: format!("http://{}/", server.address).parse().unwrap(),
        refresh_url: None,
        timeout: Duration::from_mins(1),
        max_response: 1024,
    };
    let subject = Subject::new("u-1").unwrap();
    let answer = HttpBackend::new(&config).unwrap().refresh(&subject).await;
    assert!(matches!(answer, Ok(Refreshed::NotOffered)), "{answer:?}");
    assert!(server.asked.lock().unwrap().is_empty());
}

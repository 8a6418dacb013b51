//! What the log says of a verdict, whoever asks.

use axum::body::Body;
use serde_json::Value;

use super::via::{Via, told};
use super::*;
use crate::log::json::tests::logged;
use crate::serve::answer::{Answer as _, Arrival};

const PAGE: [(&str, &str); 2] = [("sec-fetch-mode", "navigate"), ("accept", "text/html")];

/// The one line, at `info` or above, that `asking` leaves.
fn line(asking: impl Future<Output = ()>) -> Value {
    let mut lines = lines(asking);
    assert_eq!(lines.len(), 1, "{lines:#?}");
    lines.remove(0)
}

fn lines(asking: impl Future<Output = ()>) -> Vec<Value> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let text = logged(|| runtime.block_on(asking));
    assert!(!text.contains("secret"), "{text}");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn server() -> Server {
    let server = Server::new();
    let login = "https://app.example/login".parse().unwrap();
    let routes = routes([("/public", public())]);
    let forward_auth = ForwardAuth { routes, ..server.forward_auth.clone() };
    Server { forward_auth: forward_auth.with_login_page(&login, &origin()), ..server }
}

#[test]
fn a_redirect_to_the_login_page_has_a_line_whoever_asks() {
    let server = server();
    for via in Via::ALL {
        let status = if via == Via::Nginx { 401 } else { 302 };
        let line = line(async {
            let answer = server.ask(via, "GET", "/orders?token=secret", &PAGE).await;
            assert_eq!(answer.status, status, "{via:?}");
        });
        assert_eq!(line["level"], "INFO", "{via:?}");
        assert_eq!(line["message"], "forward-auth refused", "{via:?}");
        assert_eq!(line["code"], "token_missing", "{via:?}");
        assert_eq!(line["status"], status, "{via:?}");
        assert_eq!(line["path"], "/orders", "{via:?}");
    }
}

#[test]
fn a_refusal_has_a_line_with_its_code_whoever_asks() {
    let server = server();
    let twice = ("x-original-url", "https://app.example/secret");
    for via in Via::ALL {
        let other = if Via::BY_HEADERS.iter().any(|(by, _, uri)| *by == via && *uri == twice.0) {
            "ambiguous_original"
        } else {
            "other_dialect"
        };
        for (method, target, headers, status, code) in [
            ("GET", "/orders", &[][..], 401, "token_missing"),
            ("POST", "/orders", &[COOKIE], 403, "csrf_missing"),
            ("GET", "/public/../orders", &[COOKIE], 403, "ambiguous_path"),
            ("GET", "/orders", &[COOKIE, BEARER], 403, "ambiguous_credentials"),
            ("GET", "/orders", &[twice], 403, other),
        ] {
            let line = line(async {
                let answer = server.ask(via, method, target, headers).await;
                assert_eq!(answer.verdict(), told(status, code), "{via:?}");
            });
            assert_eq!(line["level"], "INFO", "{via:?}");
            assert_eq!((&line["code"], &line["status"]), (&code.into(), &status.into()), "{via:?}");
        }
    }
}

/// A stranger is warned of once, which names what to change.
#[test]
fn every_refusal_of_a_stranger_has_a_line_whoever_asks() {
    for via in Via::ALL {
        let server = server();
        for level in ["WARN", "INFO", "INFO"] {
            let line = line(async {
                let answer = server.ask_as([192, 0, 2, 1], via, "GET", "/", &[COOKIE]).await;
                assert_eq!(answer.verdict(), told(403, "untrusted_proxy"), "{via:?}");
            });
            assert_eq!(line["level"], level, "{via:?}");
            assert_eq!((&line["code"], &line["status"]), (&"untrusted_proxy".into(), &403.into()));
            assert_eq!(line["peer"], "192.0.2.1", "{via:?}");
        }
    }
}

#[test]
fn a_pass_has_no_line() {
    let server = server();
    for via in Via::ALL {
        for (target, headers) in [("/public", &[][..]), ("/orders", &[COOKIE])] {
            let lines = lines(async {
                let answer = server.ask(via, "GET", target, headers).await;
                assert_eq!(answer.status, 200, "{via:?}");
            });
            assert!(lines.is_empty(), "{via:?}: {lines:#?}");
        }
    }
}

#[test]
fn a_check_that_cannot_be_read_has_a_line() {
    let server = server();
    // A field without its value, and a frame that is longer than the limit.
    for (frame, status) in
        [(&[0, 0, 0, 0, 1, 0x0a][..], "Internal"), (&[0, 0, 2, 0, 1], "OutOfRange")]
    {
        let line = line(async {
            let call = http::Request::post(super::super::grpc::PATH)
                .header("content-type", "application/grpc")
                .body(Body::from(frame.to_vec()))
                .unwrap();
            let answer = server.forward_auth.answer(call, Arrival::from(peer(PROXY))).await;
            assert!(answer.headers().contains_key("grpc-status"), "{answer:?}");
        });
        assert_eq!((&line["level"], &line["code"]), (&"INFO".into(), &"ambiguous_original".into()));
        assert_eq!((&line["grpc_status"], &line["peer"]), (&status.into(), &"10.0.0.7".into()));
        assert!(line["error"].as_str().is_some_and(|error| !error.is_empty()), "{line}");
    }
}

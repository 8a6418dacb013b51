//! gRPC over a real listener, and messages that Envoy would not send.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tonic::Code;
use tonic_prost::ProstCodec;

use super::super::grpc::{
    self, AttributeContext, AttributeRequest, CheckRequest, HttpRequest, PATH, RawHeader,
    RawHeaders,
};
use super::via::{Told, Via, message, told, told_by};
use super::*;
use crate::config::Limits;
use crate::serve::listener::Listener;
use crate::shutdown;

/// What a client is told that connects to a listener, as Envoy does.
async fn over_the_wire(server: &Server, call: CheckRequest) -> Result<Told, tonic::Status> {
    let loopback = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
    let listener = Listener::bind(loopback, Limits::LOCAL).await.unwrap();
    let address = listener.address();
    let (switch, stop) = shutdown::switch();
    let running =
        tokio::spawn(listener.serve(server.forward_auth.clone(), stop, Duration::from_secs(10)));

    let client = Client::builder(TokioExecutor::new()).http2_only(true).build_http();
    let origin = format!("http://{address}").parse().unwrap();
    let mut client = tonic::client::Grpc::with_origin(client, origin);
    client.ready().await.unwrap();
    let request = tonic::Request::new(call);
    let answer = client.unary(request, PATH.parse().unwrap(), ProstCodec::default()).await;
    drop(client);
    switch.drain();
    running.await.unwrap();
    answer.map(|answer| told_by(answer.into_inner()))
}

#[tokio::test]
async fn a_client_of_grpc_is_answered_over_http2_on_the_same_listener() {
    let server = Server::with(400, &["127.0.0.1/32"], json!({"role": "admin"}));
    let call = message(&server, "POST", "/api/orders", &[COOKIE, TOKEN]);
    let allowed = over_the_wire(&server, call).await.unwrap();
    assert_eq!(allowed.verdict(), told(200, ""));
    assert_eq!(allowed.all("x-auth-subject"), ["ada"]);
    assert_eq!(allowed.all("set-cookie").len(), 2);
    let call = message(&server, "POST", "/api/orders", &[COOKIE]);
    let refused = over_the_wire(&server, call).await.unwrap();
    assert_eq!(refused.verdict(), told(403, "csrf_missing"));
}

#[tokio::test]
async fn a_stranger_is_denied_and_not_failed() {
    let server = Server::with(1, &[], json!({}));
    let call = message(&server, "GET", "/", &[COOKIE]);
    let refused = over_the_wire(&server, call).await.unwrap();
    assert_eq!(refused.verdict(), told(403, "untrusted_proxy"));
}

#[tokio::test]
async fn a_message_is_read_up_to_its_limit() {
    let server = Server::with(1, &["127.0.0.1/32"], json!({}));
    for (bytes, expected) in [(60 * 1024, None), (128 * 1024, Some(Code::OutOfRange))] {
        let filler = "x".repeat(bytes);
        let call = message(&server, "GET", "/", &[COOKIE, ("x-filler", &filler)]);
        let answer = over_the_wire(&server, call).await;
        assert_eq!(answer.err().map(|status| status.code()), expected, "{bytes}");
    }
}

fn with_http(http: Option<HttpRequest>) -> CheckRequest {
    let request = AttributeRequest { http };
    CheckRequest { attributes: Some(AttributeContext { request: Some(request) }) }
}

#[tokio::test]
async fn a_check_without_a_request_is_refused() {
    let server = Server::new();
    for call in [
        CheckRequest::default(),
        CheckRequest { attributes: Some(AttributeContext { request: None }) },
        with_http(None),
    ] {
        let answer = server.check(PROXY, &call).await;
        assert_eq!(answer.verdict(), told(403, "missing_original"));
    }
    let empty = server.check(PROXY, &with_http(Some(HttpRequest::default()))).await;
    assert_eq!(empty.verdict(), told(401, "token_missing"));
}

/// `encode_raw_headers`: each header as often as it was sent, and bytes that are no UTF-8.
#[tokio::test]
async fn raw_headers_are_read_and_never_beside_the_others() {
    let server = Server::new();
    let header = |name: &str, value: &[u8]| RawHeader {
        key: name.to_owned(),
        raw_value: value.to_vec(),
        ..Default::default()
    };
    let cookie = header("cookie", server.cookie.as_bytes());
    let http = |headers: Vec<_>| HttpRequest {
        method: "GET".to_owned(),
        path: "/".to_owned(),
        header_map: Some(RawHeaders { headers }),
        ..HttpRequest::default()
    };
    let latin = header("x-note", b"caf\xe9");
    let allowed = with_http(Some(http(vec![header(":path", b"/"), cookie.clone(), latin])));
    assert_eq!(server.check(PROXY, &allowed).await.verdict(), told(200, ""));

    let second = header("cookie", b"__Host-session=x");
    let doubled = with_http(Some(http(vec![cookie.clone(), second])));
    let answer = server.check(PROXY, &doubled).await;
    assert_eq!(answer.verdict(), told(403, "ambiguous_credentials"));

    let mut both = http(vec![cookie]);
    both.headers.insert("cookie".to_owned(), server.cookie.clone());
    let answer = server.check(PROXY, &with_http(Some(both))).await;
    assert_eq!(answer.verdict(), told(403, "ambiguous_original"));
}

#[tokio::test]
async fn headers_that_no_proxy_passes_are_refused() {
    let server = Server::new();
    for (name, value) in [("a b", "x"), ("", "x"), ("x-a\r\nx-b", "x"), ("x-a", "x\r\nx-b: y")] {
        let answer = server.ask(Via::Grpc, "GET", "/", &[COOKIE, (name, value)]).await;
        assert_eq!(answer.verdict(), told(403, "ambiguous_original"), "{name:?}: {value:?}");
    }
    let answer = server.ask(Via::Grpc, "GE T", "/", &[COOKIE]).await;
    assert_eq!(answer.verdict(), told(403, "ambiguous_original"));
}

#[tokio::test]
async fn more_headers_than_a_map_holds_are_refused() {
    let server = Server::new();
    let mut call = message(&server, "GET", "/", &[COOKIE]);
    let attributes = call.attributes.as_mut().unwrap();
    let http = attributes.request.as_mut().unwrap().http.as_mut().unwrap();
    for n in 0..40_000_u32 {
        http.headers.insert(format!("{n:x}"), String::new());
    }
    // Far beyond the limit of a message; asked without one.
    let answer = grpc::respond(&server.forward_auth, peer(PROXY), call).await;
    assert_eq!(told_by(answer).verdict(), told(403, "ambiguous_original"));
}

/// What old versions of Envoy read is said, and new ones prefer it.
#[tokio::test]
async fn identity_and_no_store_replace_and_cookies_are_added() {
    let server = Server::with(400, &["10.0.0.0/24"], json!({}));
    let call = message(&server, "GET", "/", &[COOKIE]);
    let answer = grpc::respond(&server.forward_auth, peer(PROXY), call).await;
    let Some(grpc::HttpResponse::Ok(ok)) = answer.http_response else { panic!() };
    assert!(ok.headers.iter().all(|header| header.append == Some(false)));
    assert!(ok.headers.iter().all(|header| header.keep_empty_value));
    let [cookies @ .., no_store] = &ok.response_headers_to_add[..] else { panic!() };
    assert!(cookies.iter().all(|header| header.append.is_none()));
    assert_eq!(cookies.len(), 2);
    assert_eq!(no_store.append, Some(false), "in place of what the API says of caching");
}

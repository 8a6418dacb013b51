//! A front proxy in this process, good or with one flaw.

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;

use super::{Peer, Sealpass};

/// What is wrong with a front proxy.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Flaw {
    /// It takes `HttpOnly` from every cookie.
    BareCookies,
    /// It keeps the first answer to a GET for everyone.
    Caching,
    /// It forgets `Origin` and `Sec-Fetch-Site`.
    ForgetfulOfOrigins,
    /// It joins two `Set-Cookie` with a comma.
    JoinedCookies,
    /// `/public` and what is below it is public, in a URL that it makes of `Host` and the path.
    JoinedHost,
    /// Nothing.
    None,
    /// Nothing: it has a page of another site for hosts that it does not know.
    OtherSite,
    /// Paths that begin with `/public` are public, as they are written.
    PrefixRule,
    /// It lets every origin read everything.
    ReflectedOrigins,
    /// What the API answers it lets everyone keep, the cookies of a renewal too.
    StoredRenewals,
    /// It asks Sealpass itself who has a session, and passes what the client says of its identity.
    TrustingClients,
    /// `/auth/verify/` and the path of gRPC lead to the forward-auth listener.
    VerifyForEveryone,
}

/// A bound port of a front proxy that does not serve yet: its URL is the origin of the Sealpass
/// behind it.
pub(crate) struct Front {
    listener: TcpListener,
}

impl Front {
    pub(crate) fn bind() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").expect("a port") }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.listener.local_addr().expect("an address"))
    }

    /// Serves until the test program ends. `/public` itself is the API's, without a session.
    pub(crate) fn serve(self, sealpass: &Sealpass, api: &Peer, flaw: Flaw) {
        let route = Arc::new(Route {
            sealpass: sealpass.address.clone(),
            forward_auth: sealpass.forward_auth.clone(),
            api: api.address().to_owned(),
            flaw,
            kept: Mutex::default(),
            client: Client::builder(TokioExecutor::new()).build_http(),
        });
        let app = Router::new().fallback(async move |request: Request| route.answer(request).await);
        self.listener.set_nonblocking(true).expect("a socket");
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(async {
                let listener = tokio::net::TcpListener::from_std(self.listener).expect("a socket");
                axum::serve(listener, app).await.expect("served");
            });
        });
    }
}

struct Route {
    sealpass: String,
    forward_auth: String,
    api: String,
    flaw: Flaw,
    kept: Mutex<HashMap<String, Kept>>,
    client: Client<HttpConnector, Body>,
}

type Kept = (StatusCode, HeaderMap, Bytes);

impl Route {
    async fn answer(&self, mut request: Request) -> Response {
        if self.flaw == Flaw::OtherSite && host(&request).parse::<SocketAddr>().is_err() {
            return "another site".into_response();
        }
        let path = request.uri().path().to_owned();
        let foreign = request.headers().get(header::ORIGIN).cloned();
        if self.flaw == Flaw::ForgetfulOfOrigins {
            request.headers_mut().remove(header::ORIGIN);
            request.headers_mut().remove("sec-fetch-site");
        }
        let is_kept = self.flaw == Flaw::Caching && request.method() == Method::GET;
        if is_kept && let Some(kept) = self.kept.lock().unwrap().get(&path).cloned() {
            return kept.into_response();
        }
        let is_public = match self.flaw {
            Flaw::PrefixRule => path.starts_with("/public"),
            Flaw::JoinedHost => is_below_public(&joined(&request)),
            _ => path == "/public",
        };
        let backend = if is_public {
            &self.api
        } else if self.flaw == Flaw::VerifyForEveryone && is_question(&path) {
            &self.forward_auth
        } else if self.flaw == Flaw::TrustingClients && !path.starts_with("/auth/") {
            if !self.has_session(request.headers()).await {
                return StatusCode::UNAUTHORIZED.into_response();
            }
            &self.api
        } else {
            &self.sealpass
        };
        let (status, mut headers, body) = self.pass_on(backend, request).await;
        self.spoil(&mut headers, foreign);
        if self.flaw == Flaw::StoredRenewals && !path.starts_with("/auth/") {
            let kept = HeaderValue::from_static("public, max-age=600");
            headers.insert(header::CACHE_CONTROL, kept);
        }
        if is_kept && status == StatusCode::OK {
            let kept = (status, headers.clone(), body.clone());
            self.kept.lock().unwrap().insert(path, kept);
        }
        (status, headers, body).into_response()
    }

    fn spoil(&self, headers: &mut HeaderMap, foreign: Option<HeaderValue>) {
        let cookies: Vec<String> = headers
            .get_all(header::SET_COOKIE)
            .iter()
            .map(|value| value.to_str().expect("text").to_owned())
            .collect();
        let changed = match self.flaw {
            Flaw::BareCookies => {
                cookies.iter().map(|cookie| cookie.replace("; HttpOnly", "")).collect()
            }
            Flaw::JoinedCookies if !cookies.is_empty() => vec![cookies.join(", ")],
            _ => cookies,
        };
        headers.remove(header::SET_COOKIE);
        for cookie in changed {
            headers.append(header::SET_COOKIE, cookie.parse().expect("a value"));
        }
        if let (Flaw::ReflectedOrigins, Some(origin)) = (self.flaw, foreign) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            let yes = HeaderValue::from_static("true");
            headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
        }
    }

    async fn has_session(&self, headers: &HeaderMap) -> bool {
        let mut question = Request::get("/auth/session");
        if let Some(cookie) = headers.get(header::COOKIE) {
            question = question.header(header::COOKIE, cookie);
        }
        let question = question.body(Body::empty()).expect("a request");
        self.pass_on(&self.sealpass, question).await.0 == StatusCode::OK
    }

    async fn pass_on(&self, backend: &str, mut request: Request) -> Kept {
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        *request.uri_mut() = format!("http://{backend}{target}").parse().expect("a URL");
        request.headers_mut().remove(header::CONNECTION);
        let answer = self.client.request(request).await.expect("an answer");
        let (mut parts, body) = answer.into_parts();
        let body = axum::body::to_bytes(Body::new(body), 1 << 20).await.expect("a body");
        for hop in [header::CONNECTION, header::TRANSFER_ENCODING, header::CONTENT_LENGTH] {
            parts.headers.remove(hop);
        }
        (parts.status, parts.headers, body)
    }
}

/// The path of the URL that `Host` and the target are one after the other.
fn joined(request: &Request) -> String {
    let url: Uri = format!("http://{}{}", host(request), request.uri()).parse().expect("a URL");
    url.path().to_owned()
}

fn host(request: &Request) -> &str {
    request.headers()[header::HOST].to_str().expect("text")
}

fn is_below_public(path: &str) -> bool {
    let below = path.strip_prefix("/public");
    below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
        // Whoever guesses is wrong about these. This proxy is wrong about something else.
        && !path.contains(['%', ';', '\\']) && !path.contains("..") && !path.contains("//")
}

fn is_question(path: &str) -> bool {
    path.starts_with("/auth/verify/") || path.starts_with("/envoy.service.auth.v3.Authorization/")
}

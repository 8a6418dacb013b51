//! Traefik, played: no registry has its program.
//!
//! What is played is `ForwardAuth` of Traefik 3, `pkg/middlewares/auth/forward.go`, with what
//! `sealpass emit-config traefik` prints: which headers the question has, in which order headers are
//! removed and copied, which cookies of the answer reach the browser. Before it comes the entry point,
//! `pkg/middlewares/forwardedheaders/forwarded_header.go` as of 3.1.3, and behind it Go's `ReverseProxy`:
//! both take out what `Connection` names.

use serde_json::Value;

use crate::support::{
    Answer, Client, Peer, SPELLINGS, SUBJECT, Sealpass, USERNAME, Users, exchange,
};
use crate::whole::{Front, Session, Site};

/// What of the configuration matters here, as Traefik would read it.
struct Traefik {
    address: String,
    trusts_forward_header: bool,
    response_headers: Vec<String>,
    response_headers_regex: String,
    cookies: Vec<String>,
    /// What the request says in place of what the client did.
    set: Vec<(String, String)>,
}

/// A request of a client, and what becomes of it.
#[derive(Clone, Debug)]
struct Request {
    method: &'static str,
    uri: &'static str,
    headers: Vec<(String, String)>,
}

/// What Traefik does with a request.
#[derive(Debug)]
enum Outcome {
    /// The client gets the answer.
    Refused(Answer),
    /// The API gets these headers, and the client these `Set-Cookie`.
    Passed { headers: Vec<(String, String)>, set_cookies: Vec<String> },
}

/// Sealpass with an account, and its configuration for Traefik.
struct Stage {
    sealpass: Sealpass,
    traefik: Traefik,
    cookies: String,
    csrf: String,
    _users: Users,
}

impl Stage {
    fn new(settings: &str) -> Self {
        let users = Users::with(USERNAME, &["--subject", SUBJECT, "--claim", "roles=[\"reader\"]"]);
        let settings = format!("upstream.claims = [\"roles\", \"team-name\"]\n{settings}");
        let sealpass = Sealpass::serve(&(users.setting() + &settings));
        let traefik = Traefik::read(&sealpass.emit_config(&["traefik"]));
        let (client, api) = (Client::new(), Peer::api());
        let site = Site { base: sealpass.url(""), api: &api, front: Front::Asking };
        let Session { csrf, .. } = site.login(&client);
        let value = |name| client.cookie(name).expect("a cookie").value;
        let (token, cookie) = (value("__Host-session"), value("__Host-csrf"));
        let cookies = format!("__Host-session={token}; __Host-csrf={cookie}");
        Self { sealpass, traefik, cookies, csrf, _users: users }
    }

    /// A request with the session.
    fn request(&self, method: &'static str) -> Request {
        Request { method, uri: "/api/me?x=1", headers: Vec::new() }
            .with(&format!("Cookie: {}", self.cookies))
    }

    fn ask(&self, request: &Request) -> Outcome {
        self.traefik.pass(request, &self.sealpass)
    }
}

impl Request {
    fn with(mut self, line: &str) -> Self {
        let (name, value) = line.split_once(": ").expect("a header");
        self.headers.push((canonical(name), value.to_owned()));
        self
    }
}

impl Traefik {
    fn read(configuration: &str) -> Self {
        let document: Value = yaml_serde::from_str(configuration).expect("YAML");
        let http = &document["http"];
        let forward_auth = &http["middlewares"]["forward-auth"]["forwardAuth"];
        let set = &http["middlewares"]["origin"]["headers"]["customRequestHeaders"];
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let names = |list: &Value| {
            let list = list.as_array().expect("a list").iter();
            list.map(text).collect::<Vec<_>>()
        };
        let set = set.as_object().expect("headers").iter();
        let order = names(&http["routers"]["api"]["middlewares"]);
        assert_eq!(order, ["forward-auth", "origin"], "what is taken was needed for the question");
        Self {
            address: text(&forward_auth["address"]),
            trusts_forward_header: forward_auth["trustForwardHeader"].as_bool().expect("a switch"),
            response_headers: names(&forward_auth["authResponseHeaders"]),
            response_headers_regex: text(&forward_auth["authResponseHeadersRegex"]),
            cookies: names(&forward_auth["addAuthCookiesToResponse"]),
            set: set.map(|(name, value)| (canonical(name), text(value))).collect(),
        }
    }

    /// `ServeHTTP` of `forwardAuth`, then the middleware that says where a request came from.
    fn pass(&self, request: &Request, sealpass: &Sealpass) -> Outcome {
        let request = &enter(request.clone());
        let answer = exchange(&sealpass.forward_auth, self.question(request).as_bytes());
        if !(200..300).contains(&answer.status) {
            return Outcome::Refused(answer);
        }
        let told: Vec<_> = self
            .response_headers
            .iter()
            .filter_map(|name| {
                Some((name.clone(), answer.header(&name.to_lowercase())?.to_owned()))
            })
            .collect();
        let mut headers = request.headers.clone();
        headers.retain(|(name, _)| !self.response_headers.contains(name));
        headers.extend(told);
        let is_taken = |name: &str| matches(&self.response_headers_regex, name);
        headers.retain(|(name, _)| !is_taken(name));
        let given = answer.headers.iter().map(|(name, value)| (canonical(name), value.clone()));
        headers.extend(given.filter(|(name, _)| is_taken(name)));
        headers.retain(|(name, _)| self.set.iter().all(|(known, _)| known != name));
        headers.extend(self.set.iter().cloned());
        let named = named_by_connection(&headers);
        headers.retain(|(name, _)| !named.contains(name) || name == "Upgrade");
        let set_cookies = answer.all("set-cookie").into_iter().filter(|cookie| {
            let name = cookie.split('=').next().unwrap_or_default();
            self.cookies.iter().any(|known| known == name)
        });
        Outcome::Passed { headers, set_cookies: set_cookies.map(str::to_owned).collect() }
    }

    /// `writeHeader`: what the client sent, without what concerns its connection or what it says does,
    /// and then Traefik's own words for where the request came from.
    fn question(&self, request: &Request) -> String {
        let mut headers = request.headers.clone();
        let named = named_by_connection(&headers);
        let hop = ["Connection", "Keep-Alive", "Te", "Trailers", "Transfer-Encoding", "Upgrade"];
        headers.retain(|(name, _)| !named.contains(name) && !hop.contains(&name.as_str()));
        assert!(!self.trusts_forward_header, "clients would describe their own requests");
        for (name, value) in [
            ("X-Forwarded-For", "192.0.2.44"),
            ("X-Forwarded-Method", request.method),
            ("X-Forwarded-Proto", "https"),
            ("X-Forwarded-Host", "app.example"),
            ("X-Forwarded-Uri", request.uri),
        ] {
            headers.retain(|(known, _)| known != name);
            headers.push((name.to_owned(), value.to_owned()));
        }
        let url = self.address.strip_prefix("http://").expect("http");
        let (host, path) = url.split_once('/').expect("a path");
        let lines = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
        let lines = lines.collect::<String>();
        format!(
            "GET /{path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Go-http-client/1.1\r\n{lines}\
             Accept-Encoding: gzip\r\nConnection: close\r\n\r\n"
        )
    }
}

impl Outcome {
    #[track_caller]
    fn passed(self) -> (Vec<(String, String)>, Vec<String>) {
        match self {
            Self::Passed { headers, set_cookies } => (headers, set_cookies),
            Self::Refused(answer) => panic!("refused: {answer:#?}"),
        }
    }

    #[track_caller]
    fn refused(self, status: u16, code: &str) {
        match self {
            Self::Refused(answer) => answer.expect_problem(status, code),
            Self::Passed { .. } => panic!("passed: {self:#?}"),
        };
    }
}

/// `removeConnectionHeaders` of the entry point: what `Connection` names goes, but for the words of Traefik
/// itself, and so does `Connection`, but for `Upgrade`.
fn enter(mut request: Request) -> Request {
    let named = named_by_connection(&request.headers);
    let is_upgrade = named.iter().any(|name| name == "Upgrade");
    let stays = |name: &str| name == "Upgrade" || name.starts_with("X-Forwarded-");
    let goes = |name: &String| name == "Connection" || (named.contains(name) && !stays(name));
    request.headers.retain(|(name, _)| !goes(name));
    if is_upgrade { request.with("Connection: Upgrade") } else { request }
}

fn named_by_connection(headers: &[(String, String)]) -> Vec<String> {
    let lines = headers.iter().filter(|(name, _)| name == "Connection");
    let named = lines.flat_map(|(_, value)| value.split(','));
    named.map(|name| canonical(name.trim())).collect()
}

/// The name as Go writes it. A name with other signs than letters, digits and `-` it leaves as it is
/// but for its letters.
fn canonical(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let word = word.to_ascii_lowercase();
        let (first, rest) = word.split_at(word.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    words.collect::<Vec<_>>().join("-")
}

/// Whether a name is what an expression describes: `(?i)^(...|...)$`, of letters, of what stands between
/// two words, and of `.*` at an end.
fn matches(expression: &str, name: &str) -> bool {
    let inner = expression.strip_prefix("(?i)^(").and_then(|inner| inner.strip_suffix(")$"));
    let name = name.to_ascii_lowercase();
    inner.expect("an expression of ours").split('|').any(|mut pattern| {
        for letter in name.chars() {
            if pattern == ".*" {
                return true;
            }
            let is_word = letter.is_ascii_alphanumeric();
            let rest = if let Some(rest) = pattern.strip_prefix("[^a-z0-9]") {
                (!is_word).then_some(rest)
            } else if let Some(rest) = pattern.strip_prefix("[^-a-z0-9]") {
                (!is_word && letter != '-').then_some(rest)
            } else {
                pattern.strip_prefix(letter)
            };
            let Some(rest) = rest else { return false };
            pattern = rest;
        }
        pattern.is_empty() || pattern == ".*"
    })
}

const TRUSTING: &str = "trusted_proxies = [\"127.0.0.1\"]\n";

#[test]
fn the_configuration_names_every_header_and_every_cookie() {
    let stage = Stage::new(&format!("{TRUSTING}cookies.previous = [\"host a b\"]\n"));
    let traefik = &stage.traefik;
    assert_eq!(
        traefik.address,
        format!("http://{}/auth/verify/traefik", stage.sealpass.forward_auth)
    );
    let identity =
        ["X-Auth-Subject", "X-Auth-Session", "X-Auth-Claims-Roles", "X-Auth-Claims-Team-Name"];
    assert_eq!(traefik.response_headers, identity);
    for name in identity.iter().chain(&["X-Csrf-Token", "X-Auth-Assertion", "Forwarded", "Proxy"]) {
        assert!(matches(&traefik.response_headers_regex, name), "{name}");
    }
    for name in ["Set-Cookie", "X-Auth-Set-Cookie-1", "Content-Length", "Cookie", "Authorization"] {
        assert!(!matches(&traefik.response_headers_regex, name), "{name}");
    }
    assert_eq!(traefik.cookies, ["__Host-session", "__Host-csrf", "__Host-a", "__Host-b"]);
}

#[test]
fn a_request_with_a_session_passes_and_says_whose_it_is() {
    let stage = Stage::new(TRUSTING);
    let spoofed = SPELLINGS.iter().chain(&["X.Auth.Subject"]);
    let request = spoofed
        .fold(stage.request("GET"), |request, name| request.with(&format!("{name}: mallory")));
    let (headers, set_cookies) = stage.ask(&request).passed();
    let value = |name: &str| {
        let values = headers.iter().filter(|(known, _)| known == name);
        values.map(|(_, value)| value.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(value("X-Auth-Subject"), [SUBJECT]);
    assert_eq!(value("X-Auth-Claims-Roles"), ["reader"]);
    assert_eq!(value("X-Auth-Claims-Team-Name"), [""], "always there");
    assert!(!headers.iter().any(|(_, value)| value == "mallory"), "{headers:#?}");
    assert!(set_cookies.is_empty());
}

#[test]
fn headers_that_rewrite_a_request_reach_no_api() {
    let stage = Stage::new(TRUSTING);
    for name in [
        "X-Rewrite-URL",
        "X_Rewrite_URL",
        "X-HTTP-Method-Override",
        "X_HTTP_Method.Override",
        "X-Method-Override",
        "X-Forwarded-Prefix",
        "X-Forwarded-User",
        "X_Auth.Request-Email",
        "Remote-User",
        "Remote_User",
        "X-Real-IP",
        "Forwarded",
        "HTTP2-Settings",
        "Content_Length",
    ] {
        let (headers, _) = stage.ask(&stage.request("GET").with(&format!("{name}: x"))).passed();
        assert!(headers.iter().all(|(_, value)| value != "x"), "{name}: {headers:#?}");
        for (set, expected) in [("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "app.example")]
        {
            assert!(headers.contains(&(set.to_owned(), expected.to_owned())), "{headers:#?}");
        }
    }
    let kept = stage.ask(&stage.request("GET").with("X-Requested-With: x")).passed().0;
    assert!(kept.iter().any(|(_, value)| value == "x"), "{kept:#?}");
}

#[test]
fn refusals_arrive_whole() {
    let stage = Stage::new(TRUSTING);
    let stranger = Request { method: "GET", uri: "/", headers: Vec::new() };
    stage.ask(&stranger).refused(401, "token_missing");
    let untrusting = Stage::new("trusted_proxies = [\"192.0.2.7\"]\n");
    untrusting.ask(&untrusting.request("GET")).refused(403, "untrusted_proxy");
}

#[test]
fn csrf_is_decided_on_the_original_method() {
    let stage = Stage::new(TRUSTING);
    let post = || stage.request("POST");
    stage.ask(&post()).refused(403, "csrf_missing");
    stage.ask(&post().with("X-Forwarded-Method: GET")).refused(403, "csrf_missing");
    stage.ask(&post().with(&stage.csrf)).passed();
    let (headers, _) = stage.ask(&post().with(&stage.csrf)).passed();
    assert!(!headers.iter().any(|(name, _)| name == "X-Csrf-Token"), "{headers:#?}");
    // What a client says of its connection takes nothing of the description away.
    for named in ["x-forwarded-method", "X-Forwarded-Uri", "x-csrf-token"] {
        stage.ask(&post().with(&format!("Connection: {named}"))).refused(403, "csrf_missing");
    }
}

#[test]
fn a_connection_header_takes_no_identity_away() {
    let stage = Stage::new(TRUSTING);
    for named in [
        "x-auth-subject",
        "X-Auth-Subject, X-Auth-Session",
        "close, X-AUTH-SUBJECT",
        "upgrade, x-auth-subject",
    ] {
        let request = stage.request("GET").with("X-Auth-Subject: mallory");
        let (headers, _) = stage.ask(&request.with(&format!("Connection: {named}"))).passed();
        for (name, expected) in [("X-Auth-Subject", SUBJECT), ("X-Auth-Claims-Roles", "reader")] {
            let values = headers.iter().filter(|(known, _)| known == name);
            let values: Vec<_> = values.map(|(_, value)| value.as_str()).collect();
            assert_eq!(values, [expected], "{named}");
        }
        assert!(headers.iter().any(|(name, _)| name == "X-Auth-Session"), "{named}");
    }
}

#[test]
fn a_second_description_of_the_request_is_refused() {
    let stage = Stage::new(TRUSTING);
    for line in ["X-Original-Method: GET", "X_Original_URL: /", "X-Envoy-Original-Path: /public"] {
        stage.ask(&stage.request("GET").with(line)).refused(403, "other_dialect");
    }
    let spelled = stage.request("GET").with("X_Forwarded_Uri: /public");
    stage.ask(&spelled).refused(403, "ambiguous_original");
}

#[test]
fn both_cookies_of_a_renewal_reach_the_browser() {
    let stage = Stage::new(&format!("{TRUSTING}lifetimes.access = \"1s\"\n"));
    let renewed = (0..100_000)
        .map(|_| stage.ask(&stage.request("GET")).passed().1)
        .find(|set_cookies| !set_cookies.is_empty())
        .expect("so many calls take longer than a second");
    let [token, csrf] = &renewed[..] else { panic!("two cookies: {renewed:#?}") };
    assert!(token.starts_with("__Host-session=") && token.contains("; HttpOnly"), "{token}");
    assert!(csrf.starts_with("__Host-csrf=") && !csrf.contains("HttpOnly"), "{csrf}");
}

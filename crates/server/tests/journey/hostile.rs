//! Bad input, and input meant to be bad.

use serde_json::json;

use crate::credentials::Users;
use crate::support::{Answer, Call, Client, PASSWORD, Sealpass, USERNAME, exchange};

/// A server with one account. Whatever a test does to it, it still answers in the end.
struct Target {
    sealpass: Sealpass,
    _users: Users,
}

impl Target {
    fn new() -> Self {
        let users = Users::with(USERNAME, &[]);
        Self { sealpass: Sealpass::serve(&users.setting()), _users: users }
    }

    fn url(&self, path: &str) -> String {
        self.sealpass.url(path)
    }

    /// A login with a body of our choice.
    fn login(&self, body: impl Into<Vec<u8>>) -> Answer {
        self.login_call().body(body).send()
    }

    fn login_call(&self) -> Call {
        Client::new().post(&self.url("/auth/login")).header("Content-Type: application/json")
    }

    /// The token and the anti-CSRF token of a fresh session.
    fn session(&self) -> (String, String) {
        let client = Client::new();
        let body = json!({ "username": USERNAME, "password": PASSWORD });
        client.post(&self.url("/auth/login")).json(&body).send().expect(200);
        let value = |name| client.cookie(name).expect("a cookie").value;
        (value("__Host-session"), value("__Host-csrf"))
    }

    /// `GET /auth/session` with the bytes of a Cookie header.
    fn with_cookies(&self, cookies: &[u8]) -> Answer {
        let mut request = b"GET /auth/session HTTP/1.1\r\nHost: app.example\r\nCookie: ".to_vec();
        request.extend_from_slice(cookies);
        request.extend_from_slice(b"\r\nConnection: close\r\n\r\n");
        exchange(&self.sealpass.address, &request)
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            Client::new()
                .get(&self.url("/auth/session"))
                .send()
                .expect_problem(401, "token_missing");
            assert!(!self.sealpass.child.said().contains("panicked"));
        }
    }
}

#[test]
fn a_login_that_is_no_json_is_refused_before_it_is_read() {
    let target = Target::new();
    let call = || Client::new().post(&target.url("/auth/login"));
    let form = format!("username={USERNAME}&password={PASSWORD}");
    for media_type in [
        "application/x-www-form-urlencoded",
        "text/plain",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "text/plain; application/json",
    ] {
        let answer =
            call().header(&format!("Content-Type: {media_type}")).body(form.as_str()).send();
        answer.expect_problem(415, "unsupported_media_type");
    }
    let untyped = call().header("Content-Type:").body(form.as_str()).send();
    untyped.expect_problem(415, "unsupported_media_type");
    let body = json!({ "username": USERNAME, "password": PASSWORD }).to_string();
    let typed = call().header("Content-Type: Application/JSON; charset=utf-8").body(body);
    typed.send().expect(200);
}

#[test]
fn a_body_over_the_limit_is_refused_with_and_without_a_length() {
    let target = Target::new();
    // White space is JSON, so nothing but its size is wrong with it.
    let body = |length: usize| {
        let json = json!({ "username": USERNAME, "password": PASSWORD }).to_string();
        let room = length - json.len();
        format!("{}{json}", " ".repeat(room)).into_bytes()
    };
    target.login(body(16 * 1024)).expect(200);
    target.login_call().chunked().body(body(16 * 1024)).send().expect(200);

    // The answer comes before the end of these, and curl may be stopped while it is still sending.
    let chunk = |body: Vec<u8>| {
        [format!("{:x}\r\n", body.len()).as_bytes(), &body, b"\r\n0\r\n\r\n"].concat()
    };
    for (framing, body) in [
        ("Content-Length: 16385", body(16 * 1024 + 1)),
        ("Transfer-Encoding: chunked", chunk(body(16 * 1024 + 1))),
        ("Content-Length: 4194304", body(4 << 20)),
        ("Transfer-Encoding: chunked", chunk(body(4 << 20))),
        ("Content-Length: 4611686018427387904", body(17 * 1024)),
    ] {
        let head = format!(
            "POST /auth/login HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
             Content-Type: application/json\r\n{framing}\r\n\r\n"
        );
        let answer = exchange(&target.sealpass.address, &[head.as_bytes(), &body].concat());
        answer.expect_problem(413, "body_too_large");
    }
}

#[test]
fn a_body_that_is_not_a_login_says_what_is_wrong_and_quotes_nothing() {
    let target = Target::new();
    for malformed in
        ["", "{", "not json", "{\"username\": \"ada\", \"password\": \"s3cret\"} x", "\u{feff}{}"]
    {
        let problem = target.login(malformed).expect_problem(400, "malformed_json");
        assert!(!problem.body.contains("s3cret"), "{problem:?}");
    }
    target
        .login(b"{\"username\": \"\xff\", \"password\": \"x\"}".to_vec())
        .expect_problem(400, "malformed_json");
    for wrong in [
        "[\"ada\", \"s3cret\"]",
        "{\"username\": \"ada\", \"password\": [\"s3cret\"]}",
        "{\"username\": {\"$ne\": null}, \"password\": \"s3cret\"}",
        "{\"username\": \"ada\", \"username\": \"eve\", \"password\": \"s3cret\"}",
        "{\"username\": \"ada\", \"password\": \"s3cret\", \"pass\\u0077ord\": \"s3cret\"}",
        "\"s3cret\"",
    ] {
        let problem = target.login(wrong).expect_problem(400, "invalid_field");
        assert!(!problem.body.contains("s3cret"), "{problem:?}");
    }
    target.login(vec![b'['; 16 * 1024]).expect(400);
    for (body, missing) in [
        ("{\"username\": \"ada\"}", "password"),
        ("{\"password\": \"s3cret\"}", "username"),
        ("{}", "username"),
    ] {
        let problem = target.login(body).expect_problem(400, "missing_field");
        let detail = problem.json()["detail"].as_str().expect("a detail").to_owned();
        assert!(detail.contains(missing) && !detail.contains("s3cret"), "{detail}");
    }
}

#[test]
fn too_many_header_bytes_are_refused() {
    let target = Target::new();
    let call = |bytes: usize| {
        let line = format!("X-Padding: {}", "x".repeat(bytes));
        Client::new().get(&target.url("/auth/session")).header(&line).send()
    };
    call(24 * 1024).expect_problem(401, "token_missing");
    call(33 * 1024).expect_problem(431, "headers_too_large");
    // Past what is buffered at all, the answer has no body.
    call(100 * 1024).expect(431);

    let many = "X-A: b\r\n".repeat(200);
    let request = format!("GET /auth/session HTTP/1.1\r\nHost: a\r\n{many}\r\n");
    exchange(&target.sealpass.address, request.as_bytes()).expect(431);
}

#[test]
fn a_wrong_method_is_told_the_right_ones() {
    let target = Target::new();
    let client = Client::new();
    for (path, allowed) in [
        ("/auth/login", "POST"),
        ("/auth/refresh", "POST"),
        ("/auth/logout", "POST"),
        ("/auth/logout-everywhere", "POST"),
        ("/auth/session", "GET,HEAD"),
    ] {
        let answer = client.call("DELETE", &target.url(path)).send();
        let answer = answer.expect_problem(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), Some(allowed), "{path}");
    }
    let get = client.get(&target.url("/auth/login")).send();
    get.expect_problem(405, "method_not_allowed");
}

#[test]
fn there_is_nothing_at_other_paths() {
    let target = Target::new();
    for path in [
        "/",
        "/auth",
        "/auth/",
        "/auth/Login",
        "/auth//login",
        "/auth/%6cogin",
        "/auth/login/",
        "/favicon.ico",
    ] {
        Client::new().get(&target.url(path)).send().expect_problem(404, "not_found");
    }
}

#[test]
fn bytes_that_are_no_request_are_refused() {
    let target = Target::new();
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS hello\r\n\r\n"[..],
        b"GET /auth/session\r\n\r\n",
        b"GET /auth/session HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n",
        b"GET /auth/session HTTP/9.9\r\nHost: a\r\n\r\n",
        b"GET /auth/session HTTP/1.1\r\nHost : a\r\n\r\n",
        b"POST /auth/login HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    ] {
        exchange(&target.sealpass.address, bytes).expect(400);
    }
    for hosts in ["", "Host:\r\n", "Host: a\r\nHost: b\r\n", "Host: a@b\r\n"] {
        let request = format!("GET /auth/session HTTP/1.1\r\n{hosts}Connection: close\r\n\r\n");
        let answer = exchange(&target.sealpass.address, request.as_bytes());
        answer.expect_problem(400, "invalid_host");
    }
}

#[test]
fn a_percent_encoded_name_does_not_shadow_the_session_cookie() {
    let target = Target::new();
    let (token, _) = target.session();
    target
        .with_cookies(format!("%5F%5FHost-session={token}").as_bytes())
        .expect_problem(401, "token_missing");
    for shadow in ["%5F%5FHost-session", "__Host%2Dsession", "__host-session", "__Host-session%00"]
    {
        for cookies in [
            format!("{shadow}=EVIL; __Host-session={token}"),
            format!("__Host-session={token}; {shadow}=EVIL"),
        ] {
            target.with_cookies(cookies.as_bytes()).expect(200);
        }
    }
}

#[test]
fn two_session_cookies_are_ambiguous_in_either_order() {
    let target = Target::new();
    let (token, _) = target.session();
    let (other, _) = target.session();
    for second in ["EVIL", "", other.as_str()] {
        for cookies in [
            format!("__Host-session={second}; __Host-session={token}"),
            format!("__Host-session={token}; __Host-session={second}"),
            format!("__Host-session={token}\r\nCookie: __Host-session={second}"),
        ] {
            target.with_cookies(cookies.as_bytes()).expect_problem(400, "ambiguous_credentials");
        }
    }
    let same = format!("__Host-session={token}; __Host-session={token}");
    target.with_cookies(same.as_bytes()).expect(200);
}

#[test]
fn a_cookie_of_a_sibling_cannot_log_anyone_out() {
    let target = Target::new();
    let (token, _) = target.session();
    let ours = format!("__Host-session={token}").into_bytes();
    for sibling in [
        "caf\u{e9}=cr\u{e8}me".as_bytes(),
        b"\xff\xfe=\x80",
        b"unbalanced=\"",
        b"nameless",
        b"=",
        b"",
        b"a=b=c",
        b"session=EVIL",
    ] {
        target.with_cookies(&[sibling, b"; ", &ours].concat()).expect(200);
        target.with_cookies(&[ours.as_slice(), b"; ", sibling].concat()).expect(200);
    }
}

#[test]
fn quotes_are_part_of_a_value() {
    let target = Target::new();
    let (token, _) = target.session();
    let quoted = format!("__Host-session=\"{token}\"");
    target.with_cookies(quoted.as_bytes()).expect_problem(401, "token_invalid");
    // Quotes of other cookies do not span ours.
    let spanned = format!("a=\"x; __Host-session={token}; b=y\"");
    target.with_cookies(spanned.as_bytes()).expect(200);
}

#[test]
fn an_altered_token_is_refused() {
    let target = Target::new();
    let (token, _) = target.session();
    let cut = &token[..token.len() - 1];
    let parts: Vec<_> = token.split('.').collect();
    let none = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.";
    for altered in [
        cut.to_owned(),
        format!("{token}A"),
        format!("{token}="),
        token.to_ascii_uppercase(),
        parts.iter().rev().copied().collect::<Vec<_>>().join("."),
        none.to_owned(),
        "....".to_owned(),
        "A".repeat(9 * 1024),
    ] {
        let answer = target.with_cookies(format!("__Host-session={altered}").as_bytes());
        let answer = answer.expect_problem(401, "token_invalid");
        assert!(!answer.body.contains(&altered));
        assert!(answer.all("set-cookie").is_empty(), "a refusal changes no cookie");
    }
}

#[test]
fn a_csrf_cookie_of_a_sibling_does_not_pass() {
    let target = Target::new();
    let (token, csrf) = target.session();
    let (_, others) = target.session();
    let logout = |cookies: &str, header: &str| {
        Client::new()
            .post(&target.url("/auth/logout"))
            .header(&format!("Cookie: __Host-session={token}; {cookies}"))
            .header(header)
            .send()
    };
    let (ours, theirs) = (format!("X-CSRF-Token: {csrf}"), format!("X-CSRF-Token: {others}"));
    // A pair that matches itself but not the session.
    logout(&format!("__Host-csrf={others}"), &theirs).expect_problem(403, "csrf_mismatch");
    logout("__Host-csrf=forged", "X-CSRF-Token: forged").expect_problem(403, "csrf_mismatch");
    logout(&format!("__Host-csrf={csrf}"), &theirs).expect_problem(403, "csrf_mismatch");
    logout(&format!("__Host-csrf={others}"), &ours).expect_problem(403, "csrf_mismatch");
    for cookies in [
        format!("__Host-csrf={others}; __Host-csrf={csrf}"),
        format!("__Host-csrf={csrf}; __Host-csrf={others}"),
    ] {
        logout(&cookies, &ours).expect_problem(403, "csrf_mismatch");
    }
    logout("theme=dark", &ours).expect_problem(403, "csrf_missing");
    logout(&format!("__Host-csrf={csrf}"), "X-Other: 1").expect_problem(403, "csrf_missing");
    logout(&format!("__Host-csrf={csrf}"), &ours).expect(204);
}

#[test]
fn a_login_sent_by_another_site_is_refused() {
    let target = Target::new();
    let body = json!({ "username": USERNAME, "password": PASSWORD });
    for line in [
        "Origin: https://evil.example",
        "Origin: https://app.example:8443",
        "Origin: http://app.example",
        "Origin: https://app.example.evil.example",
        "Origin: null",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
        "Sec-Fetch-Site: same-origin, none",
    ] {
        let answer = Client::new().post(&target.url("/auth/login")).json(&body).header(line).send();
        answer.expect_problem(403, "cross_site");
    }
    let ours = Client::new().post(&target.url("/auth/login")).json(&body);
    ours.header("Origin: https://app.example")
        .header("Sec-Fetch-Site: same-origin")
        .send()
        .expect(200);
}

#[test]
fn a_page_cannot_read_its_token_from_forward_auth_on_the_public_listener() {
    let users = Users::with(USERNAME, &[]);
    let trusting = users.setting() + "trusted_proxies = [\"127.0.0.1\"]\n";
    let sealpass = Sealpass::serve(&trusting);
    let client = Client::new();
    let body = json!({ "username": USERNAME, "password": PASSWORD });
    client.post(&sealpass.url("/auth/login")).json(&body).send().expect(200);

    // The very request that a front proxy's listener answers, with the same peer and cookie.
    let ask = |url: &str| client.get(url).header("X-Original-Method: GET").send();
    let verdict = ask(&sealpass.forward_auth_url("/auth/verify/nginx"));
    assert_eq!(verdict.expect(200).all("x-auth-subject"), [USERNAME]);
    for path in ["nginx", "nginx/", "nginx?x", "%6Eginx", "traefik", ""] {
        let answer = ask(&sealpass.url(&format!("/auth/verify/{path}")));
        let answer = answer.expect_problem(404, "not_found");
        let told = answer.headers.iter().any(|(name, _)| name.starts_with("x-auth-"));
        assert!(!told, "{path}: {answer:#?}");
    }
}

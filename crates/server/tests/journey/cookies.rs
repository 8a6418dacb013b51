//! The cookie profiles of the configuration, and the moves between them.

use serde_json::json;

use crate::credentials::Users;
use crate::support::{Answer, Client, ORIGIN, PASSWORD, Peer, Sealpass, USERNAME};

fn serve(users: &Users, settings: &str) -> Sealpass {
    Sealpass::serve(&(users.setting() + settings))
}

fn login(sealpass: &Sealpass, client: &Client) -> Answer {
    let body = json!({ "username": USERNAME, "password": PASSWORD });
    client.post(&sealpass.url("/auth/login")).json(&body).send().expect(200)
}

/// The attributes of each `Set-Cookie`, by name, without the value.
fn scopes(answer: &Answer) -> Vec<String> {
    let strip = |set: &str| {
        let (pair, attributes) = set.split_once("; ").expect("attributes");
        format!("{}; {attributes}", pair.split_once('=').expect("a pair").0)
    };
    answer.all("set-cookie").into_iter().map(strip).collect()
}

fn value(answer: &Answer, name: &str) -> String {
    let sets = answer.all("set-cookie");
    let start = format!("{name}=");
    let set = sets.iter().find_map(|set| set.strip_prefix(&start)).expect("it is set");
    set.split(';').next().expect("a value").to_owned()
}

#[test]
fn each_profile_sets_and_removes_its_cookies_with_the_same_attributes() {
    let users = Users::with(USERNAME, &[]);
    for (settings, session, csrf) in [
        (
            "cookies.profile = 'site'\ncookies.domain = 'app.example'\n",
            "__Secure-session; Path=/; Domain=app.example; Secure; HttpOnly; SameSite=Lax",
            "__Secure-csrf; Path=/; Domain=app.example; Secure; SameSite=Strict",
        ),
        (
            "cookies.profile = 'cross-site'\n",
            "__Host-cross-session; Path=/; Secure; HttpOnly; SameSite=None; Partitioned",
            "__Host-cross-csrf; Path=/; Secure; SameSite=None; Partitioned",
        ),
        (
            "[cookies]\nsession_name = 'a'\ncsrf_name = 'b'\n",
            "__Host-a; Path=/; Secure; HttpOnly; SameSite=Lax",
            "__Host-b; Path=/; Secure; SameSite=Strict",
        ),
    ] {
        let sealpass = serve(&users, settings);
        let answer = login(&sealpass, &Client::new());
        assert_eq!(scopes(&answer), [session, csrf]);
        let name = |scope: &str| scope.split(';').next().expect("a name").to_owned();
        let token = value(&answer, &name(csrf));
        let cookies =
            format!("{}={}; {}={token}", name(session), value(&answer, &name(session)), name(csrf));
        let ended = Client::new()
            .post(&sealpass.url("/auth/logout"))
            .header(&format!("Cookie: {cookies}"))
            .header(&format!("X-CSRF-Token: {token}"))
            .header(&format!("Origin: {ORIGIN}"))
            .send()
            .expect(204);
        let removed: Vec<_> =
            scopes(&ended).iter().map(|scope| scope.replace("; Max-Age=0", "")).collect();
        assert_eq!(removed, [session, csrf]);
        assert_eq!(ended.all("set-cookie").iter().filter(|set| set.contains("=;")).count(), 2);
    }
}

/// Keys are of one process, so what was set by the old configuration is a session of this one under
/// the old name: a token is the same in either cookie.
#[test]
fn a_session_under_a_previous_name_is_moved_by_the_next_answer() {
    let (users, api) = (Users::with(USERNAME, &[]), Peer::api());
    let settings = format!(
        "cookies.profile = 'site'\ncookies.domain = 'app.example'\n\
         cookies.previous = ['host', 'host old-session old-csrf']\n\
         trusted_proxies = ['127.0.0.1']\nupstream.url = 'http://{}'\n",
        api.address()
    );
    let sealpass = serve(&users, &settings);
    let answer = login(&sealpass, &Client::new());
    let forgotten = [
        "__Host-session; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax",
        "__Host-csrf; Path=/; Max-Age=0; Secure; SameSite=Strict",
        "__Host-old-session; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax",
        "__Host-old-csrf; Path=/; Max-Age=0; Secure; SameSite=Strict",
    ];
    assert_eq!(scopes(&answer)[2..], forgotten, "a login forgets the previous cookies");
    let (token, csrf) = (value(&answer, "__Secure-session"), value(&answer, "__Secure-csrf"));

    let old =
        format!("a=b; __Host-old-session={token}; __Host-old-csrf={csrf}; __Secure-session=x");
    let call = |method: &str, path: &str, cookies: &str| {
        Client::new()
            .call(method, &sealpass.url(path))
            .header(&format!("Cookie: {cookies}"))
            .header(&format!("X-CSRF-Token: {csrf}"))
            .send()
    };
    let mut moved = None;
    let received = api.one_request(|| {
        moved = Some(call("POST", "/api", &old).expect(200));
    });
    assert_eq!(received.header("cookie"), Some("a=b"), "a previous cookie reached the API");
    let moved = moved.expect("an answer");
    assert_eq!(scopes(&moved)[2..], forgotten);
    assert_eq!(value(&moved, "__Secure-csrf"), csrf, "the anti-CSRF token stays");
    let new = format!("__Secure-session={}", value(&moved, "__Secure-session"));

    // Once more, with the new cookies alone: nothing is left to move.
    let answer = call("GET", "/auth/session", &new).expect(200);
    assert_eq!(answer.all("set-cookie"), Vec::<&str>::new());

    // A front proxy is given all six, each under a name of its own.
    let verdict = Client::new()
        .get(&sealpass.forward_auth_url("/auth/verify/nginx"))
        .header(&format!("Cookie: {old}"))
        .header("X-Original-Method: GET")
        .send()
        .expect(200);
    assert_eq!(verdict.all("set-cookie").len(), 6);
    for (index, scope) in forgotten.iter().enumerate() {
        let numbered = verdict.header(&format!("x-auth-set-cookie-{}", index + 3));
        assert_eq!(numbered.expect("a cookie").replace("=;", ";"), *scope);
    }

    // The anti-CSRF cookie counts with its own session cookie only.
    let crossed = format!("__Host-old-session={token}; __Secure-csrf={csrf}");
    call("POST", "/api", &crossed).expect_problem(403, "csrf_missing");

    // A logout under the old name ends the session under every name, and forgets all cookies.
    let ended = call("POST", "/auth/logout", &old).expect(204);
    assert_eq!(ended.all("set-cookie").len(), 6);
    call("GET", "/auth/session", &new).expect_problem(401, "token_revoked");
}

#[test]
fn a_sibling_can_neither_shadow_nor_log_out_the_cookie_of_this_host() {
    let users = Users::with(USERNAME, &[]);
    let sealpass = serve(&users, "cookies.previous = ['site app.example']\n");
    let (ada, eve) = (login(&sealpass, &Client::new()), login(&sealpass, &Client::new()));
    let [own, csrf] = ["__Host-session", "__Host-csrf"].map(|name| value(&ada, name));
    let planted = value(&eve, "__Host-session");
    let post = |path: &str, cookies: &str| {
        Client::new()
            .post(&sealpass.url(path))
            .header(&format!("Cookie: {cookies}"))
            .header(&format!("X-CSRF-Token: {csrf}"))
            .send()
    };
    for cookies in [
        format!("__Secure-session={planted}; __Host-session={own}; __Host-csrf={csrf}"),
        format!("__Host-session={own}; __Secure-session=a; __Secure-session=b; __Host-csrf={csrf}"),
        format!("__Host-csrf={csrf}; __Secure-csrf=evil; __Host-session={own}"),
    ] {
        post("/auth/refresh", &cookies).expect(200);
    }
    // A logout clears both cookies: no session goes on that nobody can log out any more.
    let both = format!("__Secure-session={planted}; __Host-session={own}; __Host-csrf={csrf}");
    post("/auth/logout", &both).expect(204);
    let ask = |token: &str| {
        let cookie = format!("Cookie: __Host-session={token}");
        Client::new().get(&sealpass.url("/auth/session")).header(&cookie).send()
    };
    ask(&own).expect_problem(401, "token_revoked");
    ask(&planted).expect_problem(401, "token_revoked");
}

#[test]
fn a_login_is_a_new_session_and_ends_the_one_it_replaces() {
    let users = Users::with(USERNAME, &[]);
    let sealpass = serve(&users, "cookies.previous = ['site app.example']\n");
    for name in ["__Host-session", "__Secure-session"] {
        let first = login(&sealpass, &Client::new());
        let (planted, csrf) = (value(&first, "__Host-session"), value(&first, "__Host-csrf"));
        let body = json!({ "username": USERNAME, "password": PASSWORD });
        let cookie = format!("Cookie: {name}={planted}");
        let second = Client::new()
            .post(&sealpass.url("/auth/login"))
            .header(&cookie)
            .json(&body)
            .send()
            .expect(200);
        assert_ne!(value(&second, "__Host-session"), planted);
        assert_ne!(value(&second, "__Host-csrf"), csrf);
        let url = sealpass.url("/auth/session");
        let asked = Client::new().get(&url).header(&cookie).send();
        asked.expect_problem(401, "token_revoked");
    }
}

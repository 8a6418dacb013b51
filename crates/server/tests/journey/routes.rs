//! Rules for paths through the proxy, and as `sealpass explain` tells them.

use std::process::{Command, Output};

use serde_json::Value;

use crate::credentials::Users;
use crate::rules::{self, RULES, TRICKS};
use crate::support::{Client, Peer, SUBJECT, Sealpass, USERNAME, exchange};
use crate::whole::{Front, Site};

/// `sealpass serve` as the proxy in front of an API, with [`RULES`].
struct Deployment {
    sealpass: Sealpass,
    api: Peer,
    _users: Users,
}

impl Deployment {
    fn new() -> Self {
        let users = Users::with(USERNAME, &["--subject", SUBJECT, "--claim", "roles=[\"reader\"]"]);
        let api = Peer::api();
        let upstream = format!("upstream.url = \"{}\"\n", api.url(""));
        let claims = "upstream.claims = [\"roles\"]\n";
        let settings = [&users.setting(), claims, &upstream, RULES].concat();
        Self { sealpass: Sealpass::serve(&settings), api, _users: users }
    }
}

#[test]
fn rules_for_paths_hold_through_the_proxy() {
    let deployment = Deployment::new();
    let base = deployment.sealpass.url("");
    rules::walk(&Site { base, api: &deployment.api, front: Front::Sealpass });
}

#[test]
fn the_line_of_a_request_has_the_code_of_whatever_refused_it() {
    let deployment = Deployment::new();
    let base = deployment.sealpass.url("");
    let site = Site { base, api: &deployment.api, front: Front::Sealpass };
    let ada = Client::new();
    site.login(&ada);
    for (method, path, status, code) in [
        ("GET", "/admin", 403, "claim_required"),
        ("GET", "/ADMIN", 400, "ambiguous_path"),
        ("TRACE", "/public/traced", 501, "method_unsupported"),
        ("POST", "/unsafe", 403, "csrf_missing"),
        ("GET", "/auth/nothing", 404, "not_found"),
    ] {
        ada.call(method, &site.url(path)).send().expect_problem(status, code);
        let line = deployment.sealpass.child.wait_for(|line| {
            let line: Value = serde_json::from_str(line).ok()?;
            (line["message"] == "request" && line["path"] == path).then_some(line)
        });
        assert_eq!((&line["code"], &line["status"]), (&code.into(), &status.into()), "{line}");
    }
    let two = "GET /framed HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx";
    exchange(site.base.trim_start_matches("http://"), two.as_bytes()).expect(400);
    deployment.sealpass.child.wait_for(|line| line.contains("ambiguous_framing").then_some(()));
}

/// Runs `sealpass explain` with [`RULES`] from line 3 of the file on.
fn explain(arguments: &[&str]) -> Output {
    explain_with(RULES, arguments)
}

/// The same with `settings` from the end of line 2 on.
fn explain_with(settings: &str, arguments: &[&str]) -> Output {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("sealpass.toml");
    let least = "origin = \"https://app.example\"\nbackend.users = \"users.toml\"";
    std::fs::write(&file, format!("{least}{settings}")).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealpass"));
    command.env_clear().current_dir(directory.path()).arg("explain").args(arguments);
    command.args(["--config", "sealpass.toml"]).output().expect("it ends")
}

fn explained(method: &str, url: &str) -> Value {
    explained_with(RULES, method, url)
}

fn explained_with(settings: &str, method: &str, url: &str) -> Value {
    let output = explain_with(settings, &[method, url, "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn explain_says_what_the_proxies_do() {
    for trick in TRICKS {
        let explained = explained("GET", trick);
        assert_eq!(explained["decision"], "refused", "{trick}: {explained}");
        assert_eq!(explained["code"], "ambiguous_path");
        assert!(explained["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
    }
    for (method, url, decision, rule) in [
        ("GET", "/public/form?a=b", "public", Some(("routes[0]", 3))),
        ("GET", "https://app.example/public", "public", Some(("routes[0]", 3))),
        ("GET", "/library", "session", Some(("routes[2]", 11))),
        ("DELETE", "/orders/7", "session", Some(("routes[3]", 15))),
        ("POST", "/orders", "session", None),
        ("GET", "/other?x=/public", "session", None),
        ("GET", "/auth/login", "sealpass", None),
        // What the server refuses before it asks whose a path is.
        ("GET", "/auth/login#", "refused", None),
    ] {
        let explained = explained(method, url);
        assert_eq!(explained["decision"], decision, "{method} {url}: {explained}");
        let name = rule.map(|(name, _)| name);
        assert_eq!(explained["rule"]["name"].as_str(), name, "{method} {url}");
        assert_eq!(explained["rule"]["line"].as_u64(), rule.map(|(_, line)| line), "{explained}");
    }
    let claims = explained("DELETE", "/orders/7%20b");
    assert_eq!(claims["claims"], serde_json::json!({"roles": ["admin"]}));
    assert_eq!(claims["path"], "/orders/7 b");
}

#[test]
fn explain_knows_the_public_keys_that_the_server_answers_with_itself() {
    let asserting = "\nassertion.algorithm = \"EdDSA\"";
    let asked = "\nassertion.algorithm = \"EdDSA\"\nforward_auth.listen = \"127.0.0.1:0\"";
    let both = format!("{asked}\nupstream.url = \"http://127.0.0.1:3000\"");
    for (settings, decision) in
        [("", "session"), (asserting, "sealpass"), (asked, "session"), (&both, "sealpass")]
    {
        let settings = format!("{settings}{RULES}");
        let explained = explained_with(&settings, "GET", "/.well-known/jwks.json");
        assert_eq!(explained["decision"], decision, "{settings}: {explained}");
    }
}

#[test]
fn explain_tells_a_person_which_rule_decides_and_where_it_stands() {
    let text = |arguments: &[&str]| {
        let output = explain(arguments);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    assert_eq!(
        text(&["DELETE", "/orders/7?all"]),
        "method   DELETE\n\
         path     /orders/7\n\
         needs    a session, whose claim `roles` is or has \"admin\"\n\
         rule     routes[3] (sealpass.toml:15), for /orders and all below it, by DELETE\n"
    );
    assert_eq!(
        text(&["GET", "/nothing"]),
        "method   GET\n\
         path     /nothing\n\
         needs    a session\n\
         rule     none: what no rule is for needs a session\n"
    );
    assert_eq!(
        text(&["GET", "/public/..;/admin"]),
        "method   GET\n\
         path     /public/..;/admin\n\
         refused  the path has `\\`, `;` or `#`, or an encoded `/`, `\\`, `;`, `#`, `?` or `%`\n"
    );
    let other = text(&["GET", "/Admin"]);
    assert!(other.contains("routes[1] (sealpass.toml:7)"), "{other}");
    for wrong in [
        &["GET"][..],
        &["G T", "/"],
        &["GET", "nowhere"],
        &["GET", "/", "--listen", "x"],
        &["GET", "http:///"],
        &["GET", "http://a:b:c/"],
    ] {
        assert_eq!(explain(wrong).status.code(), Some(2), "{wrong:?}");
    }
}

/// Several APIs, and no rule.
fn places(orders: &str, admin: &str) -> String {
    format!(
        "\n[[upstreams]]\npath = \"/orders\"\nurl = \"{orders}\"\n\
         [[upstreams]]\nhost = \"admin.example\"\nurl = \"{admin}\"\n"
    )
}

#[test]
fn explain_refuses_what_the_proxy_refuses_and_names_the_api_that_it_asks() {
    let users = Users::with(USERNAME, &[]);
    let [orders, admin] = [Peer::api(), Peer::api()];
    let settings = places(&orders.url(""), &admin.url(""));
    let sealpass = Sealpass::serve(&format!("{}{settings}", users.setting()));
    let site = Site { base: sealpass.url(""), api: &orders, front: Front::Sealpass };
    let ada = Client::new();
    site.login(&ada);
    let token = ada.cookie("__Host-session").expect("a session").value;
    let send = |host: &str, target: &str| {
        let request = format!(
            "GET {target} HTTP/1.1\r\nHost: {host}\r\nCookie: __Host-session={token}\r\n\
             Connection: close\r\n\r\n"
        );
        exchange(&sealpass.address, request.as_bytes())
    };

    let passed = [
        ("app.example", "/orders/7?a=b", &orders),
        ("app.example:8443", "/orders", &orders),
        ("ADMIN.example.", "/orders/7", &admin),
        ("admin.example", "/", &admin),
    ];
    for (host, target, api) in passed {
        let url = format!("https://{host}{target}");
        let explained = explained_with(&settings, "GET", &url);
        assert_eq!(explained["decision"], "session", "{url}: {explained}");
        assert_eq!(explained["upstream"]["url"], api.url(""), "{url}: {explained}");
        api.one_request(|| {
            send(host, target).expect(200);
        });
    }
    for (host, target, status, code) in [
        ("app.example", "/other", 404, "upstream_unknown"),
        ("app.example", "/Orders", 404, "upstream_unknown"),
        ("app.example", "/%6frders", 404, "upstream_unknown"),
        ("admin.example.evil.test", "/", 404, "upstream_unknown"),
        ("app.example", "/x/../orders", 400, "ambiguous_path"),
        ("app.example", "//orders", 400, "ambiguous_path"),
        ("app.example", "/orders%00", 400, "ambiguous_path"),
        // Paths decide for every host as soon as they do for one.
        ("admin.example", "/x;y", 400, "ambiguous_path"),
    ] {
        let url = format!("https://{host}{target}");
        let explained = explained_with(&settings, "GET", &url);
        assert_eq!(explained["decision"], "refused", "{url}: {explained}");
        assert_eq!(explained["code"], code, "{url}: {explained}");
        assert_eq!(explained["upstream"], Value::Null, "{explained}");
        send(host, target).expect_problem(status, code);
    }
}

#[test]
fn explain_takes_a_path_alone_for_one_of_the_origin_and_any_path_where_none_decides() {
    let places = places("http://127.0.0.1:3001", "http://127.0.0.1:3002");
    let own = places.replace("admin.example", "app.example");
    let explained = explained_with(&own, "GET", "/orders");
    assert_eq!(explained["host"], "app.example");
    assert_eq!(explained["upstream"]["name"], "upstreams[1]", "{explained}");
    assert_eq!(explained["upstream"]["file"], "sealpass.toml");
    assert_eq!(explained["upstream"]["line"], 6, "{explained}");

    let everywhere = "\nupstream.url = \"http://127.0.0.1:3000\"\n";
    let explained = explained_with(everywhere, "GET", "//x");
    assert_eq!(explained["decision"], "session", "{explained}");
    let expected = serde_json::json!({"name": "upstream.url", "url": "http://127.0.0.1:3000"});
    assert_eq!(explained["upstream"], expected);
    let explained = explained_with(everywhere, "GET", "/x?y#z");
    assert_eq!(explained["code"], "ambiguous_path", "{explained}");
    let none = explained_with("", "TRACE", "//x");
    assert_eq!((&none["decision"], &none["upstream"]), (&"session".into(), &Value::Null));
}

#[test]
fn explain_tells_a_person_which_api_gets_a_request_and_why_none_does() {
    let everywhere = "\nupstream.url = \"http://127.0.0.1:3000\"";
    let settings = everywhere.to_owned() + &places("http://[::1]:3001", "http://127.0.0.1:3002");
    let text = |method: &str, url: &str| {
        let output = explain_with(&settings, &[method, url]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    assert_eq!(
        text("GET", "/orders/7"),
        "method   GET\n\
         host     app.example\n\
         path     /orders/7\n\
         needs    a session\n\
         rule     none: what no rule is for needs a session\n\
         upstream http://[::1]:3001, upstreams[0] (sealpass.toml:4), for /orders and all below it\n"
    );
    let admin = text("GET", "http://admin.example:8080/orders");
    assert!(admin.contains("\nhost     admin.example:8080\n"), "{admin}");
    assert!(admin.ends_with("(sealpass.toml:7), for admin.example/ and all below it\n"), "{admin}");
    let other = text("GET", "/");
    assert!(
        other.ends_with(
            "\nupstream http://127.0.0.1:3000, upstream.url, for what is in no other place\n"
        ),
        "{other}"
    );
    assert_eq!(
        text("GET", "//orders"),
        "method   GET\n\
         host     app.example\n\
         path     //orders\n\
         refused  the path has an empty segment (`//`), which some programs take out, and \
         `[[upstreams]]` are chosen by path\n"
    );
    assert!(text("TRACE", "/").ends_with("\nrefused  this method is not passed on\n"));
    let ours = text("GET", "/auth//login");
    assert!(ours.ends_with("needs    nothing: Sealpass answers it itself\n"), "{ours}");
}

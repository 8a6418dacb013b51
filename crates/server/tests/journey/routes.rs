//! Rules for paths through the proxy, and as `sealpass explain` tells them.

use std::process::{Command, Output};

use serde_json::Value;

use crate::credentials::Users;
use crate::rules::{self, RULES, TRICKS, get};
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
    explain_with("", arguments)
}

/// The same with more settings.
fn explain_with(settings: &str, arguments: &[&str]) -> Output {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("sealpass.toml");
    let least = "origin = \"https://app.example\"\nbackend.users = \"users.toml\"";
    std::fs::write(&file, format!("{least}{settings}{RULES}")).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealpass"));
    command.env_clear().current_dir(directory.path()).arg("explain").args(arguments);
    command.args(["--config", "sealpass.toml"]).output().expect("it ends")
}

fn explained(method: &str, url: &str) -> Value {
    let output = explain(&[method, url, "--format", "json"]);
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
        let arguments = ["GET", "/.well-known/jwks.json", "--format", "json"];
        let output = explain_with(settings, &arguments);
        let explained: Value = serde_json::from_slice(&output.stdout).expect("JSON");
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
        "method  DELETE\n\
         path    /orders/7\n\
         needs   a session, whose claim `roles` is or has \"admin\"\n\
         rule    routes[3] (sealpass.toml:15), for /orders and all below it, by DELETE\n"
    );
    assert_eq!(
        text(&["GET", "/nothing"]),
        "method  GET\n\
         path    /nothing\n\
         needs   a session\n\
         rule    none: what no rule is for needs a session\n"
    );
    assert_eq!(
        text(&["GET", "/public/..;/admin"]),
        "method  GET\n\
         path    /public/..;/admin\n\
         refused the path has `\\`, `;` or `#`, or an encoded `/`, `\\`, `;`, `#`, `?` or `%`\n"
    );
    let other = text(&["GET", "/Admin"]);
    assert!(other.contains("routes[1] (sealpass.toml:7)"), "{other}");
    for wrong in [&["GET"][..], &["G T", "/"], &["GET", "nowhere"], &["GET", "/", "--listen", "x"]]
    {
        assert_eq!(explain(wrong).status.code(), Some(2), "{wrong:?}");
    }
}

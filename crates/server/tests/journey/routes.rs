//! Rules for paths, and every trick to get a path past them: through the proxy, through nginx, and as
//! `sealpass explain` tells it.

use std::process::{Command, Output};

use serde_json::Value;

use crate::credentials::Users;
use crate::support::{Answer, Client, Nginx, Peer, SUBJECT, Sealpass, USERNAME, exchange};
use crate::whole::{Front, Site};

/// A public path, and two that not everyone's session is good for.
const RULES: &str = r#"
[[routes]]
path = "/public"
access = "public"

[[routes]]
path = "/admin"
claims = { roles = ["admin", "owner"] }

[[routes]]
path = "/library"
claims = { roles = ["reader"] }

[[routes]]
path = "/orders"
methods = ["DELETE"]
claims = { roles = ["admin"] }
"#;

const SETTINGS: &str = "trusted_proxies = [\"127.0.0.1\"]\nupstream.claims = [\"roles\"]\n";

/// What would be `/admin` to some program, and public to another.
const TRICKS: [&str; 26] = [
    "/public/../admin",
    "/public/./../admin",
    "/public/%2e%2e/admin",
    "/public/%2E./admin",
    "/public/..%2fadmin",
    "/public%2f..%2fadmin",
    "/public/%252e%252e/admin",
    "/public/..%252fadmin",
    "/public//admin",
    "//admin",
    "/public/..\\admin",
    "/public\\..\\admin",
    "/public/..%5cadmin",
    "/public/..;/admin",
    "/public;/../admin",
    "/public/;a=b/../admin",
    "/public%3b/../admin",
    "/public%00",
    "/public/..%00/admin",
    "/public%23/../admin",
    "/public%3fx/../admin",
    "/public/%c0%ae%c0%ae/admin",
    "/PUBLIC/../admin",
    "/%70ublic",
    "/%61dmin",
    "/ADMIN",
];

/// A deployment of which one proxy or the other is in front.
struct Deployment {
    sealpass: Sealpass,
    api: Peer,
    _users: Users,
}

impl Deployment {
    fn new(upstream: bool) -> Self {
        let users = Users::with(USERNAME, &["--subject", SUBJECT, "--claim", "roles=[\"reader\"]"]);
        let api = Peer::api();
        let upstream =
            if upstream { format!("upstream.url = \"{}\"\n", api.url("")) } else { String::new() };
        let settings = [&users.setting(), SETTINGS, &upstream, RULES].concat();
        Self { sealpass: Sealpass::serve(&settings), api, _users: users }
    }
}

/// Sends a request whose target curl would not.
fn get(site: &Site<'_>, target: &str, headers: &str) -> Answer {
    let address = site.base.strip_prefix("http://").expect("a base");
    let request =
        format!("GET {target} HTTP/1.1\r\nHost: app.example\r\n{headers}Connection: close\r\n\r\n");
    exchange(address, request.as_bytes())
}

/// Walks through every rule, in front of which `site` is.
fn walk(site: &Site<'_>) {
    let (nobody, ada) = (Client::new(), Client::new());
    let session = site.login(&ada);
    anyone_reaches_what_is_public(site, &nobody, &ada);
    a_session_is_needed_everywhere_else(site, &nobody);

    let received = site.api.one_request(|| {
        ada.get(&site.url("/library/1")).send().expect(200);
    });
    assert_eq!(received.header("x-auth-claims-roles"), Some("reader"));
    let admin = site.api.no_request(|| ada.get(&site.url("/admin")).send());
    site.expect_refusal(admin, 403, "claim_required");
    let delete = || ada.call("DELETE", &site.url("/orders/7")).header(&session.csrf).send();
    site.expect_refusal(site.api.no_request(delete), 403, "claim_required");
    site.api.one_request(|| {
        let order = ada.post(&site.url("/orders")).header(&session.csrf).body("tea");
        order.send().expect(200);
    });

    let token = ada.cookie("__Host-session").expect("a session").value;
    let cookie = format!("Cookie: __Host-session={token}\r\n");
    for trick in TRICKS {
        for headers in ["", &cookie] {
            let answer = site.api.no_request(|| get(site, trick, headers));
            match site.front {
                // Some are refused by nginx itself.
                Front::Nginx => assert!([400, 403].contains(&answer.status), "{trick}: {answer:?}"),
                Front::Sealpass => {
                    answer.expect_problem(400, "ambiguous_path");
                }
            }
        }
    }
    a_query_is_no_path(site);
}

fn anyone_reaches_what_is_public(site: &Site<'_>, nobody: &Client, ada: &Client) {
    let broken = "Cookie: __Host-session=a; __Host-session=b; theme=dark";
    let call = |client: &Client, line: &str| {
        let received = site.api.one_request(|| {
            let call = client.post(&site.url("/public/form?a=b")).body("tea");
            call.header("X-Auth-Subject: mallory").header(line).send().expect(200);
        });
        assert_eq!((received.target.as_str(), received.body.as_str()), ("/public/form?a=b", "tea"));
        for name in ["x-auth-subject", "x-auth-session", "x-auth-claims-roles"] {
            // nginx leaves out what is empty.
            let empty = (site.front == Front::Sealpass).then_some("");
            assert_eq!(received.header(name), empty, "{received:#?}");
        }
        received
    };
    call(nobody, "Accept: */*");
    let received = call(ada, "Sec-Fetch-Site: cross-site");
    if site.front == Front::Sealpass {
        assert_eq!(received.header("cookie"), None, "no session is looked at, and none passed on");
    }
    let received = call(nobody, broken);
    if site.front == Front::Sealpass {
        assert_eq!(received.header("cookie"), Some("theme=dark"));
    }
}

fn a_session_is_needed_everywhere_else(site: &Site<'_>, nobody: &Client) {
    for path in ["/", "/publicity", "/library", "/admin", "/orders", "/other"] {
        let answer = site.api.no_request(|| nobody.get(&site.url(path)).send());
        site.expect_refusal(answer, 401, "token_missing");
    }
}

fn a_query_is_no_path(site: &Site<'_>) {
    for target in ["/other?x=/public", "/admin?/public", "/library?../public", "/other?#/public"] {
        let answer = site.api.no_request(|| get(site, target, ""));
        site.expect_refusal(answer, 401, "token_missing");
    }
    let received = site.api.one_request(|| {
        get(site, "/public?x=/../admin;%00//", "").expect(200);
    });
    assert_eq!(received.target, "/public?x=/../admin;%00//");
}

#[test]
fn rules_for_paths_hold_through_the_proxy() {
    let deployment = Deployment::new(true);
    let base = deployment.sealpass.url("");
    walk(&Site { base, api: &deployment.api, front: Front::Sealpass });
    // What hyper takes for a fragment is gone before anyone looks, the API included.
    let site =
        Site { base: deployment.sealpass.url(""), api: &deployment.api, front: Front::Sealpass };
    let received = deployment.api.one_request(|| {
        get(&site, "/public#/../admin", "").expect(200);
    });
    assert_eq!(received.target, "/public");
}

#[test]
fn through_nginx_rules_for_paths_hold() {
    let deployment = Deployment::new(false);
    let nginx = Nginx::start(&deployment.sealpass, &deployment.api);
    let site = Site { base: nginx.url(""), api: &deployment.api, front: Front::Nginx };
    walk(&site);
    let answer = deployment.api.no_request(|| get(&site, "/public#/../admin", ""));
    assert!([400, 403].contains(&answer.status), "{answer:?}");
}

/// Runs `sealpass explain` with [`RULES`] from line 3 of the file on.
fn explain(arguments: &[&str]) -> Output {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("sealpass.toml");
    let least = "origin = \"https://app.example\"\nbackend.users = \"users.toml\"";
    std::fs::write(&file, format!("{least}{RULES}")).expect("written");
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

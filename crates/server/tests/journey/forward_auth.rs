//! Forward-auth as front proxies see it, asked without one.

use serde_json::Value;

use crate::credentials::Users;
use crate::support::{Answer, Call, Client, Sealpass, USERNAME};

const TRUSTING: &str = "trusted_proxies = [\"127.0.0.1\", \"10.0.0.0/8\"]\n";

fn server(settings: &str) -> (Sealpass, Users) {
    let users = Users::with(USERNAME, &[]);
    let sealpass = Sealpass::serve(&format!("{}{TRUSTING}{settings}", users.setting()));
    (sealpass, users)
}

/// Asks as each kind of proxy does about `GET target`, with what `more` adds.
fn ask(sealpass: &Sealpass, target: &str, more: impl Fn(Call) -> Call) -> Vec<(String, Answer)> {
    let ask = |proxy: &str, path: &str, headers: [String; 2]| {
        let call = Client::new().get(&sealpass.forward_auth_url(path));
        let call = headers.iter().fold(call, |call, header| call.header(header));
        (proxy.to_owned(), more(call).send())
    };
    let original = || {
        let url = format!("X-Original-URL: https://app.example{target}");
        ["X-Original-Method: GET".to_owned(), url]
    };
    let forwarded = || ["X-Forwarded-Method: GET".to_owned(), format!("X-Forwarded-Uri: {target}")];
    let envoy = || ["X-Envoy-Internal: true".to_owned(), "X-Request-Id: 7".to_owned()];
    vec![
        ask("nginx", "/auth/verify/nginx", original()),
        ask("haproxy", "/auth/verify/haproxy", original()),
        ask("caddy", "/auth/verify/caddy?a=1", forwarded()),
        ask("traefik", "/auth/verify/traefik", forwarded()),
        ask("envoy", &format!("/auth/verify/envoy{target}"), envoy()),
    ]
}

#[test]
fn forward_auth_names_the_client_and_the_path_in_the_log_and_nothing_secret() {
    let (sealpass, _users) = server("");
    let chain = "X-Forwarded-For: 203.0.113.1, 192.0.2.9, 10.0.0.3";
    for (proxy, answer) in ask(&sealpass, "/orders/7?token=secret", |call| call.header(chain)) {
        assert_eq!(answer.status, 401, "{proxy}: {answer:#?}");
        answer.expect_problem(401, "token_missing");
    }
    let told = sealpass.child.wait_for(|line| {
        assert!(!line.contains("secret"), "{line}");
        let line: Value = serde_json::from_str(line).ok()?;
        (line["message"] == "forward-auth refused").then_some(line)
    });
    assert_eq!(told["client"], "192.0.2.9", "{told}");
    assert_eq!(told["path"], "/orders/7", "{told}");
    assert_eq!(told["code"], "token_missing", "{told}");
}

#[test]
fn the_line_of_a_question_has_the_code_of_whatever_refused_it() {
    let (sealpass, _users) = server("");
    for (path, header, code) in [
        ("/auth/verify/nginx", "X-Forwarded-Uri: /", "other_dialect"),
        ("/auth/verify/caddy", "X_Forwarded-Uri: /", "ambiguous_original"),
        ("/auth/nothing", "Accept: */*", "not_found"),
    ] {
        let call = Client::new().get(&sealpass.forward_auth_url(path));
        call.header("X-Forwarded-Uri: /").header(header).send();
        let line = sealpass.child.wait_for(|line| {
            let line: Value = serde_json::from_str(line).ok()?;
            (line["message"] == "request" && line["path"] == path).then_some(line)
        });
        assert_eq!(line["code"], code, "{line}");
    }
}

#[test]
fn forward_auth_sends_a_page_to_the_login_page_but_not_through_nginx() {
    let (sealpass, _users) = server("forward_auth.login_url = \"/login\"\n");
    let page = |call: Call| call.header("Sec-Fetch-Mode: navigate").header("Accept: text/html");
    for (proxy, answer) in ask(&sealpass, "/orders?a=1", page) {
        if proxy == "nginx" {
            answer.expect_problem(401, "token_missing");
            continue;
        }
        let expected = "https://app.example/login?return_to=%2Forders%3Fa%3D1";
        assert_eq!(answer.status, 302, "{proxy}: {answer:#?}");
        assert_eq!(answer.header("location"), Some(expected), "{proxy}");
    }
}

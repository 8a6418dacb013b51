//! What of the answers of the API and of Sealpass reaches a browser, and what caches on the way may keep.

use tokio::net::TcpSocket;

use super::{Stage, TRUSTING, as_printed};
use crate::proxy::Kind;
use crate::support::{Answer, Call, Client, Peer};

const ANSWER_STATUS: &str = Peer::ANSWER_STATUS;
const ANSWER_WITH: &str = Peer::ANSWER_WITH;

/// A cache that keeps the cookies of a renewal gives one user's session to others.
pub(crate) fn no_cache_keeps_an_answer_that_renews_a_session(kind: Kind) {
    let stage = Stage::with(kind, &format!("{TRUSTING}lifetimes.access = \"1s\"\n"));
    let (client, _) = stage.login();
    for (status, lines) in
        [(200, &["public", "max-age=600"][..]), (200, &[]), (404, &["public", "max-age=600"])]
    {
        let ask = || {
            let call = client.get(&stage.url("/api/me"));
            let call = call.header(&format!("{ANSWER_STATUS}: {status}"));
            let call = lines.iter().fold(call, |call, line| {
                call.header(&format!("{ANSWER_WITH}: Cache-Control: {line}"))
            });
            call.send().expect(status)
        };
        let mut kept = 0;
        let renewed = loop {
            let answer = ask();
            if !answer.all("set-cookie").is_empty() {
                break answer;
            }
            kept += 1;
            assert!(kept < 10_000, "ten thousand calls take longer than a second");
            // What the API says of an answer that sets no cookie stays as it is.
            assert_eq!(directives(&answer), lines, "{answer:#?}");
            assert!(answer.all("expires").is_empty(), "{answer:#?}");
        };
        let directives = directives(&renewed);
        assert!(directives.contains(&"no-store"), "{renewed:#?}");
        // Envoy adds to a value, and nginx leaves what stands in an error; `no-store` wins over all.
        if kind != Kind::EnvoyHttp && (kind, status) != (Kind::Nginx, 404) {
            let forbids = |directive: &&str| ["no-store", "no-cache"].contains(directive);
            assert!(directives.iter().all(forbids), "{renewed:#?}");
        }
    }
}

/// What a proxy answers itself has the cookies of a renewal too.
pub(crate) fn no_cache_keeps_a_renewal_where_the_api_does_not_answer(kind: Kind) {
    let stage = Stage::with(kind, &format!("{TRUSTING}lifetimes.access = \"1s\"\n"));
    let (client, _) = stage.login();
    let Stage { proxy, api, sealpass: _sealpass, _users, .. } = stage;
    let address = api.address().parse().expect("an address");
    drop(api);
    // Bound and not listening, so that the port stays nobody else's.
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(address).expect("the port of the API");
    let renewed = (0..10_000)
        .map(|_| client.get(&proxy.url("/api/me")).send())
        .inspect(|answer| assert!([502, 503].contains(&answer.status), "{answer:#?}"))
        .find(|answer| !answer.all("set-cookie").is_empty())
        .expect("ten thousand calls take longer than a second");
    assert_eq!(renewed.all("set-cookie").len(), 2, "{renewed:#?}");
    assert!(directives(&renewed).contains(&"no-store"), "{renewed:#?}");
}

/// Page script reads every header but `Set-Cookie`, and an API may have a proxy go on elsewhere. To all but
/// nginx `X-Accel-Redirect` means nothing: behind those it is seen that nothing of the verdict but its cookies
/// is in the answer of the API.
pub(crate) fn an_api_shows_nobody_the_answer_to_a_question(kind: Kind) {
    nobody_sees_the_answer_to_a_question(kind, as_printed);
}

/// Nor where an operator lets it, to have nginx serve files.
pub(crate) fn an_api_that_may_redirect_shows_nobody_the_answer_to_a_question() {
    nobody_sees_the_answer_to_a_question(Kind::Nginx, |configuration| {
        let line = "proxy_ignore_headers X-Accel-Redirect;";
        assert!(configuration.contains(line), "{configuration}");
        configuration.replace(line, "")
    });
}

fn nobody_sees_the_answer_to_a_question(kind: Kind, change: impl Fn(String) -> String) {
    let settings = format!("{TRUSTING}lifetimes.access = \"1s\"\n");
    let stage = Stage::new(kind, Peer::api(), &settings, &["roles=[\"reader\"]"], change);
    let (client, _) = stage.login();
    for place in ["/_auth", "/_auth?x", "@sealpass"] {
        let renewed = (0..10_000).find(|_| {
            let call = client.get(&stage.url("/api/me"));
            let answer = call.header(&format!("{ANSWER_WITH}: X-Accel-Redirect: {place}")).send();
            let told = answer.headers.iter().find(|(name, _)| name.starts_with("x-auth-"));
            assert_eq!(told, None, "{place}: {answer:#?}");
            !answer.all("set-cookie").is_empty()
        });
        assert!(renewed.is_some(), "ten thousand calls take longer than a second");
    }
}

pub(crate) fn a_browser_without_a_session_is_sent_to_the_login_page(kind: Kind) {
    let page = "https://app.example/login";
    let settings = format!("{TRUSTING}forward_auth.login_url = \"{page}\"\n");
    let stage = Stage::with(kind, &settings);
    let nobody = Client::new();
    let navigation = |call: Call| {
        call.header("Sec-Fetch-Mode: navigate").header("Accept: text/html,*/*;q=0.8").send()
    };
    for (target, return_to) in [
        ("/orders?page=2", "?return_to=%2Forders%3Fpage%3D2"),
        ("/a%2Fb", "?return_to=%2Fa%252Fb"),
        ("/orders//7", ""),
    ] {
        let sent = stage.api.no_request(|| navigation(nobody.get(&stage.url(target))));
        if kind == Kind::Nginx {
            // `auth_request` makes 500 of a redirect, so there is none.
            stage.expect_refusal(sent, 401, "token_missing");
            continue;
        }
        let sent = sent.expect(302);
        assert_eq!(sent.header("location"), Some(format!("{page}{return_to}").as_str()));
        assert_eq!(sent.header("cache-control"), Some("no-store"), "{sent:#?}");
        assert!(sent.body.is_empty() && sent.all("set-cookie").is_empty(), "{sent:#?}");
    }
    // Where nobody would see the page, and at the page itself, which would never end.
    for call in [nobody.get(&stage.url("/orders")), nobody.post(&stage.url("/orders"))] {
        let refused = stage.api.no_request(|| call.header("Accept: text/html").send());
        stage.expect_refusal(refused, 401, "token_missing");
    }
    let refused = stage.api.no_request(|| navigation(nobody.get(&stage.url("/login"))));
    stage.expect_refusal(refused, 401, "token_missing");
    let (client, _) = stage.login();
    stage.api.one_request(|| {
        navigation(client.get(&stage.url("/orders?page=2"))).expect(200);
    });
}

/// Those of all lines, which Envoy joins.
fn directives(answer: &Answer) -> Vec<&str> {
    let lines = answer.all("cache-control").into_iter();
    lines.flat_map(|line| line.split(',').map(str::trim)).collect()
}

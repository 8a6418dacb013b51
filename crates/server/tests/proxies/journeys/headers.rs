//! What the headers of a client become on their way to the API.

use super::{Stage, TRUSTING, as_printed};
use crate::proxy::Kind;
use crate::rules::RULES;
use crate::support::{Client, Peer, SPELLINGS, SUBJECT};

/// What a name may have in it beside letters, digits and `-`.
const SEPARATORS: &str = "!#$%&'*+.^_`|~";

pub(crate) fn identity_that_a_client_sends_reaches_nobody(kind: Kind) {
    let stage = Stage::behind(kind);
    let (client, _) = stage.login();
    let separated = SEPARATORS.chars().flat_map(|separator| {
        [format!("X{separator}Auth{separator}Subject"), format!("x{separator}auth-claims-roles")]
    });
    let spellings = SPELLINGS.map(str::to_owned).into_iter().chain(separated);
    let spellings: Vec<_> = spellings.chain(["x_auth-claims.roles".to_owned()]).collect();
    let received = stage.api.one_request(|| {
        let call = spellings.iter().fold(client.get(&stage.url("/api/me")), |call, name| {
            call.header(&format!("{name}: mallory"))
        });
        call.send().expect(200);
    });
    assert_eq!(received.header("x-auth-subject"), Some(SUBJECT));
    assert_eq!(received.header("x-auth-claims-roles"), Some("reader"));
    for (name, value) in &received.headers {
        assert!(!value.contains("mallory"), "{name}: {value}");
    }
    // One at a time, so that none hides behind another.
    for name in &spellings {
        let received = stage.api.one_request(|| {
            let call = client.get(&stage.url("/api/me")).header(&format!("{name}: mallory"));
            call.send().expect(200);
        });
        assert_eq!(received.header("x-auth-subject"), Some(SUBJECT), "{name}");
        assert!(!received.headers.iter().any(|(_, value)| value == "mallory"), "{received:#?}");
    }
}

/// Headers that some program takes for another method or path than the request line has, or for a
/// statement about where the request came from.
const REWRITES: [&str; 20] = [
    "X-Original-URL",
    "X-Original-URI",
    "X-Original-Method",
    "X-Original-Host",
    "X_Original_URL",
    "X-Rewrite-URL",
    "X_Rewrite_URL",
    "x-rewrite_url",
    "X-HTTP-Method-Override",
    "X_HTTP_Method_Override",
    "X-HTTP-Method",
    "X_HTTP_Method",
    "X-Method-Override",
    "X_Method_Override",
    "X-Forwarded-Prefix",
    "X_Forwarded_Prefix",
    "X-Forwarded-Uri",
    "X-Forwarded-Method",
    "X_Real_IP",
    "Forwarded",
];

pub(crate) fn headers_that_rewrite_a_request_reach_no_api(kind: Kind) {
    let stage = Stage::with(kind, &format!("{TRUSTING}{RULES}"));
    let (client, session) = stage.login();
    let mut passed = 0;
    for name in REWRITES {
        for call in [
            Client::new().post(&stage.url("/public/form")),
            client.post(&stage.url("/orders")).header(&session.csrf),
        ] {
            let before = stage.api.requests().len();
            let answer = call.header(&format!("{name}: mallory")).body("tea").send();
            let arrived = stage.api.requests().split_off(before);
            // What describes the request in another proxy's words is refused, as all the others say.
            assert_eq!(arrived.len(), usize::from(answer.status == 200), "{name}: {answer:#?}");
            assert!([200, 403].contains(&answer.status), "{name}: {answer:#?}");
            passed += arrived.len();
            for (read, value) in arrived.iter().flat_map(|request| &request.headers) {
                assert!(!value.contains("mallory"), "{name} arrived as {read}");
            }
        }
    }
    // Those that are nobody's description, by either caller.
    assert!(passed >= 2 * 9, "{passed}");
}

/// Who is calling, as programs say it that log people in elsewhere.
const FOREIGN_IDENTITY: [&str; 33] = [
    "Remote-User",
    "Remote-Groups",
    "Remote-Email",
    "X-Remote-User",
    "X_Remote_User",
    "X-Remote-Group",
    "X-Forwarded-User",
    "X-Forwarded-Email",
    "X-Forwarded-Groups",
    "X-Forwarded-Preferred-Username",
    "X-Forwarded-Access-Token",
    "X_Forwarded_User",
    "X-Forwarded-Client-Cert",
    "X-Forwarded-Tls-Client-Cert-Info",
    "X-Auth-Request-User",
    "X-Auth-Request-Email",
    "X-Auth-Request-Groups",
    "X-Auth-Request-Access-Token",
    "X-Auth-Role",
    "X-Auth-User",
    "X-Authenticated-User",
    "X-Authenticated-Userid",
    "X-authentik-username",
    "X-authentik-groups",
    "X-Consumer-Username",
    "X-Vouch-User",
    "X-WEBAUTH-USER",
    "Cf-Access-Authenticated-User-Email",
    "OIDC_CLAIM_sub",
    "OIDC-Claim-Email",
    "Tailscale-App-Capabilities",
    "X-Credential-Identifier",
    "X-Credential-Username",
];

pub(crate) fn identity_in_the_words_of_another_program_reaches_no_api(kind: Kind) {
    let stage = Stage::with(kind, &format!("{TRUSTING}{RULES}"));
    let (client, _) = stage.login();
    let separated = SEPARATORS.chars().flat_map(|separator| {
        [format!("Remote{separator}User"), format!("X{separator}Forwarded-User")]
    });
    for name in FOREIGN_IDENTITY.map(str::to_owned).into_iter().chain(separated) {
        for (caller, path) in [(&client, "/api/me"), (&Client::new(), "/public")] {
            let received = stage.api.one_request(|| {
                let call = caller.get(&stage.url(path)).header(&format!("{name}: mallory"));
                call.send().expect(200);
            });
            for (read, value) in &received.headers {
                assert!(!value.contains("mallory"), "{name} arrived as {read}");
            }
        }
    }
}

pub(crate) fn where_a_request_came_from_is_not_the_clients_to_say(kind: Kind) {
    let stage = Stage::behind(kind);
    let (client, _) = stage.login();
    let received = stage.api.one_request(|| {
        let call = client.get(&stage.url("/api/me")).header("X-Forwarded-For: 192.0.2.9");
        let call = call.header("X-Forwarded-Host: evil.test").header("X-Forwarded-Proto: http");
        call.header("X_Forwarded_For: 192.0.2.9").send().expect(200);
    });
    assert_eq!(received.header("x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(received.header("x-forwarded-host"), Some("app.example"));
    assert_eq!(received.header("x-forwarded-proto"), Some("https"));
    assert_eq!(received.header("x_forwarded_for"), None);
}

/// However much a client sends, and however little room a proxy has left.
pub(crate) fn an_identity_arrives_whole_or_the_request_does_not(kind: Kind) {
    an_identity_arrives_whole(kind, as_printed);
}

/// Nor where an operator has left out how much room there is to be.
pub(crate) fn an_identity_without_room_does_not_arrive_in_part() {
    an_identity_arrives_whole(Kind::Haproxy, |configuration| {
        let lines = configuration.lines().filter(|line| !line.trim_start().starts_with("tune."));
        lines.map(|line| line.to_owned() + "\n").collect()
    });
}

fn an_identity_arrives_whole(kind: Kind, change: impl Fn(String) -> String) {
    let roles = format!("roles=\"{}\"", "r".repeat(1800));
    let stage = Stage::new(kind, Peer::api(), TRUSTING, &[&roles], change);
    let (client, _) = stage.login();
    let mut passed = 0;
    for length in (1..=30).map(|step| step * 512) {
        let before = stage.api.requests().len();
        let lines = (0..length / 512).map(|n| format!("X-Filler-{n}: {}", "f".repeat(496)));
        let call = client.get(&stage.url("/api/me"));
        let answer = lines.fold(call, |call, line| call.header(&line)).send();
        for received in stage.api.requests().split_off(before) {
            passed += 1;
            assert_eq!(received.header("x-auth-subject"), Some(SUBJECT), "{length}");
            assert_eq!(received.header("x-auth-session").map(str::len), Some(22), "{length}");
            let roles = received.header("x-auth-claims-roles").map(str::len);
            assert_eq!(roles, Some(1800), "{length} bytes, answered {}", answer.status);
            assert_eq!(answer.status, 200, "{length}");
        }
    }
    assert!(passed >= 16, "8 KiB of headers are nothing unusual: {passed}");
}

pub(crate) fn a_connection_header_takes_no_identity_away(kind: Kind) {
    let stage = Stage::behind(kind);
    let (client, _) = stage.login();
    for named in [
        "x-auth-subject",
        "X-Auth-Subject, X-Auth-Session, x-auth-claims-roles",
        "close, x-auth-subject",
        "upgrade, x-auth-subject",
    ] {
        let received = stage.api.one_request(|| {
            let call = client.get(&stage.url("/api/me")).header("X-Auth-Subject: mallory");
            call.header(&format!("Connection: {named}")).send().expect(200);
        });
        assert_eq!(received.header("x-auth-subject"), Some(SUBJECT), "{named}");
        assert!(received.header("x-auth-session").is_some(), "{named}");
        assert_eq!(received.header("x-auth-claims-roles"), Some("reader"), "{named}");
    }
    // Nor what the decision is made on.
    for named in ["x-csrf-token", "x-original-method", "x-forwarded-method", "x-forwarded-uri"] {
        let call = client.post(&stage.url("/api/orders")).header(&format!("Connection: {named}"));
        let answer = stage.api.no_request(|| call.send());
        assert_eq!(answer.status, 403, "{named}: {answer:#?}");
    }
}

pub(crate) fn header_values_with_commas_and_beyond_ascii_arrive(kind: Kind) {
    let stage = Stage::behind(kind);
    let (client, session) = stage.login();
    let lines = ["X-List: a, b,,c", "X-Name: caf\u{e9} \u{2713}", "X-Quoted: \"a, \\\"b\""];
    let received = stage.api.one_request(|| {
        let order = client.post(&stage.url("/api/orders?n=%E2%9C%93")).header(&session.csrf);
        let order = lines.iter().fold(order, |order, line| order.header(line));
        order.body("tea").send().expect(200);
    });
    for line in lines {
        let (name, value) = line.split_once(": ").expect("a header");
        assert_eq!(received.header(&name.to_lowercase()), Some(value));
    }
    assert_eq!(received.target, "/api/orders?n=%E2%9C%93");
    // A cookie that is not ASCII, and one with a comma, take nothing from ours.
    let token = client.cookie("__Host-session").expect("a session cookie").value;
    for other in ["name=caf\u{e9}", "list=a,b", "=,;,"] {
        for cookies in
            [format!("{other}; __Host-session={token}"), format!("__Host-session={token}; {other}")]
        {
            let call =
                Client::new().get(&stage.url("/api/me")).header(&format!("Cookie: {cookies}"));
            let received = stage.api.one_request(|| {
                call.send().expect(200);
            });
            assert_eq!(received.header("cookie"), Some(other));
        }
    }
}

pub(crate) fn the_cookies_of_sealpass_reach_no_api(kind: Kind) {
    let previous = "cookies.previous = [\"host old-session old-csrf\"]\n";
    let settings = [TRUSTING, previous, RULES].concat();
    let stage = Stage::with(kind, &settings);
    let (client, _) = stage.login();
    let token = client.cookie("__Host-session").expect("a session cookie").value;
    let csrf = client.cookie("__Host-csrf").expect("a csrf cookie").value;
    let (ours, own) = (format!("__Host-session={token}"), format!("__Host-csrf={csrf}"));
    let wide = format!("a{0}b={0}c;{0}d", " \t".repeat(1000));
    for (sent, expected) in [
        (ours.clone(), None),
        (format!("{ours}; {own}"), None),
        (format!("{own};{ours}; a=b"), Some("a=b")),
        (format!("a=b; {ours}; {own}; c=d"), Some("a=b; c=d")),
        (format!("a=b; {own}; c=d; {ours}"), Some("a=b; c=d")),
        (format!("a=b; {ours}; __Host-old-session=x; __Host-old-csrf=y"), Some("a=b")),
        (format!(" \t__Host-csrf \t={csrf} ; {ours} ;a=b"), Some("a=b")),
        (format!("a=b \t;{ours}"), Some("a=b")),
        (format!("{wide}; {ours}; a=b"), Some(&format!("{wide}; a=b"))),
        // These are others.
        (format!("x__Host-csrf=1; {ours}; __Host-csrf2=2"), Some("x__Host-csrf=1; __Host-csrf2=2")),
        (
            format!("a=__Host-session=1; __host-session=2; {ours}"),
            Some("a=__Host-session=1; __host-session=2"),
        ),
        (format!("a; {ours}; =b; \"c;d\"=e"), Some("a; =b; \"c;d\"=e")),
    ] {
        for path in ["/api/me", "/public"] {
            let received = stage.api.one_request(|| {
                let call = Client::new().get(&stage.url(path));
                call.header(&format!("Cookie: {sent}")).send().expect(200);
            });
            assert_eq!(received.header("cookie"), expected, "{path}: {sent}");
        }
    }
    // In several lines, which a proxy may join or pass on as they came. When Envoy asks over HTTP it joins
    // them with commas, so that nobody is known.
    let paths = if kind == Kind::EnvoyHttp { &["/public"][..] } else { &["/api/me", "/public"] };
    for (lines, expected) in [
        (&["a=b", &ours, "c=d"][..], "a=b; c=d"),
        (&[&ours, "a=b", &own], "a=b"),
        (&["a=b", &format!("{ours}; c=d"), &own, "e=f"], "a=b; c=d; e=f"),
        (&[&ours, &own], ""),
    ] {
        for path in paths {
            let received = stage.api.one_request(|| {
                let call = Client::new().get(&stage.url(path));
                let call =
                    lines.iter().fold(call, |call, line| call.header(&format!("Cookie: {line}")));
                call.send().expect(200);
            });
            let cookies = received.headers.iter().filter(|(name, _)| name == "cookie");
            let cookies =
                cookies.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty());
            assert_eq!(cookies.collect::<Vec<_>>().join("; "), expected, "{path}: {lines:?}");
        }
    }
    // Twice, as a sibling host can plant it under names without `__Host-`, is refused where a session is
    // needed, and elsewhere nobody looks. nginx keeps every cookie back then.
    let twice = format!("Cookie: {ours}; a=b; __Host-session=x; {ours}");
    stage.api.no_request(|| Client::new().get(&stage.url("/api/me")).header(&twice).send());
    let received = stage.api.one_request(|| {
        Client::new().get(&stage.url("/public")).header(&twice).send().expect(200);
    });
    let cookies = received.header("cookie").unwrap_or_default();
    assert!(["", "a=b"].contains(&cookies), "{cookies}");
}

/// To Envoy an error of its Lua is no reason to stop.
pub(crate) fn a_script_that_goes_wrong_leaves_no_cookie() {
    let stage = Stage::new(Kind::EnvoyHttp, Peer::api(), TRUSTING, &[], |configuration| {
        let line = "local kept = {}";
        assert_eq!(configuration.matches(line).count(), 1, "{configuration}");
        configuration.replace(line, "error('no cookies')")
    });
    let (client, _) = stage.login();
    let received = stage.api.one_request(|| {
        client.get(&stage.url("/api/me")).send().expect(200);
    });
    assert_eq!(received.header("x-auth-subject"), Some(SUBJECT));
    assert_eq!(received.header("cookie"), None);
}

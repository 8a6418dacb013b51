//! Rules for paths, and every trick to get a path past them.

use crate::support::{Answer, Client, exchange};
use crate::whole::{Front, Site};

/// A public path, and two that not everyone's session is good for.
pub(crate) const RULES: &str = r#"
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

/// What would be `/admin` to some program, and public to another.
pub(crate) const TRICKS: [&str; 26] = [
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

/// Sends a request whose target curl would not.
pub(crate) fn get(site: &Site<'_>, target: &str, headers: &str) -> Answer {
    let address = site.base.strip_prefix("http://").expect("a base");
    let request =
        format!("GET {target} HTTP/1.1\r\nHost: app.example\r\n{headers}Connection: close\r\n\r\n");
    exchange(address, request.as_bytes())
}

/// Walks through every rule of [`RULES`], in front of which `site` is.
pub(crate) fn walk(site: &Site<'_>) {
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
            if site.front == Front::Sealpass {
                answer.expect_problem(400, "ambiguous_path");
            } else {
                // Some are refused by the proxy itself.
                assert!([400, 403].contains(&answer.status), "{trick}: {answer:?}");
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
            let empty = (site.front != Front::Nginx).then_some("");
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
    for target in ["/other?x=/public", "/admin?/public", "/library?../public"] {
        let answer = site.api.no_request(|| get(site, target, ""));
        site.expect_refusal(answer, 401, "token_missing");
    }
    let answer = site.api.no_request(|| get(site, "/other?#/public", ""));
    assert!([400, 401, 403].contains(&answer.status), "{answer:?}");
    let received = site.api.one_request(|| {
        get(site, "/public?x=/../admin;%00//", "").expect(200);
    });
    assert_eq!(received.target, "/public?x=/../admin;%00//");
}

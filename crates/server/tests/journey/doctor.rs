//! `sealpass doctor` against deployments, good ones and others.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use crate::credentials::Users;
use crate::support::{Child, Flaw, Front, PASSWORD, Peer, Report, SUBJECT, Sealpass, USERNAME};

/// A front proxy, Sealpass as the proxy behind it, and an API.
struct Deployment {
    url: String,
    api: Peer,
    _sealpass: Sealpass,
    _users: Users,
}

impl Deployment {
    fn new(flaw: Flaw) -> Self {
        let users = Users::with(USERNAME, &["--subject", SUBJECT]);
        let (front, api) = (Front::bind(), Peer::api());
        // The shortest access lifetime in which a session is not over before it is looked at.
        let settings = format!(
            "{}upstream.url = \"{}\"\nlifetimes.access = \"3s\"\ntrusted_proxies = [\"127.0.0.1\"]\n",
            users.setting(),
            api.url("")
        );
        let url = front.url();
        let sealpass = Sealpass::serve_with(&settings, &[("SEALPASS_ORIGIN", &url)]);
        front.serve(&sealpass, &api, flaw);
        Self { url, api, _sealpass: sealpass, _users: users }
    }

    /// What the doctor finds, as whoever has the account.
    fn examine(&self, options: &[&str]) -> Report {
        let account = ["--username", USERNAME, "--password-file", "-", "--path", "/api/me"];
        Report::of(&[&[self.url.as_str()], &account[..], options].concat(), &[], PASSWORD)
    }
}

#[test]
fn doctor_finds_nothing_wrong_with_a_good_deployment() {
    let deployment = Deployment::new(Flaw::None);
    let report =
        deployment.examine(&["--echo", "/api/echo", "--public", "/public", "--wait-renewal"]);
    report.expect_failed(&[]);
    assert_eq!(report.codes("warn"), [""; 0], "{:#?}", report.findings);
    // Plain http on this machine is all that is not looked at.
    assert_eq!(report.codes("skipped"), ["tls_certificate"]);
    let seen =
        ["renewal_call", "renewal_call_no_store", "logout_replay", "identity_kept", "csrf_token"];
    for code in [&seen[..], &["path_confusion", "path_host"]].concat() {
        assert!(report.codes("ok").contains(&code), "{code}: {:#?}", report.findings);
    }
    // No request that had to be refused reached the API.
    for request in deployment.api.requests() {
        assert_eq!(request.method, "GET", "{request:?}");
        if request.target != "/public" {
            assert_eq!(request.header("x-auth-subject"), Some(SUBJECT), "{request:?}");
        }
    }
}

#[test]
fn doctor_looks_at_less_without_an_account_and_says_so() {
    let deployment = Deployment::new(Flaw::None);
    let report = Report::of(&[&deployment.url], &[], "");
    report.expect_failed(&[]);
    let skipped = ["tls_certificate", "cors_api", "path_protected", "login"];
    assert_eq!(report.codes("skipped"), skipped);
    assert!(deployment.api.requests().iter().all(|request| request.target == "/public"));
}

#[test]
fn doctor_sees_cookies_without_http_only() {
    let report = Deployment::new(Flaw::BareCookies).examine(&[]);
    // Taken from every cookie, so those of renewals are as those of the login.
    report.expect_failed(&["cookie_http_only"]);
}

#[test]
fn doctor_sees_joined_cookies() {
    Deployment::new(Flaw::JoinedCookies).examine(&[]).expect_failed(&["cookies_separate"]);
}

#[test]
fn doctor_sees_foreign_origins_that_may_read() {
    Deployment::new(Flaw::ReflectedOrigins).examine(&[]).expect_failed(&["cors_auth", "cors_api"]);
}

#[test]
fn doctor_sees_identity_that_a_client_wrote() {
    let deployment = Deployment::new(Flaw::TrustingClients);
    let report = deployment.examine(&["--echo", "/api/echo"]);
    let expected = ["csrf_token", "csrf_cross_site", "identity_replaced", "identity_kept"];
    report.expect_failed(&expected);
    assert_eq!(report.codes("warn"), ["cookie_kept_back"], "{:#?}", report.findings);
}

#[test]
fn doctor_sees_a_cache_for_everyone() {
    let report = Deployment::new(Flaw::Caching).examine(&[]);
    report.expect_failed(&["shared_cache", "logout_replay"]);
}

#[test]
fn doctor_sees_a_renewal_that_caches_may_keep() {
    let report = Deployment::new(Flaw::StoredRenewals).examine(&["--wait-renewal"]);
    report.expect_failed(&["renewal_call_no_store"]);
}

#[test]
fn doctor_sees_forward_auth_that_anyone_can_ask() {
    let report = Deployment::new(Flaw::VerifyForEveryone).examine(&[]);
    report.expect_failed(&["verify_endpoints"]);
    let found = report.findings.iter().find(|found| found["code"] == "verify_endpoints").unwrap();
    let seen = found["seen"].as_str().unwrap();
    for proxy in ["nginx", "traefik", "caddy", "haproxy", "envoy/", "Authorization/Check"] {
        assert!(seen.contains(&format!("{proxy}: ")), "{proxy}: {seen}");
    }
}

#[test]
fn doctor_sees_a_rule_that_is_a_prefix() {
    let report = Deployment::new(Flaw::PrefixRule).examine(&["--public", "/public"]);
    report.expect_failed(&["path_confusion"]);
    let found = report.findings.iter().find(|found| found["code"] == "path_confusion").unwrap();
    let seen = found["seen"].as_str().unwrap();
    for trick in ["GET /public/../api/me: 200", "%2e%2e", "..%2f", "%252e", "..;"] {
        assert!(seen.contains(trick), "{trick}: {seen}");
    }
}

#[test]
fn doctor_sees_a_path_in_the_host() {
    let deployment = Deployment::new(Flaw::JoinedHost);
    let report = deployment.examine(&["--public", "/public"]);
    report.expect_failed(&["path_host"]);
    let found = report.findings.iter().find(|found| found["code"] == "path_host").unwrap();
    let (seen, host) = (found["seen"].as_str().unwrap(), deployment.url.replace("http://", ""));
    for end in ["", "?", "#"] {
        let trick = format!("GET /api/me with Host: {host}/public{end}: 200");
        assert!(seen.contains(&trick), "{trick}: {seen}");
    }
    // Without a public path to name, there is only `/`, and it is not public.
    let nothing = deployment.examine(&[]);
    assert!(nothing.codes("ok").contains(&"path_host"), "{:#?}", nothing.findings);
}

#[test]
fn doctor_takes_no_other_site_for_a_path_in_the_host() {
    let report = Deployment::new(Flaw::OtherSite).examine(&["--public", "/public"]);
    report.expect_failed(&[]);
    assert!(report.codes("ok").contains(&"path_host"), "{:#?}", report.findings);
}

#[test]
fn doctor_sees_lost_origins() {
    let report = Deployment::new(Flaw::ForgetfulOfOrigins).examine(&[]);
    // With the token and without an origin, a request is the user's own.
    report.expect_failed(&["csrf_logout", "csrf_login", "csrf_cross_site"]);
}

#[test]
fn doctor_says_when_the_account_is_not_known_and_sends_no_password_to_others() {
    let deployment = Deployment::new(Flaw::None);
    let account = ["--username", USERNAME, "--password-file", "-"];
    let arguments = [&[deployment.url.as_str()], &account[..]].concat();
    Report::of(&arguments, &[], "a guess").expect_failed(&["login"]);

    let url = deployment.api.url("");
    let report = Report::of(&[&[url.as_str()], &account[..]].concat(), &[], PASSWORD);
    assert!(report.codes("fail").contains(&"session_endpoint"), "{:#?}", report.findings);
    assert!(report.codes("skipped").contains(&"login"), "{:#?}", report.findings);
    assert!(deployment.api.requests().iter().all(|request| !request.body.contains(PASSWORD)));
}

#[test]
fn doctor_says_what_it_cannot_probe() {
    let nobody = Front::bind().url();
    for (arguments, expected) in [
        (&[nobody.as_str()][..], "cannot be reached"),
        (&["app.example"], "https://host"),
        (&[&nobody, "--username", "ada"], "--password-file"),
        (&[&nobody, "--wait-renewal"], "--username"),
        (&[&nobody, "--path", "me"], "a path begins with `/`"),
    ] {
        let output = Sealpass::run(&[&["doctor"], arguments].concat(), &[], "");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
        assert!(error.contains(expected), "{arguments:?}: {error}");
    }
}

#[test]
fn behind_nginx_doctor_looks_at_the_certificate() {
    let users = Users::with(USERNAME, &[]);
    let api = Peer::api();
    let settings = format!("{}upstream.url = \"{}\"\n", users.setting(), api.url(""));
    let sealpass = Sealpass::serve(&settings);
    let directory = tempfile::tempdir().expect("a directory");
    let certificate = directory.path().join("certificate.pem");
    let key = directory.path().join("key.pem");
    make_certificate(&certificate, &key);
    let (url, _nginx) = terminate_tls(directory.path(), &sealpass);

    let trusted = Report::of(&[&url], &[("SSL_CERT_FILE", &certificate)], "");
    trusted.expect_failed(&[]);
    assert!(trusted.codes("ok").contains(&"tls_certificate"), "{:#?}", trusted.findings);
    assert_eq!(trusted.codes("warn"), ["tls_expiry", "hsts"], "{:#?}", trusted.findings);

    let others = directory.path().join("others.pem");
    make_certificate(&others, &key.with_extension("other"));
    let untrusted = Report::of(&[&url], &[("SSL_CERT_FILE", &others)], "");
    untrusted.expect_failed(&["tls_certificate"]);
}

/// An nginx that does nothing but TLS, with the certificate and the key in `directory`.
fn terminate_tls(directory: &Path, sealpass: &Sealpass) -> (String, Child) {
    loop {
        // nginx takes no port 0. Another program may be quicker to take the one found here.
        let free = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr());
        let address = free.expect("a free port");
        let configuration = format!(
            "error_log stderr notice; pid nginx.pid; events {{}}
             http {{
                 access_log off;
                 client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
                 uwsgi_temp_path uwsgi; scgi_temp_path scgi;
                 server {{
                     listen {address} ssl;
                     ssl_certificate certificate.pem; ssl_certificate_key key.pem;
                     location / {{ proxy_pass http://{}; proxy_set_header Host $host; }}
                 }}
             }}",
            sealpass.address
        );
        let file = directory.join("nginx.conf");
        std::fs::write(&file, configuration).expect("written");
        let nginx = Child::start(
            Command::new("nginx")
                // One process, so that its end is the end of all of it.
                .args(["-g", "daemon off; master_process off;", "-e", "stderr", "-p"])
                .arg(directory)
                .arg("-c")
                .arg(&file),
        );
        let is_serving = nginx.wait_for(|line| match line {
            line if line.contains("using the \"epoll\" event method") => Some(true),
            line if line.contains("Address already in use") => Some(false),
            _ => None,
        });
        if is_serving {
            return (format!("https://{address}"), nginx);
        }
    }
}

/// A certificate for this machine, for three days.
fn make_certificate(certificate: &Path, key: &Path) {
    let settings = key.with_extension("conf");
    let text = "[req]\ndistinguished_name = name\nx509_extensions = extensions\nprompt = no\n\
                [name]\nCN = doctor\n\
                [extensions]\nbasicConstraints = critical,CA:FALSE\nsubjectAltName = IP:127.0.0.1\n";
    std::fs::write(&settings, text).expect("written");
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"])
        .args(["-nodes", "-days", "3", "-config"])
        .arg(&settings)
        .arg("-keyout")
        .arg(key)
        .arg("-out")
        .arg(certificate)
        .output()
        .expect("openssl is needed for this test (apt-get install openssl)");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

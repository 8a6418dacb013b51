//! The table of CSRF verdicts, against the running server: every request of it as a front proxy asks
//! about it, one of each row through the reverse proxy, and every login.

use std::collections::{BTreeMap, HashSet};
use std::io::{BufReader, Write as _};
use std::net::TcpStream;

use serde_json::Value;

use crate::credentials::Users;
use crate::support::{Client, PASSWORD, Peer, Sealpass, USERNAME};
use crate::table::{Case, MODES, Material, cases};

/// Requests that are sent before the first answer is read: few enough for every buffer on the way.
const BATCH: usize = 32;
const REFERERS: [&str; 3] = ["absent", "other", "ours"];

/// A server in one mode, and two sessions on it.
struct Site {
    sealpass: Sealpass,
    api: Peer,
    material: Material,
    _users: Users,
}

impl Site {
    fn new(mode: &str) -> Self {
        let (users, api) = (Users::with(USERNAME, &[]), Peer::api());
        let settings = format!(
            "trusted_proxies = ['127.0.0.1']\ntrusted_origins = ['https://spa.example']\n\
             bearer.enabled = true\ncsrf.mode = '{mode}'\ncsrf.mask_body = true\n\
             upstream.url = 'http://{}'\n{}",
            api.address(),
            users.setting()
        );
        let sealpass = Sealpass::serve(&settings);
        let body = serde_json::json!({ "username": USERNAME, "password": PASSWORD });
        let login = || {
            let client = Client::new();
            let answer = client.post(&sealpass.url("/auth/login")).json(&body).send().expect(200);
            let value = |name| client.cookie(name).expect("a cookie").value;
            let masked = answer.json()["csrf_token"].as_str().expect("a token").to_owned();
            assert_ne!(masked, value("__Host-csrf"), "the body is not masked");
            (value("__Host-session"), value("__Host-csrf"), masked)
        };
        let ((session, csrf, masked), (_, other, masked_other)) = (login(), login());
        let token = Client::new().post(&sealpass.url("/auth/token")).json(&body).send().expect(200);
        let material = Material {
            session: format!("__Host-session={session}"),
            csrf_cookie: "__Host-csrf".to_owned(),
            bearer: token.json()["access_token"].as_str().expect("a token").to_owned(),
            csrf,
            masked,
            other,
            masked_other,
        };
        Self { sealpass, api, material, _users: users }
    }

    /// Sends `requests` over connections that stay open, and sees that each is answered as expected.
    fn expect_answers(address: &str, requests: &[(&Case, Vec<u8>, (u16, &str))]) {
        for connection in requests.chunks(BATCH * 32) {
            let stream = TcpStream::connect(address).expect("connected");
            let mut answers = BufReader::new(stream.try_clone().expect("a socket"));
            for batch in connection.chunks(BATCH) {
                let bytes: Vec<u8> =
                    batch.iter().flat_map(|(_, bytes, _)| bytes.iter().copied()).collect();
                (&stream).write_all(&bytes).expect("sent");
                for (case, _, expected) in batch {
                    let (status, code) = read_answer(&mut answers);
                    assert_eq!((status, code.as_str()), *expected, "{case:?}");
                }
            }
        }
    }

    fn request(&self, line: &str, case: &Case) -> Vec<u8> {
        let headers = case.headers(&self.material).into_iter();
        let lines: Vec<String> =
            headers.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!("{line}Host: app.example\r\n{}\r\n", lines.concat());
        head.into_bytes()
    }
}

/// The status of the next answer and the code of its problem, if it has one.
fn read_answer(answers: &mut impl std::io::BufRead) -> (u16, String) {
    let (mut status, mut length) = (0, 0);
    for index in 0.. {
        let mut line = String::new();
        assert_ne!(answers.read_line(&mut line).expect("an answer"), 0, "no answer");
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if index == 0 {
            status = line.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status");
        } else if let Some((name, value)) = line.split_once(": ")
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    answers.read_exact(&mut body).expect("a body");
    let problem: Value = serde_json::from_slice(&body).unwrap_or_default();
    (status, problem["code"].as_str().unwrap_or_default().to_owned())
}

/// What the server answers, `passed` being the status of what passes.
fn answer_to(verdict: &'static str, passed: (u16, &'static str)) -> (u16, &'static str) {
    if verdict == "pass" || verdict.starts_with("report:") { passed } else { (403, verdict) }
}

fn every_verdict_is_that_of_the_table(column: usize) {
    let site = Site::new(MODES[column]);
    let cases = cases();

    // Every request with a session, one after the other with each `Referer`.
    let asked: Vec<&Case> = cases
        .iter()
        .filter(|case| case.channel != "login")
        .collect::<Vec<_>>()
        .chunks(REFERERS.len())
        .enumerate()
        .map(|(index, same)| {
            assert_eq!(same.iter().map(|case| case.referer).collect::<Vec<_>>(), REFERERS);
            same[index % same.len()]
        })
        .collect();
    let requests: Vec<_> = asked
        .iter()
        .map(|case| {
            let line = format!(
                "GET /auth/verify/nginx HTTP/1.1\r\nX-Original-Method: {}\r\n",
                case.method().0
            );
            (*case, site.request(&line, case), answer_to(case.verdicts[column], (200, "")))
        })
        .collect();
    Site::expect_answers(&site.sealpass.forward_auth, &requests);

    // The first request of each row, of those that the reverse proxy takes.
    let mut rows = HashSet::new();
    let requests: Vec<_> = asked
        .iter()
        .filter(|case| !["TRACE", "CONNECT", "websocket"].contains(&case.method))
        .filter(|case| rows.insert(case.line))
        .map(|case| {
            let line = format!("{} /proxied HTTP/1.1\r\nContent-Length: 0\r\n", case.method().0);
            (*case, site.request(&line, case), answer_to(case.verdicts[column], (200, "")))
        })
        .collect();
    Site::expect_answers(&site.sealpass.address, &requests);
    let passed = requests.iter().filter(|(_, _, (status, _))| *status == 200).count();
    assert_eq!(site.api.requests().len(), passed, "a refused request reached the API");

    // Every login: without a body, since one that may go on is then told so.
    let requests: Vec<_> = cases
        .iter()
        .filter(|case| case.channel == "login" && case.method == "POST" && case.referer == "ours")
        .map(|case| {
            let line = "POST /auth/login HTTP/1.1\r\nContent-Length: 0\r\n";
            let passed = (415, "unsupported_media_type");
            (case, site.request(line, case), answer_to(case.verdicts[column], passed))
        })
        .collect();
    assert!(requests.iter().any(|(_, _, (status, _))| *status == 403));
    Site::expect_answers(&site.sealpass.address, &requests);

    // What is reported is logged, each with its code, and nothing else is.
    let proxied =
        asked.iter().filter(|case| !["TRACE", "CONNECT", "websocket"].contains(&case.method));
    let mut rows = HashSet::new();
    let expected = asked
        .iter()
        .chain(proxied.filter(|case| rows.insert(case.line)))
        .filter_map(|case| case.verdicts[column].strip_prefix("report:"))
        .fold(BTreeMap::new(), |mut counts, code| {
            *counts.entry(code.to_owned()).or_insert(0) += 1;
            counts
        });
    let logged = std::cell::RefCell::new(BTreeMap::new());
    let read = |line: &str| {
        let line: Value = serde_json::from_str(line).ok()?;
        if line["message"].as_str()?.starts_with("CSRF report") {
            assert_eq!(line["level"], "WARN");
            *logged.borrow_mut().entry(line["code"].as_str()?.to_owned()).or_insert(0) += 1;
        }
        (*logged.borrow() == expected).then_some(())
    };
    site.sealpass.child.wait_for(read);
    let reports = site.sealpass.child.said().matches("CSRF report").count();
    assert_eq!(reports, expected.values().sum::<usize>());
}

#[test]
fn strict_decides_as_the_table_says() {
    every_verdict_is_that_of_the_table(0);
}

#[test]
fn fetch_metadata_decides_as_the_table_says() {
    every_verdict_is_that_of_the_table(1);
}

#[test]
fn report_only_decides_as_the_table_says() {
    every_verdict_is_that_of_the_table(2);
}

#[test]
fn a_masked_body_differs_in_every_answer_and_is_taken_in_the_header() {
    let site = Site::new("strict");
    let cookies = format!("Cookie: {}; __Host-csrf={}", site.material.session, site.material.csrf);
    let ask = || {
        let call = Client::new().get(&site.sealpass.url("/auth/session")).header(&cookies);
        call.send().expect(200).json()["csrf_token"].as_str().expect("a token").to_owned()
    };
    let [first, second] = [ask(), ask()];
    assert_ne!(first, second);
    for token in [&first, &second, &site.material.masked, &site.material.csrf] {
        let call = Client::new().post(&site.sealpass.url("/auth/refresh")).header(&cookies);
        let renewed = call.header(&format!("X-CSRF-Token: {token}")).send().expect(200);
        assert_ne!(renewed.json()["csrf_token"], site.material.csrf, "the body is not masked");
        let plain = format!("__Host-csrf={};", site.material.csrf);
        assert!(renewed.all("set-cookie").iter().any(|set| set.starts_with(&plain)));
    }
    let other = format!("X-CSRF-Token: {}", site.material.masked_other);
    let call = Client::new().post(&site.sealpass.url("/auth/refresh")).header(&cookies);
    call.header(&other).send().expect_problem(403, "csrf_mismatch");
}

//! curl, with a cookie jar of its own.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A client that keeps its cookies, as a browser would: curl treats loopback as secure.
#[derive(Debug)]
pub(crate) struct Client {
    directory: TempDir,
}

/// A cookie of the jar.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Cookie {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) http_only: bool,
    pub(crate) secure: bool,
    /// Sent to subdomains too.
    pub(crate) with_subdomains: bool,
    pub(crate) path: String,
}

/// A request to be sent.
#[derive(Debug)]
pub(crate) struct Call {
    jar: PathBuf,
    arguments: Vec<String>,
    body: Option<Vec<u8>>,
}

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Client {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a directory") }
    }

    /// Another client with the cookies of this one, as whoever copied them has.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self::new();
        fs::copy(self.jar(), copy.jar()).expect("a jar");
        copy
    }

    pub(crate) fn get(&self, url: &str) -> Call {
        self.call("GET", url)
    }

    pub(crate) fn post(&self, url: &str) -> Call {
        self.call("POST", url)
    }

    /// A request that sends the cookies of the jar and puts those of the answer into it.
    pub(crate) fn call(&self, method: &str, url: &str) -> Call {
        let jar = self.jar();
        let path = jar.display().to_string();
        // `Expect: 100-continue` would put a second head before the answer.
        Call { jar, arguments: Vec::new(), body: None }
            .with(&["--request", method, "--cookie", &path, "--cookie-jar", &path, "--url", url])
            .header("Expect;")
    }

    /// The cookies, by name; the names are known, so one that is not there has been forgotten.
    pub(crate) fn cookie(&self, name: &str) -> Option<Cookie> {
        let jar = fs::read_to_string(self.jar()).unwrap_or_default();
        let mut found = jar.lines().filter_map(Cookie::parse).filter(|cookie| cookie.name == name);
        let cookie = found.next();
        assert!(found.next().is_none(), "{name} is in the jar twice");
        cookie
    }

    fn jar(&self) -> PathBuf {
        self.directory.path().join("cookies")
    }
}

impl Cookie {
    /// A line of Netscape's format, with curl's mark for `HttpOnly`.
    fn parse(line: &str) -> Option<Self> {
        let (http_only, line) = match line.strip_prefix("#HttpOnly_") {
            Some(line) => (true, line),
            None => (false, line),
        };
        if line.starts_with('#') {
            return None;
        }
        let fields: Vec<&str> = line.split('\t').collect();
        let [_host, with_subdomains, path, secure, _expires, name, value] = fields[..] else {
            return None;
        };
        Some(Self {
            name: name.to_owned(),
            value: value.to_owned(),
            http_only,
            secure: secure == "TRUE",
            with_subdomains: with_subdomains == "TRUE",
            path: path.to_owned(),
        })
    }
}

impl Call {
    /// A header, as `Name: value`.
    pub(crate) fn header(self, line: &str) -> Self {
        self.with(&["--header", line])
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    pub(crate) fn json(self, body: &Value) -> Self {
        self.header("Content-Type: application/json").body(body.to_string())
    }

    /// Sends the body in chunks, its length unsaid.
    pub(crate) fn chunked(self) -> Self {
        self.header("Transfer-Encoding: chunked")
    }

    pub(crate) fn send(self) -> Answer {
        let mut command = Command::new("curl");
        // First of all: no settings of whoever runs the test.
        command.args(["--disable", "--silent", "--show-error", "--include", "--noproxy", "*"]);
        command.args(["--path-as-is", "--max-time", "60"]).args(&self.arguments);
        if self.body.is_some() {
            command.args(["--data-binary", "@-"]);
        }
        let mut curl = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("curl is needed for this test (apt-get install curl)");
        let mut stdin = curl.stdin.take().expect("piped");
        let body = self.body.clone().unwrap_or_default();
        // A server may answer before it has read everything, and curl stops reading then.
        let writer = std::thread::spawn(move || {
            let _ = stdin.write_all(&body);
        });
        let output = curl.wait_with_output().expect("curl ends");
        writer.join().expect("written");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "curl {:?}: {error}", self.arguments);
        let answer = Answer::parse(&output.stdout);
        self.forget_removed_cookies(&answer);
        answer
    }

    /// Takes what the answer removes out of the jar. When an answer removes two cookies, Debian's
    /// curl (7.88) reads one of them back from the jar at its end.
    fn forget_removed_cookies(&self, answer: &Answer) {
        let removals =
            answer.all("set-cookie").into_iter().filter(|set| set.contains("; Max-Age=0"));
        let removed: Vec<_> = removals.filter_map(|set| set.split('=').next()).collect();
        if removed.is_empty() {
            return;
        }
        // A client that never kept a cookie has no jar.
        let Ok(jar) = fs::read_to_string(&self.jar) else { return };
        let kept = jar.lines().filter(|line| {
            Cookie::parse(line).is_none_or(|cookie| !removed.contains(&cookie.name.as_str()))
        });
        fs::write(&self.jar, kept.collect::<Vec<_>>().join("\n")).expect("written");
    }

    fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|&argument| argument.to_owned()));
        self
    }
}

impl Answer {
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status line");
        let headers = lines.filter_map(|line| line.split_once(':'));
        Self {
            status: status.parse().expect("a status"),
            headers: headers
                .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
                .collect(),
            body: body.to_owned(),
        }
    }

    /// Every value of a header.
    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let values = self.headers.iter().filter(|(known, _)| known == name);
        values.map(|(_, value)| value.as_str()).collect()
    }

    /// The one value of a header, if it is there.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let values = self.all(name);
        assert!(values.len() <= 1, "{name} is there {} times", values.len());
        values.first().copied()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Sees that this is the success `status`.
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }

    /// Sees that this is a problem of RFC 9457 with `status` and `code`, for a person too.
    pub(crate) fn expect_problem(self, status: u16, code: &str) -> Self {
        assert_eq!(self.status, status, "expected {code}: {self:#?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:#?}");
        let problem = self.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["status"], status, "{problem}");
        for text in ["title", "detail"] {
            assert!(problem[text].as_str().is_some_and(|text| !text.is_empty()), "{problem}");
        }
        self
    }
}

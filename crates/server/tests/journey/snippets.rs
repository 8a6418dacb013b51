//! `docs/assertion.md`: what it says an API does to verify an assertion, done by an API.
//!
//! The API is a program of `tests/interop/` that runs the page's own code; `./ci/test interop`
//! installs what that needs. Every test here is called `exchanges_with_...`, and runs in that group.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use sealpass_tower::sealpass::jose::{
    Algorithm, Jwk, JwsAlgorithm, Key, KeyRing, Secret, base64url,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::assertion::{Site, claims, login, seconds};
use crate::support::{Answer, Child, Client, ORIGIN, Sealpass, USERNAME};

/// An API that verifies as the page says.
struct Api {
    address: String,
    folder: TempDir,
    file: &'static str,
    _child: Child,
}

impl Api {
    /// The API in Python; none when its packages are not installed.
    fn python() -> Option<Self> {
        let python = project().join("target/interop/venv/bin/python");
        Self::start(&python, &python, "assertion_api.py", "caller.py")
    }

    /// The API in Node.js; none when its packages are not installed.
    fn node() -> Option<Self> {
        let installed = scripts().join("node_modules/jose");
        Self::start(&installed, Path::new("node"), "assertion_api.js", "caller.mjs")
    }

    fn start(needed: &Path, program: &Path, script: &str, file: &'static str) -> Option<Self> {
        if !needed.exists() {
            let is_required = env::var_os("CI").is_some_and(|ci| ci == "true");
            assert!(!is_required, "{} is missing: ./ci/test interop installs it", needed.display());
            eprintln!("\ninterop: SKIPPED {script}: {} is missing", needed.display());
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        // What the page's code imports is found beside it.
        symlink(scripts().join("node_modules"), folder.path().join("node_modules")).unwrap();
        let child = Child::start(
            Command::new(program)
                .arg(scripts().join(script))
                .arg(folder.path())
                .env("PYTHONDONTWRITEBYTECODE", "1"),
        );
        let address = child.wait_for(|line| line.strip_prefix("serving ").map(str::to_owned));
        Some(Self { address, folder, file, _child: child })
    }

    /// Gives it the page's code in `language`, with the addresses of this test.
    fn learn(&self, language: &str, server: &Sealpass, algorithm: &str) {
        let page = fs::read_to_string(project().join("docs/assertion.md")).unwrap();
        let fence = format!("```{language}\n");
        let mut blocks = page.split(&fence).skip(1);
        let code = blocks.next().unwrap().split("```").next().unwrap();
        assert!(blocks.next().is_none(), "there is one example in {language}");
        let code = [
            ("https://app.example/.well-known/jwks.json", server.url("/.well-known/jwks.json")),
            ("http://127.0.0.1:3000", self.url("")),
            ("EdDSA", algorithm.to_owned()),
        ]
        .into_iter()
        .fold(code.to_owned(), |code, (shipped, ours)| {
            assert_eq!(code.matches(shipped).count(), 1, "{shipped} in {code}");
            code.replace(shipped, &ours)
        });
        assert!(code.contains(ORIGIN), "{code}");
        fs::write(self.folder.path().join(self.file), code).unwrap();
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What it answers to whoever reaches it with this assertion.
    fn ask(&self, assertion: &str) -> Answer {
        let call = Client::new().get(&self.url("/me"));
        call.header(&format!("X-Auth-Assertion: {assertion}")).send()
    }
}

fn project() -> PathBuf {
    fs::canonicalize(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap()
}

fn scripts() -> PathBuf {
    project().join("tests/interop")
}

#[test]
fn exchanges_with_an_api_in_python() {
    for algorithm in [JwsAlgorithm::EdDsa, JwsAlgorithm::Es256] {
        let Some(api) = Api::python() else { return };
        the_api_believes_sealpass_and_nobody_else(&api, "python", algorithm);
    }
}

#[test]
fn exchanges_with_an_api_in_node() {
    for algorithm in [JwsAlgorithm::EdDsa, JwsAlgorithm::Es256] {
        let Some(api) = Api::node() else { return };
        the_api_believes_sealpass_and_nobody_else(&api, "js", algorithm);
    }
}

fn the_api_believes_sealpass_and_nobody_else(api: &Api, language: &str, algorithm: JwsAlgorithm) {
    let site = Site::new();
    let sessions = site.path("sessions").display().to_string();
    // Sessions are signed too, by a published key, and for the same audience: nothing but its `typ`
    // tells a token of theirs from an assertion.
    let settings = site.files(algorithm.name(), &format!("keys.directory = '{sessions}'\n"));
    let settings = settings.replace(&site.api.url(""), &api.url(""));
    let settings = format!("audience = '{}'\n{settings}", api.url(""));
    Sealpass::keys(&["rotate", "--alg", algorithm.name()], &settings);
    Sealpass::keys(&["rotate", "--assertions"], &settings);
    let server = Sealpass::serve(&settings);
    api.learn(language, &server, algorithm.name());

    let ada = login(&server);
    let spoofed = ada.get(&server.url("/me")).header("X-Auth-Assertion: mallory");
    let told = spoofed.send().expect(200).json();
    assert_eq!((&told["sub"], &told["role"]), (&json!(USERNAME), &json!("admin")));

    let forger = Forger::new(&site, api, algorithm);
    let session = ada.cookie("__Host-session").unwrap().value;
    assert_eq!(claims(&session)["aud"], api.url(""), "only its `typ` is another one");
    let good = forger.sign("at+jwt", |_| {});
    let answer = api.ask(&good).expect(200).json();
    assert_eq!(answer["sub"], "mallory", "what follows is refused for what differs from this");
    for (what, token) in forger.forgeries(&good).into_iter().chain([("a session token", session)]) {
        let answer = api.ask(&token);
        assert_eq!(answer.status, 401, "{what} in {language}: {answer:#?}");
        assert!(answer.json()["refused"].is_string(), "{what}");
    }
    Client::new().get(&api.url("/me")).send().expect(401);
}

/// Whoever has the key of assertions, so that a forgery differs from an assertion in one thing.
struct Forger {
    keys: KeyRing,
    public: Jwk,
    audience: String,
}

impl Forger {
    fn new(site: &Site, api: &Api, algorithm: JwsAlgorithm) -> Self {
        let [file] = &site.key_files("assertions")[..] else { panic!("there is one key") };
        let jwk = Jwk::parse(&fs::read(file).unwrap()).unwrap();
        let key = jwk.to_key(&[Algorithm::Jws(algorithm)]).unwrap();
        let public = jwk.to_public().unwrap();
        Self { keys: KeyRing::new(key), public, audience: api.url("") }
    }

    /// An assertion of the kind `typ` about somebody else, with what `change` makes of its claims.
    fn sign(&self, typ: &str, change: impl FnOnce(&mut Value)) -> String {
        let claims = self.claims(change);
        self.keys.seal(typ, &claims).unwrap()
    }

    fn claims(&self, change: impl FnOnce(&mut Value)) -> Value {
        let now = seconds();
        let mut claims = json!({
            "iss": ORIGIN, "sub": "mallory", "aud": self.audience, "client_id": self.audience,
            "iat": now, "exp": now + 60, "jti": "1",
        });
        change(&mut claims);
        claims
    }

    fn forgeries(&self, good: &str) -> Vec<(&'static str, String)> {
        let now = seconds();
        let [header, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else {
            panic!("{good}")
        };
        let with_header =
            |json: &Value| format!("{}.{payload}.", base64url::encode(json.to_string().as_bytes()));
        let kid = self.public.kid().unwrap();
        let none = |alg: &str| with_header(&json!({"alg": alg, "typ": "at+jwt", "kid": kid}));
        // The public key as the secret of an HMAC.
        let public = Secret::new(self.public.to_public_json().unwrap().into_bytes());
        let hmac = KeyRing::new(Key::hs256(kid, &public).unwrap());
        let elsewhere = KeyRing::new(Key::generate(self.keys.active().algorithm()).unwrap());
        let unknown = elsewhere.seal("at+jwt", &self.claims(|_| {})).unwrap();
        let altered = payload.replacen(|c| c != 'A', "A", 1);
        vec![
            ("no assertion", String::new()),
            ("no token", "mallory".to_owned()),
            ("another audience", self.sign("at+jwt", |claims| claims["aud"] = json!("other"))),
            ("no audience", self.sign("at+jwt", |claims| claims["aud"] = json!([]))),
            ("another issuer", self.sign("at+jwt", |claims| claims["iss"] = json!("other"))),
            ("an expired one", self.sign("at+jwt", |claims| claims["exp"] = json!(now - 10))),
            (
                "one without an end",
                self.sign("at+jwt", |claims| {
                    claims.as_object_mut().unwrap().remove("exp");
                }),
            ),
            ("another kind of token", self.sign("JWT", |_| {})),
            ("alg none", none("none")),
            ("alg nOnE", none("nOnE")),
            ("alg none with a signature", none("none") + signature),
            ("an HMAC under the public key", hmac.seal("at+jwt", &self.claims(|_| {})).unwrap()),
            ("a key that nobody publishes", unknown),
            ("altered claims", format!("{header}.{altered}.{signature}")),
            ("no signature", format!("{header}.{payload}.")),
        ]
    }
}

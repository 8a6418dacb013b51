//! What each crate depends on is a closed list, and what the pure ones must never reach stays out.

#![expect(clippy::expect_used, reason = "a test stops where it is surprised")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Every normal dependency of every crate, and what it is there for.
///
/// A new entry is a decision: the code, its maintainers and all it brings along become part of what
/// a user trusts. In [`NEVER`] stands what no decision may bring in.
const ALLOWED: [(&str, &[&str]); 4] = [
    (
        "sealpass-jose",
        &[
            "aws-lc-rs",  // every primitive of RFC 7518
            "base64",     // base64url of RFC 7515 §2, SIMD, strict
            "forkguard",  // a forked process draws its own initialization vectors
            "itoa",       // integers of claims, as `serde_json` writes them
            "memchr",     // the dots of a token, SIMD; `serde_json` brings it anyway
            "serde",      // the caller's typed claims
            "serde_json", // JSON of headers and claims
            "thiserror",  // Display of the error enums
            "zeroize",    // wipes keys and opened claims
        ],
    ),
    (
        "sealpass",
        &[
            "arc-swap",  // the atomic swap of the revocation snapshots
            "crc32fast", // checksums of the revocation journal
            "http",      // methods, header names and header maps, without a runtime
            "memchr",    // finds the end of a cookie, many bytes at a time
            "sealpass-jose",
            "serde",      // the sealed claims
            "serde_json", // problem+json and session bodies
            "thiserror",  // Display of the error enums
        ],
    ),
    (
        "sealpass-tower",
        &[
            "axum",             // extractors and the router of the /auth routes
            "http",             // requests and responses
            "http-body-util",   // a login body read up to its limit
            "pin-project-lite", // the response future, unboxed
            "sealpass",
            "serde",         // login bodies
            "serde_json",    // login bodies, session bodies
            "thiserror",     // Display of the error enums
            "tokio", // a question to the backend outlives the request that asked it, and has a limit
            "tower-layer", // `Layer`
            "tower-service", // `Service`
            "tracing", // one event for each decision
        ],
    ),
    (
        "sealpass-server",
        &[
            "anyhow",         // errors of a program: a sentence and its cause
            "argon2",         // password hashes of the users file (RFC 9106)
            "axum",           // the router of both listeners
            "bytes",          // bodies
            "clap",           // the command line
            "http",           // requests and responses
            "http-body",      // bodies of the reverse proxy, streamed
            "http-body-util", // bodies with a limit
            "httparse",       // hyper's parser of heads, to see what hyper leaves out
            "httpdate",       // the clock of a deployment; hyper brings it anyway
            "hyper",          // HTTP/1.1 and HTTP/2
            "hyper-rustls",   // TLS to upstreams and credential backends
            "hyper-util",     // the connection pool, graceful shutdown
            "icu_normalizer", // paths as programs read them that normalize Unicode; `redis` brings it anyway
            "ipnet",          // `trusted_proxies`
            "memchr",         // the lines of a head, many bytes at a time
            "prost",          // the messages of Envoy's gRPC check
            "redis",          // logouts of many machines (Redis, Valkey, Sentinel, Cluster)
            "rpassword",      // a password typed without echo
            "rustls",         // TLS
            "sealpass-tower",
            "serde",       // configuration and users files
            "serde_json",  // bodies of the HTTP credential backend
            "socket2",     // TCP keepalive, which `tokio` has no word for; `tokio` brings it anyway
            "tempfile",    // a users file is replaced whole or not at all
            "thiserror",   // Display of the error enums
            "tokio",       // the runtime
            "toml",        // configuration and users files
            "tonic",       // gRPC over the listener that is there
            "tonic-prost", // its messages by prost
            "tower",       // services composed
            "tracing",
            "tracing-subscriber", // log lines as text or JSON
        ],
    ),
];

/// What a crate may not reach over any number of steps. `name*` is every name that starts so.
const NEVER: [(&str, &str); 4] = [
    // Tokens over bytes: no HTTP, no runtime, no log to leak into, and none of its siblings.
    (
        "sealpass-jose",
        "async* axum* futures* http* hyper* mio native-tls openssl openssl-sys ring socket2 tokio* \
         tower* tracing* sealpass sealpass-tower sealpass-server",
    ),
    // Policy: of HTTP the types only. Nothing that waits, listens or logs.
    (
        "sealpass",
        "async* axum* futures* http-body* hyper* mio native-tls openssl openssl-sys ring socket2 \
         tokio* tower* tracing* sealpass-tower sealpass-server",
    ),
    // The middleware sends no request of its own.
    (
        "sealpass-tower",
        "hyper-rustls native-tls openssl openssl-sys reqwest ring rustls* ureq sealpass-server",
    ),
    // One implementation of cryptography in the process.
    ("sealpass-server", "native-tls openssl openssl-sys ring"),
];

#[test]
fn every_normal_dependency_is_on_the_closed_list() {
    let metadata = cargo(&["metadata", "--no-deps", "--format-version=1"]);
    let metadata: Value = serde_json::from_str(&metadata).expect("cargo metadata prints JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    // Examples depend on what they like: nobody depends on them.
    let crates = std::fs::canonicalize(workspace().join("crates")).expect("crates/");
    let packages: Vec<&Value> = packages
        .iter()
        .filter(|package| Path::new(text(&package["manifest_path"])).starts_with(&crates))
        .collect();

    let found: BTreeSet<&str> = packages.iter().map(|package| text(&package["name"])).collect();
    let listed: BTreeSet<&str> = ALLOWED.iter().map(|(package, _)| *package).collect();
    assert_eq!(found, listed, "the crates of the workspace, and those with a closed list");

    let mut problems = Vec::new();
    for (name, allowed) in ALLOWED {
        let package = packages.iter().find(|package| package["name"] == name).expect("listed");
        let dependencies = package["dependencies"].as_array().expect("dependencies");
        // `kind` is null for a normal dependency. A build script's is held to the same list.
        let declared: BTreeSet<&str> = dependencies
            .iter()
            .filter(|dependency| dependency["kind"] != "dev")
            .map(|dependency| text(&dependency["name"]))
            .collect();
        let allowed: BTreeSet<&str> = allowed.iter().copied().collect();

        let unlisted = declared.difference(&allowed);
        problems
            .extend(unlisted.map(|d| format!("{name} depends on {d}, which is not on its list")));
        let unused = allowed.difference(&declared);
        problems.extend(
            unused.map(|d| format!("{name} no longer depends on {d}: take it off its list")),
        );
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn nothing_reaches_what_its_crate_must_never_import() {
    let mut problems = Vec::new();
    for (name, never) in NEVER {
        let reached = reached_from(name);
        assert!(reached.contains("aws-lc-rs"), "{name}: the tree is whole: {reached:?}");
        let forbidden =
            reached.iter().filter(|found| never.split_whitespace().any(|rule| covers(rule, found)));
        problems.extend(forbidden.map(|found| format!("{name} reaches {found}")));
    }
    assert!(
        problems.is_empty(),
        "{}\nwho brings it: cargo tree -p CRATE -i NAME",
        problems.join("\n")
    );
}

#[test]
fn the_middleware_builds_no_http_client() {
    let features = cargo(&["tree", "-p=sealpass-tower", "-e=normal,features", "--prefix=none"]);
    assert!(features.contains("hyper-util feature \"server\""), "the tree shows features");
    for feature in [
        "hyper feature \"client\"",
        "hyper-util feature \"client\"",
        "hyper-util feature \"client-legacy\"",
    ] {
        assert!(!features.contains(feature), "sealpass-tower turns on {feature}");
    }
}

/// The packages that `package` alone builds with on this machine, itself left out.
fn reached_from(package: &str) -> BTreeSet<String> {
    let tree =
        cargo(&["tree", &format!("-p={package}"), "-e=normal", "--prefix=none", "--format={p}"]);
    let names = tree.lines().filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != package).map(str::to_owned).collect()
}

fn covers(rule: &str, name: &str) -> bool {
    match rule.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == rule,
    }
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What cargo prints, asked at the root of the workspace, without the network.
fn cargo(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--offline", "--locked"])
        .current_dir(workspace())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo prints UTF-8")
}

//! `sealpass emit-config` as an operator meets it. Whether proxies do what it prints is in `proxies`.

#![expect(clippy::unwrap_used, reason = "a test stops where it is surprised")]

use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

const EVERY: [&[&str]; 6] =
    [&["nginx"], &["caddy"], &["haproxy"], &["haproxy", "--part", "lua"], &["traefik"], &["envoy"]];

/// A configuration that a proxy can ask.
const ASKED: &str = "\
    origin = \"https://app.example\"\n\
    backend.users = \"users.toml\"\n\
    listen = \"127.0.0.1:8080\"\n\
    forward_auth.listen = \"127.0.0.1:8081\"\n\
    trusted_proxies = [\"127.0.0.1\"]\n";

fn emit(settings: &str, arguments: &[&str]) -> Output {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("sealpass.toml"), settings).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sealpass"));
    command.arg("emit-config").args(arguments).args(["--config", "sealpass.toml"]);
    command.current_dir(folder.path()).env_clear().output().unwrap()
}

fn printed(settings: &str, arguments: &[&str]) -> String {
    let output = emit(settings, arguments);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && stderr.is_empty(), "{arguments:?}: {stderr}");
    String::from_utf8(output.stdout).unwrap()
}

/// What standard error says, with the exit code.
fn refused(settings: &str, arguments: &[&str]) -> (i32, String) {
    let output = emit(settings, arguments);
    assert!(output.stdout.is_empty(), "half a configuration is none");
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn nothing_of_a_template_is_left() {
    for arguments in EVERY.iter().chain(&[&["envoy", "--grpc"][..]]) {
        let configuration = printed(ASKED, arguments);
        let is_name = |text: &str| {
            !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        };
        for line in configuration.lines() {
            let parts: Vec<_> = line.split('@').collect();
            let is_left = matches!(parts[..], [_, name, _, ..] if is_name(name));
            assert!(!is_left, "{arguments:?}: {line}");
        }
    }
}

#[test]
fn every_configuration_says_where_everyone_is() {
    let arguments = ["--api", "http://api.internal:3001", "--proxy-listen", "127.0.0.2:8002"];
    for proxy in [&["nginx"][..], &["caddy"], &["haproxy"], &["traefik"], &["envoy"]] {
        let configuration = printed(ASKED, &[proxy, &arguments].concat());
        let lua = printed(ASKED, &["haproxy", "--part", "lua"]);
        let everything = if proxy == ["haproxy"] { configuration + &lua } else { configuration };
        for port in ["8080", "8081", "3001", "8002"] {
            assert!(everything.contains(port), "{proxy:?} {port}");
        }
        for host in ["127.0.0.1", "127.0.0.2", "api.internal", "app.example"] {
            assert!(everything.contains(host), "{proxy:?} {host}");
        }
    }
}

#[test]
fn every_identity_header_is_in_every_configuration() {
    let settings = format!("{ASKED}upstream.claims = [\"roles\", \"Tenant_ID\"]\n");
    for arguments in EVERY.iter().filter(|arguments| **arguments != ["haproxy"]) {
        let configuration = printed(&settings, arguments).to_lowercase();
        for header in
            ["x-auth-subject", "x-auth-session", "x-auth-claims-roles", "x-auth-claims-tenant-id"]
        {
            assert!(configuration.contains(header), "{arguments:?} {header}");
        }
    }
}

#[test]
fn previous_cookie_profiles_add_two_cookies_each() {
    let previous = "cookies.previous = [\"host a b\", \"cross-site\"]\n";
    for (settings, count) in [(ASKED.to_owned(), 2), (format!("{ASKED}{previous}"), 6)] {
        for arguments in [&["nginx"][..], &["haproxy"]] {
            let configuration = printed(&settings, arguments);
            let added = configuration.lines().filter(|line| line.contains("Set-Cookie "));
            let added = added.filter(|line| line.contains("add")).count();
            assert_eq!(added, count, "{arguments:?}: {configuration}");
        }
        let lua = printed(&settings, &["haproxy", "--part", "lua"]);
        assert_eq!(lua.matches("\"x-auth-set-cookie-").count(), count);
    }
    let traefik = printed(&format!("{ASKED}{previous}"), &["traefik"]);
    for cookie in ["__Host-session", "__Host-csrf", "__Host-a", "__Host-b", "__Host-cross-csrf"] {
        assert!(traefik.contains(&format!("- {cookie}\n")), "{cookie}");
    }
}

#[test]
fn a_server_that_no_proxy_may_ask_says_what_to_set() {
    let without = |key: &str| {
        let lines = ASKED.lines().filter(|line| !line.starts_with(key));
        lines.collect::<Vec<_>>().join("\n")
    };
    let (code, why) = refused(&without("forward_auth"), &["nginx"]);
    assert_eq!(code, 1);
    assert!(why.contains("`forward_auth.listen`") && !why.contains("trusted_proxies"), "{why}");
    let (code, why) = refused(&without("trusted"), &["envoy"]);
    assert_eq!(code, 1);
    assert!(why.contains("`trusted_proxies`") && !why.contains("forward_auth"), "{why}");
    let neither = without("trusted").replace("forward_auth.listen = \"127.0.0.1:8081\"", "");
    let (_, why) = refused(&neither, &["caddy"]);
    assert!(why.contains("`forward_auth.listen`") && why.contains("`trusted_proxies`"), "{why}");
}

#[test]
fn a_port_that_is_not_known_cannot_be_written_down() {
    for (port, setting) in [("8080", "listen"), ("8081", "forward_auth.listen")] {
        let (code, why) = refused(&ASKED.replace(port, "0"), &["nginx"]);
        assert_eq!(code, 1);
        assert!(why.contains(&format!("`{setting}`")), "{why}");
    }
}

#[test]
fn a_listener_on_every_address_is_reached_by_loopback() {
    let settings = ASKED.replace("127.0.0.1:808", "[::]:808");
    let configuration = printed(&settings, &["nginx"]);
    assert!(configuration.contains("server [::1]:8080;"), "{configuration}");
    assert!(configuration.contains("server [::1]:8081;"), "{configuration}");
}

#[test]
fn an_api_that_cannot_be_written_down_is_wrong_usage() {
    for api in [
        "https://api.internal",
        "http://api.internal/v1",
        "api.internal:3000",
        "http://a;b",
        "http://a@b",
    ] {
        let (code, why) = refused(ASKED, &["nginx", "--api", api]);
        assert_eq!(code, 2, "{api}: {why}");
    }
}

#[test]
fn what_is_one_proxys_is_wrong_usage_for_the_others() {
    for arguments in [&["nginx", "--grpc"][..], &["envoy", "--part", "lua"], &["apache"], &[]] {
        assert_eq!(refused(ASKED, arguments).0, 2, "{arguments:?}");
    }
}

#[test]
fn the_defaults_follow_from_the_settings() {
    let here = ASKED.replace("https://app.example", "http://localhost:8100");
    let configuration = printed(&here, &["nginx"]);
    assert!(configuration.contains("listen 127.0.0.1:8100;"), "{configuration}");
    assert!(configuration.contains("server 127.0.0.1:3000;"), "{configuration}");
    let upstream = format!("{ASKED}upstream.url = \"http://api.internal\"\n");
    let configuration = printed(&upstream, &["nginx"]);
    assert!(configuration.contains("listen 127.0.0.1:8000;"), "{configuration}");
    assert!(configuration.contains("server api.internal:80;"), "{configuration}");
}

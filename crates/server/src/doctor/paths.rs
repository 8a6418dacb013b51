//! Paths that the rule and the API may read differently.

use super::finding::Finding;
use super::raw::{self, RawAnswer};
use super::site::{Site, shown};

/// Tries to reach `path`, which needs a session, without one.
pub(super) async fn probe(site: &Site, path: &str, public: Option<&str>) -> Vec<Finding> {
    // Whoever gets no answer to a plain request learns nothing from none to an odd one.
    match raw::get(site, path, &[]).await {
        Ok(RawAnswer { status: 401, .. }) => {}
        other => {
            let seen = other.map_or_else(|error| format!("{error:#}"), |it| it.status.to_string());
            let seen = format!("GET {path} on a connection of its own: {}", shown(&seen));
            return vec![Finding::skipped("path_confusion", seen, "find out why it is not 401")];
        }
    }
    let expected = expected(site, public).await;
    let mut opened = Vec::new();
    let tricks = tricks(path, public);
    for target in &tricks {
        match raw::get(site, target, &[]).await {
            Ok(answer) if is_open(&answer, &expected) => {
                opened.push(format!("GET {}: {}", target.escape_debug(), answer.status));
            }
            _ => {}
        }
    }
    let confusion = Finding::of_wrongs(
        "path_confusion",
        &opened,
        format!("{} spellings of {path} are refused or nothing", tricks.len()),
        "match rules on one normalised path and refuse what is ambiguous: use `[[routes]]` of \
         Sealpass, or in the front proxy rules that compare the decoded path whole",
    );

    let mut opened = Vec::new();
    for line in overrides(site, public.unwrap_or("/")) {
        match raw::get(site, path, &[&line]).await {
            Ok(answer) if is_open(&answer, &expected) => {
                opened.push(format!("GET {path} with {line}: {}", answer.status));
            }
            _ => {}
        }
    }
    let overrides = Finding::of_wrongs(
        "path_override",
        &opened,
        "no header of a client replaces the path or the method",
        "let the front proxy overwrite `X-Original-*` and `X-Forwarded-*` of clients: \
         `sealpass emit-config` prints a configuration that does",
    );
    let mut findings = vec![confusion, overrides, hosts(site, path, public, &expected).await];
    if public.is_none() {
        let why = "tricks that begin at a public path were not tried";
        findings.push(Finding::skipped(
            "path_from_public",
            why,
            "add --public PATH, if there is one",
        ));
    }
    findings
}

/// Tries to reach `path` where the question about it begins with what the client calls the host.
async fn hosts(site: &Site, path: &str, public: Option<&str>, expected: &[RawAnswer]) -> Finding {
    let mut expected = expected.to_vec();
    // Some programs have another site for hosts that they do not know.
    let unknown = format!("{NOWHERE}.invalid");
    expected.extend(raw::get_from(site, &unknown, path, &[]).await.ok());
    let mut opened = Vec::new();
    for host in hosts_with_path(&site.authority(), public.unwrap_or("/")) {
        match raw::get_from(site, &host, path, &[]).await {
            Ok(answer) if is_open(&answer, &expected) => {
                opened.push(format!("GET {path} with Host: {host}: {}", answer.status));
            }
            _ => {}
        }
    }
    Finding::of_wrongs(
        "path_host",
        &opened,
        "no `Host` of a client replaces the path",
        "let the front proxy ask about a path alone or behind a name of its own, and not behind the \
         `Host` of the client, or refuse a `Host` that is more than a name and a port: \
         `sealpass emit-config` prints a configuration that does",
    )
}

/// What whoever has no session may see: the pages for paths that are not there, and the public one.
async fn expected(site: &Site, public: Option<&str>) -> Vec<RawAnswer> {
    let mut expected = Vec::new();
    let below = public.map(|public| format!("{public}/{NOWHERE}"));
    let nowhere = format!("/{NOWHERE}");
    for path in [Some(nowhere.as_str()), public, below.as_deref()].into_iter().flatten() {
        expected.extend(raw::get(site, path, &[]).await.ok());
    }
    expected
}

fn is_open(answer: &RawAnswer, expected: &[RawAnswer]) -> bool {
    (200..300).contains(&answer.status) && !expected.contains(answer)
}

/// Targets that some program reads as `path`, and some other as something else.
fn tricks(path: &str, public: Option<&str>) -> Vec<String> {
    let rest = path.trim_start_matches('/');
    let mut tricks = vec![
        format!("/{path}"),
        format!("/.{path}"),
        format!("/x/..{path}"),
        format!("{path}/"),
        format!("{path}/."),
        format!("{path}/x/.."),
        format!("{path};"),
        format!("{path};x=y"),
        format!("{path}%00"),
        format!("{path}%00.css"),
        format!("{path}%20"),
        format!("{path}%09"),
        format!("{path}%23"),
        format!("{path}%3f"),
        format!("{path}#"),
        format!("/%2f{rest}"),
        format!("\\{rest}"),
        format!("/\\{rest}"),
        format!("/;{path}"),
    ];
    if let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        let code = u32::from(first);
        tricks.push(format!("/%{code:02x}{after}"));
        tricks.push(format!("/%25{code:02x}{after}"));
        tricks.push(format!("/{}", rest.to_uppercase()));
    }
    if let Some(public) = public {
        let public = public.trim_end_matches('/');
        tricks.extend([
            format!("{public}/..{path}"),
            format!("{public}/../..{path}"),
            format!("{public}/./..{path}"),
            format!("{public}/%2e%2e{path}"),
            format!("{public}/.%2e{path}"),
            format!("{public}/%252e%252e{path}"),
            format!("{public}/..%2f{rest}"),
            format!("{public}/..%252f{rest}"),
            format!("{public}%2f..{path}"),
            format!("{public}/..\\{rest}"),
            format!("{public}\\..{path}"),
            format!("{public}/..%5c{rest}"),
            format!("{public}/..;{path}"),
            format!("{public};/..{path}"),
            format!("{public}//..{path}"),
            format!("{public}/x/../..{path}"),
            format!("{public}/..%00{path}"),
            format!("{path}%00{public}"),
            format!("{path};{public}"),
            format!("{path}#{public}"),
            format!("{path}?x={public}"),
            format!("{path}?{public}"),
        ]);
    }
    tricks
}

/// Headers by which some proxies and frameworks say what was really asked for.
fn overrides(site: &Site, public: &str) -> Vec<String> {
    let origin = site.origin();
    vec![
        format!("X-Original-URL: {origin}{public}"),
        format!("X_Original_URL: {origin}{public}"),
        format!("X-Original-URI: {public}"),
        format!("X-Rewrite-URL: {public}"),
        format!("X-Forwarded-Uri: {public}"),
        format!("X-Forwarded-Path: {public}"),
        format!("X-Envoy-Original-Path: {public}"),
        "X-Original-Method: OPTIONS".into(),
        "X-Forwarded-Method: OPTIONS".into(),
        "X-HTTP-Method-Override: OPTIONS".into(),
        "X-Forwarded-For: 127.0.0.1".into(),
    ]
}

/// Names of the site that have a path in them. Whoever writes them in front of the path of the request
/// has a URL of `public` or of something below it, or a query or a fragment of it.
fn hosts_with_path(authority: &str, public: &str) -> Vec<String> {
    let public = public.trim_end_matches('/');
    let paths = ["", "/", "?", "/?", "#"].map(|end| format!("{public}{end}"));
    let paths = paths.iter().filter(|path| !path.is_empty());
    paths.map(|path| format!("{authority}{path}")).collect()
}

/// A path that is nowhere.
const NOWHERE: &str = "sealpass-doctor-nothing-is-here";

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_trick_is_another_target_and_a_request_line_of_its_own() {
        let tricks = tricks("/admin/users", Some("/public/"));
        assert_eq!(tricks.iter().collect::<HashSet<_>>().len(), tricks.len());
        for target in &tricks {
            assert_ne!(target, "/admin/users");
            assert!(
                !target.bytes().any(|byte| byte.is_ascii_control() || byte == b' '),
                "{target}"
            );
        }
        for expected in [
            "//admin/users",
            "/public/../admin/users",
            "/public/%2e%2e/admin/users",
            "/public/..%2fadmin/users",
            "/public/%252e%252e/admin/users",
            "/public/..\\admin/users",
            "/admin/users;x=y",
            "/admin/users%00",
            "/admin/users#/public",
            "/admin/users?x=/public",
            "/%61dmin/users",
            "/%2561dmin/users",
        ] {
            assert!(tricks.iter().any(|target| target == expected), "{expected}");
        }
    }

    #[test]
    fn a_host_with_a_path_is_a_url_of_that_path_whatever_follows_it() {
        let hosts = hosts_with_path("app.example:8443", "/public/");
        assert_eq!(hosts.len(), 5);
        for expected in ["app.example:8443/public", "app.example:8443/public?"] {
            assert!(hosts.iter().any(|host| host == expected), "{hosts:?}");
        }
        for public in ["/public", "/"] {
            for host in hosts_with_path("app.example", public) {
                assert_ne!(host, "app.example");
                let url: http::Uri = format!("http://{host}/admin").parse().unwrap();
                assert_eq!(url.host(), Some("app.example"), "{host}");
                assert!(url.path().starts_with(public), "{host}: {url}");
            }
        }
    }

    #[test]
    fn the_root_has_spellings_too() {
        assert!(tricks("/", None).iter().all(|target| target != "/"));
    }

    #[test]
    fn a_page_that_anyone_gets_for_anything_is_not_open() {
        let answer = |status, body: &str| RawAnswer { status, body: body.into() };
        let expected = [answer(200, "<html>app</html>"), answer(404, "")];
        assert!(is_open(&answer(200, "secrets"), &expected));
        assert!(is_open(&answer(204, ""), &expected));
        assert!(!is_open(&answer(200, "<html>app</html>"), &expected));
        for status in [301, 400, 401, 404] {
            assert!(!is_open(&answer(status, "secrets"), &expected), "{status}");
        }
    }
}

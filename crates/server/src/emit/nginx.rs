//! nginx, with `auth_request`.

use http::HeaderName;

use super::site::{Site, title_case};
use super::template::{fill, lines};
use crate::identity::forbidden;

/// `nginx.conf`.
pub(super) fn config(site: &Site) -> String {
    let answered = site.identity.iter().chain(&site.set_cookies);
    let mut values = site.values();
    values.extend([
        (
            "remember",
            lines(answered.clone(), |name| {
                let name = variable(name);
                format!("auth_request_set $sealpass_{name} $upstream_http_{name};")
            }),
        ),
        (
            "add_cookies",
            lines(&site.set_cookies, |name| {
                format!("add_header Set-Cookie $sealpass_{} always;", variable(name))
            }),
        ),
        (
            "hide",
            lines(answered, |name| format!("proxy_hide_header {};", title_case(name.as_str()))),
        ),
        ("without_ours", lines(site.cookies.iter().enumerate(), without)),
        ("last", site.cookies.len().to_string()),
        ("ours", site.cookies.join("|")),
        (
            "set_identity",
            lines(&site.identity, |name| {
                format!(
                    "proxy_set_header {} $sealpass_{};",
                    title_case(name.as_str()),
                    variable(name)
                )
            }),
        ),
        (
            "withhold",
            lines(site.withheld(), |name| {
                format!("proxy_set_header {} \"\";", title_case(name.as_str()))
            }),
        ),
        (
            "strip",
            lines(forbidden::known().filter(|name| !SET.contains(name)), |name| {
                format!("proxy_set_header {} \"\";", title_case(name))
            }),
        ),
    ]);
    fill(include_str!("nginx.conf"), &values)
}

/// The variable that has the cookies of the one before it but for `name`, the last of it.
fn without((index, name): (usize, &String)) -> String {
    let before = match index {
        0 => "$http_cookie".to_owned(),
        _ => format!("$sealpass_cookies_{index}"),
    };
    let n = index + 1;
    format!(
        "map {before} $sealpass_cookies_{n} {{ default {before}; \
         \"~^(?<sealpass_before_{n}>(?:.*;)?[ \\t]*){name}[ \\t]*=[^;]*(?:;[ \\t]*)?(?<sealpass_behind_{n}>.*)$\" \
         $sealpass_before_{n}$sealpass_behind_{n}; }}"
    )
}

/// What is set to what nginx knows.
const SET: [&str; 3] = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"];

/// How nginx writes a header in the name of a variable.
fn variable(name: &HeaderName) -> String {
    name.as_str().replace('-', "_")
}

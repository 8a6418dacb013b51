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

/// What is set to what nginx knows.
const SET: [&str; 3] = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"];

/// How nginx writes a header in the name of a variable.
fn variable(name: &HeaderName) -> String {
    name.as_str().replace('-', "_")
}

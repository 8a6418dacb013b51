//! Caddy, with what its `forward_auth` is short for.

use http::HeaderName;

use super::site::{Site, title_case};
use super::template::{fill, lines};
use crate::identity::{self, forbidden};

/// `Caddyfile`.
pub(super) fn config(site: &Site) -> String {
    let mut values = site.values();
    values.extend([
        (
            "remember",
            lines(&site.identity, |name| {
                format!("vars {} {{rp.header.{}}}", variable(name), title_case(name.as_str()))
            }),
        ),
        ("ours", site.cookies.join("|")),
        ("strip", strip()),
        (
            "set_identity",
            lines(&site.identity, |name| {
                format!("header_up {} {{vars.{}}}", title_case(name.as_str()), variable(name))
            }),
        ),
    ]);
    fill(include_str!("Caddyfile"), &values)
}

fn variable(name: &HeaderName) -> String {
    name.as_str().replace('-', "_")
}

/// What a name may have in it beside letters, digits and `-` (RFC 9110, section 5.6.2).
const SEPARATORS: &str = "!#$%&'*+.^_`|~";

/// Takes out what only reads like a name with `-`, and then what is spelled with it. `*` stands for
/// the rest of a name, and between two of it for itself.
fn strip() -> String {
    let misspelled = SEPARATORS.chars().map(|separator| format!("*{separator}*"));
    let begun = [identity::PREFIX].into_iter().chain(forbidden::prefixes());
    let begun = begun.map(|prefix| title_case(prefix) + "*");
    let whole = forbidden::names().map(title_case);
    lines(misspelled.chain(begun).chain(whole), |name| format!("request_header -{name}"))
}

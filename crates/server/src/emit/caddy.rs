//! Caddy, with what its `forward_auth` is short for.

use http::HeaderName;

use super::site::{Site, title_case};
use super::template::{fill, lines};

/// `Caddyfile`.
pub(super) fn config(site: &Site) -> String {
    let mut values = site.values();
    values.extend([
        (
            "remember",
            lines(&site.identity, |name| {
                format!("vars {} {{rp.header.{}}}", variable(name), title_case(name))
            }),
        ),
        ("strip", lines(spellings(), |name| format!("request_header -{name}*"))),
        (
            "set_identity",
            lines(&site.identity, |name| {
                format!("header_up {} {{vars.{}}}", title_case(name), variable(name))
            }),
        ),
    ]);
    fill(include_str!("Caddyfile"), &values)
}

fn variable(name: &HeaderName) -> String {
    name.as_str().replace('-', "_")
}

/// What [`identity::PREFIX`] reads like: `*` stands for the rest of a name, and for nothing else.
fn spellings() -> impl Iterator<Item = String> {
    let separators = ['-', '_', '.'];
    separators.into_iter().flat_map(move |first| {
        separators.into_iter().map(move |second| format!("X{first}Auth{second}"))
    })
}

//! Traefik, with `ForwardAuth`.

use http::HeaderName;

use super::site::{Site, title_case};
use super::template::{fill, lines};
use crate::identity;

/// The dynamic configuration.
pub(super) fn config(site: &Site) -> String {
    let mut values = site.values();
    values.extend([
        ("identity", lines(&site.identity, |name| format!("- {}", title_case(name)))),
        ("identity_regex", any_spelling(&site.identity)),
        ("cookies", lines(&site.cookies, |name| format!("- {name}"))),
        ("drop", lines(site.withheld(), |name| format!("{}: \"\"", title_case(&name)))),
    ]);
    fill(include_str!("traefik.yaml"), &values)
}

/// An expression that matches the names of headers whatever stands between their words, and nothing
/// else of ours: what it matches is taken from the answer, where cookies are too.
fn any_spelling(names: &[HeaderName]) -> String {
    let loose = |text: &str| text.replace('-', "[^a-z0-9]");
    let rest = |name: &HeaderName| {
        loose(name.as_str().strip_prefix(identity::PREFIX).unwrap_or(name.as_str()))
    };
    let any: Vec<String> = names.iter().map(rest).collect();
    format!("(?i)^{}({})$", loose(identity::PREFIX), any.join("|"))
}

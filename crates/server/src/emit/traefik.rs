//! Traefik, with `ForwardAuth`.

use super::site::{Site, title_case};
use super::template::{fill, lines};
use crate::identity::spelling::pattern;
use crate::identity::{PREFIX, forbidden};

/// The dynamic configuration.
pub(super) fn config(site: &Site) -> String {
    let mut values = site.values();
    values.extend([
        ("identity", lines(&site.identity, |name| format!("- {}", title_case(name.as_str())))),
        ("taken", taken(site)),
        ("cookies", lines(&site.cookies, |name| format!("- {name}"))),
    ]);
    fill(include_str!("traefik.yaml"), &values)
}

/// An expression that matches the identity whatever stands between the words of its names, and what a
/// client may not say. Of the answer it matches nothing else, since cookies are in that too: so of what
/// begins like ours only what others are known to use.
fn taken(site: &Site) -> String {
    let own = site.identity.iter().cloned().chain(site.withheld());
    let own = own.map(|name| pattern(name.as_str()));
    let alike = forbidden::known().filter(|name| name.starts_with(PREFIX)).map(pattern);
    let all = own.chain(alike).chain(forbidden::patterns());
    format!("(?i)^({})$", all.collect::<Vec<_>>().join("|"))
}

//! What a client may not say to an API: the one list, for our proxy and for those that
//! `sealpass emit-config` configures.
//!
//! Who is calling and where the call came from is not the client's to say. Nor is it that a request is
//! for another path or by another method than the one that was decided on, as some frameworks let a
//! header say.

use sealpass_tower::sealpass::csrf;

use super::PREFIX;
use super::spelling::{begins_like, pattern, reads_as};

/// What names begin with, our own first.
const PREFIXES: [&str; 4] = [PREFIX, "x-forwarded-", "x-original-", "x-rewrite-"];

/// Whole names: where the call came from, the secret of the double submit, `Proxy`, which a CGI
/// program takes for the address of its own proxy (httpoxy, CVE-2016-5385), another method, and an
/// offer to go on in HTTP/2, where nobody would decide any more.
const NAMES: [&str; 8] = [
    csrf::HEADER,
    "forwarded",
    "http2-settings",
    "proxy",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-real-ip",
];

/// The framing: under its own name it is the proxy's, and `Content_Length` is a second opinion.
const FRAMING: [&str; 2] = ["content-length", "transfer-encoding"];

/// Of what begins with [`PREFIXES`] and is not ours, the names that programs are known to go by: for a
/// proxy that takes out only what it knows by name.
const KNOWN: [&str; 17] = [
    "x-forwarded-by",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-method",
    "x-forwarded-path",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-forwarded-scheme",
    "x-forwarded-server",
    "x-forwarded-ssl",
    "x-forwarded-uri",
    "x-original-host",
    "x-original-method",
    "x-original-uri",
    "x-original-url",
    "x-rewrite-url",
];

/// Whether a client's header of this name, in any spelling, must not reach an API.
pub(crate) fn is_forbidden(name: &str) -> bool {
    PREFIXES.iter().any(|prefix| begins_like(name, prefix))
        || NAMES.iter().chain(&FRAMING).any(|whole| reads_as(name, whole))
}

/// The same without what a proxy in front of an API says itself: where the call came from, and the
/// framing.
pub(crate) fn is_clients_alone(name: &str) -> bool {
    let own = ["forwarded", "x-real-ip"].iter().chain(&FRAMING);
    let is_proxys =
        begins_like(name, "x-forwarded-") || own.into_iter().any(|own| reads_as(name, own));
    is_forbidden(name) && !is_proxys
}

/// Regular expressions that match, each from its first to its last character, what
/// [`is_forbidden`] says of names in lower case, but for what is ours and the framing under its own
/// name.
pub(crate) fn patterns() -> impl Iterator<Item = String> {
    let begun = prefixes().map(|prefix| pattern(prefix) + ".*");
    let whole = NAMES.into_iter().map(pattern);
    begun.chain(whole).chain(FRAMING.iter().map(|name| name.replace('-', "[^-a-z0-9]")))
}

/// What names begin with that is not ours.
pub(crate) fn prefixes() -> impl Iterator<Item = &'static str> {
    PREFIXES.into_iter().filter(|prefix| *prefix != PREFIX)
}

/// The whole names, written with `-`, but for the framing.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    NAMES.into_iter()
}

/// [`names`], and those of the names with [`prefixes`] that programs go by.
pub(crate) fn known() -> impl Iterator<Item = &'static str> {
    KNOWN.into_iter().chain(NAMES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_by_name_is_forbidden() {
        for name in known() {
            assert!(is_forbidden(name), "{name}");
        }
        assert!(KNOWN.iter().all(|name| prefixes().any(|prefix| name.starts_with(prefix))));
    }

    #[test]
    fn what_a_proxy_says_itself_is_not_the_clients_alone() {
        for name in ["x-forwarded-for", "X_Real_IP", "forwarded", "content-length", "accept"] {
            assert!(!is_clients_alone(name), "{name}");
        }
        for name in ["x_auth_subject", "X-Rewrite-URL", "x_http_method", "proxy", "x-csrf-token"] {
            assert!(is_clients_alone(name), "{name}");
        }
    }

    #[test]
    fn every_pattern_is_what_it_says() {
        let patterns: Vec<_> = patterns().collect();
        assert_eq!(patterns.len(), 3 + NAMES.len() + FRAMING.len());
        for expected in [
            "x[^a-z0-9]original[^a-z0-9].*",
            "x[^a-z0-9]http[^a-z0-9]method[^a-z0-9]override",
            "forwarded",
            "content[^-a-z0-9]length",
        ] {
            assert!(patterns.iter().any(|pattern| pattern == expected), "{expected}");
        }
    }
}

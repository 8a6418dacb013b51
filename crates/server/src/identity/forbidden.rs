//! What a client may not say to an API: the one list, for our proxy and for those that
//! `sealpass emit-config` configures.
//!
//! Who is calling and where the call came from is not the client's to say. Nor is it that a request is
//! for another path or by another method than the one that was decided on, as some frameworks let a
//! header say.

use sealpass_tower::sealpass::csrf;

use super::PREFIX;
use super::spelling::{begins_like, pattern, reads_as};

/// What names begin with, our own first. Where other programs than Sealpass log people in, an API reads
/// who is calling from headers of theirs: `OIDC_CLAIM_` is `mod_auth_openidc`'s, `Remote-` Authelia's,
/// `X-Remote-` that of Kubernetes and of what speaks for CGI's `REMOTE_USER`, `X-WebAuth-` Grafana's,
/// `X-Authenticated-`, `X-Consumer-` and `X-Credential-` Kong's, `X-Goog-Authenticated-User-` that of Google's
/// IAP; the others say it themselves. What is signed, such as `Cf-Access-Jwt-Assertion`, is in no list for
/// itself, since who believes it verifies it; `X-authentik-jwt` goes with what begins like it.
const PREFIXES: [&str; 16] = [
    PREFIX,
    "oidc-claim-",
    "remote-",
    "tailscale-user-",
    "x-authenticated-",
    "x-authentik-",
    "x-consumer-",
    "x-credential-",
    "x-forwarded-",
    "x-goog-authenticated-user-",
    "x-original-",
    "x-pomerium-claim-",
    "x-remote-",
    "x-rewrite-",
    "x-vouch-",
    "x-webauth-",
];

/// Whole names: who is calling, or what they may do, as Cloudflare Access, AWS, Azure and Tailscale say it,
/// where the call came from, the secret of the double submit, `Proxy`, which a CGI program takes for the
/// address of its own proxy (httpoxy, CVE-2016-5385), another method, and an offer to go on in HTTP/2, where
/// nobody would decide any more.
const NAMES: [&str; 15] = [
    csrf::HEADER,
    "cf-access-authenticated-user-email",
    "forwarded",
    "http2-settings",
    "proxy",
    "tailscale-app-capabilities",
    "x-amzn-oidc-identity",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "x-ms-client-principal",
    "x-ms-client-principal-id",
    "x-ms-client-principal-idp",
    "x-ms-client-principal-name",
    "x-real-ip",
];

/// The framing: under its own name it is the proxy's, and `Content_Length` is a second opinion.
const FRAMING: [&str; 2] = ["content-length", "transfer-encoding"];

/// Who is calling, as oauth2-proxy says it, under names like those of where the call came from.
const FORWARDED_IDENTITY: [&str; 5] = [
    "x-forwarded-access-token",
    "x-forwarded-email",
    "x-forwarded-groups",
    "x-forwarded-preferred-username",
    "x-forwarded-user",
];

/// Of what begins with [`PREFIXES`] and is in none of our answers, the names that programs are known to go
/// by: for a proxy that takes out only what it knows by name.
const KNOWN: [&str; 84] = [
    "oidc-claim-email",
    "oidc-claim-groups",
    "oidc-claim-iss",
    "oidc-claim-name",
    "oidc-claim-preferred-username",
    "oidc-claim-roles",
    "oidc-claim-sub",
    "oidc-claim-upn",
    "remote-email",
    "remote-groups",
    "remote-name",
    "remote-user",
    "tailscale-user-login",
    "tailscale-user-name",
    "tailscale-user-profile-pic",
    "x-auth-email",
    "x-auth-groups",
    "x-auth-name",
    "x-auth-request-access-token",
    "x-auth-request-email",
    "x-auth-request-groups",
    "x-auth-request-preferred-username",
    "x-auth-request-user",
    "x-auth-role",
    "x-auth-roles",
    "x-auth-user",
    "x-auth-userid",
    "x-auth-username",
    "x-authenticated-email",
    "x-authenticated-groups",
    "x-authenticated-scope",
    "x-authenticated-user",
    "x-authenticated-userid",
    "x-authentik-email",
    "x-authentik-entitlements",
    "x-authentik-groups",
    "x-authentik-jwt",
    "x-authentik-name",
    "x-authentik-uid",
    "x-authentik-username",
    "x-consumer-custom-id",
    "x-consumer-groups",
    "x-consumer-id",
    "x-consumer-username",
    "x-credential-identifier",
    "x-credential-username",
    "x-forwarded-by",
    "x-forwarded-client-cert",
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
    "x-forwarded-tls-client-cert",
    "x-forwarded-tls-client-cert-info",
    "x-forwarded-uri",
    "x-goog-authenticated-user-email",
    "x-goog-authenticated-user-id",
    "x-original-host",
    "x-original-method",
    "x-original-uri",
    "x-original-url",
    "x-pomerium-claim-email",
    "x-pomerium-claim-groups",
    "x-pomerium-claim-sub",
    "x-pomerium-claim-user",
    "x-remote-email",
    "x-remote-group",
    "x-remote-groups",
    "x-remote-name",
    "x-remote-uid",
    "x-remote-user",
    "x-rewrite-url",
    "x-vouch-user",
    "x-webauth-email",
    "x-webauth-groups",
    "x-webauth-name",
    "x-webauth-role",
    "x-webauth-user",
];

/// Whether a client's header of this name, in any spelling, must not reach an API.
pub(crate) fn is_forbidden(name: &str) -> bool {
    PREFIXES.iter().any(|prefix| begins_like(name, prefix))
        || NAMES.iter().chain(&FRAMING).any(|whole| reads_as(name, whole))
}

/// The same without what a proxy in front of an API says itself: where the call came from, and the
/// framing.
pub(crate) fn is_clients_alone(name: &str) -> bool {
    let reads_as_any = |names: &[&str]| names.iter().any(|known| reads_as(name, known));
    let is_proxys = begins_like(name, "x-forwarded-") && !reads_as_any(&FORWARDED_IDENTITY)
        || reads_as_any(&["forwarded", "x-real-ip"])
        || reads_as_any(&FRAMING);
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

/// [`names`], and those of the names with [`PREFIXES`] that programs go by; none is of ours.
pub(crate) fn known() -> impl Iterator<Item = &'static str> {
    KNOWN.into_iter().chain(FORWARDED_IDENTITY).chain(NAMES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_by_name_is_forbidden() {
        for name in known() {
            assert!(is_forbidden(name), "{name}");
        }
        for name in KNOWN.iter().chain(&FORWARDED_IDENTITY) {
            assert!(PREFIXES.iter().any(|prefix| name.starts_with(prefix)), "{name}");
        }
        let mut all: Vec<_> = known().collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), known().count(), "each once");
    }

    /// A proxy that takes out what is known by name would take out what it has just put in.
    #[test]
    fn what_is_known_by_name_is_none_of_ours() {
        let ours = ["x-auth-subject", "x-auth-session", "x-auth-assertion"];
        let is_ours = |name: &str| ours.contains(&name) || begins_like(name, "x-auth-claims-");
        assert!(known().all(|name| !is_ours(name) && !begins_like(name, "x-auth-set-cookie")));
    }

    #[test]
    fn identity_in_the_words_of_other_programs_is_the_clients_alone() {
        for name in [
            "Remote-User",
            "remote_user",
            "X-Remote-User",
            "X_Remote_Extra_Scopes",
            "X-Forwarded-User",
            "X_Forwarded_Preferred_Username",
            "X-Auth-Request-Email",
            "X-authentik-username",
            "X-WEBAUTH-USER",
            "X-Authenticated-UserId",
            "Cf-Access-Authenticated-User-Email",
            "X-Goog-Authenticated-User-Email",
            "X-MS-CLIENT-PRINCIPAL-NAME",
            "OIDC_CLAIM_sub",
            "OIDC-Claim-Department",
            "X-Credential-Identifier",
            "Tailscale-App-Capabilities",
        ] {
            assert!(is_clients_alone(name), "{name}");
        }
        // Signed, or a credential of the application's own.
        for name in ["Cf-Access-Jwt-Assertion", "X-Amzn-Oidc-Data", "X-Api-Key", "Authorization"] {
            assert!(!is_forbidden(name), "{name}");
        }
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
        assert_eq!(patterns.len(), prefixes().count() + NAMES.len() + FRAMING.len());
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

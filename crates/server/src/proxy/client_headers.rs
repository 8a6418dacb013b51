//! What a client may not say to the API behind us.

use http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::identity::forbidden::is_forbidden;

/// Removes what is ours to say, the tokens that are between the client and us, and `Expect`, which
/// we have answered by reading the body.
///
/// Cookies are [`super::cookies`]'s.
pub(super) fn strip(headers: &mut HeaderMap) {
    let forbidden: Vec<HeaderName> =
        headers.keys().filter(|name| is_forbidden(name.as_str())).cloned().collect();
    for name in forbidden {
        headers.remove(name);
    }
    headers.remove(header::EXPECT);
    strip_bearer(headers);
}

/// A bearer token is always one of ours: a request with both it and a session cookie is ambiguous
/// and refused, so nobody else's gets this far. Other schemes are the application's.
fn strip_bearer(headers: &mut HeaderMap) {
    if !headers.get_all(header::AUTHORIZATION).iter().any(is_bearer) {
        return;
    }
    let kept: Vec<HeaderValue> = headers
        .get_all(header::AUTHORIZATION)
        .iter()
        .filter(|value| !is_bearer(value))
        .cloned()
        .collect();
    headers.remove(header::AUTHORIZATION);
    for value in kept {
        headers.append(header::AUTHORIZATION, value);
    }
}

fn is_bearer(value: &HeaderValue) -> bool {
    let scheme = value.as_bytes().split(u8::is_ascii_whitespace).next();
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn passes(name: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_static("x"));
        strip(&mut headers);
        !headers.is_empty()
    }

    #[test]
    fn identity_spoofed_in_any_spelling_is_removed() {
        for name in [
            "X-Auth-Subject",
            "x_auth_subject",
            "X-Auth_Subject",
            "X.Auth.Subject",
            "x-auth-claims-role",
            "X_AUTH_CLAIMS_ROLE",
            "x-auth-assertion",
            "x-auth-",
            "X-Forwarded-For",
            "X_Forwarded_Host",
            "x-forwarded-prefix",
            "Forwarded",
            "X-Real-IP",
            "x_real_ip",
            "X-CSRF-Token",
            "x_csrf_token",
            "Proxy",
            "Transfer_Encoding",
            "content_length",
            "Expect",
            "X-Original-URL",
            "X_Original_Method",
            "X-Rewrite-URL",
            "X-HTTP-Method-Override",
            "x_http_method",
            "X-Method-Override",
        ] {
            assert!(!passes(name), "{name}");
        }
    }

    #[test]
    fn what_is_the_applications_passes() {
        for name in [
            "x-authority",
            "x-auth",
            "xauth-subject",
            "authorization",
            "x-request-id",
            "forwarded-by",
            "x-forwarded",
            "proxy-x",
            "accept",
            "origin",
        ] {
            assert!(passes(name), "{name}");
        }
    }

    #[test]
    fn bearer_tokens_stay_here_and_other_schemes_pass() {
        let mut headers = HeaderMap::new();
        for value in ["Bearer t", "bEaReR\tt", "Bearer", "Basic dTpw", "Bearerish t", "DPoP t"] {
            headers.append(header::AUTHORIZATION, HeaderValue::from_static(value));
        }
        strip(&mut headers);
        let kept: Vec<_> = headers.get_all(header::AUTHORIZATION).iter().collect();
        assert_eq!(kept, ["Basic dTpw", "Bearerish t", "DPoP t"]);
    }

    proptest! {
        #[test]
        fn nothing_that_reads_as_ours_is_left_and_nothing_else_is_touched(
            names in prop::collection::vec(
                prop_oneof![
                    "[xX][-_.][aA][uU][tT][hH][-_.~][a-zA-Z_-]{0,12}",
                    "[xX][-_][fF]orwarded[-_][a-z]{0,5}",
                    "[a-zA-Z][a-zA-Z0-9_-]{0,16}",
                ],
                0..20,
            )
        ) {
            let mut sent = HeaderMap::new();
            for name in &names {
                sent.append(name.parse::<HeaderName>().unwrap(), HeaderValue::from_static("v"));
            }
            let mut passed = sent.clone();
            strip(&mut passed);
            let read = |name: &HeaderName| name.as_str().to_ascii_lowercase().replace(['_', '.', '~'], "-");
            for name in passed.keys() {
                prop_assert!(!read(name).starts_with("x-auth-"), "{}", name);
                prop_assert!(!read(name).starts_with("x-forwarded-"), "{}", name);
            }
            for name in sent.keys().filter(|name| !passed.contains_key(*name)) {
                let read = read(name);
                prop_assert!(is_forbidden(&read) || read == "expect", "{} was removed", name);
            }
            for name in passed.keys() {
                let count = |headers: &HeaderMap| headers.get_all(name).iter().count();
                prop_assert_eq!(count(&passed), count(&sent));
            }
        }
    }
}

//! Our cookies stay between the browser and us; every other one passes untouched.

use http::{HeaderMap, HeaderValue, header};
use sealpass_tower::sealpass::cookie::pairs;

/// Removes the cookies called `ours` from what a client sent.
///
/// Every other pair stays as it is, byte for byte and in order, even one that no parser would
/// accept: it is the application's. Several `Cookie` headers, as HTTP/2 may send, become one
/// (RFC 9113 §8.2.3).
pub(super) fn strip(headers: &mut HeaderMap, ours: &[String]) {
    let kept: Vec<Vec<u8>> = headers
        .get_all(header::COOKIE)
        .iter()
        .map(|value| without(value.as_bytes(), ours))
        .filter(|value| !value.is_empty())
        .collect();
    headers.remove(header::COOKIE);
    if kept.is_empty() {
        return;
    }
    // Parts of header values, joined by a separator, are a header value again.
    if let Ok(mut value) = HeaderValue::from_bytes(&kept.join(&b"; "[..])) {
        value.set_sensitive(true);
        headers.insert(header::COOKIE, value);
    }
}

fn without(value: &[u8], ours: &[String]) -> Vec<u8> {
    let is_ours = |pair: &[u8]| pairs(pair).any(|(name, _)| contains(ours, name));
    let kept: Vec<&[u8]> =
        value.split(|&byte| byte == b';').filter(|pair| !is_ours(pair)).collect();
    kept.join(&b";"[..]).trim_ascii_start().to_vec()
}

/// Removes every `Set-Cookie` with which an API would set a cookie called `ours`, and says how many.
/// An API that could would end our sessions, or plant someone else's.
pub(super) fn strip_set(headers: &mut HeaderMap, ours: &[String]) -> usize {
    let is_ours = |value: &HeaderValue| contains(ours, cookie_name(value.as_bytes()));
    let before = headers.get_all(header::SET_COOKIE).iter().count();
    if !headers.get_all(header::SET_COOKIE).iter().any(is_ours) {
        return 0;
    }
    let kept: Vec<HeaderValue> = headers
        .get_all(header::SET_COOKIE)
        .iter()
        .filter(|value| !is_ours(value))
        .cloned()
        .collect();
    headers.remove(header::SET_COOKIE);
    let removed = before - kept.len();
    for value in kept {
        headers.append(header::SET_COOKIE, value);
    }
    removed
}

/// The name under which a browser will send the cookie back.
///
/// `=__Host-session=x` sets a cookie without a name, whose value reads as one with ours
/// (RFC 6265bis §5.6), so leading `=` do not count.
fn cookie_name(set_cookie: &[u8]) -> &[u8] {
    let pair = set_cookie.split(|&byte| byte == b';').next().unwrap_or_default();
    let start = pair.iter().position(|byte| !byte.is_ascii_whitespace() && *byte != b'=');
    let named = start.and_then(|start| pair.get(start..)).unwrap_or_default();
    named.split(|&byte| byte == b'=').next().unwrap_or_default().trim_ascii_end()
}

fn contains(names: &[String], name: &[u8]) -> bool {
    names.iter().any(|ours| ours.as_bytes() == name)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ours() -> [String; 2] {
        ["__Host-session".to_owned(), "__Host-csrf".to_owned()]
    }

    fn stripped(cookies: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(header::COOKIE, HeaderValue::from_bytes(cookie).unwrap());
        }
        strip(&mut headers, &ours());
        headers.get_all(header::COOKIE).iter().map(|value| value.as_bytes().to_vec()).collect()
    }

    #[test]
    fn our_cookies_go_wherever_they_are() {
        for (sent, passed) in [
            (&b"__Host-session=t"[..], &b""[..]),
            (b"__Host-session=t; __Host-csrf=c", b""),
            (b"__Host-session=t; a=b", b"a=b"),
            (b"a=b; __Host-session=t", b"a=b"),
            (b"a=b; __Host-session=t; c=d", b"a=b; c=d"),
            (b"a=b;__Host-session=t;c=d", b"a=b;c=d"),
            (b"a=b;\t__Host-session = t ; __Host-session=\"u\"; c=d", b"a=b; c=d"),
        ] {
            let expected: Vec<&[u8]> = if passed.is_empty() { vec![] } else { vec![passed] };
            assert_eq!(stripped(&[sent]), expected, "{}", sent.escape_ascii());
        }
    }

    #[test]
    fn cookies_that_are_not_ours_pass_byte_for_byte() {
        for cookie in [
            &b"a=b"[..],
            b"%5F%5FHost-session=EVIL",
            b"__host-session=x; __Host-session2=y; x__Host-session=z",
            b"caf\xe9=1;\"q\"; =; a==b;;  c",
            b"a=\"b; c\"",
        ] {
            assert_eq!(stripped(&[cookie]), [cookie], "{}", cookie.escape_ascii());
        }
    }

    #[test]
    fn several_headers_become_one() {
        assert_eq!(stripped(&[b"a=b", b"__Host-csrf=c", b"d=e"]), [b"a=b; d=e"]);
    }

    proptest! {
        #[test]
        fn only_ours_go_and_the_rest_keeps_its_order(
            pairs in prop::collection::vec(("[a-z_-]{1,8}", "[!-:<-~]{0,8}", any::<bool>()), 0..8)
        ) {
            let (mut sent, mut expected) = (Vec::new(), Vec::new());
            for (name, value, is_ours) in pairs {
                if is_ours {
                    sent.push(format!("__Host-session={value}"));
                } else {
                    sent.push(format!("{name}={value}"));
                    expected.push(format!("{name}={value}"));
                }
            }
            let passed = stripped(&[sent.join("; ").as_bytes()]).pop().unwrap_or_default();
            prop_assert_eq!(passed, expected.join("; ").into_bytes());
        }
    }

    #[test]
    fn an_api_cannot_set_our_cookies() {
        for value in [
            "__Host-session=evil",
            "__Host-session=; Max-Age=0; Path=/; Secure",
            " __Host-csrf = evil; Path=/",
            "=__Host-session=evil",
            " = =__Host-session=evil",
        ] {
            let mut headers = HeaderMap::new();
            headers.append(header::SET_COOKIE, HeaderValue::from_static("a=1; Path=/"));
            headers.append(header::SET_COOKIE, HeaderValue::from_str(value).unwrap());
            headers.append(header::SET_COOKIE, HeaderValue::from_static("__Host-other=2"));
            assert_eq!(strip_set(&mut headers, &ours()), 1, "{value}");
            let kept: Vec<_> = headers.get_all(header::SET_COOKIE).iter().collect();
            assert_eq!(kept, ["a=1; Path=/", "__Host-other=2"]);
        }
        let mut headers = HeaderMap::new();
        headers.append(header::SET_COOKIE, HeaderValue::from_static("a=__Host-session=1"));
        assert_eq!(strip_set(&mut headers, &ours()), 0);
        assert_eq!(headers.len(), 1);
    }
}

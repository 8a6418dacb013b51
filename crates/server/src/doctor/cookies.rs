//! `Set-Cookie` as a browser reads it (RFC 6265bis §5.6).

use http::header;
use sealpass_tower::sealpass::Secret;
use sealpass_tower::sealpass::cookie::SetCookie;

use super::finding::Finding;
use super::site::{Answer, shown};

/// One `Set-Cookie` header.
pub(super) struct Cookie {
    pub(super) name: String,
    pub(super) value: Secret<String>,
    /// Names in lower case and values as they are, in their order.
    attributes: Vec<(String, String)>,
}

/// The cookies of `answer`, one for each header.
pub(super) fn read(answer: &Answer) -> Vec<Cookie> {
    answer.all(&header::SET_COOKIE).iter().filter_map(|line| Cookie::read(line)).collect()
}

impl Cookie {
    fn read(line: &str) -> Option<Self> {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next()?.split_once('=')?;
        let attributes = parts.map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (name.trim().to_ascii_lowercase(), value.trim().to_owned())
        });
        Some(Self {
            name: name.trim().to_owned(),
            value: Secret::new(value.trim().to_owned()),
            attributes: attributes.collect(),
        })
    }

    /// The last attribute of a name counts.
    fn attribute(&self, name: &str) -> Option<&str> {
        let mut found = self.attributes.iter().rev().filter(|(known, _)| known == name);
        found.next().map(|(_, value)| value.as_str())
    }

    fn has(&self, name: &str) -> bool {
        self.attribute(name).is_some()
    }

    /// Whether this is the token of a session, whatever the cookie is called: JWS has two dots, JWE
    /// four, and the anti-CSRF token none.
    pub(super) fn is_token(&self) -> bool {
        self.value.expose().bytes().filter(|byte| *byte == b'.').count() >= 2
    }

    /// Whether another header was joined to this one with a comma, which no attribute but `Expires`
    /// has.
    fn is_joined(&self) -> bool {
        self.value.expose().contains(',')
            || self.attributes.iter().any(|(name, value)| name != "expires" && value.contains(','))
    }

    /// Whether a browser forgets the cookie when it reads this.
    pub(super) fn is_removal(&self) -> bool {
        self.attribute("max-age").map_or(self.has("expires"), |seconds| seconds == "0")
            && self.value.expose().is_empty()
    }

    /// All that decides which cookie is meant and who gets it.
    pub(super) fn scope(&self) -> String {
        let flags = ["secure", "httponly", "partitioned"].into_iter().filter(|flag| self.has(flag));
        let texts = ["path", "domain", "samesite"].into_iter().filter_map(|name| {
            Some(format!("{name}={}", self.attribute(name)?.to_ascii_lowercase()))
        });
        flags.map(str::to_owned).chain(texts).collect::<Vec<_>>().join("; ")
    }
}

/// Judges the cookies of a login.
pub(super) fn judge(cookies: &[Cookie]) -> Vec<Finding> {
    if let Some(broken) = broken(cookies) {
        return vec![broken];
    }
    let set: Vec<_> = cookies.iter().filter(|cookie| !cookie.is_removal()).collect();
    let mut findings = vec![
        Finding::ok("cookies_separate", "both cookies arrive, each in a header of its own"),
        http_only(&set),
        secure(&set),
        same_site(&set),
        prefix(&set),
        size(&set),
    ];
    findings.extend(domain(&set));
    findings
}

/// That a browser gets anything else than a session cookie and an anti-CSRF cookie; removals of those
/// of other profiles may be beside them.
pub(super) fn broken(cookies: &[Cookie]) -> Option<Finding> {
    let set: Vec<_> = cookies.iter().filter(|cookie| !cookie.is_removal()).collect();
    let tokens = set.iter().filter(|cookie| cookie.is_token()).count();
    let seen = if cookies.iter().any(Cookie::is_joined) {
        "two cookies are joined in one Set-Cookie: the attributes of one are lost".to_owned()
    } else if (set.len(), tokens) != (2, 1) {
        let names: Vec<_> = set.iter().map(|cookie| shown(&cookie.name)).collect();
        format!("{} cookies are set: {}", set.len(), names.join(", "))
    } else {
        return None;
    };
    Some(Finding::fail(
        "cookies_separate",
        seen,
        "let the front proxy pass every `Set-Cookie` on by itself; where it asks forward-auth, let it \
         set each `X-Auth-Set-Cookie-N` as one: `sealpass emit-config` prints a configuration that \
         does",
    ))
}

fn http_only(cookies: &[&Cookie]) -> Finding {
    let mut wrongs = Vec::new();
    for cookie in cookies {
        match (cookie.is_token(), cookie.has("httponly")) {
            (true, false) => wrongs.push(format!("{} lacks HttpOnly", shown(&cookie.name))),
            (false, true) => {
                wrongs.push(format!("{} has it, so no page can read it", shown(&cookie.name)));
            }
            (true, true) | (false, false) => {}
        }
    }
    Finding::of_wrongs(
        "cookie_http_only",
        &wrongs,
        "page script reads the anti-CSRF cookie and not the session",
        "let the front proxy change no attribute of a cookie",
    )
}

fn secure(cookies: &[&Cookie]) -> Finding {
    let without = cookies.iter().filter(|cookie| !cookie.has("secure"));
    let wrongs: Vec<_> =
        without.map(|cookie| format!("{} lacks Secure", shown(&cookie.name))).collect();
    Finding::of_wrongs(
        "cookie_secure",
        &wrongs,
        "no cookie is sent over plain http",
        "use the cookie profile `host` (`dev` is for this machine alone), and let the front proxy \
         change no attribute of a cookie",
    )
}

fn same_site(cookies: &[&Cookie]) -> Finding {
    let mut wrongs = Vec::new();
    let mut is_open = false;
    for cookie in cookies {
        match cookie.attribute("samesite").map(str::to_ascii_lowercase).as_deref() {
            Some("lax" | "strict") => {}
            Some("none") => is_open = true,
            _ => wrongs.push(format!("{} lacks SameSite", shown(&cookie.name))),
        }
    }
    if wrongs.is_empty() && is_open {
        return Finding::warn(
            "cookie_same_site",
            "other sites' pages send these cookies: SameSite=None",
            "keep `cookies.profile = \"cross-site\"` only if other sites embed this one",
        );
    }
    Finding::of_wrongs(
        "cookie_same_site",
        &wrongs,
        "no other site's page sends them along, but for a link that is followed",
        "let the front proxy change no attribute of a cookie",
    )
}

/// A cookie whose prefix promises what its attributes do not say is dropped by browsers.
fn prefix(cookies: &[&Cookie]) -> Finding {
    let (mut wrongs, mut bare) = (Vec::new(), Vec::new());
    for cookie in cookies {
        let folded = cookie.name.to_ascii_lowercase();
        let name = shown(&cookie.name);
        if folded.starts_with("__host-") {
            if !cookie.has("secure")
                || cookie.has("domain")
                || cookie.attribute("path") != Some("/")
            {
                wrongs.push(format!(
                    "browsers drop {name}: it is not Secure, or has a Domain, or \
                                     another Path than /"
                ));
            }
        } else if folded.starts_with("__secure-") {
            if !cookie.has("secure") {
                wrongs.push(format!("browsers drop {name}: it is not Secure"));
            }
        } else {
            bare.push(name);
        }
    }
    if wrongs.is_empty() && !bare.is_empty() {
        return Finding::warn(
            "cookie_prefix",
            format!("{} can be set by other hosts, and over plain http", bare.join(", ")),
            "use the cookie profile `host`",
        );
    }
    Finding::of_wrongs(
        "cookie_prefix",
        &wrongs,
        "the names promise what the attributes keep",
        "let the front proxy change no attribute and no name of a cookie (nginx: no \
         `proxy_cookie_path`, no `proxy_cookie_domain`)",
    )
}

fn size(cookies: &[&Cookie]) -> Finding {
    let longest =
        cookies.iter().map(|cookie| cookie.name.len() + cookie.value.expose().len()).max();
    let longest = longest.unwrap_or_default();
    let (most, seen) = (SetCookie::MAX_BYTES, format!("at most {longest} bytes"));
    if longest > most {
        let change = format!("put less into the claims: browsers drop a cookie over {most} bytes");
        return Finding::fail("cookie_size", seen, change);
    }
    Finding::ok("cookie_size", seen)
}

fn domain(cookies: &[&Cookie]) -> Option<Finding> {
    let domain = cookies.iter().find_map(|cookie| cookie.attribute("domain"))?;
    Some(Finding::warn(
        "cookie_domain",
        format!("every host below {} gets these cookies and can set its own", shown(domain)),
        "use the cookie profile `host` unless all of those hosts are yours and need the session",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Severity;

    const SESSION: &str = "__Host-session=a.b.c.d.e; Path=/; Secure; HttpOnly; SameSite=Lax";
    const CSRF: &str = "__Host-csrf=abc; Path=/; Secure; SameSite=Strict";

    fn cookies(lines: &[&str]) -> Vec<Cookie> {
        let headers: Vec<_> = lines.iter().map(|line| ("set-cookie", *line)).collect();
        read(&Answer::recorded(200, &headers, ""))
    }

    /// What is not well about cookies.
    fn wrong(lines: &[&str]) -> Vec<(&'static str, Severity)> {
        let findings = judge(&cookies(lines)).into_iter();
        findings
            .filter(|found| found.severity != Severity::Ok)
            .map(|found| (found.code, found.severity))
            .collect()
    }

    #[test]
    fn our_own_cookies_are_as_they_should_be() {
        assert_eq!(wrong(&[SESSION, CSRF]), []);
        let removal = "__Secure-session=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax";
        assert_eq!(wrong(&[SESSION, CSRF, removal]), []);
    }

    #[test]
    fn cookies_that_a_proxy_broke_are_recognised() {
        use Severity::{Fail, Warn};
        let joined = format!("{SESSION}, {CSRF}");
        let expected = [("cookies_separate", Fail)];
        for lines in [&[joined.as_str()][..], &[SESSION], &[CSRF], &[], &[SESSION, SESSION]] {
            assert_eq!(wrong(lines), expected, "{lines:?}");
        }
        for (session, csrf, expected) in [
            (SESSION.replace("; HttpOnly", ""), CSRF.to_owned(), ("cookie_http_only", Fail)),
            (SESSION.to_owned(), format!("{CSRF}; HttpOnly"), ("cookie_http_only", Fail)),
            (SESSION.replace("; SameSite=Lax", ""), CSRF.to_owned(), ("cookie_same_site", Fail)),
            (SESSION.replace("Lax", "None"), CSRF.to_owned(), ("cookie_same_site", Warn)),
            (SESSION.replace("Path=/", "Path=/app"), CSRF.to_owned(), ("cookie_prefix", Fail)),
            (SESSION.replace("__Host-", ""), CSRF.to_owned(), ("cookie_prefix", Warn)),
            (SESSION.replace("a.b.c", &"a".repeat(4_090)), CSRF.to_owned(), ("cookie_size", Fail)),
        ] {
            assert_eq!(wrong(&[&session, &csrf]), [expected], "{session} {csrf}");
        }
    }

    #[test]
    fn a_prefix_promises_secure_and_a_domain_is_told() {
        let insecure = SESSION.replace("; Secure", "");
        let expected = [("cookie_secure", Severity::Fail), ("cookie_prefix", Severity::Fail)];
        assert_eq!(wrong(&[&insecure, CSRF]), expected);
        let site = [SESSION, CSRF].map(|line| {
            line.replace("__Host-", "__Secure-").replace("Path=/", "Path=/; Domain=example.com")
        });
        assert_eq!(wrong(&[&site[0], &site[1]]), [("cookie_domain", Severity::Warn)]);
    }

    #[test]
    fn a_browser_compares_cookies_by_their_attributes_in_any_order() {
        let [one, other] =
            [SESSION, "__Host-session=; samesite=lax; httponly; SECURE; path=/; Max-Age=0"]
                .map(|line| Cookie::read(line).unwrap());
        assert_eq!(one.scope(), other.scope());
        assert!(other.is_removal() && !one.is_removal());
        assert_ne!(one.scope(), Cookie::read(CSRF).unwrap().scope());
        let expired = "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
        let expired = Cookie::read(expired).unwrap();
        assert!(expired.is_removal() && !expired.is_joined());
    }
}

//! Where a session alone is not enough: paths of the API that want a recent login (RFC 9470).

/// Paths, each with how long ago the login may have been.
#[derive(Clone, Debug, Default)]
pub(crate) struct StepUp {
    rules: Vec<StepUpRule>,
}

/// A path and everything below it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct StepUpRule {
    /// In lower case, without a slash at its end; empty for every path.
    path: String,
    /// In seconds.
    max_age: u64,
}

impl StepUpRule {
    /// The rule for `path`, in seconds.
    ///
    /// # Errors
    /// What is wrong with the path.
    pub(crate) fn new(path: &str, max_age: u64) -> Result<Self, &'static str> {
        if !path.starts_with('/') {
            return Err("has a path that does not begin with `/`");
        }
        match plain(path) {
            // What is written plainly is read plainly: nothing in it is decoded or joined.
            Some(plain) if plain == path.trim_end_matches('/').to_lowercase() => {
                Ok(Self { path: plain, max_age })
            }
            _ => Err("has a path with something to decode, such as `%`, `;`, `//` or `..`"),
        }
    }

    /// Whether `path`, a [`plain`] one, is this or below it. `/admin.json` is, to some APIs;
    /// `/administrator` never is.
    fn covers(&self, path: &str) -> bool {
        path.strip_prefix(self.path.as_str()).is_some_and(|rest| {
            !rest.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '_'))
        })
    }
}

impl StepUp {
    pub(crate) const fn new(rules: Vec<StepUpRule>) -> Self {
        Self { rules }
    }

    /// Seconds within which the caller of `path` must have logged in; of several rules the strictest.
    ///
    /// A path that one program may read as another than the next does falls under the strictest of
    /// all rules, and so does one that is not known.
    pub(crate) fn max_age(&self, path: Option<&str>) -> Option<u64> {
        let plain = path.and_then(plain);
        let rules = self.rules.iter();
        match plain {
            Some(path) => rules.filter(|rule| rule.covers(&path)).map(|rule| rule.max_age).min(),
            None => rules.map(|rule| rule.max_age).min(),
        }
    }
}

/// A path as most programs would read it: decoded once, in lower case, with single slashes and none
/// at its end. None when they would not agree on it.
fn plain(path: &str) -> Option<String> {
    let decoded = decode(path)?.to_lowercase();
    let segments = decoded.split('/').filter(|segment| !segment.is_empty());
    let mut plain = String::with_capacity(decoded.len());
    for segment in segments {
        if matches!(segment, "." | "..") {
            return None;
        }
        plain.push('/');
        plain.push_str(segment);
    }
    Some(plain)
}

/// Decodes percent-encoding once. None for what is decoded twice by some programs, not at all by
/// others, or ends a path or a segment for some.
fn decode(path: &str) -> Option<String> {
    let mut decoded = Vec::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        let (byte, was_encoded) = match byte {
            b'%' => (hex(bytes.next()?)? << 4 | hex(bytes.next()?)?, true),
            byte => (byte, false),
        };
        let is_odd = matches!(byte, b'%' | b'\\' | b';' | b'?' | b'#') || byte.is_ascii_control();
        if is_odd || (was_encoded && byte == b'/') {
            return None;
        }
        decoded.push(byte);
    }
    String::from_utf8(decoded).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(rules: &[(&str, u64)]) -> StepUp {
        let rules = rules.iter().map(|(path, age)| StepUpRule::new(path, *age).unwrap());
        StepUp::new(rules.collect())
    }

    #[test]
    fn a_rule_is_for_its_path_and_all_below_and_the_strictest_counts() {
        let step_up = rules(&[("/account", 900), ("/account/keys/", 60), ("/Transfer", 300)]);
        for (path, max_age) in [
            ("/account", Some(900)),
            ("/account/", Some(900)),
            ("/account/name", Some(900)),
            ("/account.json", Some(900)),
            ("/account/keys", Some(60)),
            ("/account/keys/7", Some(60)),
            ("/transfer", Some(300)),
            ("/", None),
            ("/accounts", None),
            ("/account-settings", None),
            ("/v1/account", None),
            ("/caf%C3%A9", None),
        ] {
            assert_eq!(step_up.max_age(Some(path)), max_age, "{path}");
        }
        assert_eq!(rules(&[("/", 5)]).max_age(Some("/anything")), Some(5));
        assert_eq!(StepUp::default().max_age(None), None);
    }

    #[test]
    fn no_spelling_of_a_path_gets_around_its_rule() {
        let step_up = rules(&[("/admin", 300), ("/other", 900)]);
        for path in ["/ADMIN", "//admin", "/%61dmin", "/admin//x", "///Admin/", "/%41DMIN/x"] {
            assert_eq!(step_up.max_age(Some(path)), Some(300), "{path}");
        }
        // Whatever these mean to the API.
        for path in [
            "/x/../admin",
            "/./admin",
            "/x/%2e%2e/admin",
            "/%2fadmin",
            "/%5Cadmin",
            "/\\admin",
            "/x;/admin",
            "/x%3B/admin",
            "/%2561dmin",
            "/admin%00",
            "/%",
            "/%4",
            "/%zz",
            "/%ff",
            "/x%3f",
            "/x#/admin",
        ] {
            assert_eq!(step_up.max_age(Some(path)), Some(300), "{path}");
        }
        assert_eq!(step_up.max_age(None), Some(300));
    }

    #[test]
    fn a_rule_that_would_never_match_is_refused() {
        for path in ["", "admin", "/a/../b", "/%61", "/a;b", "/a//b", "/a?b", "*"] {
            assert!(StepUpRule::new(path, 1).is_err(), "{path}");
        }
    }
}

//! One rule: which requests it is for, and what it asks of them.

use std::cmp::Reverse;
use std::fmt;

use http::Method;

use super::access::Access;
use super::path::{self, NormalPath, is_path_character};
use crate::config::Place;

/// A rule and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) place: Place,
    pub(crate) path: RulePath,
    /// Whether what is below the path is none of its business.
    pub(crate) is_exact: bool,
    /// None in it: every method.
    pub(crate) methods: Vec<Method>,
    pub(crate) access: Access,
}

/// A path as a person writes it: nothing in it is encoded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct RulePath {
    /// Without a slash at its end; empty for the root.
    text: String,
    folded: String,
}

impl RulePath {
    /// Reads a path.
    ///
    /// # Errors
    /// What is wrong with it: a clause that follows it.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let rest = text.strip_prefix('/').ok_or("does not begin with `/`")?;
        if text.contains(['*', '{', '}']) {
            return Err("has a placeholder; a path is for all that is below it");
        }
        if text.contains('?') {
            return Err("has a query, which no rule looks at");
        }
        let is_plain = |c: char| {
            c == '/' || c == ' ' || !c.is_ascii() || u8::try_from(c).is_ok_and(is_path_character)
        };
        if !text.chars().all(is_plain) {
            return Err(
                "has something to decode, such as `%` or `;`, where it is to be written plainly",
            );
        }
        let text = if rest.is_empty() { "" } else { text.strip_suffix('/').unwrap_or(text) };
        let folded = path::fold(text)
            .map_err(|_| "has `//`, a segment of dots, or characters that programs replace")?;
        if text.split('/').any(|segment| path::trim(segment) != segment) {
            return Err("has a segment with white space around it, or a dot at its end");
        }
        Ok(Self { text: text.to_owned(), folded })
    }

    pub(crate) fn as_str(&self) -> &str {
        if self.text.is_empty() { "/" } else { &self.text }
    }

    /// Whether every program reads `path` as this one or one below it.
    pub(crate) fn contains(&self, path: &NormalPath) -> bool {
        let rest = path.plain().strip_prefix(self.text.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// In the most lenient reading.
    pub(crate) fn folded(&self) -> &str {
        &self.folded
    }
}

impl Rule {
    /// Whether every program reads the request as one that this rule is for. A method that is not
    /// known is none that a rule names.
    pub(super) fn is_for(&self, method: Option<&Method>, path: &NormalPath) -> bool {
        let is_method = |named: &Method| {
            method.is_some_and(|method| {
                named == method || (named == Method::GET && method == Method::HEAD)
            })
        };
        let Some(rest) = path.plain().strip_prefix(self.path.text.as_str()) else { return false };
        (self.methods.is_empty() || self.methods.iter().any(is_method))
            && (rest.is_empty() || (!self.is_exact && rest.starts_with('/')))
    }

    /// Whether some program may read it so: one that folds case, that takes `/admin.json` or
    /// `/admin(1)` for a form of `/admin`, or that was told another method.
    pub(super) fn may_be_for(&self, method: Option<&Method>, path: &NormalPath) -> bool {
        let is_method = |named: &Method| {
            method.is_none_or(|method| {
                named.as_str().eq_ignore_ascii_case(method.as_str())
                    || (named == Method::GET && method.as_str().eq_ignore_ascii_case("HEAD"))
            })
        };
        let Some(rest) = path.folded().strip_prefix(self.path.folded.as_str()) else {
            return false;
        };
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
        let is_path = match rest.chars().next() {
            None => true,
            Some('/') => !self.is_exact,
            Some(next) => !is_word(next),
        };
        is_path && (self.methods.is_empty() || self.methods.iter().any(is_method))
    }

    /// Orders rules, the most specific first: the longest path, then one for exactly that path, then one
    /// that names methods.
    pub(super) fn specificity(&self) -> impl Ord + '_ {
        let folded = self.path.folded.as_str();
        let segments = folded.matches('/').count();
        let rest = (!self.is_exact, self.methods.is_empty());
        (Reverse((segments, folded.len())), folded, rest)
    }

    /// Whether both decide about one request, so that neither is the more specific one.
    pub(super) fn collides_with(&self, other: &Self) -> bool {
        let share = |a: &Method, b: &Method| {
            a == b
                || (a == Method::GET && b == Method::HEAD)
                || (a == Method::HEAD && b == Method::GET)
        };
        self.specificity() == other.specificity()
            && (self.methods.is_empty()
                || self.methods.iter().any(|a| other.methods.iter().any(|b| share(a, b))))
    }
}

/// Where it stands and for what it is.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, for {}", self.place, self.path.as_str().escape_debug())?;
        f.write_str(if self.is_exact { " alone" } else { " and all below it" })?;
        if !self.methods.is_empty() {
            let methods: Vec<_> = self.methods.iter().map(Method::as_str).collect();
            write!(f, ", by {}", methods.join(" or "))?;
        }
        Ok(())
    }
}

//! Rules for paths: who may reach what of the API.
//!
//! The reverse proxy, forward-auth and `sealpass explain` ask the same [`Routes`]. Nothing here knows of
//! a session: what comes out is what one must have.

mod access;
mod explain;
mod path;
mod rule;
#[cfg(test)]
pub(crate) mod tests;

use std::fmt;
use std::sync::Arc;

use http::{Method, StatusCode};
use sealpass_tower::sealpass::Problem;

pub(crate) use access::{Access, Needs, Unmet};
pub(crate) use explain::{ExplainArgs, run as explain};
pub(crate) use path::{AmbiguousPath, NormalPath};
pub(crate) use rule::{Rule, RulePath};

use crate::config::Place;

/// Every rule, the most specific first.
#[derive(Clone, Debug)]
pub(crate) struct Routes {
    rules: Arc<[Rule]>,
    /// What a request needs that no rule is for.
    otherwise: Access,
}

/// Why no rule can be said to decide.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Ambiguous {
    Path(AmbiguousPath),
    /// Every program reads the request as one for `decides`, or for no rule at all. Some read it as one
    /// for `other`, which is more specific and asks for something else.
    Rules {
        decides: Option<Place>,
        other: Place,
    },
}

impl Routes {
    /// The rules, in any order.
    ///
    /// # Errors
    /// Those of which neither is the more specific one, in pairs.
    pub(crate) fn new(mut rules: Vec<Rule>) -> Result<Self, Vec<[Place; 2]>> {
        rules.sort_by(|a, b| a.specificity().cmp(&b.specificity()));
        let mut collisions = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            let equals = rules.iter().skip(index + 1);
            let equals = equals.take_while(|other| rule.specificity() == other.specificity());
            let colliding = equals.filter(|other| rule.collides_with(other));
            collisions.extend(colliding.map(|other| [rule.place.clone(), other.place.clone()]));
        }
        if collisions.is_empty() {
            Ok(Self { rules: rules.into(), ..Self::default() })
        } else {
            Err(collisions)
        }
    }

    /// Who may make a request: what [`Routes::find`] says, and whoever has a session where it finds no
    /// rule.
    ///
    /// # Errors
    /// [`Ambiguous`].
    pub(crate) fn decide(
        &self,
        method: Option<&Method>,
        path: Option<&str>,
    ) -> Result<&Access, Ambiguous> {
        Ok(self.find(method, path)?.map_or(&self.otherwise, |rule| &rule.access))
    }

    /// The one rule that decides about a request: of those that every program reads it as being for,
    /// the most specific. `path` is what stands on the wire, without its query; none when that is not
    /// known, as `method` may be.
    ///
    /// A program that decodes, folds or guesses may see more rules, never fewer. If one of these is more
    /// specific and asks for something else, the request is refused. Without rules every path is as
    /// good as another.
    ///
    /// # Errors
    /// [`Ambiguous`].
    pub(crate) fn find(
        &self,
        method: Option<&Method>,
        path: Option<&str>,
    ) -> Result<Option<&Rule>, Ambiguous> {
        if self.rules.is_empty() {
            return Ok(None);
        }
        let path = path.ok_or(AmbiguousPath::NotPath).and_then(NormalPath::parse);
        let path = path.map_err(Ambiguous::Path)?;
        let decides = self.rules.iter().position(|rule| rule.is_for(method, &path));
        let (others, decides) = match decides {
            Some(index) => (self.rules.get(..index), self.rules.get(index)),
            None => (Some(&*self.rules), None),
        };
        let access = decides.map_or(&self.otherwise, |rule| &rule.access);
        let mut others = others.into_iter().flatten();
        match others.find(|rule| rule.access != *access && rule.may_be_for(method, &path)) {
            None => Ok(decides),
            Some(other) => Err(Ambiguous::Rules {
                decides: decides.map(|rule| rule.place.clone()),
                other: other.place.clone(),
            }),
        }
    }
}

impl Default for Routes {
    /// No rule: a session is needed for everything.
    fn default() -> Self {
        Self { rules: Arc::default(), otherwise: Access::Session(Arc::default()) }
    }
}

impl Ambiguous {
    /// The problem to answer with.
    pub(crate) fn problem(&self, status: StatusCode) -> Problem {
        let detail = match self {
            Self::Path(path) => format!("the path {path}"),
            // Which rules there are is not the client's to know.
            Self::Rules { .. } => {
                "programs read the method or the path in more than one way: write \
                                   it plainly, and in the case it has"
                    .to_owned()
            }
        };
        Problem::new(status, "ambiguous_path", detail)
    }
}

/// For the operator.
impl fmt::Display for Ambiguous {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "the path {path}"),
            Self::Rules { decides, other } => {
                write!(f, "some programs may read it as a request for {other}, others ")?;
                match decides {
                    Some(place) => write!(f, "for {place}")?,
                    None => f.write_str("for no rule")?,
                }
                f.write_str(", which asks for something else: write it plainly, or give it a rule")
            }
        }
    }
}

/// Path and query of a whole URL, as they stand there; a `#` is a part of them. None when it is not
/// plain where they begin: a client writes the host too, and may have written more than one.
pub(crate) fn target_of(url: &str) -> Option<&str> {
    let is_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte);
    let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b".:-_[]".contains(&byte);
    let scheme = url.bytes().take_while(|&byte| is_scheme(byte)).count();
    let rest = url.get(scheme..)?.strip_prefix("://")?;
    let host = rest.bytes().take_while(|&byte| is_host(byte)).count();
    rest.get(host..).filter(|target| target.starts_with('/'))
}

/// The path of a target. A `#` ends a path for some programs and is a part of it for others: that is
/// not decided here.
pub(crate) fn path_of(target: &str) -> &str {
    target.split_once('?').map_or(target, |(path, _)| path)
}

//! What is wrong with a configuration: where, what, and what would be accepted.

use std::fmt;
use std::path::PathBuf;

use super::setting::{Described, TableArray, VARIABLE_PREFIX};
use super::table;

/// Everything that is wrong with a configuration, in the order it was found; never empty.
#[derive(Debug)]
pub(crate) struct Problems(pub(super) Vec<Problem>);

impl std::error::Error for Problems {}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("the configuration has a problem:")?,
            count => write!(f, "the configuration has {count} problems:")?,
        }
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

/// One thing that is wrong. Holds no value of a setting that may be a secret.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Problem {
    /// Two settings that do not go together.
    #[error("{}`{key}` {why}", place(.at))]
    Conflict { at: Source, key: String, why: String },
    /// A setting without which there is no configuration.
    #[error("{}`{key}` is missing{ways}; expected {accepted}", place(.at))]
    Missing {
        at: Source,
        key: String,
        /// How else than in this place it can be given.
        ways: String,
        accepted: String,
    },
    /// A value that is not what its setting accepts.
    #[error("{at}: `{key}`{} {why}; expected {accepted}", shown(.text.as_deref()))]
    Refused {
        at: Source,
        key: String,
        /// The value, when it cannot be a secret.
        text: Option<String>,
        why: String,
        accepted: String,
    },
    /// A file that is not TOML.
    #[error("{at}: {why}")]
    Syntax { at: Source, why: String },
    /// A key or a variable that names no setting.
    #[error("{at}: there is no setting `{name}`{}", suggestion(.nearest.as_deref()))]
    Unknown { at: Source, name: String, nearest: Option<String> },
    /// A file that could not be read.
    #[error("{}: {why}", .path.display())]
    Unreadable { path: PathBuf, why: String },
}

/// Where a value came from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Source {
    Default,
    File { path: PathBuf, line: usize },
    Flag(&'static str),
    Variable(String),
}

/// Where a table of an array is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    /// The key of the array.
    pub(crate) key: &'static str,
    /// From 0.
    pub(crate) index: usize,
    pub(crate) at: Source,
}

impl Place {
    /// The array and which of its tables: `routes[0]`.
    pub(crate) fn name(&self) -> String {
        format!("{}[{}]", self.key, self.index)
    }

    /// A setting of the table: `routes[0].path`.
    pub(super) fn name_of(&self, setting: &dyn Described) -> String {
        let name = setting.key().split_once('.').map_or(setting.key(), |(_, name)| name);
        format!("{}.{name}", self.name())
    }

    /// Whether a setting belongs into the table.
    pub(super) fn holds(&self, setting: &dyn Described) -> bool {
        setting.key().split_once('.').is_some_and(|(array, _)| array == self.key)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name(), self.at)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Flag(flag) => write!(f, "--{flag}"),
            Self::Variable(name) => f.write_str(name),
        }
    }
}

impl Problem {
    pub(super) fn missing(setting: &dyn Described) -> Self {
        let flag = setting.flag().map(|flag| format!(" or with --{flag}")).unwrap_or_default();
        let variable = setting.variable();
        Self::Missing {
            at: Source::Default,
            key: setting.key().to_owned(),
            ways: format!(": give it in the file, as {variable}{flag}"),
            accepted: setting.accepted().into_owned(),
        }
    }

    /// A setting that is not in a table that needs it.
    pub(super) fn missing_in(place: &Place, setting: &dyn Described) -> Self {
        Self::Missing {
            at: place.at.clone(),
            key: place.name_of(setting),
            ways: String::new(),
            accepted: setting.accepted().into_owned(),
        }
    }

    /// An unknown key of the file, or a table that holds no setting.
    pub(super) fn unknown_key(at: Source, name: &str, all: &[&dyn Described]) -> Self {
        let keys = all.iter().map(|setting| setting.key());
        let tables = all.iter().filter_map(|setting| setting.key().split_once('.'));
        let tables = tables.map(|(table, _)| table);
        let arrays = table::ARRAYS.iter().map(|array| array.key);
        let names = keys.chain(tables).chain(arrays);
        let nearest = nearest(name, names.map(str::to_owned));
        Self::Unknown { at, name: printable(name), nearest }
    }

    /// A variable that would be about an array of tables.
    pub(super) fn file_only(name: String, array: &TableArray) -> Self {
        Self::Refused {
            at: Source::Variable(name),
            key: array.key.to_owned(),
            text: None,
            why: "is an array of tables, which no variable can say".to_owned(),
            accepted: format!("`[[{}]]` in the file", array.key),
        }
    }

    pub(super) fn unknown_variable(name: &str, all: &[&dyn Described]) -> Self {
        let own = |variable: &str| variable.trim_start_matches(VARIABLE_PREFIX).to_owned();
        let nearest = nearest(&own(name), all.iter().map(|setting| own(&setting.variable())));
        let nearest = nearest.map(|rest| format!("{VARIABLE_PREFIX}{rest}"));
        let at = Source::Variable("environment".to_owned());
        Self::Unknown { at, name: printable(name), nearest }
    }
}

/// `text` on one line of bounded length, whatever it is.
pub(super) fn printable(text: &str) -> String {
    let escaped: String = text.chars().take(MAX_SHOWN).flat_map(char::escape_debug).collect();
    if text.chars().nth(MAX_SHOWN).is_some() { format!("{escaped}...") } else { escaped }
}

const MAX_SHOWN: usize = 80;

/// Where, unless it is in no source at all.
fn place(at: &Source) -> String {
    if *at == Source::Default { String::new() } else { format!("{at}: ") }
}

fn shown(text: Option<&str>) -> String {
    text.map(|text| format!(": `{}`", printable(text))).unwrap_or_default()
}

fn suggestion(nearest: Option<&str>) -> String {
    nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// The candidate most like `name`, if a slip of the fingers explains the difference.
fn nearest(name: &str, candidates: impl Iterator<Item = String>) -> Option<String> {
    let slips = (name.chars().count() / 3).clamp(1, 4);
    let (distance, candidate) = candidates
        .map(|candidate| (edit_distance(name, &candidate), candidate))
        .min_by_key(|(distance, _)| *distance)?;
    (distance <= slips).then_some(candidate)
}

/// The fewest insertions, deletions and substitutions between two texts (Levenshtein).
fn edit_distance(a: &str, b: &str) -> usize {
    if a.len() > MAX_SHOWN {
        return usize::MAX;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut above_left = i;
        let mut left = i + 1;
        for (to, above) in b.iter().zip(row.iter_mut().skip(1)) {
            let substituted = above_left + usize::from(from != *to);
            above_left = *above;
            left = substituted.min(*above + 1).min(left + 1);
            *above = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_single_edits() {
        for (a, b, distance) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("listen", "listen", 0),
            ("lisen", "listen", 1),
            ("listne", "listen", 2),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(edit_distance(a, b), distance, "{a} {b}");
            assert_eq!(edit_distance(b, a), distance, "{b} {a}");
        }
    }

    #[test]
    fn only_a_near_name_is_suggested() {
        let names = || ["backend.url", "backend.users", "listen"].into_iter().map(str::to_owned);
        assert_eq!(nearest("backend.ur", names()).as_deref(), Some("backend.url"));
        assert_eq!(nearest("backend_url", names()).as_deref(), Some("backend.url"));
        assert_eq!(nearest("database.password", names()), None);
        assert_eq!(nearest(&"listen".repeat(10_000), names()), None);
    }

    #[test]
    fn a_hostile_value_stays_on_one_short_line() {
        let text = printable(&format!("a\n\u{1b}[31m{}", "x".repeat(500)));
        assert!(text.starts_with("a\\n\\u{1b}[31mxxx") && text.ends_with("..."), "{text}");
        assert!(text.len() < 200);
    }
}

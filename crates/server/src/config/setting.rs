//! One setting: its name in every source, what it accepts, what holds without it.

use std::borrow::Cow;

/// A setting whose value is read by `A`; a list of such values when `MANY`.
#[derive(Debug)]
pub(crate) struct Setting<A, const MANY: bool = false> {
    /// Its place in the file, such as `backend.url`; the name of its variable follows from it.
    pub(crate) key: &'static str,
    /// Its flag without the dashes, for the settings people give by hand.
    pub(crate) flag: Option<&'static str>,
    pub(crate) accepts: A,
    pub(crate) default: Fallback,
    /// What it decides: one sentence without a full stop, completing the table of the reference.
    pub(crate) doc: &'static str,
}

/// What holds when no source gives a setting.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fallback {
    /// Nothing: the server does not start.
    Required,
    /// This text, read like any other.
    Text(&'static str),
    /// The setting is off, or follows from others; the text says how.
    Unset(&'static str),
}

/// The text of one value, and the type it becomes.
pub(crate) trait Accept: Sync {
    type Value;

    /// Reads `text`.
    ///
    /// # Errors
    /// What is wrong with it: a clause that follows the text, without the text itself.
    fn read(&self, text: &str) -> Result<Self::Value, Cow<'static, str>>;

    /// What is accepted, as the object of "expected".
    fn accepted(&self) -> Cow<'static, str>;

    /// Whether a refused text may be printed; not where it may hold a password.
    fn may_be_shown(&self) -> bool {
        true
    }

    /// Whether a text is a name, `=` and JSON, so that the file may have a list of them as a table.
    fn is_pair(&self) -> bool {
        false
    }
}

/// A setting without its type: what the parsers of sources, the help and the reference need.
pub(crate) trait Described: Sync {
    fn key(&self) -> &'static str;
    fn flag(&self) -> Option<&'static str>;
    fn default(&self) -> Fallback;
    fn doc(&self) -> &'static str;
    fn accepted(&self) -> Cow<'static, str>;
    fn is_list(&self) -> bool;
    /// Whether the file has it as a table of names, each with a value or several.
    fn is_table(&self) -> bool;

    /// The environment variable: `backend.url` is `SEALPASS_BACKEND_URL`.
    fn variable(&self) -> String {
        format!("{VARIABLE_PREFIX}{}", self.key().replace('.', "_").to_ascii_uppercase())
    }
}

/// What every variable of this program begins with.
pub(crate) const VARIABLE_PREFIX: &str = "SEALPASS_";

impl<A: Accept, const MANY: bool> Described for Setting<A, MANY> {
    fn key(&self) -> &'static str {
        self.key
    }

    fn flag(&self) -> Option<&'static str> {
        self.flag
    }

    fn default(&self) -> Fallback {
        self.default
    }

    fn doc(&self) -> &'static str {
        self.doc
    }

    fn accepted(&self) -> Cow<'static, str> {
        let one = self.accepts.accepted();
        match MANY {
            true if self.is_table() => format!("a table of {one}").into(),
            true => format!("a list of: {one}").into(),
            false => one,
        }
    }

    fn is_list(&self) -> bool {
        MANY
    }

    fn is_table(&self) -> bool {
        MANY && self.accepts.is_pair()
    }
}

/// A table of settings that the file may have any number of: `[[routes]]`. No variable and no flag
/// can say which of them it is about.
pub(crate) struct TableArray {
    pub(crate) key: &'static str,
    /// What each table may hold; their keys begin with the array's and a dot.
    pub(crate) settings: &'static [&'static dyn Described],
    /// What a table decides, as in [`Setting::doc`].
    pub(crate) doc: &'static str,
}

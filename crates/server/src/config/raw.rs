//! Stage one: the text of every setting and where it came from. Later sources win.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, Source};
use super::setting::{Described, VARIABLE_PREFIX};
use super::table;

/// The settings that were given, as text, and what was wrong with the giving.
#[derive(Clone, Debug, Default)]
pub(crate) struct Raw {
    pub(super) given: BTreeMap<&'static str, Given>,
    /// Settings whose value has no text, already among the problems.
    pub(super) refused: BTreeSet<&'static str>,
    pub(super) problems: Vec<Problem>,
    /// A source could not be read, so that a missing setting may only be unread.
    pub(super) unread: bool,
}

/// The text of one setting.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) source: Source,
    /// The items of a list; exactly one for every other setting.
    pub(crate) items: Vec<String>,
}

impl Raw {
    /// Adds the settings of a TOML file.
    pub(crate) fn add_file(&mut self, path: &Path) {
        match read_bounded(path) {
            Ok(text) => self.add_toml(path, &text),
            Err(error) => {
                self.unread = true;
                let why = format!("cannot read the configuration: {error}");
                self.problems.push(Problem::Unreadable { path: path.to_owned(), why });
            }
        }
    }

    /// Adds the settings of TOML text; `path` is only for messages and for relative paths.
    pub(crate) fn add_toml(&mut self, path: &Path, text: &str) {
        let file = TomlFile { path, text };
        match DeTable::parse(text) {
            Ok(document) => self.add_table(&file, "", document.get_ref()),
            Err(error) => {
                self.unread = true;
                // The message alone: the error's own display quotes the line, whatever is on it.
                let at = file.source(error.span().map_or(0, |span| span.start));
                let why = error.message().replace('\n', "; ");
                self.problems.push(Problem::Syntax { at, why });
            }
        }
    }

    /// Adds the `SEALPASS_*` variables.
    pub(crate) fn add_environment(
        &mut self,
        variables: impl IntoIterator<Item = (OsString, OsString)>,
    ) {
        let mut variables: Vec<_> = variables
            .into_iter()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .filter(|(name, value)| {
                name.starts_with(VARIABLE_PREFIX)
                    && name != FILE_VARIABLE
                    && !is_service_link(name, &value.to_string_lossy())
            })
            .collect();
        variables.sort();
        for (name, value) in variables {
            let setting = table::ALL.iter().find(|setting| setting.variable() == name);
            match (setting, value.into_string()) {
                (None, _) => self.problems.push(Problem::unknown_variable(&name, &table::ALL)),
                (Some(setting), Ok(text)) => self.add_text(*setting, Source::Variable(name), &text),
                (Some(setting), Err(_)) => {
                    let why = "is not UTF-8".to_owned();
                    self.refuse(*setting, Source::Variable(name), why);
                }
            }
        }
    }

    /// Adds a flag of the command line.
    pub(crate) fn add_flag(&mut self, setting: &dyn Described, flag: &'static str, text: &str) {
        self.add_text(setting, Source::Flag(flag), text);
    }

    /// What was given for `key`.
    pub(crate) fn get(&self, key: &str) -> Option<&Given> {
        self.given.get(key)
    }

    fn add_table(&mut self, file: &TomlFile<'_>, prefix: &str, entries: &DeTable<'_>) {
        let mut entries: Vec<_> = entries.iter().collect();
        entries.sort_by_key(|(name, _)| name.span().start);
        for (name, value) in entries {
            let at = file.source(name.span().start);
            let key = format!("{prefix}{}", name.get_ref());
            // A quoted name may hold a dot of its own: then it is no path of ours.
            let is_plain = !name.get_ref().contains('.');
            let setting = table::ALL.iter().find(|setting| is_plain && setting.key() == key);
            let inside = format!("{key}.");
            let is_table = table::ALL.iter().any(|setting| setting.key().starts_with(&inside));
            match (setting, value.get_ref()) {
                (Some(setting), value) => self.add_value(*setting, at, value),
                (None, DeValue::Table(entries)) if is_plain && is_table => {
                    self.add_table(file, &inside, entries);
                }
                (None, _) if is_plain && is_table => {
                    let why = format!("`{key}` is a table of settings, so write `[{key}]`");
                    self.problems.push(Problem::Syntax { at, why });
                }
                (None, _) => self.problems.push(Problem::unknown_key(at, &key, &table::ALL)),
            }
        }
    }

    fn add_value(&mut self, setting: &dyn Described, source: Source, value: &DeValue<'_>) {
        if let DeValue::Array(items) = value
            && setting.is_list()
        {
            let texts: Option<Vec<_>> = items.iter().map(Spanned::get_ref).map(text_of).collect();
            match texts {
                Some(items) => self.keep(setting, Given { source, items }),
                None => self.refuse(setting, source, "has an item that is no text".to_owned()),
            }
            return;
        }
        match text_of(value) {
            Some(text) => self.add_text(setting, source, &text),
            None => self.refuse(setting, source, format!("is {}", kind_of(value))),
        }
    }

    fn add_text(&mut self, setting: &dyn Described, source: Source, text: &str) {
        let items = if !setting.is_list() {
            vec![text.to_owned()]
        } else if text.trim().is_empty() {
            Vec::new()
        } else {
            text.split(',').map(|item| item.trim().to_owned()).collect()
        };
        self.keep(setting, Given { source, items });
    }

    fn keep(&mut self, setting: &dyn Described, given: Given) {
        self.given.insert(setting.key(), given);
    }

    /// Records a value that has no text.
    fn refuse(&mut self, setting: &dyn Described, at: Source, why: String) {
        let accepted = setting.accepted().into_owned();
        self.problems.push(Problem::Refused { at, key: setting.key(), text: None, why, accepted });
        self.refused.insert(setting.key());
    }
}

/// The variable that names the configuration file; a flag of `serve`, not a setting.
pub(crate) const FILE_VARIABLE: &str = "SEALPASS_CONFIG";

/// No configuration is this long; a wrong path such as `/dev/zero` is.
const MAX_FILE_BYTES: u64 = 1024 * 1024;

struct TomlFile<'f> {
    path: &'f Path,
    text: &'f str,
}

impl TomlFile<'_> {
    fn source(&self, offset: usize) -> Source {
        let before = self.text.as_bytes().iter().take(offset);
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        Source::File { path: self.path.to_owned(), line }
    }
}

fn read_bounded(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MAX_FILE_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(io::Error::other(format!("it is longer than {MAX_FILE_BYTES} bytes")));
    }
    Ok(text)
}

/// The text of a scalar, as a variable would give it.
fn text_of(value: &DeValue<'_>) -> Option<String> {
    match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => {
            let decimal = u64::from_str_radix(number.as_str(), number.radix());
            Some(decimal.map_or_else(|_| number.to_string(), |number| number.to_string()))
        }
        DeValue::Boolean(value) => Some(value.to_string()),
        DeValue::Array(_) | DeValue::Datetime(_) | DeValue::Float(_) | DeValue::Table(_) => None,
    }
}

fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
        DeValue::Datetime(_) => "a date",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) | DeValue::Integer(_) | DeValue::String(_) => "a scalar",
    }
}

/// Whether Kubernetes made this variable: it puts `SEALPASS_SERVICE_HOST`, `SEALPASS_PORT` and
/// more into every pod beside a service that is called `sealpass`, and nobody can be told to
/// rename theirs. Their values show that they are not a misspelt setting.
fn is_service_link(name: &str, value: &str) -> bool {
    let is_socket = ["tcp://", "udp://", "sctp://"].iter().any(|scheme| value.starts_with(scheme));
    let is_protocol = ["tcp", "udp", "sctp"].contains(&value);
    let is_port = value.parse::<u16>().is_ok();
    let is_address = value.parse::<std::net::IpAddr>().is_ok();
    let is_per_port = ["_TCP", "_UDP", "_SCTP"].iter().any(|protocol| name.contains(protocol));
    (name.ends_with("_SERVICE_HOST") && is_address)
        || (name.contains("_SERVICE_PORT") && is_port)
        || (name.ends_with("_PORT") && is_socket)
        || (name.contains("_PORT_")
            && is_per_port
            && (is_socket || is_protocol || is_port || is_address))
}

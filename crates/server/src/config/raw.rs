//! Stage one: the text of every setting and where it came from. Later sources win.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::problem::{Place, Problem, Source};
use super::setting::{Described, TableArray, VARIABLE_PREFIX};
use super::table;

/// The settings that were given, as text, and what was wrong with the giving.
#[derive(Clone, Debug, Default)]
pub(crate) struct Raw {
    pub(super) texts: Texts,
    /// The tables of each array.
    pub(super) items: BTreeMap<&'static str, Vec<Item>>,
    pub(super) problems: Vec<Problem>,
    /// A source could not be read, so that a missing setting may only be unread.
    pub(super) unread: bool,
}

/// Settings by their keys.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    pub(super) given: BTreeMap<&'static str, Given>,
    /// Settings whose value has no text, already among the problems.
    pub(super) refused: BTreeSet<&'static str>,
}

/// One table of an array.
#[derive(Clone, Debug)]
pub(super) struct Item {
    pub(super) place: Place,
    pub(super) texts: Texts,
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
            let array = table::ARRAYS.iter().find(|array| is_about(&name, array));
            match (setting, array) {
                (Some(setting), _) => {
                    let text = value.into_string().map_err(|_| "is not UTF-8".to_owned());
                    let items = text.map(|text| split(*setting, &text));
                    self.put(None, *setting, Source::Variable(name), items);
                }
                (None, Some(array)) => self.problems.push(Problem::file_only(name, array)),
                (None, None) => self.problems.push(Problem::unknown_variable(&name, &table::ALL)),
            }
        }
    }

    /// Adds a flag of the command line.
    pub(crate) fn add_flag(&mut self, setting: &dyn Described, flag: &'static str, text: &str) {
        self.put(None, setting, Source::Flag(flag), Ok(split(setting, text)));
    }

    /// What was given for `key`.
    pub(crate) fn get(&self, key: &str) -> Option<&Given> {
        self.texts.given.get(key)
    }

    fn add_table(&mut self, file: &TomlFile<'_>, prefix: &str, entries: &DeTable<'_>) {
        for (name, value) in in_order(entries) {
            let at = file.source(name.span().start);
            let key = format!("{prefix}{}", name.get_ref());
            // A quoted name may hold a dot of its own: then it is no path of ours.
            let is_plain = !name.get_ref().contains('.');
            let setting = table::ALL.iter().find(|setting| is_plain && setting.key() == key);
            let array = table::ARRAYS.iter().find(|array| is_plain && array.key == key);
            let inside = format!("{key}.");
            let is_table = table::ALL.iter().any(|setting| setting.key().starts_with(&inside));
            match (setting, array, value.get_ref()) {
                (Some(setting), _, value) => {
                    self.put(None, *setting, at, texts_of(*setting, value));
                }
                (None, Some(array), value) => self.add_items(file, array, at, value),
                (None, None, DeValue::Table(entries)) if is_plain && is_table => {
                    self.add_table(file, &inside, entries);
                }
                (None, None, _) if is_plain && is_table => {
                    let why = format!("`{key}` is a table of settings, so write `[{key}]`");
                    self.problems.push(Problem::Syntax { at, why });
                }
                (None, None, _) => {
                    self.problems.push(Problem::unknown_key(at, &key, &table::ALL));
                }
            }
        }
    }

    /// Adds the tables of an array.
    fn add_items(
        &mut self,
        file: &TomlFile<'_>,
        array: &TableArray,
        at: Source,
        value: &DeValue<'_>,
    ) {
        let key = array.key;
        let tables = match value {
            DeValue::Array(tables) => tables.iter().map(as_table).collect::<Option<Vec<_>>>(),
            _ => None,
        };
        let Some(tables) = tables else {
            let why = format!("`{key}` is an array of tables, so write `[[{key}]]` for each");
            self.problems.push(Problem::Syntax { at, why });
            return;
        };
        let mut items = Vec::with_capacity(tables.len());
        for (index, (start, entries)) in tables.into_iter().enumerate() {
            let place = Place { key, index, at: file.source(start) };
            let mut item = Item { place, texts: Texts::default() };
            for (name, value) in in_order(entries) {
                let at = file.source(name.span().start);
                let key = format!("{key}.{}", name.get_ref());
                match array.settings.iter().find(|setting| setting.key() == key) {
                    Some(setting) => {
                        let texts = texts_of(*setting, value.get_ref());
                        self.put(Some(&mut item), *setting, at, texts);
                    }
                    None => self.problems.push(Problem::unknown_key(at, &key, array.settings)),
                }
            }
            items.push(item);
        }
        self.items.insert(key, items);
    }

    /// Keeps the text of a setting, of `item` if there is one, or records why there is none.
    fn put(
        &mut self,
        item: Option<&mut Item>,
        setting: &dyn Described,
        source: Source,
        items: Result<Vec<String>, String>,
    ) {
        let (key, texts) = match item {
            Some(item) => (item.place.name_of(setting), &mut item.texts),
            None => (setting.key().to_owned(), &mut self.texts),
        };
        match items {
            Ok(items) => {
                texts.given.insert(setting.key(), Given { source, items });
            }
            Err(why) => {
                texts.refused.insert(setting.key());
                let accepted = setting.accepted().into_owned();
                let problem = Problem::Refused { at: source, key, text: None, why, accepted };
                self.problems.push(problem);
            }
        }
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

/// The entries of a table as they stand in the file.
fn in_order<'t, 'f>(
    entries: &'t DeTable<'f>,
) -> Vec<(&'t Spanned<DeString<'f>>, &'t Spanned<DeValue<'f>>)> {
    let mut entries: Vec<_> = entries.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}

/// A table and where it begins.
fn as_table<'t, 'f>(value: &'t Spanned<DeValue<'f>>) -> Option<(usize, &'t DeTable<'f>)> {
    match value.get_ref() {
        DeValue::Table(entries) => Some((value.span().start, entries)),
        _ => None,
    }
}

/// Whether a variable is named as if it were the array or a part of it.
fn is_about(variable: &str, array: &TableArray) -> bool {
    let name = format!("{VARIABLE_PREFIX}{}", array.key.to_ascii_uppercase());
    variable.strip_prefix(&name).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

/// The items of a variable or a flag; one for what is no list.
fn split(setting: &dyn Described, text: &str) -> Vec<String> {
    if !setting.is_list() {
        vec![text.to_owned()]
    } else if text.trim().is_empty() {
        Vec::new()
    } else {
        text.split(',').map(|item| item.trim().to_owned()).collect()
    }
}

/// The items of a value in the file; one for what is no list.
///
/// # Errors
/// Why it has no text.
fn texts_of(setting: &dyn Described, value: &DeValue<'_>) -> Result<Vec<String>, String> {
    match value {
        DeValue::Table(entries) if setting.is_table() => pairs_of(entries),
        DeValue::Array(items) if setting.is_list() && !setting.is_table() => {
            let texts = items.iter().map(|item| text_of(item.get_ref()));
            texts.collect::<Option<_>>().ok_or_else(|| "has an item that is no text".to_owned())
        }
        value => match text_of(value) {
            Some(text) => Ok(split(setting, &text)),
            None => Err(format!("is {}", kind_of(value))),
        },
    }
}

/// A name, `=` and JSON for each value in a table.
fn pairs_of(entries: &DeTable<'_>) -> Result<Vec<String>, String> {
    let mut pairs = Vec::new();
    for (name, value) in in_order(entries) {
        let values = match value.get_ref() {
            DeValue::Array(values) => values.iter().map(Spanned::get_ref).collect(),
            value => vec![value],
        };
        if name.get_ref().contains('=') {
            return Err("has a name with `=` in it".to_owned());
        }
        // Nothing would be left to say that the name was there.
        if values.is_empty() {
            return Err("has a name with an empty list".to_owned());
        }
        for value in values {
            let text = text_of(value).ok_or("has a value that is no text, number or switch")?;
            let json = match value {
                DeValue::String(_) => serde_json::Value::from(text).to_string(),
                _ => text,
            };
            pairs.push(format!("{}={json}", name.get_ref()));
        }
    }
    Ok(pairs)
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

//! The reference of every setting, in Markdown, and the printout of a checked configuration.

use std::fmt::Write as _;

use super::problem::{Source, printable};
use super::raw::{Given, Item, Raw};
use super::setting::{Described, Fallback};
use super::table;

/// `docs/configuration.md`.
pub(crate) fn markdown() -> String {
    let mut page = String::from(HEAD);
    // Writing to a String cannot fail.
    for setting in table::ALL.iter() {
        let flag = setting.flag().map(|flag| format!(", `--{flag}`")).unwrap_or_default();
        let _ = write!(page, "\n## {}", section(*setting));
        let _ = writeln!(page, "- Also: `{}`{flag}", setting.variable());
    }
    for array in table::ARRAYS {
        let _ = write!(page, "\n## `[[{}]]`\n\n{}. In the file only.\n", array.key, array.doc);
        for setting in array.settings {
            let _ = write!(page, "\n### {}", section(*setting));
        }
    }
    page
}

/// The name of a setting, what it decides, what it accepts and what holds without it.
fn section(setting: &dyn Described) -> String {
    let default = match setting.default() {
        Fallback::Required => "**required**".to_owned(),
        Fallback::Text(text) => format!("`{text}`"),
        Fallback::Unset(meaning) => meaning.to_owned(),
    };
    let (key, doc, accepted) = (setting.key(), setting.doc(), setting.accepted());
    format!("`{key}`\n\n{doc}.\n\n- Accepts: {accepted}\n- Default: {default}\n")
}

/// What each setting is and where that was said, one line each.
pub(crate) fn settled(raw: &Raw) -> String {
    let lines =
        table::ALL.iter().map(|setting| line(*setting, setting.key(), raw.get(setting.key())));
    let items = table::ARRAYS.iter().flat_map(|array| {
        let items = raw.items.get(array.key).into_iter().flatten();
        items.flat_map(|Item { place, texts }| {
            array.settings.iter().map(|setting| {
                line(*setting, &place.name_of(*setting), texts.given.get(setting.key()))
            })
        })
    });
    lines.chain(items).collect()
}

fn line(setting: &dyn Described, name: &str, given: Option<&Given>) -> String {
    let (value, source) = match (given, setting.default()) {
        (Some(given), _) => (printable(&given.items.join(", ")), given.source.clone()),
        (None, Fallback::Text(text)) => (text.to_owned(), Source::Default),
        (None, Fallback::Unset(meaning)) => (format!("({meaning})"), Source::Default),
        (None, Fallback::Required) => return String::new(),
    };
    format!("{name:<26} {value:<33} {source}\n")
}

const HEAD: &str = "\
# Configuration

Every setting of `sealpass serve`. This page is printed by `sealpass config reference`.

A setting may be given in a TOML file (`--config FILE` or `SEALPASS_CONFIG`), in the environment
and, the common ones, as a flag. A flag wins over a variable, a variable over the file, the file
over the default. A dot in the name is a table in the file:

```toml
origin = \"https://app.example\"

[backend]
users = \"users.toml\"

[upstream]
url = \"http://127.0.0.1:3000\"
claims = [\"role\"]
```

In a variable or a flag, the items of a list are separated by commas. Numbers without a unit are
seconds or bytes. Nothing is bound before the whole configuration has been read and checked, and
what is wrong is reported all at once; unknown keys and unknown `SEALPASS_*` variables are errors.
`sealpass config check` does only that.
";

//! The reference of every setting, in Markdown, and the printout of a checked configuration.

use std::fmt::Write as _;

use super::problem::{Source, printable};
use super::raw::Raw;
use super::setting::{Described, Fallback};
use super::table;

/// `docs/configuration.md`.
pub(crate) fn markdown() -> String {
    let mut page = String::from(HEAD);
    for setting in table::ALL.iter() {
        let default = match setting.default() {
            Fallback::Required => "**required**".to_owned(),
            Fallback::Text(text) => format!("`{text}`"),
            Fallback::Unset(meaning) => meaning.to_owned(),
        };
        let flag = setting.flag().map(|flag| format!(", `--{flag}`")).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = write!(
            page,
            "\n## `{}`\n\n{}.\n\n- Accepts: {}\n- Default: {default}\n- Also: `{}`{flag}\n",
            setting.key(),
            setting.doc(),
            setting.accepted(),
            setting.variable(),
        );
    }
    page
}

/// What each setting is and where that was said, one line each.
pub(crate) fn settled(raw: &Raw) -> String {
    let lines = table::ALL.iter().map(|setting| line(*setting, raw));
    lines.collect()
}

fn line(setting: &dyn Described, raw: &Raw) -> String {
    let (value, source) = match (raw.get(setting.key()), setting.default()) {
        (Some(given), _) => (printable(&given.items.join(", ")), given.source.clone()),
        (None, Fallback::Text(text)) => (text.to_owned(), Source::Default),
        (None, Fallback::Unset(meaning)) => (format!("({meaning})"), Source::Default),
        (None, Fallback::Required) => return String::new(),
    };
    format!("{:<27}{value:<33} {source}\n", setting.key())
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

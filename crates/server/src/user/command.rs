//! `sealpass user`: adds, removes and lists accounts.

use std::io::{self, IsTerminal as _, Read as _};
use std::path::Path;

use anyhow::{Context as _, bail};
use sealpass_tower::sealpass::Secret;
use sealpass_tower::sealpass::credential::{Credentials, Subject};
use serde_json::Value;

use super::claims::{is_reserved, to_toml};
use super::{Claims, PasswordHash, User, UserName, file};
use crate::cli::{UserAddArgs, UserCommand, print};

/// Runs `sealpass user ...`.
///
/// # Errors
/// What was wrong with the arguments, the password or the file; the file is then as it was.
pub(crate) fn run(command: UserCommand) -> anyhow::Result<()> {
    match command {
        UserCommand::Add(args) => add(args),
        UserCommand::Remove { name, file } => remove(&name, &file.users),
        UserCommand::List(file) => list(&file.users),
    }
}

fn add(args: UserAddArgs) -> anyhow::Result<()> {
    let path = args.file.users;
    // All that can be wrong with the arguments, before anyone types a password.
    let name = UserName::fold(&args.name)?;
    let subject = args.subject.map(Subject::new).transpose()?;
    let claims = parse_claims(&args.claims)?;
    if !args.replace && path.exists() {
        let (users, _) = file::load(&path).with_context(|| cannot_use(&path))?;
        refuse_known(&name, users.get(&name))?;
    }
    let password = read_password(args.password_stdin)?;
    // Outside of the lock: it is slow.
    let hash = PasswordHash::of(&password)?;
    drop(password);

    let verb = file::update(&path, |users| {
        let old = users.get(&name);
        if !args.replace {
            refuse_known(&name, old)?;
        }
        let verb = if old.is_some() { "changed" } else { "added" };
        let subject = match (subject, old) {
            (Some(subject), _) => subject,
            (None, Some(old)) => old.subject.clone(),
            (None, None) => Subject::new(name.as_str())?,
        };
        let kept = old.map(|old| old.claims.clone()).unwrap_or_default();
        let claims = if args.claims.is_empty() { kept } else { claims };
        users.insert(name.clone(), User { hash, subject, claims });
        Ok(verb)
    })
    .with_context(|| cannot_use(&path))?;
    print(&format!("{verb} {name} in {}\n", path.display()))
}

fn remove(name: &str, path: &Path) -> anyhow::Result<()> {
    let name = UserName::fold(name)?;
    // Nothing is to be made where there is no file.
    file::load(path).with_context(|| cannot_use(path))?;
    file::update(path, |users| {
        if users.remove(&name) { Ok(()) } else { bail!("there is no user `{name}`") }
    })
    .with_context(|| cannot_use(path))?;
    print(&format!("removed {name} from {}\n", path.display()))
}

fn list(path: &Path) -> anyhow::Result<()> {
    let (users, _) = file::load(path).with_context(|| cannot_use(path))?;
    let lines = users.iter().map(|(name, user)| {
        let claims = Value::Object(user.claims.clone());
        format!("{name}\t{}\t{claims}\n", user.subject)
    });
    print(&lines.collect::<String>())
}

fn refuse_known(name: &UserName, known: Option<&User>) -> anyhow::Result<()> {
    if known.is_some() {
        bail!("`{name}` is already there; --replace gives it a new password");
    }
    Ok(())
}

fn cannot_use(path: &Path) -> String {
    format!("cannot use the users file {}", path.display())
}

/// `role=admin`, `level=3`, `teams=["a","b"]`: what is JSON is taken as such, the rest as text.
fn parse_claims(texts: &[String]) -> anyhow::Result<Claims> {
    let mut claims = Claims::new();
    for text in texts {
        let Some((name, value)) = text.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            bail!("--claim takes KEY=VALUE, such as role=admin, not `{}`", text.escape_debug());
        };
        if is_reserved(name) {
            bail!("--claim {name}: it is a claim of the token itself");
        }
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        if to_toml(&value).is_none() {
            bail!("--claim {name}: the users file has no null and no number past 64 bits");
        }
        if claims.insert(name.to_owned(), value).is_some() {
            bail!("--claim {name} is there twice; a list is written as {name}=[\"a\",\"b\"]");
        }
    }
    Ok(claims)
}

fn read_password(from_stdin: bool) -> anyhow::Result<Secret<String>> {
    let password = if from_stdin || !io::stdin().is_terminal() {
        read_password_line()?
    } else {
        let first = Secret::new(rpassword::prompt_password("Password: ")?);
        check_password(&first)?;
        let second = Secret::new(rpassword::prompt_password("Again: ")?);
        if first.expose() != second.expose() {
            bail!("the two passwords differ");
        }
        first
    };
    check_password(&password)?;
    Ok(password)
}

/// The password on standard input: its only line, without its end.
///
/// # Errors
/// That it cannot be read, or is no text.
pub(crate) fn read_password_line() -> anyhow::Result<Secret<String>> {
    // Room for all that is read: a buffer that grows leaves copies behind.
    let mut bytes = Vec::with_capacity(Credentials::MAX_PASSWORD + 3);
    let read = io::stdin().take(Credentials::MAX_PASSWORD as u64 + 3).read_to_end(&mut bytes);
    let bytes = Secret::new(bytes);
    read.context("cannot read the password from standard input")?;
    let Ok(text) = str::from_utf8(bytes.expose()) else {
        bail!("the password on standard input is not UTF-8");
    };
    let line = text.strip_suffix('\n').unwrap_or(text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    Ok(Secret::new(line.to_owned()))
}

fn check_password(password: &Secret<String>) -> anyhow::Result<()> {
    let password = password.expose();
    if password.chars().count() < MIN_PASSWORD {
        bail!("a password has at least {MIN_PASSWORD} characters");
    }
    if password.len() > Credentials::MAX_PASSWORD {
        bail!("a password has at most {} bytes", Credentials::MAX_PASSWORD);
    }
    if password.contains(['\n', '\r']) {
        bail!("a password is one line");
    }
    Ok(())
}

/// In characters (NIST SP 800-63B-3 §5.1.1.2).
const MIN_PASSWORD: usize = 8;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(texts: &[&str]) -> Result<Value, String> {
        let texts: Vec<_> = texts.iter().map(|text| (*text).to_owned()).collect();
        parse_claims(&texts).map(Value::Object).map_err(|error| error.to_string())
    }

    #[test]
    fn claims_are_json_or_text() {
        assert_eq!(
            claims(&["role=admin", "level=3", "ok=true", "teams=[\"a\"]", "note=a=b", "empty="]),
            Ok(
                json!({"role": "admin", "level": 3, "ok": true, "teams": ["a"], "note": "a=b", "empty": ""})
            )
        );
        assert_eq!(claims(&["zip=\"0815\""]), Ok(json!({"zip": "0815"})));
    }

    #[test]
    fn claims_that_cannot_be_stored_or_sealed_are_refused() {
        for (text, expected) in [
            ("role", "KEY=VALUE"),
            ("=admin", "KEY=VALUE"),
            ("sub=eve", "claim of the token itself"),
            ("exp=9999999999", "claim of the token itself"),
            ("x=null", "no null"),
            ("x=[null]", "no null"),
            ("x=18446744073709551615", "past 64 bits"),
        ] {
            let why = claims(&[text]).unwrap_err();
            assert!(why.contains(expected), "{text}: {why}");
        }
        assert!(claims(&["a=1", "a=2"]).unwrap_err().contains("twice"));
    }
}

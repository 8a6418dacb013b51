//! The users file: read with suspicion, replaced as a whole.

use std::fs::{self, File, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _, fchown};
use std::path::{Path, PathBuf};

use sealpass_tower::sealpass::credential::Subject;

use super::claims::{members_to_json, members_to_toml, reserved};
use super::name::{UserName, UserNameError};
use super::password::{PasswordHash, PasswordHashError};
use super::set::{User, Users};
use crate::private_file::{self, PrivateFileError, Stamp};

/// Why a users file cannot be used. Never holds a part of a hash.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum UsersFileError {
    /// An account with claims that cannot be sealed.
    #[error("user `{name}`: {why}")]
    Claims { name: UserName, why: String },
    /// An account without a hash, or with one that cannot be used.
    #[error("user `{name}`: `hash` {why}")]
    Hash { name: UserName, why: PasswordHashError },
    /// The file could not be read or replaced.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Two tables whose names fold to the same account.
    #[error("user `{0}` is there twice, in two spellings")]
    Duplicate(UserName),
    /// A table whose name no account can have.
    #[error("`{}` is no username: {why}", .name.escape_debug())]
    Name { name: String, why: UserNameError },
    /// It cannot be opened, or others may.
    #[error(transparent)]
    Open(PrivateFileError),
    /// Not the tables that `sealpass user` writes.
    #[error("{0}")]
    Shape(String),
    /// An account whose user id cannot be sealed.
    #[error(
        "user `{name}`: `subject` must be text of 1 to {} bytes without control characters",
        Subject::MAX
    )]
    Subject { name: UserName },
}

impl From<PrivateFileError> for UsersFileError {
    fn from(error: PrivateFileError) -> Self {
        match error {
            PrivateFileError::Io(error) => Self::Io(error),
            error => Self::Open(error),
        }
    }
}

/// The accounts of the file at `path`, and its stamp from before it was read.
///
/// # Errors
/// [`UsersFileError::Open`] when others than its owner could have written it or anyone could read
/// it; the other variants name the account and what is wrong with it.
pub(crate) fn load(path: &Path) -> Result<(Users, Stamp), UsersFileError> {
    let (file, stamp) = private_file::open(path)?;
    let mut text = String::new();
    file.take(MAX_FILE_BYTES + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_FILE_BYTES {
        return Err(UsersFileError::Shape(format!("it is longer than {MAX_FILE_BYTES} bytes")));
    }
    Ok((parse(&text)?, stamp))
}

/// Changes the accounts of the file at `path`, which need not exist, and replaces it atomically.
///
/// Only one process at a time is in here: `change` sees what the one before wrote.
///
/// # Errors
/// What [`load`] and `change` return; the file is then as it was.
pub(super) fn update<T>(
    path: &Path,
    change: impl FnOnce(&mut Users) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    // A link stays a link: what it points to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let lock = lock(&path)?;
    let mut users = match load(&path) {
        Ok((users, _)) => users,
        Err(UsersFileError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
            Users::default()
        }
        Err(error) => return Err(error.into()),
    };
    let changed = change(&mut users)?;
    replace(&path, &render(&users)?)?;
    drop(lock);
    Ok(changed)
}

/// Waits for the lock beside `path`. The users file itself is replaced, so it cannot be locked.
fn lock(path: &Path) -> io::Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let file = File::options().create(true).append(true).mode(0o600).open(PathBuf::from(name))?;
    file.lock()?;
    Ok(file)
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let mut file = tempfile::Builder::new()
        .prefix(".sealpass-users-")
        .permissions(Permissions::from_mode(0o600))
        .tempfile_in(folder)?;
    if let Ok(old) = fs::metadata(path) {
        // Root may add a user to the file of a server that runs as somebody else.
        let new = file.as_file().metadata()?;
        if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
            fchown(file.as_file(), Some(old.uid()), Some(old.gid()))?;
        }
        let mode = 0o600 | (old.mode() & 0o040);
        file.as_file().set_permissions(Permissions::from_mode(mode))?;
    }
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // The new name is only as durable as its folder.
    File::open(folder)?.sync_all()
}

fn render(users: &Users) -> Result<String, UsersFileError> {
    let mut accounts = toml::Table::new();
    for (name, user) in users.iter() {
        let mut account = toml::Table::new();
        account.insert("subject".to_owned(), user.subject.as_str().into());
        account.insert("hash".to_owned(), user.hash.to_string().into());
        if !user.claims.is_empty() {
            let claims = members_to_toml(&user.claims).ok_or_else(|| UsersFileError::Claims {
                name: name.clone(),
                why: "TOML has no null and no number past 64 bits".to_owned(),
            })?;
            account.insert("claims".to_owned(), claims.into());
        }
        accounts.insert(name.to_string(), account.into());
    }
    let mut document = toml::Table::new();
    document.insert("users".to_owned(), accounts.into());
    let text = toml::to_string(&document);
    let text = text.map_err(|error| UsersFileError::Shape(error.to_string()))?;
    Ok(format!("{HEAD}\n{text}"))
}

fn parse(text: &str) -> Result<Users, UsersFileError> {
    let document = text.parse::<toml::Table>().map_err(|error| {
        // The message alone: the error's own display quotes the line, which may hold a hash.
        let start = error.span().map_or(0, |span| span.start);
        let line = 1 + text.bytes().take(start).filter(|byte| *byte == b'\n').count();
        UsersFileError::Shape(format!("line {line}: {}", error.message().replace('\n', "; ")))
    })?;
    let mut users = Vec::new();
    for (key, value) in document {
        let ("users", toml::Value::Table(accounts)) = (key.as_str(), value) else {
            let why = "it has something else than tables of the form `[users.name]`";
            return Err(UsersFileError::Shape(why.to_owned()));
        };
        for (name, account) in accounts {
            users.push(parse_account(name, account)?);
        }
    }
    users.sort_by(|(a, _), (b, _)| a.cmp(b));
    let twice = users.windows(2).find(|pair| matches!(pair, [(a, _), (b, _)] if a == b));
    match twice {
        Some([(name, _), ..]) => Err(UsersFileError::Duplicate(name.clone())),
        _ => Ok(users.into_iter().collect()),
    }
}

fn parse_account(name: String, account: toml::Value) -> Result<(UserName, User), UsersFileError> {
    let name = match UserName::fold(&name) {
        Ok(name) => name,
        Err(why) => return Err(UsersFileError::Name { name, why }),
    };
    let toml::Value::Table(mut account) = account else {
        return Err(UsersFileError::Shape(format!("user `{name}` is no table")));
    };
    let subject = match account.remove("subject") {
        None => Subject::new(name.as_str()),
        Some(toml::Value::String(subject)) => Subject::new(subject),
        Some(_) => return Err(UsersFileError::Subject { name }),
    };
    let Ok(subject) = subject else {
        return Err(UsersFileError::Subject { name });
    };
    let hash = match account.remove("hash") {
        Some(toml::Value::String(hash)) => PasswordHash::parse(&hash),
        _ => Err(PasswordHashError::Format),
    };
    let hash = hash.map_err(|why| UsersFileError::Hash { name: name.clone(), why })?;
    let claims = match account.remove("claims") {
        None => Some(super::Claims::new()),
        Some(toml::Value::Table(claims)) => members_to_json(claims),
        Some(_) => None,
    };
    let Some(claims) = claims else {
        let why = "`claims` must be a table of text, numbers, true, false, lists and tables";
        return Err(UsersFileError::Claims { name, why: why.to_owned() });
    };
    if let Some(claim) = reserved(&claims) {
        let why = format!("`claims.{claim}` is a claim of the token itself");
        return Err(UsersFileError::Claims { name, why });
    }
    if let Some(key) = account.keys().next() {
        let key = key.escape_debug();
        let why = format!("user `{name}` has a key `{key}`; expected `subject`, `hash`, `claims`");
        return Err(UsersFileError::Shape(why));
    }
    Ok((name, User { hash, subject, claims }))
}

/// About 60 000 accounts.
const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

const HEAD: &str = "# Written by `sealpass user`, which keeps the accounts and not the comments.\n";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const HASH: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$bAxDxlCRYSTMFCxn5YTDKoQRTDfL/kVg";

    fn refusal(text: &str) -> String {
        let text = text.replace("HASH", &format!("'{HASH}'"));
        let why = parse(&text).map(|users| users.len()).unwrap_err().to_string();
        assert!(!why.contains("bAxDxlCR"), "a hash in {why:?}");
        why
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let text = format!(
            "[users.\"ada@example.org\"]\nhash = '{HASH}'\nsubject = 'u-1'\n\
             [users.\"ada@example.org\".claims]\nrole = 'admin'\nteams = [1, 2]\n\
             [users.Bob]\nhash = '{HASH}'\n"
        );
        let users = parse(&text).unwrap();
        let again = parse(&render(&users).unwrap()).unwrap();
        for users in [users, again] {
            assert_eq!(users.len(), 2);
            let ada = users.get(&UserName::fold("Ada@Example.org").unwrap()).unwrap();
            assert_eq!(ada.subject.as_str(), "u-1");
            assert_eq!(
                serde_json::Value::from(ada.claims.clone()),
                json!({"role": "admin", "teams": [1, 2]})
            );
            assert_eq!(ada.hash.to_string(), HASH);
            let bob = users.get(&UserName::fold("bob").unwrap()).unwrap();
            assert_eq!((bob.subject.as_str(), bob.claims.len()), ("bob", 0));
        }
    }

    #[test]
    fn no_accounts_are_a_users_file_too() {
        assert_eq!(parse("").unwrap().len(), 0);
        assert_eq!(parse(&render(&Users::default()).unwrap()).unwrap().len(), 0);
    }

    #[test]
    fn every_fault_names_the_account_and_never_a_hash() {
        for (text, expected) in [
            ("[users.ada]", "user `ada`: `hash` it is no PHC string with a salt and a hash"),
            ("[users.ada]\nhash = 5", "user `ada`: `hash` it is no PHC"),
            ("[users.ada]\nhash = HASH\nsubject = ''", "user `ada`: `subject` must be"),
            ("[users.ada]\nhash = HASH\nsubject = 5", "user `ada`: `subject` must be"),
            ("[users.ada]\nhash = HASH\nclaims = 5", "user `ada`: `claims` must be a table"),
            ("[users.ada]\nhash = HASH\nclaims.a = 2026-01-01", "user `ada`: `claims` must be"),
            ("[users.ada]\nhash = HASH\nclaims.exp = 9", "user `ada`: `claims.exp` is a claim of"),
            ("[users.ada]\nhash = HASH\nrole = 'admin'", "user `ada` has a key `role`"),
            ("[users.ada]\nhash = HASH\n[users.Ada]\nhash = HASH", "user `ada` is there twice"),
            ("[users.' ada']\nhash = HASH", "` ada` is no username"),
            ("[users]\nada = HASH", "user `ada` is no table"),
            ("[user.ada]\nhash = HASH", "it has something else than"),
            ("users = HASH", "it has something else than"),
            ("[users.ada]\n\nhash = $argon2id$bAxDxlCR", "line 3: "),
        ] {
            let why = refusal(text);
            assert!(why.starts_with(expected), "{text:?}: {why}");
        }
    }
}

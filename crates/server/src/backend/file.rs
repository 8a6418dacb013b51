//! The file backend: Argon2id against a users file that may change while the server runs.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sealpass_tower::sealpass::credential::{
    BackendError, Credentials, Identity, Refreshed, Subject,
};

use super::pool::HashPool;
use super::unavailable;
use crate::private_file::Stamp;
use crate::user::{self, Claims, PasswordHash, PasswordHashError, User, UserName, Users};

/// Checks passwords against a users file.
#[derive(Clone, Debug)]
pub(crate) struct FileBackend {
    pool: HashPool,
    /// Where renewals look the file up, so that a flood of logins does not keep them waiting.
    renewals: HashPool,
    accounts: Arc<Accounts>,
}

/// The accounts that hold now.
#[derive(Debug)]
struct Accounts {
    path: PathBuf,
    current: Mutex<Current>,
}

#[derive(Clone, Debug)]
struct Current {
    /// None while the file cannot be used: an account that was removed, or whose password is known
    /// to others, must not live on because of a slip in the file.
    users: Option<Arc<Users>>,
    /// The file that was last looked at, used or not; none when there was none.
    seen: Option<Stamp>,
}

impl FileBackend {
    /// Reads the users file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn open(path: &Path, pool: HashPool) -> anyhow::Result<Self> {
        let (users, stamp) = user::load(path)?;
        if users.len() == 0 {
            tracing::warn!(users.file = %path.display(), "the users file has no users");
        }
        let current = Mutex::new(Current { users: Some(Arc::new(users)), seen: Some(stamp) });
        Ok(Self {
            pool,
            renewals: HashPool::new(RENEWALS_AT_ONCE),
            accounts: Arc::new(Accounts { path: path.to_owned(), current }),
        })
    }

    pub(super) async fn verify(
        &self,
        credentials: Credentials,
    ) -> Result<Identity<Claims>, BackendError> {
        let accounts = Arc::clone(&self.accounts);
        self.pool.run(move || check(&*accounts.users()?, &credentials)).await?
    }

    /// What the file as it is now says of a subject.
    pub(super) async fn refresh(
        &self,
        subject: &Subject,
    ) -> Result<Refreshed<Claims>, BackendError> {
        let (accounts, subject) = (Arc::clone(&self.accounts), subject.clone());
        self.renewals.run(move || accounts.users().map(|users| current(&users, &subject))).await?
    }
}

impl Accounts {
    /// The accounts of the file as it is now.
    ///
    /// # Errors
    /// [`BackendError::Unavailable`] from when the file cannot be used until it is mended.
    fn users(&self) -> Result<Arc<Users>, BackendError> {
        let now = Stamp::of(&self.path);
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if now == current.seen {
            return current.usable();
        }
        let path = self.path.display();
        match user::load(&self.path) {
            Ok((users, stamp)) => {
                tracing::info!(users.file = %path, users.count = users.len(), "read the users file again");
                *current = Current { users: Some(Arc::new(users)), seen: Some(stamp) };
            }
            Err(error) => {
                tracing::error!(
                    users.file = %path,
                    %error,
                    "the users file has changed and cannot be used; nobody can log in until it is \
                     mended, and sessions go on"
                );
                // Said once for every change, not at every login.
                *current = Current { users: None, seen: now };
            }
        }
        current.usable()
    }
}

impl Current {
    fn usable(&self) -> Result<Arc<Users>, BackendError> {
        self.users.clone().ok_or_else(|| unavailable("the users file cannot be used"))
    }
}

/// Proves the credentials. Whoever the name is, there is a hash, and nothing is said before the
/// password has been checked against it.
fn check(users: &Users, credentials: &Credentials) -> Result<Identity<Claims>, BackendError> {
    let proven = hash_to_check(users, credentials)
        .and_then(|hash| hash.matches(credentials.password()))
        .map_err(|error| unavailable(error.to_string()))?;
    match known(users, credentials) {
        Some(user) if proven => Ok(Identity::new(user.subject.clone(), user.claims.clone())),
        _ => Err(BackendError::BadCredentials),
    }
}

/// The claims of the subject's account. Of several accounts nothing tells which one has logged in: as
/// long as there is one of them, its sessions keep the claims they have.
fn current(users: &Users, subject: &Subject) -> Refreshed<Claims> {
    let mut accounts = users.of_subject(subject);
    match (accounts.next(), accounts.next()) {
        (None, _) => Refreshed::Gone,
        (Some(user), None) => Refreshed::Current(user.claims.clone()),
        (Some(_), Some(_)) => Refreshed::NotOffered,
    }
}

const RENEWALS_AT_ONCE: NonZeroUsize = NonZeroUsize::new(4).unwrap();

/// The hash of the account, or a decoy that costs what an account's does.
fn hash_to_check(
    users: &Users,
    credentials: &Credentials,
) -> Result<PasswordHash, PasswordHashError> {
    match known(users, credentials) {
        Some(user) => Ok(user.hash.clone()),
        None => PasswordHash::decoy(users.cost_of_unknown(credentials.username())),
    }
}

fn known<'u>(users: &'u Users, credentials: &Credentials) -> Option<&'u User> {
    users.get(&UserName::fold(credentials.username()).ok()?)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::{Barrier, mpsc};
    use std::thread;

    use sealpass_tower::sealpass::Secret;
    use serde_json::json;
    use tempfile::TempDir;

    use super::*;

    /// Hashes of "correct horse", cheap enough for tests.
    const HASH: &str =
        "$argon2id$v=19$m=4096,t=3,p=1$c29tZXNhbHQ$wGv2pDl1z8N+TQOF7O+XVqmPdEGsCI9zk9bP3Uu63iI";

    struct File {
        folder: TempDir,
    }

    impl File {
        fn new(text: &str) -> Self {
            let file = Self { folder: TempDir::new().unwrap() };
            file.write(text);
            file
        }

        fn path(&self) -> PathBuf {
            self.folder.path().join("users.toml")
        }

        /// Replaces the file as `sealpass user` does: another file under the same name.
        fn write(&self, text: &str) {
            let new = self.folder.path().join("new");
            fs::write(&new, text.replace("HASH", &format!("'{HASH}'"))).unwrap();
            fs::set_permissions(&new, Permissions::from_mode(0o600)).unwrap();
            fs::rename(new, self.path()).unwrap();
        }

        fn open(&self) -> FileBackend {
            FileBackend::open(&self.path(), HashPool::new(NonZeroUsize::MIN)).unwrap()
        }
    }

    async fn log_in(
        backend: &FileBackend,
        name: &str,
        password: &str,
    ) -> Result<String, BackendError> {
        let password = Secret::new(password.to_owned());
        let credentials = Credentials::new(name.to_owned(), password).unwrap();
        backend.verify(credentials).await.map(|identity| identity.subject().to_string())
    }

    const BAD: Result<String, BackendError> = Err(BackendError::BadCredentials);

    #[tokio::test]
    async fn only_the_right_password_of_the_right_user_is_proof() {
        let file = File::new("[users.ada]\nhash = HASH\nsubject = 'u-1'");
        let backend = file.open();
        for name in ["ada", "ADA"] {
            assert_eq!(log_in(&backend, name, "correct horse").await.as_deref(), Ok("u-1"));
        }
        assert_eq!(log_in(&backend, "ada", "correct house").await, BAD);
        for name in ["eve", "ada ", " ada", "ad\u{e0}", "u-1"] {
            assert_eq!(log_in(&backend, name, "correct horse").await, BAD, "{name:?}");
        }
    }

    #[tokio::test]
    async fn the_claims_of_the_account_are_in_the_identity() {
        let file = File::new("[users.ada]\nhash = HASH\nclaims = {role = 'admin', n = 3}");
        let password = Secret::new("correct horse".to_owned());
        let identity =
            file.open().verify(Credentials::new("ada".into(), password).unwrap()).await.unwrap();
        assert_eq!(
            serde_json::Value::from(identity.claims().clone()),
            json!({"role": "admin", "n": 3})
        );
        assert_eq!(identity.amr(), ["pwd"]);
    }

    #[tokio::test]
    async fn a_changed_file_holds_at_the_next_login() {
        let file = File::new("[users.ada]\nhash = HASH");
        let backend = file.open();
        file.write("[users.bob]\nhash = HASH");
        assert_eq!(log_in(&backend, "bob", "correct horse").await.as_deref(), Ok("bob"));
        assert_eq!(log_in(&backend, "ada", "correct horse").await, BAD, "a removed user logs in");
    }

    async fn refreshed(
        backend: &FileBackend,
        subject: &str,
    ) -> Result<Refreshed<serde_json::Value>, BackendError> {
        Ok(match backend.refresh(&Subject::new(subject).unwrap()).await? {
            Refreshed::Current(claims) => Refreshed::Current(claims.into()),
            Refreshed::Gone => Refreshed::Gone,
            Refreshed::NotOffered => Refreshed::NotOffered,
        })
    }

    #[tokio::test]
    async fn a_renewal_gets_the_claims_of_the_file_as_it_is_now() {
        let file =
            File::new("[users.ada]\nhash = HASH\nsubject = 'u-1'\nclaims = {role = 'admin'}");
        let backend = file.open();
        let admin = Refreshed::Current(json!({"role": "admin"}));
        assert_eq!(refreshed(&backend, "u-1").await, Ok(admin));
        assert_eq!(refreshed(&backend, "ada").await, Ok(Refreshed::Gone), "a name is no subject");
        file.write("[users.ada]\nhash = HASH\nsubject = 'u-1'\nclaims = {role = 'guest'}");
        let guest = Refreshed::Current(json!({"role": "guest"}));
        assert_eq!(refreshed(&backend, "u-1").await, Ok(guest));
        // Another account may get the name, and is somebody else.
        file.write("[users.ada]\nhash = HASH\nsubject = 'u-2'");
        assert_eq!(refreshed(&backend, "u-1").await, Ok(Refreshed::Gone));
    }

    #[tokio::test]
    async fn a_subject_of_two_accounts_is_gone_with_the_second() {
        let two = "[users.ada]\nhash = HASH\nsubject = 'u-1'\nclaims = {role = 'admin'}\n\
                   [users.ada2]\nhash = HASH\nsubject = 'u-1'";
        let file = File::new(two);
        let backend = file.open();
        assert_eq!(refreshed(&backend, "u-1").await, Ok(Refreshed::NotOffered));
        file.write("[users.ada2]\nhash = HASH\nsubject = 'u-1'");
        assert_eq!(refreshed(&backend, "u-1").await, Ok(Refreshed::Current(json!({}))));
        file.write("[users.bob]\nhash = HASH");
        assert_eq!(refreshed(&backend, "u-1").await, Ok(Refreshed::Gone));
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_used_ends_nobodys_session() {
        let file = File::new("[users.ada]\nhash = HASH");
        let backend = file.open();
        file.write("[users.bob]\nhash = 'nonsense'");
        let unusable = Err(unavailable("the users file cannot be used"));
        assert_eq!(refreshed(&backend, "ada").await, unusable);
        fs::remove_file(file.path()).unwrap();
        assert_eq!(refreshed(&backend, "ada").await, unusable);
        file.write("[users.ada]\nhash = HASH");
        assert_eq!(refreshed(&backend, "ada").await, Ok(Refreshed::Current(json!({}))));
    }

    async fn is_refused(backend: &FileBackend) -> bool {
        let answer = log_in(backend, "ada", "correct horse").await;
        answer == Err(unavailable("the users file cannot be used"))
    }

    #[tokio::test]
    async fn a_broken_insecure_or_deleted_file_lets_nobody_in_until_it_is_mended() {
        let file = File::new("[users.ada]\nhash = HASH");
        let backend = file.open();
        file.write("[users.bob]\nhash = 'nonsense'");
        assert!(is_refused(&backend).await, "broken");
        assert!(is_refused(&backend).await, "still broken");

        fs::remove_file(file.path()).unwrap();
        assert!(is_refused(&backend).await, "deleted");

        file.write("[users.ada]\nhash = HASH");
        fs::set_permissions(file.path(), Permissions::from_mode(0o666)).unwrap();
        assert!(is_refused(&backend).await, "anyone could have written that");

        file.write("[users.carol]\nhash = HASH");
        assert_eq!(log_in(&backend, "carol", "correct horse").await.as_deref(), Ok("carol"));
        assert_eq!(log_in(&backend, "ada", "correct horse").await, BAD);
    }

    #[tokio::test]
    async fn a_file_opened_to_others_after_it_was_read_lets_nobody_in() {
        let file = File::new("[users.ada]\nhash = HASH");
        let backend = file.open();
        let before = Stamp::of(&file.path());
        // The clock of a file system ticks every few milliseconds.
        while Stamp::of(&file.path()) == before {
            fs::set_permissions(file.path(), Permissions::from_mode(0o666)).unwrap();
        }
        assert!(is_refused(&backend).await);
    }

    #[test]
    fn an_unknown_user_costs_what_a_known_one_costs() {
        let file = File::new("[users.ada]\nhash = HASH");
        let (users, _) = user::load(&file.path()).unwrap();
        let to_check = |name: &str| {
            let password = Secret::new("correct horse".to_owned());
            let credentials = Credentials::new(name.to_owned(), password).unwrap();
            let hash = hash_to_check(&users, &credentials).unwrap();
            (hash.cost(), hash.matches(credentials.password()).unwrap())
        };
        let (known, is_proof) = to_check("ada");
        assert!(is_proof);
        // The last two are names that no account can have.
        for name in ["eve", "EVE", " ada", "\u{a0}"] {
            assert_eq!(to_check(name), (known, false), "{name:?}");
        }
    }

    #[tokio::test]
    async fn a_full_pool_says_when_to_come_back() {
        let file = File::new("[users.ada]\nhash = HASH");
        let backend = file.open();
        // While the accounts are locked, no check that has begun can end.
        let (release, released) = mpsc::channel::<()>();
        let held = Arc::new(Barrier::new(2));
        let accounts = Arc::clone(&backend.accounts);
        let begun = Arc::clone(&held);
        let holder = thread::spawn(move || {
            let current = accounts.current.lock().unwrap();
            begun.wait();
            released.recv().unwrap_err();
            drop(current);
        });
        held.wait();
        let logins: Vec<_> = (0..6)
            .map(|_| {
                let backend = backend.clone();
                tokio::spawn(async move { log_in(&backend, "ada", "correct horse").await })
            })
            .collect();
        // One thread: the next turn of this task comes after the first turn of the others.
        tokio::task::yield_now().await;
        drop(release);
        holder.join().unwrap();
        let mut answers = Vec::new();
        for login in logins {
            answers.push(login.await.unwrap());
        }
        let busy =
            answers.iter().filter(|answer| **answer == Err(BackendError::Busy { retry_after: 1 }));
        assert_eq!(busy.count(), 1, "{answers:?}");
        assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 5, "{answers:?}");
    }
}

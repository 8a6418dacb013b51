//! The one user of the demo.

use sealpass_tower::CredentialBackend;
use sealpass_tower::sealpass::credential::{
    BackendError, Credentials, Identity, Refreshed, Subject,
};
use sealpass_tower::sealpass::jose::{constant_time_eq, random};
use sealpass_tower::sealpass::{NoClaims, Secret};

/// A user made at start, with a password that is only in memory and on the terminal.
#[derive(Clone, Debug)]
pub(super) struct Account {
    password: Secret<String>,
}

impl Account {
    pub(super) const USERNAME: &str = "ada";

    /// A password of 80 random bits: sixteen of Crockford's 32 letters, in groups to be typed.
    pub(super) fn generate() -> Result<Self, random::RandomError> {
        let mut password = String::with_capacity(19);
        for (i, byte) in random::bytes::<16>()?.into_iter().enumerate() {
            if i > 0 && i % 4 == 0 {
                password.push('-');
            }
            password.push(char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
        }
        Ok(Self { password: Secret::new(password) })
    }

    pub(super) fn password(&self) -> &str {
        self.password.expose()
    }
}

impl CredentialBackend for Account {
    type Claims = NoClaims;

    async fn verify(&self, credentials: Credentials) -> Result<Identity<NoClaims>, BackendError> {
        // Both are compared, whatever the first gives: the time says nothing about either.
        let known = constant_time_eq(credentials.username().as_bytes(), Self::USERNAME.as_bytes());
        let proven = constant_time_eq(
            credentials.password().expose().as_bytes(),
            self.password.expose().as_bytes(),
        );
        let subject = Subject::new(Self::USERNAME).map_err(|_| BackendError::BadCredentials)?;
        if known & proven {
            Ok(Identity::new(subject, NoClaims {}))
        } else {
            Err(BackendError::BadCredentials)
        }
    }

    async fn refresh(&self, _: &Subject) -> Result<Refreshed<NoClaims>, BackendError> {
        // The one user is here as long as the demo is.
        Ok(Refreshed::NotOffered)
    }
}

/// Crockford's Base32 alphabet, in lower case: no letter is mistaken for another or for a digit.
const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

#[cfg(test)]
mod tests {
    use super::*;

    async fn log_in(
        account: &Account,
        username: &str,
        password: &str,
    ) -> Result<String, BackendError> {
        let credentials = Credentials::new(username.into(), Secret::new(password.into())).unwrap();
        account.verify(credentials).await.map(|identity| identity.subject().to_string())
    }

    #[tokio::test]
    async fn only_the_name_and_the_password_together_prove_the_user() {
        let account = Account::generate().unwrap();
        let other = Account::generate().unwrap();
        assert_eq!(log_in(&account, "ada", account.password()).await.as_deref(), Ok("ada"));
        for (username, password) in [
            ("ada", other.password()),
            ("eve", account.password()),
            ("ada", &account.password()[1..]),
            ("ADA", account.password()),
        ] {
            assert_eq!(
                log_in(&account, username, password).await,
                Err(BackendError::BadCredentials)
            );
        }
    }

    #[test]
    fn the_password_is_readable_and_not_printed_by_accident() {
        let account = Account::generate().unwrap();
        let groups: Vec<&str> = account.password().split('-').collect();
        assert_eq!(groups.len(), 4);
        assert!(groups.iter().all(|group| group.len() == 4));
        assert!(account.password().bytes().all(|byte| byte == b'-' || LETTERS.contains(&byte)));
        assert!(!format!("{account:?}").contains(account.password()));
    }
}

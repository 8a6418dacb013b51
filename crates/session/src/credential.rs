//! What a person types, and who a credential backend says they are.

use std::fmt;

use sealpass_jose::Secret;

/// A username and a password as a client sent them: bounded, otherwise unchecked.
#[derive(Debug)]
pub struct Credentials {
    username: String,
    password: Secret<String>,
}

/// Why a username or a password is refused before any backend sees it.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// The password is empty or longer than [`Credentials::MAX_PASSWORD`] bytes.
    #[error("`password` must have 1 to {} bytes", Credentials::MAX_PASSWORD)]
    Password,
    /// The username is empty, longer than [`Credentials::MAX_USERNAME`] bytes, or has control characters.
    #[error(
        "`username` must have 1 to {} bytes and no control characters",
        Credentials::MAX_USERNAME
    )]
    Username,
}

impl Credentials {
    /// The longest password, in bytes: enough for a passphrase, too little to burden the hash.
    pub const MAX_PASSWORD: usize = 1024;
    /// The longest username, in bytes.
    pub const MAX_USERNAME: usize = 256;

    /// Takes what a client sent.
    ///
    /// # Errors
    /// [`CredentialsError`] names the part that is empty, too long or has control characters.
    pub fn new(username: String, password: Secret<String>) -> Result<Self, CredentialsError> {
        if !is_plain_text(&username, Self::MAX_USERNAME) {
            return Err(CredentialsError::Username);
        }
        if password.expose().is_empty() || password.expose().len() > Self::MAX_PASSWORD {
            return Err(CredentialsError::Password);
        }
        Ok(Self { username, password })
    }

    /// The username as typed. Spellings of one account are the backend's to fold.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The password.
    #[must_use]
    pub const fn password(&self) -> &Secret<String> {
        &self.password
    }
}

/// `amr` of a password (RFC 8176 §2).
pub(crate) const PASSWORD_METHOD: &str = "pwd";

/// Who a credential backend says the caller is: the only source of what gets sealed.
#[derive(Clone, Debug)]
pub struct Identity<C> {
    subject: Subject,
    amr: Vec<String>,
    claims: C,
}

impl<C> Identity<C> {
    /// An identity proven by a password (`amr: ["pwd"]`, RFC 8176).
    ///
    /// ```
    /// use sealpass::NoClaims;
    /// use sealpass::credential::{Identity, Subject};
    ///
    /// let ada = Identity::new(Subject::new("ada")?, NoClaims {});
    /// assert_eq!(ada.subject().as_str(), "ada");
    /// assert!(Subject::new("ada\r\nX-Admin: 1").is_err());
    /// # Ok::<_, sealpass::credential::SubjectError>(())
    /// ```
    pub fn new(subject: Subject, claims: C) -> Self {
        Self { subject, amr: vec![PASSWORD_METHOD.to_owned()], claims }
    }

    /// The same identity, proven by the methods `amr` (RFC 8176).
    #[must_use]
    pub fn with_amr(self, amr: Vec<String>) -> Self {
        Self { amr, ..self }
    }

    /// The subject.
    #[must_use]
    pub const fn subject(&self) -> &Subject {
        &self.subject
    }

    /// How the identity was proven (RFC 8176).
    #[must_use]
    pub fn amr(&self) -> &[String] {
        &self.amr
    }

    /// The application's own claims.
    #[must_use]
    pub const fn claims(&self) -> &C {
        &self.claims
    }

    /// The application's own claims, without the rest.
    #[must_use]
    pub fn into_claims(self) -> C {
        self.claims
    }
}

/// What a credential backend says of a user whose session is about to be renewed.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a backend must say one of these")]
pub enum Refreshed<C> {
    /// The user may go on, with these claims from now on.
    Current(C),
    /// There is no such user any more, or not one who may log in: all of their sessions end.
    Gone,
    /// The backend does not offer to say: the session goes on with the claims of its login.
    NotOffered,
}

/// A user id, the `sub` of every token: 1 to 256 bytes without control characters.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Subject(String);

/// The subject is empty, longer than [`Subject::MAX`] bytes, or has control characters.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("a subject must have 1 to {} bytes and no control characters", Subject::MAX)]
pub struct SubjectError(());

impl Subject {
    /// The longest subject, in bytes: it travels in a cookie and in a header.
    pub const MAX: usize = 256;

    /// Takes a user id.
    ///
    /// # Errors
    /// [`SubjectError`] when it is empty, too long, or could break a header.
    pub fn new(subject: impl Into<String>) -> Result<Self, SubjectError> {
        let subject = subject.into();
        if is_plain_text(&subject, Self::MAX) { Ok(Self(subject)) } else { Err(SubjectError(())) }
    }

    /// The user id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a credential backend gave no identity.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BackendError {
    /// No such user, or not this password: which of the two is nobody's business.
    #[error("the username or the password is wrong")]
    BadCredentials,
    /// Too many logins at once; worth trying again after `retry_after` seconds.
    #[error("too many logins at once; try again in {retry_after} s")]
    Busy {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// The backend did not answer, or not as agreed. `reason` is for the log, never for the client.
    #[error("the credential backend is unavailable: {reason}")]
    Unavailable {
        /// What went wrong, without any credential in it.
        reason: String,
    },
}

fn is_plain_text(text: &str, max: usize) -> bool {
    !text.is_empty() && text.len() <= max && !text.chars().any(char::is_control)
}

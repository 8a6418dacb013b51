//! The name an account logs in with, in the one spelling it is looked up by.

use std::fmt;

use sealpass_tower::sealpass::credential::Credentials;

/// A username, folded: Unicode lower case, so that `Ada` and `ada` are one account.
///
/// Nothing else is folded. White space around a name is refused rather than trimmed, and the two
/// ways Unicode can write `é` stay two names: a name is what was typed, but for its case.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct UserName(String);

/// A name that no account can have.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "a username has 1 to {} bytes, no control characters and no white space around it",
    Credentials::MAX_USERNAME
)]
pub(crate) struct UserNameError(());

impl UserName {
    /// Folds a name as it was typed.
    ///
    /// # Errors
    /// [`UserNameError`] when no account can be called that.
    pub(crate) fn fold(typed: &str) -> Result<Self, UserNameError> {
        let name = typed.to_lowercase();
        let is_name = (1..=Credentials::MAX_USERNAME).contains(&name.len())
            && name.trim() == name
            && !name.chars().any(char::is_control);
        if is_name { Ok(Self(name)) } else { Err(UserNameError(())) }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_one_account() {
        for (typed, folded) in [
            ("ada", "ada"),
            ("ADA", "ada"),
            ("Ada Lovelace", "ada lovelace"),
            ("\u{c9}mile@Example.ORG", "\u{e9}mile@example.org"),
            ("\u{39f}\u{394}\u{3a5}\u{3a3}\u{3a3}\u{395}\u{3a5}\u{3a3}", "οδυσσευς"),
        ] {
            let name = UserName::fold(typed).unwrap();
            assert_eq!(name.as_str(), folded);
            assert_eq!(UserName::fold(name.as_str()).unwrap(), name, "folding again changes it");
        }
    }

    #[test]
    fn names_with_hidden_characters_are_refused() {
        for name in ["", " ada", "ada ", "\tada", "ada\n", "a\0b", "\u{a0}ada", "a\u{85}b"] {
            assert!(UserName::fold(name).is_err(), "{name:?}");
        }
        assert!(UserName::fold(&"a".repeat(Credentials::MAX_USERNAME)).is_ok());
        assert!(UserName::fold(&"a".repeat(Credentials::MAX_USERNAME + 1)).is_err());
    }
}

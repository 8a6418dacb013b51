//! The keys in use.

use super::{Key, KeyError};

/// One active key, which makes tokens, and any number of retired ones, which still open them.
///
/// A ring does not change: to rotate, make another and put it in its place. How long a token takes
/// to open does not depend on how many keys there are.
///
/// ```
/// use sealpass_jose::{Key, KeyError, KeyRing};
///
/// let old = Key::generate_a256gcm()?;
/// let keys = KeyRing::new(Key::generate_a256gcm()?).with_retired(old.clone())?;
/// assert_eq!(keys.with_retired(old).err(), Some(KeyError::DuplicateKid));
/// # Ok::<_, KeyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct KeyRing {
    active: Key,
    /// Every key, the active one too, in the order of their `kid`.
    by_kid: Vec<Key>,
}

impl KeyRing {
    /// A ring of one key.
    ///
    /// A ring whose active key cannot sign verifies only.
    #[must_use]
    pub fn new(active: Key) -> Self {
        Self { by_kid: vec![active.clone()], active }
    }

    /// The same ring with one more key that opens tokens and makes none.
    ///
    /// # Errors
    /// [`KeyError::DuplicateKid`] when the ring has a key of that `kid`, even of another algorithm.
    pub fn with_retired(mut self, key: Key) -> Result<Self, KeyError> {
        match self.position(key.kid()) {
            Ok(_) => Err(KeyError::DuplicateKid),
            Err(position) => {
                self.by_kid.insert(position, key);
                Ok(self)
            }
        }
    }

    /// The key that makes tokens.
    #[must_use]
    pub const fn active(&self) -> &Key {
        &self.active
    }

    /// Every key, in the order of their `kid`.
    #[must_use]
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Key> {
        self.by_kid.iter()
    }

    /// The key of that `kid`.
    #[must_use]
    pub fn get(&self, kid: &str) -> Option<&Key> {
        self.position(kid).ok().and_then(|position| self.by_kid.get(position))
    }

    fn position(&self, kid: &str) -> Result<usize, usize> {
        self.by_kid.binary_search_by(|key| key.kid().cmp(kid))
    }
}

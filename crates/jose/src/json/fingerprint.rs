//! What tells names apart without comparing them.

/// The length and the first seven bytes of a name: names with different ones differ, and names of at
/// most seven bytes with the same one are the same.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Fingerprint(u64);

/// The names that an object has had so far, as bits: a clear bit means a new name.
#[derive(Clone, Copy)]
pub(super) struct SeenNames<const WORDS: usize>([u64; WORDS]);

impl Fingerprint {
    /// Of the name without a letter.
    pub(crate) const EMPTY: Self = Self(0);

    /// Whether it is the same, in a constant.
    pub(crate) const fn is(self, other: Self) -> bool {
        self.0 == other.0
    }

    /// The longest name that it is all of, in bytes.
    pub(super) const WHOLE: usize = 7;

    /// Of a name that begins with these bytes, and may end before they do.
    #[inline]
    pub(super) const fn of_word(word: [u8; 8], length: usize) -> Self {
        let bytes = if length > Self::WHOLE { Self::WHOLE } else { length };
        let kept = u64::from_le_bytes(word) & ((1 << (8 * bytes)) - 1);
        let length = if length > 0xff { 0xff } else { length };
        Self(kept | (length as u64) << 56)
    }

    pub(crate) const fn of_three(name: [u8; 3]) -> Self {
        Self::of(&name)
    }

    #[inline]
    pub(crate) const fn of(name: &[u8]) -> Self {
        let word = match (name.first_chunk(), name.first_chunk(), name.last_chunk()) {
            (Some(word), _, _) => *word,
            (None, Some(first), Some(last)) => {
                // The two overlap, and agree where they do.
                let first = u32::from_le_bytes(*first) as u64;
                let last = u32::from_le_bytes(*last) as u64;
                (first | last << (8 * (name.len() - 4))).to_le_bytes()
            }
            _ => match name {
                [a, b, c] => [*a, *b, *c, 0, 0, 0, 0, 0],
                [a, b] => [*a, *b, 0, 0, 0, 0, 0, 0],
                [a] => [*a, 0, 0, 0, 0, 0, 0, 0],
                _ => [0; 8],
            },
        };
        Self::of_word(word, name.len())
    }

    /// One that the last bytes of the name are part of, for names that begin alike.
    #[inline]
    pub(super) fn with_end_of(name: &[u8]) -> Self {
        let end = name.last_chunk().map_or(0, |end| u64::from_le_bytes(*end));
        Self(Self::of(name).0 ^ end.rotate_left(29))
    }
}

impl<const WORDS: usize> SeenNames<WORDS> {
    /// Adds a name; whether it, or one with the same bit, was there already.
    pub(super) fn insert(&mut self, print: Fingerprint) -> bool {
        // Fibonacci hashing: the upper bits of the product depend on all of the name's.
        let hash = print.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48;
        let (word, bit) = (hash as usize / 64 % WORDS, 1 << (hash % 64));
        let Some(word) = self.0.get_mut(word) else { return true };
        let was_set = *word & bit != 0;
        *word |= bit;
        was_set
    }
}

impl<const WORDS: usize> Default for SeenNames<WORDS> {
    fn default() -> Self {
        Self([0; WORDS])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn short_names_have_fingerprints_of_their_own_wherever_they_are_read() {
        let names = [
            "", "a", "b", "ab", "ba", "iss", "iat", "exp", "csrf", "idle", "roles", "scopes", "\0",
            "\0\0", "a\0", "\0a", "iss\0", "tenants",
        ];
        let prints: Vec<u64> = names.map(|name| Fingerprint::of(name.as_bytes()).0).into();
        assert_eq!(prints.iter().collect::<HashSet<_>>().len(), names.len());
        for (name, print) in names.iter().zip(prints) {
            let mut word = *b"########";
            word[..name.len()].copy_from_slice(name.as_bytes());
            assert_eq!(Fingerprint::of_word(word, name.len()).0, print, "{name:?}");
        }
        let long = |name: &str| Fingerprint::of(name.as_bytes());
        assert!(long("auth_time") == long("auth_time"));
        assert!(long("auth_time") != long("auth_times"));
    }
}

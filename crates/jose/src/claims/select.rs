//! Claims that are looked up together.

use serde::Deserialize;

use super::deserialize::MembersDeserializer;
use super::registered::is_registered;
use super::{Claim, ClaimError, ClaimsSet};
use crate::json::{Fingerprint, Members};

/// The names of claims that a reader looks up together, in a constant: what finds them is then computed
/// by the compiler.
///
/// ```
/// use sealpass_jose::ClaimNames;
///
/// const OURS: ClaimNames<2> = ClaimNames::new(["tenant", "plan"]);
/// assert_eq!(OURS.names(), &["tenant", "plan"]);
/// ```
///
/// The registered claims of RFC 7519 §4.1 are typed in a [`ClaimsSet`] and have no place here:
///
/// ```compile_fail
/// use sealpass_jose::ClaimNames;
///
/// const OURS: ClaimNames<1> = ClaimNames::new(["sub"]);
/// assert_eq!(OURS.names(), &["sub"]);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ClaimNames<const N: usize> {
    names: [&'static str; N],
    prints: [Fingerprint; N],
}

/// Every claim that is neither registered nor was selected.
#[derive(Clone, Copy)]
pub struct OtherClaims<'a> {
    text: &'a str,
    members: &'a Members,
    /// Which of the members they are: a bit for the index of each, from the lowest up.
    indices: u128,
}

impl<const N: usize> ClaimNames<N> {
    /// These names.
    ///
    /// # Panics
    /// When one is registered, or there twice; in a constant that is an error of the compiler.
    #[must_use]
    pub const fn new(names: [&'static str; N]) -> Self {
        let (mut prints, mut place) = ([Fingerprint::EMPTY; N], 0);
        while place < N {
            prints[place] = Fingerprint::of(names[place].as_bytes());
            assert!(!is_registered(prints[place]), "a registered claim is typed already");
            let mut before = 0;
            while before < place {
                assert!(!same(names[before], names[place]), "a name is there twice");
                before += 1;
            }
            place += 1;
        }
        Self { names, prints }
    }

    /// The names.
    #[must_use]
    pub const fn names(&self) -> &[&'static str; N] {
        &self.names
    }
}

const fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

impl<'a> ClaimsSet<'a> {
    /// The claims of these names, in their order, and all others, in one pass: the way to read many.
    ///
    /// ```
    /// # use sealpass_jose::{Key, KeyRing, NumericDate, Scratch, UnverifiedToken, Verifier};
    /// use sealpass_jose::{ClaimError, ClaimNames};
    /// # let keys = KeyRing::new(Key::generate_a256gcm()?);
    /// # let verifier = Verifier::builder().issuer("i").audience("a").typ("JWT").build()?;
    /// # let claims = serde_json::json!(
    /// #     {"iss": "i", "aud": "a", "exp": 1, "tenant": "t", "seats": 2, "plan": "free"});
    /// # let token = keys.seal("JWT", &claims)?;
    /// # let (mut scratch, now) = (Scratch::new(), NumericDate::from_secs(0));
    /// let verified = verifier.verify(&keys, UnverifiedToken::parse(&token)?, &mut scratch, now)?;
    ///
    /// const OURS: ClaimNames<2> = ClaimNames::new(["tenant", "seats"]);
    /// let ([tenant, seats], others) = verified.claims().select(&OURS);
    /// assert_eq!(tenant.str()?.as_deref(), Some("t"));
    /// assert!(matches!(seats.str(), Err(ClaimError::Type { .. })));
    /// let others: serde_json::Value = others.deserialize()?;
    /// assert_eq!(others, serde_json::json!({"plan": "free"}));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[inline]
    #[must_use]
    pub fn select<const N: usize>(
        &self,
        names: &ClaimNames<N>,
    ) -> ([Claim<'static, 'a>; N], OtherClaims<'a>) {
        let (text, members) = (self.text(), self.others());
        let indices = members.indices_of(text, &names.names, &names.prints);
        let mut unread = indices.iter();
        let claims = names.names.map(|name| {
            let index = unread.next().copied().flatten();
            Claim::new(name, index.and_then(|index| members.value_at(index)), text)
        });
        let selected = indices.iter().flatten();
        let indices = selected.fold(members.all_indices(), |all, index| all & !(1 << index));
        (claims, OtherClaims { text, members, indices })
    }

    /// The caller's own claims, by serde: every claim that is neither registered in RFC 7519 §4.1
    /// nor in `except`.
    ///
    /// # Errors
    /// As [`OtherClaims::deserialize`].
    pub fn deserialize_except<C: Deserialize<'a>>(&self, except: &[&str]) -> Result<C, ClaimError> {
        let (text, members) = (self.text(), self.others());
        let left_out = except.iter().filter_map(|name| members.index_of(text, name));
        let indices = left_out.fold(members.all_indices(), |all, index| all & !(1 << index));
        OtherClaims { text, members, indices }.deserialize()
    }
}

impl<'a> OtherClaims<'a> {
    /// The claims, by serde.
    ///
    /// # Errors
    /// [`ClaimError::Missing`] and [`ClaimError::Unknown`] for claims that `C` requires or does not
    /// know, [`ClaimError::Type`] for one of another type, [`ClaimError::Refused`] for anything
    /// else that `C` does not accept.
    #[inline]
    pub fn deserialize<C: Deserialize<'a>>(self) -> Result<C, ClaimError> {
        let Self { text, members, mut indices } = self;
        let others = std::iter::from_fn(move || {
            let lowest = indices.trailing_zeros();
            indices &= !1_u128.checked_shl(lowest)?;
            members.get(lowest as usize)
        });
        C::deserialize(MembersDeserializer::new(text, members.has_plain_names(), others))
    }
}

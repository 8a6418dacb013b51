//! Signed tokens inside encrypted ones (RFC 7519 §5.2, §11.2).

use serde::Serialize;
use zeroize::Zeroizing;

use super::{Scratch, SealError, Verified, Verifier, VerifyError, payload, seal};
use crate::algorithm::Algorithm;
use crate::buffer::Buffer;
use crate::claims::ClaimsSet;
use crate::compact::{Form, UnverifiedToken};
use crate::header::{Expected, Kind, MediaType};
use crate::key::KeyRing;
use crate::numeric_date::NumericDate;

impl KeyRing {
    /// A token of the kind `typ` that says `claims`, signed by the active key of `signer`, and then
    /// encrypted by the active key of this ring.
    ///
    /// So its reader learns who made it even when anybody can encrypt, as with a public key, and
    /// nobody else learns what it says. Both headers have the `typ` (RFC 8725 §3.11), the outer one
    /// has `cty` of `JWT`. [`Verifier::verify`] refuses such a token, and
    /// [`Verifier::verify_nested`] every other.
    ///
    /// ```
    /// use sealpass_jose::{Key, KeyRing, SealError};
    /// use serde_json::json;
    ///
    /// let signer = KeyRing::new(Key::generate_ed25519()?);
    /// let keys = KeyRing::new(Key::generate_a256gcm()?);
    /// let token = keys.seal_nested(&signer, "grant+jwt", &json!({"iss": "https://auth.example"}))?;
    /// assert_eq!(token.split('.').count(), 5);
    ///
    /// let unsigned = keys.seal_nested(&keys, "grant+jwt", &json!({"iss": "https://auth.example"}));
    /// assert_eq!(unsigned.err(), Some(SealError::SigningKeyRequired));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SealError::SigningKeyRequired`] and [`SealError::EncryptionKeyRequired`] unless one active
    /// key is for signatures and the other for encryption; otherwise as [`KeyRing::seal`].
    pub fn seal_nested<T: Serialize>(
        &self,
        signer: &Self,
        typ: &str,
        claims: &T,
    ) -> Result<String, SealError> {
        let typ = MediaType::parse(typ).ok_or(SealError::Typ)?;
        if !matches!(signer.active().algorithm(), Algorithm::Jws(_)) {
            return Err(SealError::SigningKeyRequired);
        }
        if !matches!(self.active().algorithm(), Algorithm::Jwe(..)) {
            return Err(SealError::EncryptionKeyRequired);
        }
        let mut buffer = Buffer::new();
        let claims = payload::write(claims, &mut buffer)?;
        let inner = seal::seal(signer.active(), Kind { typ, is_nested: false }, claims)?;
        let content = buffer.copy(Zeroizing::new(inner).as_bytes());
        seal::seal(self.active(), Kind { typ, is_nested: true }, content)
    }
}

impl Verifier {
    /// The claims of a token that was signed and then encrypted, exactly so and exactly once.
    ///
    /// `outer` opens it: its `cty` must be `JWT`, and its `typ` ours unless it is missing. What it
    /// holds must be a JWS that a key of `inner` proves, with our `typ`. The claims are then checked
    /// as [`Verifier::verify`] does. The key of the result is the one that signed.
    ///
    /// ```
    /// use sealpass_jose::{Key, KeyRing, NumericDate, Scratch, UnverifiedToken, Verifier};
    /// use sealpass_jose::VerifyError;
    /// use serde_json::json;
    ///
    /// let verifier = Verifier::builder()
    ///     .issuer("https://auth.example")
    ///     .audience("https://api.example")
    ///     .typ("grant+jwt")
    ///     .build()?;
    /// let inner = KeyRing::new(Key::generate_ed25519()?);
    /// let outer = KeyRing::new(Key::generate_a256gcm()?);
    /// let claims =
    ///     json!({"iss": "https://auth.example", "aud": "https://api.example", "exp": 1000});
    /// let now = NumericDate::from_secs(999);
    /// let mut scratch = Scratch::new();
    ///
    /// let nested = outer.seal_nested(&inner, "grant+jwt", &claims)?;
    /// let token = UnverifiedToken::parse(&nested)?;
    /// assert!(verifier.verify_nested(&outer, &inner, token, &mut scratch, now).is_ok());
    /// let confused = verifier.verify(&outer, token, &mut scratch, now);
    /// assert_eq!(confused.err(), Some(VerifyError::NestedUnexpected));
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`VerifyError::NestedMissing`] for a token of another form;
    /// [`VerifyError::NestedMalformed`] when what was encrypted is no token; otherwise as
    /// [`Verifier::verify`].
    pub fn verify_nested<'k, 's>(
        &self,
        outer: &KeyRing,
        inner: &'k KeyRing,
        token: UnverifiedToken<'_>,
        scratch: &'s mut Scratch,
        now: NumericDate,
    ) -> Result<Verified<'k, ClaimsSet<'s>>, VerifyError> {
        let typ = self.require_length(&token)?;
        if !matches!(token.form(), Form::Jwe(_)) {
            return Err(VerifyError::NestedMissing);
        }
        let mut buffer = Buffer::new();
        let (_, signed) = outer.open(&token, Expected::Token(typ), &mut buffer)?;
        // What is not UTF-8 has not the parts of a token.
        let signed = str::from_utf8(signed).unwrap_or_default();
        let signed = UnverifiedToken::parse_with_limit(signed, self.max_token_bytes)
            .map_err(VerifyError::NestedMalformed)?;
        if !matches!(signed.form(), Form::Jws(_)) {
            return Err(VerifyError::NestedMissing);
        }
        let (key, payload) = inner.open(&signed, Expected::Claims(typ), &mut scratch.buffer)?;
        let claims = ClaimsSet::read(payload, &mut scratch.members)?;
        self.require(&claims, now)?;
        Ok(Verified::new(claims, key))
    }
}

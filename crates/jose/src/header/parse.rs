//! The protected header of a stranger's token.

use std::borrow::Cow;

use super::{HeaderError, media_type};
use crate::algorithm::Algorithm;
use crate::base64url;
use crate::compact::Form;
use crate::json::{JsonError, Members, scan_object, string};

/// What a protected header says. It selects a key, and nothing else: what the key is, the key says.
pub(crate) struct ProtectedHeader<'h> {
    pub(crate) algorithm: Algorithm,
    pub(crate) kid: Option<Cow<'h, str>>,
    pub(crate) typ: Option<Cow<'h, str>>,
    /// Whether `cty` says that the payload is another token (RFC 7519 §5.2).
    pub(crate) is_nested: bool,
    text: &'h str,
    members: &'h Members,
}

/// Where a header is decoded.
pub(crate) struct HeaderBuffer {
    bytes: [u8; HeaderError::MAX_BYTES],
    members: Members,
}

impl HeaderBuffer {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; HeaderError::MAX_BYTES], members: Members::new() }
    }
}

impl<'h> ProtectedHeader<'h> {
    /// Reads the header `encoded` of a token of this form.
    ///
    /// Members that are not known are ignored (RFC 7515 §4), those that are refused are not.
    pub(crate) fn parse(
        encoded: &[u8],
        form: &Form<'_>,
        buffer: &'h mut HeaderBuffer,
    ) -> Result<Self, HeaderError> {
        let HeaderBuffer { bytes, members } = buffer;
        let bytes =
            bytes.get_mut(..base64url::decoded_len(encoded.len())).ok_or(HeaderError::TooLong)?;
        base64url::decode_exact(encoded, bytes).map_err(HeaderError::Encoding)?;
        let text: &'h str =
            str::from_utf8(bytes).map_err(|_| HeaderError::Json(JsonError::Utf8))?;
        scan_object(text, members).map_err(HeaderError::Json)?;
        let members = &*members;
        refuse_dangerous_members(text, members)?;
        let content_type = read_string(text, members, "cty")?;
        Ok(Self {
            algorithm: read_algorithm(text, members, form)?,
            kid: read_string(text, members, "kid")?,
            typ: read_string(text, members, "typ")?,
            is_nested: content_type.is_some_and(|found| media_type::matches(&found, "JWT")),
            text,
            members,
        })
    }

    /// A member that only some algorithms read, when it is there.
    pub(crate) fn string(&self, member: &'static str) -> Result<Option<Cow<'h, str>>, HeaderError> {
        read_string(self.text, self.members, member)
    }

    /// The JSON of a member that only some algorithms read, when it is there.
    pub(crate) fn raw(&self, member: &str) -> Option<&'h str> {
        self.members.find(self.text, member)
    }
}

fn refuse_dangerous_members(text: &str, members: &Members) -> Result<(), HeaderError> {
    for (name, error) in [
        ("b64", HeaderError::UnencodedPayloadRefused),
        ("crit", HeaderError::CriticalRefused),
        ("jku", HeaderError::EmbeddedKeyRefused { member: "jku" }),
        ("jwk", HeaderError::EmbeddedKeyRefused { member: "jwk" }),
        ("x5c", HeaderError::EmbeddedKeyRefused { member: "x5c" }),
        ("x5u", HeaderError::EmbeddedKeyRefused { member: "x5u" }),
        ("zip", HeaderError::CompressionRefused),
    ] {
        if members.find(text, name).is_some() {
            return Err(error);
        }
    }
    Ok(())
}

fn read_algorithm(
    text: &str,
    members: &Members,
    form: &Form<'_>,
) -> Result<Algorithm, HeaderError> {
    let alg = read_string(text, members, "alg")?.ok_or(HeaderError::AlgorithmMissing)?;
    let enc = read_string(text, members, "enc")?;
    if alg.eq_ignore_ascii_case("none") {
        return Err(HeaderError::AlgorithmNone);
    }
    if alg == "RSA1_5" {
        return Err(HeaderError::AlgorithmRsa15);
    }
    if alg.starts_with("PBES2-") {
        return Err(HeaderError::AlgorithmPbes2);
    }
    match (form, enc.as_deref()) {
        (Form::Jws(_), Some(_)) => Err(HeaderError::EncryptionUnexpected),
        (Form::Jwe(_), None) => Err(HeaderError::EncryptionMissing),
        (_, enc) => Algorithm::from_names(&alg, enc).ok_or(HeaderError::AlgorithmUnsupported),
    }
}

fn read_string<'h>(
    text: &'h str,
    members: &Members,
    member: &'static str,
) -> Result<Option<Cow<'h, str>>, HeaderError> {
    match members.find(text, member) {
        None => Ok(None),
        Some(raw) => string(raw).map(Some).ok_or(HeaderError::MemberType { member }),
    }
}

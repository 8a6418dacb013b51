//! The protected header that we write, and recognize by its bytes.

use super::MediaType;
use crate::algorithm::Algorithm;
use crate::base64url;

/// The protected header of one key, encoded but for the `typ` at its end.
///
/// What comes before `typ` never changes, so it is encoded once; a token that starts with it and
/// goes on as [`HeaderTemplate::encode`] would was made for this key and this `typ`, and its header
/// need not be parsed.
pub(crate) struct HeaderTemplate {
    /// The encoding of the whole groups of three bytes before the value of `typ`.
    encoded: String,
    /// The zero to two bytes after those groups.
    rest: Vec<u8>,
}

impl HeaderTemplate {
    /// The header of a key; `None` when its `kid` has no JSON.
    pub(crate) fn new(algorithm: Algorithm, kid: &str) -> Option<Self> {
        let kid = serde_json::to_string(kid).ok()?;
        let json = match algorithm.enc() {
            Some(enc) => {
                format!(r#"{{"alg":"{}","enc":"{enc}","kid":{kid},"typ":""#, algorithm.alg())
            }
            None => format!(r#"{{"alg":"{}","kid":{kid},"typ":""#, algorithm.alg()),
        };
        let (groups, rest) = json.as_bytes().split_at(json.len() / 3 * 3);
        Some(Self { encoded: base64url::encode(groups), rest: rest.to_vec() })
    }

    /// Appends the encoded header of a token of the kind `typ`.
    pub(crate) fn encode(&self, typ: MediaType<'_>, token: &mut String) {
        token.push_str(&self.encoded);
        base64url::encode_to(Tail::new(&self.rest, typ).as_bytes(), token);
    }

    /// The length of what [`HeaderTemplate::encode`] appends.
    pub(crate) fn encoded_len(&self, typ: MediaType<'_>) -> usize {
        self.encoded.len()
            + base64url::encoded_len(self.rest.len() + typ.as_str().len() + CLOSE.len())
    }

    /// Whether `header` is what [`HeaderTemplate::encode`] appends.
    pub(crate) fn is_encoded_in(&self, header: &str, typ: MediaType<'_>) -> bool {
        let Some(found) = header.strip_prefix(&self.encoded) else { return false };
        let mut text = [0; base64url::encoded_len(MAX_TAIL)];
        let tail = Tail::new(&self.rest, typ);
        base64url::encode_to_slice(tail.as_bytes(), &mut text) == Some(found.as_bytes())
    }
}

/// The end of a header: the bytes that do not fill a group, the value of `typ`, and the brace.
struct Tail {
    bytes: [u8; MAX_TAIL],
    length: usize,
}

impl Tail {
    fn new(rest: &[u8], typ: MediaType<'_>) -> Self {
        let mut tail = Self { bytes: [0; MAX_TAIL], length: 0 };
        let parts = rest.iter().chain(typ.as_str().as_bytes()).chain(CLOSE);
        for (slot, byte) in tail.bytes.iter_mut().zip(parts) {
            *slot = *byte;
            tail.length += 1;
        }
        tail
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

const CLOSE: &[u8] = b"\"}";
const MAX_TAIL: usize = 2 + MediaType::MAX_BYTES + CLOSE.len();

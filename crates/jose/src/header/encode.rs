//! The protected header that we write, and recognize by its bytes.

use std::sync::OnceLock;

use super::{Kind, MediaType};
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
    /// The whole header of one kind of token, which a key is nearly always used for alone.
    whole: OnceLock<WholeHeader>,
}

struct WholeHeader {
    typ: String,
    is_nested: bool,
    encoded: String,
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
        let (encoded, rest) = (base64url::encode(groups), rest.to_vec());
        Some(Self { encoded, rest, whole: OnceLock::new() })
    }

    /// Appends the encoded header of a token of this kind, with what else it must say: `members`,
    /// with a comma before each.
    pub(crate) fn encode(&self, kind: Kind<'_>, members: &str, token: &mut Vec<u8>) {
        if let (Some(whole), true) = (self.whole(kind), members.is_empty()) {
            token.extend_from_slice(whole.as_bytes());
            return;
        }
        token.extend_from_slice(self.encoded.as_bytes());
        let mut tail = self.rest.clone();
        for part in [kind.typ.as_str(), kind.after_typ(), members, CLOSE] {
            tail.extend_from_slice(part.as_bytes());
        }
        base64url::encode_to(&tail, token);
    }

    /// The length of what [`HeaderTemplate::encode`] appends.
    pub(crate) fn encoded_len(&self, kind: Kind<'_>, members: &str) -> usize {
        let parts = [kind.typ.as_str(), kind.after_typ(), members, CLOSE];
        let tail = self.rest.len() + parts.into_iter().map(str::len).sum::<usize>();
        self.encoded.len() + base64url::encoded_len(tail)
    }

    /// Whether `header` is what [`HeaderTemplate::encode`] appends without further members.
    #[inline]
    pub(crate) fn is_encoded_in(&self, header: &[u8], kind: Kind<'_>) -> bool {
        if let Some(whole) = self.whole(kind) {
            return header == whole.as_bytes();
        }
        let Some(found) = header.strip_prefix(self.encoded.as_bytes()) else { return false };
        let mut text = [0; base64url::encoded_len(MAX_TAIL)];
        let tail = Tail::new(&self.rest, kind);
        base64url::encode_to_slice(tail.as_bytes(), &mut text) == Some(found)
    }

    /// The whole header of a token of this kind, unless the key was first used for another kind.
    fn whole(&self, kind: Kind<'_>) -> Option<&str> {
        let whole = self.whole.get_or_init(|| {
            let tail = Tail::new(&self.rest, kind);
            WholeHeader {
                typ: kind.typ.as_str().to_owned(),
                is_nested: kind.is_nested,
                encoded: self.encoded.clone() + &base64url::encode(tail.as_bytes()),
            }
        });
        let is_it = whole.typ == kind.typ.as_str() && whole.is_nested == kind.is_nested;
        is_it.then_some(&whole.encoded)
    }
}

impl Kind<'_> {
    /// What closes the value of `typ`, and the `cty` of RFC 7519 §5.2.
    const fn after_typ(self) -> &'static str {
        if self.is_nested { NESTED } else { PLAIN }
    }
}

/// The end of a header: the bytes that do not fill a group, the value of `typ`, and what follows.
struct Tail {
    bytes: [u8; MAX_TAIL],
    length: usize,
}

impl Tail {
    fn new(rest: &[u8], kind: Kind<'_>) -> Self {
        let mut tail = Self { bytes: [0; MAX_TAIL], length: 0 };
        let typ = kind.typ.as_str().as_bytes();
        for part in [rest, typ, kind.after_typ().as_bytes(), CLOSE.as_bytes()] {
            let end = tail.length + part.len();
            if let Some(room) = tail.bytes.get_mut(tail.length..end) {
                room.copy_from_slice(part);
                tail.length = end;
            }
        }
        tail
    }

    fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

const PLAIN: &str = "\"";
const NESTED: &str = "\",\"cty\":\"JWT\"";
const CLOSE: &str = "}";
const MAX_TAIL: usize = 2 + MediaType::MAX_BYTES + NESTED.len() + CLOSE.len();

//! One fact about who is logged out.

use sealpass_jose::NumericDate;

use crate::credential::{Subject, SubjectError};
use crate::session_id::SessionId;

/// One fact about who is logged out. It never becomes untrue, so facts may be repeated, reordered
/// and joined: the later time wins.
///
/// [`crate::Policy`] makes them, a store keeps and carries them as bytes, and
/// [`super::RevocationList::apply`] lets them take effect.
///
/// ```
/// use sealpass::NumericDate;
/// use sealpass::revocation::{Revocation, RevocationError};
///
/// let everyone = Revocation::Everyone { not_before: NumericDate::from_secs(1_800_000_000) };
/// let mut bytes = Vec::new();
/// everyone.encode(&mut bytes);
/// assert_eq!(Revocation::decode(&bytes), Ok(everyone));
/// assert_eq!(Revocation::decode(&bytes[1..]), Err(RevocationError::Kind));
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "these are all there is to revoke")]
pub enum Revocation {
    /// Logins of anyone, at or before a time.
    Everyone {
        /// Logins at or before this time are refused.
        not_before: NumericDate,
    },
    /// Tokens of anyone, issued before a time: what was revoked until then is not known.
    Issued {
        /// Tokens issued before this time are refused.
        before: NumericDate,
    },
    /// One session.
    Session {
        /// The session.
        sid: SessionId,
        /// Whose it was, when that is known: who logs out very often gets one entry for it all.
        subject: Option<Subject>,
        /// When its user logged in, or later: what a coarser fact in its place must reach.
        auth_time: NumericDate,
        /// From when on nothing this fact revokes could still be renewed.
        until: NumericDate,
    },
    /// Logins of one subject, at or before a time.
    Subject {
        /// The subject.
        subject: Subject,
        /// Logins at or before this time are refused.
        not_before: NumericDate,
        /// From when on nothing this fact revokes could still be renewed.
        until: NumericDate,
    },
}

/// Bytes that are no [`Revocation`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RevocationError {
    /// The first byte names no kind of this version.
    #[error("a revocation begins with 0x11, 0x12, 0x13 or 0x14")]
    Kind,
    /// Too short or too long for its kind.
    #[error("the revocation is not as long as its kind")]
    Length,
    /// The subject is no subject.
    #[error("the revocation's subject must be UTF-8 of at most {} bytes", Subject::MAX)]
    Subject,
}

impl Revocation {
    /// What refuses all that came before `now`, since who was logged out by then is not known.
    ///
    /// By the login alone it would not be all: a login may be dated ahead
    /// ([`crate::Policy::grant`]), past a start that follows it.
    #[must_use]
    pub const fn unknown_before(now: NumericDate) -> [Self; 2] {
        [Self::Everyone { not_before: now }, Self::Issued { before: now }]
    }

    /// The longest encoding, in bytes.
    pub const MAX_ENCODED: usize = 1 + 16 + 8 + 8 + Subject::MAX;

    /// Appends the bytes: version and kind in one byte, the sid, the times as 64-bit big-endian
    /// seconds, the subject to the end.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let time = |out: &mut Vec<u8>, time: &NumericDate| {
            out.extend_from_slice(&time.as_secs().to_be_bytes());
        };
        match self {
            Self::Everyone { not_before } => {
                out.push(EVERYONE);
                time(out, not_before);
            }
            Self::Issued { before } => {
                out.push(ISSUED);
                time(out, before);
            }
            Self::Session { sid, subject, auth_time, until } => {
                out.push(SESSION);
                out.extend_from_slice(sid.as_bytes());
                time(out, auth_time);
                time(out, until);
                out.extend_from_slice(subject.as_ref().map_or("", Subject::as_str).as_bytes());
            }
            Self::Subject { subject, not_before, until } => {
                out.push(SUBJECT);
                time(out, not_before);
                time(out, until);
                out.extend_from_slice(subject.as_str().as_bytes());
            }
        }
    }

    /// Reads what [`Revocation::encode`] wrote.
    ///
    /// # Errors
    /// [`RevocationError`]; nothing is read that `encode` could not have written.
    pub fn decode(bytes: &[u8]) -> Result<Self, RevocationError> {
        let (kind, rest) = bytes.split_first().ok_or(RevocationError::Length)?;
        match *kind {
            EVERYONE => Ok(Self::Everyone { not_before: only_time(rest)? }),
            ISSUED => Ok(Self::Issued { before: only_time(rest)? }),
            SESSION => {
                let (sid, rest) = rest.split_first_chunk().ok_or(RevocationError::Length)?;
                let (auth_time, rest) = take_time(rest)?;
                let (until, rest) = take_time(rest)?;
                let subject = if rest.is_empty() { None } else { Some(subject(rest)?) };
                Ok(Self::Session { sid: SessionId::from_bytes(*sid), subject, auth_time, until })
            }
            SUBJECT => {
                let (not_before, rest) = take_time(rest)?;
                let (until, rest) = take_time(rest)?;
                Ok(Self::Subject { subject: subject(rest)?, not_before, until })
            }
            _ => Err(RevocationError::Kind),
        }
    }

    /// From when on nothing this fact revokes could still be renewed, when there is such a time.
    #[must_use]
    pub const fn until(&self) -> Option<NumericDate> {
        match self {
            Self::Everyone { .. } | Self::Issued { .. } => None,
            Self::Session { until, .. } | Self::Subject { until, .. } => Some(*until),
        }
    }
}

impl From<SubjectError> for RevocationError {
    fn from(_: SubjectError) -> Self {
        Self::Subject
    }
}

fn take_time(bytes: &[u8]) -> Result<(NumericDate, &[u8]), RevocationError> {
    let (seconds, rest) = bytes.split_first_chunk().ok_or(RevocationError::Length)?;
    Ok((NumericDate::from_secs(u64::from_be_bytes(*seconds)), rest))
}

fn only_time(bytes: &[u8]) -> Result<NumericDate, RevocationError> {
    match take_time(bytes)? {
        (time, []) => Ok(time),
        _ => Err(RevocationError::Length),
    }
}

fn subject(bytes: &[u8]) -> Result<Subject, RevocationError> {
    let text = str::from_utf8(bytes).map_err(|_| RevocationError::Subject)?;
    Ok(Subject::new(text)?)
}

/// The version in the high half, the kind in the low one.
const EVERYONE: u8 = 0x11;
const SESSION: u8 = 0x12;
const SUBJECT: u8 = 0x13;
const ISSUED: u8 = 0x14;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> NumericDate {
        NumericDate::from_secs(seconds)
    }

    fn examples() -> Vec<Revocation> {
        let sid = SessionId::generate().unwrap();
        let ada = Subject::new("ada").unwrap();
        let longest = Subject::new("é".repeat(Subject::MAX / 2)).unwrap();
        vec![
            Revocation::Everyone { not_before: at(u64::MAX) },
            Revocation::Session { sid, subject: None, auth_time: at(0), until: at(1) },
            Revocation::Session { sid, subject: Some(ada.clone()), auth_time: at(7), until: at(9) },
            Revocation::Session {
                sid,
                subject: Some(longest.clone()),
                auth_time: at(7),
                until: at(9),
            },
            Revocation::Subject { subject: ada, not_before: at(1), until: at(2) },
            Revocation::Subject { subject: longest, not_before: at(1), until: at(2) },
            Revocation::Issued { before: at(3) },
        ]
    }

    fn encoded(fact: &Revocation) -> Vec<u8> {
        let mut bytes = Vec::new();
        fact.encode(&mut bytes);
        bytes
    }

    #[test]
    fn what_was_written_is_read() {
        for fact in examples() {
            let bytes = encoded(&fact);
            assert!(bytes.len() <= Revocation::MAX_ENCODED);
            assert_eq!(Revocation::decode(&bytes), Ok(fact));
        }
    }

    #[test]
    fn the_bytes_are_those_of_version_1() {
        let fact = Revocation::Session {
            sid: SessionId::parse("AAECAwQFBgcICQoLDA0ODw").unwrap(),
            subject: Some(Subject::new("ada").unwrap()),
            auth_time: at(1),
            until: at(0x0102),
        };
        let expected = b"\x12\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\
            \0\0\0\0\0\0\0\x01\0\0\0\0\0\0\x01\x02ada";
        assert_eq!(encoded(&fact), expected);
    }

    #[test]
    fn bytes_of_the_wrong_length_are_refused() {
        assert_eq!(Revocation::decode(&[]), Err(RevocationError::Length));
        for short in [&examples()[0], &examples()[6]].map(encoded) {
            assert_eq!(Revocation::decode(&short[..8]), Err(RevocationError::Length));
            let long = [&short[..], b"x"].concat();
            assert_eq!(Revocation::decode(&long), Err(RevocationError::Length));
        }
        let session = encoded(&examples()[1]);
        for end in 1..session.len() {
            assert_eq!(Revocation::decode(&session[..end]), Err(RevocationError::Length), "{end}");
        }
    }

    #[test]
    fn a_subject_that_no_token_could_have_is_refused() {
        let subject = encoded(&examples()[4]);
        let head = &subject[..17];
        for bad in [&b""[..], b"a\r\nb", b"\xff", &[b'a'; Subject::MAX + 1]] {
            let bytes = [head, bad].concat();
            assert_eq!(Revocation::decode(&bytes), Err(RevocationError::Subject), "{bad:?}");
        }
    }

    #[test]
    fn bytes_of_another_version_are_refused() {
        for kind in (0..=u8::MAX).filter(|kind| !(EVERYONE..=ISSUED).contains(kind)) {
            let bytes = [&[kind][..], &[0; 32]].concat();
            assert_eq!(Revocation::decode(&bytes), Err(RevocationError::Kind), "{kind}");
        }
    }
}

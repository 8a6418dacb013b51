//! Facts as the bytes of an append-only file, which a crash may cut anywhere.
//!
//! ```text
//! file   = HEADER frame*
//! frame  = length of its facts, 32 bits · their CRC-32, 32 bits · (length, 16 bits · fact)+
//! ```
//!
//! A frame is what was written at once, and the next is written only when this one is safe. So the
//! bytes of a crash are those of the last frame; whatever else is wrong was not a crash.

use super::{Revocation, RevocationError};

/// The first bytes of every file. The last but one is the version.
pub const HEADER: [u8; 16] = *b"sealpass revs \x01\n";

/// The longest frame, in bytes, without what stands before its facts.
pub const MAX_FRAME: usize = 1 << 20;

/// Why a file is not read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Bytes in the middle are not those that were written: facts are missing.
    #[error("the bytes at offset {offset} are damaged, and whole ones follow")]
    Damaged {
        /// Where the damage begins, in bytes from the start.
        offset: usize,
    },
    /// It does not begin as a journal does.
    #[error("it is no revocation journal of this version")]
    Header,
    /// Bytes that are as they were written, and are no fact that this version knows.
    #[error("the fact at offset {offset} is not one of this version: {error}")]
    Unknown {
        /// Where the frame with it begins, in bytes from the start.
        offset: usize,
        /// What is wrong with it.
        error: RevocationError,
    },
}

/// Appends `facts` as one frame, or as several when one would be longer than [`MAX_FRAME`]. A frame
/// is read whole or not at all.
pub fn append<'a>(facts: impl IntoIterator<Item = &'a Revocation>, out: &mut Vec<u8>) {
    let (mut frame, mut fact_bytes) = (Vec::new(), Vec::new());
    for fact in facts {
        fact_bytes.clear();
        fact.encode(&mut fact_bytes);
        if frame.len() + 2 + fact_bytes.len() > MAX_FRAME {
            close(&mut frame, out);
        }
        // A fact has at most `Revocation::MAX_ENCODED` bytes.
        let length = u16::try_from(fact_bytes.len()).unwrap_or(u16::MAX);
        frame.extend_from_slice(&length.to_be_bytes());
        frame.extend_from_slice(&fact_bytes);
    }
    close(&mut frame, out);
}

/// Hands every fact of `bytes` to `each`, and says how many bytes are whole. What follows them was
/// cut short by a crash before anyone was told that it is safe.
///
/// # Errors
/// [`JournalError`]; some facts may have been handed over by then.
///
/// ```
/// use sealpass::NumericDate;
/// use sealpass::revocation::{Revocation, journal};
///
/// let everyone = Revocation::Everyone { not_before: NumericDate::from_secs(1_800_000_000) };
/// let mut bytes = journal::HEADER.to_vec();
/// journal::append([&everyone], &mut bytes);
/// let whole = bytes.len();
/// journal::append([&everyone], &mut bytes);
/// bytes.pop(); // a crash
///
/// let mut facts = Vec::new();
/// assert_eq!(journal::read(&bytes, |fact| facts.push(fact)), Ok(whole));
/// assert_eq!(facts, [everyone]);
/// bytes[20] ^= 1; // no crash does that
/// # bytes.push(0);
/// # journal::append(&facts, &mut bytes);
/// assert!(journal::read(&bytes, |_| ()).is_err());
/// # Ok::<_, journal::JournalError>(())
/// ```
pub fn read(bytes: &[u8], mut each: impl FnMut(Revocation)) -> Result<usize, JournalError> {
    let mut rest = bytes.strip_prefix(&HEADER).ok_or(JournalError::Header)?;
    let mut offset = HEADER.len();
    while !rest.is_empty() {
        let Some((frame, after)) = take_frame(rest) else {
            // Each byte may be the first of a frame. Hardly any looks like it.
            let is_whole = |start| rest.get(start..).and_then(take_frame).is_some();
            if (1..rest.len()).any(is_whole) {
                return Err(JournalError::Damaged { offset });
            }
            break;
        };
        read_frame(frame, &mut each).map_err(|error| JournalError::Unknown { offset, error })?;
        offset += rest.len() - after.len();
        rest = after;
    }
    Ok(offset)
}

fn close(frame: &mut Vec<u8>, out: &mut Vec<u8>) {
    if frame.is_empty() {
        return;
    }
    // At most `MAX_FRAME`.
    let length = u32::try_from(frame.len()).unwrap_or(u32::MAX).to_be_bytes();
    out.extend_from_slice(&length);
    out.extend_from_slice(&checksum(length, frame).to_be_bytes());
    out.append(frame);
}

/// The facts of the whole frame that `bytes` begin with, and what follows it.
fn take_frame(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    let (expected, rest) = rest.split_first_chunk()?;
    let size = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    if size == 0 || size > MAX_FRAME {
        return None;
    }
    let (frame, after) = rest.split_at_checked(size)?;
    (checksum(*length, frame) == u32::from_be_bytes(*expected)).then_some((frame, after))
}

fn read_frame(mut frame: &[u8], each: &mut impl FnMut(Revocation)) -> Result<(), RevocationError> {
    while !frame.is_empty() {
        let (length, rest) = frame.split_first_chunk().ok_or(RevocationError::Length)?;
        let length = usize::from(u16::from_be_bytes(*length));
        let (fact, rest) = rest.split_at_checked(length).ok_or(RevocationError::Length)?;
        each(Revocation::decode(fact)?);
        frame = rest;
    }
    Ok(())
}

/// It finds what a disk or a crash did. Whoever can write the file can do worse.
fn checksum(length: [u8; 4], frame: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length);
    hasher.update(frame);
    hasher.finalize()
}

#[cfg(test)]
mod tests {
    use sealpass_jose::NumericDate;

    use super::*;
    use crate::credential::Subject;
    use crate::session_id::SessionId;

    fn session(number: u64) -> Revocation {
        Revocation::Session {
            sid: SessionId::generate().unwrap(),
            subject: Some(Subject::new(format!("user-{number}")).unwrap()),
            auth_time: NumericDate::from_secs(number),
            until: NumericDate::from_secs(number + 1),
        }
    }

    /// A file of three frames with one, two and three facts, and where each frame ends.
    fn file() -> (Vec<u8>, Vec<Revocation>, [usize; 3]) {
        let facts: Vec<Revocation> = (0..6).map(session).collect();
        let mut bytes = HEADER.to_vec();
        let ends = [0..1, 1..3, 3..6].map(|range| {
            append(&facts[range], &mut bytes);
            bytes.len()
        });
        (bytes, facts, ends)
    }

    fn read_all(bytes: &[u8]) -> Result<(usize, Vec<Revocation>), JournalError> {
        let mut facts = Vec::new();
        read(bytes, |fact| facts.push(fact)).map(|whole| (whole, facts))
    }

    #[test]
    fn a_crash_at_any_byte_loses_the_last_frame_and_nothing_else() {
        let (bytes, facts, ends) = file();
        for cut in HEADER.len()..=bytes.len() {
            let (frames, whole) = match ends.iter().rposition(|end| *end <= cut) {
                Some(last) => (last + 1, ends[last]),
                None => (0, HEADER.len()),
            };
            let count = [0, 1, 3, 6][frames];
            assert_eq!(read_all(&bytes[..cut]), Ok((whole, facts[..count].to_vec())), "{cut}");
        }
    }

    #[test]
    fn a_crash_that_grew_the_file_before_its_bytes_came_is_a_crash() {
        let (bytes, facts, ends) = file();
        for cut in ends[1]..bytes.len() {
            for hole in [ends[1]..cut + 1, cut..bytes.len()] {
                let mut holed = bytes.clone();
                holed[hole].fill(0);
                // Some bytes of a length are zero anyway.
                if holed != bytes {
                    assert_eq!(read_all(&holed), Ok((ends[1], facts[..3].to_vec())), "{cut}");
                }
            }
        }
    }

    #[test]
    fn a_damaged_byte_before_the_last_frame_is_refused_with_its_place() {
        let (bytes, _, ends) = file();
        let starts = [HEADER.len(), ends[0]];
        for position in HEADER.len()..ends[1] {
            let offset = starts[usize::from(position >= ends[0])];
            for bit in 0..8 {
                let mut damaged = bytes.clone();
                damaged[position] ^= 1 << bit;
                assert_eq!(
                    read_all(&damaged),
                    Err(JournalError::Damaged { offset }),
                    "byte {position} bit {bit}"
                );
            }
        }
    }

    #[test]
    fn a_file_of_something_else_or_of_another_version_is_refused() {
        let (bytes, ..) = file();
        for position in 0..HEADER.len() {
            let mut foreign = bytes.clone();
            foreign[position] ^= 1;
            assert_eq!(read_all(&foreign), Err(JournalError::Header));
            assert_eq!(read_all(&bytes[..position]), Err(JournalError::Header));
        }
    }

    #[test]
    fn a_whole_frame_with_an_unknown_fact_is_refused() {
        let (mut bytes, _, ends) = file();
        close(&mut b"\x00\x01\x7f".to_vec(), &mut bytes);
        assert_eq!(
            read_all(&bytes),
            Err(JournalError::Unknown { offset: ends[2], error: RevocationError::Kind })
        );
    }

    #[test]
    fn many_facts_become_several_frames() {
        let facts: Vec<Revocation> = (0..40_000).map(session).collect();
        let mut bytes = HEADER.to_vec();
        append(&facts, &mut bytes);
        assert!(bytes.len() > MAX_FRAME);
        assert_eq!(read_all(&bytes), Ok((bytes.len(), facts)));
    }
}

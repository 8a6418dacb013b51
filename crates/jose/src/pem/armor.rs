//! The textual encoding (RFC 7468 §3), read strictly.

use base64::alphabet::STANDARD;
use base64::engine::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, PAD};

use super::PemError;
use crate::secret::Secret;

/// What is between two boundaries, decoded.
pub(super) struct Block<'p> {
    pub(super) label: &'p str,
    pub(super) der: Secret<Vec<u8>>,
}

/// Every block of a text that has nothing else in it but empty lines.
///
/// Lines may be of any length and end in LF or CRLF; within a block there is no other white space.
pub(super) fn blocks(text: &str) -> Result<Vec<Block<'_>>, PemError> {
    let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    let mut blocks = Vec::new();
    while let Some(line) = lines.next() {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let Some(label) = boundary(line, "-----BEGIN ") else {
            return Err(outside(line));
        };
        let body = body(label, &mut lines)?;
        blocks.push(Block { label, der: decode(&body)? });
    }
    Ok(blocks)
}

/// A block around `der`, in lines of 64 characters.
pub(super) fn write(label: &str, der: &[u8]) -> Secret<String> {
    let base64 = Secret::new(ENGINE.encode(der));
    let length = base64.expose().len();
    let mut text = String::with_capacity(length + length / LINE + 2 * (label.len() + 18));
    text.push_str("-----BEGIN ");
    text.push_str(label);
    text.push_str("-----\n");
    let mut rest = &base64.expose()[..];
    while !rest.is_empty() {
        let (line, after) = rest.split_at_checked(LINE).unwrap_or((rest, ""));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    Secret::new(text)
}

fn body<'p>(
    label: &str,
    lines: &mut impl Iterator<Item = &'p str>,
) -> Result<Secret<String>, PemError> {
    let lines: Vec<&str> = {
        let mut body = Vec::new();
        loop {
            let line = lines.next().ok_or(PemError::Boundary)?;
            if line.starts_with("-----") {
                if boundary(line, "-----END ") != Some(label) {
                    return Err(PemError::Boundary);
                }
                break body;
            }
            // RFC 1421 §4.6: headers, which RFC 7468 has none of but for old encrypted keys.
            if line.starts_with("Proc-Type:") && line.contains("ENCRYPTED") {
                return Err(PemError::Encrypted);
            }
            body.push(line);
        }
    };
    let mut body = String::with_capacity(lines.iter().map(|line| line.len()).sum());
    for line in lines {
        body.push_str(line);
    }
    Ok(Secret::new(body))
}

fn boundary<'p>(line: &'p str, start: &str) -> Option<&'p str> {
    line.strip_prefix(start)?.strip_suffix("-----")
}

fn outside(line: &str) -> PemError {
    if line.starts_with("-----") { PemError::Boundary } else { PemError::TextOutside }
}

fn decode(body: &Secret<String>) -> Result<Secret<Vec<u8>>, PemError> {
    let text = body.expose().as_bytes();
    let mut der = vec![0; text.len() / 4 * 3 + 3];
    let decoded = ENGINE.decode_slice(text, &mut der).map_err(|_| PemError::Base64);
    let der = Secret::new(der);
    let der = Secret::new(der.expose().get(..decoded?).unwrap_or_default().to_vec());
    Ok(der)
}

/// Padded, canonical, and without anything outside the alphabet.
const ENGINE: GeneralPurpose = GeneralPurpose::new(&STANDARD, PAD);

/// The length of a line, in characters (RFC 7468 §2).
const LINE: usize = 64;

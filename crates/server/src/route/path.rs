//! A path as programs read it, or the refusal to guess which of them is right.
//!
//! A rule holds for what the API makes of a path, and an API may decode once or twice, take out dots,
//! cut at `;` and fold case. A path is therefore refused where that matters, and otherwise known in
//! three readings at once; see [`super::Routes::find`].

use icu_normalizer::ComposingNormalizerBorrowed;

/// The path of a request, without its query and without a slash at its end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct NormalPath {
    decoded: String,
    plain: String,
    folded: String,
}

/// Why nobody can say which path is meant. What follows "the path" in a message.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum AmbiguousPath {
    /// `%` without two digits.
    #[error("has a `%` that two hexadecimal digits do not follow")]
    BrokenEncoding,
    /// A control character, `%00` among them.
    #[error("has a control character")]
    ControlCharacter,
    /// What ends a path or a segment for some programs, or is decoded twice by them.
    #[error("has `\\`, `;` or `#`, or an encoded `/`, `\\`, `;`, `#`, `?` or `%`")]
    Delimiter,
    /// A segment of dots and white space.
    #[error("has a segment of dots or white space, which some programs take out")]
    DotSegment,
    /// `//`.
    #[error("has an empty segment (`//`), which some programs take out")]
    EmptySegment,
    /// A `#`, anywhere in the target.
    #[error("or what follows it has a `#`, where some programs cut it off")]
    Fragment,
    /// Characters that no request target has unencoded.
    #[error("has characters that must be percent-encoded")]
    NotEncoded,
    /// Nothing, or something else than a path.
    #[error("is not known, or does not begin with `/`")]
    NotPath,
    /// Encoded bytes that are no UTF-8; overlong forms of `/` and `.` are none.
    #[error("has encoded bytes that are no UTF-8")]
    NotUtf8,
    /// What Unicode normalization turns into something else.
    #[error("has characters that some programs replace or take out")]
    Unicode,
}

impl NormalPath {
    /// Reads the path of a request target as it was on the wire, its query split off.
    ///
    /// # Errors
    /// [`AmbiguousPath`].
    pub(crate) fn parse(raw: &str) -> Result<Self, AmbiguousPath> {
        let rest = raw.strip_prefix('/').ok_or(AmbiguousPath::NotPath)?;
        // The same for nearly every program, and rules have none.
        let raw = if rest.is_empty() { "" } else { raw.strip_suffix('/').unwrap_or(raw) };
        let (mut decoded, mut plain) =
            (Vec::with_capacity(raw.len()), Vec::with_capacity(raw.len()));
        let mut bytes = raw.bytes();
        while let Some(byte) = bytes.next() {
            if byte != b'%' {
                require_literal(byte)?;
                decoded.push(byte);
                plain.push(byte);
                continue;
            }
            let (Some(high), Some(low)) = (bytes.next(), bytes.next()) else {
                return Err(AmbiguousPath::BrokenEncoding);
            };
            let byte = hex(high)? << 4 | hex(low)?;
            require_encoded(byte)?;
            decoded.push(byte);
            if is_path_character(byte) {
                plain.extend([b'%', high, low]);
            } else {
                plain.push(byte);
            }
        }
        let [decoded, plain] = [decoded, plain].map(String::from_utf8);
        let decoded = decoded.map_err(|_| AmbiguousPath::NotUtf8)?;
        let plain = plain.map_err(|_| AmbiguousPath::NotUtf8)?;
        let folded = fold(&decoded)?;
        Ok(Self { decoded, plain, folded })
    }

    /// Decoded once: what most programs read.
    pub(crate) fn as_str(&self) -> &str {
        if self.decoded.is_empty() { "/" } else { &self.decoded }
    }

    /// Where nothing is decoded that may stand in a path unencoded: the strictest reading.
    pub(super) fn plain(&self) -> &str {
        &self.plain
    }

    /// Decoded, in one case, without what is ignored at the end of a segment: the most lenient reading.
    pub(super) fn folded(&self) -> &str {
        &self.folded
    }
}

/// What a lenient program makes of a decoded path without a slash at its end: normalized, of one case,
/// and every segment [trimmed](trim).
///
/// # Errors
/// [`AmbiguousPath`] when programs disagree about its segments or its characters.
pub(super) fn fold(decoded: &str) -> Result<String, AmbiguousPath> {
    let mut folded = String::with_capacity(decoded.len());
    for segment in decoded.split('/').skip(1) {
        if segment.is_empty() {
            return Err(AmbiguousPath::EmptySegment);
        }
        for c in segment.chars() {
            if c.is_control() {
                return Err(AmbiguousPath::ControlCharacter);
            }
            if !c.is_ascii() && is_replaced(c) {
                return Err(AmbiguousPath::Unicode);
            }
        }
        let normalized = NFKC.normalize(segment);
        let kept = trim(&normalized);
        if kept.is_empty() {
            return Err(AmbiguousPath::DotSegment);
        }
        folded.push('/');
        // Upper case first: to some programs `ı` is an `i`, and only upper case knows.
        let upper = kept.chars().flat_map(char::to_uppercase);
        folded.extend(upper.flat_map(char::to_lowercase));
    }
    Ok(folded)
}

/// A segment without the white space around it and without the dots at its end, which Windows ignores.
pub(super) fn trim(segment: &str) -> &str {
    segment.trim_start().trim_end_matches(|c: char| c == '.' || c.is_whitespace())
}

/// Whether a byte may stand in a path as it is (`pchar` of RFC 3986 §3.3), other than `;`.
pub(super) const fn is_path_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'-' | b'.' | b'_' | b'~')
        || matches!(byte, b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b',' | b'=')
        || matches!(byte, b':' | b'@')
}

/// A byte that was not encoded.
const fn require_literal(byte: u8) -> Result<(), AmbiguousPath> {
    match byte {
        b'/' => Ok(()),
        b'\\' | b';' | b'#' | b'?' => Err(AmbiguousPath::Delimiter),
        byte if is_path_character(byte) => Ok(()),
        byte if byte.is_ascii_control() => Err(AmbiguousPath::ControlCharacter),
        _ => Err(AmbiguousPath::NotEncoded),
    }
}

/// A byte that was encoded.
const fn require_encoded(byte: u8) -> Result<(), AmbiguousPath> {
    match byte {
        b'/' | b'\\' | b';' | b'#' | b'?' | b'%' => Err(AmbiguousPath::Delimiter),
        byte if byte.is_ascii_control() => Err(AmbiguousPath::ControlCharacter),
        _ => Ok(()),
    }
}

fn hex(digit: u8) -> Result<u8, AmbiguousPath> {
    let digit = char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    digit.ok_or(AmbiguousPath::BrokenEncoding)
}

/// What programs that normalize Unicode make of a text, when they go the furthest: `𝐚`, `ａ` and
/// `ª` are an `a`.
const NFKC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfkc();

/// Whether programs that normalize Unicode, or fit it to a smaller character set, take a character
/// out, join it with its neighbour, or read a dot or a delimiter instead of it.
fn is_replaced(c: char) -> bool {
    let is_delimiter = |c| matches!(c, '.' | '/' | '\\' | ';' | '#' | '?' | '%');
    is_ignored(c) || NFKC.normalize_iter([c].into_iter()).any(|c| is_delimiter(c) || is_ignored(c))
}

const fn is_ignored(c: char) -> bool {
    // Combining marks: `é` in two characters.
    matches!(c, '\u{300}'..='\u{36F}')
        // Default_Ignorable_Code_Point: soft hyphen, fillers, joiners, directions, variation selectors,
        // byte order mark, tags.
        || matches!(c, '\u{AD}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}')
        || matches!(c, '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}')
        || matches!(c, '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
        || matches!(c, '\u{FFA0}' | '\u{FFF0}'..='\u{FFF8}' | '\u{1BCA0}'..='\u{1BCA3}')
        || matches!(c, '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
        // Slashes by another name, which no normalization knows.
        || matches!(c, '\u{2044}' | '\u{2215}' | '\u{2216}' | '\u{29F5}' | '\u{29F8}' | '\u{29F9}')
}

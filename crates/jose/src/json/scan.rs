//! One pass over a JSON text.

use super::members::Span;
use super::{JsonError, MAX_DEPTH, Members, string};

/// Scans `text`, which must be one object, into `members`.
pub(crate) fn scan_object(text: &str, members: &mut Members) -> Result<(), JsonError> {
    members.clear();
    let mut scanner = Scanner { text, position: 0, members };
    scanner.skip_white_space();
    if scanner.peek() != Some(b'{') {
        return Err(JsonError::NotAnObject);
    }
    scanner.object(1)?;
    scanner.skip_white_space();
    match scanner.peek() {
        None => Ok(()),
        Some(_) => Err(scanner.unexpected()),
    }
}

struct Scanner<'t, 'm> {
    text: &'t str,
    position: usize,
    members: &'m mut Members,
}

/// What an object leaves behind: its members stay in the table only when it is the outermost.
const OUTERMOST: usize = 1;

impl Scanner<'_, '_> {
    fn value(&mut self, depth: usize) -> Result<(), JsonError> {
        match self.peek() {
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b'"') => self.string().map(|_| ()),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.literal("true"),
            Some(b'f') => self.literal("false"),
            Some(b'n') => self.literal("null"),
            _ => Err(self.unexpected()),
        }
    }

    fn object(&mut self, depth: usize) -> Result<(), JsonError> {
        require_depth(depth)?;
        self.expect(b'{')?;
        let first = self.members.count();
        self.skip_white_space();
        if !self.take(b'}') {
            loop {
                self.member(depth, first)?;
                if !self.take(b',') {
                    break;
                }
                self.skip_white_space();
            }
            self.expect(b'}')?;
        }
        if depth > OUTERMOST {
            self.members.truncate(first);
        }
        Ok(())
    }

    /// A member and the white space around its parts.
    fn member(&mut self, depth: usize, first: usize) -> Result<(), JsonError> {
        let (name, escaped) = self.string()?;
        let index = self.members.push(self.text, first, name, escaped)?;
        self.skip_white_space();
        self.expect(b':')?;
        self.skip_white_space();
        let start = self.position;
        self.value(depth)?;
        self.members.set_value(index, Span::new(start, self.position)?);
        self.skip_white_space();
        Ok(())
    }

    fn array(&mut self, depth: usize) -> Result<(), JsonError> {
        require_depth(depth)?;
        self.expect(b'[')?;
        self.skip_white_space();
        if self.take(b']') {
            return Ok(());
        }
        loop {
            self.skip_white_space();
            self.value(depth)?;
            self.skip_white_space();
            if !self.take(b',') {
                return self.expect(b']');
            }
        }
    }

    /// A string: what is between its quotes, and whether that has escapes.
    fn string(&mut self) -> Result<(Span, bool), JsonError> {
        self.expect(b'"')?;
        let start = self.position;
        let mut escaped = false;
        loop {
            let plain = self.rest().iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f));
            self.position += plain.unwrap_or(self.rest().len());
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.position += 1;
                    let length = string::escape_len(self.rest());
                    self.position += length.ok_or_else(|| self.unexpected())?;
                }
                _ => return Err(self.unexpected()),
            }
        }
        let inner = Span::new(start, self.position)?;
        self.position += 1;
        Ok((inner, escaped))
    }

    fn number(&mut self) -> Result<(), JsonError> {
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Ok(())
    }

    /// One digit or more.
    fn digits(&mut self) -> Result<(), JsonError> {
        let count = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.position += count;
        if count == 0 { Err(self.unexpected()) } else { Ok(()) }
    }

    fn literal(&mut self, literal: &str) -> Result<(), JsonError> {
        if !self.rest().starts_with(literal.as_bytes()) {
            return Err(self.unexpected());
        }
        self.position += literal.len();
        Ok(())
    }

    fn skip_white_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.position += 1;
        }
    }

    fn expect(&mut self, byte: u8) -> Result<(), JsonError> {
        if self.take(byte) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.position += usize::from(found);
        found
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    fn rest(&self) -> &[u8] {
        self.text.as_bytes().get(self.position..).unwrap_or_default()
    }

    const fn unexpected(&self) -> JsonError {
        JsonError::Syntax { position: self.position }
    }
}

const fn require_depth(depth: usize) -> Result<(), JsonError> {
    if depth > MAX_DEPTH { Err(JsonError::TooDeep) } else { Ok(()) }
}

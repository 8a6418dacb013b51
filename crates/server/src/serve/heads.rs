//! The heads of HTTP/1 requests, as they were sent.
//!
//! hyper has decided where a request ends, and what its path is, before anyone is shown it. Of a length
//! beside chunks it drops the length, which RFC 9112 §6.1 allows, of a target it drops what it takes for
//! a fragment, and nothing is left to see; but whoever sends such a thing wants two programs to see
//! different requests, and is better refused. So this reads along. It has hyper's own parser, changes
//! nothing that is read and frames nothing: what it fails to see is framed by hyper as ever. It loses its
//! place in chunks and does not look for it, so a connection ends after them.

use std::mem::MaybeUninit;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::wire::Watch;

/// Looks at the heads of a connection while they are read.
#[derive(Debug)]
pub(super) struct Heads {
    place: Place,
    /// How many there were.
    count: usize,
    findings: Arc<Findings>,
    is_for_verdicts: bool,
}

/// What was found out about the requests of a connection.
#[derive(Debug)]
pub(super) struct Findings {
    /// The number of the first request that can be read in two ways.
    first_ambiguous: AtomicUsize,
    /// Whether it is its target that can.
    is_target: AtomicBool,
    /// How many were asked about, in the order in which they were sent.
    asked: AtomicUsize,
    /// Whether the connection speaks something else by now.
    is_over: AtomicBool,
}

/// What of a request can be read in two ways.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Ambiguity {
    /// Where it ends.
    Framing,
    /// What it is for.
    Target,
}

/// What the next byte belongs to.
#[derive(Debug)]
enum Place {
    Head(PartOfHead),
    /// A body, with so many bytes to come.
    Body(u64),
    /// What is not looked at.
    Elsewhere,
}

/// A head that came in pieces, as far as it has come.
#[derive(Debug, Default)]
struct PartOfHead {
    bytes: Vec<u8>,
    lines: Lines,
}

/// What the lines of a head have shown so far.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Lines {
    /// Where the one begins that is not whole yet.
    open: usize,
    /// Whether the target of the request has what hyper takes for a fragment.
    have_fragment: bool,
    /// Whether one may be about the length of the body.
    say_length: bool,
    /// Whether one ends in a line feed on its own, which is the end of a line to some programs and white
    /// space to others.
    have_bare_feed: bool,
}

impl Heads {
    /// Those of a connection over which nothing is wanted but verdicts, or anything.
    pub(super) fn new(is_for_verdicts: bool) -> Self {
        let findings = Findings {
            first_ambiguous: AtomicUsize::new(usize::MAX),
            is_target: AtomicBool::new(false),
            asked: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        };
        let place = Place::Head(PartOfHead::default());
        Self { place, count: 0, findings: Arc::new(findings), is_for_verdicts }
    }

    pub(super) fn findings(&self) -> Arc<Findings> {
        Arc::clone(&self.findings)
    }

    fn look_at(&mut self, mut bytes: &[u8]) {
        if self.findings.is_over.load(Ordering::Acquire) {
            self.place = Place::Elsewhere;
        }
        while !bytes.is_empty() {
            bytes = match &mut self.place {
                Place::Elsewhere => return,
                Place::Body(left) => {
                    let here = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    *left -= here as u64;
                    if *left == 0 {
                        self.place = Place::Head(PartOfHead::default());
                    }
                    bytes.get(here..).unwrap_or_default()
                }
                Place::Head(part) => {
                    let Some((head, lines, rest)) = part.add(bytes) else {
                        if part.bytes.len() > MAX_HEAD {
                            self.place = Place::Elsewhere;
                        }
                        return;
                    };
                    // Whatever the first one is decides what the connection speaks.
                    let framing = if self.count == 0 || lines.say_length {
                        parsed(head, lines)
                    } else {
                        without_length(lines)
                    };
                    if framing.is_ambiguous || lines.have_fragment {
                        self.findings.note(self.count, !framing.is_ambiguous);
                    }
                    self.count += 1;
                    self.place = match framing.body {
                        None => Place::Elsewhere,
                        Some(0) => Place::Head(PartOfHead::default()),
                        Some(length) => Place::Body(length),
                    };
                    rest
                }
            };
        }
    }
}

/// Longer ones are refused whatever is in them.
const MAX_HEAD: usize = super::connection::MAX_BUFFER;

impl Watch for Heads {
    fn read(&mut self, bytes: &[u8]) {
        self.look_at(bytes);
    }

    /// What hyper refuses itself, because it cannot read it or has no room for it, would be a failure to
    /// a proxy that wants a verdict. So it is a no, and the words behind the status say why.
    fn instead_of(&self, bytes: &[u8]) -> Option<&'static [u8]> {
        let is_hypers = |status: &[u8]| matches!(status, b"400" | b"414" | b"431");
        let [_, b' ', status @ ..] = bytes.strip_prefix(b"HTTP/1.")?.get(..5)? else { return None };
        (self.is_for_verdicts && is_hypers(status)).then_some(b"HTTP/1.1 403")
    }
}

impl Findings {
    fn note(&self, number: usize, is_target: bool) {
        if self.first_ambiguous.load(Ordering::Acquire) == usize::MAX {
            self.is_target.store(is_target, Ordering::Release);
            self.first_ambiguous.store(number, Ordering::Release);
        }
    }

    /// What of the next request, in the order in which they were sent, can be read in two ways. Once one
    /// can, so can all that follow: nobody knows where they begin.
    pub(super) fn next(&self) -> Option<Ambiguity> {
        let number = self.asked.fetch_add(1, Ordering::AcqRel);
        if number < self.first_ambiguous.load(Ordering::Acquire) {
            return None;
        }
        let is_target = self.is_target.load(Ordering::Acquire);
        Some(if is_target { Ambiguity::Target } else { Ambiguity::Framing })
    }

    /// No request will follow: what comes from now on is of another protocol.
    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::Release);
    }
}

impl PartOfHead {
    /// The head, once `bytes` bring its end, and what follows it.
    fn add<'p, 'b: 'p>(&'p mut self, bytes: &'b [u8]) -> Option<(&'p [u8], Lines, &'b [u8])> {
        if !self.bytes.is_empty() {
            let before = self.bytes.len();
            self.bytes.extend_from_slice(bytes);
            let end = self.lines.read(&self.bytes, before)?;
            return Some((self.bytes.get(..end)?, self.lines, bytes.get(end - before..)?));
        }
        // RFC 9112 §2.2: empty lines in front of a request are none of it.
        let start = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n'))?;
        let bytes = bytes.get(start..)?;
        // Nearly every head comes whole, and is looked at where it is.
        if let Some(end) = self.lines.read(bytes, 0) {
            let (head, rest) = bytes.split_at_checked(end)?;
            return Some((head, self.lines, rest));
        }
        self.bytes.extend_from_slice(bytes);
        None
    }
}

impl Lines {
    /// Where the head ends that `bytes` begin with: behind the first line, but for that of the request,
    /// with nothing but carriage returns in it. All up to `new` was read before.
    fn read(&mut self, bytes: &[u8], new: usize) -> Option<usize> {
        for feed in memchr::memchr_iter(b'\n', bytes.get(new..)?) {
            let (feed, end) = (new + feed, new + feed + 1);
            let line = bytes.get(self.open..feed)?;
            self.have_bare_feed |= !line.ends_with(b"\r");
            if self.open > 0 && line.iter().all(|&byte| byte == b'\r') {
                return Some(end);
            }
            if self.open == 0 {
                self.have_fragment = memchr::memchr(b'#', line).is_some();
            }
            self.say_length |= may_say_length(line);
            self.open = end;
        }
        None
    }
}

/// Whether `line` may be about the length of the body. Names are spelled in one way but for case, or
/// hyper refuses them.
fn may_say_length(line: &[u8]) -> bool {
    ["content-length", "transfer-encoding"].iter().any(|name| {
        line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
    })
}

/// How a head says where its request ends.
#[derive(Debug, Eq, PartialEq)]
struct Framing {
    /// In more than one way.
    is_ambiguous: bool,
    /// How many bytes of body follow where a length says.
    body: Option<u64>,
}

/// What [`parsed`] says of a head without such a line, unless hyper cannot read it.
fn without_length(lines: Lines) -> Framing {
    let is_ambiguous = lines.have_bare_feed;
    Framing { is_ambiguous, body: (!is_ambiguous).then_some(0) }
}

fn parsed(head: &[u8], lines: Lines) -> Framing {
    let mut headers = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut []);
    let end = request.parse_with_uninit_headers(head, &mut headers);
    // What hyper cannot read either it refuses.
    if !matches!(end, Ok(httparse::Status::Complete(end)) if end == head.len()) {
        return Framing { is_ambiguous: false, body: None };
    }
    let named = |name: &'static str| {
        let headers = request.headers.iter();
        headers
            .filter(move |header| header.name.eq_ignore_ascii_case(name))
            .map(|found| found.value)
    };
    let is_chunked = named("transfer-encoding").next().is_some();
    let lengths = named("content-length").count();
    let is_ambiguous = lengths > 1 || (is_chunked && lengths > 0) || lines.have_bare_feed;
    let length = match named("content-length").next() {
        None => Some(0),
        Some(text) => std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()),
    };
    Framing { is_ambiguous, body: length.filter(|_| !is_chunked && !is_ambiguous) }
}

/// hyper's own.
const MAX_HEADERS: usize = 100;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is found out about the requests of `sent`, read `step` bytes at a time.
    fn findings(sent: &str, step: usize, requests: usize) -> Vec<Option<Ambiguity>> {
        let mut heads = Heads::new(false);
        for bytes in sent.as_bytes().chunks(step) {
            heads.look_at(bytes);
        }
        (0..requests).map(|_| heads.findings.next()).collect()
    }

    const FRAMING: Option<Ambiguity> = Some(Ambiguity::Framing);
    const TARGET: Option<Ambiguity> = Some(Ambiguity::Target);

    const PLAIN: &str = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    const LENGTH: &str = "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\n\r\n\
                          Transfer-Encoding: chunked\r\n\r\n";
    const CHUNKED: &str = "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

    #[test]
    fn one_framing_is_no_matter_however_it_arrives() {
        for step in [1, 2, 3, 7, 64, 4096] {
            let sent = [PLAIN, LENGTH, "\r\n", PLAIN, CHUNKED].concat();
            assert_eq!(findings(&sent, step, 4), [None; 4], "{step}");
        }
    }

    #[test]
    fn nothing_is_kept_of_another_protocol() {
        let mut heads = Heads::new(false);
        heads.look_at(PLAIN.as_bytes());
        heads.look_at(b"GET /part");
        heads.findings().end();
        heads.look_at(&[0x81; 100]);
        assert!(matches!(heads.place, Place::Elsewhere), "{:?}", heads.place);
    }

    #[test]
    fn smuggling_by_two_framings_is_seen_in_either_order_and_behind_other_requests() {
        for ambiguous in [
            "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
            "transfer-encoding:chunked\r\nCONTENT-LENGTH:4\r\n",
            "Transfer-Encoding: gzip\r\nContent-Length: x\r\n",
            "Content-Length: 0\r\nContent-Length: 0\r\n",
            "X: y\nZ: z\r\n",
        ] {
            let request = format!("POST /d HTTP/1.1\r\nHost: a\r\n{ambiguous}\r\n");
            for step in [1, 5, 4096] {
                let sent = [PLAIN, LENGTH, &request].concat();
                let found = findings(&sent, step, 4);
                assert_eq!(found, [None, None, FRAMING, FRAMING], "{ambiguous:?}");
            }
        }
    }

    proptest! {
        /// No spelling of a length is one to hyper and none to us.
        #[test]
        fn a_head_that_is_not_parsed_has_the_framing_that_hyper_would_see(
            lines in prop::collection::vec(
                "[\\t ]?(?i:content-length|transfer-encoding|content_length|x)[\\t ]?[:\\r\\n]?[\\t ]?\
                 (0|5|chunked|content-length:5)?[\\t \\r\\x00]?(\r\n|\n)",
                0..4,
            ),
            version in 0..=1,
        ) {
            let head = format!("POST /a HTTP/1.{version}\r\n{}\r\n", lines.concat());
            let mut lines = Lines::default();
            let head = &head.as_bytes()[..lines.read(head.as_bytes(), 0).unwrap()];
            let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
            let is_readable = httparse::Request::new(&mut headers).parse(head).is_ok();
            if is_readable && !lines.say_length {
                prop_assert_eq!(without_length(lines), parsed(head, lines));
            }
        }
    }

    #[test]
    fn a_fragment_is_seen_in_a_target_and_nowhere_else() {
        let plain = "GET /a?b HTTP/1.1\r\nHost: a\r\nReferer: http://a/#b\r\n\r\n";
        for target in ["/public#/../admin", "/a?b#", "#", "http://a/#"] {
            let request = format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n");
            for step in [1, 5, 4096] {
                let sent = [plain, &request].concat();
                assert_eq!(findings(&sent, step, 2), [None, TARGET], "{target}");
            }
        }
    }

    #[test]
    fn what_hyper_refuses_is_a_no_to_a_proxy_that_wants_a_verdict() {
        for (head, is_hypers) in [
            ("HTTP/1.1 400 Bad Request\r\n", true),
            ("HTTP/1.1 414 URI Too Long\r\n", true),
            ("HTTP/1.1 431 Request Header Fields Too Large\r\n", true),
            // Behind a request of this version on the same connection.
            ("HTTP/1.0 400 Bad Request\r\n", true),
            ("HTTP/1.1 401 Unauthorized\r\n", false),
            ("HTTP/1.1 200 OK\r\n", false),
            ("HTTP/1.1 4", false),
            ("", false),
        ] {
            let no = is_hypers.then_some(&b"HTTP/1.1 403"[..]);
            assert_eq!(Heads::new(true).instead_of(head.as_bytes()), no, "{head}");
            assert_eq!(Heads::new(false).instead_of(head.as_bytes()), None, "{head}");
        }
    }

    #[test]
    fn a_body_is_no_head() {
        let body = "POST /e HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n";
        let request = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        assert_eq!(findings(&[&request, PLAIN].concat(), 11, 2), [None; 2]);
    }

    #[test]
    fn what_is_no_http1_is_not_kept() {
        for sent in ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\0\0\r\n\r\n", "GET /\r\n\r\n"] {
            let mut heads = Heads::new(false);
            heads.look_at(sent.as_bytes());
            assert!(matches!(heads.place, Place::Elsewhere), "{sent:?}");
        }
        let mut heads = Heads::new(false);
        heads.look_at(&vec![b'x'; MAX_HEAD + 1]);
        assert!(matches!(heads.place, Place::Elsewhere));
    }
}

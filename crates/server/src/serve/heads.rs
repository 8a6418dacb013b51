//! The heads of HTTP/1 requests, as they were sent.
//!
//! hyper has decided where a request ends before anyone is shown it. Of a length beside chunks it
//! drops the length, which RFC 9112 §6.1 allows, and nothing is left to see; but whoever sends both
//! wants two programs to see different requests, and is better refused. So this reads along. It has
//! hyper's own parser, changes no byte and frames nothing: what it fails to see is framed by hyper as
//! ever. It loses its place in chunks and does not look for it, so a connection ends after them.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A connection whose heads are looked at while they are read.
#[derive(Debug)]
pub(super) struct WatchedHeads<T> {
    io: T,
    place: Place,
    /// How many heads there were.
    heads: usize,
    verdicts: Arc<Verdicts>,
}

/// What was found out about the requests of a connection.
#[derive(Debug)]
pub(super) struct Verdicts {
    /// The number of the first request that can be read in two ways.
    first_ambiguous: AtomicUsize,
    /// How many were asked about, in the order in which they were sent.
    asked: AtomicUsize,
    /// Whether the connection speaks something else by now.
    is_over: AtomicBool,
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
    /// Where the line begins that is not whole yet.
    line: usize,
}

impl<T> WatchedHeads<T> {
    pub(super) fn new(io: T) -> Self {
        let verdicts = Verdicts {
            first_ambiguous: AtomicUsize::new(usize::MAX),
            asked: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        };
        let place = Place::Head(PartOfHead::default());
        Self { io, place, heads: 0, verdicts: Arc::new(verdicts) }
    }

    pub(super) fn verdicts(&self) -> Arc<Verdicts> {
        Arc::clone(&self.verdicts)
    }

    fn look_at(&mut self, mut bytes: &[u8]) {
        if self.verdicts.is_over.load(Ordering::Acquire) {
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
                    let Some((head, rest)) = part.add(bytes) else {
                        if part.bytes.len() > MAX_HEAD {
                            self.place = Place::Elsewhere;
                        }
                        return;
                    };
                    // Whatever the first one is decides what the connection speaks.
                    let framing = if self.heads == 0 || says_length(head) {
                        parsed(head)
                    } else {
                        without_length(head)
                    };
                    if framing.is_ambiguous {
                        self.verdicts.first_ambiguous.fetch_min(self.heads, Ordering::AcqRel);
                    }
                    self.heads += 1;
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

impl Verdicts {
    /// Whether the next request, in the order in which they were sent, can be read in two ways. Once
    /// one can, so can all that follow: nobody knows where they begin.
    pub(super) fn next_is_ambiguous(&self) -> bool {
        let number = self.asked.fetch_add(1, Ordering::AcqRel);
        number >= self.first_ambiguous.load(Ordering::Acquire)
    }

    /// No request will follow: what comes from now on is of another protocol.
    pub(super) fn end(&self) {
        self.is_over.store(true, Ordering::Release);
    }
}

impl PartOfHead {
    /// The head, once `bytes` bring its end, and what follows it.
    fn add<'p, 'b: 'p>(&'p mut self, bytes: &'b [u8]) -> Option<(&'p [u8], &'b [u8])> {
        if !self.bytes.is_empty() {
            let before = self.bytes.len();
            self.bytes.extend_from_slice(bytes);
            let end = end_of_head(&self.bytes, before, &mut self.line)?;
            return Some((self.bytes.get(..end)?, bytes.get(end - before..)?));
        }
        // RFC 9112 §2.2: empty lines in front of a request are none of it.
        let start = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n'))?;
        let bytes = bytes.get(start..)?;
        // Nearly every head comes whole, and is looked at where it is.
        if let Some(end) = end_of_head(bytes, 0, &mut self.line) {
            return bytes.split_at_checked(end);
        }
        self.bytes.extend_from_slice(bytes);
        None
    }
}

/// Where the head ends that `bytes` begin with: behind the first line, but for that of the request,
/// with nothing but carriage returns in it. All up to `new` was looked at before, and `line` is where
/// the last line begins.
fn end_of_head(bytes: &[u8], new: usize, line: &mut usize) -> Option<usize> {
    for feed in memchr::memchr_iter(b'\n', bytes.get(new..)?) {
        let end = new + feed + 1;
        let mut text = bytes.get(*line..end - 1)?.iter();
        if *line > 0 && text.all(|&byte| byte == b'\r') {
            return Some(end);
        }
        *line = end;
    }
    None
}

/// How a head says where its request ends.
#[derive(Debug, Eq, PartialEq)]
struct Framing {
    /// In more than one way.
    is_ambiguous: bool,
    /// How many bytes of body follow where a length says.
    body: Option<u64>,
}

/// Whether a line of `head` may be about the length of the body. Names are spelled in one way but for
/// case, or hyper refuses them.
fn says_length(head: &[u8]) -> bool {
    memchr::memchr_iter(b'\n', head).any(|feed| {
        let line = head.get(feed + 1..).unwrap_or_default();
        ["content-length", "transfer-encoding"].iter().any(|name| {
            line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
        })
    })
}

/// What [`parsed`] says of a head without such a line, unless hyper cannot read it.
fn without_length(head: &[u8]) -> Framing {
    let is_ambiguous = has_bare_line_feed(head);
    Framing { is_ambiguous, body: (!is_ambiguous).then_some(0) }
}

fn parsed(head: &[u8]) -> Framing {
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
    let is_ambiguous = lengths > 1 || (is_chunked && lengths > 0) || has_bare_line_feed(head);
    let length = match named("content-length").next() {
        None => Some(0),
        Some(text) => std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()),
    };
    Framing { is_ambiguous, body: length.filter(|_| !is_chunked && !is_ambiguous) }
}

/// hyper's own.
const MAX_HEADERS: usize = 100;

/// A line feed on its own is the end of a line to some programs and white space to others.
fn has_bare_line_feed(head: &[u8]) -> bool {
    memchr::memchr_iter(b'\n', head)
        .any(|feed| !head.get(..feed).is_some_and(|line| line.ends_with(b"\r")))
}

impl<T: AsyncRead + Unpin> AsyncRead for WatchedHeads<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(context, buffer))?;
        self.look_at(buffer.filled().get(before..).unwrap_or_default());
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for WatchedHeads<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The verdicts about the requests of `sent`, read `step` bytes at a time.
    fn verdicts(sent: &str, step: usize, requests: usize) -> Vec<bool> {
        let mut watched = WatchedHeads::new(());
        for bytes in sent.as_bytes().chunks(step) {
            watched.look_at(bytes);
        }
        (0..requests).map(|_| watched.verdicts.next_is_ambiguous()).collect()
    }

    const PLAIN: &str = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
    const LENGTH: &str = "POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 30\r\n\r\n\
                          Transfer-Encoding: chunked\r\n\r\n";
    const CHUNKED: &str = "POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";

    #[test]
    fn one_framing_is_no_matter_however_it_arrives() {
        for step in [1, 2, 3, 7, 64, 4096] {
            let sent = [PLAIN, LENGTH, "\r\n", PLAIN, CHUNKED].concat();
            assert_eq!(verdicts(&sent, step, 4), [false; 4], "{step}");
        }
    }

    #[test]
    fn nothing_is_kept_of_another_protocol() {
        let mut watched = WatchedHeads::new(());
        watched.look_at(PLAIN.as_bytes());
        watched.look_at(b"GET /part");
        watched.verdicts().end();
        watched.look_at(&[0x81; 100]);
        assert!(matches!(watched.place, Place::Elsewhere), "{:?}", watched.place);
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
                assert_eq!(verdicts(&sent, step, 4), [false, false, true, true], "{ambiguous:?}");
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
            let head = &head.as_bytes()[..end_of_head(head.as_bytes(), 0, &mut 0).unwrap()];
            let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
            let is_readable = httparse::Request::new(&mut headers).parse(head).is_ok();
            if is_readable && !says_length(head) {
                prop_assert_eq!(without_length(head), parsed(head));
            }
        }
    }

    #[test]
    fn a_body_is_no_head() {
        let body = "POST /e HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n";
        let request = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        assert_eq!(verdicts(&[&request, PLAIN].concat(), 11, 2), [false; 2]);
    }

    #[test]
    fn what_is_no_http1_is_not_kept() {
        for sent in ["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "\0\0\r\n\r\n", "GET /\r\n\r\n"] {
            let mut watched = WatchedHeads::new(());
            watched.look_at(sent.as_bytes());
            assert!(matches!(watched.place, Place::Elsewhere), "{sent:?}");
        }
        let mut watched = WatchedHeads::new(());
        watched.look_at(&vec![b'x'; MAX_HEAD + 1]);
        assert!(matches!(watched.place, Place::Elsewhere));
    }
}

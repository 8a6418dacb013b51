//! Bytes on a socket, for what curl would not send.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::Answer;

/// Sends `request` and returns the answer, after which the server closes the connection: the request
/// asks for it, or is such that the server does.
pub(crate) fn exchange(address: &str, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).expect("connected");
    // A server may refuse, and close, before it has read everything.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let ended = stream.read_to_end(&mut answer);
    assert!(!answer.is_empty(), "no answer: {ended:?}");
    Answer::parse(&answer)
}

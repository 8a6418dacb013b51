//! An API that keeps every byte it gets, and answers what it takes for requests.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use super::Received;

pub(crate) struct Recorder {
    address: SocketAddr,
    connections: Arc<Mutex<Vec<JoinHandle<Vec<u8>>>>>,
}

impl Recorder {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let connections: Arc<Mutex<Vec<_>>> = Arc::default();
        let accepted = Arc::clone(&connections);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                accepted.lock().unwrap().push(thread::spawn(move || record(stream)));
            }
        });
        Self { address, connections }
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every whole request of every connection, once all have ended.
    pub(crate) fn requests(self) -> Vec<Received> {
        let connections = std::mem::take(&mut *self.connections.lock().unwrap());
        let mut requests = Vec::new();
        for connection in connections {
            let bytes = connection.join().expect("recorded");
            let mut rest = &bytes[..];
            while let Some((request, after)) = Received::parse(rest) {
                requests.push(request);
                rest = after;
            }
        }
        requests
    }
}

/// Answers by path: `/426` to a WebSocket of an unknown version, `/switch` with a switch that nobody
/// asked for, `/flood` without an end, `/download/N` with N bytes. `/upload` is counted and not kept.
fn record(mut stream: TcpStream) -> Vec<u8> {
    let (mut seen, mut answered) = (Vec::new(), 0);
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let Ok(read @ 1..) = stream.read(&mut buffer) else { return seen };
        seen.extend_from_slice(&buffer[..read]);
        if let Some((head, length)) = Received::head(&seen[answered..])
            && head.target == "/upload"
        {
            let expected: usize = head.all("content-length")[0].parse().expect("a length");
            let mut left = expected - (seen.len() - answered - length);
            while left > 0 {
                let Ok(read @ 1..) = stream.read(&mut buffer) else { return Vec::new() };
                left -= read;
            }
            seen.truncate(answered);
            let _ = stream.write_all(OK);
            continue;
        }
        while let Some((request, rest)) = Received::parse(&seen[answered..]) {
            answered = seen.len() - rest.len();
            if answer(&mut stream, &request).is_err() {
                break;
            }
        }
    }
}

const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn answer(stream: &mut TcpStream, request: &Received) -> std::io::Result<()> {
    let block = vec![b'x'; 256 * 1024];
    let path = request.target.as_str();
    if let Some(length) = path.strip_prefix("/download/") {
        let mut left: usize = length.parse().expect("a length");
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {left}\r\n\r\n")?;
        while left > 0 {
            let here = left.min(block.len());
            stream.write_all(&block[..here])?;
            left -= here;
        }
        return Ok(());
    }
    match path {
        "/426" => stream.write_all(
            b"HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 13\r\nContent-Length: 0\r\n\r\n",
        ),
        "/switch" => stream.write_all(
            b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n",
        ),
        "/flood" => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
            loop {
                stream.write_all(&block)?;
            }
        }
        _ => stream.write_all(OK),
    }
}

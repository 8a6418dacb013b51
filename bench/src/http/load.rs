//! A closed loop of keep-alive connections: each sends one request, reads the whole answer, repeats.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// One request, the same every time, and the start of the only answer that counts.
#[derive(Clone, Debug)]
pub struct Load {
    pub address: SocketAddr,
    pub request: String,
    pub status_line: &'static str,
}

impl Load {
    /// How many requests `connections` connections had answered after `duration`.
    ///
    /// # Errors
    /// When one was not answered, or otherwise.
    pub async fn run(&self, connections: usize, duration: Duration) -> Result<u64> {
        let end = Instant::now() + duration;
        let mut workers = JoinSet::new();
        for _ in 0..connections {
            let load = self.clone();
            workers.spawn(async move { load.connection(end).await });
        }
        let mut answered = 0;
        while let Some(worker) = workers.join_next().await {
            answered += worker??;
        }
        Ok(answered)
    }

    async fn connection(&self, end: Instant) -> Result<u64> {
        let mut stream = TcpStream::connect(self.address).await?;
        stream.set_nodelay(true)?;
        let mut buffer = Vec::with_capacity(4096);
        let mut answered = 0;
        while Instant::now() < end {
            stream.write_all(self.request.as_bytes()).await?;
            answer(&mut stream, &mut buffer).await?;
            ensure!(
                buffer.starts_with(self.status_line.as_bytes()),
                "expected {:?}, got {:?}",
                self.status_line,
                String::from_utf8_lossy(&buffer),
            );
            answered += 1;
        }
        Ok(answered)
    }
}

/// Connections that have each had one answer, and stay open.
///
/// # Errors
/// As [`Load::run`].
pub async fn hold(load: &Load, connections: usize) -> Result<Vec<TcpStream>> {
    let mut held = Vec::with_capacity(connections);
    let mut buffer = Vec::new();
    for _ in 0..connections {
        let mut stream = TcpStream::connect(load.address).await?;
        stream.write_all(load.request.as_bytes()).await?;
        answer(&mut stream, &mut buffer).await?;
        ensure!(buffer.starts_with(load.status_line.as_bytes()), "another answer");
        held.push(stream);
    }
    Ok(held)
}

/// Sends one request and returns its whole answer.
///
/// # Errors
/// When it is not answered.
pub async fn exchange(address: SocketAddr, request: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let mut buffer = Vec::new();
    answer(&mut stream, &mut buffer).await?;
    Ok(String::from_utf8(buffer)?)
}

/// Reads one answer into `buffer`. Its length must be known: no server here sends chunks.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<()> {
    buffer.clear();
    let mut end = None;
    while end.is_none_or(|end| buffer.len() < end) {
        if stream.read_buf(buffer).await? == 0 {
            bail!("the connection ended in the middle of an answer");
        }
        if end.is_none() {
            end = length(buffer)?;
        }
    }
    Ok(())
}

/// The length of head and body, once the head is there.
fn length(answer: &[u8]) -> Result<Option<usize>> {
    let Some(head) = answer.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Ok(None);
    };
    let fields = std::str::from_utf8(&answer[..head])?.lines().skip(1);
    let mut lengths = fields.filter_map(|field| {
        let (name, value) = field.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())
    });
    let body = lengths.next().transpose().context("content-length")?.unwrap_or(0);
    Ok(Some(head + 4 + body))
}

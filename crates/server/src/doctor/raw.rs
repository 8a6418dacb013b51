//! A request byte for byte, for targets that no URL may have.

use anyhow::Context as _;
use http::Uri;
use http::uri::Scheme;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use tower::Service as _;

use super::site::Site;
use crate::outbound;

/// As much of an answer as it takes to compare it with another.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct RawAnswer {
    pub(super) status: u16,
    /// As it was sent, chunks and all.
    pub(super) body: Vec<u8>,
}

/// Sends a GET of `target` on a connection of its own. `headers` are whole lines.
///
/// # Errors
/// That there was no answer. To a target like these, closing the connection is a good one.
pub(super) async fn get(site: &Site, target: &str, headers: &[&str]) -> anyhow::Result<RawAnswer> {
    get_from(site, &site.authority(), target, headers).await
}

/// The same, with `host` as its `Host`.
///
/// # Errors
/// Those of [`get`].
pub(super) async fn get_from(
    site: &Site,
    host: &str,
    target: &str,
    headers: &[&str],
) -> anyhow::Result<RawAnswer> {
    let origin: Uri = site.origin().to_string().parse()?;
    let mut request = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n");
    for line in headers {
        request.push_str(line);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    let exchange = exchange(site, &origin, request.as_bytes());
    let answer = timeout(site.timeout(), exchange).await.context("no answer in time")??;
    parse(&answer).context("no answer of HTTP/1")
}

async fn exchange(site: &Site, origin: &Uri, request: &[u8]) -> anyhow::Result<Vec<u8>> {
    let scheme = if site.origin().is_secure() { Scheme::HTTPS } else { Scheme::HTTP };
    let mut connector =
        outbound::connector(&scheme, outbound::tls(&scheme)?, site.timeout(), site.timeout());
    let stream = connector.call(origin.clone()).await.map_err(anyhow::Error::from_boxed)?;
    let mut stream = TokioIo::new(stream);
    stream.write_all(request).await?;
    let mut answer = Vec::new();
    // A server that closes without a goodbye has still answered.
    let _ = (&mut stream).take(MAX_ANSWER).read_to_end(&mut answer).await;
    Ok(answer)
}

fn parse(answer: &[u8]) -> Option<RawAnswer> {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let (head, body) = answer.split_at_checked(end + 4)?;
    let status = str::from_utf8(head.get(..12)?).ok()?.strip_prefix("HTTP/1.")?.get(2..)?;
    Some(RawAnswer { status: status.parse().ok()?, body: body.to_vec() })
}

/// Bytes.
const MAX_ANSWER: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_and_the_body_of_an_answer_are_found() {
        let answer = parse(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n2\r\nok\r\n0\r\n\r\n").unwrap();
        assert_eq!((answer.status, answer.body.as_slice()), (200, &b"2\r\nok\r\n0\r\n\r\n"[..]));
        assert_eq!(parse(b"HTTP/1.0 400 \r\n\r\n").unwrap().status, 400);
        for answer in ["", "HTTP/1.1 200 OK\r\n", "SSH-2.0\r\n\r\n", "HTTP/1.1 2\r\n\r\n"] {
            assert_eq!(parse(answer.as_bytes()), None, "{answer}");
        }
    }
}

//! What every request must be like before anything else looks at it.

use http::uri::Authority;
use http::{HeaderValue, Request, StatusCode, Version, header};
use sealpass_tower::sealpass::Problem;

use super::heads::Ambiguity;

/// The most bytes of all headers together, names, separators and line ends included: room for a
/// session of the largest size a browser keeps, and for the application's own cookies beside it.
pub(super) const MAX_HEADER_BYTES: usize = 32 * 1024;

/// The longest request target, in bytes.
pub(super) const MAX_TARGET_BYTES: usize = 16 * 1024;

/// Checks the head of a request.
///
/// # Errors
/// The problem to answer with: 414 `target_too_long`, 431 `headers_too_large`, 400 `invalid_host`.
pub(super) fn check<B>(request: &Request<B>) -> Result<(), Problem> {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if target > MAX_TARGET_BYTES {
        return Err(Problem::new(
            StatusCode::URI_TOO_LONG,
            "target_too_long",
            format!("path and query have {target} bytes, at most {MAX_TARGET_BYTES} are read"),
        ));
    }
    let headers: usize = request
        .headers()
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len())
        .sum();
    if headers > MAX_HEADER_BYTES {
        return Err(Problem::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "headers_too_large",
            format!("the headers have {headers} bytes, at most {MAX_HEADER_BYTES} are read"),
        ));
    }
    if has_one_host(request) {
        Ok(())
    } else {
        Err(Problem::new(
            StatusCode::BAD_REQUEST,
            "invalid_host",
            "the request must name the host it is for, once (RFC 9112 §3.2)",
        ))
    }
}

/// 400 for a request that says more than once where it ends, that ends a line as not every program does,
/// or whose target has a `#`, which is the end of a path to some programs and a part of it to others.
pub(super) fn ambiguous(ambiguity: Ambiguity) -> Problem {
    let (code, detail) = match ambiguity {
        Ambiguity::Framing => (
            "ambiguous_framing",
            "a request has one Content-Length or `Transfer-Encoding: chunked`, and CR LF at the end of \
             every line (RFC 9112 §2.2, §6.3)",
        ),
        Ambiguity::Target => (
            "ambiguous_path",
            "the target of a request has no `#` (RFC 9112 §3.2): write it as %23",
        ),
    };
    Problem::new(StatusCode::BAD_REQUEST, code, detail)
}

/// RFC 9112 §3.2: exactly one valid `Host`; HTTP/1.0 may do without, and HTTP/2 has `:authority`.
fn has_one_host<B>(request: &Request<B>) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) => request.version() != Version::HTTP_11,
        (Some(host), None) => is_authority(host),
        (Some(_), Some(_)) => false,
    }
}

fn is_authority(host: &HeaderValue) -> bool {
    // A name and nothing else, as nearly always, needs no parser that keeps a copy.
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    if !host.is_empty() && host.as_bytes().iter().all(is_plain) {
        return true;
    }
    let authority = Authority::try_from(host.as_bytes());
    authority.is_ok_and(|authority| !authority.as_str().contains('@'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(request: http::request::Builder) -> Option<&'static str> {
        check(&request.body(()).unwrap()).err().map(|problem| problem.code())
    }

    #[test]
    fn one_host_is_named() {
        let get = || Request::get("/").version(Version::HTTP_11);
        for host in ["app.example", "app.example:8443", "127.0.0.1:80", "[::1]:80", "APP"] {
            assert_eq!(code(get().header("host", host)), None, "{host}");
        }
        for host in ["", "a b", "a/b", "user@app.example", "a?", "a#", "caf\u{e9}"] {
            assert_eq!(code(get().header("host", host)), Some("invalid_host"), "{host:?}");
        }
        assert_eq!(code(get()), Some("invalid_host"));
        assert_eq!(code(get().header("host", "a").header("host", "a")), Some("invalid_host"));
    }

    #[test]
    fn old_and_new_protocols_may_name_it_elsewhere() {
        assert_eq!(code(Request::get("/").version(Version::HTTP_10)), None);
        assert_eq!(code(Request::get("http://a/").version(Version::HTTP_2)), None);
        let twice = Request::get("/").version(Version::HTTP_10).header("host", "a");
        assert_eq!(code(twice.header("host", "b")), Some("invalid_host"));
    }

    #[test]
    fn the_limits_are_exact() {
        let get = |target: &str| Request::get(target).version(Version::HTTP_11).header("host", "a");
        let target = format!("/{}", "x".repeat(MAX_TARGET_BYTES - 1));
        assert_eq!(code(get(&target)), None);
        assert_eq!(code(get(&format!("{target}x"))), Some("target_too_long"));

        let room = MAX_HEADER_BYTES - "host: a\r\n".len() - "x: \r\n".len();
        assert_eq!(code(get("/").header("x", "x".repeat(room))), None);
        assert_eq!(code(get("/").header("x", "x".repeat(room + 1))), Some("headers_too_large"));
    }
}

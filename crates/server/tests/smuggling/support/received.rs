//! What an API makes of the bytes it gets: requests in one form only, or nothing.

/// A whole request.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Received {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Received {
    /// The first request in `bytes` and what follows it; none while it is not whole.
    ///
    /// # Panics
    /// When it can be read in more than one way.
    pub(crate) fn parse(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let head = Self::head(bytes)?;
        let rest = &bytes[head.1..];
        let mut request = head.0;
        let codings = request.all("transfer-encoding");
        let lengths = request.all("content-length");
        let (body, rest) = match (codings[..].as_ref(), lengths[..].as_ref()) {
            ([], []) => (Vec::new(), rest),
            ([], [length]) => {
                assert!(length.bytes().all(|byte| byte.is_ascii_digit()), "{request:?}");
                let (body, rest) = rest.split_at_checked(length.parse().expect("a length"))?;
                (body.to_vec(), rest)
            }
            (["chunked"], []) => chunks(rest)?,
            _ => panic!("more than one framing: {request:?}"),
        };
        request.body = body;
        Some((request, rest))
    }

    /// The head of a request, and how long it is.
    pub(crate) fn head(bytes: &[u8]) -> Option<(Self, usize)> {
        let length = 4 + bytes.windows(4).position(|end| end == b"\r\n\r\n")?;
        let text = std::str::from_utf8(&bytes[..length - 4]).expect("ASCII");
        let mut lines = text.split("\r\n");
        let mut words = lines.next().expect("a request line").split(' ');
        let mut word = || words.next().expect("three words").to_owned();
        let (method, target, version) = (word(), word(), word());
        assert_eq!((words.next(), version.as_str()), (None, "HTTP/1.1"), "{text}");
        assert!(target.starts_with('/'), "{text}");
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(": ").unwrap_or_else(|| panic!("{line:?}: {text}"));
            let is_token =
                |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!#$%&'*+^`|~".contains(&byte);
            assert!(!name.is_empty() && name.bytes().all(is_token), "{line:?}: {text}");
            assert!(!value.contains(|c: char| c.is_control() && c != '\t'), "{line:?}: {text}");
            (name.to_ascii_lowercase(), value.to_owned())
        });
        let headers = headers.collect();
        Some((Self { method, target, headers, body: Vec::new() }, length))
    }

    pub(crate) fn all(&self, name: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(known, _)| known == name);
        named.map(|(_, value)| value.as_str()).collect()
    }
}

/// A body in chunks, without extensions and trailers.
fn chunks(mut bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut body = Vec::new();
    loop {
        let end = bytes.windows(2).position(|end| end == b"\r\n")?;
        let digits = std::str::from_utf8(&bytes[..end]).expect("ASCII");
        assert!(digits.bytes().all(|byte| byte.is_ascii_hexdigit()), "{digits:?}");
        let size = usize::from_str_radix(digits, 16).expect("a size");
        let chunk = bytes.get(end + 2..end + 2 + size)?;
        let after = bytes.get(end + 2 + size..end + 4 + size)?;
        assert_eq!(after, b"\r\n");
        bytes = &bytes[end + 4 + size..];
        if size == 0 {
            return Some((body, bytes));
        }
        body.extend_from_slice(chunk);
    }
}

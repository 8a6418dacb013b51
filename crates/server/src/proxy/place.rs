//! Which of several APIs a request is for: the proxy and `sealpass explain` ask the same [`Places`].

use http::header;
use http::request::Parts;
use http::uri::Authority;

use super::error::ForwardError;
use crate::config::PlacedUpstream;
use crate::route::{NormalPath, RulePath};

/// What is in each place, the most specific place first: one with a host before those without, then the
/// longest path.
pub(crate) struct Places<T>(Vec<Placed<T>>);

struct Placed<T> {
    host: Option<String>,
    /// None: every path.
    path: Option<RulePath>,
    what: T,
}

impl<T> Places<T> {
    /// Each of `placed` in its place, and `everywhere` for what is in no place.
    pub(crate) fn new<'c>(
        everywhere: Option<T>,
        placed: impl IntoIterator<Item = (&'c PlacedUpstream, T)>,
    ) -> Self {
        let by_place = placed.into_iter().map(|(PlacedUpstream { host, path, .. }, what)| {
            let (host, path) = (host.clone(), (path.as_str() != "/").then(|| path.clone()));
            Placed { host, path, what }
        });
        let mut all: Vec<_> = by_place.collect();
        all.sort_by_key(|placed| {
            let length = placed.path.as_ref().map_or(0, |path| path.as_str().len());
            std::cmp::Reverse((placed.host.is_some(), length))
        });
        all.extend(everywhere.map(|what| Placed { host: None, path: None, what }));
        Self(all)
    }

    /// What is at one of the `hosts` and at `path`, which is as it stands on the wire, without its query.
    ///
    /// # Errors
    /// [`ForwardError::UpstreamUnknown`], and [`ForwardError::PathAmbiguous`] where paths decide.
    pub(crate) fn find(&self, hosts: &Hosts<'_>, path: &str) -> Result<&T, ForwardError> {
        let by_path = self.0.iter().any(|placed| placed.path.is_some());
        let path = by_path.then(|| NormalPath::parse(path)).transpose();
        let path = path.map_err(ForwardError::PathAmbiguous)?;
        let placed = self.0.iter().find(|placed| {
            let is_host = placed.host.as_ref().is_none_or(|host| hosts.are(host));
            let path = path.as_ref().zip(placed.path.as_ref());
            is_host && path.is_none_or(|(path, prefix)| prefix.contains(path))
        });
        placed.map(|placed| &placed.what).ok_or(ForwardError::UpstreamUnknown)
    }
}

/// The hosts that a request names: in front of its path, and in `Host`.
pub(crate) struct Hosts<'r> {
    target: Option<&'r str>,
    header: Option<Authority>,
}

impl<'r> Hosts<'r> {
    pub(super) fn of(parts: &'r Parts) -> Self {
        let header = parts.headers.get(header::HOST);
        Self {
            target: parts.uri.host(),
            header: header.and_then(|host| Authority::try_from(host.as_bytes()).ok()),
        }
    }

    /// Those of a request that names `host` in `Host` and nowhere else.
    pub(crate) const fn named(host: Option<Authority>) -> Self {
        Self { target: None, header: host }
    }

    /// Whether each of them is `host`, on whatever port. A request that names two is for neither.
    fn are(&self, host: &str) -> bool {
        let named = self.target.into_iter().chain(self.header.as_ref().map(Authority::host));
        let is_host =
            |named: &str| named.strip_suffix('.').unwrap_or(named).eq_ignore_ascii_case(host);
        let mut named = named.peekable();
        named.peek().is_some() && named.all(is_host)
    }
}

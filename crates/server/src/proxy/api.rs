//! The APIs behind us, and which of them a request is for.

use std::time::Duration;

use http::header;
use http::request::Parts;
use http::uri::{Authority, Scheme};

use super::body::OutgoingBody;
use super::error::ForwardError;
use crate::config::{PlacedUpstream, Upstream};
use crate::outbound;
use crate::route::{NormalPath, RulePath};

/// One API, and the connections to it.
pub(super) struct Api {
    pub(super) scheme: Scheme,
    pub(super) authority: Authority,
    /// What it is called in assertions.
    pub(super) audience: String,
    pub(super) client: outbound::Client<OutgoingBody>,
    pub(super) response_timeout: Duration,
    /// How long it may pause in an answer.
    pub(super) stall: Duration,
}

/// All of them, the most specific place first: one with a host before those without, then the longest
/// path.
pub(crate) struct Apis(Vec<Placed>);

struct Placed {
    host: Option<String>,
    /// None: every path.
    path: Option<RulePath>,
    api: Api,
}

impl Api {
    fn new(upstream: &Upstream) -> anyhow::Result<Self> {
        let Upstream { scheme, authority, audience, connect_timeout, response_timeout, stall } =
            upstream.clone();
        let client = outbound::client(&scheme, connect_timeout, response_timeout)?;
        Ok(Self { scheme, authority, audience, client, response_timeout, stall })
    }
}

impl Apis {
    /// `placed`, and `everywhere` for what is in no place.
    ///
    /// # Errors
    /// When one is https and the system has no root certificates.
    pub(crate) fn new(
        everywhere: Option<&Upstream>,
        placed: &[PlacedUpstream],
    ) -> anyhow::Result<Self> {
        let mut apis = Vec::new();
        for PlacedUpstream { host, path, upstream } in placed {
            let (host, path) = (host.clone(), (path.as_str() != "/").then(|| path.clone()));
            apis.push(Placed { host, path, api: Api::new(upstream)? });
        }
        apis.sort_by_key(|placed| {
            let length = placed.path.as_ref().map_or(0, |path| path.as_str().len());
            std::cmp::Reverse((placed.host.is_some(), length))
        });
        if let Some(upstream) = everywhere {
            apis.push(Placed { host: None, path: None, api: Api::new(upstream)? });
        }
        Ok(Self(apis))
    }

    /// The API that a client's request is for.
    ///
    /// # Errors
    /// [`ForwardError::UpstreamUnknown`], and [`ForwardError::PathAmbiguous`] where paths decide.
    pub(super) fn find(&self, parts: &Parts) -> Result<&Api, ForwardError> {
        let by_path = self.0.iter().any(|placed| placed.path.is_some());
        let path = by_path.then(|| NormalPath::parse(parts.uri.path())).transpose();
        let path = path.map_err(ForwardError::PathAmbiguous)?;
        let hosts = Hosts::of(parts);
        let placed = self.0.iter().find(|placed| {
            let is_host = placed.host.as_ref().is_none_or(|host| hosts.are(host));
            let path = path.as_ref().zip(placed.path.as_ref());
            is_host && path.is_none_or(|(path, prefix)| prefix.contains(path))
        });
        placed.map(|placed| &placed.api).ok_or(ForwardError::UpstreamUnknown)
    }
}

/// The hosts that a request names: in front of its path, and in `Host`.
struct Hosts<'r> {
    target: Option<&'r str>,
    header: Option<Authority>,
}

impl<'r> Hosts<'r> {
    fn of(parts: &'r Parts) -> Self {
        let header = parts.headers.get(header::HOST);
        Self {
            target: parts.uri.host(),
            header: header.and_then(|host| Authority::try_from(host.as_bytes()).ok()),
        }
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

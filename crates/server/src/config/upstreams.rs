//! The settings of several APIs, each at a host, below a path, or both.

use std::borrow::Cow;
use std::fmt;

use http::uri::Authority;

use super::problem::Place;
use super::reader::{Reader, Reported};
use super::setting::Accept;
use super::{Timeouts, Upstream, table};
use crate::route::RulePath;

/// An API behind the reverse proxy, and which requests are for it.
#[derive(Clone, Debug)]
pub(crate) struct PlacedUpstream {
    /// Of its settings.
    pub(crate) place: Place,
    /// In lower case; none, every host.
    pub(crate) host: Option<String>,
    /// With everything below it.
    pub(crate) path: RulePath,
    pub(crate) upstream: Upstream,
}

/// Where it stands and for what it is.
impl fmt::Display for PlacedUpstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.host.as_deref().unwrap_or_default();
        let path = self.path.as_str().escape_debug();
        write!(f, "{}, for {host}{path} and all below it", self.place)
    }
}

/// The name of a host, without a port.
#[derive(Debug)]
pub(crate) struct HostName;

impl Accept for HostName {
    type Value = String;

    fn read(&self, text: &str) -> Result<String, Cow<'static, str>> {
        let host: Authority = text.parse().map_err(|_| "is no host")?;
        if host.host() != text || text.ends_with('.') {
            return Err("is more than a host".into());
        }
        Ok(text.to_ascii_lowercase())
    }

    fn accepted(&self) -> Cow<'static, str> {
        "a host without a port, such as `api.example`".into()
    }
}

/// The APIs, no two of them in one place. The timeouts of `upstream` are theirs where they say nothing.
pub(super) fn upstreams(reader: &mut Reader) -> Result<Vec<PlacedUpstream>, Reported> {
    let connect_timeout = reader.get(&table::UPSTREAM_CONNECT_TIMEOUT);
    let response_timeout = reader.get(&table::UPSTREAM_RESPONSE_TIMEOUT);
    let stall_timeout = reader.get(&table::UPSTREAM_STALL);
    let mut taken: Vec<(Option<String>, String)> = Vec::new();
    reader.items(&table::UPSTREAMS, |reader, place| {
        let host = reader.optional(&table::UPSTREAMS_HOST);
        let path = reader.get(&table::UPSTREAMS_PATH);
        let url = reader.get(&table::UPSTREAMS_URL);
        let audience = reader.optional(&table::UPSTREAMS_AUDIENCE);
        let connect = reader.optional(&table::UPSTREAMS_CONNECT_TIMEOUT);
        let response = reader.optional(&table::UPSTREAMS_RESPONSE_TIMEOUT);
        let stall = reader.optional(&table::UPSTREAMS_STALL);
        let (host, path, url, audience) = (host?, path?, url?, audience?);
        let timeouts = Timeouts {
            connect: connect?.map_or(connect_timeout, Ok)?,
            response: response?.map_or(response_timeout, Ok)?,
            stall: stall?.map_or(stall_timeout, Ok)?,
        };
        let here = (host.clone(), path.as_str().to_owned());
        if taken.contains(&here) {
            let why = "has the host and the path of another one, so neither is chosen".to_owned();
            return Err(reader.conflict_at(place, why));
        }
        taken.push(here);
        let upstream = Upstream::new(url, audience, timeouts);
        Ok(PlacedUpstream { place: place.clone(), host, path, upstream })
    })
}

//! The APIs behind us, and the connections to them.

use std::time::Duration;

use http::request::Parts;
use http::uri::{Authority, Scheme};

use super::body::OutgoingBody;
use super::error::ForwardError;
use super::place::{Hosts, Places};
use crate::config::{PlacedUpstream, Upstream};
use crate::outbound;

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

/// All of them.
pub(crate) struct Apis(Places<Api>);

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
        let placed = placed.iter().map(|placed| Ok((placed, Api::new(&placed.upstream)?)));
        let placed = placed.collect::<anyhow::Result<Vec<_>>>()?;
        Ok(Self(Places::new(everywhere.map(Api::new).transpose()?, placed)))
    }

    /// The API that a client's request is for.
    ///
    /// # Errors
    /// Those of [`Places::find`].
    pub(super) fn find(&self, parts: &Parts) -> Result<&Api, ForwardError> {
        self.0.find(&Hosts::of(parts), parts.uri.path())
    }
}

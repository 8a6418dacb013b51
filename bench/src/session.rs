//! A session, as a service decides about each of its requests.

use std::sync::Arc;

use anyhow::Result;
use http::{HeaderMap, Method};
use sealpass::credential::{Identity, Subject};
use sealpass::{NoClaims, NumericDate, Origin, Policy, RequestView};
use sealpass_bench_protocol::Task;

use crate::ours::Ours;

/// A service with sessions in cookies, and no cache of tokens.
pub struct Sessions {
    policy: Policy<NoClaims>,
    now: NumericDate,
}

impl Sessions {
    /// With the key of a task.
    ///
    /// # Errors
    /// When the key or the policy is refused.
    pub fn new(task: &Task) -> Result<Self> {
        let Ours { ring, now, .. } = Ours::new(task)?;
        let me = "https://app.example";
        let policy = Policy::builder()
            .issuer(me)
            .audience(me)
            .keys(ring)
            .origin(Origin::parse(me)?)
            .revocations(Arc::default())
            .build()?;
        Ok(Self { policy, now })
    }

    /// The token in the cookie of a login.
    ///
    /// # Errors
    /// When none can be made.
    pub fn token(&self) -> Result<String> {
        let ada = Identity::new(Subject::new("ada")?, NoClaims {});
        let grant = self.policy.grant(&ada, self.now)?;
        let [session, _csrf] = grant.set_cookies();
        Ok(session.value().to_owned())
    }

    /// The headers of a request with that cookie.
    ///
    /// # Errors
    /// When it is no cookie.
    pub fn headers(token: &str) -> Result<HeaderMap> {
        let mut headers = HeaderMap::new();
        headers.insert(http::header::HOST, "app.example".parse()?);
        headers.insert(http::header::COOKIE, format!("__Host-session={token}").parse()?);
        Ok(headers)
    }

    /// Gives `with` who makes a GET with these headers: the cookie found, the token opened, its claims
    /// read, its times and logouts asked.
    ///
    /// # Panics
    /// When nobody does.
    pub fn authenticate<R>(&self, headers: &HeaderMap, with: impl FnOnce(&str) -> R) -> R {
        let request = RequestView::new(&Method::GET, headers);
        let caller = self.policy.authenticate(&request, self.now).expect("a session");
        with(caller.subject().as_str())
    }
}

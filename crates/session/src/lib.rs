//! Stateless sessions for REST APIs, as one pure decision.
//!
//! A login puts the user id and a few claims into a sealed token; every later request is decided by
//! [`Policy::authenticate`] alone: no database, no clock, no I/O, no await. The token travels in an
//! `HttpOnly` cookie that page script cannot read, and an unsafe request must also carry an
//! anti-CSRF token that is sealed in the session it belongs to.
//!
//! ```text
//! RequestView ── cookie or bearer ─> UnverifiedToken ── key, claims ─> Verified ── lifetimes,
//! revocation, CSRF ─> Authenticated<C>
//! ```
//!
//! ```
//! use http::{HeaderMap, Method};
//! use sealpass::credential::{Identity, Subject};
//! use sealpass::jose::{Key, KeyRing};
//! use sealpass::{NoClaims, NumericDate, Origin, Policy, Rejection, RequestView};
//!
//! let policy: Policy<NoClaims> = Policy::builder()
//!     .issuer("https://app.example")
//!     .audience("https://app.example")
//!     .keys(KeyRing::new(Key::generate_a256gcm()?))
//!     .origin(Origin::parse("https://app.example")?)
//!     .build()?;
//!
//! let now = NumericDate::from_secs(1_800_000_000);
//! let grant = policy.grant(&Identity::new(Subject::new("ada")?, NoClaims {}), now)?;
//! let cookies = grant.set_cookies(); // `__Host-session=...; HttpOnly; Secure`, `__Host-csrf=...`
//!
//! let mut headers = HeaderMap::new();
//! headers.insert("cookie", format!("{0}={1}", cookies[0].name(), cookies[0].value()).parse()?);
//! let caller = policy.authenticate(&RequestView::new(&Method::GET, &headers), now)?;
//! assert_eq!(caller.subject().as_str(), "ada");
//!
//! // The same cookie on an unsafe request without the anti-CSRF token:
//! let refused = policy.authenticate(&RequestView::new(&Method::POST, &headers), now);
//! assert_eq!(refused.unwrap_err(), Rejection::CsrfMissing);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod authenticated;
mod cache;
mod claims;
pub mod cookie;
pub mod credential;
pub mod csrf;
mod lifetimes;
mod origin;
pub mod policy;
pub mod problem;
mod rejection;
mod request;
pub mod revocation;
pub mod schedule;
mod session_id;

pub use authenticated::{Authenticated, SessionSummary};
pub use claims::{NoClaims, RESERVED_CLAIMS};
pub use lifetimes::{Lifetimes, LifetimesError};
pub use origin::{Origin, OriginError};
pub use policy::Policy;
pub use problem::Problem;
pub use rejection::Rejection;
pub use request::{Channel, RequestView};
pub use sealpass_jose as jose;
pub use sealpass_jose::{NumericDate, Secret};
pub use session_id::SessionId;

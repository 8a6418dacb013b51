//! Sealpass as a tower layer, axum extractors and the `/auth` routes.
//!
//! One layer decides about every request behind it; handlers say by their arguments whom they
//! serve. An identity that came from a cookie has passed the CSRF decision by then: there is no
//! other way to a [`Session`], so a cookie route without CSRF protection cannot be written.
//!
//! ```
//! use axum::{Router, routing::get};
//! use sealpass_tower::sealpass::jose::{Key, KeyRing};
//! use sealpass_tower::sealpass::{NoClaims, Origin, Policy};
//! use sealpass_tower::{Sealpass, Session};
//! use tower::ServiceExt;
//!
//! async fn hello(session: Session<NoClaims>) -> String {
//!     format!("hello {}", session.subject())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let auth = Sealpass::new(
//!     Policy::<NoClaims>::builder()
//!         .issuer("https://app.example")
//!         .audience("https://app.example")
//!         .keys(KeyRing::new(Key::generate_a256gcm()?))
//!         .origin(Origin::parse("https://app.example")?)
//!         .build()?,
//! );
//! let app: Router = Router::new().route("/hello", get(hello)).layer(auth.layer());
//!
//! // Nobody is logged in, so nobody reaches the handler.
//! let request = axum::extract::Request::get("/hello").body(axum::body::Body::empty())?;
//! assert_eq!(app.oneshot(request).await?.status(), 401);
//! # Ok(())
//! # }
//! ```

mod answer;
mod auth;
pub mod backend;
pub mod extract;
pub mod feed;
pub mod layer;
mod refresh;
mod renew;
mod routes;
pub mod store;

pub use answer::{ProblemCode, log_csrf_report, problem_response};
pub use auth::{Sealpass, system_time};
pub use backend::CredentialBackend;
pub use extract::{Fresh, Session};
pub use renew::RenewError;
pub use sealpass;
pub use store::{RevocationStore, StoreError};

#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;

//! A protected API: `cargo run -p axum-api`, then log in at /auth/login as ada / correct-horse.
use axum::{Router, routing::get};
use sealpass_tower::sealpass::credential::{self, BackendError, Credentials, Identity, Subject};
use sealpass_tower::sealpass::jose::{Key, KeyRing, constant_time_eq};
use sealpass_tower::sealpass::{Origin, Policy};
use sealpass_tower::{CredentialBackend, Fresh, Sealpass, Session};

#[derive(serde::Serialize, serde::Deserialize)]
struct Claims {
    role: String,
}
struct OnlyAda;
impl CredentialBackend for OnlyAda {
    type Claims = Claims;
    async fn verify(&self, login: Credentials) -> Result<Identity<Claims>, BackendError> {
        let password = login.password().expose().as_bytes();
        if login.username() != "ada" || !constant_time_eq(password, b"correct-horse") {
            return Err(BackendError::BadCredentials);
        }
        let subject = Subject::new("ada").map_err(|_| BackendError::BadCredentials)?;
        Ok(Identity::new(subject, Claims { role: "admin".into() }))
    }
    async fn refresh(&self, _: &Subject) -> Result<credential::Refreshed<Claims>, BackendError> {
        Ok(credential::Refreshed::NotOffered) // ada is here to stay, as an admin
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (me, keys) = ("http://localhost:8080", KeyRing::new(Key::generate_a256gcm()?));
    let policy = Policy::builder().issuer(me).audience(me).keys(keys).origin(Origin::parse(me)?);
    let auth: Sealpass<Claims> = Sealpass::new(policy.build()?);
    let app = Router::new()
        .route("/hello", get(|who: Session<Claims>| async move { who.claims().role.clone() }))
        .route("/danger", get(|_: Fresh<60, Claims>| async { "you logged in just now\n" }))
        .layer(auth.layer()) // no session, no CSRF token: no handler
        .merge(auth.routes(OnlyAda));
    Ok(axum::serve(tokio::net::TcpListener::bind("127.0.0.1:8080").await?, app).await?)
}

//! `POST /admin/revoke`: an operator ends a session, every session of a user, or all there are.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};
use sealpass_tower::sealpass::credential::Subject;
use sealpass_tower::sealpass::jose::constant_time_eq;
use sealpass_tower::sealpass::policy::Target;
use sealpass_tower::sealpass::{Problem, Secret, SessionId};
use sealpass_tower::{Sealpass, problem_response};
use serde::Deserialize;

use crate::config::SecretSource;
use crate::secret;
use crate::user::Claims;

/// The secret of those who may revoke.
pub(crate) struct AdminToken(Secret<String>);

/// Whom to revoke: exactly one of these.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    sid: Option<String>,
    subject: Option<String>,
    all: Option<bool>,
}

struct Revoker {
    auth: Sealpass<Claims>,
    token: Option<AdminToken>,
}

impl AdminToken {
    /// Reads the secret.
    ///
    /// # Errors
    /// That it cannot be read, or could be guessed.
    pub(crate) fn read(source: &SecretSource) -> anyhow::Result<Self> {
        let (text, _) = secret::read(source)
            .map_err(anyhow::Error::from)
            .map_err(|error| error.context(format!("`admin.token`, {source}")))?;
        let token = Secret::new(text.expose().trim_ascii().to_owned());
        let length = token.expose().len();
        if length < MIN_LENGTH || token.expose().bytes().any(|byte| !byte.is_ascii_graphic()) {
            anyhow::bail!(
                "`admin.token`, {source}: it must be at least {MIN_LENGTH} visible ASCII \
                 characters without white space, such as `openssl rand -hex 32` prints"
            );
        }
        Ok(Self(token))
    }

    fn is(&self, presented: &[u8]) -> bool {
        constant_time_eq(self.0.expose().as_bytes(), presented)
    }
}

/// The route. Without a secret it refuses everyone.
pub(super) fn routes(auth: Sealpass<Claims>, token: Option<AdminToken>) -> Router {
    let revoker = Arc::new(Revoker { auth, token });
    Router::new().route(PATH, post(revoke)).with_state(revoker)
}

async fn revoke(State(revoker): State<Arc<Revoker>>, request: Request) -> Response {
    match revoker.revoke(request).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(problem) => problem_response(&problem),
    }
}

impl Revoker {
    async fn revoke(&self, request: Request) -> Result<(), Problem> {
        self.require_operator(request.headers())?;
        let body = Limited::new(request.into_body(), MAX_BODY).collect().await;
        let body = body.map_err(|_| invalid("the body is incomplete or too long"))?.to_bytes();
        let target = target(&body)?;
        let what = describe(&target);
        let revocation = self.auth.policy().revocation_of(target, self.auth.now());
        self.auth.revoke(&[revocation]).await.map_err(|error| {
            tracing::error!(%error, "an operator's revocation was not recorded");
            let detail = "the revocation could not be recorded and did not take effect: try again";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "revocation_not_recorded", detail)
                .with_retry_after(5)
        })?;
        tracing::warn!("revoked by an operator: {what}");
        Ok(())
    }

    fn require_operator(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let Some(token) = &self.token else {
            let detail = "nobody may revoke here: `admin.token` is not set";
            return Err(Problem::new(StatusCode::FORBIDDEN, "admin_token_not_set", detail));
        };
        let mut presented = headers.get_all(header::AUTHORIZATION).iter();
        let (Some(presented), None) = (presented.next(), presented.next()) else {
            let detail = "send the secret of `admin.token` as Authorization: Bearer, once";
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "admin_token_missing", detail));
        };
        let (scheme, presented) = match presented.as_bytes().split_first_chunk::<7>() {
            Some((scheme, rest)) => (scheme.as_slice(), rest),
            None => (presented.as_bytes(), [].as_slice()),
        };
        if !scheme.eq_ignore_ascii_case(b"bearer ") {
            let detail = "send the secret of `admin.token` as Authorization: Bearer";
            return Err(Problem::new(StatusCode::UNAUTHORIZED, "admin_token_missing", detail));
        }
        if !token.is(presented) {
            tracing::warn!("somebody tried to revoke with another secret than `admin.token`");
            let detail = "this is not the secret of `admin.token`";
            return Err(Problem::new(StatusCode::FORBIDDEN, "admin_token_wrong", detail));
        }
        Ok(())
    }
}

fn target(body: &[u8]) -> Result<Target, Problem> {
    let shape = r#"send {"sid": ...}, {"subject": ...} or {"all": true}"#;
    // serde takes an array for a struct.
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(invalid(shape));
    }
    let body: Body = serde_json::from_slice(body).map_err(|_| invalid(shape))?;
    match (body.sid, body.subject, body.all) {
        (Some(sid), None, None) => SessionId::parse(&sid)
            .map(Target::Session)
            .ok_or_else(|| invalid("`sid` is no session id: 22 characters of base64url")),
        (None, Some(subject), None) => Subject::new(subject)
            .map(Target::Subject)
            .map_err(|_| invalid("`subject` must not be empty or longer than 255 bytes")),
        (None, None, Some(true)) => Ok(Target::Everyone),
        _ => Err(invalid(shape)),
    }
}

fn describe(target: &Target) -> String {
    match target {
        Target::Everyone => "everyone".to_owned(),
        Target::Session(sid) => format!("session {sid}"),
        Target::Subject(subject) => format!("subject {}", subject.as_str().escape_debug()),
    }
}

fn invalid(detail: &'static str) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid_revocation", detail)
}

/// Where it is.
pub(crate) const PATH: &str = "/admin/revoke";

const MAX_BODY: usize = 4 * 1024;
const MIN_LENGTH: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_target_is_taken() {
        let ada = Subject::new("ada").unwrap();
        let sid = SessionId::generate().unwrap();
        for (body, expected) in [
            (r#"{"all":true}"#.to_owned(), Target::Everyone),
            (r#" {"subject":"ada"}"#.to_owned(), Target::Subject(ada)),
            (format!(r#"{{"sid":"{sid}"}}"#), Target::Session(sid)),
        ] {
            assert_eq!(target(body.as_bytes()), Ok(expected), "{body}");
        }
        for body in [
            "",
            "{}",
            "null",
            "[]",
            r#"[null,"ada",null]"#,
            r#"{"all":false}"#,
            r#"{"all":1}"#,
            r#"{"all":true,"subject":"ada"}"#,
            r#"{"subject":"ada","more":1}"#,
            r#"{"subject":"ada","subject":"bob"}"#,
            r#"{"subject":""}"#,
            r#"{"subject":7}"#,
            r#"{"sid":"short"}"#,
            r#"{"sid":""}"#,
            r#"{"subject":"ada"} {"#,
        ] {
            let problem = target(body.as_bytes()).expect_err(body);
            assert_eq!(
                (problem.status(), problem.code()),
                (StatusCode::BAD_REQUEST, "invalid_revocation")
            );
        }
        let long = format!(r#"{{"subject":"{}"}}"#, "a".repeat(Subject::MAX + 1));
        assert!(target(long.as_bytes()).is_err());
    }
}

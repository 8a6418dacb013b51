//! The body of a login: hostile, bounded, read once.

use axum::body::{Body, HttpBody as _};
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use sealpass::credential::{Credentials, CredentialsError};
use sealpass::{Problem, Secret};
use serde::Deserialize;
use serde_json::error::Category;

#[derive(Deserialize)]
struct LoginBody {
    username: Option<String>,
    password: Option<String>,
}

/// The credentials of a login.
///
/// The order is that of what it costs: the content type before a byte is read, the size while
/// reading, the shape after it.
pub(super) async fn read_credentials(
    headers: &HeaderMap,
    body: Body,
    limit: usize,
) -> Result<Credentials, Problem> {
    require_json(headers)?;
    // Before a byte is read, so that a client that asks first (`Expect: 100-continue`) sends none.
    if body.size_hint().lower() > limit as u64 {
        return Err(too_large(limit));
    }
    let bytes = match Limited::new(body, limit).collect().await {
        Ok(collected) => collected.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => {
            return Err(too_large(limit));
        }
        Err(_) => return Err(bad_request("body_incomplete", "the body ended before its end")),
    };
    let login: LoginBody = serde_json::from_slice(&bytes).map_err(|error| describe(&error))?;
    // serde takes an array for a struct.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(invalid_field("at the start"));
    }
    let password = login.password.map(Secret::new);
    let username = login.username.ok_or_else(|| missing("username"))?;
    let password = password.ok_or_else(|| missing("password"))?;
    Credentials::new(username, password).map_err(|error| {
        let code = match error {
            CredentialsError::Password => "invalid_password",
            _ => "invalid_username",
        };
        bad_request(code, error.to_string())
    })
}

/// `application/json`, which no HTML form can send: a page of another site cannot even try.
fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let mut types = headers.get_all(header::CONTENT_TYPE).iter();
    let essence = match (types.next(), types.next()) {
        (Some(value), None) => {
            value.as_bytes().split(|&byte| byte == b';').next().map(<[u8]>::trim_ascii)
        }
        _ => None,
    };
    if essence.is_some_and(|essence| essence.eq_ignore_ascii_case(b"application/json")) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "unsupported_media_type",
        "send the login as Content-Type: application/json",
    ))
}

/// What is wrong with a body and where. serde's own text would quote the password back.
fn describe(error: &serde_json::Error) -> Problem {
    let place = format!("at line {} column {}", error.line(), error.column());
    match error.classify() {
        Category::Data => bad_request(
            "invalid_field",
            format!(
                r#"the body must be {{"username": "...", "password": "..."}} with two strings, each once ({place})"#
            ),
        ),
        Category::Eof | Category::Io | Category::Syntax => {
            bad_request("malformed_json", format!("the body is not JSON ({place})"))
        }
    }
}

fn invalid_field(place: &str) -> Problem {
    let accepted = r#"{"username": "...", "password": "..."}"#;
    bad_request(
        "invalid_field",
        format!("the body must be {accepted} with two strings, each once ({place})"),
    )
}

fn too_large(limit: usize) -> Problem {
    let detail = format!("a login has at most {limit} bytes");
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
}

fn missing(field: &str) -> Problem {
    bad_request("missing_field", format!("the body has no `{field}`"))
}

fn bad_request(code: &'static str, detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, code, detail.into())
}

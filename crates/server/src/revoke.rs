//! `sealpass revoke`: asks a running server to end sessions.

use std::io::{IsTerminal as _, Read as _};
use std::time::Duration;

use anyhow::{Context as _, bail};
use bytes::Bytes;
use clap::{ArgGroup, Args};
use http::{Method, Request, StatusCode, Uri, header};
use http_body_util::{BodyExt as _, Full, Limited};
use sealpass_tower::sealpass::Secret;
use serde_json::{Value, json};

use crate::admin::revoke as admin;
use crate::cli::print;
use crate::config::{SecretSource, secret_source};
use crate::{outbound, secret};

/// Whom to revoke, and whom to ask. The secret is never an argument: every user of the machine can
/// read those.
#[derive(Clone, Debug, Args)]
#[command(group = ArgGroup::new("target").required(true).args(["sid", "subject", "all"]))]
pub(crate) struct RevokeArgs {
    /// One session
    #[arg(long, value_name = "SID")]
    sid: Option<String>,
    /// Every session of a user, by the subject of its tokens
    #[arg(long, value_name = "SUBJECT")]
    subject: Option<String>,
    /// Every session there is
    #[arg(long)]
    all: bool,
    /// Where the secret of `admin.token` is: `file:PATH`, `env:NAME`, `credential:NAME` or, to be asked
    /// for it or read it from standard input, `-`
    #[arg(
        long,
        value_name = "PLACE",
        env = "SEALPASS_ADMIN_TOKEN",
        default_value = "-",
        hide_env_values = true
    )]
    token: String,
    /// The admin listener of any instance
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:9090")]
    admin: Uri,
}

/// Runs `sealpass revoke`.
///
/// # Errors
/// What was wrong with the secret, or why the server did not revoke.
pub(crate) fn run(args: &RevokeArgs) -> anyhow::Result<()> {
    let token = token(&args.token)?;
    let what = match (&args.sid, &args.subject) {
        (Some(sid), _) => json!({ "sid": sid }),
        (None, Some(subject)) => json!({ "subject": subject }),
        (None, None) => json!({ "all": true }),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(ask(&args.admin, &token, &what))?;
    print("revoked\n")
}

fn token(place: &str) -> anyhow::Result<Secret<String>> {
    let text = if place == "-" && std::io::stdin().is_terminal() {
        Secret::new(rpassword::prompt_password("The secret of admin.token: ")?)
    } else if place == "-" {
        let mut text = String::with_capacity(MAX_TOKEN);
        std::io::stdin()
            .take(MAX_TOKEN as u64)
            .read_to_string(&mut text)
            .context("the secret could not be read from standard input")?;
        Secret::new(text)
    } else {
        // Never the text itself: it may be the secret, given where its place belongs.
        let source: SecretSource = secret_source(place)
            .context("--token says no place of a secret: `file:PATH`, `env:NAME` or `-`")?;
        secret::read(&source).with_context(|| source.to_string())?.0
    };
    let token = Secret::new(text.expose().trim_ascii().to_owned());
    if token.expose().is_empty() {
        bail!("the secret is empty");
    }
    Ok(token)
}

async fn ask(admin: &Uri, token: &Secret<String>, what: &Value) -> anyhow::Result<()> {
    let (Some(scheme), Some(authority)) = (admin.scheme(), admin.authority()) else {
        bail!("--admin must be `http://host:port` or `https://host:port`");
    };
    let client = outbound::client::<Full<Bytes>>(scheme, TIMEOUT, TIMEOUT)?;
    let uri = format!("{scheme}://{authority}{}", admin::PATH);
    let mut bearer = http::HeaderValue::from_str(&format!("Bearer {}", token.expose()))
        .context("the secret has characters that no secret of `admin.token` has")?;
    bearer.set_sensitive(true);
    let request = Request::builder()
        .method(Method::POST)
        .uri(uri)
        .header(header::AUTHORIZATION, bearer)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(what.to_string())))?;
    let asked = async {
        let response = client.request(request).await;
        let response = response.with_context(|| format!("{admin} cannot be asked"))?;
        let status = response.status();
        let body = Limited::new(response.into_body(), MAX_ANSWER).collect().await;
        let body = body.map_err(|_| anyhow::anyhow!("its answer ended early"))?.to_bytes();
        Ok::<_, anyhow::Error>((status, body))
    };
    let answer = tokio::time::timeout(TIMEOUT, asked).await;
    let answer = answer.with_context(|| format!("{admin} has not answered in time"));
    let (status, body) = answer??;
    if status == StatusCode::NO_CONTENT {
        return Ok(());
    }
    let problem: Value = serde_json::from_slice(&body).unwrap_or_default();
    let detail = problem["detail"].as_str().unwrap_or("it does not say why");
    bail!("{admin} answered {status}: {}", detail.escape_debug())
}

const TIMEOUT: Duration = Duration::from_secs(30);
const MAX_TOKEN: usize = 8 * 1024;
const MAX_ANSWER: usize = 64 * 1024;

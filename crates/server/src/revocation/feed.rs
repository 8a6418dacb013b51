//! `GET /auth/revocations?since=`: what was revoked, signed, for services that verify by themselves.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{HeaderMap, StatusCode, Uri, header};
use sealpass_tower::sealpass::Problem;
use sealpass_tower::sealpass::revocation::Cursor;
use sealpass_tower::{Sealpass, problem_response};

use super::redis::SyncState;
use crate::serve::problem;
use crate::user::Claims;

/// Where it is.
const PATH: &str = "/auth/revocations";

/// For how many seconds a cache may keep an answer, and how exactly it says when it was true.
const MAX_AGE: u64 = 2;

struct Feed {
    auth: Sealpass<Claims>,
    sync: Option<Arc<SyncState>>,
}

/// The route. The list of the policy keeps a feed.
pub(crate) fn routes(auth: Sealpass<Claims>, sync: Option<Arc<SyncState>>) -> Router {
    let refuse = async || problem_response(&problem::method_not_allowed());
    Router::new().route(PATH, get(page).fallback(refuse)).with_state(Arc::new(Feed { auth, sync }))
}

async fn page(State(feed): State<Arc<Feed>>, request: Request) -> Response {
    match feed.answer(request.uri(), request.headers()) {
        Ok(response) => response,
        Err(problem) => problem_response(&problem),
    }
}

impl Feed {
    fn answer(&self, uri: &Uri, headers: &HeaderMap) -> Result<Response, Problem> {
        let since = since(uri.query())?;
        let now = self.auth.now();
        let unsynced = || {
            let detail = "what was revoked elsewhere has not been read yet: try again soon";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "revocations_not_synced", detail)
                .with_retry_after(1)
        };
        // First, so that nothing is revoked between this time and the page.
        let as_of = match &self.sync {
            Some(sync) if !sync.is_synced() => return Err(unsynced()),
            Some(sync) => sync.as_of(),
            None => now,
        };
        let policy = self.auth.policy();
        let page = policy.revocations().page(since).ok_or_else(problem::not_found)?;
        // Signatures differ from one to the next: it is what they say that stays the same.
        let asked = since.map(|since| since.to_string()).unwrap_or_default();
        let period = as_of.as_secs() / MAX_AGE;
        let etag = format!("W/\"{asked}.{}.{period}\"", page.next());
        let cacheable =
            [(header::CACHE_CONTROL, format!("public, max-age={MAX_AGE}")), (header::ETAG, etag)];
        let known = headers.get(header::IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
        if known.is_some_and(|tags| tags.split(',').any(|tag| tag.trim() == cacheable[1].1)) {
            return Ok((StatusCode::NOT_MODIFIED, cacheable).into_response());
        }
        let token = policy.seal_revocations(since, &page, as_of, now).map_err(|error| {
            tracing::error!(%error, "what was revoked could not be signed");
            let detail = "the answer could not be signed";
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", detail)
        })?;
        let content_type = [(header::CONTENT_TYPE, "application/jwt")];
        Ok((cacheable, content_type, token).into_response())
    }
}

fn since(query: Option<&str>) -> Result<Option<Cursor>, Problem> {
    let Some(query) = query.filter(|query| !query.is_empty()) else { return Ok(None) };
    let cursor = query.strip_prefix("since=").and_then(Cursor::parse);
    cursor.map(Some).ok_or_else(|| {
        let detail = "ask with `since=` and the `next` of the page before, or without it";
        Problem::new(StatusCode::BAD_REQUEST, "invalid_cursor", detail)
    })
}

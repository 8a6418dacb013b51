//! The sample API behind the gate, as an application would write it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use sealpass_tower::sealpass::{NoClaims, Problem};
use sealpass_tower::{Session, problem_response};
use serde::{Deserialize, Serialize};

/// `GET /api/hello` and `GET|POST /api/notes`.
pub(super) fn routes() -> Router {
    Router::new()
        .route("/api/hello", get(hello))
        .route("/api/notes", get(list).post(add))
        .layer(DefaultBodyLimit::max(4 * 1024))
        .with_state(Notes::default())
}

async fn hello(session: Session<NoClaims>) -> Json<Greeting> {
    Json(Greeting { greeting: format!("Hello, {}.", session.subject()) })
}

async fn list(_: Session<NoClaims>, State(notes): State<Notes>) -> Json<Board> {
    Json(notes.lock().clone())
}

async fn add(
    _: Session<NoClaims>,
    State(notes): State<Notes>,
    note: Result<Json<NewNote>, JsonRejection>,
) -> Response {
    // Counted before the note is looked at: a refused request must not even come this far.
    let mut board = notes.lock();
    board.received += 1;
    match note {
        Ok(Json(NewNote { text })) if (1..=MAX_CHARS).contains(&text.chars().count()) => {
            board.notes.truncate(MAX_NOTES - 1);
            board.notes.push_front(text);
            Json(board.clone()).into_response()
        }
        Ok(_) => {
            refuse(StatusCode::BAD_REQUEST, format!("`text` must have 1 to {MAX_CHARS} characters"))
        }
        Err(rejection) => refuse(rejection.status(), rejection.body_text()),
    }
}

fn refuse(status: StatusCode, detail: String) -> Response {
    problem_response(&Problem::new(status, "note_refused", detail))
}

#[derive(Serialize)]
struct Greeting {
    greeting: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewNote {
    text: String,
}

#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Board>>);

impl Notes {
    fn lock(&self) -> MutexGuard<'_, Board> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Clone, Default, Serialize)]
struct Board {
    /// Writes that reached this API, whatever became of them.
    received: u64,
    /// The latest notes, newest first.
    notes: VecDeque<String>,
}

const MAX_NOTES: usize = 100;
const MAX_CHARS: usize = 280;

//! Following another service's revocations: the loop, without the HTTP.

use std::future::Future;

use sealpass::NumericDate;
use sealpass::jose::KeyRing;
use sealpass::revocation::{FollowError, RevocationFollower};

/// Fetches pages of `GET /auth/revocations`: whatever HTTP client there is.
pub trait RevocationFeed {
    /// Why there is no page.
    type Error;

    /// The body of the 200 answer to `GET /auth/revocations?since=SINCE`, or without a query. An
    /// answer of another status is an error, and so is a body of more than 16 KiB.
    fn fetch(
        &self,
        since: Option<String>,
    ) -> impl Future<Output = Result<Vec<u8>, Self::Error>> + Send;
}

/// Why a list was not brought up to date. It is as fresh as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CatchUpError<E> {
    /// The page could not be fetched.
    #[error("the feed of revocations could not be fetched: {0}")]
    Fetch(E),
    /// What was fetched is no page.
    #[error(transparent)]
    Page(#[from] FollowError),
}

/// Fetches everything that is new at `now`. Afterwards [`RevocationFollower::due`] says when to
/// call this again, after an error too.
///
/// # Errors
/// [`CatchUpError`].
pub async fn catch_up<F: RevocationFeed>(
    feed: &F,
    follower: &mut RevocationFollower,
    keys: &KeyRing,
    now: impl Fn() -> NumericDate,
) -> Result<(), CatchUpError<F::Error>> {
    loop {
        let body = feed.fetch(follower.since()).await.map_err(|error| {
            follower.failed(now());
            CatchUpError::Fetch(error)
        })?;
        if !follower.accept(&body, keys, now())? {
            return Ok(());
        }
    }
}

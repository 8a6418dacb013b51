//! The bounded queues before a backend, so that a flood of logins does not slow the rest.

use std::num::NonZeroUsize;
use std::sync::Arc;

use sealpass_tower::sealpass::credential::BackendError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::unavailable;

/// Lets a few logins through at a time and a few more wait, and turns the others away.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    /// One permit for each login that is served or waits.
    places: Arc<Semaphore>,
    /// One permit for each login that is served.
    turns: Arc<Semaphore>,
}

/// The turn of one login, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    _turn: OwnedSemaphorePermit,
    _place: OwnedSemaphorePermit,
}

impl Queue {
    /// A queue that serves `at_once`, while [`WAITING_PER_TURN`] times as many wait.
    pub(super) fn new(at_once: NonZeroUsize) -> Self {
        let places = at_once.get().saturating_mul(1 + WAITING_PER_TURN);
        Self {
            places: Arc::new(Semaphore::new(places.min(Semaphore::MAX_PERMITS))),
            turns: Arc::new(Semaphore::new(at_once.get().min(Semaphore::MAX_PERMITS))),
        }
    }

    /// Waits for a turn. A caller who goes away while waiting frees the place.
    ///
    /// # Errors
    /// [`BackendError::Busy`] when too many wait.
    pub(super) async fn turn(&self) -> Result<Turn, BackendError> {
        let place = Arc::clone(&self.places).try_acquire_owned();
        let place = place.map_err(|_| BackendError::Busy { retry_after: RETRY_AFTER })?;
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let turn = turn.map_err(|_| unavailable("the queue is closed"))?;
        Ok(Turn { _turn: turn, _place: place })
    }
}

/// Hashes passwords on threads that may block.
#[derive(Clone, Debug)]
pub(super) struct HashPool(Queue);

impl HashPool {
    /// A pool that runs `workers` jobs at a time.
    pub(super) fn new(workers: NonZeroUsize) -> Self {
        Self(Queue::new(workers))
    }

    /// Runs `job` on a thread that may block.
    ///
    /// A job that runs keeps its turn until it ends, whoever still listens, so that hanging up buys
    /// no further processor.
    ///
    /// # Errors
    /// [`BackendError::Busy`] when too many wait; [`BackendError::Unavailable`] when the job died.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, BackendError> {
        let turn = self.0.turn().await?;
        let job = tokio::task::spawn_blocking(move || {
            let done = job();
            drop(turn);
            done
        });
        job.await.map_err(|_| unavailable("a password check ended without an answer"))
    }
}

const WAITING_PER_TURN: usize = 4;

/// The most places of a queue that serves `at_once` that one network of clients may take: the turns
/// and a quarter of the places to wait, so that everyone else still finds one.
pub(super) fn share(at_once: NonZeroUsize) -> NonZeroUsize {
    let waiting = at_once.get().saturating_mul(WAITING_PER_TURN);
    at_once.saturating_add(waiting / 4)
}

/// In seconds. A hint, the shortest that HTTP has: a queue of dear hashes may need longer, and then
/// whoever comes back is told to come back again.
pub(super) const RETRY_AFTER: u64 = 1;

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();

    /// Occupies the pool: jobs that end when the sender is dropped.
    fn occupy(
        pool: &HashPool,
        jobs: usize,
    ) -> (mpsc::Sender<()>, Vec<tokio::task::JoinHandle<()>>) {
        let (release, released) = mpsc::channel::<()>();
        let released = Arc::new(std::sync::Mutex::new(released));
        let tasks = (0..jobs).map(|_| {
            let (pool, released) = (pool.clone(), Arc::clone(&released));
            tokio::spawn(async move {
                // Nothing is ever sent: the end of the sender ends the wait.
                let job = move || released.lock().unwrap().recv().unwrap_err();
                pool.run(job).await.unwrap();
            })
        });
        (release, tasks.collect())
    }

    async fn until_free(pool: &HashPool, places: usize, workers: usize) {
        while (pool.0.places.available_permits(), pool.0.turns.available_permits())
            != (places, workers)
        {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_flood_is_turned_away_at_the_documented_length() {
        let pool = HashPool::new(TWO);
        let (release, tasks) = occupy(&pool, 10);
        until_free(&pool, 0, 0).await;
        assert_eq!(pool.run(|| ()).await, Err(BackendError::Busy { retry_after: 1 }));
        drop(release);
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(pool.run(|| 7).await, Ok(7));
    }

    #[test]
    fn one_network_never_takes_every_place() {
        for at_once in 1..=256 {
            let at_once = NonZeroUsize::new(at_once).unwrap();
            let places = Queue::new(at_once).places.available_permits();
            let share = share(at_once).get();
            assert!(share > at_once.get() && share * 2 < places, "{share} of {places}");
        }
    }

    #[tokio::test]
    async fn hanging_up_frees_a_waiting_place_and_no_running_worker() {
        let pool = HashPool::new(TWO);
        let (release, tasks) = occupy(&pool, 3);
        until_free(&pool, 7, 0).await;
        for task in &tasks {
            task.abort();
        }
        until_free(&pool, 8, 0).await;
        drop(release);
        until_free(&pool, 10, 2).await;
    }

    #[tokio::test]
    async fn a_job_that_panics_gives_its_permits_back() {
        let pool = HashPool::new(TWO);
        let died = pool.run(|| panic!("on purpose")).await;
        assert!(matches!(died, Err::<(), _>(BackendError::Unavailable { .. })));
        until_free(&pool, 10, 2).await;
    }
}

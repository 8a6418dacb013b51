//! What outlives the request that began it, on the connection it came over.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinSet;

use super::activity::Activity;
use crate::shutdown::Stop;

/// The tunnels of one connection, such as a WebSocket. A clone is the same.
///
/// They are in use of the connection, so it is not idle, and they end with it.
#[derive(Clone, Debug)]
pub(crate) struct Tunnels(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    activity: Arc<Activity>,
    stop: Stop,
    tasks: Mutex<JoinSet<()>>,
}

impl Tunnels {
    pub(super) fn new(activity: Arc<Activity>, stop: Stop) -> Self {
        Self(Arc::new(Shared { activity, stop, tasks: Mutex::default() }))
    }

    /// When to end.
    pub(crate) fn stop(&self) -> Stop {
        self.0.stop.clone()
    }

    /// Runs `tunnel` beside the requests of the connection.
    pub(crate) fn dig(&self, tunnel: impl Future<Output = ()> + Send + 'static) {
        let in_flight = self.0.activity.begin();
        let mut tasks = self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(async move {
            tunnel.await;
            drop(in_flight);
        });
    }

    /// Resolves when every tunnel has ended. Dropped before, it ends them.
    pub(super) async fn ended(&self) {
        let tasks =
            std::mem::take(&mut *self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.join_all().await;
    }
}

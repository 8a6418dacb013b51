//! The programs of a cluster, each a process of its own, and the sessions they have between them.

#[path = "../../journey/support/child.rs"]
mod child;
mod http;
mod instance;
mod random;
mod redis;
mod tls;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tempfile::TempDir;

pub(crate) use child::Child;
pub(crate) use http::{Answer, Backend, call};
pub(crate) use instance::{Instance, ORIGIN, program, write_secret};
pub(crate) use random::Random;
pub(crate) use redis::{Persistence, Redis, documented_user, free_port};
pub(crate) use tls::Authority;

/// Some instances that share their keys and a Redis, or several that are one.
pub(crate) struct Cluster<R = Redis> {
    pub(crate) redis: R,
    pub(crate) instances: Vec<Instance>,
    next_user: AtomicU32,
    backend: Backend,
    folder: Arc<TempDir>,
}

/// Whatever has the stream.
pub(crate) trait Store {
    /// The settings that lead there.
    fn settings(&self) -> String;
}

/// A session, as a browser has it.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) subject: String,
    pub(crate) cookies: String,
    pub(crate) csrf: String,
}

impl Cluster {
    /// Starts `count` instances, each with the further settings `toml`, and waits until all are ready.
    pub(crate) fn start(count: usize, persistence: Persistence, toml: &str) -> Self {
        Self::start_with(count, toml, |folder| Redis::start(folder, persistence))
    }
}

impl<R: Store> Cluster<R> {
    /// The same, with what `redis` starts in a folder.
    pub(crate) fn start_with(count: usize, toml: &str, redis: impl FnOnce(&Path) -> R) -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        let redis = redis(folder.path());
        let backend = Backend::start();
        let secrets = [("keys", KEYS), ("token", TOKEN)];
        for (name, text) in secrets {
            write_secret(&folder.path().join(name), text);
        }
        let (instances, next_user) = (Vec::new(), AtomicU32::new(0));
        let mut cluster = Self { redis, instances, next_user, backend, folder };
        let settings = cluster.redis.settings();
        for _ in 0..count {
            cluster.add(&format!("{settings}{toml}"));
        }
        cluster.wait_until_ready();
        cluster
    }

    /// Starts one more instance, which finds Redis by the settings `toml`.
    pub(crate) fn add(&mut self, toml: &str) -> &Instance {
        let settings = format!(
            "keys.secret = \"file:keys\"\nadmin.token = \"file:token\"\n\
             backend.url = \"{}\"\n{toml}",
            self.backend.url(),
        );
        let instance = Instance::start(self.folder.path(), self.instances.len(), &settings);
        self.instances.push(instance);
        self.instances.last().expect("pushed")
    }

    pub(crate) fn wait_until_ready(&self) {
        for instance in &self.instances {
            until("an instance is ready", || instance.get("/readyz").status == 200);
        }
    }

    /// Logs a new user in at an instance.
    pub(crate) fn login(&self, at: usize) -> Session {
        let user = self.next_user.fetch_add(1, Ordering::Relaxed);
        self.instances[at].login(&format!("user-{user}")).expect("a login")
    }

    /// Waits until `session` is refused everywhere.
    pub(crate) fn expect_refused(&self, session: &Session) {
        for instance in &self.instances {
            until(&format!("{} is refused everywhere", session.subject), || {
                let answer = instance.session(session).expect("an answer");
                assert!([200, 401, 503].contains(&answer.status), "{answer:?}");
                answer.status == 401
            });
        }
    }

    /// Sees that `session` is accepted everywhere.
    pub(crate) fn expect_alive(&self, session: &Session) {
        for instance in &self.instances {
            until(&format!("{} is accepted everywhere", session.subject), || {
                let answer = instance.session(session).expect("an answer");
                assert_ne!(answer.status, 401, "{} was logged out: {answer:?}", session.subject);
                answer.status == 200
            });
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// Asks again and again until it is so.
pub(crate) fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < PATIENCE, "waited {PATIENCE:?} until {what}");
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Far more than anything here takes: only what never happens takes longer.
const PATIENCE: Duration = Duration::from_mins(2);

pub(crate) const TOKEN: &str = "operators-of-these-tests-revoke-with-this";

/// 256 bits in hexadecimal.
pub(crate) const KEYS: &str = "8f3c1d5ab7e2904466d1c0ffee5eed5a17b3d9e2f0c4a6885b1e7d3f92ac04e6";

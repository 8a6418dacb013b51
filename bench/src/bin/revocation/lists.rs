//! Lists of several sizes, each in a policy of its own; the same sessions are good in all of them.

use std::fmt;
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use http::{HeaderMap, HeaderValue, Method};
use sealpass::credential::{Identity, Subject};
use sealpass::jose::{Key, KeyRing};
use sealpass::revocation::{Revocation, RevocationList};
use sealpass::{NoClaims, NumericDate, Origin, Policy, RequestView, SessionId};

const NOW: NumericDate = NumericDate::from_secs(1_800_000_000);
const SIZES: [(&str, usize); 4] =
    [("no revocation", 0), ("10 k", 10_000), ("1 M", 1_000_000), ("10 M", 10_000_000)];

/// A logout of a user of their own.
pub(crate) fn logout(number: usize, now: NumericDate) -> Result<Revocation> {
    Ok(Revocation::Session {
        sid: SessionId::generate()?,
        subject: Some(Subject::new(format!("user-{number}"))?),
        auth_time: now,
        until: now.saturating_add(3_660),
    })
}

fn list(entries: usize) -> Result<RevocationList> {
    list_with_room(entries, entries.max(RevocationList::MAX_ENTRIES))
}

fn list_with_room(entries: usize, max_entries: usize) -> Result<RevocationList> {
    let list = RevocationList::with_max_entries(max_entries);
    for number in 0..entries {
        list.apply(&logout(number, NOW)?, NOW);
    }
    anyhow::ensure!(list.len() == entries, "the list coarsened");
    Ok(list)
}

/// A list of a million sessions, and the resident bytes that each of them cost.
pub(crate) fn million() -> Result<(RevocationList, f64)> {
    let before = resident()?;
    let list = list(1_000_000)?;
    Ok((list, (resident()? - before) / 1e6))
}

pub(crate) struct Lists {
    policies: Vec<(&'static str, Policy<NoClaims>)>,
    /// Requests of sessions that are good.
    requests: Vec<HeaderMap>,
}

impl Lists {
    pub(crate) fn beside(million: RevocationList) -> Result<Self> {
        let keys = KeyRing::new(Key::generate_a256gcm()?);
        let mut million = Some(million);
        let mut policies = Vec::new();
        for (name, entries) in SIZES {
            let list = match (entries, million.take()) {
                (1_000_000, Some(list)) => list,
                (_, kept) => {
                    million = kept;
                    list(entries)?
                }
            };
            policies.push((name, policy(keys.clone(), list)?));
        }
        let requests = (0..REQUESTS).map(|number| request(&policies[0].1, number));
        let requests = requests.collect::<Result<_>>()?;
        Ok(Self { policies, requests })
    }

    /// How many times as long as beside the empty list a verification takes, for each size.
    ///
    /// All take the same requests in turn, and what counts is the fastest tenth of the rounds, in
    /// which the machine did little else: here a median would be about the other programs.
    pub(crate) fn verify(&self) -> Vec<f64> {
        let mut rounds = vec![Vec::with_capacity(ROUNDS); self.policies.len()];
        for round in 0..ROUNDS {
            // Other sessions each time, as in life: their parts of the list are in no cache.
            let first = round * REQUESTS_OF_ROUND % REQUESTS;
            let requests = &self.requests[first..first + REQUESTS_OF_ROUND];
            // Each comes first in turn: who does brings the requests themselves into the cache.
            for turn in 0..self.policies.len() {
                let turn = (round + turn) % self.policies.len();
                let policy = &self.policies[turn].1;
                let start = Instant::now();
                for request in requests {
                    let view = RequestView::new(&Method::GET, request);
                    assert!(policy.authenticate(&view, NOW).is_ok());
                }
                rounds[turn].push(start.elapsed().as_nanos() as f64 / REQUESTS_OF_ROUND as f64);
            }
        }
        let times: Vec<f64> = rounds.into_iter().map(fastest_tenth).collect();
        println!("\nPolicy::authenticate, a cookie, beside this many revoked sessions");
        for ((name, _), time) in SIZES.iter().zip(&times) {
            println!("  {name:<20}{time:>9.0} ns {:>8.2}x", time / times[0]);
        }
        times.iter().map(|time| time / times[0]).collect()
    }
}

/// The longest lookup beside a writer that never rests, in milliseconds: what the list itself can
/// hold a verification up. Around it a verification asks for memory, whose allocator has locks.
///
/// In turn with the lookups the same thread only reads the clock, for about as long: what holds that
/// up is the machine, and a lookup that is held up as long need not be by the list.
pub(crate) fn worst_pause() -> Result<f64> {
    let list = list_with_room(1_000_000, 4_000_000)?;
    let done = AtomicBool::new(false);
    let session = |number| Ok((SessionId::generate()?, format!("alive-{number}")));
    let sessions = (0..REQUESTS).map(session).collect::<Result<Vec<_>>>()?;
    let (mut lookup, mut clock) = (Longest::default(), Longest::default());
    let mut written = 0_usize;
    std::thread::scope(|threads| {
        let writer = threads.spawn(|| {
            let mut written = 0;
            while !done.load(Ordering::Relaxed) {
                if let Ok(fact) = logout(written, NOW) {
                    list.apply(&fact, NOW);
                }
                written += 1;
            }
            written
        });
        let begin = Instant::now();
        for (sid, subject) in sessions.iter().cycle() {
            lookup.time(|| assert!(!list.is_revoked(*sid, subject, NOW)));
            clock.time(|| {
                for _ in 0..CLOCK_READS {
                    black_box(Instant::now());
                }
            });
            if begin.elapsed() > UNDER_LOAD {
                break;
            }
        }
        done.store(true, Ordering::Relaxed);
        written = writer.join().unwrap_or_default();
    });
    println!(
        "\na reader beside a writer of {:.0} revocations a second, 1 M sessions:\n  \
         longest lookup                    {lookup}\n  \
         longest look at the clock instead {clock}",
        written as f64 / UNDER_LOAD.as_secs_f64(),
    );
    Ok(lookup.own.as_secs_f64() * 1e3)
}

/// The longest time that something took.
#[derive(Default)]
struct Longest {
    /// Less what the machine did instead, since it has fewer processors than threads.
    own: Duration,
    all: Duration,
}

impl Longest {
    fn time(&mut self, run: impl FnOnce()) {
        let waited = waited_for_processor();
        let start = Instant::now();
        run();
        let took = start.elapsed();
        self.all = self.all.max(took);
        if took > self.own {
            let waited = waited_for_processor().saturating_sub(waited);
            self.own = self.own.max(took.saturating_sub(waited));
        }
    }
}

impl fmt::Display for Longest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [own, all] = [self.own, self.all].map(|time| time.as_secs_f64() * 1e3);
        write!(f, "{own:.3} ms; {all:.3} ms with the time it waited for a processor")
    }
}

fn policy(keys: KeyRing, list: RevocationList) -> Result<Policy<NoClaims>> {
    Ok(Policy::builder()
        .issuer(ORIGIN)
        .audience(ORIGIN)
        .keys(keys)
        .origin(Origin::parse(ORIGIN)?)
        .revocations(Arc::new(list))
        .build()?)
}

fn request(policy: &Policy<NoClaims>, number: usize) -> Result<HeaderMap> {
    let somebody = Identity::new(Subject::new(format!("alive-{number}"))?, NoClaims {});
    let grant = policy.grant(&somebody, NOW)?;
    let [session, _] = grant.set_cookies();
    let cookie = format!("{}={}", session.name(), session.value());
    Ok(HeaderMap::from_iter([(http::header::COOKIE, HeaderValue::try_from(cookie)?)]))
}

/// The slowest of the fastest tenth.
fn fastest_tenth(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 10]
}

/// Bytes of memory that this process has in use.
fn resident() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? * 1024.0)
}

/// How long this thread was ready to run and had no processor, so far.
fn waited_for_processor() -> Duration {
    let times = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let waited = times.split_whitespace().nth(1).and_then(|nanoseconds| nanoseconds.parse().ok());
    Duration::from_nanos(waited.unwrap_or_default())
}

const ORIGIN: &str = "https://app.example";
const REQUESTS: usize = 8_192;
const REQUESTS_OF_ROUND: usize = 512;
const ROUNDS: usize = 480;
/// As many as take about as long as a lookup.
const CLOCK_READS: usize = 8;
const UNDER_LOAD: Duration = Duration::from_secs(5);

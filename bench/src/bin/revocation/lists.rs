//! Lists of several sizes, each in a policy of its own; the same sessions are good in all of them.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use http::{HeaderMap, HeaderValue, Method};
use sealpass::credential::{Identity, Subject};
use sealpass::jose::{Key, KeyRing};
use sealpass::revocation::{Revocation, RevocationList};
use sealpass::{NoClaims, NumericDate, Origin, Policy, RequestView, SessionId};
use sealpass_bench::{Contestant, Timings};

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
    keys: KeyRing,
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
            policies.push((name, policy(keys.clone(), Arc::new(list))?));
        }
        let requests = (0..REQUESTS).map(|number| request(&policies[0].1, number));
        let requests = requests.collect::<Result<_>>()?;
        Ok(Self { keys, policies, requests })
    }

    /// How many times as long as beside the empty list a verification takes, for each size.
    pub(crate) fn verify(&self) -> Result<Vec<f64>> {
        let contestants = self.policies.iter().map(|(name, policy)| {
            let next = Cell::new(0);
            Contestant::new(*name, move || {
                // Another session each time, as in life: its part of the list is in no cache.
                let number = next.replace((next.get() + 1) % REQUESTS);
                let view = RequestView::new(&Method::GET, &self.requests[number]);
                assert!(policy.authenticate(&view, NOW).is_ok());
            })
        });
        let timings = Timings::measure(contestants.collect());
        timings.print("Policy::authenticate, a cookie, beside this many revoked sessions");
        Ok(SIZES.iter().map(|(name, _)| timings.ratio(name, SIZES[0].0)).collect())
    }

    /// The longest verification beside a writer that never rests, in milliseconds, when nothing but
    /// the list could have held it up.
    pub(crate) fn worst_pause(&self) -> Result<f64> {
        let list = Arc::new(list_with_room(1_000_000, 4_000_000)?);
        let policy = policy(self.keys.clone(), Arc::clone(&list))?;
        let done = AtomicBool::new(false);
        let (mut worst, mut longest) = (Duration::ZERO, Duration::ZERO);
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
            for request in self.requests.iter().cycle() {
                let waited = waited_for_processor();
                let start = Instant::now();
                let view = RequestView::new(&Method::GET, request);
                assert!(policy.authenticate(&view, NOW).is_ok());
                let took = start.elapsed();
                longest = longest.max(took);
                if took > worst {
                    // Less what the machine did instead, since it has less processors than threads.
                    worst = worst.max(took.saturating_sub(waited_for_processor() - waited));
                }
                if begin.elapsed() > UNDER_LOAD {
                    break;
                }
            }
            done.store(true, Ordering::Relaxed);
            written = writer.join().unwrap_or_default();
        });
        let seconds = UNDER_LOAD.as_secs_f64();
        println!(
            "\na reader beside a writer of {:.0} revocations a second, 1 M sessions:\n  longest \
             verification {:.3} ms; {:.3} ms with the time it waited for a processor",
            written as f64 / seconds,
            worst.as_secs_f64() * 1e3,
            longest.as_secs_f64() * 1e3,
        );
        Ok(worst.as_secs_f64() * 1e3)
    }
}

fn policy(keys: KeyRing, list: Arc<RevocationList>) -> Result<Policy<NoClaims>> {
    Ok(Policy::builder()
        .issuer(ORIGIN)
        .audience(ORIGIN)
        .keys(keys)
        .origin(Origin::parse(ORIGIN)?)
        .revocations(list)
        .build()?)
}

fn request(policy: &Policy<NoClaims>, number: usize) -> Result<HeaderMap> {
    let somebody = Identity::new(Subject::new(format!("alive-{number}"))?, NoClaims {});
    let grant = policy.grant(&somebody, NOW)?;
    let [session, _] = grant.set_cookies();
    let cookie = format!("{}={}", session.name(), session.value());
    Ok(HeaderMap::from_iter([(http::header::COOKIE, HeaderValue::try_from(cookie)?)]))
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
const UNDER_LOAD: Duration = Duration::from_secs(5);

//! What the benchmarks share: interleaved rounds, medians, and bars.
//!
//! Contestants run in turn, many short rounds each, so that whatever else the machine does meets all
//! of them alike. Only ratios of medians of one run are compared; a time alone says little.

pub mod http;
pub mod operation;
pub mod ours;
pub mod raw;
pub mod session;

use std::fmt;
use std::time::{Duration, Instant};

/// A limit that a ratio is held to.
#[derive(Clone, Copy, Debug)]
pub enum Limit {
    AtLeast(f64),
    AtMost(f64),
}

/// A ratio and its limit, printed as `bar <name> <value> <limit> ok|short`.
#[derive(Clone, Debug)]
pub struct Bar {
    name: String,
    value: f64,
    limit: Limit,
}

impl Bar {
    #[must_use]
    pub fn new(name: impl Into<String>, value: f64, limit: Limit) -> Self {
        Self { name: name.into(), value, limit }
    }
}

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (limit, met) = match self.limit {
            Limit::AtLeast(limit) => (limit, self.value >= limit),
            Limit::AtMost(limit) => (limit, self.value <= limit),
        };
        let verdict = if met { "ok" } else { "short" };
        write!(f, "bar {} {:.3} {limit} {verdict}", self.name, self.value)
    }
}

/// The middle of the measurements.
///
/// # Panics
///
/// When there are none.
#[must_use]
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}

/// Something to time: a name, and what so many runs of it take.
pub struct Contestant<'a> {
    name: String,
    time: Box<dyn FnMut(u32) -> Duration + 'a>,
}

impl<'a> Contestant<'a> {
    /// One that runs here.
    pub fn new(name: impl Into<String>, mut run: impl FnMut() + 'a) -> Self {
        Self::timed(name, move |runs| {
            let start = Instant::now();
            for _ in 0..runs {
                run();
            }
            start.elapsed()
        })
    }

    /// One that runs elsewhere, and is timed there.
    pub fn timed(name: impl Into<String>, time: impl FnMut(u32) -> Duration + 'a) -> Self {
        Self { name: name.into(), time: Box::new(time) }
    }
}

/// Nanoseconds of one run, the median over the rounds, in the order given.
#[derive(Debug)]
pub struct Timings(Vec<(String, f64)>);

impl Timings {
    /// Times every contestant in every round, each time beginning with another one: what the machine
    /// does in a rhythm of its own must not always meet the same.
    #[must_use]
    pub fn measure(mut contestants: Vec<Contestant<'_>>) -> Self {
        let repeats: Vec<u32> = contestants.iter_mut().map(repeats_in_a_round).collect();
        let mut rounds = vec![Vec::with_capacity(ROUNDS); contestants.len()];
        for round in 0..ROUNDS {
            for turn in 0..contestants.len() {
                let index = (round + turn) % contestants.len();
                let (contestant, repeats) = (&mut contestants[index], repeats[index]);
                // Whoever ran before left the caches to itself.
                (contestant.time)(repeats / 4 + 1);
                let elapsed = (contestant.time)(repeats);
                rounds[index].push(elapsed.as_nanos() as f64 / f64::from(repeats));
            }
        }
        let names = contestants.into_iter().map(|contestant| contestant.name);
        Self(names.zip(rounds.into_iter().map(median)).collect())
    }

    /// Nanoseconds of one run of `name`.
    ///
    /// # Panics
    ///
    /// When no contestant has that name.
    #[must_use]
    pub fn of(&self, name: &str) -> f64 {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.unwrap_or_else(|| panic!("no contestant is called {name}")).1
    }

    /// The name of the fastest of those whose name `is_meant`.
    pub fn fastest(&self, is_meant: impl Fn(&str) -> bool) -> Option<&str> {
        let meant = self.0.iter().filter(|(name, _)| is_meant(name));
        meant.min_by(|(_, a), (_, b)| a.total_cmp(b)).map(|(name, _)| name.as_str())
    }

    /// How many times as long as `base` one run of `name` takes.
    #[must_use]
    pub fn ratio(&self, name: &str, base: &str) -> f64 {
        self.of(name) / self.of(base)
    }

    /// Prints each contestant with its ratio to the first.
    pub fn print(&self, title: &str) {
        println!("\n{title}");
        let base = self.0[0].1;
        for (name, nanoseconds) in &self.0 {
            println!("  {name:<44}{nanoseconds:>9.0} ns {:>8.2}x", nanoseconds / base);
        }
    }
}

/// Enough runs that the clock's own cost is lost in them; also warms the contestant up.
fn repeats_in_a_round(contestant: &mut Contestant<'_>) -> u32 {
    let mut repeats = 1;
    while (contestant.time)(repeats) < ROUND {
        repeats *= 2;
    }
    repeats
}

/// Short beside the time that a busy machine leaves to one program.
const ROUND: Duration = Duration::from_micros(250);
const ROUNDS: usize = 601;

//! Contestants under load in turn, many short rounds.
//!
//! What counts is the processor time of the servers per request; requests per second also depend on
//! what the load costs.

use std::rc::Rc;
use std::time::Duration;

use anyhow::Result;

use super::load::Load;
use super::process::{Server, ticks_per_second};
use crate::median;

/// A way of serving, and what each round showed.
pub struct Contestant {
    name: &'static str,
    /// Whose processor time counts.
    servers: Vec<Rc<Server>>,
    load: Load,
    microseconds: Vec<f64>,
    per_second: Vec<f64>,
}

/// Medians of all rounds.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    pub name: &'static str,
    /// Processor time of a request.
    pub microseconds: f64,
    pub per_second: f64,
}

impl Contestant {
    #[must_use]
    pub const fn new(name: &'static str, servers: Vec<Rc<Server>>, load: Load) -> Self {
        Self { name, servers, load, microseconds: Vec::new(), per_second: Vec::new() }
    }

    fn processor_time(&self, ticks: f64) -> Result<f64> {
        self.servers.iter().map(|server| server.processor_time(ticks)).sum()
    }

    fn figures(self) -> Figures {
        let Self { name, microseconds, per_second, .. } = self;
        Figures { name, microseconds: median(microseconds), per_second: median(per_second) }
    }
}

/// Runs every contestant in every round.
///
/// # Errors
/// When one does not answer as its load expects.
pub async fn run(mut contestants: Vec<Contestant>) -> Result<Vec<Figures>> {
    let ticks = ticks_per_second()?;
    for round in 0..=ROUNDS {
        for contestant in &mut contestants {
            let before = contestant.processor_time(ticks)?;
            let answered = contestant.load.run(CONNECTIONS, ROUND).await? as f64;
            // The first round warms everyone up.
            if round > 0 {
                let spent = contestant.processor_time(ticks)? - before;
                contestant.microseconds.push(spent * 1e6 / answered);
                contestant.per_second.push(answered / ROUND.as_secs_f64());
            }
        }
    }
    Ok(contestants.into_iter().map(Contestant::figures).collect())
}

/// Prints each with its ratios to the first.
pub fn print(title: &str, figures: &[Figures]) {
    println!("\n{title}, {CONNECTIONS} connections, medians of {ROUNDS} rounds of {ROUND:?}");
    println!(
        "{:<40}{:>16}{:>10}{:>14}{:>10}",
        "", "CPU µs/request", "ratio", "requests/s", "ratio"
    );
    for Figures { name, microseconds, per_second } in figures {
        let ratios = (microseconds / figures[0].microseconds, per_second / figures[0].per_second);
        println!(
            "{name:<40}{microseconds:>16.2}{:>10.2}{per_second:>14.0}{:>10.2}",
            ratios.0, ratios.1
        );
    }
}

const CONNECTIONS: usize = 32;
const ROUND: Duration = Duration::from_secs(2);
const ROUNDS: usize = 7;

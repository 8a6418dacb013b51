//! How another implementation of JOSE takes part in the comparison.
//!
//! Not all of them can be linked into one program, and some would turn on features of shared
//! dependencies for the others. So each is a program of its own, which is told what to do line by line
//! and does nothing in between:
//!
//! | line | answer |
//! |---|---|
//! | `begin <task as JSON>` | `ok`, or `cannot` when it does not have the algorithm |
//! | `make` | a token of the task's claims |
//! | `read <token>` | `ok` when it verifies and says the task's claims, `other` when it says others, `refused` and why |
//! | `time make <runs>`, `time read <runs>` | nanoseconds that all those runs took, together |
//!
//! `time read` reads the token of the last `read`. Whatever fails ends the program.

mod keys;
mod task;

use std::hint::black_box;
use std::io::{BufRead as _, Write as _};
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};

pub use keys::{Jwk, KeyMaterial};
pub use task::{AUDIENCE, Algorithm, Claims, ISSUER, KID, TYPE, Task};

/// Another implementation, prepared for one task: keys, policy, and the claims as it wants them.
///
/// What it takes and gives back is what its own interface has, so that nobody pays for a conversion.
pub trait Peer: Sized {
    /// The claims of a token as the implementation gives them.
    type Read;

    /// Prepares everything; `None` when the implementation does not have the algorithm.
    ///
    /// # Errors
    /// What the implementation says.
    fn begin(task: &Task) -> Result<Option<Self>>;

    /// A token of the task's claims.
    ///
    /// # Errors
    /// What the implementation says.
    fn make(&self) -> Result<String>;

    /// The claims of a token, once signature or tag, issuer, audience, `exp` and `nbf` were found
    /// right.
    ///
    /// # Errors
    /// What the implementation says.
    fn read(&self, token: &str) -> Result<Self::Read>;

    /// What was read, to compare it; never timed.
    ///
    /// # Errors
    /// When it has not the form of our claims.
    fn claims(read: Self::Read) -> Result<Claims>;
}

/// Answers on standard output what is asked on standard input, until its end.
///
/// # Errors
/// A line that is not one of the protocol, and whatever fails while a peer is timed.
pub fn answer<P: Peer>() -> Result<()> {
    let mut session: Option<Session<P>> = None;
    for line in std::io::stdin().lock().lines() {
        let line = line?;
        let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let answer = match (word, &mut session) {
            ("begin", _) => {
                let task: Task = serde_json::from_str(rest).context("the task")?;
                session = P::begin(&task)?.map(|peer| Session::new(peer, task));
                if session.is_some() { "ok" } else { "cannot" }.to_owned()
            }
            ("make", Some(session)) => session.peer.make()?,
            ("read", Some(session)) => session.read(rest),
            ("time", Some(session)) => session.time(rest)?,
            _ => bail!("not a line of the protocol: {line}"),
        };
        let mut output = std::io::stdout().lock();
        writeln!(output, "{answer}")?;
        output.flush()?;
    }
    Ok(())
}

struct Session<P> {
    peer: P,
    claims: Claims,
    token: String,
}

impl<P: Peer> Session<P> {
    fn new(peer: P, task: Task) -> Self {
        Self { peer, claims: task.claims, token: String::new() }
    }

    fn read(&mut self, token: &str) -> String {
        match self.peer.read(token).and_then(P::claims) {
            Ok(claims) if claims == self.claims => {
                token.clone_into(&mut self.token);
                "ok".to_owned()
            }
            Ok(_) => "other".to_owned(),
            Err(error) => format!("refused {error:#}").replace('\n', " "),
        }
    }

    fn time(&self, what: &str) -> Result<String> {
        let (operation, runs) = what.split_once(' ').context("how many runs")?;
        let runs: u32 = runs.parse()?;
        let start = Instant::now();
        match operation {
            "make" => {
                for _ in 0..runs {
                    black_box(self.peer.make()?);
                }
            }
            "read" => {
                ensure!(!self.token.is_empty(), "there is no token to read");
                for _ in 0..runs {
                    black_box(self.peer.read(black_box(&self.token))?);
                }
            }
            _ => bail!("{operation} cannot be timed"),
        }
        Ok(start.elapsed().as_nanos().to_string())
    }
}

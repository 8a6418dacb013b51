//! `GET /auth/session` of `sealpass serve` against a bare hyper server that answers 204.
//!
//! Both are processes of their own and get the same load from this one, in turn. What counts is the
//! processor time of the server per request; requests per second also depend on what the load costs.

mod bare;
mod load;
mod process;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use sealpass_bench::{Bar, Limit, median};

use crate::load::Load;
use crate::process::{ORIGIN, Server, ticks_per_second};

fn main() -> Result<()> {
    if std::env::args().nth(1).as_deref() == Some("bare") {
        return bare::serve();
    }
    let program = std::env::var_os("SEALPASS").map(PathBuf::from);
    let program = program.context("SEALPASS names no program: run ./ci/bench server")?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(compare(&program))
}

async fn compare(program: &Path) -> Result<()> {
    let directory = tempfile::tempdir()?;
    let users = directory.path().join("users.toml");
    add_user(program, &users)?;
    let logging = Contestant::sealpass("sealpass serve, 200", program, &users, "info").await?;
    let silent = Contestant::sealpass("  without request log", program, &users, "warn").await?;
    // The same bytes for everyone.
    let bare = Contestant::bare(logging.load.request.clone())?;
    let mut contestants = [bare, logging, silent];

    let ticks = ticks_per_second()?;
    for round in 0..=ROUNDS {
        for contestant in &mut contestants {
            let before = contestant.server.processor_time(ticks)?;
            let answered = contestant.load.run(CONNECTIONS, ROUND).await? as f64;
            // The first round warms everyone up.
            if round > 0 {
                let spent = contestant.server.processor_time(ticks)? - before;
                contestant.microseconds.push(spent * 1e6 / answered);
                contestant.per_second.push(answered / ROUND.as_secs_f64());
            }
        }
    }

    println!(
        "GET /auth/session, {CONNECTIONS} connections, medians of {ROUNDS} rounds of {ROUND:?}"
    );
    println!(
        "{:<24}{:>16}{:>10}{:>14}{:>10}",
        "", "CPU µs/request", "ratio", "requests/s", "ratio"
    );
    let [bare, ours, quiet] = contestants.map(Contestant::figures);
    for (name, microseconds, per_second) in [&bare, &ours, &quiet] {
        let ratios = (microseconds / bare.1, per_second / bare.2);
        println!(
            "{name:<24}{microseconds:>16.2}{:>10.2}{per_second:>14.0}{:>10.2}",
            ratios.0, ratios.1
        );
    }
    println!();
    println!("{}", Bar::new("server-session-cpu-vs-hyper", ours.1 / bare.1, Limit::AtMost(1.5)));
    Ok(())
}

/// A server, the load for it, and what each round showed.
struct Contestant {
    name: &'static str,
    server: Server,
    load: Load,
    microseconds: Vec<f64>,
    per_second: Vec<f64>,
}

impl Contestant {
    fn bare(request: String) -> Result<Self> {
        let server = Server::bare()?;
        let load = Load { address: server.address, request, status_line: "HTTP/1.1 204 " };
        Ok(Self::new("bare hyper, 204", server, load))
    }

    async fn sealpass(
        name: &'static str,
        program: &Path,
        users: &Path,
        log_level: &str,
    ) -> Result<Self> {
        let server = Server::sealpass(program, users, log_level)?;
        let cookie = login(&server).await?;
        let load = Load {
            address: server.address,
            request: format!(
                "GET /auth/session HTTP/1.1\r\nHost: app.example\r\nCookie: {cookie}\r\n\r\n"
            ),
            status_line: "HTTP/1.1 200 ",
        };
        Ok(Self::new(name, server, load))
    }

    fn new(name: &'static str, server: Server, load: Load) -> Self {
        Self { name, server, load, microseconds: Vec::new(), per_second: Vec::new() }
    }

    /// The name, microseconds of processor time for a request, requests in a second.
    fn figures(self) -> (&'static str, f64, f64) {
        (self.name, median(self.microseconds), median(self.per_second))
    }
}

fn add_user(program: &Path, users: &Path) -> Result<()> {
    let mut child = Command::new(program)
        .args(["user", "add", "ada", "--password-stdin", "--users"])
        .arg(users)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()?;
    writeln!(child.stdin.take().context("stdin")?, "{PASSWORD}")?;
    ensure!(child.wait()?.success(), "sealpass user add failed");
    Ok(())
}

/// The Cookie header of a fresh session.
async fn login(server: &Server) -> Result<String> {
    let body = format!(r#"{{"username":"ada","password":"{PASSWORD}"}}"#);
    let request = format!(
        "POST /auth/login HTTP/1.1\r\nHost: app.example\r\nOrigin: {ORIGIN}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len(),
    );
    let answer = load::exchange(server.address, &request).await?;
    ensure!(answer.starts_with("HTTP/1.1 200 "), "the login was refused: {answer}");
    let cookies = answer.lines().filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        let pair = value.split(';').next()?;
        name.eq_ignore_ascii_case("set-cookie").then_some(pair)
    });
    Ok(cookies.collect::<Vec<_>>().join("; "))
}

const CONNECTIONS: usize = 32;
const PASSWORD: &str = "correct horse battery staple";
const ROUND: Duration = Duration::from_secs(2);
const ROUNDS: usize = 7;

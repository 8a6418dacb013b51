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
    let sealpass = Server::sealpass(program, &users)?;
    let cookie = login(&sealpass).await?;
    let bare = Server::bare()?;

    let request =
        format!("GET /auth/session HTTP/1.1\r\nHost: app.example\r\nCookie: {cookie}\r\n\r\n");
    let ours = Load { address: sealpass.address, request, status_line: "HTTP/1.1 200 " };
    let limit = Load { address: bare.address, status_line: "HTTP/1.1 204 ", ..ours.clone() };

    let ticks = ticks_per_second()?;
    let mut figures = [Figures::default(), Figures::default()];
    for round in 0..=ROUNDS {
        for ((server, load), figures) in
            [(&bare, &limit), (&sealpass, &ours)].into_iter().zip(&mut figures)
        {
            let before = server.processor_time(ticks)?;
            let answered = load.run(CONNECTIONS, ROUND).await? as f64;
            // The first round warms both up.
            if round > 0 {
                let spent = server.processor_time(ticks)? - before;
                figures.microseconds.push(spent * 1e6 / answered);
                figures.per_second.push(answered / ROUND.as_secs_f64());
            }
        }
    }

    println!(
        "GET /auth/session, {CONNECTIONS} connections, medians of {ROUNDS} rounds of {ROUND:?}"
    );
    println!("{:<22}{:>16}{:>14}", "", "CPU µs/request", "requests/s");
    let [bare, ours] = figures.map(Figures::medians);
    println!("{:<22}{:>16.2}{:>14.0}", "bare hyper, 204", bare.0, bare.1);
    println!("{:<22}{:>16.2}{:>14.0}", "sealpass serve, 200", ours.0, ours.1);
    println!("{:<22}{:>16.2}{:>14.2}", "ratio", ours.0 / bare.0, ours.1 / bare.1);
    println!();
    println!("{}", Bar::new("server-session-cpu-vs-hyper", ours.0 / bare.0, Limit::AtMost(1.5)));
    Ok(())
}

#[derive(Debug, Default)]
struct Figures {
    microseconds: Vec<f64>,
    per_second: Vec<f64>,
}

impl Figures {
    fn medians(self) -> (f64, f64) {
        (median(self.microseconds), median(self.per_second))
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

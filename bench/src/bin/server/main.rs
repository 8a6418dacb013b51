//! `GET /auth/session` of `sealpass serve` against a bare hyper server that answers 204.
//!
//! Both are processes of their own and get the same load from this one, in turn.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context as _, Result};
use sealpass_bench::http::load::Load;
use sealpass_bench::http::process::Server;
use sealpass_bench::http::race::{self, Contestant};
use sealpass_bench::http::{account, bare};
use sealpass_bench::{Bar, Limit};

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
    account::add_user(program, &users)?;
    let (logging, request) = sealpass("sealpass serve, 200", program, &users, "info").await?;
    let (silent, _) = sealpass("  without request log", program, &users, "warn").await?;
    // The same bytes for everyone.
    let bare = Server::bare()?;
    let load = Load { address: bare.address, request, status_line: "HTTP/1.1 204 " };
    let bare = Contestant::new("bare hyper, 204", vec![Rc::new(bare)], load);

    let figures = race::run(vec![bare, logging, silent]).await?;
    race::print("GET /auth/session", &figures);
    let ratio = figures[1].microseconds / figures[0].microseconds;
    println!();
    println!("{}", Bar::new("server-session-cpu-vs-hyper", ratio, Limit::AtMost(1.5)));
    Ok(())
}

async fn sealpass(
    name: &'static str,
    program: &Path,
    users: &Path,
    log_level: &str,
) -> Result<(Contestant, String)> {
    let server = Server::sealpass(program, users, log_level, &[])?;
    let cookie = account::login(server.address).await?;
    let request =
        format!("GET /auth/session HTTP/1.1\r\nHost: app.example\r\nCookie: {cookie}\r\n\r\n");
    let load =
        Load { address: server.address, request: request.clone(), status_line: "HTTP/1.1 200 " };
    Ok((Contestant::new(name, vec![Rc::new(server)], load), request))
}

//! One account, and a session of it.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use super::load;
use super::process::ORIGIN;

/// Makes a users file with the account.
///
/// # Errors
/// When `sealpass user add` fails.
pub fn add_user(program: &Path, users: &Path) -> Result<()> {
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

/// The Cookie header of a fresh session at `address`.
///
/// # Errors
/// When the login is refused.
pub async fn login(address: SocketAddr) -> Result<String> {
    let body = format!(r#"{{"username":"ada","password":"{PASSWORD}"}}"#);
    let request = format!(
        "POST /auth/login HTTP/1.1\r\nHost: app.example\r\nOrigin: {ORIGIN}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len(),
    );
    let answer = load::exchange(address, &request).await?;
    ensure!(answer.starts_with("HTTP/1.1 200 "), "the login was refused: {answer}");
    let cookies = answer.lines().filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        let pair = value.split(';').next()?;
        name.eq_ignore_ascii_case("set-cookie").then_some(pair)
    });
    Ok(cookies.collect::<Vec<_>>().join("; "))
}

const PASSWORD: &str = "correct horse battery staple";

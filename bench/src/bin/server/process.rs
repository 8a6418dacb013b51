//! A server under load, as a child process.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

/// A running server. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// The bare server: this program once more.
    pub(crate) fn bare() -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("bare")
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the bare server")?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("stdout")?).read_line(&mut line)?;
        Ok(Self { child, address: line.trim().parse().context(line)? })
    }

    /// `sealpass serve` with a users file.
    pub(crate) fn sealpass(program: &Path, users: &Path) -> Result<Self> {
        let mut child = Command::new(program)
            .args(["serve", "--listen=127.0.0.1:0", "--admin-listen=off", "--origin", ORIGIN])
            .arg("--users")
            .arg(users)
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let mut log = BufReader::new(child.stderr.take().context("stderr")?);
        let address = listening_address(&mut log)?;
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Ok(Self { child, address })
    }

    /// Seconds of processor time so far, in user and in kernel mode.
    pub(crate) fn processor_time(&self, ticks_per_second: f64) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The second field is the program's name, which may hold anything; count after it.
        let (_, fields) = stat.rsplit_once(')').context("no program name in stat")?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let ticks =
            |index: usize| -> Result<f64> { Ok(fields.get(index).context("stat")?.parse()?) };
        Ok((ticks(11)? + ticks(12)?) / ticks_per_second)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How many ticks `/proc` counts in a second.
pub(crate) fn ticks_per_second() -> Result<f64> {
    let output = Command::new("getconf").arg("CLK_TCK").output().context("getconf")?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// Reads log lines up to the one that says where clients connect.
fn listening_address(log: &mut impl BufRead) -> Result<SocketAddr> {
    let mut seen = String::new();
    loop {
        let start = seen.len();
        ensure!(log.read_line(&mut seen)? > 0, "the server stopped:\n{seen}");
        let Ok(line) = serde_json::from_str::<Value>(&seen[start..]) else { continue };
        if line["message"] == "listening" {
            let address = line["address"].as_str().context("no address is logged")?;
            return Ok(address.parse()?);
        }
    }
}

pub(crate) const ORIGIN: &str = "https://app.example";

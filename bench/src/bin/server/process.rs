//! A server under load, as a child process.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};

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

    /// `sealpass serve` with a users file. What it logs is written, and goes nowhere.
    pub(crate) fn sealpass(program: &Path, users: &Path, log_level: &str) -> Result<Self> {
        // Below `info` no line of the log would tell the port.
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut child = Command::new(program)
            .args(["serve", "--admin-listen=off", "--origin", ORIGIN])
            .arg(format!("--listen={address}"))
            .arg("--users")
            .arg(users)
            .env("SEALPASS_LOG_LEVEL", log_level)
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        while TcpStream::connect(address).is_err() {
            ensure!(child.try_wait()?.is_none(), "sealpass serve stopped");
            std::thread::yield_now();
        }
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

pub(crate) const ORIGIN: &str = "https://app.example";

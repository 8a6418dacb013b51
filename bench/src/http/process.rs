//! A server under load, as a child process.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, ensure};

/// A running server. It is killed when this is dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// The bare server: this program once more.
    ///
    /// # Errors
    /// When it does not start.
    pub fn bare() -> Result<Self> {
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
    ///
    /// # Errors
    /// When it does not start.
    pub fn sealpass(
        program: &Path,
        users: &Path,
        log_level: &str,
        options: &[String],
    ) -> Result<Self> {
        // Below `info` no line of the log would tell the port.
        let address = free_address()?;
        let mut command = Command::new(program);
        command
            .args(["serve", "--admin-listen=off", "--origin", ORIGIN])
            .arg(format!("--listen={address}"))
            .arg("--users")
            .arg(users)
            .args(options)
            .env("SEALPASS_TRUSTED_PROXIES", "127.0.0.1")
            .env("SEALPASS_LOG_LEVEL", log_level);
        Self::start(&mut command, address)
    }

    /// Starts `command`, one process that listens on `address`.
    ///
    /// # Errors
    /// When it stops before it can be connected to.
    pub fn start(command: &mut Command, address: SocketAddr) -> Result<Self> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {command:?}"))?;
        while TcpStream::connect(address).is_err() {
            ensure!(child.try_wait()?.is_none(), "{command:?} stopped");
            std::thread::yield_now();
        }
        Ok(Self { child, address })
    }

    /// Seconds of processor time so far, in user and in kernel mode.
    ///
    /// # Errors
    /// When `/proc` does not say.
    pub fn processor_time(&self, ticks_per_second: f64) -> Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The second field is the program's name, which may hold anything; count after it.
        let (_, fields) = stat.rsplit_once(')').context("no program name in stat")?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let ticks =
            |index: usize| -> Result<f64> { Ok(fields.get(index).context("stat")?.parse()?) };
        Ok((ticks(11)? + ticks(12)?) / ticks_per_second)
    }

    /// Mebibytes that are resident.
    ///
    /// # Errors
    /// When `/proc` does not say.
    pub fn resident(&self) -> Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("VmRSS")?;
        let kibibytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kibibytes / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An address that nobody listens on.
///
/// # Errors
/// When there is none.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// How many ticks `/proc` counts in a second.
///
/// # Errors
/// When the system does not say.
pub fn ticks_per_second() -> Result<f64> {
    let output = Command::new("getconf").arg("CLK_TCK").output().context("getconf")?;
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

pub const ORIGIN: &str = "https://app.example";

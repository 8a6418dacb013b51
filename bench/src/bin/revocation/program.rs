//! The running program with a journal: its start, and logouts at once.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use sealpass::credential::{Identity, Subject};
use sealpass::revocation::{Revocation, journal};
use sealpass::schedule::{KeyTimes, SharedKeys, SharedSecret};
use sealpass::{Lifetimes, NoClaims, NumericDate, Origin, Policy};
use sealpass_bench::median;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::lists::logout;

/// Seconds from the start of the program with a journal of a million sessions until it can be
/// connected to.
pub(crate) fn restart(program: &Path) -> Result<f64> {
    let site = Site::new(program)?;
    let now = now()?;
    let mut bytes = journal::HEADER.to_vec();
    let since = NumericDate::from_secs(now.as_secs() - 3_600);
    journal::append(&Revocation::unknown_before(since), &mut bytes);
    let mut facts = Vec::new();
    for number in 0..1_000_000 {
        facts.push(logout(number, now)?);
    }
    journal::append(&facts, &mut bytes);
    write_private(&site.path("revocations"), &bytes)?;
    let (mut seconds, mut processor) = (Vec::new(), Vec::new());
    for _ in 0..RESTARTS {
        let start = Instant::now();
        let server = Server::start(program, &site)?;
        seconds.push(start.elapsed().as_secs_f64());
        processor.push(server.processor_time()?);
    }
    let (seconds, processor) = (median(seconds), median(processor));
    println!(
        "\nrestart with a journal of 1 M sessions, {} MB: {seconds:.3} s, of which {processor:.2} s with \
         a processor, medians of {RESTARTS}",
        bytes.len() / 1_000_000
    );
    Ok(seconds)
}

/// Prints how many logouts a second the program acknowledges, each of them on the disk by then.
pub(crate) fn sustained(program: &Path) -> Result<()> {
    let site = Site::new(program)?;
    let server = Server::start(program, &site)?;
    let logouts = Site::logouts()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let before = std::fs::metadata(site.path("revocations"))?.len();
    let start = Instant::now();
    runtime.block_on(send(server.address, logouts))?;
    let seconds = start.elapsed().as_secs_f64();
    let written = std::fs::metadata(site.path("revocations"))?.len() - before;
    println!(
        "\nPOST /auth/logout with a journal, {CONNECTIONS} connections: {:.0} a second, {} bytes each",
        LOGOUTS as f64 / seconds,
        written / LOGOUTS as u64,
    );
    Ok(())
}

async fn send(address: SocketAddr, logouts: Vec<String>) -> Result<()> {
    let mut clients = tokio::task::JoinSet::new();
    for requests in logouts.chunks(LOGOUTS / CONNECTIONS).map(<[String]>::to_vec) {
        clients.spawn(async move {
            let mut connection = tokio::net::TcpStream::connect(address).await?;
            connection.set_nodelay(true)?;
            let mut answer = Vec::new();
            for request in requests {
                connection.write_all(request.as_bytes()).await?;
                answer.clear();
                while !answer.ends_with(b"\r\n\r\n") {
                    ensure!(connection.read_buf(&mut answer).await? > 0, "the server hung up");
                }
                let answer = String::from_utf8_lossy(&answer);
                ensure!(answer.starts_with("HTTP/1.1 204 "), "a logout was refused: {answer}");
            }
            Ok(())
        });
    }
    while let Some(client) = clients.join_next().await {
        client??;
    }
    Ok(())
}

/// A folder with what a server needs.
struct Site {
    folder: TempDir,
}

impl Site {
    fn new(program: &Path) -> Result<Self> {
        // Beside the program: the folder for temporary files may be memory, which fsync is free of.
        let beside = program.parent().context("the program is in a folder")?;
        let site = Self { folder: tempfile::tempdir_in(beside)? };
        write_private(&site.path("secret"), SECRET.as_bytes())?;
        write_private(&site.path("users.toml"), b"")?;
        Ok(site)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Requests to log out, each of a session of its own.
    fn logouts() -> Result<Vec<String>> {
        let times = KeyTimes::of(PERIOD, Lifetimes::DEFAULT)?;
        let keys = SharedKeys::new(SharedSecret::parse(SECRET)?, times)?;
        let now = now()?;
        let policy: Policy<NoClaims> = Policy::builder()
            .issuer(ORIGIN)
            .audience(ORIGIN)
            .keys(keys.at(now, None)?.ring().clone())
            .origin(Origin::parse(ORIGIN)?)
            .build()?;
        let request = |number| {
            let somebody = Identity::new(Subject::new(format!("user-{number}"))?, NoClaims {});
            let grant = policy.grant(&somebody, now)?;
            let [session, csrf] = grant.set_cookies().each_ref();
            Ok(format!(
                "POST /auth/logout HTTP/1.1\r\nHost: app.example\r\nX-CSRF-Token: {2}\r\n\
                 Cookie: {0}={1}; {3}={2}\r\nContent-Length: 0\r\n\r\n",
                session.name(),
                session.value(),
                csrf.value(),
                csrf.name()
            ))
        };
        (0..LOGOUTS).map(request).collect()
    }
}

/// `sealpass serve` with a journal. It is killed when this is dropped.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start(program: &Path, site: &Site) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let child = Command::new(program)
            .args(["serve", "--admin-listen=off", "--origin", ORIGIN])
            .arg(format!("--listen={address}"))
            .arg("--users")
            .arg(site.path("users.toml"))
            .arg("--revocation-journal")
            .arg(site.path("revocations"))
            .env("SEALPASS_KEYS_SECRET", format!("file:{}", site.path("secret").display()))
            .env("SEALPASS_LOG_LEVEL", "error")
            .stderr(Stdio::inherit())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let mut server = Self { child, address };
        while TcpStream::connect(address).is_err() {
            ensure!(server.child.try_wait()?.is_none(), "sealpass serve stopped");
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(server)
    }
}

impl Server {
    /// Seconds in which the first thread, which reads the journal, had a processor so far.
    fn processor_time(&self) -> Result<f64> {
        let times = std::fs::read_to_string(format!("/proc/{}/schedstat", self.child.id()))?;
        let nanoseconds = times.split_whitespace().next().context("schedstat")?;
        Ok(nanoseconds.parse::<f64>()? / 1e9)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let options = std::fs::File::options().write(true).create_new(true).mode(0o600).open(path);
    Ok(options?.write_all(bytes)?)
}

fn now() -> Result<NumericDate> {
    Ok(NumericDate::from_secs(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs()))
}

const ORIGIN: &str = "https://app.example";
const SECRET: &str = "q1vUnfyLBMbqe5xBvXXP4sHCmEKA2wSsWSDQ-A6J9nU";
const PERIOD: u64 = 3_600;
const RESTARTS: usize = 5;
const CONNECTIONS: usize = 64;
const LOGOUTS: usize = 32_000;

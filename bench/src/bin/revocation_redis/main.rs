//! Revocations a second that one `sealpass serve` takes through a real Redis, from the request of an
//! operator to its 204.
//!
//! The stream has them all at the end, or it was no measurement.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

fn main() -> Result<()> {
    let program = std::env::var_os("SEALPASS").map(PathBuf::from);
    let program = program.context("SEALPASS names no program: run ./ci/bench revocation_redis")?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    println!("revocations through Redis, {CONNECTIONS} connections, {ROUND:?} each");
    for (what, outbox) in [("with the journal, fsync first", true), ("without a journal", false)] {
        let per_second = runtime.block_on(measure(&program, outbox))?;
        println!("  {what:<32}{per_second:>10.0} /s");
    }
    Ok(())
}

async fn measure(program: &Path, outbox: bool) -> Result<f64> {
    let directory = tempfile::tempdir()?;
    let folder = directory.path();
    let socket = folder.join("redis.sock");
    let mut redis = Command::new("redis-server");
    redis.args(["--port", "0", "--save", "", "--appendonly", "yes", "--dir"]).arg(folder);
    redis.arg("--unixsocket").arg(&socket).stdout(Stdio::null());
    let _redis = Killed(redis.spawn().context("redis-server (apt-get install redis-server)")?);
    let (server, admin) = serve(program, folder, &socket, outbox)?;
    let _server = Killed(server);
    while !is_ready(admin).await {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }

    let end = Instant::now() + ROUND;
    let tasks = (0..CONNECTIONS).map(|number| tokio::spawn(revoke(admin, number, end)));
    let mut revoked = 0;
    for task in tasks.collect::<Vec<_>>() {
        revoked += task.await??;
    }
    let mut length = Command::new("redis-cli");
    length.arg("-s").arg(&socket).args(["XLEN", "{sealpass}:revocations"]);
    let length = String::from_utf8(length.output().context("redis-cli")?.stdout)?;
    // One more: that everyone of before the first start logs in again.
    ensure!(length.trim().parse::<u64>()? == revoked + 1, "{revoked} answered, {length} kept");
    Ok(revoked as f64 / ROUND.as_secs_f64())
}

fn serve(
    program: &Path,
    folder: &Path,
    socket: &Path,
    outbox: bool,
) -> Result<(Child, SocketAddr)> {
    let admin = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let mut token = std::fs::OpenOptions::new();
    let token = token.write(true).create_new(true).mode(0o600).open(folder.join("token"));
    write!(token?, "{TOKEN}")?;
    let journal = if outbox { "revocation.journal = \"journal\"\n" } else { "" };
    let settings = format!(
        "listen = \"127.0.0.1:0\"\nadmin.listen = \"{admin}\"\norigin = \"https://app.example\"\n\
         backend.url = \"http://127.0.0.1:9/\"\nadmin.token = \"file:token\"\n\
         revocation.redis = [\"unix://{}\"]\n{journal}\
         revocation.durable_outbox = {outbox}\nlog.level = \"error\"\n",
        socket.display()
    );
    let config = folder.join("sealpass.toml");
    std::fs::write(&config, settings)?;
    let child = Command::new(program).arg("serve").arg("--config").arg(&config).spawn()?;
    Ok((child, admin))
}

async fn is_ready(admin: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(admin).await else { return false };
    let asked = b"GET /readyz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let mut answer = String::new();
    stream.write_all(asked).await.is_ok()
        && stream.read_to_string(&mut answer).await.is_ok()
        && answer.starts_with("HTTP/1.1 200")
}

/// Revokes one session after the other until `end`.
async fn revoke(admin: SocketAddr, number: u64, end: Instant) -> Result<u64> {
    let mut stream = TcpStream::connect(admin).await?;
    stream.set_nodelay(true)?;
    let (mut revoked, mut answer) = (0, [0; 1024]);
    while Instant::now() < end {
        // 22 characters of base64url, the last of which has no bits to spare.
        let body = format!("{{\"sid\":\"{number:07}{revoked:014}A\"}}");
        let request = format!(
            "POST /admin/revoke HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {TOKEN}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).await?;
        let length = stream.read(&mut answer).await?;
        let answer = String::from_utf8_lossy(&answer[..length]);
        ensure!(answer.starts_with("HTTP/1.1 204"), "{answer}");
        revoked += 1;
    }
    Ok(revoked)
}

/// A process that ends with this value.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const CONNECTIONS: u64 = 64;
const ROUND: Duration = Duration::from_secs(5);
const TOKEN: &str = "0123456789abcdef0123456789abcdef";

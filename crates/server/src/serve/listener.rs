//! A socket that accepts connections until it is told to stop, and what happens to them then.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;

use super::answer::Answer;
use super::connection::{self, Client, Traffic};
use super::peer::{Peer, TrustedProxies};
use crate::config::Limits;
use crate::shutdown::Stop;

/// A bound socket. Connections wait in its queue until [`Listener::serve`].
#[derive(Debug)]
pub(crate) struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    traffic: Traffic,
    trusted: TrustedProxies,
    limits: Limits,
}

impl Listener {
    /// Binds `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// As [`TcpListener::bind`].
    pub(crate) async fn bind(address: SocketAddr, limits: Limits) -> io::Result<Self> {
        let socket = TcpListener::bind(address).await?;
        let address = socket.local_addr()?;
        let trusted = TrustedProxies::default();
        Ok(Self { socket, address, traffic: Traffic::Calls, trusted, limits })
    }

    /// The same, without a line of the log for every request.
    pub(crate) fn for_probes(self) -> Self {
        Self { traffic: Traffic::Probes, ..self }
    }

    /// The same, for front proxies that ask whether a request may pass.
    pub(crate) fn for_verdicts(self) -> Self {
        Self { traffic: Traffic::Verdicts, ..self }
    }

    /// The same, believing `trusted` about whom a request is from.
    pub(crate) fn behind(self, trusted: TrustedProxies) -> Self {
        Self { trusted, ..self }
    }

    /// The address that was taken.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves `app` until `stop` says otherwise: then no connection is accepted any more, those
    /// without a request are closed, and requests in flight have `grace` to finish. More connections
    /// than the limit wait to be accepted.
    pub(crate) async fn serve(self, app: impl Answer, mut stop: Stop, grace: Duration) {
        let app = Arc::new(app);
        let mut connections = JoinSet::new();
        let room = Arc::new(Semaphore::new(self.limits.connections));
        loop {
            tokio::select! {
                biased;
                () = stop.draining() => break,
                Some(_) = connections.join_next() => {}
                (place, accepted) = accept(&self.socket, &room) => match accepted {
                    Ok((stream, address)) => {
                        let client = Client {
                            peer: Peer::new(address),
                            traffic: self.traffic,
                            trusted: self.trusted.clone(),
                        };
                        let (limits, app, stop) = (self.limits, Arc::clone(&app), stop.clone());
                        connections.spawn(async move {
                            connection::serve(stream, client, limits, app, stop).await;
                            drop(place);
                        });
                    }
                    Err(error) => outlive(&error).await,
                },
            }
        }
        drop(self.socket);
        drain(connections, stop, grace).await;
    }
}

/// The next connection, once there is a place for it.
async fn accept(
    socket: &TcpListener,
    room: &Arc<Semaphore>,
) -> (Option<OwnedSemaphorePermit>, io::Result<(TcpStream, SocketAddr)>) {
    // An error would mean that the semaphore was closed, and nobody does.
    let place = Arc::clone(room).acquire_owned().await.ok();
    (place, socket.accept().await)
}

/// Waits as an error of `accept` demands. None of them is a reason to stop: the client went away,
/// or the process is out of descriptors until a connection closes.
async fn outlive(error: &io::Error) {
    if matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionRefused | ErrorKind::ConnectionReset
    ) {
        return;
    }
    tracing::error!(%error, "cannot accept a connection; trying again");
    tokio::time::sleep(ACCEPT_PAUSE).await;
}

async fn drain(mut connections: JoinSet<()>, mut stop: Stop, grace: Duration) {
    tokio::select! {
        biased;
        () = async { while connections.join_next().await.is_some() {} } => return,
        () = tokio::time::sleep(grace) => {}
        () = stop.over() => {}
    }
    tracing::warn!(connections = connections.len(), "stopped before every request was finished");
    connections.shutdown().await;
}

const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::sync::Notify;
    use tokio::task::JoinHandle;

    use super::*;
    use crate::shutdown::{self, StopSwitch};

    const LOOPBACK: SocketAddr =
        SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
    const SLOW: &[u8] = b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n";

    struct Running {
        address: SocketAddr,
        switch: StopSwitch,
        served: JoinHandle<()>,
        entered: Arc<Notify>,
        release: Arc<Notify>,
    }

    /// A server whose one handler says when it was entered and waits to be released.
    async fn start(grace: Duration) -> Running {
        let (entered, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (enter, wait) = (Arc::clone(&entered), Arc::clone(&release));
        let slow = get(async move || {
            enter.notify_one();
            wait.notified().await;
            "done"
        });
        let listener = Listener::bind(LOOPBACK, Limits::LOCAL).await.unwrap();
        let address = listener.address();
        let (switch, stop) = shutdown::switch();
        let app = Router::new().route("/slow", slow);
        let served = tokio::spawn(listener.serve(app, stop, grace));
        Running { address, switch, served, entered, release }
    }

    async fn request_in_flight(running: &Running) -> TcpStream {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(SLOW).await.unwrap();
        running.entered.notified().await;
        stream
    }

    async fn rest(mut stream: TcpStream) -> String {
        let mut text = Vec::new();
        // A connection that is cut may end in a reset instead of an end of file.
        let _ = stream.read_to_end(&mut text).await;
        String::from_utf8(text).unwrap()
    }

    #[tokio::test]
    async fn a_request_in_flight_is_finished_and_nothing_new_is_accepted() {
        let running = start(Duration::from_mins(10)).await;
        let stream = request_in_flight(&running).await;
        running.switch.drain();
        while TcpStream::connect(running.address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        running.release.notify_one();
        let answer = rest(stream).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("done"), "{answer}");
        running.served.await.unwrap();
    }

    #[tokio::test]
    async fn connections_without_a_request_do_not_hold_up_the_end() {
        let running = start(Duration::from_mins(10)).await;
        let silent = TcpStream::connect(running.address).await.unwrap();
        let kept_alive = request_in_flight(&running).await;
        running.release.notify_one();
        kept_alive.readable().await.unwrap();
        running.switch.drain();
        running.served.await.unwrap();
        assert_eq!(rest(silent).await, "");
        assert!(rest(kept_alive).await.ends_with("done"));
    }

    #[tokio::test]
    async fn a_request_that_takes_too_long_is_cut_off() {
        let running = start(Duration::from_millis(1)).await;
        let stream = request_in_flight(&running).await;
        running.switch.drain();
        running.served.await.unwrap();
        assert_eq!(rest(stream).await, "");
    }

    #[tokio::test]
    async fn told_twice_it_waits_for_nothing() {
        let running = start(Duration::from_mins(10)).await;
        let stream = request_in_flight(&running).await;
        running.switch.drain();
        running.switch.cut();
        running.served.await.unwrap();
        assert_eq!(rest(stream).await, "");
    }
}

//! Which client the log names when forward-auth refuses.

use std::io;

use super::via::Via;
use super::*;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_refusal_names_the_client_and_the_path_and_nothing_secret() {
    let server = Server::new();
    for via in Via::ALL {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt().json().flatten_event(true);
        let subscriber = subscriber.with_writer(move || writer.clone()).finish();
        let guard = tracing::subscriber::set_default(subscriber);
        let chain = ("x-forwarded-for", "203.0.113.1, 192.0.2.9, 10.0.0.3");
        let headers = [COOKIE, chain];
        // Traefik writes the chain itself.
        let target = "/api/orders?token=secret";
        server.ask(via, "POST", target, &headers).await;
        drop(guard);
        let line: Value = serde_json::from_slice(&lines.0.lock().unwrap()).unwrap();
        assert_eq!(line["message"], "forward-auth refused", "{line}");
        assert_eq!(line["code"], "csrf_missing", "{line}");
        assert_eq!(line["path"], "/api/orders", "{line}");
        assert_eq!(line["client"], "192.0.2.9", "{via:?}: {line}");
        assert!(!line.to_string().contains("secret"), "{line}");
    }
}

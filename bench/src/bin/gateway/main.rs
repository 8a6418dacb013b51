//! Sealpass in front of an API: what it costs beside what is asked or passed on.
//!
//! The API, and whoever is asked in Sealpass's place, is a bare hyper server that answers 204. Its
//! processor time as the API counts for nobody.

mod fronts;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context as _, Result};
use sealpass_bench::http::load::{self, Load};
use sealpass_bench::http::process::{Server, free_address};
use sealpass_bench::http::race::{self, Contestant, Figures};
use sealpass_bench::http::{account, bare};
use sealpass_bench::{Bar, Limit};

fn main() -> Result<()> {
    if std::env::args().nth(1).as_deref() == Some("bare") {
        return bare::serve();
    }
    let program = std::env::var_os("SEALPASS").map(PathBuf::from);
    let program = program.context("SEALPASS names no program: run ./ci/bench gateway")?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let scene = Scene::new(program)?;
        let bars = [scene.verify().await?, scene.fronts().await?, scene.proxies().await?];
        let memory = scene.memory().await?;
        println!();
        bars.into_iter().flatten().chain([memory]).for_each(|bar| println!("{bar}"));
        Ok(())
    })
}

/// What every comparison needs.
struct Scene {
    program: PathBuf,
    folder: tempfile::TempDir,
    api: Server,
}

/// A running Sealpass, someone who is logged in, and where front proxies ask.
struct Gateway {
    server: Rc<Server>,
    forward_auth: SocketAddr,
    cookie: String,
}

impl Scene {
    fn new(program: PathBuf) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        account::add_user(&program, &folder.path().join("users.toml"))?;
        Ok(Self { program, folder, api: Server::bare()? })
    }

    fn start(&self, log_level: &str) -> Result<(Server, SocketAddr)> {
        let forward_auth = free_address()?;
        let options = [
            format!("--forward-auth-listen={forward_auth}"),
            format!("--upstream=http://{}", self.api.address),
        ];
        let users = self.folder.path().join("users.toml");
        let server = Server::sealpass(&self.program, &users, log_level, &options)?;
        Ok((server, forward_auth))
    }

    async fn gateway(&self, log_level: &str) -> Result<Gateway> {
        let (server, forward_auth) = self.start(log_level)?;
        let cookie = account::login(server.address).await?;
        Ok(Gateway { server: Rc::new(server), forward_auth, cookie })
    }

    /// Our answer to nginx's question, against a bare 204 to the same bytes.
    async fn verify(&self) -> Result<Option<Bar>> {
        let (usual, talkative) = (self.gateway("info").await?, self.gateway("debug").await?);
        let question = |gateway: &Gateway| {
            format!(
                "GET /auth/verify/nginx HTTP/1.1\r\nHost: auth\r\nX-Original-Method: GET\r\n\
                 X-Original-URL: https://app.example/api/me\r\nCookie: {}\r\n\r\n",
                gateway.cookie
            )
        };
        let bare = Server::bare()?;
        let load =
            Load { address: bare.address, request: question(&usual), status_line: NO_CONTENT };
        let ours = |name, gateway: Gateway| {
            let (address, request) = (gateway.forward_auth, question(&gateway));
            let load = Load { address, request, status_line: "HTTP/1.1 200 " };
            Contestant::new(name, vec![gateway.server], load)
        };
        let figures = race::run(vec![
            Contestant::new("bare hyper, 204", vec![Rc::new(bare)], load),
            ours("verify/nginx, 200", usual),
            ours("  with two lines of log", talkative),
        ])
        .await?;
        race::print("The question of nginx", &figures);
        Ok(Some(bar("gateway-verify-cpu-vs-hyper", &figures[..2], 1.5)))
    }

    /// A front proxy that asks somebody, or verifies a token itself, and passes on to the API.
    async fn fronts(&self) -> Result<Option<Bar>> {
        let gateway = self.gateway("info").await?;
        let (api, folder) = (self.api.address, self.folder.path());
        let asked = Rc::new(Server::bare()?);
        let nginx_bare = Rc::new(fronts::nginx(folder, api, Some(asked.address))?);
        let nginx_ours = Rc::new(fronts::nginx(folder, api, Some(gateway.forward_auth))?);
        let with_cookie = |front: &Server| call(front, &format!("Cookie: {}", gateway.cookie));
        let token = fronts::jwt()?;
        let with_token = |front: &Server| call(front, &format!("Authorization: Bearer {token}"));

        let (to_bare, to_ours) = (with_cookie(&nginx_bare), with_cookie(&nginx_ours));
        let mut contestants = vec![
            Contestant::new("nginx -> bare hyper 204", vec![nginx_bare, asked], to_bare),
            Contestant::new(
                "nginx -> verify/nginx",
                vec![nginx_ours, Rc::clone(&gateway.server)],
                to_ours,
            ),
        ];
        let haproxy = Rc::new(fronts::haproxy(folder, api)?);
        let load = with_token(&haproxy);
        contestants.push(Contestant::new("HAProxy jwt_verify, HS256", vec![haproxy], load));
        match std::env::var_os("ENVOY") {
            Some(envoy) => {
                let envoy = Rc::new(fronts::envoy(Path::new(&envoy), folder, api)?);
                let load = with_token(&envoy);
                contestants.push(Contestant::new("Envoy jwt_authn, HS256", vec![envoy], load));
            }
            None => println!("left out: Envoy, which ENVOY does not name"),
        }
        let figures = race::run(contestants).await?;
        race::print("A front proxy and whom it asks", &figures);
        Ok(Some(bar("gateway-nginx-total-cpu-vs-hyper", &figures[..2], 1.1)))
    }

    /// Ourselves as the proxy.
    async fn proxies(&self) -> Result<Option<Bar>> {
        let (logging, silent) = (self.gateway("info").await?, self.gateway("warn").await?);
        let nginx = Rc::new(fronts::nginx(self.folder.path(), self.api.address, None)?);
        let cookie = format!("Cookie: {}", logging.cookie);
        let load = call(&nginx, &cookie);
        let mut contestants = vec![Contestant::new("nginx as a plain proxy", vec![nginx], load)];
        for (name, gateway) in
            [("sealpass serve --upstream", logging), ("  without request log", silent)]
        {
            let load = call(&gateway.server, &format!("Cookie: {}", gateway.cookie));
            contestants.push(Contestant::new(name, vec![gateway.server], load));
        }
        race::print("A proxy", &race::run(contestants).await?);
        Ok(None)
    }

    async fn memory(&self) -> Result<Bar> {
        let (server, _) = self.start("info")?;
        let at_rest = server.resident()?;
        let cookie = account::login(server.address).await?;
        let after_login = server.resident()?;
        let load = call(&server, &format!("Cookie: {cookie}"));
        let held = load::hold(&load, HELD).await?;
        let under_load = server.resident()?;
        println!("\nResident memory, MiB");
        for (when, mebibytes) in [
            ("at rest".to_owned(), at_rest),
            ("after a login".to_owned(), after_login),
            (format!("with {} connections of clients", held.len()), under_load),
        ] {
            println!("{when:<40}{mebibytes:>16.1}");
        }
        Ok(Bar::new("gateway-memory-at-rest-mib", at_rest, Limit::AtMost(15.0)))
    }
}

/// A call of the API through `front`, with a line that says who is calling.
fn call(front: &Server, line: &str) -> Load {
    let request = format!("GET /api/me HTTP/1.1\r\nHost: app.example\r\n{line}\r\n\r\n");
    Load { address: front.address, request, status_line: NO_CONTENT }
}

/// The ratio of the second to the first.
fn bar(name: &str, figures: &[Figures], limit: f64) -> Bar {
    let ratio = figures[1].microseconds / figures[0].microseconds;
    Bar::new(name, ratio, Limit::AtMost(limit))
}

const NO_CONTENT: &str = "HTTP/1.1 204 ";
const HELD: usize = 1_000;

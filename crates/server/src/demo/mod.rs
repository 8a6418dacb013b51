//! `sealpass demo`: a sample API behind a login, with nothing to set up and nothing left behind.

mod account;
mod announce;
mod api;
mod host;
mod page;
mod replay;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use axum::routing::{get, post};
use axum::{Router, middleware};
use sealpass_tower::Sealpass;
use sealpass_tower::sealpass::cookie::CookieProfile;
use sealpass_tower::sealpass::jose::{Key, KeyRing};
use sealpass_tower::sealpass::{Lifetimes, NoClaims, Origin, Policy};

use self::account::Account;
use self::page::Page;
use crate::cli::OutputFormat;
use crate::serve::listener::Listener;
use crate::{config, shutdown};

/// What `sealpass demo` is told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DemoOptions {
    /// Where to listen: loopback, port 0 for any that is free.
    pub(crate) listen: SocketAddr,
    /// How to print the address, the user and the password.
    pub(crate) format: OutputFormat,
    /// Which cookies to set.
    pub(crate) cookies: config::DemoCookies,
}

/// Runs the demo until it is told to stop.
pub(crate) async fn run(options: DemoOptions) -> anyhow::Result<()> {
    let DemoOptions { listen, format, cookies } = options;
    if !listen.ip().is_loopback() {
        bail!(
            "the demo listens on loopback only, not on {}: try 127.0.0.1:{}",
            listen.ip(),
            listen.port()
        );
    }
    let listener = Listener::bind(listen, config::Limits::LOCAL).await.with_context(|| {
        format!("cannot listen on {listen}; --listen 127.0.0.1:0 takes a free port")
    })?;
    let url = Origin::parse(&format!("http://localhost:{}", listener.address().port()))?;
    let cookies = match cookies {
        config::DemoCookies::Host => CookieProfile::host(),
        config::DemoCookies::Dev => CookieProfile::insecure_dev(),
    };
    let account = Account::generate()?;
    let app = app(&url, &cookies, account.clone())?;
    let stop = shutdown::on_signal()?;
    announce::announce(format, &url, &account, &cookies)?;
    listener.serve(app, stop, GRACE).await;
    Ok(())
}

fn app(url: &Origin, cookies: &CookieProfile, account: Account) -> anyhow::Result<Router> {
    // Short, so that a renewal can be watched.
    let lifetimes = Lifetimes::new(60, 15 * 60, 8 * 3600)?;
    let policy: Policy<NoClaims> = Policy::builder()
        .issuer(url.to_string())
        .audience(url.to_string())
        .keys(KeyRing::new(Key::generate_a256gcm()?))
        .origin(url.clone())
        .cookies(cookies.clone())
        .lifetimes(lifetimes)
        .build()?;
    let sealpass = Sealpass::new(policy);
    let page = Arc::new(Page::new(cookies, lifetimes));
    let own_name = middleware::from_fn_with_state(url.clone(), host::require);

    let app = Router::new()
        .merge(api::routes().layer(sealpass.layer()))
        .merge(sealpass.routes(account))
        .route("/", get(move || async move { page.respond() }))
        .route("/icon.svg", get(page::icon))
        .layer(own_name.clone());
    let replay = Router::new()
        .route("/demo/logout-and-replay", post(replay::logout_and_replay))
        .with_state(app.clone())
        .layer(own_name);
    Ok(app.merge(replay))
}

/// How long requests in flight may take after Ctrl-C.
const GRACE: Duration = Duration::from_secs(10);

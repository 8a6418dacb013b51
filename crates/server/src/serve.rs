//! `sealpass serve`: from a configuration to listeners that answer.

mod activity;
pub(crate) mod answer;
pub(crate) mod app;
pub(crate) mod client;
mod connection;
mod heads;
pub(crate) mod listener;
pub(crate) mod pause;
pub(crate) mod peer;
pub(crate) mod problem;
pub(crate) mod request_body;
mod request_head;
pub(crate) mod request_log;
pub(crate) mod socket;
pub(crate) mod tunnels;
mod unread;
pub(crate) mod wire;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use sealpass_tower::Sealpass;
use sealpass_tower::sealpass::Policy;
use sealpass_tower::sealpass::csrf::CsrfMode;
use sealpass_tower::sealpass::policy::StaleAnswer;
use tokio::task::JoinSet;

use self::app::App;
use self::listener::Listener;
use self::peer::TrustedProxies;
use crate::admin::{self, Admin, revoke::AdminToken};
use crate::backend::{self, Backend};
use crate::config::{Config, KeySource, StaleChoice};
use crate::identity::{Assertions, IdentityRules};
use crate::keys::jwks::PublishedKeys;
use crate::keys::{self, CurrentKeys};
use crate::proxy::{Apis, Proxy};
use crate::revocation::redis::SyncState;
use crate::revocation::{self, Revocations, feed};
use crate::user::Claims;
use crate::verify::ForwardAuth;
use crate::{clock, shutdown};

/// Serves until the process is told to stop.
///
/// # Errors
/// What cannot be read, made or bound; nothing is served then.
pub(crate) fn run(config: &Config) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let served = runtime.block_on(serve(config));
    // Every request is finished or given up by now; a name that still resolves is nobody's.
    runtime.shutdown_background();
    served
}

/// Makes everything a decision needs before the first port is bound: whoever can connect is
/// answered.
async fn serve(config: &Config) -> anyhow::Result<()> {
    let Apps { public: app, forward_auth: verdicts, auth, keys, assertion_keys, sync } =
        apps(config)?;
    let token = config.admin.token.as_ref().map(AdminToken::read).transpose()?;
    let stop = shutdown::on_signal()?;
    let trusted = TrustedProxies::new(config.trusted_proxies.clone());
    let public = bind(config, config.listen, "listen").await?.behind(trusted.clone());
    let admin = match config.admin.listen {
        Some(address) => Some(bind(config, address, "admin.listen").await?.for_probes()),
        None => None,
    };
    let forward_auth = match config.forward_auth.listen {
        Some(address) => {
            let verdicts = bind(config, address, "forward_auth.listen").await?;
            Some(verdicts.behind(trusted).for_verdicts())
        }
        None => None,
    };
    tracing::info!(address = %public.address(), "listening");
    if let Some(forward_auth) = &forward_auth {
        tracing::info!(address = %forward_auth.address(), "forward-auth listening");
    }
    if let Some(admin) = &admin {
        tracing::info!(address = %admin.address(), "admin listening");
    }

    let grace = config.shutdown.grace;
    let (last, after_last) = shutdown::switch();
    let operators = admin::routes(Admin {
        stop: stop.clone(),
        keys: keys.view(),
        assertion_keys: assertion_keys.as_ref().map(CurrentKeys::view),
        auth: auth.clone(),
        token,
        sync,
    });
    let for_sessions = move |ring| auth.policy().replace_keys(ring);
    let mut keepers = JoinSet::new();
    keepers.spawn(keys::keep(keys, for_sessions, stop.clone()));
    if let Some(keys) = assertion_keys {
        // Whoever signs looks at the view.
        keepers.spawn(keys::keep(keys, |_| {}, stop.clone()));
    }
    let admin = async {
        if let Some(admin) = admin {
            admin.serve(operators, after_last, grace).await;
        }
    };
    let forward_auth = async {
        if let Some(forward_auth) = forward_auth {
            forward_auth.serve(verdicts, stop.clone(), grace).await;
        }
    };
    let public = public.serve(app, stop.clone(), grace);
    let requests = async {
        tokio::join!(public, forward_auth);
        // Until here the admin listener says that the end is near.
        last.cut();
    };
    tokio::join!(requests, admin);
    keepers.abort_all();
    tracing::info!("stopped");
    Ok(())
}

async fn bind(config: &Config, address: SocketAddr, setting: &str) -> anyhow::Result<Listener> {
    let bound = Listener::bind(address, config.limits).await;
    bound.with_context(|| format!("cannot listen on {address}, the address of `{setting}`"))
}

/// What each listener serves.
struct Apps {
    public: App,
    /// Nothing of it is in `public`: to a page of the origin, which may read its own responses, the
    /// answer to a front proxy would be the session token.
    forward_auth: ForwardAuth,
    auth: Sealpass<Claims>,
    keys: CurrentKeys,
    /// None: there are no assertions.
    assertion_keys: Option<CurrentKeys>,
    sync: Option<Arc<SyncState>>,
}

fn apps(config: &Config) -> anyhow::Result<Apps> {
    let backend = Backend::open(&config.backend, &config.login)?;
    let keys = CurrentKeys::open(&config.keys, clock::now())?;
    let assertion_keys = assertion_keys(config)?;
    let views = [Some(keys.view()), assertion_keys.as_ref().map(CurrentKeys::view)];
    let published = PublishedKeys::of(views.into_iter().flatten())?;
    let assertions = Assertions::new(config, assertion_keys.as_ref().map(CurrentKeys::view));
    let identity = IdentityRules::new(&config.claims, assertions);
    let revocations = Revocations::open(&config.revocation, config.lifetimes)?;
    let policy = policy(config, &keys, &revocations)?;
    let trusted = TrustedProxies::new(config.trusted_proxies.clone());
    let mut auth = Sealpass::new(policy).with_login_body_limit(config.login.max_body);
    if let Some(store) = revocations.store {
        auth = auth.with_store(store);
    }
    let proxy = if config.has_upstream() {
        let apis = Apis::new(config.upstream.as_ref(), &config.upstreams)?;
        let (auth, identity) = (auth.clone(), identity.clone());
        Some(Proxy::new(apis, &config.origin, auth, identity, trusted.clone()))
    } else {
        None
    };
    let audience = &config.forward_auth.audience;
    let mut forward_auth =
        ForwardAuth::new(auth.clone(), identity, audience, trusted, config.routes.clone());
    if let Some(login) = &config.forward_auth.login_url {
        forward_auth = forward_auth.with_login_page(login, &config.origin);
    }
    let feed = config.revocation.feed;
    let feed = feed.then(|| feed::routes(auth.clone(), revocations.sync.clone()));
    let logins = backend::login_shares(&config.backend, &config.login);
    let public = App::new(&auth, backend, proxy, &config.routes, published, feed, logins);
    let sync = revocations.sync;
    Ok(Apps { public, forward_auth, auth, keys, assertion_keys, sync })
}

fn assertion_keys(config: &Config) -> anyhow::Result<Option<CurrentKeys>> {
    let Some(assertion) = &config.assertion else { return Ok(None) };
    let keys = CurrentKeys::open(&assertion.keys, clock::now())?;
    if assertion.keys.source == KeySource::Ephemeral {
        tracing::info!(
            "the keys of assertions are in memory only: they are new at each start, and no other \
             instance has them; `assertion.keys` or `keys.secret` gives instances keys in common"
        );
    }
    Ok(Some(keys))
}

fn policy(
    config: &Config,
    keys: &CurrentKeys,
    revocations: &Revocations,
) -> anyhow::Result<Policy<Claims>> {
    let after_a_restart = match (&config.keys.source, &revocations.known) {
        (KeySource::Ephemeral, _) => "the keys are in memory only: a restart ends every session",
        (KeySource::Files { .. } | KeySource::Shared { .. }, None) => {
            "the keys survive a restart and the list of logouts does not: sessions of before this \
             start are refused"
        }
        (KeySource::Files { .. } | KeySource::Shared { .. }, Some(_)) => {
            "the keys and the list of logouts survive a restart"
        }
    };
    tracing::info!(keys.source = config.keys.source.name(), "{after_a_restart}");
    let mut policy = Policy::builder()
        .issuer(config.issuer.as_str())
        .audience(config.audience.as_str())
        .keys(keys.ring())
        .origin(config.origin.clone())
        .lifetimes(config.lifetimes)
        .cookies(config.cookies.profile.clone())
        .csrf_mode(config.csrf.mode)
        .max_revocations(config.revocation.max_entries.get());
    if let Some(known) = &revocations.known {
        let delay = revocation::delay(&config.revocation);
        policy = policy.revocations(Arc::clone(known)).revocation_delay(delay);
    }
    if config.csrf.mode == CsrfMode::DangerReportOnly {
        tracing::warn!("`csrf.mode` is `report-only`: forged requests pass and are only logged");
    }
    if config.csrf.masks_body {
        policy = policy.mask_csrf_tokens();
    }
    for previous in &config.cookies.previous {
        policy = policy.previous_cookies(previous.clone());
    }
    if let Some(StaleChoice::Allow) = config.revocation.redis.as_ref().map(|redis| redis.stale) {
        policy = policy.stale_answer(StaleAnswer::Allow);
    }
    for origin in &config.trusted_origins {
        policy = policy.trusted_origin(origin.clone());
    }
    if let Some(tokens) = config.cached_tokens {
        policy = policy.cache_verified_tokens(tokens);
    }
    if config.bearer.enabled {
        policy = policy.bearer_tokens();
    }
    Ok(policy.build()?)
}

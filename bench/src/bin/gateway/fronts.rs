//! The front proxies, each one process with one thread that works.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use sealpass_bench::http::process::{Server, free_address};
use serde_json::json;

/// nginx in front of `api`; with `auth_request` when there is someone to ask.
///
/// # Errors
/// When it does not start.
pub(crate) fn nginx(folder: &Path, api: SocketAddr, auth: Option<SocketAddr>) -> Result<Server> {
    let address = free_address()?;
    let folder = tempfile::tempdir_in(folder)?.keep();
    let upstream = |name: &str, address: SocketAddr| {
        // Without these, connections are closed after a thousand requests.
        format!(
            "upstream {name} {{ server {address}; keepalive 64; keepalive_requests 1000000000; }}\n"
        )
    };
    let (auth_upstream, ask, location) = match auth {
        None => (String::new(), "", ""),
        Some(auth) => (upstream("auth", auth), ASK, LOCATION),
    };
    let configuration = format!(
        "daemon off; master_process off; pid nginx.pid; error_log stderr crit;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    keepalive_requests 1000000000;
    proxy_http_version 1.1;
    {auth_upstream}
    {api}
    server {{
        listen {address};
        {location}
        location / {{
            {ask}
            proxy_set_header Connection \"\";
            proxy_pass http://api;
        }}
    }}
}}
",
        api = upstream("api", api),
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, configuration)?;
    let mut nginx = Command::new("nginx");
    nginx.args(["-e", "stderr", "-p"]).arg(&folder).arg("-c").arg(&file);
    Server::start(&mut nginx, address)
}

/// Of what `sealpass emit-config nginx` prints, the part that an answer of Sealpass makes work; the rest costs
/// the same whoever is asked.
const ASK: &str = "auth_request /_auth;
            auth_request_set $subject $upstream_http_x_auth_subject;
            auth_request_set $session $upstream_http_x_auth_session;
            auth_request_set $cookie_1 $upstream_http_x_auth_set_cookie_1;
            auth_request_set $cookie_2 $upstream_http_x_auth_set_cookie_2;
            add_header Set-Cookie $cookie_1 always;
            add_header Set-Cookie $cookie_2 always;
            proxy_set_header X-CSRF-Token \"\";
            proxy_set_header X-Auth-Subject $subject;
            proxy_set_header X-Auth-Session $session;";

const LOCATION: &str = "location = /_auth {
            internal;
            proxy_pass http://auth/auth/verify/nginx;
            proxy_set_header Connection \"\";
            proxy_pass_request_body off;
            proxy_set_header Content-Length \"\";
            proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
            proxy_set_header X-Original-Method $request_method;
        }";

/// `HAProxy` that verifies a JWT itself, in front of `api`.
///
/// # Errors
/// When it does not start.
pub(crate) fn haproxy(folder: &Path, api: SocketAddr) -> Result<Server> {
    let address = free_address()?;
    let configuration = format!(
        "global
    nbthread 1
    maxconn 1000
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend public
    bind {address}
    http-request set-var(txn.token) http_auth_bearer
    http-request deny unless {{ var(txn.token),jwt_header_query('$.alg') -m str HS256 }}
    http-request deny unless {{ var(txn.token),jwt_verify(\"HS256\",\"{SECRET}\") -m int 1 }}
    http-request deny unless {{ var(txn.token),jwt_payload_query('$.iss') -m str {ISSUER} }}
    http-request set-header X-Auth-Subject %[var(txn.token),jwt_payload_query('$.sub')]
    default_backend api
backend api
    http-reuse always
    server api {api}
"
    );
    let file = folder.join("haproxy.cfg");
    std::fs::write(&file, configuration)?;
    Server::start(Command::new("haproxy").arg("-db").arg("-f").arg(&file), address)
}

/// Envoy that verifies a JWT itself, in front of `api`.
///
/// # Errors
/// When it does not start.
pub(crate) fn envoy(program: &Path, folder: &Path, api: SocketAddr) -> Result<Server> {
    let address = free_address()?;
    let keys = json!({ "keys": [{
        "kty": "oct", "alg": "HS256", "k": BASE64URL.encode(SECRET),
    }]});
    let socket = |address: SocketAddr| {
        let (ip, port) = (address.ip().to_string(), address.port());
        json!({ "socket_address": { "address": ip, "port_value": port } })
    };
    let authentication = json!({
        "@type": "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
        "providers": { "ours": {
            "issuer": ISSUER,
            "local_jwks": { "inline_string": keys.to_string() },
            "claim_to_headers": [{ "header_name": "x-auth-subject", "claim_name": "sub" }],
        }},
        "rules": [{ "match": { "prefix": "/" }, "requires": { "provider_name": "ours" } }],
    });
    let router = json!({
        "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router",
    });
    let route = json!({ "match": { "prefix": "/" }, "route": { "cluster": "api" } });
    let connections = json!({
        "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "public",
        "route_config": { "virtual_hosts": [{ "name": "all", "domains": ["*"], "routes": [route] }] },
        "http_filters": [
            { "name": "envoy.filters.http.jwt_authn", "typed_config": authentication },
            { "name": "envoy.filters.http.router", "typed_config": router },
        ],
    });
    let manager = "envoy.filters.network.http_connection_manager";
    let endpoint = json!({ "endpoint": { "address": socket(api) } });
    let configuration = json!({ "static_resources": {
        "listeners": [{
            "name": "public",
            "address": socket(address),
            "filter_chains": [{ "filters": [{ "name": manager, "typed_config": connections }] }],
        }],
        "clusters": [{
            "name": "api",
            "type": "STATIC",
            "load_assignment": {
                "cluster_name": "api",
                "endpoints": [{ "lb_endpoints": [endpoint] }],
            },
        }],
    }});
    let file = folder.join("envoy.json");
    std::fs::write(&file, configuration.to_string())?;
    let mut envoy = Command::new(program);
    envoy.args(["--concurrency", "1", "--disable-hot-restart", "--log-level", "off", "-c"]);
    Server::start(envoy.arg(&file), address)
}

/// A token that both of them accept, with the claims of a session.
///
/// # Errors
/// When the clock is before 1970.
pub(crate) fn jwt() -> Result<String> {
    let now = std::time::UNIX_EPOCH.elapsed().context("the clock")?.as_secs();
    let header = json!({ "alg": "HS256", "typ": "JWT" });
    let claims = json!({
        "iss": ISSUER, "aud": ISSUER, "sub": "ada", "iat": now, "exp": now + 3600,
        "jti": "0123456789abcdefghijkl",
    });
    let [header, claims] = [header, claims].map(|part| BASE64URL.encode(part.to_string()));
    let input = format!("{header}.{claims}");
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let tag = hmac::sign(&key, input.as_bytes());
    Ok(format!("{input}.{}", BASE64URL.encode(tag)))
}

const ISSUER: &str = "https://app.example";
const SECRET: &str = "a-secret-of-thirty-two-bytes-----";

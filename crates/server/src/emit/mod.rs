//! `sealpass emit-config`: the configuration of a front proxy that asks forward-auth.
//!
//! [`Site`] is what the settings of the server say about every proxy; for each proxy there is a
//! template and a file that fills it. The tests run what is printed here, as it is printed.

mod caddy;
mod envoy;
mod haproxy;
mod nginx;
mod site;
mod template;
mod traefik;

use std::net::SocketAddr;

use clap::{Args, ValueEnum};
use http::uri::Authority;

use crate::cli::{ServeArgs, print};
use crate::config;
use site::Site;

#[derive(Clone, Debug, Args)]
pub(crate) struct EmitArgs {
    /// The proxy in front
    proxy: FrontProxy,
    /// The API that the proxy forwards to, over http [default: `upstream.url`, or 127.0.0.1:3000]
    #[arg(long, value_name = "URL", value_parser = site::api)]
    api: Option<Authority>,
    /// Where the proxy listens [default: 127.0.0.1, at the port of `origin` if it names one, or 8000]
    #[arg(long, value_name = "ADDR:PORT")]
    proxy_listen: Option<SocketAddr>,
    /// For Envoy: ask over gRPC instead of HTTP
    #[arg(long)]
    grpc: bool,
    /// For HAProxy: which of its two files to print
    #[arg(long, value_name = "PART", default_value = "config")]
    part: HaproxyPart,
    #[command(flatten)]
    serve: ServeArgs,
}

/// A proxy that asks Sealpass about each request.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum FrontProxy {
    Nginx,
    Caddy,
    Haproxy,
    Traefik,
    Envoy,
}

/// One of the files that HAProxy needs.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum HaproxyPart {
    /// haproxy.cfg
    Config,
    /// sealpass.lua, which haproxy.cfg loads
    Lua,
}

/// Runs `sealpass emit-config`.
///
/// # Errors
/// What is wrong with the settings, or that by them there is nothing for a proxy to ask.
pub(crate) fn run(args: &EmitArgs) -> anyhow::Result<()> {
    let config = config::load(args.serve.config.as_deref(), &args.serve.flags)?;
    let site = Site::of(&config, args.api.as_ref(), args.proxy_listen)?;
    print(&match args.proxy {
        FrontProxy::Nginx => nginx::config(&site),
        FrontProxy::Caddy => caddy::config(&site),
        FrontProxy::Haproxy => match args.part {
            HaproxyPart::Config => haproxy::config(&site),
            HaproxyPart::Lua => haproxy::lua(&site),
        },
        FrontProxy::Traefik => traefik::config(&site),
        FrontProxy::Envoy if args.grpc => envoy::grpc(&site),
        FrontProxy::Envoy => envoy::http(&site),
    })
}

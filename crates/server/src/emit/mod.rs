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

use clap::{Args, Subcommand, ValueEnum};
use http::uri::Authority;

use crate::cli::{ServeArgs, print};
use crate::config;
use site::Site;

/// A proxy that asks Sealpass about each request.
#[derive(Debug, Subcommand)]
pub(crate) enum EmitCommand {
    /// nginx.conf, with `auth_request`
    Nginx(SiteArgs),
    /// A Caddyfile, with what `forward_auth` is short for
    Caddy(SiteArgs),
    /// haproxy.cfg, or the Lua that it loads
    Haproxy(HaproxyArgs),
    /// The dynamic configuration of Traefik in YAML, with `ForwardAuth`
    Traefik(SiteArgs),
    /// envoy.yaml, with `ext_authz`
    Envoy(EnvoyArgs),
}

#[derive(Clone, Debug, Args)]
pub(crate) struct SiteArgs {
    /// The API that the proxy forwards to, over http [default: `upstream.url`, or 127.0.0.1:3000]
    #[arg(long, value_name = "URL", value_parser = site::api)]
    api: Option<Authority>,
    /// Where the proxy listens [default: 127.0.0.1, at the port of `origin` if it names one, or 8000]
    #[arg(long, value_name = "ADDR:PORT")]
    proxy_listen: Option<SocketAddr>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct HaproxyArgs {
    /// Which of the two files to print
    #[arg(long, value_name = "PART", default_value = "config")]
    part: HaproxyPart,
    #[command(flatten)]
    site: SiteArgs,
}

/// One of the files that HAProxy needs.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum HaproxyPart {
    /// haproxy.cfg
    Config,
    /// sealpass.lua, which haproxy.cfg loads
    Lua,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct EnvoyArgs {
    /// Ask over gRPC instead of HTTP
    #[arg(long)]
    grpc: bool,
    #[command(flatten)]
    site: SiteArgs,
}

/// Runs `sealpass emit-config`.
///
/// # Errors
/// What is wrong with the settings, or that by them there is nothing for a proxy to ask.
pub(crate) fn run(command: &EmitCommand) -> anyhow::Result<()> {
    print(&match command {
        EmitCommand::Nginx(args) => nginx::config(&args.site()?),
        EmitCommand::Caddy(args) => caddy::config(&args.site()?),
        EmitCommand::Haproxy(args) => match args.part {
            HaproxyPart::Config => haproxy::config(&args.site.site()?),
            HaproxyPart::Lua => haproxy::lua(&args.site.site()?),
        },
        EmitCommand::Traefik(args) => traefik::config(&args.site()?),
        EmitCommand::Envoy(args) if args.grpc => envoy::grpc(&args.site.site()?),
        EmitCommand::Envoy(args) => envoy::http(&args.site.site()?),
    })
}

impl SiteArgs {
    fn site(&self) -> anyhow::Result<Site> {
        let config = config::load(self.serve.config.as_deref(), &self.serve.flags)?;
        Site::of(&config, self.api.as_ref(), self.proxy_listen)
    }
}

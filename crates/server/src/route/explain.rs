//! `sealpass explain METHOD URL`: what becomes of a request, which rule says so and which API gets it.

use std::path::PathBuf;

use clap::Args;
use http::Method;
use http::uri::Authority;
use serde_json::{Value, json};

use super::{Access, Ambiguous, AmbiguousPath, NormalPath, Rule, path_of, target_of};
use crate::cli::{self, OutputFormat};
use crate::config::{self, Config, Flags, Place, PlacedUpstream, Source, Upstream};
use crate::keys::jwks;
use crate::proxy::{ForwardError, Hosts, Places, require_method};
use crate::serve::app::is_under_auth;

#[derive(Clone, Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The method of the request
    #[arg(value_parser = parse_method)]
    method: Method,
    /// Its URL, or its path and query at `origin`; read as it stands, nothing is normalized before the rules see it
    #[arg(value_parser = parse_url)]
    url: String,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: OutputFormat,
    /// The configuration file (TOML)
    #[arg(long, value_name = "FILE", env = "SEALPASS_CONFIG")]
    config: Option<PathBuf>,
    #[command(flatten)]
    flags: Flags,
}

/// Prints the decision about a request.
///
/// # Errors
/// [`config::Problems`], or that standard output cannot be written to.
pub(crate) fn run(args: &ExplainArgs) -> anyhow::Result<()> {
    let config = config::load(args.config.as_deref(), &args.flags)?;
    let asked = Asked::read(&args.url).unwrap_or_default();
    let host = asked.host.or_else(|| own_host(&config));
    let explanation = Explanation::of(&config, &args.method, host, asked.target);
    cli::print(&match args.format {
        OutputFormat::Text => explanation.text(),
        OutputFormat::Json => format!("{}\n", explanation.json()),
    })
}

/// What is decided about one request.
struct Explanation<'r> {
    method: &'r Method,
    host: Option<Authority>,
    /// Whether APIs are chosen by host.
    is_by_host: bool,
    /// As it was given.
    path: &'r str,
    normal: Option<NormalPath>,
    verdict: Verdict<'r>,
}

enum Verdict<'r> {
    /// Sealpass answers itself, whatever the rules.
    Ours,
    /// None: no rule is for the request, or no API is behind us.
    Rule(Option<&'r Rule>, &'r Access, Option<Destination<'r>>),
    Refused(Ambiguous),
    /// Whoever may pass by the rules, the reverse proxy does not pass it on.
    Stopped(ForwardError),
}

/// The API that a request is passed on to.
#[derive(Clone, Copy)]
struct Destination<'r> {
    upstream: &'r Upstream,
    /// None: it gets what is in no other place.
    placed: Option<&'r PlacedUpstream>,
}

impl<'r> Explanation<'r> {
    fn of(
        config: &'r Config,
        method: &'r Method,
        host: Option<Authority>,
        target: &'r str,
    ) -> Self {
        let verdict = Verdict::of(config, method, host.clone(), target);
        let path = path_of(target);
        let is_by_host = config.upstreams.iter().any(|placed| placed.host.is_some());
        Self { method, host, is_by_host, path, normal: NormalPath::parse(path).ok(), verdict }
    }

    /// Without a normal form there are no rules, or the path is refused.
    fn shown_path(&self) -> &str {
        self.normal.as_ref().map_or(self.path, NormalPath::as_str)
    }

    fn text(&self) -> String {
        let mut lines = vec![("method", self.method.to_string())];
        if let Some(host) = self.host.as_ref().filter(|_| self.is_by_host) {
            lines.push(("host", host.to_string()));
        }
        lines.push(("path", shown(self.shown_path())));
        match &self.verdict {
            Verdict::Ours => {
                lines.push(("needs", "nothing: Sealpass answers it itself".to_owned()));
            }
            Verdict::Refused(ambiguous) => lines.push(("refused", ambiguous.to_string())),
            Verdict::Stopped(error) => lines.push(("refused", reason(error))),
            Verdict::Rule(rule, access, destination) => {
                let rule = rule.map_or_else(|| NO_RULE.to_owned(), ToString::to_string);
                lines.extend([("needs", access.to_string()), ("rule", rule)]);
                lines.extend(destination.map(|it| ("upstream", it.text())));
            }
        }
        lines
            .iter()
            .fold(String::new(), |text, (name, value)| text + &format!("{name:<9}{value}\n"))
    }

    fn json(&self) -> Value {
        let mut json = json!({
            "method": self.method.as_str(),
            "host": self.host.as_ref().map(Authority::as_str),
            "path": self.normal.as_ref().map(NormalPath::as_str),
            "rule": null,
            "upstream": null,
        });
        match &self.verdict {
            Verdict::Ours => json["decision"] = "sealpass".into(),
            Verdict::Rule(rule, access, destination) => {
                json["rule"] = rule.map_or(Value::Null, |rule| place(&rule.place));
                json["upstream"] = destination.map_or(Value::Null, Destination::json);
                match access {
                    Access::Public => json["decision"] = "public".into(),
                    Access::Session(needs) => {
                        json["decision"] = "session".into();
                        json["max_age"] = needs.max_age.into();
                        json["claims"] = json!(needs.claims);
                    }
                }
            }
            Verdict::Refused(ambiguous) => {
                json["decision"] = "refused".into();
                json["code"] = "ambiguous_path".into();
                json["reason"] = ambiguous.to_string().into();
                if let Ambiguous::Rules { decides, other } = ambiguous {
                    let rules = decides.iter().chain([other]);
                    json["rules"] = rules.map(place).collect();
                }
            }
            Verdict::Stopped(error) => {
                json["decision"] = "refused".into();
                json["code"] = error.code().into();
                json["reason"] = reason(error).into();
            }
        }
        json
    }
}

impl<'r> Verdict<'r> {
    /// In the order in which the server decides.
    fn of(config: &'r Config, method: &Method, host: Option<Authority>, target: &str) -> Self {
        let (routes, path) = (&config.routes, path_of(target));
        let is_ours = is_under_auth(path) || (path == jwks::PATH && answers_jwks(config));
        if target.contains('#') && (is_ours || config.has_upstream()) {
            return Self::Refused(Ambiguous::Path(AmbiguousPath::Fragment));
        }
        if is_ours {
            return Self::Ours;
        }
        let known = Some(method);
        let (rule, access) =
            match (routes.find(known, Some(path)), routes.decide(known, Some(path))) {
                (Ok(rule), Ok(access)) => (rule, access),
                (Err(ambiguous), _) | (_, Err(ambiguous)) => return Self::Refused(ambiguous),
            };
        if !config.has_upstream() {
            return Self::Rule(rule, access, None);
        }
        match Destination::of(config, method, &Hosts::named(host), path) {
            Ok(destination) => Self::Rule(rule, access, Some(destination)),
            Err(error) => Self::Stopped(error),
        }
    }
}

impl<'r> Destination<'r> {
    fn of(
        config: &'r Config,
        method: &Method,
        hosts: &Hosts<'_>,
        path: &str,
    ) -> Result<Self, ForwardError> {
        let everywhere = config.upstream.as_ref();
        let everywhere = everywhere.map(|upstream| Self { upstream, placed: None });
        let placed = config.upstreams.iter();
        let placed = placed
            .map(|placed| (placed, Self { upstream: &placed.upstream, placed: Some(placed) }));
        let destination = *Places::new(everywhere, placed).find(hosts, path)?;
        require_method(method)?;
        Ok(destination)
    }

    fn text(self) -> String {
        let url = self.upstream.url();
        match self.placed {
            Some(placed) => format!("{url}, {placed}"),
            None => format!("{url}, {EVERYWHERE}, for what is in no other place"),
        }
    }

    fn json(self) -> Value {
        let mut json = match self.placed {
            Some(placed) => place(&placed.place),
            None => json!({"name": EVERYWHERE}),
        };
        json["url"] = self.upstream.url().into();
        json
    }
}

/// For the operator, who may wonder what a path has to be plain for where there are no rules.
fn reason(error: &ForwardError) -> String {
    match error {
        ForwardError::PathAmbiguous(_) => {
            format!("{error}, and `[[upstreams]]` are chosen by path")
        }
        error => error.to_string(),
    }
}

/// A front proxy that asks about requests leads only `/auth/` here.
fn answers_jwks(config: &Config) -> bool {
    config.publishes_keys() && (config.has_upstream() || config.forward_auth.listen.is_none())
}

const NO_RULE: &str = "none: what no rule is for needs a session";

/// The setting of the API that has no place.
const EVERYWHERE: &str = "upstream.url";

fn place(place: &Place) -> Value {
    match &place.at {
        Source::File { path, line } => {
            json!({"name": place.name(), "file": path.to_string_lossy(), "line": line})
        }
        source => json!({"name": place.name(), "source": source.to_string()}),
    }
}

/// A terminal is told nothing but the path.
fn shown(path: &str) -> String {
    path.escape_debug().to_string()
}

fn parse_method(text: &str) -> Result<Method, String> {
    text.parse().map_err(|_| "expected a method, such as `GET`".to_owned())
}

/// What a URL asks for.
#[derive(Default)]
struct Asked<'a> {
    /// None: the URL is what follows the host in one.
    host: Option<Authority>,
    /// Path and query.
    target: &'a str,
}

impl<'a> Asked<'a> {
    fn read(url: &'a str) -> Option<Self> {
        if url.starts_with('/') {
            return Some(Self { host: None, target: url });
        }
        let target = target_of(url)?;
        let (_, host) = url.strip_suffix(target)?.split_once("://")?;
        Some(Self { host: Some(host.parse().ok()?), target })
    }
}

/// The host of `origin`, which is what pages ask for.
fn own_host(config: &Config) -> Option<Authority> {
    let origin = config.origin.to_string();
    origin.split_once("://").and_then(|(_, host)| host.parse().ok())
}

fn parse_url(text: &str) -> Result<String, String> {
    match Asked::read(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err("expected a path such as `/orders?page=2`, or a whole URL".to_owned()),
    }
}

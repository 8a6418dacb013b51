//! `sealpass explain METHOD URL`: what the rules say to a request, and which of them says it.

use std::path::PathBuf;

use clap::Args;
use http::Method;
use serde_json::{Value, json};

use super::{Access, Ambiguous, NormalPath, Rule, path_of, target_of};
use crate::cli::{self, OutputFormat};
use crate::config::{self, Config, Flags, Place, Source};
use crate::keys::jwks;
use crate::serve::app::is_under_auth;

#[derive(Clone, Debug, Args)]
pub(crate) struct ExplainArgs {
    /// The method of the request
    #[arg(value_parser = parse_method)]
    method: Method,
    /// Its URL, or its path and query; read as it stands, nothing is normalized before the rules see it
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
    let path = path_in(&args.url).unwrap_or_default();
    let explanation = Explanation::of(&config, &args.method, path);
    cli::print(&match args.format {
        OutputFormat::Text => explanation.text(),
        OutputFormat::Json => format!("{}\n", explanation.json()),
    })
}

/// What is decided about one request.
struct Explanation<'r> {
    method: &'r Method,
    /// As it was given.
    path: &'r str,
    normal: Option<NormalPath>,
    verdict: Verdict<'r>,
}

enum Verdict<'r> {
    /// Sealpass answers itself, whatever the rules.
    Ours,
    /// None: no rule is for the request.
    Rule(Option<&'r Rule>, &'r Access),
    Refused(Ambiguous),
}

impl<'r> Explanation<'r> {
    fn of(config: &'r Config, method: &'r Method, path: &'r str) -> Self {
        let routes = &config.routes;
        let normal = NormalPath::parse(path).ok();
        if is_under_auth(path) || (path == jwks::PATH && answers_jwks(config)) {
            return Self { method, path, normal, verdict: Verdict::Ours };
        }
        let known = Some(method);
        let verdict = match (routes.find(known, Some(path)), routes.decide(known, Some(path))) {
            (Ok(rule), Ok(access)) => Verdict::Rule(rule, access),
            (Err(ambiguous), _) | (_, Err(ambiguous)) => Verdict::Refused(ambiguous),
        };
        Self { method, path, normal, verdict }
    }

    /// Without a normal form there are no rules, or the path is refused.
    fn shown_path(&self) -> &str {
        self.normal.as_ref().map_or(self.path, NormalPath::as_str)
    }

    fn text(&self) -> String {
        let mut lines =
            vec![("method", self.method.to_string()), ("path", shown(self.shown_path()))];
        match &self.verdict {
            Verdict::Ours => {
                lines.push(("needs", "nothing: Sealpass answers it itself".to_owned()));
            }
            Verdict::Refused(ambiguous) => lines.push(("refused", ambiguous.to_string())),
            Verdict::Rule(rule, access) => {
                let rule = rule.map_or_else(|| NO_RULE.to_owned(), ToString::to_string);
                lines.extend([("needs", access.to_string()), ("rule", rule)]);
            }
        }
        lines
            .iter()
            .fold(String::new(), |text, (name, value)| text + &format!("{name:<8}{value}\n"))
    }

    fn json(&self) -> Value {
        let mut json = json!({
            "method": self.method.as_str(),
            "path": self.normal.as_ref().map(NormalPath::as_str),
            "rule": null,
        });
        match &self.verdict {
            Verdict::Ours => json["decision"] = "sealpass".into(),
            Verdict::Rule(rule, access) => {
                json["rule"] = rule.map_or(Value::Null, |rule| place(&rule.place));
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
        }
        json
    }
}

/// A front proxy that asks about requests leads only `/auth/` here.
fn answers_jwks(config: &Config) -> bool {
    config.publishes_keys() && (config.has_upstream() || config.forward_auth.listen.is_none())
}

const NO_RULE: &str = "none: what no rule is for needs a session";

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

/// The path of a URL, or of what follows the host in one.
fn path_in(url: &str) -> Option<&str> {
    let target = if url.starts_with('/') { Some(url) } else { target_of(url) };
    target.map(path_of)
}

fn parse_url(text: &str) -> Result<String, String> {
    match path_in(text) {
        Some(_) => Ok(text.to_owned()),
        None => Err("expected a path such as `/orders?page=2`, or a whole URL".to_owned()),
    }
}

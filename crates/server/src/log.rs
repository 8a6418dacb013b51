//! Logs: lines on standard error, text for people and JSON for collectors.

pub(crate) mod json;

use std::io::{self, IsTerminal as _};

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

use self::json::JsonLines;
use crate::config::{Log, LogFormat, LogLevel};

/// Sends the log to standard error, from here on.
///
/// Our own crates log at the configured level and never a token, a cookie or a password. Libraries
/// log warnings at most, whatever the level: below that, some print whole requests.
///
/// # Errors
/// When the log has been set up before.
pub(crate) fn init(log: Log) -> anyhow::Result<()> {
    let is_terminal = io::stderr().is_terminal();
    let layer = match log.format {
        LogFormat::Text => text(is_terminal),
        LogFormat::Auto if is_terminal => text(is_terminal),
        LogFormat::Auto | LogFormat::Json => {
            fmt::layer().event_format(JsonLines).with_writer(io::stderr).boxed()
        }
    };
    tracing_subscriber::registry().with(layer).with(targets(log.level)).try_init()?;
    Ok(())
}

fn text<S>(is_terminal: bool) -> Box<dyn tracing_subscriber::Layer<S> + Send + Sync>
where
    S: tracing::Subscriber + for<'s> tracing_subscriber::registry::LookupSpan<'s>,
{
    fmt::layer().with_target(false).with_ansi(is_terminal).with_writer(io::stderr).boxed()
}

fn targets(level: LogLevel) -> Targets {
    let level = LevelFilter::from(level);
    // `sealpass`, `sealpass_tower`, `sealpass_jose`.
    Targets::new().with_default(level.min(LevelFilter::WARN)).with_target("sealpass", level)
}

impl From<LogLevel> for LevelFilter {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Error => Self::ERROR,
            LogLevel::Warn => Self::WARN,
            LogLevel::Info => Self::INFO,
            LogLevel::Debug => Self::DEBUG,
            LogLevel::Trace => Self::TRACE,
        }
    }
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn libraries_that_print_requests_stay_silent_at_every_level() {
        for level in [LogLevel::Error, LogLevel::Info, LogLevel::Debug, LogLevel::Trace] {
            let targets = targets(level);
            for library in ["hyper::proto::h1::io", "h2::codec::framed_read", "rustls", "axum"] {
                for quiet in [Level::INFO, Level::DEBUG, Level::TRACE] {
                    assert!(
                        !targets.would_enable(library, &quiet),
                        "{library} {quiet} at {level:?}"
                    );
                }
            }
        }
        assert!(targets(LogLevel::Trace).would_enable("hyper", &Level::WARN));
        assert!(!targets(LogLevel::Error).would_enable("hyper", &Level::WARN));
    }

    #[test]
    fn our_own_crates_follow_the_level() {
        for ours in ["sealpass::serve", "sealpass_tower::routes", "sealpass_jose"] {
            assert!(targets(LogLevel::Debug).would_enable(ours, &Level::DEBUG));
            assert!(!targets(LogLevel::Debug).would_enable(ours, &Level::TRACE));
            assert!(!targets(LogLevel::Info).would_enable(ours, &Level::DEBUG));
        }
    }
}

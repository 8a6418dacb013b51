//! What a probe found out.

use serde::Serialize;

/// How a check ended, mildest first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Severity {
    /// Not checked, and what it takes to check it.
    Skipped,
    /// As it should be.
    Ok,
    /// Weaker than it could be, or not certain.
    Warn,
    /// A hole, or something that does not work.
    Fail,
}

/// The outcome of one check.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(super) struct Finding {
    pub(super) severity: Severity,
    /// Names the check and not its outcome, so that scripts find it in every report.
    pub(super) code: &'static str,
    /// What the deployment did, or why nothing was asked.
    pub(super) seen: String,
    /// What to change. None when all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) change: Option<String>,
}

impl Finding {
    pub(super) fn ok(code: &'static str, seen: impl Into<String>) -> Self {
        Self { severity: Severity::Ok, code, seen: seen.into(), change: None }
    }

    pub(super) fn skipped(
        code: &'static str,
        seen: impl Into<String>,
        change: impl Into<String>,
    ) -> Self {
        Self::to_change(Severity::Skipped, code, seen, change)
    }

    pub(super) fn warn(
        code: &'static str,
        seen: impl Into<String>,
        change: impl Into<String>,
    ) -> Self {
        Self::to_change(Severity::Warn, code, seen, change)
    }

    pub(super) fn fail(
        code: &'static str,
        seen: impl Into<String>,
        change: impl Into<String>,
    ) -> Self {
        Self::to_change(Severity::Fail, code, seen, change)
    }

    fn to_change(
        severity: Severity,
        code: &'static str,
        seen: impl Into<String>,
        change: impl Into<String>,
    ) -> Self {
        Self { severity, code, seen: seen.into(), change: Some(change.into()) }
    }

    /// All is well when nothing is wrong, and else a failure that lists it.
    pub(super) fn of_wrongs(
        code: &'static str,
        wrongs: &[String],
        well: impl Into<String>,
        change: impl Into<String>,
    ) -> Self {
        if wrongs.is_empty() {
            Self::ok(code, well)
        } else {
            Self::fail(code, wrongs.join("; "), change)
        }
    }
}

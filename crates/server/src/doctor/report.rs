//! All findings, for a person or for a script.

use std::fmt::Write as _;
use std::process::ExitCode;

use serde::Serialize;
use serde_json::json;

use super::finding::{Finding, Severity};
use super::site::NoAnswer;
use crate::cli::OutputFormat;

/// What the probes of one deployment found, a section for each family of them.
#[derive(Debug)]
pub(super) struct Report {
    url: String,
    sections: Vec<Section>,
}

#[derive(Debug, Serialize)]
struct Section {
    family: &'static str,
    findings: Vec<Finding>,
}

impl Report {
    pub(super) const fn new(url: String) -> Self {
        Self { url, sections: Vec::new() }
    }

    /// Adds what a probe of `family` found. A deployment that answers and then does not is a finding
    /// too.
    pub(super) fn add(&mut self, family: &'static str, found: Result<Vec<Finding>, NoAnswer>) {
        let findings = found.unwrap_or_else(|error| vec![error.into()]);
        match self.sections.iter_mut().find(|section| section.family == family) {
            Some(section) => section.findings.extend(findings),
            None => self.sections.push(Section { family, findings }),
        }
    }

    /// 1 when anything failed.
    pub(super) fn exit_code(&self) -> ExitCode {
        if self.count(Severity::Fail) == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    pub(super) fn render(&self, format: OutputFormat) -> String {
        match format {
            OutputFormat::Text => self.text(),
            OutputFormat::Json => self.json(),
        }
    }

    /// What is worst comes last, next to the counts: there a terminal leaves the eye.
    fn text(&self) -> String {
        let mut text = format!("{}\n", self.url);
        let mut sections: Vec<_> = self.sections.iter().collect();
        sections.sort_by_key(|section| section.findings.iter().map(|found| found.severity).max());
        for Section { family, findings } in sections {
            let mut findings: Vec<_> = findings.iter().collect();
            findings.sort_by_key(|found| found.severity);
            // Writing to a string does not fail.
            let _ = write!(text, "\n{family}\n");
            for Finding { severity, code, seen, change } in findings {
                let _ = writeln!(text, "  {:<8}{code:<26}{seen}", mark(*severity));
                if let Some(change) = change {
                    let _ = writeln!(text, "  {:<8}{:<26}-> {change}", "", "");
                }
            }
        }
        let [skipped, ok, warn, fail] = self.counts();
        let _ = writeln!(text, "\n{ok} ok, {warn} to look at, {fail} failed, {skipped} skipped");
        text
    }

    fn json(&self) -> String {
        let [skipped, ok, warn, fail] = self.counts();
        let counts = json!({ "ok": ok, "warn": warn, "fail": fail, "skipped": skipped });
        format!("{}\n", json!({ "url": self.url, "sections": self.sections, "counts": counts }))
    }

    fn counts(&self) -> [usize; 4] {
        [Severity::Skipped, Severity::Ok, Severity::Warn, Severity::Fail]
            .map(|severity| self.count(severity))
    }

    fn count(&self, severity: Severity) -> usize {
        let findings = self.sections.iter().flat_map(|section| &section.findings);
        findings.filter(|found| found.severity == severity).count()
    }
}

const fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Skipped => "skipped",
        Severity::Ok => "ok",
        Severity::Warn => "warn",
        Severity::Fail => "FAIL",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn report() -> Report {
        let mut report = Report::new("https://app.example".into());
        report
            .add("tls", Ok(vec![Finding::fail("hsts", "none", "send it"), Finding::ok("a", "b")]));
        report.add("clock", Ok(vec![Finding::ok("clock_skew", "0 s")]));
        report.add("cors", Ok(vec![Finding::skipped("cors_api", "no path", "--path PATH")]));
        report
    }

    #[test]
    fn the_worst_comes_last_and_then_the_counts() {
        let text = report().text();
        let order = ["https://app.example", "skipped", "clock_skew", "ok      a", "FAIL", "2 ok, "];
        let places: Vec<_> = order.iter().map(|part| text.find(part).expect(part)).collect();
        assert!(places.is_sorted(), "{text}");
        assert!(text.contains("-> send it\n"), "{text}");
        assert!(text.ends_with("\n2 ok, 0 to look at, 1 failed, 1 skipped\n"), "{text}");
    }

    #[test]
    fn for_scripts_it_is_one_line_in_the_order_of_the_probes() {
        let line = report().json();
        assert_eq!(line.matches('\n').count(), 1);
        let json: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(json["counts"], json!({ "ok": 2, "warn": 0, "fail": 1, "skipped": 1 }));
        assert_eq!(
            json["sections"][0]["findings"][0],
            json!({ "severity": "fail", "code": "hsts", "seen": "none", "change": "send it" })
        );
        assert_eq!(json["sections"][1]["findings"][0]["change"], Value::Null);
    }

    #[test]
    fn a_family_is_one_section_whoever_adds_to_it() {
        let mut report = report();
        report.add("tls", Ok(vec![Finding::ok("more", "")]));
        assert_eq!(report.sections.len(), 3);
        assert_eq!(report.sections[0].findings.len(), 3);
    }
}

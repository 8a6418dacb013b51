//! What `sealpass doctor` reports.

use std::path::Path;

use serde_json::Value;

use super::Sealpass;

/// A report, read by a script.
#[derive(Debug)]
pub(crate) struct Report {
    status: i32,
    pub(crate) findings: Vec<Value>,
}

impl Report {
    /// Runs the doctor with `arguments`, variables of its own and a password on standard input.
    pub(crate) fn of(arguments: &[&str], variables: &[(&str, &Path)], password: &str) -> Self {
        let arguments = [&["doctor", "--format", "json"], arguments].concat();
        let output = Sealpass::run(&arguments, variables, password);
        let error = String::from_utf8_lossy(&output.stderr);
        let report: Value = serde_json::from_slice(&output.stdout).expect(&error);
        let sections = report["sections"].as_array().expect("sections").iter();
        let findings = sections.flat_map(|section| section["findings"].as_array().expect("a list"));
        Self {
            status: output.status.code().expect("a status"),
            findings: findings.cloned().collect(),
        }
    }

    /// The codes of one severity.
    pub(crate) fn codes(&self, severity: &str) -> Vec<&str> {
        let found = self.findings.iter().filter(|found| found["severity"] == severity);
        found.map(|found| found["code"].as_str().expect("a code")).collect()
    }

    /// Sees that exactly these checks failed, each with what to change, and that the exit status says
    /// so.
    #[track_caller]
    pub(crate) fn expect_failed(&self, expected: &[&str]) {
        assert_eq!(self.codes("fail"), expected, "{:#?}", self.findings);
        assert_eq!(self.status, i32::from(!expected.is_empty()));
        for found in self.findings.iter().filter(|found| found["severity"] == "fail") {
            assert!(!found["seen"].as_str().unwrap().is_empty(), "{found}");
            assert!(!found["change"].as_str().unwrap().is_empty(), "{found}");
        }
    }
}

//! What came of the cases of one file.

use std::collections::BTreeMap;

use crate::exceptions::Exceptions;

/// Counts cases, and fails at the end when one was judged wrongly.
pub(crate) struct Tally {
    file: String,
    exceptions: Exceptions,
    right: usize,
    free: usize,
    excepted: Vec<String>,
    unsupported: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

/// What a case must come to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Label {
    Invalid,
    /// Either.
    Acceptable,
    Valid,
}

impl Label {
    pub(crate) fn of(result: &str) -> Self {
        match result {
            "acceptable" => Self::Acceptable,
            "invalid" => Self::Invalid,
            "valid" => Self::Valid,
            _ => panic!("{result} is not a label"),
        }
    }
}

impl Tally {
    pub(crate) fn of(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            exceptions: Exceptions::of(file),
            right: 0,
            free: 0,
            excepted: Vec::new(),
            unsupported: BTreeMap::new(),
            wrong: Vec::new(),
        }
    }

    /// A case of the algorithm or the feature `what`, which is refused by design.
    pub(crate) fn unsupported(&mut self, case: &str, what: &str, refusal: Result<(), &str>) {
        match refusal {
            Err(code) => {
                *self.unsupported.entry(format!("{what} ({code})")).or_default() += 1;
            }
            Ok(()) => self.wrong.push(format!("{case}: {what} is unsupported, and was accepted")),
        }
    }

    /// A case of an algorithm that we have.
    pub(crate) fn judge(&mut self, case: &str, label: Label, verdict: Result<(), &str>) {
        match (self.exceptions.verdict(case), label, verdict) {
            (None, Label::Acceptable, _) => self.free += 1,
            (None, Label::Invalid, Err(_)) | (None, Label::Valid, Ok(())) => self.right += 1,
            (None, Label::Invalid, Ok(())) => {
                self.wrong.push(format!("{case}: accepted, and must be refused"));
            }
            (None, Label::Valid, Err(code)) => {
                self.wrong.push(format!("{case}: refused as {code}, and must be accepted"));
            }
            (Some(accepts), label, _)
                if label == Label::Acceptable || accepts == (label == Label::Valid) =>
            {
                self.wrong.push(format!("{case}: the exception is not needed"));
            }
            (Some(accepts), ..) if accepts == verdict.is_ok() => {
                self.excepted.push(case.to_owned());
            }
            (Some(_), ..) => self.wrong.push(format!("{case}: the exception says otherwise")),
        }
    }

    /// Says what was counted, and fails for every wrong case and for every exception unused.
    pub(crate) fn finish(mut self) {
        let excepted = |case: &str| self.excepted.iter().any(|found| found == case);
        let unused = self.exceptions.cases().filter(|case| !excepted(case));
        let unused = unused.map(|case| format!("{case}: its exception was not made"));
        self.wrong.extend(unused.collect::<Vec<_>>());
        println!("\nvectors: {self}");
        assert!(self.right + self.unsupported.len() > 0, "{}: no case was judged", self.file);
        assert!(self.wrong.is_empty(), "{}:\n{}", self.file, self.wrong.join("\n"));
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} right, {} wrong", self.file, self.right, self.wrong.len())?;
        if self.free > 0 {
            write!(f, ", {} either way", self.free)?;
        }
        if !self.excepted.is_empty() {
            write!(f, ", {} disputed ({})", self.excepted.len(), self.excepted.join(", "))?;
        }
        for (what, count) in &self.unsupported {
            write!(f, ", {count} unsupported {what}")?;
        }
        Ok(())
    }
}

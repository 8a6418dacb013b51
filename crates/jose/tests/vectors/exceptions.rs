//! The cases whose label is not what we do, each with its reason.

use std::path::Path;

use serde_json::Value;

use crate::folder::read_json;

/// Every exception of one file of vectors.
pub(crate) struct Exceptions {
    cases: Vec<(String, bool)>,
}

impl Exceptions {
    pub(crate) fn of(file: &str) -> Self {
        let all =
            read_json(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/exceptions.json"));
        let ours = all.as_array().unwrap().iter().filter(|exception| exception["file"] == file);
        Self { cases: ours.map(read).collect() }
    }

    /// Whether we accept that case, whatever its label says.
    pub(crate) fn verdict(&self, case: &str) -> Option<bool> {
        self.cases.iter().find(|(found, _)| found == case).map(|(_, accepts)| *accepts)
    }

    pub(crate) fn cases(&self) -> impl Iterator<Item = &str> {
        self.cases.iter().map(|(case, _)| case.as_str())
    }
}

fn read(exception: &Value) -> (String, bool) {
    let reason = exception["reason"].as_str().expect("a reason");
    assert!(reason.len() > 20, "{exception}: a reason says why");
    let accepts = match exception["we"].as_str() {
        Some("accept") => true,
        Some("refuse") => false,
        _ => panic!("{exception}: `we` must be accept or refuse"),
    };
    (exception["case"].as_str().expect("a case").to_owned(), accepts)
}

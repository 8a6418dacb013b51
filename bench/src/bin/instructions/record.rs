//! The file of what was counted before.

use std::cmp::Ordering;
use std::fmt;
use std::process::Command;

use anyhow::{Context as _, Result};

/// A line `with <toolchain>`, and a line `<operation> <instructions>` each; `#` begins a comment.
pub(crate) struct Record {
    toolchain: String,
    counts: Vec<(String, i64)>,
}

impl Record {
    pub(crate) fn of(counts: Vec<(&'static str, i64)>) -> Self {
        let counts = counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect();
        Self { toolchain: String::new(), counts }
    }

    pub(crate) fn read(file: &str) -> Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| file.to_owned())?;
        let mut record = Self { toolchain: String::new(), counts: Vec::new() };
        for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            match line.split_once(' ').with_context(|| format!("{file}: {line}"))? {
                ("with", toolchain) => toolchain.clone_into(&mut record.toolchain),
                (name, count) => {
                    let count = count.trim().parse().with_context(|| format!("{file}: {line}"))?;
                    record.counts.push((name.to_owned(), count));
                }
            }
        }
        Ok(record)
    }

    pub(crate) fn write(&self, file: &str) -> Result<()> {
        let lines = self.counts.iter().map(|(name, count)| format!("{name:<28}{count:>8}\n"));
        let text = format!("{HEAD}with {}\n\n{}", toolchain()?, lines.collect::<String>());
        print!("{text}");
        std::fs::write(file, text).with_context(|| file.to_owned())
    }

    pub(crate) fn of_operation(&self, name: &str) -> Option<i64> {
        self.counts.iter().find(|(known, _)| known == name).map(|(_, count)| *count)
    }

    pub(crate) fn toolchain(&self) -> &str {
        &self.toolchain
    }
}

/// What else the counts depend on.
pub(crate) fn toolchain() -> Result<String> {
    let version = |program: &str| -> Result<String> {
        let output = Command::new(program).arg("--version").output().context(program.to_owned())?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    Ok(format!("{}, {}", version("rustc")?, version("valgrind")?))
}

/// By how much a count may change: whichever is more.
pub(crate) struct Tolerance {
    per_cent: i64,
    instructions: i64,
}

pub(crate) const TOLERANCE: Tolerance = Tolerance { per_cent: 3, instructions: 40 };

impl Tolerance {
    /// Whether `counted` is more or less than may be.
    pub(crate) fn compare(&self, recorded: i64, counted: i64) -> Ordering {
        let slack = (recorded * self.per_cent / 100).max(self.instructions);
        if (counted - recorded).abs() <= slack { Ordering::Equal } else { counted.cmp(&recorded) }
    }
}

impl fmt::Display for Tolerance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} % or {} instructions", self.per_cent, self.instructions)
    }
}

const HEAD: &str = "\
# How many instructions one run of an operation takes beyond the raw primitive's, on x86-64 with AVX2, as
# callgrind counts them: bench/src/bin/instructions. `./ci/test instructions` fails when one changes by
# more than 3 % or 40 instructions, whichever is more. Fewer than that are written down too, so that it
# stays so: ci/groups/instructions says how. Below zero we take fewer than base64 does for short parts.

";

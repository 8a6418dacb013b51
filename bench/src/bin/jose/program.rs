//! A peer: a program of `peers/` that is told, line by line, what to do.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use sealpass_bench_protocol::Task;

/// A program that waits for its next line.
pub(crate) struct Program {
    name: String,
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Program {
    /// Starts what `NAME=COMMAND` says.
    pub(crate) fn start(argument: &str) -> Result<Self> {
        let (name, command) = argument.split_once('=').context("NAME=COMMAND is wanted")?;
        let mut words = command.split_whitespace();
        let mut child = Command::new(words.next().context("a command is wanted")?)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| command.to_owned())?;
        let input = child.stdin.take().context("its standard input")?;
        let output = BufReader::new(child.stdout.take().context("its standard output")?);
        Ok(Self { name: name.to_owned(), child, input, output })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether it can do the task.
    pub(crate) fn begin(&mut self, task: &Task) -> Result<bool> {
        let task = serde_json::to_string(task)?;
        match self.ask(&format!("begin {task}"))?.as_str() {
            "ok" => Ok(true),
            "cannot" => Ok(false),
            answer => bail!("{}: {answer}", self.name),
        }
    }

    /// A token that it made.
    pub(crate) fn make(&mut self) -> Result<String> {
        self.ask("make")
    }

    /// Has it verify a token, which is the one that it reads from now on.
    pub(crate) fn read(&mut self, token: &str) -> Result<()> {
        let answer = self.ask(&format!("read {token}"))?;
        ensure!(answer == "ok", "{} should verify {token}: {answer}", self.name);
        Ok(())
    }

    /// Has it refuse a token.
    pub(crate) fn refuse(&mut self, token: &str, why: &str) -> Result<()> {
        let answer = self.ask(&format!("read {token}"))?;
        ensure!(answer.starts_with("refused "), "{} should refuse {why}: {answer}", self.name);
        Ok(())
    }

    /// What `runs` runs of `make` or `read` take.
    pub(crate) fn time(&mut self, operation: &str, runs: u32) -> Result<Duration> {
        let nanoseconds = self.ask(&format!("time {operation} {runs}"))?;
        Ok(Duration::from_nanos(nanoseconds.parse().context(nanoseconds)?))
    }

    fn ask(&mut self, line: &str) -> Result<String> {
        writeln!(self.input, "{line}")?;
        self.input.flush()?;
        let mut answer = String::new();
        self.output.read_line(&mut answer)?;
        ensure!(answer.ends_with('\n'), "{} ended at {line:.60}", self.name);
        answer.pop();
        Ok(answer)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

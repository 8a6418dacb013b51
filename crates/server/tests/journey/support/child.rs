//! A child process that ends with its test, and what it says on standard error.

use std::io::{BufRead as _, BufReader};
use std::process::{self, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex};

/// A running process. It is killed when this is dropped.
#[derive(Debug)]
pub(crate) struct Child {
    process: process::Child,
    log: Arc<Log>,
}

#[derive(Debug, Default)]
struct Log {
    state: Mutex<(Vec<String>, bool)>,
    changed: Condvar,
}

impl Child {
    /// Starts `command`. Its standard input stays open until the test ends, its standard error is
    /// read line by line.
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {command:?}: {error}"));
        let stderr = process.stderr.take().expect("piped");
        let log = Arc::new(Log::default());
        let reader = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).split(b'\n') {
                let Ok(line) = line else { break };
                reader.state.lock().unwrap().0.push(String::from_utf8_lossy(&line).into_owned());
                reader.changed.notify_all();
            }
            reader.state.lock().unwrap().1 = true;
            reader.changed.notify_all();
        });
        Self { process, log }
    }

    /// Waits for the first line, of those so far and those to come, in which `find` finds something.
    pub(crate) fn wait_for<T>(&self, find: impl Fn(&str) -> Option<T>) -> T {
        let mut seen = 0;
        let mut state = self.log.state.lock().unwrap();
        loop {
            let (lines, ended) = &*state;
            if let Some(found) = lines[seen..].iter().find_map(|line| find(line)) {
                return found;
            }
            seen = lines.len();
            if *ended {
                drop(state);
                panic!("the process ended without saying what was waited for");
            }
            state = self.log.changed.wait(state).unwrap();
        }
    }

    /// Everything said so far.
    pub(crate) fn said(&self) -> String {
        self.log.state.lock().unwrap().0.join("\n")
    }

    /// Sends a signal: `TERM`, as a service manager does to end it, or any other.
    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().expect("sh").success(), "{kill}");
    }

    pub(crate) fn id(&self) -> u32 {
        self.process.id()
    }

    /// Waits for the end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.process.wait().expect("a child can be waited for")
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if std::thread::panicking() {
            eprintln!("-- a process of this test had said:\n{}", self.said());
        }
    }
}

//! `docs/tokens.md` and `docs/keys.md`: every example does what it says.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::Folder;

/// Stands in the page for what is different every time.
const ANYTHING: char = '…';

#[test]
fn every_example_prints_what_the_page_says() {
    assert!(examples_of("tokens.md") > 10);
    assert!(examples_of("keys.md") > 7);
}

/// Runs the examples of a page; how many there are.
fn examples_of(page: &str) -> usize {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(page);
    let page = fs::read_to_string(page).unwrap();
    let folder = Folder::new();
    let mut examples = 0;
    for block in page.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap();
        for example in block.split("$ ").filter(|example| !example.is_empty()) {
            let (command, expected) = example.split_once('\n').unwrap();
            let printed = print_of(&folder, command);
            assert!(is_like(&printed, expected), "{command}\nprints\n{printed}not\n{expected}");
            examples += 1;
        }
    }
    assert_eq!(examples, page.matches("\n$ ").count());
    examples
}

/// Both streams of a command in the folder.
fn print_of(folder: &Folder, command: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_sealpass")).parent().unwrap();
    let path = format!("{}:{}", program.display(), env::var("PATH").unwrap());
    let output = Command::new("/bin/sh")
        .args(["-c", &format!("({command}) 2>&1")])
        .env_clear()
        .current_dir(folder.path(""))
        .env("PATH", path)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn is_like(printed: &str, expected: &str) -> bool {
    let mut lines = expected.lines();
    let same =
        printed.lines().all(|line| lines.next().is_some_and(|expected| matches(line, expected)));
    same && lines.next().is_none()
}

fn matches(line: &str, pattern: &str) -> bool {
    let Some((start, rest)) = pattern.split_once(ANYTHING) else { return line == pattern };
    let Some(mut line) = line.strip_prefix(start) else { return false };
    let mut parts: Vec<&str> = rest.split(ANYTHING).collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        match line.split_once(part) {
            Some((_, after)) => line = after,
            None => return false,
        }
    }
    line.ends_with(end)
}

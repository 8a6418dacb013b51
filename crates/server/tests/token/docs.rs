//! `docs/tokens.md`: every example does what it says.

use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::Folder;

/// Stands in the page for what is different every time.
const ANYTHING: char = '…';

#[test]
fn every_example_prints_what_the_page_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/tokens.md");
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
    assert!(examples > 10);
}

/// Both streams of a command in the folder.
fn print_of(folder: &Folder, command: &str) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_sealpass")).parent().unwrap();
    let path = format!("{}:{}", program.display(), env::var("PATH").unwrap());
    let output = Command::new("/bin/sh")
        .args(["-c", &format!("({command}) 2>&1")])
        .current_dir(folder.path(""))
        .env("PATH", path)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn is_like(printed: &str, expected: &str) -> bool {
    let mut lines = expected.lines();
    let same = printed.lines().all(|line| {
        lines.next().is_some_and(|expected| match expected.split_once(ANYTHING) {
            Some((start, end)) => line.starts_with(start) && line.ends_with(end),
            None => line == expected,
        })
    });
    same && lines.next().is_none()
}

//! A token a line.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, Command, Stdio};
use std::thread;

use crate::support::{Folder, NOW};

const LINES: [&str; 6] = ["token", "verify", "--keys", "key.jwk", "--lines", "--now"];

/// With [`NOW`].
fn arguments<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&LINES[..], &[NOW], more].concat()
}

fn folder() -> Folder {
    let folder = Folder::new();
    folder.generate("HS256", "key.jwk");
    folder
}

fn claims(subject: usize) -> String {
    format!("{{\"sub\":\"{subject}\",\"iat\":1700000000,\"exp\":1700000600}}")
}

#[test]
fn good_and_bad_tokens_mixed_each_have_one_line() {
    let folder = folder();
    let good: Vec<String> = (0..3).map(|n| folder.seal("key.jwk", &claims(n))).collect();
    let expired = folder.seal("key.jwk", r#"{"iat":1,"exp":2}"#);
    let forged = good[0].replace(&good[0][good[0].len() - 8..], "AAAAAAAA");
    let input = [&good[0], "", &expired, &good[1], "no token", &forged, &good[2]].join("\n");
    let ended = folder.run(&arguments(&[]), input + "\r\n");
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.stdout, format!("{}\n{}\n{}\n", claims(0), claims(1), claims(2)));
    let codes = ["token_part_count", "token_expired", "token_part_count", "token_not_authentic"];
    assert_eq!(ended.stderr, codes.join("\n") + "\n");
}

#[test]
fn good_tokens_alone_exit_with_0_with_or_without_a_last_line_end() {
    let folder = folder();
    let token = folder.seal("key.jwk", &claims(7));
    for input in [format!("{token}\n{token}"), format!("{token}\n{token}\n")] {
        let ended = folder.run(&arguments(&[]), input);
        assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
        assert_eq!(ended.stdout, format!("{}\n", claims(7)).repeat(2));
    }
    let none = folder.run(&arguments(&[]), "");
    assert_eq!((none.code, none.stdout.as_str(), none.stderr.as_str()), (Some(0), "", ""));
}

/// Claims and codes are told one by one, in their order, to whoever waits for each.
#[test]
fn a_line_is_answered_before_the_next_is_sent() {
    let folder = folder();
    let token = folder.seal("key.jwk", &claims(7));
    let mut child = start(&folder);
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    for _ in 0..3 {
        let mut answer = String::new();
        writeln!(stdin, "{token}").unwrap();
        stdout.read_line(&mut answer).unwrap();
        assert_eq!(answer.trim_end(), claims(7));
        answer.clear();
        writeln!(stdin, "{token}A").unwrap();
        stderr.read_line(&mut answer).unwrap();
        assert_eq!(answer.trim_end(), "token_encoding");
    }
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn a_hundred_thousand_lines_take_no_more_memory_than_a_hundred() {
    let folder = folder();
    let token = folder.seal("key.jwk", &claims(7)) + "\n";
    let mut child = start(&folder);
    let mut stdin = child.stdin.take().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut peak_after = |count: usize| {
        thread::scope(|scope| {
            scope.spawn(|| (0..count).for_each(|_| stdin.write_all(token.as_bytes()).unwrap()));
            let mut line = String::new();
            for _ in 0..count {
                line.clear();
                stdout.read_line(&mut line).unwrap();
                assert_eq!(line.trim_end(), claims(7));
            }
        });
        peak_kib(child.id())
    };
    let few = peak_after(100);
    let many = peak_after(100_000);
    // The tokens alone are 16 MiB.
    assert!(many < few + 1024, "{few} KiB after 100 lines, {many} KiB after 100 000 more");
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

fn start(folder: &Folder) -> Child {
    Command::new(env!("CARGO_BIN_EXE_sealpass"))
        .args(arguments(&[]))
        .current_dir(folder.path(""))
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The most memory that a process has had.
fn peak_kib(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    peak.trim().strip_suffix(" kB").unwrap().parse().unwrap()
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let folder = folder();
    let token = folder.seal("key.jwk", &claims(7)) + "\n";
    folder.write("tokens", &token.repeat(10_000));
    let script = "\"$@\" <tokens 2>errors | head -n 1";
    let output = Command::new("/bin/sh")
        .args(["-c", script, "sh", env!("CARGO_BIN_EXE_sealpass")])
        .args(arguments(&[]))
        .current_dir(folder.path(""))
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), claims(7) + "\n");
    assert_eq!(folder.read("errors"), "");
}

//! Much more than fits into memory, both ways.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use crate::support::{Gate, rest, statuses};

const GIBIBYTE: usize = 1 << 30;

/// What it may cost at most, in KiB: far more than the buffers on the way, far less than the stream.
const ROOM: u64 = 32 * 1024;

/// The most memory that a process ever had, in KiB.
fn peak(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
}

#[test]
fn a_gibibyte_takes_no_memory_in_either_direction() {
    let gate = Gate::start();
    let before = peak(gate.process());

    let mut stream = gate.connect();
    let target = format!("/download/{GIBIBYTE}");
    stream.write_all(gate.request("GET", &target, "Connection: close\r\n").as_bytes()).unwrap();
    assert_eq!(received_after_the_head(stream), GIBIBYTE);

    let mut stream = gate.connect();
    let length = format!("Content-Length: {GIBIBYTE}\r\nConnection: close\r\n");
    stream.write_all(gate.request("POST", "/upload", &length).as_bytes()).unwrap();
    let block = vec![b'x'; 1 << 20];
    for _ in 0..GIBIBYTE / block.len() {
        stream.write_all(&block).unwrap();
    }
    assert_eq!(statuses(&rest(stream)), [200]);

    let after = peak(gate.process());
    assert!(after < before + ROOM, "{before} KiB became {after} KiB");
}

fn received_after_the_head(mut stream: TcpStream) -> usize {
    let mut buffer = vec![0; 1 << 20];
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    assert!(head.starts_with(b"HTTP/1.1 200 OK\r\n"), "{}", head.escape_ascii());
    let mut length = 0;
    loop {
        match stream.read(&mut buffer).unwrap() {
            0 => return length,
            read => length += read,
        }
    }
}

//! Random initialization vectors are drawn in batches, and a process may fork between two of them.
//!
//! Its own program, with one thread: what a fork leaves of others is undefined.

#![expect(clippy::unwrap_used, reason = "a test stops where it is surprised")]

use std::collections::HashSet;
use std::io::{Read as _, Write as _};

use fork::{Fork, fork, waitpid};
use sealpass_jose::{Key, KeyRing};

fn main() {
    let keys = KeyRing::new(Key::generate_a256gcm().unwrap());
    let vector = || {
        let token = keys.seal_bytes("t", b"").unwrap();
        token.split('.').nth(2).unwrap().to_owned()
    };
    let mut seen: HashSet<String> = (0..3).map(|_| vector()).collect();

    let (mut from_child, mut to_parent) = std::io::pipe().unwrap();
    match fork().unwrap() {
        Fork::Child => {
            for _ in 0..DRAWN {
                writeln!(to_parent, "{}", vector()).unwrap();
            }
            std::process::exit(0);
        }
        Fork::Parent(child) => {
            drop(to_parent);
            let mut childs = String::new();
            from_child.read_to_string(&mut childs).unwrap();
            waitpid(child).unwrap();
            assert_eq!(childs.lines().count(), DRAWN, "the child has sealed its tokens");
            seen.extend(childs.lines().map(str::to_owned));
        }
    }
    seen.extend((0..DRAWN).map(|_| vector()));
    assert_eq!(seen.len(), 3 + 2 * DRAWN, "parent and child have used a vector twice");
}

const DRAWN: usize = 20;

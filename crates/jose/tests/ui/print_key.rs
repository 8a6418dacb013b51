//! A key has no text.

use sealpass_jose::Key;

fn main() {
    println!("{}", Key::generate_a256gcm().unwrap());
}

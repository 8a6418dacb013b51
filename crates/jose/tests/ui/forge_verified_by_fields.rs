//! Only verification makes a `Verified`, and its fields are its own.

use sealpass_jose::{Key, Verified};

fn forge(key: &Key) -> Verified<'_, &'static str> {
    Verified { value: "admin", key }
}

fn main() {}

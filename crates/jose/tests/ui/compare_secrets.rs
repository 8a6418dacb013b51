//! `==` on secrets would leak how much of them is equal.

use sealpass_jose::Secret;

fn main() {
    let _ = Secret::new(7_u8) == Secret::new(7_u8);
}

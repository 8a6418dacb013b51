//! A secret has no text.

use sealpass_jose::Secret;

fn main() {
    println!("{}", Secret::new(7_u8));
}

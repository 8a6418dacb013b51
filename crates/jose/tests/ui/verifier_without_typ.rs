//! A policy names its kind of token.

use sealpass_jose::Verifier;

fn main() {
    let _ = Verifier::builder().issuer("https://auth.example").audience("https://api.example").build();
}

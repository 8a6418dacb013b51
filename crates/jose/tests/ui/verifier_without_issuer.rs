//! A policy names its issuer.

use sealpass_jose::Verifier;

fn main() {
    let _ = Verifier::builder().audience("https://api.example").typ("JWT").build();
}

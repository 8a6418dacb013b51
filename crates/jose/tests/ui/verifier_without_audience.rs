//! A policy names its audience.

use sealpass_jose::Verifier;

fn main() {
    let _ = Verifier::builder().issuer("https://auth.example").typ("JWT").build();
}

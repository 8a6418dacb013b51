//! There is no policy that nobody decided on.

use sealpass_jose::Verifier;

fn main() {
    let _ = Verifier::default();
}

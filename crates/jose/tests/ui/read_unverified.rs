//! An unverified token says nothing.

use sealpass_jose::UnverifiedToken;

fn main() {
    let token = UnverifiedToken::parse("eyJhbGciOiJub25lIn0.e30.c2ln").unwrap();
    let claims = token.claims();
    let header = token.header();
}

//! What a policy asks, and what it refuses to be told.

use sealpass_jose::{MAX_TOKEN_BYTES, Verifier, VerifierError};

use crate::support::{AUDIENCE, ISSUER, TYP, claims, judge_by, rings};

#[test]
fn an_answer_that_no_token_could_meet_is_refused() {
    let build = |issuer, audience, typ| {
        Verifier::builder().issuer(issuer).audience(audience).typ(typ).build().err()
    };
    assert_eq!(build(ISSUER, AUDIENCE, TYP), None);
    assert_eq!(build("", AUDIENCE, TYP), Some(VerifierError::Issuer));
    assert_eq!(build(ISSUER, "", TYP), Some(VerifierError::Audience));
    for typ in ["", "application/", "a b", "session+jwt;v=1", "text/html", "é"] {
        assert_eq!(build(ISSUER, AUDIENCE, typ), Some(VerifierError::Typ), "{typ}");
    }
}

#[test]
fn a_limit_out_of_bounds_is_refused() {
    let build = |max_bytes| {
        Verifier::builder()
            .issuer(ISSUER)
            .audience(AUDIENCE)
            .typ(TYP)
            .max_token_bytes(max_bytes)
            .build()
            .err()
    };
    assert_eq!(build(1), None);
    assert_eq!(build(MAX_TOKEN_BYTES), None);
    assert_eq!(build(0), Some(VerifierError::MaxTokenBytes));
    assert_eq!(build(MAX_TOKEN_BYTES + 1), Some(VerifierError::MaxTokenBytes));
}

#[test]
fn the_prefix_of_typ_may_be_left_out_on_either_side() {
    for ours in ["session+jwt", "application/session+jwt", "Application/SESSION+jwt"] {
        let verifier =
            Verifier::builder().issuer(ISSUER).audience(AUDIENCE).typ(ours).build().unwrap();
        for keys in rings() {
            for theirs in ["session+jwt", "application/session+jwt", "SESSION+JWT"] {
                let token = keys.seal(theirs, &claims()).unwrap();
                assert_eq!(judge_by(&verifier, &keys, &token).as_deref(), Ok("ada"), "{theirs}");
            }
        }
    }
}

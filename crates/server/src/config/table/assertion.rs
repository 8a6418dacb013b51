//! The settings of `X-Auth-Assertion`, for an API that verifies who is calling.

use sealpass_tower::sealpass::jose::JwsAlgorithm;

use super::settings;
use crate::config::assertion::AssertedClaim;
use crate::config::scalar::{Choice, FilePath, Seconds, Text};
use crate::config::setting::Fallback::{Text as Is, Unset};
use crate::config::setting::{Described, Setting};

settings! { ASSERTION:
    ASSERTION_ALGORITHM: Setting<Choice<Option<JwsAlgorithm>>> = {
        key: "assertion.algorithm",
        flag: None,
        accepts: Choice(&[
            ("off", None),
            ("EdDSA", Some(JwsAlgorithm::EdDsa)),
            ("ES256", Some(JwsAlgorithm::Es256)),
        ]),
        default: Is("off"),
        doc: "What `X-Auth-Assertion` is signed with, which tells an API who is calling in a way that it \
              can verify; `off`: there is none. Java verifies `ES256` without further libraries",
    };
    ASSERTION_AUDIENCE: Setting<Text> = {
        key: "assertion.audience",
        flag: None,
        accepts: Text { max: 256 },
        default: Unset("`upstream.url`"),
        doc: "`aud` of the assertions for the API behind `upstream.url`",
    };
    FORWARD_AUTH_AUDIENCE: Setting<Text> = {
        key: "forward_auth.audience",
        flag: None,
        accepts: Text { max: 256 },
        default: Unset("the origin"),
        doc: "`aud` of the assertions that front proxies are given",
    };
    ASSERTION_CLAIMS: Setting<AssertedClaim, true> = {
        key: "assertion.claims",
        flag: None,
        accepts: AssertedClaim,
        default: Unset("those of `upstream.claims`"),
        doc: "Claims that are in an assertion, under their own names, beside those of every assertion",
    };
    ASSERTION_KEYS: Setting<FilePath> = {
        key: "assertion.keys",
        flag: None,
        accepts: FilePath,
        default: Unset(
            "derived from `keys.secret` if that is where keys of sessions come from; otherwise made \
             at start, in memory only, for one instance",
        ),
        doc: "The folder of key files, made by `sealpass keys rotate --assertions`; another one than \
              `keys.directory`, and treated like it: `keys.lead` and `keys.poll` hold for it too",
    };
    ASSERTION_LIFETIME: Setting<Seconds> = {
        key: "assertion.lifetime",
        flag: None,
        accepts: Seconds { min: 1, max: 300 },
        default: Is("1m"),
        doc: "How long an API may believe an assertion, which is made anew for each request",
    };
    ASSERTION_PERIOD: Setting<Seconds> = {
        key: "assertion.period",
        flag: None,
        // The next key is published all that time, and every cache of the JWK Set has it by then.
        accepts: Seconds { min: 3600, max: 366 * 24 * 3600 },
        default: Unset("1d, or 30d with key files"),
        doc: "How long a key signs before another one does; the same on every instance",
    };
}

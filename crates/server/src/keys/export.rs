//! Keys on standard output: the public half, unless the private one is asked for by name.

use sealpass_tower::sealpass::Secret;
use sealpass_tower::sealpass::jose::{Jwk, JwkSet};

use super::args::ExportArgs;
use super::{Refusal, Usage, file};
use crate::cli::print;

pub(super) fn export(args: &ExportArgs) -> anyhow::Result<()> {
    let keys = file::load_or_stdin(&args.file)?;
    let keys = match &args.kid {
        None => keys,
        Some(kid) => {
            let key = keys.get(kid).cloned();
            JwkSet::new([key.ok_or_else(|| Usage(format!("there is no key `{kid}`")))?])?
        }
    };
    let text = if args.pem { to_pem(&keys, args.private)? } else { to_json(&keys, args.private)? };
    print(text.expose())
}

/// A JWK for one key, a JWK Set for several.
fn to_json(keys: &JwkSet, private: bool) -> Result<Secret<String>, Refusal> {
    let json = match (keys.keys(), private) {
        ([key], true) => key.to_private_json(),
        ([key], false) => Secret::new(key.to_public_json()?),
        (_, true) => keys.to_private_json(),
        (_, false) => Secret::new(keys.to_public_json()?),
    };
    Ok(Secret::new(json.expose().clone() + "\n"))
}

fn to_pem(keys: &JwkSet, private: bool) -> Result<Secret<String>, Refusal> {
    let one = |key: &Jwk| {
        if private { key.to_private_pem() } else { key.to_public_pem().map(Secret::new) }
    };
    let pems = keys.keys().iter().map(one).collect::<Result<Vec<_>, _>>()?;
    let mut text = String::with_capacity(pems.iter().map(|pem| pem.expose().len()).sum());
    for pem in &pems {
        text.push_str(pem.expose());
    }
    Ok(Secret::new(text))
}

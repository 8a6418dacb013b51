//! New key files: of a key that is made, or of one that was in PEM.

use sealpass_tower::sealpass::Secret;
use sealpass_tower::sealpass::jose::{Algorithm, Curve, Jwk, JwkError, JwkSet, RsaSize};

use super::args::{GenerateArgs, ImportArgs};
use super::{Refusal, Usage, algorithms, file};
use crate::cli::print;

pub(super) fn generate(args: &GenerateArgs) -> anyhow::Result<()> {
    let algorithm = algorithms::of_new_key(&args.alg, args.enc.as_deref())?;
    let key = make(args, algorithm)?;
    let key = match &args.kid {
        Some(kid) => key.with_kid(kid).map_err(Refusal::from)?,
        None => key,
    };
    file::create(&args.out, &key.to_private_json())?;
    let kid = key.kid().unwrap_or_default();
    print(&format!(
        "wrote the key {} for {algorithm} to {}\n",
        kid.escape_debug(),
        args.out.display()
    ))
}

fn make(args: &GenerateArgs, algorithm: Algorithm) -> anyhow::Result<Jwk> {
    let size = args.bits.as_deref().map(|bits| match bits {
        "2048" => RsaSize::Bits2048,
        "4096" => RsaSize::Bits4096,
        _ => RsaSize::Bits3072,
    });
    let curve = args.curve.as_deref().and_then(Curve::from_name);
    let made = match (size, curve) {
        (Some(size), _) => Jwk::generate_rsa(algorithm, size),
        (None, Some(curve)) => Jwk::generate_on(algorithm, curve),
        (None, None) => Jwk::generate(algorithm),
    };
    match made {
        Err(JwkError::AlgorithmMismatch) => {
            let why = format!("{} has no key of that --bits or --curve", algorithm.alg());
            Err(Usage(why).into())
        }
        made => Ok(made.map_err(Refusal::from)?),
    }
}

pub(super) fn import(args: &ImportArgs) -> anyhow::Result<()> {
    let algorithm = args.algorithm.only()?;
    let keys = file::load_or_stdin(&args.file)?;
    if args.kid.is_some() && keys.keys().len() != 1 {
        let why = format!("--kid names one key, and the file has {}", keys.keys().len());
        return Err(Usage(why).into());
    }
    let named = |key: &Jwk| name(key, args.kid.as_deref(), algorithm);
    let named = keys.keys().iter().map(named).collect::<Result<Vec<_>, Refusal>>()?;
    let json: Secret<String> = match named.as_slice() {
        [key] => key.to_private_json(),
        _ => JwkSet::new(named.iter().cloned()).map_err(Refusal::from)?.to_private_json(),
    };
    file::create(&args.out, &json)?;
    let lines = named.iter().map(|key| {
        let kid = key.kid().unwrap_or_default().escape_debug();
        format!("wrote the key {kid} to {}\n", args.out.display())
    });
    print(&lines.collect::<String>())
}

/// The key with its name: the one that is given, its own, or its thumbprint.
fn name(key: &Jwk, kid: Option<&str>, algorithm: Option<Algorithm>) -> Result<Jwk, Refusal> {
    let key = match (kid, key.kid()) {
        (Some(kid), _) => key.clone().with_kid(kid)?,
        (None, Some(_)) => key.clone(),
        // RFC 7638 §7: that of a shared key tells something about it.
        (None, None) if key.to_public().is_none() => {
            let reason = "a shared key needs a name: give it one with --kid".to_owned();
            return Err(Refusal { code: "kid_missing", reason });
        }
        (None, None) => key.clone().with_kid(&key.thumbprint())?,
    };
    match algorithm {
        Some(algorithm) => Ok(key.with_algorithm(algorithm)?),
        None => Ok(key),
    }
}

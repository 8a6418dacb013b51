//! `--alg` and `--enc`: the closed list of what is accepted.

use clap::Args;
use clap::builder::PossibleValuesParser;
use sealpass_tower::sealpass::jose::{
    Algorithm, ContentEncryption, Curve, JweAlgorithm, JwsAlgorithm,
};

use super::Usage;

/// The algorithms to accept.
#[derive(Clone, Debug, Args)]
pub(crate) struct AcceptedArgs {
    /// An algorithm to accept, and of keys that do not say theirs; may be repeated [default: every]
    #[arg(long = "alg", value_name = "NAME", value_parser = alg_names())]
    algs: Vec<String>,
    /// A content encryption to accept; may be repeated [default: every]
    #[arg(long = "enc", value_name = "NAME", value_parser = enc_names())]
    encs: Vec<String>,
}

/// The closed list.
#[derive(Clone, Debug)]
pub(crate) struct Accepted(Vec<Algorithm>);

impl AcceptedArgs {
    /// With neither option everything that is supported; with `--enc` alone, encrypted tokens only.
    ///
    /// # Errors
    /// [`Usage`] for `--enc` beside algorithms of signatures only.
    pub(crate) fn accepted(&self) -> Result<Accepted, Usage> {
        let names = |name: &str| self.algs.is_empty() || self.algs.iter().any(|alg| alg == name);
        let jws = JwsAlgorithm::ALL.into_iter().filter(|alg| names(alg.name()));
        let jwe: Vec<_> = JweAlgorithm::ALL.into_iter().filter(|alg| names(alg.name())).collect();
        if jwe.is_empty() && !self.encs.is_empty() {
            let why = "--enc is for encrypted tokens, and every --alg is one of signatures";
            return Err(Usage(why.to_owned()));
        }
        let encs = if self.encs.is_empty() { ContentEncryption::ALL.to_vec() } else { self.encs() };
        let mut accepted = Vec::new();
        if self.encs.is_empty() || !self.algs.is_empty() {
            accepted.extend(jws.map(Algorithm::Jws));
        }
        for alg in jwe {
            accepted.extend(encs.iter().map(|enc| Algorithm::Jwe(alg, *enc)));
        }
        Ok(Accepted(accepted))
    }

    /// What was said, when it is exactly one algorithm; `dir` needs its `enc` for that.
    pub(super) fn only(&self) -> Result<Option<Algorithm>, Usage> {
        let accepted = self.accepted()?.0;
        match (self.algs.as_slice(), self.encs.as_slice(), accepted.first()) {
            ([], [], _) | (_, _, None) => Ok(None),
            ([_], [_], Some(only)) => Ok(Some(*only)),
            ([_], [], Some(first)) if first.alg() != JweAlgorithm::Dir.name() => Ok(Some(*first)),
            _ => Err(Usage("say one --alg, and with `dir` one --enc".to_owned())),
        }
    }

    /// In the order they were given: a key seals with the first.
    fn encs(&self) -> Vec<ContentEncryption> {
        self.encs.iter().filter_map(|name| ContentEncryption::from_name(name)).collect()
    }
}

impl Accepted {
    pub(crate) fn as_slice(&self) -> &[Algorithm] {
        &self.0
    }
}

/// The algorithm of a new key.
///
/// # Errors
/// [`Usage`] for an `enc` beside an algorithm of signatures.
pub(super) fn of_new_key(alg: &str, enc: Option<&str>) -> Result<Algorithm, Usage> {
    let enc_of = |name: &str| ContentEncryption::from_name(name);
    match (JwsAlgorithm::from_name(alg), JweAlgorithm::from_name(alg), enc) {
        (Some(_), _, Some(_)) => {
            Err(Usage(format!("--enc is for encryption, and {alg} is for signatures")))
        }
        (Some(alg), _, None) => Ok(Algorithm::Jws(alg)),
        (None, Some(alg), enc) => {
            let enc = enc.map_or(Some(ContentEncryption::A256Gcm), enc_of);
            let enc = enc.ok_or_else(|| Usage("--enc is not supported".to_owned()))?;
            Ok(Algorithm::Jwe(alg, enc))
        }
        (None, None, _) => Err(Usage(format!("--alg {alg} is not supported"))),
    }
}

/// Every `alg` there is.
pub(super) fn alg_names() -> PossibleValuesParser {
    let jws = JwsAlgorithm::ALL.into_iter().map(JwsAlgorithm::name);
    PossibleValuesParser::new(jws.chain(JweAlgorithm::ALL.into_iter().map(JweAlgorithm::name)))
}

/// Every curve there is.
pub(super) fn curve_names() -> PossibleValuesParser {
    PossibleValuesParser::new(Curve::ALL.into_iter().map(Curve::name))
}

/// Every `enc` there is.
pub(super) fn enc_names() -> PossibleValuesParser {
    PossibleValuesParser::new(ContentEncryption::ALL.into_iter().map(ContentEncryption::name))
}

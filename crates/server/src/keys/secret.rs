//! `sealpass keys secret`.

use std::path::Path;

use sealpass_tower::sealpass::Secret;
use sealpass_tower::sealpass::jose::{base64url, random};

use super::file;
use crate::cli::print;

/// 256 random bits in base64url, in a file for its owner alone.
pub(super) fn make(out: &Path) -> anyhow::Result<()> {
    let bytes = Secret::new(random::bytes::<32>()?);
    let text = Secret::new(base64url::encode(bytes.expose()));
    file::create(out, &text)?;
    print(&format!("wrote a secret to {}\n", out.display()))
}

//! The one seam through which randomness enters.

use aws_lc_rs::rand;

/// The operating system gave no randomness.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the system's random generator failed")]
pub struct RandomError(());

/// `N` bytes from the CSPRNG of aws-lc-rs.
///
/// # Errors
/// [`RandomError`] when the generator fails; nothing may be sealed then.
pub fn bytes<const N: usize>() -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| RandomError(()))?;
    Ok(bytes)
}

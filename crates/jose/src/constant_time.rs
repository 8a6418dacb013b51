//! Comparison of secrets.

use aws_lc_rs::constant_time::verify_slices_are_equal;

/// Whether two byte strings are equal, in a time that depends on their lengths only.
///
/// ```
/// use sealpass_jose::constant_time_eq;
///
/// assert!(constant_time_eq(b"token", b"token"));
/// assert!(!constant_time_eq(b"token", b"taken"));
/// ```
#[must_use]
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    verify_slices_are_equal(a, b).is_ok()
}

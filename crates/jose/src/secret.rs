//! A value that must not be printed, compared or left in memory.

use std::fmt;

use zeroize::Zeroize;

/// A secret value: wiped when dropped, printed as `[redacted]`.
///
/// It has no `Display`, no `Serialize` and no `PartialEq`; the only way in is [`Secret::expose`],
/// which is easy to search for in a review.
///
/// ```
/// use sealpass_jose::Secret;
///
/// let password = Secret::new(String::from("correct horse"));
/// assert_eq!(format!("{password:?}"), "[redacted]");
/// assert_eq!(password.expose(), "correct horse");
/// ```
///
/// Comparing two secrets does not compile, since `==` leaks how long the common prefix is:
///
/// ```compile_fail
/// use sealpass_jose::Secret;
///
/// let same = Secret::new(1u8) == Secret::new(1u8);
/// ```
#[derive(Clone)]
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Takes ownership of `value`; the caller should hold no other copy.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Whoever calls this answers for where it goes.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The place the value is in, to make it there: a secret that is moved leaves a copy behind.
    pub(crate) const fn expose_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

//! One claim of a set, whatever it is.

use std::borrow::Cow;

use serde::Deserialize;

use super::deserialize::not_of_this_type;
use super::value::Value;
use super::{ClaimError, Strings, date};
use crate::json::Found;
use crate::numeric_date::NumericDate;

/// A claim that may not be there, as it was sent.
///
/// [`ClaimsSet::select`](crate::ClaimsSet::select) finds some. It has no `Debug`: whoever logs it would
/// log what it says.
#[derive(Clone, Copy)]
pub struct Claim<'n, 'a> {
    name: &'n str,
    /// Where in `text` its value is.
    found: Option<Found>,
    text: &'a str,
}

impl<'n, 'a> Claim<'n, 'a> {
    #[inline]
    pub(super) const fn new(name: &'n str, found: Option<Found>, text: &'a str) -> Self {
        Self { name, found, text }
    }

    /// What it says, if it is a string; `None` when there is no such claim.
    ///
    /// # Errors
    /// [`ClaimError::Type`] when it is something else, `null` included.
    #[inline]
    pub fn str(self) -> Result<Option<Cow<'a, str>>, ClaimError> {
        let text = |found: Found| found.string(self.text).ok_or_else(|| self.mistyped("a string"));
        self.found.map(text).transpose()
    }

    /// Its strings, if it is an array of them, as roles and scopes are; `None` when there is no such
    /// claim.
    ///
    /// # Errors
    /// [`ClaimError::Type`] when it is something else, `null` included.
    #[inline]
    pub fn strings(self) -> Result<Option<Strings<'a>>, ClaimError> {
        let strings = |found| {
            Strings::of(found, self.text).ok_or_else(|| self.mistyped("an array of strings"))
        };
        self.found.map(strings).transpose()
    }

    /// The `NumericDate` that it is, an integer or a fraction rounded up; `None` when there is no such
    /// claim.
    ///
    /// # Errors
    /// [`ClaimError::Type`] when it is something else, [`ClaimError::DateRange`] when it is before
    /// 1970 or after 9999.
    #[inline]
    pub fn date(self) -> Result<Option<NumericDate>, ClaimError> {
        let date = |found: Found| match found.ten_digits(self.text) {
            Some(seconds) => Ok(NumericDate::from_secs(seconds)),
            None => date::date(self.name, found.raw(self.text)),
        };
        self.found.map(date).transpose()
    }

    /// What it is by serde; `None` when there is no such claim.
    ///
    /// # Errors
    /// [`ClaimError::Type`] when it is not a `T`.
    pub fn get<T: Deserialize<'a>>(self) -> Result<Option<T>, ClaimError> {
        let value = |found| {
            let value = Value::new(found, self.text);
            T::deserialize(value).map_err(|_| not_of_this_type(self.name))
        };
        self.found.map(value).transpose()
    }

    #[cold]
    fn mistyped(&self, expected: &'static str) -> ClaimError {
        ClaimError::Type { claim: self.name.to_owned(), expected }
    }
}

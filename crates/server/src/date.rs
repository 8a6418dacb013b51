//! Dates for people.

use sealpass_tower::sealpass::NumericDate;

/// The date in UTC after RFC 3339: `2026-11-26T00:00:00Z`.
pub(crate) fn rfc3339(date: NumericDate) -> String {
    let seconds = date.as_secs() % DAY;
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    format!("{}T{hour:02}:{minute:02}:{second:02}Z", day(date))
}

/// The day in UTC: `2026-11-26`.
///
/// A year of the Gregorian calendar is counted from its March, so that the leap day is its last one;
/// an era is 400 of them, after which everything repeats.
pub(crate) fn day(date: NumericDate) -> String {
    let days = date.as_secs() / DAY + DAYS_BEFORE_1970;
    let (era, day) = (days / DAYS_OF_ERA, days % DAYS_OF_ERA);
    let year_of_era = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day_of_month:02}")
}

const DAY: u64 = 24 * 3_600;
const DAYS_OF_ERA: u64 = 146_097;
/// From 0000-03-01.
const DAYS_BEFORE_1970: u64 = 719_468;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_000_000_000, "2001-09-09T01:46:40Z"),
            (1_709_164_800, "2024-02-29T00:00:00Z"),
            (1_764_115_200, "2025-11-26T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(rfc3339(NumericDate::from_secs(seconds)), expected);
        }
        assert!(rfc3339(NumericDate::from_secs(u64::MAX)).ends_with('Z'));
    }
}

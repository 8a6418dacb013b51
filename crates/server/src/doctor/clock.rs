//! Two clocks: that of the deployment and that of this machine.

use std::time::SystemTime;

use http::header;

use super::finding::Finding;
use super::site::{Answer, shown};

/// Judges the `Date` of an answer against the clock here.
pub(super) fn judge(answer: &Answer) -> Vec<Finding> {
    vec![skew(answer)]
}

fn skew(answer: &Answer) -> Finding {
    let text = answer.header(header::DATE);
    let Ok(date) = httpdate::parse_http_date(text) else {
        return Finding::warn(
            "clock_skew",
            format!("the answer has no Date that can be read: {}", shown(text)),
            "let the front proxy send `Date` (RFC 9110 §6.6.1)",
        );
    };
    let seconds = distance(date, answer.asked + answer.took / 2);
    let seen = format!("{seconds} s apart from the clock here");
    let change = "let every machine of the deployment keep its time by NTP (`timedatectl` says \
                  whether it does), and this one";
    if seconds <= TOLERATED {
        Finding::ok("clock_skew", seen)
    } else if seconds <= HARMFUL {
        Finding::warn("clock_skew", seen, change)
    } else {
        let seen = format!("{seen}: sessions end at another time than they say");
        Finding::fail("clock_skew", seen, change)
    }
}

fn distance(one: SystemTime, other: SystemTime) -> u64 {
    let ahead = one.duration_since(other).unwrap_or_else(|error| error.duration());
    ahead.as_secs()
}

/// In seconds: as much as instances of Sealpass allow each other.
const TOLERATED: u64 = 30;

/// In seconds: a good part of what an access token lasts.
const HARMFUL: u64 = 300;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::doctor::finding::Severity;

    #[test]
    fn half_a_minute_is_tolerated_and_five_are_not() {
        let here = Duration::from_secs(1_700_000_000);
        for (there, expected) in [
            (1_700_000_000, Severity::Ok),
            (1_700_000_030, Severity::Ok),
            (1_699_999_970, Severity::Ok),
            (1_700_000_031, Severity::Warn),
            (1_699_999_700, Severity::Warn),
            (1_700_000_301, Severity::Fail),
            (1_699_000_000, Severity::Fail),
        ] {
            let there = SystemTime::UNIX_EPOCH + Duration::from_secs(there);
            let date = httpdate::fmt_http_date(there);
            let mut answer = Answer::recorded(401, &[("date", &date)], "");
            answer.asked += here;
            assert_eq!(skew(&answer).severity, expected, "{date}");
        }
    }

    #[test]
    fn the_time_on_the_way_is_no_skew() {
        let mut answer = Answer::recorded(401, &[("date", "Thu, 01 Jan 1970 00:01:00 GMT")], "");
        answer.took = Duration::from_mins(2);
        assert!(skew(&answer).seen.starts_with("0 s"));
    }

    #[test]
    fn an_answer_without_a_date_is_noticed() {
        assert_eq!(skew(&Answer::recorded(401, &[], "")).severity, Severity::Warn);
    }
}

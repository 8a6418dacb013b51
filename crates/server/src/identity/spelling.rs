//! When two header names are one name to whoever reads them.
//!
//! CGI, WSGI, PHP and Rack turn `X-Auth-Subject` into `HTTP_X_AUTH_SUBJECT`, and so does
//! `X_Auth_Subject` become; some servers fold every other character that a name may have
//! (`X.Auth.Subject`) the same way. nginx drops such names by default, other
//! proxies pass them on. So names are compared as the most careless reader would.

/// Whether `name` reads as `folded`, which is in lower case and has no separator but `-`.
pub(crate) fn reads_as(name: &str, folded: &str) -> bool {
    name.len() == folded.len() && begins_like(name, folded)
}

/// Whether `name` begins with what reads as `folded`.
pub(crate) fn begins_like(name: &str, folded: &str) -> bool {
    let reads_as = |(byte, wanted)| byte == wanted || fold(byte) == wanted;
    name.len() >= folded.len() && name.bytes().zip(folded.bytes()).all(reads_as)
}

/// A regular expression for every spelling of `folded` in lower case.
pub(crate) fn pattern(folded: &str) -> String {
    folded.replace('-', "[^a-z0-9]")
}

const fn fold(byte: u8) -> u8 {
    if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'-' }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn separators_and_case_do_not_count() {
        for name in ["X-Auth-Subject", "x_auth_subject", "X.AUTH!Subject", "x-auth_subject"] {
            assert!(reads_as(name, "x-auth-subject"), "{name}");
            assert!(begins_like(name, "x-auth-"), "{name}");
        }
        for name in ["", "x-auth", "xauthsubject", "x--auth-subject", "y-auth-subject"] {
            assert!(!reads_as(name, "x-auth-subject"), "{name}");
            assert!(!begins_like(name, "x-auth-"), "{name}");
        }
        assert!(!reads_as("x-auth-subject-2", "x-auth-subject"));
    }

    proptest! {
        #[test]
        fn every_spelling_of_a_name_reads_as_it(
            name in "[a-z0-9]{1,8}(-[a-z0-9]{1,8}){0,3}",
            upper in prop::collection::vec(any::<bool>(), 40),
            separators in "[-_.!#$%&'*+^`|~]{40}",
        ) {
            let spelled: String = name
                .chars()
                .zip(upper.iter().zip(separators.chars()))
                .map(|(c, (&upper, separator))| match c {
                    '-' => separator,
                    c if upper => c.to_ascii_uppercase(),
                    c => c,
                })
                .collect();
            prop_assert!(reads_as(&spelled, &name));
        }
    }
}

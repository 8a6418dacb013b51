//! What a rule asks for, and whether a session has it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use sealpass_tower::sealpass::{Authenticated, NumericDate, Problem, Rejection};
use serde_json::Value;

use crate::config::time_text;
use crate::user::Claims;

/// Who may pass.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Access {
    /// Anyone; no session is looked at.
    Public,
    /// Whoever has a session that meets these.
    Session(Arc<Needs>),
}

/// What a session must have beside being one.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Needs {
    /// Seconds within which the login must have been (RFC 9470).
    pub(super) max_age: Option<u64>,
    /// Claims, each with the values of which it must have one.
    pub(super) claims: BTreeMap<String, Vec<Value>>,
}

/// Why a session is not enough.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Unmet {
    /// The claim has none of the values.
    Claim(String),
    Login(Rejection),
}

impl Needs {
    pub(crate) fn new(
        max_age: Option<u64>,
        claims: impl IntoIterator<Item = (String, Value)>,
    ) -> Self {
        let mut values: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for (claim, value) in claims {
            values.entry(claim).or_default().push(value);
        }
        Self { max_age, claims: values }
    }

    /// That the session of `caller` is enough at `now`. The claims come first: whoever lacks one would
    /// log in again for nothing.
    ///
    /// # Errors
    /// [`Unmet`].
    pub(crate) fn require(
        &self,
        caller: &Authenticated<Claims>,
        now: NumericDate,
    ) -> Result<(), Unmet> {
        let unmet = self.claims.iter().find(|(claim, wanted)| {
            !caller.claims().get(*claim).is_some_and(|found| has_one_of(found, wanted))
        });
        if let Some((claim, _)) = unmet {
            return Err(Unmet::Claim(claim.clone()));
        }
        self.max_age
            .map_or(Ok(()), |max_age| caller.require_fresh(max_age, now).map_err(Unmet::Login))
    }
}

/// Whether a claim is one of `wanted`, or an array with one of them in it.
fn has_one_of(found: &Value, wanted: &[Value]) -> bool {
    match found {
        Value::Array(members) => members.iter().any(|member| wanted.contains(member)),
        single => wanted.contains(single),
    }
}

impl From<Unmet> for Problem {
    fn from(unmet: Unmet) -> Self {
        match unmet {
            Unmet::Claim(claim) => Self::new(
                StatusCode::FORBIDDEN,
                "claim_required",
                format!("this needs another value of the claim `{claim}` than the session has"),
            ),
            Unmet::Login(rejection) => rejection.into(),
        }
    }
}

/// As a person would say it.
impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let needs = match self {
            Self::Public => return f.write_str("public: anyone, and no session is looked at"),
            Self::Session(needs) => needs,
        };
        f.write_str("a session")?;
        if let Some(max_age) = needs.max_age {
            let age = time_text(Duration::from_secs(max_age));
            write!(f, ", with a login within the last {age}")?;
        }
        for (claim, values) in &needs.claims {
            let values: Vec<_> = values.iter().map(Value::to_string).collect();
            write!(f, ", whose claim `{claim}` is or has {}", values.join(" or "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_claim_is_one_of_the_values_or_has_one_and_is_compared_with_its_type() {
        let wanted = [json!("admin"), json!(3), json!(true)];
        for found in [
            json!("admin"),
            json!(3),
            json!(true),
            json!(["user", "admin"]),
            json!([0, 3]),
            json!([false, true]),
        ] {
            assert!(has_one_of(&found, &wanted), "{found}");
        }
        for found in [
            json!(null),
            json!(""),
            json!("Admin"),
            json!("admin "),
            json!("administrator"),
            json!("user,admin"),
            json!("3"),
            json!("true"),
            json!(3.5),
            json!(1),
            json!(false),
            json!([]),
            json!(["Admin", "3"]),
            json!([["admin"]]),
            json!({"admin": true}),
            json!({"role": "admin"}),
        ] {
            assert!(!has_one_of(&found, &wanted), "{found}");
        }
    }

    #[test]
    fn a_claim_that_is_missing_is_named_and_its_values_are_not() {
        let problem = Problem::from(Unmet::Claim("role".to_owned()));
        assert_eq!((problem.status(), problem.code()), (StatusCode::FORBIDDEN, "claim_required"));
        let body = String::from_utf8(problem.to_response().into_body()).unwrap();
        assert!(body.contains("`role`") && !body.contains("admin"), "{body}");
    }

    #[test]
    fn what_is_needed_is_said_in_words() {
        assert_eq!(Access::Session(Arc::default()).to_string(), "a session");
        let claims = [
            ("role".to_owned(), json!("admin")),
            ("level".to_owned(), json!(3)),
            ("role".to_owned(), json!("owner")),
        ];
        let access = Access::Session(Arc::new(Needs::new(Some(300), claims)));
        assert_eq!(
            access.to_string(),
            "a session, with a login within the last 5m, whose claim `level` is or has 3, whose \
             claim `role` is or has \"admin\" or \"owner\""
        );
    }
}

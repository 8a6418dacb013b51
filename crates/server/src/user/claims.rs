//! The application's claims of an account: TOML in the file, JSON in the token.

use sealpass_tower::sealpass::RESERVED_CLAIMS;
use serde_json::Value;

/// Claims of an account, as they are sealed.
pub(crate) type Claims = serde_json::Map<String, Value>;

/// Whether a claim belongs to the token itself (RFC 7519 §4.1 and the session's own), so that no
/// account may have it.
pub(crate) fn is_reserved(name: &str) -> bool {
    RESERVED_CLAIMS.contains(&name)
}

/// The first claim of `claims` that belongs to the token itself.
pub(crate) fn reserved(claims: &Claims) -> Option<&'static str> {
    RESERVED_CLAIMS.into_iter().find(|name| claims.contains_key(*name))
}

/// A TOML value as JSON; none for what JSON cannot say: dates, infinities, not-a-number.
pub(super) fn to_json(value: toml::Value) -> Option<Value> {
    Some(match value {
        toml::Value::Array(items) => {
            Value::Array(items.into_iter().map(to_json).collect::<Option<_>>()?)
        }
        toml::Value::Boolean(value) => Value::Bool(value),
        toml::Value::Datetime(_) => return None,
        toml::Value::Float(number) => Value::Number(serde_json::Number::from_f64(number)?),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::String(text) => Value::String(text),
        toml::Value::Table(table) => Value::Object(members_to_json(table)?),
    })
}

/// The members of a TOML table as JSON.
pub(super) fn members_to_json(table: toml::Table) -> Option<Claims> {
    table.into_iter().map(|(name, value)| Some((name, to_json(value)?))).collect()
}

/// A JSON value as TOML; none for what TOML cannot say: null and numbers past 64 bits.
pub(super) fn to_toml(value: &Value) -> Option<toml::Value> {
    Some(match value {
        Value::Array(items) => {
            toml::Value::Array(items.iter().map(to_toml).collect::<Option<_>>()?)
        }
        Value::Bool(value) => toml::Value::Boolean(*value),
        Value::Null => return None,
        Value::Number(number) if number.is_f64() => toml::Value::Float(number.as_f64()?),
        Value::Number(number) => toml::Value::Integer(number.as_i64()?),
        Value::Object(members) => toml::Value::Table(members_to_toml(members)?),
        Value::String(text) => toml::Value::String(text.clone()),
    })
}

/// The members of a JSON object as TOML.
pub(super) fn members_to_toml(members: &Claims) -> Option<toml::Table> {
    members.iter().map(|(name, value)| Some((name.clone(), to_toml(value)?))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_both_formats_can_say_survives_the_round_trip() {
        let value = json!({"role": "admin", "n": -3, "ratio": 0.5, "on": true, "list": [1, "a", {"b": []}]});
        let toml = to_toml(&value).unwrap();
        assert_eq!(to_json(toml), Some(value));
    }

    #[test]
    fn what_only_one_format_can_say_is_refused_at_any_depth() {
        for value in [json!(null), json!([null]), json!({"a": {"b": null}}), json!(u64::MAX)] {
            assert_eq!(to_toml(&value), None, "{value}");
        }
        for text in ["x = 2026-01-01", "x = inf", "x = [nan]", "x = {y = 1979-05-27T07:32:00Z}"] {
            let table = text.parse::<toml::Table>().unwrap();
            assert_eq!(members_to_json(table), None, "{text}");
        }
    }
}

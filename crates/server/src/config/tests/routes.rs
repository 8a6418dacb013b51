use serde_json::json;

use super::*;
use crate::route::{Access, Needs};

fn access(config: &Config, method: &str, path: &str) -> Access {
    config.routes.decide(Some(&method.parse().unwrap()), Some(path)).unwrap().clone()
}

fn session(needs: Needs) -> Access {
    Access::Session(needs.into())
}

#[test]
fn a_table_is_a_rule() {
    let config = with(
        "[[routes]]\npath = '/public'\naccess = 'public'\n\
         [[routes]]\npath = '/transfer'\nmethods = ['POST', 'PUT']\nmax_age = '5m'\n\
         [[routes]]\npath = '/admin/'\nclaims = { role = ['admin', 'owner'], level = 3, on = true }\n\
         [[routes]]\npath = '/admin/help'\nexact = true\n[routes.claims]\n'urn:x' = '3'\n",
    );
    assert_eq!(access(&config, "GET", "/public/a"), Access::Public);
    assert_eq!(access(&config, "GET", "/"), session(Needs::default()));
    assert_eq!(access(&config, "PUT", "/transfer"), session(Needs::new(Some(300), [])));
    assert_eq!(access(&config, "GET", "/transfer"), session(Needs::default()));
    let claims = [
        ("role", json!("admin")),
        ("role", json!("owner")),
        ("level", json!(3)),
        ("on", json!(true)),
    ];
    let claims = claims.map(|(name, value)| (name.to_owned(), value));
    assert_eq!(access(&config, "GET", "/admin/help/1"), session(Needs::new(None, claims)));
}

#[test]
fn an_inline_array_is_the_same_and_an_empty_one_is_no_rule() {
    let config = with("routes = [{ path = '/a', access = 'public' }, { path = '/b' }]");
    assert_eq!(access(&config, "GET", "/a"), Access::Public);
    assert!(with("routes = []").routes.decide(None, None).is_ok());
}

#[test]
fn what_is_wrong_with_a_rule_is_said_with_its_line_and_its_number() {
    let rule = |rest: &str| format!("[[routes]]\npath = '/ok'\n[[routes]]\n{rest}");
    for (toml, expected) in [
        ("", "5: `routes[1].path` is missing; expected a path as people write it"),
        ("path = 'a'", "6: `routes[1].path`: `a` does not begin with `/`; expected a path"),
        ("path = 7", "6: `routes[1].path`: `7` does not begin with `/`"),
        ("path = ['/a']", "6: `routes[1].path` is a list"),
        ("path = '/a/*'", "has a placeholder; a path is for all that is below it"),
        ("path = '/a;b'", "has something to decode"),
        ("path = '/auth/login'", "is under `/auth`, which is answered here"),
        ("path = '/AUTH'", "is under `/auth`, which is answered here"),
        ("path = '/a'\naccess = 'open'", "7: `routes[1].access`: `open` is none of the choices"),
        ("path = '/a'\nmethods = ['get']", "7: `routes[1].methods`: `get` is not in upper case"),
        ("path = '/a'\nmethods = ['A B']", "`A B` is no method"),
        ("path = '/a'\nmethods = []", "7: `routes[1].methods` is empty, so that the rule"),
        ("path = '/a'\nmax_age = 'never'", "`routes[1].max_age`: `never` is no span of time"),
        ("path = '/a'\nexact = 1", "`routes[1].exact`: `1` is none of the choices"),
        ("path = '/a'\nclaims = {}", "7: `routes[1].claims` names no claim"),
        ("path = '/a'\nclaims = 'role'", "`routes[1].claims`: `role` has no value"),
        ("path = '/a'\nclaims = ['role']", "7: `routes[1].claims` is a list"),
        ("path = '/a'\nclaims = { role = [] }", "`routes[1].claims` has a name with an empty list"),
        ("path = '/a'\nclaims = { 'r=' = 1 }", "`routes[1].claims` has a name with `=` in it"),
        ("path = '/a'\nclaims = { r = [[1]] }", "has a value that is no text, number or switch"),
        (
            "path = '/a'\nclaims = { r = { s = 1 } }",
            "has a value that is no text, number or switch",
        ),
        ("path = '/a'\nclaims = { sub = 'x' }", "is a claim of the token itself"),
        (
            "path = '/a'\naccess = 'public'\nmax_age = 5",
            "8: `routes[1].max_age` asks for a login, and the rule is `public`",
        ),
        (
            "path = '/a'\naccess = 'public'\nclaims = { a = 1 }",
            "8: `routes[1].claims` asks for a session, and the rule is `public`",
        ),
        (
            "path = '/a'\nmaxage = 5",
            "7: there is no setting `routes.maxage`; did you mean `routes.max_age`?",
        ),
        (
            "path = '/OK/'",
            "5: `routes[1]` is for the same path and the same methods as routes[0] \
             (/etc/sealpass/sealpass.toml:3), so neither decides",
        ),
    ] {
        let problem = problem(&rule(toml));
        assert!(problem.contains(expected), "{toml}: {problem}");
    }
}

#[test]
fn what_is_no_array_of_tables_is_told_how_to_become_one() {
    for toml in ["routes = '/a'", "[routes]\npath = '/a'", "routes = ['/a']", "routes = [{}, 1]"] {
        let problem = problem(toml);
        let expected = "3: `routes` is an array of tables, so write `[[routes]]` for each";
        assert!(problem.starts_with(expected), "{toml}: {problem}");
    }
    let problem = problem("[[route]]\npath = '/a'");
    assert!(problem.contains("did you mean `routes`?"), "{problem}");
}

#[test]
fn all_problems_of_all_rules_are_reported_at_once() {
    let problems = resolve(&format!(
        "{LEAST}[[routes]]\npath = 'a'\naccess = 'x'\n[[routes]]\nmax_age = 0\nnonsense = 1\n\
         [log]\nlevel = 'loud'\n"
    ));
    let problems = problems.unwrap_err();
    for expected in [
        "the configuration has 6 problems",
        ":4: `routes[0].path`",
        ":5: `routes[0].access`",
        ":6: `routes[1].path` is missing",
        ":7: `routes[1].max_age`",
        ":8: there is no setting `routes.nonsense`",
        ":10: `log.level`",
    ] {
        assert!(problems.contains(expected), "{expected}: {problems}");
    }
}

#[test]
fn no_variable_can_say_a_rule() {
    for name in ["SEALPASS_ROUTES", "SEALPASS_ROUTES_PATH", "SEALPASS_ROUTES_0_PATH"] {
        let mut raw = raw::Raw::default();
        raw.add_toml(Path::new("sealpass.toml"), LEAST);
        raw.add_environment([(name.into(), "/a".into())]);
        let problems = resolve::config(raw).map(|_| ()).unwrap_err().to_string();
        let expected = format!(
            "{name}: `routes` is an array of tables, which no variable can say; expected `[[routes]]` \
             in the file"
        );
        assert!(problems.contains(&expected), "{problems}");
    }
}

//! Every way of writing a path, against rules that one of them should get around.

mod lenient;

use std::path::PathBuf;

use serde_json::json;

use super::*;
use crate::config::Source;

fn place(index: usize) -> Place {
    let path = PathBuf::from("sealpass.toml");
    Place { key: "routes", index, at: Source::File { path, line: index + 1 } }
}

pub(crate) fn public() -> Access {
    Access::Public
}

pub(crate) fn session() -> Access {
    Access::Session(Arc::default())
}

pub(crate) fn recent(max_age: u64) -> Access {
    Access::Session(Arc::new(Needs::new(Some(max_age), [])))
}

pub(crate) fn role(role: &str) -> Access {
    Access::Session(Arc::new(Needs::new(None, [("role".to_owned(), json!(role))])))
}

/// A rule, `=` before a path that is exact and a method in front: `POST =/login`.
fn rule(index: usize, text: &str, access: Access) -> Rule {
    let (methods, path) = text.rsplit_once(' ').unwrap_or(("", text));
    let methods = methods.split_whitespace().map(|method| method.parse().unwrap()).collect();
    let (is_exact, path) = path.strip_prefix('=').map_or((false, path), |path| (true, path));
    let path = RulePath::parse(path).unwrap();
    Rule { place: place(index), path, is_exact, methods, access }
}

/// Rules, each with what it needs: see [`rule`].
pub(crate) fn routes<const N: usize>(rules: [(&str, Access); N]) -> Routes {
    let rules = rules.into_iter().enumerate();
    Routes::new(rules.map(|(index, (text, access))| rule(index, text, access)).collect()).unwrap()
}

/// Which rule decides, by its index.
fn decides(routes: &Routes, method: &str, path: &str) -> Result<Option<usize>, Ambiguous> {
    let method = method.parse().unwrap();
    let rule = routes.find(Some(&method), Some(path))?;
    Ok(rule.map(|rule| rule.place.index))
}

fn guarded() -> Routes {
    routes([("/public", public()), ("/admin", role("admin")), ("/Straße/é", recent(60))])
}

#[test]
fn a_rule_is_for_its_path_and_all_below() {
    let routes = routes([
        ("/public", public()),
        ("/public/drafts", session()),
        ("=/", public()),
        ("/shop/", recent(300)),
        ("=/shop/cart", public()),
        ("/caf\u{e9}", role("guest")),
    ]);
    for (path, expected) in [
        ("/", Some(2)),
        ("/public", Some(0)),
        ("/public/", Some(0)),
        ("/public/a/b", Some(0)),
        ("/public/drafts", Some(1)),
        ("/public/drafts/7", Some(1)),
        ("/public/draftsman", Some(0)),
        ("/publicity", None),
        ("/public-relations", None),
        ("/public_", None),
        ("/a/public", None),
        ("/shop", Some(3)),
        ("/shop/", Some(3)),
        ("/shop/cart", Some(4)),
        ("/shop/cart/", Some(4)),
        ("/shop/cart/1", Some(3)),
        ("/caf%C3%A9", Some(5)),
        ("/caf%c3%a9/menu", Some(5)),
        ("/other", None),
        ("/a%20b/%E6%97%A5%E6%9C%AC", None),
        ("/~ada/@me/a:b/a,b;".trim_end_matches(';'), None),
        ("/%7Eada/%40me", None),
    ] {
        assert_eq!(decides(&routes, "GET", path), Ok(expected), "{path}");
    }
}

#[test]
fn the_most_specific_rule_decides_alone() {
    let routes = routes([
        ("/", public()),
        ("/a", session()),
        ("POST PUT /a", recent(1)),
        ("=/a", recent(2)),
        ("GET =/a", recent(3)),
        ("DELETE /a/b", role("x")),
    ]);
    for (method, path, expected) in [
        ("GET", "/", 0),
        ("POST", "/b", 0),
        ("GET", "/a/c", 1),
        ("POST", "/a/c", 2),
        ("PUT", "/a/c", 2),
        ("PATCH", "/a/c", 1),
        ("GET", "/a", 4),
        ("HEAD", "/a", 4),
        ("POST", "/a", 3),
        ("DELETE", "/a/b/c", 5),
        ("GET", "/a/b/c", 1),
        ("POST", "/a/b/c", 2),
    ] {
        assert_eq!(decides(&routes, method, path), Ok(Some(expected)), "{method} {path}");
    }
}

#[test]
fn what_programs_read_in_different_ways_is_refused() {
    use AmbiguousPath as P;
    for (path, why) in [
        ("", P::NotPath),
        ("*", P::NotPath),
        ("admin", P::NotPath),
        ("http://a/public", P::NotPath),
        ("\\admin", P::NotPath),
        ("?/public", P::NotPath),
        ("//admin", P::EmptySegment),
        ("//", P::EmptySegment),
        ("/public//admin", P::EmptySegment),
        ("/public//", P::EmptySegment),
        ("/public/../admin", P::DotSegment),
        ("/public/..", P::DotSegment),
        ("/public/./../admin", P::DotSegment),
        ("/./admin", P::DotSegment),
        ("/public/.", P::DotSegment),
        ("/public/./", P::DotSegment),
        ("/public/%2e%2e/admin", P::DotSegment),
        ("/public/%2E%2e/admin", P::DotSegment),
        ("/public/.%2e/admin", P::DotSegment),
        ("/public/%2e/admin", P::DotSegment),
        ("/public/.../admin", P::DotSegment),
        ("/public/..%20/admin", P::DotSegment),
        ("/public/%20../admin", P::DotSegment),
        ("/public/%20/admin", P::DotSegment),
        ("/public/%C2%A0..%E3%80%80/admin", P::DotSegment),
        ("/public/..%2fadmin", P::Delimiter),
        ("/public/..%2Fadmin", P::Delimiter),
        ("/public%2f..%2fadmin", P::Delimiter),
        ("/public/..%5cadmin", P::Delimiter),
        ("/public/..\\admin", P::Delimiter),
        ("/public\\..\\admin", P::Delimiter),
        ("/public/%252e%252e/admin", P::Delimiter),
        ("/%2561dmin", P::Delimiter),
        ("/public/..%252fadmin", P::Delimiter),
        ("/public/..;/admin", P::Delimiter),
        ("/public;/../admin", P::Delimiter),
        ("/public/;a=b/admin", P::Delimiter),
        ("/public/..%3b/admin", P::Delimiter),
        ("/admin;jsessionid=1", P::Delimiter),
        ("/public#/admin", P::Delimiter),
        ("/public%23/admin", P::Delimiter),
        ("/public%3f/admin", P::Delimiter),
        ("/public?/admin", P::Delimiter),
        ("/public%00", P::ControlCharacter),
        ("/public%00/../admin", P::ControlCharacter),
        ("/public%0d%0a/admin", P::ControlCharacter),
        ("/public/%09/admin", P::ControlCharacter),
        ("/public%7f", P::ControlCharacter),
        ("/public%c2%85", P::ControlCharacter),
        ("/public\u{0}", P::ControlCharacter),
        ("/public\t", P::ControlCharacter),
        ("/public ", P::NotEncoded),
        ("/public\"", P::NotEncoded),
        ("/public/\u{e9}", P::NotEncoded),
        ("/public|", P::NotEncoded),
        ("/public/%", P::BrokenEncoding),
        ("/public/%4", P::BrokenEncoding),
        ("/public/%zz", P::BrokenEncoding),
        ("/public/%u002e%u002e/admin", P::BrokenEncoding),
        ("/public/%+1", P::BrokenEncoding),
        ("/public/%ff", P::NotUtf8),
        ("/public/%c0%ae%c0%ae/admin", P::NotUtf8),
        ("/public/..%c0%af..%c0%afadmin", P::NotUtf8),
        ("/public/%e0%80%af/admin", P::NotUtf8),
        ("/public/%ed%a0%80", P::NotUtf8),
        ("/public/%c3", P::NotUtf8),
        ("/public/%EF%BC%8E%EF%BC%8E/admin", P::Unicode),
        ("/public/..%EF%BC%8Fadmin", P::Unicode),
        ("/public/%E2%80%A5/admin", P::Unicode),
        ("/public/..%E2%88%95admin", P::Unicode),
        ("/ad%C2%ADmin", P::Unicode),
        ("/ad%E2%80%8Bmin", P::Unicode),
        ("/admin%EF%BB%BF", P::Unicode),
        ("/e%CC%81", P::Unicode),
        ("/a%CD%BEb", P::Unicode),
        // `a/c` and `1.` in one character each, and the two dots of a vertical leader.
        ("/%E2%84%80", P::Unicode),
        ("/public/%E2%92%88", P::Unicode),
        ("/public/%EF%B8%B0/admin", P::Unicode),
        ("/%C2%BD", P::Unicode),
        ("/ad%E1%85%A0min", P::Unicode),
        ("/admin%F3%A0%81%A1", P::Unicode),
    ] {
        assert_eq!(NormalPath::parse(path), Err(why), "{path:?}");
        assert_eq!(decides(&guarded(), "GET", path), Err(Ambiguous::Path(why)), "{path:?}");
        // Nothing of that matters to anyone where there are no rules.
        assert_eq!(decides(&Routes::default(), "GET", path), Ok(None), "{path:?}");
    }
    assert_eq!(guarded().decide(None, None), Err(Ambiguous::Path(P::NotPath)));
    assert_eq!(Routes::default().decide(None, None), Ok(&session()));
}

#[test]
fn a_spelling_that_only_some_programs_take_for_a_rules_is_refused() {
    for (path, decided, other) in [
        ("/ADMIN", None, 1),
        ("/Admin/x", None, 1),
        ("/%61dmin", None, 1),
        ("/%41DMIN/x", None, 1),
        ("/admi%6E", None, 1),
        ("/admin.json", None, 1),
        ("/admin.json/x", None, 1),
        ("/ADMIN.JSON", None, 1),
        ("/admin.", None, 1),
        ("/admin./x", None, 1),
        ("/admin%20", None, 1),
        ("/admin%20/x", None, 1),
        ("/%20admin", None, 1),
        ("/admin%C2%A0", None, 1),
        ("/admin:lock", None, 1),
        ("/admin(1)", None, 1),
        ("/admin,x", None, 1),
        ("/admin+", None, 1),
        ("/%EF%BD%81dmin", None, 1),
        ("/%F0%9D%90%9Admin", None, 1),
        ("/%C2%AAdmin/x", None, 1),
        ("/%E2%93%90dmin", None, 1),
        ("/%E1%B5%83dmin", None, 1),
        ("/admi%E2%81%BF", None, 1),
        ("/%F0%9D%93%90%F0%9D%93%93%F0%9D%93%9C%F0%9D%93%98%F0%9D%93%9D", None, 1),
        ("/admin%EF%BC%9Alock", None, 1),
        ("/PUBLIC/x", None, 0),
        ("/%70ublic/x", None, 0),
        ("/public.bak", None, 0),
        ("/stra%C3%9Fe/%C3%A9", None, 2),
        ("/STRASSE/%C3%89", None, 2),
    ] {
        let other = place(other);
        let expected = Ambiguous::Rules { decides: decided, other };
        assert_eq!(decides(&guarded(), "GET", path), Err(expected), "{path}");
    }
    // K and s have a third and a second form in Unicode.
    let keys = routes([("/keys", role("admin"))]);
    for path in ["/%E2%84%AAeys", "/key%C5%BF"] {
        assert!(decides(&keys, "GET", path).is_err(), "{path}");
    }
    // One letter, and the same in two.
    let japanese = routes([("/\u{304C}", role("admin"))]);
    assert_eq!(decides(&japanese, "GET", "/%E3%81%8C"), Ok(Some(0)));
    assert!(decides(&japanese, "GET", "/%E3%81%8B%E3%82%99").is_err());
}

#[test]
fn letters_that_normalization_changes_are_letters_where_no_rule_is_meant() {
    // Thai, whose `am` is two characters to NFKC, Korean in its old letters, a ligature, an ordinal.
    for path in ["/%E0%B8%99%E0%B8%B3", "/%E1%84%92%E1%85%A1", "/%EF%AC%81le", "/1%C2%BA"] {
        assert_eq!(decides(&guarded(), "GET", path), Ok(None), "{path}");
        assert_eq!(decides(&guarded(), "GET", &format!("/public{path}")), Ok(Some(0)), "{path}");
    }
}

#[test]
fn no_character_is_a_delimiter_in_disguise() {
    for c in '\u{80}'..'\u{20000}' {
        let mut bytes = [0; 4];
        let bytes = c.encode_utf8(&mut bytes).bytes();
        let encoded = bytes.fold("/a".to_owned(), |path, byte| path + &format!("%{byte:02X}"));
        let Ok(path) = NormalPath::parse(&(encoded + "b")) else { continue };
        let hidden = path.folded()[1..].find(['.', '/', '\\', ';', '#', '?', '%']);
        assert_eq!(hidden, None, "{c:?}");
    }
}

#[test]
fn it_does_not_matter_how_a_path_is_read_where_all_rules_for_it_say_the_same() {
    let same = routes([("/", role("admin")), ("/admin", role("admin"))]);
    assert_eq!(decides(&same, "GET", "/ADMIN"), Ok(Some(0)));
    let session_anyway = routes([("/a", session())]);
    assert_eq!(decides(&session_anyway, "GET", "/A.json"), Ok(None));
    // Below a rule spelled plainly, whatever is there is the same.
    for path in ["/public/ADMIN", "/public/a.json", "/public/%61", "/public/a%20", "/public/A:b"] {
        assert_eq!(decides(&guarded(), "GET", path), Ok(Some(0)), "{path}");
    }
    // A rule of its own says what a form of another path is.
    let own = routes([("/login", public()), ("/login.js", session()), ("/app", role("a"))]);
    assert_eq!(decides(&own, "GET", "/login.js"), Ok(Some(1)));
    assert!(decides(&own, "GET", "/app.js").is_err());
}

#[test]
fn a_method_is_as_it_is_named_and_head_is_get() {
    let routes = routes([
        ("/", public()),
        ("POST /a", recent(60)),
        ("GET /a/b", session()),
        ("PURGE /a", role("cache")),
    ]);
    assert_eq!(decides(&routes, "POST", "/a"), Ok(Some(1)));
    assert_eq!(decides(&routes, "GET", "/a"), Ok(Some(0)));
    assert_eq!(decides(&routes, "HEAD", "/a/b"), Ok(Some(2)));
    assert_eq!(decides(&routes, "PURGE", "/a"), Ok(Some(3)));
    assert_eq!(decides(&routes, "DELETE", "/a/b"), Ok(Some(0)));
    // To some programs these are POST, GET and HEAD.
    for (method, path, other) in [("post", "/a", 1), ("Get", "/a/b", 2), ("head", "/a/b", 2)] {
        let expected = Ambiguous::Rules { decides: Some(place(0)), other: place(other) };
        assert_eq!(decides(&routes, method, path), Err(expected), "{method}");
    }
}

#[test]
fn a_method_that_is_not_told_may_be_any() {
    let routes = routes([("/", session()), ("DELETE /a", role("admin")), ("GET /b", public())]);
    let find = |path| routes.decide(None, Some(path));
    assert!(matches!(find("/a"), Err(Ambiguous::Rules { .. })));
    assert!(matches!(find("/b"), Err(Ambiguous::Rules { .. })));
    assert_eq!(find("/c"), Ok(&session()));
}

#[test]
fn a_rule_that_would_never_be_for_a_request_is_none() {
    for path in [
        "",
        "admin",
        "*",
        "/*",
        "/a/**",
        "/a/{id}",
        "/a?b",
        "/a#b",
        "/a;b",
        "/a\\b",
        "/%61",
        "/a//b",
        "//",
        "/a/../b",
        "/.",
        "/a./b",
        "/a /b",
        "/a\u{0}",
        "/a\tb",
        "/a\u{ad}b",
        "http://a/b",
        "/a|b",
    ] {
        assert!(RulePath::parse(path).is_err(), "{path:?}");
    }
    for (path, read) in [("/", "/"), ("/a/", "/a"), ("/A/b c/\u{e9}", "/A/b c/\u{e9}")] {
        assert_eq!(RulePath::parse(path).unwrap().as_str(), read);
    }
}

#[test]
fn rules_of_which_neither_is_more_specific_are_named_together() {
    let collide = |a: &str, b: &str| {
        let collisions = Routes::new(vec![rule(0, a, public()), rule(1, b, session())]).err();
        collisions.is_some_and(|pairs| pairs == [[place(0), place(1)]])
    };
    for (a, b) in [
        ("/a", "/a"),
        ("/a", "/a/"),
        ("/a", "/A"),
        ("=/a", "=/a"),
        ("GET POST /a", "POST PUT /a"),
        ("GET /a", "HEAD /a"),
    ] {
        assert!(collide(a, b), "{a} {b}");
    }
    for (a, b) in
        [("/a", "=/a"), ("GET /a", "/a"), ("GET /a", "POST /a"), ("/a", "/b"), ("/a", "/")]
    {
        assert!(!collide(a, b), "{a} {b}");
    }
    let three = [rule(0, "/a", public()), rule(1, "/b", public()), rule(2, "/A", public())];
    assert_eq!(Routes::new(three.into()).unwrap_err(), [[place(0), place(2)]]);
}

#[test]
fn the_path_of_a_url_is_what_stands_there() {
    for (url, path) in [
        ("https://app.example/a%2fb?c?d", Some("/a%2fb")),
        ("http://[::1]:80/", Some("/")),
        ("http://a/a#b?c", Some("/a#b")),
        ("http://a//b", Some("//b")),
        ("http://a/http://b/c", Some("/http://b/c")),
        ("/a", None),
        ("http://a", None),
        ("a/b", None),
        ("", None),
        ("http://a?/public", None),
        ("http://user@a/public", None),
        ("http://evil/x?://a/public", Some("/x")),
        ("http://a b/public", None),
        ("http:///public", Some("/public")),
    ] {
        assert_eq!(target_of(url).map(path_of), path, "{url}");
    }
}

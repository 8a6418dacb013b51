//! Programs that read a path more freely than we do, in any order and as often as they like.

use proptest::prelude::*;

use super::*;

/// What a lenient program makes of a path: it does some of these, in some order, more than once.
fn lenient(path: &str, steps: &[u8]) -> String {
    let mut path = path.as_bytes().to_vec();
    for step in steps {
        path = match step {
            0 => decoded(&path),
            1 => path.to_ascii_lowercase(),
            2 => path.iter().map(|&byte| if byte == b'\\' { b'/' } else { byte }).collect(),
            3 => without_parameters(&path),
            4 => with_single_slashes(&path),
            5 => until(&path, b"#"),
            6 => until(&path, b"\0"),
            7 => until(&path, b"?"),
            _ => without_dots(&path),
        };
    }
    String::from_utf8_lossy(&path).into_owned()
}

fn decoded(path: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut rest = path;
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let encoded = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let encoded = encoded.filter(|_| byte == b'%');
        decoded.push(encoded.unwrap_or(byte));
        rest = if encoded.is_some() { &after[2..] } else { after };
    }
    decoded
}

fn without_parameters(path: &[u8]) -> Vec<u8> {
    let segments = path.split(|&byte| byte == b'/').map(|segment| until(segment, b";"));
    segments.collect::<Vec<_>>().join(&b'/')
}

fn with_single_slashes(path: &[u8]) -> Vec<u8> {
    let mut path = path.to_vec();
    path.dedup_by(|a, b| *a == b'/' && *b == b'/');
    path
}

fn until(path: &[u8], end: &[u8]) -> Vec<u8> {
    path.iter().take_while(|byte| !end.contains(byte)).copied().collect()
}

/// RFC 3986 §5.2.4.
fn without_dots(path: &[u8]) -> Vec<u8> {
    let mut kept: Vec<&[u8]> = Vec::new();
    for segment in path.split(|&byte| byte == b'/').skip(1) {
        match segment {
            b"." => {}
            b".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    [b"/".to_vec(), kept.join(&b'/')].concat()
}

/// Pieces that paths which are up to something are made of.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => Just("/"),
        3 => Just("public"),
        3 => Just("admin"),
        1 => Just("ADMIN"),
        1 => Just("Public"),
        2 => Just("%61dmin"),
        1 => Just("%70ublic"),
        4 => Just(".."),
        2 => Just("."),
        2 => Just("%2e"),
        1 => Just("%2E"),
        2 => Just("%2f"),
        1 => Just("%252f"),
        1 => Just("%252e"),
        1 => Just("%5c"),
        1 => Just("\\"),
        2 => Just(";"),
        1 => Just(";a=b"),
        1 => Just("%3b"),
        1 => Just("%00"),
        1 => Just("#"),
        1 => Just("%23"),
        1 => Just("%3f"),
        1 => Just("%25"),
        1 => Just("%"),
        1 => Just("%c0%af"),
        1 => Just("%20"),
        1 => Just("x"),
    ];
    prop::collection::vec(piece, 1..9).prop_map(|pieces| format!("/{}", pieces.concat()))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn no_spelling_that_any_program_takes_for_a_guarded_path_is_public(
        path in prop_oneof![pieces(), "/[ -~]{0,12}", "/public/[%0-9a-fA-F./;]{0,12}"],
        steps in prop::collection::vec(0u8..9, 0..8),
    ) {
        for routes in [
            routes([("/public", public()), ("/admin", role("admin"))]),
            routes([("/", public()), ("/admin", role("admin"))]),
            routes([("/public", public()), ("/public/admin", role("admin"))]),
        ] {
            let guarded = |read: &str| {
                let read = read.to_ascii_lowercase();
                let is_below = |rule: &str| {
                    read.strip_prefix(rule).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                };
                routes.rules.iter().any(|rule| rule.access == role("admin") && is_below(rule.path.as_str()))
            };
            if routes.decide(Some(&Method::GET), Some(&path)) == Ok(&public()) {
                let read = lenient(&path, &steps);
                prop_assert!(!guarded(&read), "{path:?} is public, and some read {read:?}");
            }
        }
    }

    #[test]
    fn no_lenient_reading_of_a_path_that_passes_is_under_another_rule(
        path in prop_oneof![pieces(), "/[a-zA-Z/.%0-9~]{0,12}"],
        steps in prop::collection::vec(0u8..9, 0..8),
    ) {
        let routes = routes([("/public", public()), ("/admin", role("admin")), ("/x", recent(1))]);
        if let Ok(access) = routes.decide(Some(&Method::GET), Some(&path)) {
            let read = lenient(&path, &steps);
            if let Ok(other) = routes.decide(Some(&Method::GET), Some(&read)) {
                prop_assert_eq!(access, other, "{:?} and {:?}", path, read);
            }
        }
    }

    #[test]
    fn a_path_that_is_read_is_read_so_again(path in "/[ -~\u{e9}\u{df}\u{212a}/]{0,24}") {
        let encoded = path.bytes().fold(String::new(), |encoded, byte| match byte {
            byte if byte == b'/' || byte.is_ascii_alphanumeric() => encoded + &char::from(byte).to_string(),
            byte => encoded + &format!("%{byte:02X}"),
        });
        if let Ok(read) = NormalPath::parse(&encoded) {
            let shown = read.as_str();
            let trimmed = path.strip_suffix('/').filter(|rest| !rest.is_empty()).unwrap_or(&path);
            prop_assert_eq!(shown, trimmed);
            prop_assert_eq!(path::fold(read.folded()), Ok(read.folded().to_owned()));
        }
    }

    #[test]
    fn every_program_sees_a_rule_that_decides(
        path in "/[a-cA-C.%0-9/]{0,10}",
        method in prop_oneof![Just("GET"), Just("HEAD"), Just("POST"), Just("get")],
    ) {
        let routes = routes([("/", public()), ("/a", session()), ("GET /A/b", recent(1)), ("=/b", role("x"))]);
        let method = method.parse().unwrap();
        if let Ok(path) = NormalPath::parse(&path) {
            for rule in routes.rules.iter().filter(|rule| rule.is_for(Some(&method), &path)) {
                prop_assert!(rule.may_be_for(Some(&method), &path), "{}", rule);
            }
        }
    }

    #[test]
    fn no_path_stops_the_reader(path in any::<String>()) {
        let _ = guarded().decide(None, Some(&path));
        let _ = RulePath::parse(&path);
        let _ = target_of(&path).map(path_of);
    }
}

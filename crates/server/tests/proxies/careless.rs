//! What careless programs take a request target for.

use std::collections::BTreeSet;

/// Every path that some program may take a target for: cut at `#`, `;`, NUL and an encoded `?` or not,
/// decoded never, once or more often, `\` as `/`, empty segments and NUL dropped, dots taken out, in one
/// case.
pub(crate) fn every_reading(target: &str) -> BTreeSet<String> {
    let target = target
        .split_once("://")
        .map_or(target, |(_, rest)| rest.find('/').map_or("/", |slash| &rest[slash..]));
    let (path, _) = target.split_once('?').unwrap_or((target, ""));
    let mut readings = BTreeSet::from([path.to_owned()]);
    loop {
        let more = readings.iter().flat_map(|reading| {
            let cut = |mark: char| reading.split(mark).next().unwrap_or_default().to_owned();
            let without_parameters =
                reading.split('/').map(|segment| segment.split(';').next().unwrap_or_default());
            [
                cut('?'),
                cut('#'),
                cut(';'),
                cut('\0'),
                without_parameters.collect::<Vec<_>>().join("/"),
                decoded(reading),
                reading.replace('\\', "/"),
                reading.replace("//", "/"),
                reading.replace('\0', ""),
                without_dots(reading),
                reading.to_lowercase(),
            ]
        });
        let next: BTreeSet<_> = readings.iter().cloned().chain(more).collect();
        if next == readings {
            return readings;
        }
        readings = next;
    }
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let byte = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match byte {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn without_dots(path: &str) -> String {
    let mut segments = Vec::new();
    for segment in path.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    format!("/{}", segments.join("/"))
}

#[test]
fn careless_programs_fall_for_the_tricks() {
    for trick in [
        "/public/../admin",
        "/public/%2e%2e/admin",
        "/public/..%2fadmin",
        "/public/%252e%252e/admin",
        "/public/..;/admin",
        "/public\\..\\admin",
        "/public/..%00/admin",
        "//admin",
        "http://app.example/ADMIN?x=/public",
    ] {
        assert!(every_reading(trick).contains("/admin"), "{trick}: {:?}", every_reading(trick));
    }
    assert!(every_reading("/public/a?/../admin").iter().all(|path| path.starts_with("/public")));
}

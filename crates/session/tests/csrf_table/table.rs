//! `verdicts.txt`: rows of sets, expanded into single requests, each with its headers.
//!
//! Two test programs read it, the one of the pure function and the one of the running server.

use std::collections::HashMap;

/// One request and its verdicts.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The row that it is of, counted in lines of the file.
    pub(crate) line: usize,
    pub(crate) channel: &'static str,
    pub(crate) method: &'static str,
    pub(crate) site: &'static str,
    pub(crate) origin: &'static str,
    pub(crate) referer: &'static str,
    pub(crate) token: &'static str,
    /// In the order of [`MODES`].
    pub(crate) verdicts: [&'static str; 3],
}

pub(crate) const MODES: [&str; 3] = ["strict", "fetch-metadata", "report-only"];

/// What the requests of one mode are made of.
#[derive(Clone, Debug)]
pub(crate) struct Material {
    /// The session cookie as a pair, and the name of the anti-CSRF cookie.
    pub(crate) session: String,
    pub(crate) csrf_cookie: String,
    pub(crate) bearer: String,
    pub(crate) csrf: String,
    pub(crate) masked: String,
    /// Of another session.
    pub(crate) other: String,
    pub(crate) masked_other: String,
}

const DIMENSIONS: [&str; 6] = ["channel", "method", "site", "origin", "referer", "token"];

/// Every combination of values, each once: anything else is a broken table, and panics.
pub(crate) fn cases() -> Vec<Case> {
    let text: &'static str = include_str!("verdicts.txt");
    let mut values: HashMap<&str, Vec<&'static str>> = HashMap::new();
    let mut sets: HashMap<&str, Vec<&'static str>> = HashMap::new();
    let mut found: HashMap<[&'static str; 6], Case> = HashMap::new();
    for (index, row) in text.lines().enumerate() {
        let line = index + 1;
        let words: Vec<&'static str> = row.split_whitespace().collect();
        match words.as_slice() {
            [] | ["#", ..] => {}
            ["dimension", name, all @ ..] => drop(values.insert(name, all.to_vec())),
            ["set", name, all] => drop(sets.insert(name, all.split(',').collect())),
            [cells @ .., strict, fetch_metadata, report_only] if cells.len() == 6 => {
                let mut combinations: Vec<Vec<&'static str>> = vec![Vec::new()];
                for (cell, dimension) in cells.iter().zip(DIMENSIONS) {
                    let known = &values[dimension];
                    let meant: Vec<&'static str> = match *cell {
                        "*" => known.clone(),
                        name => {
                            sets.get(name).cloned().unwrap_or_else(|| name.split(',').collect())
                        }
                    };
                    for value in &meant {
                        assert!(known.contains(value), "line {line}: no {dimension} `{value}`");
                    }
                    combinations = combinations
                        .iter()
                        .flat_map(|begun| meant.iter().map(|value| [begun, &[*value][..]].concat()))
                        .collect();
                }
                for combination in combinations {
                    let key: [&'static str; 6] = combination.try_into().expect("six cells");
                    let [channel, method, site, origin, referer, token] = key;
                    let verdicts = [*strict, *fetch_metadata, *report_only];
                    let case =
                        Case { line, channel, method, site, origin, referer, token, verdicts };
                    if let Some(first) = found.insert(key, case) {
                        panic!("{key:?} is in line {} and in line {line}", first.line);
                    }
                }
            }
            _ => panic!("line {line} is no row: {row}"),
        }
    }
    let all: usize = DIMENSIONS.iter().map(|dimension| values[dimension].len()).product();
    assert_eq!(found.len(), all, "not every combination is in the table");
    let mut cases: Vec<Case> = found.into_values().collect();
    let place = |case: &Case| {
        (case.line, case.channel, case.method, case.site, case.origin, case.token, case.referer)
    };
    cases.sort_by_key(place);
    cases
}

impl Case {
    /// The method, and whether this opens a WebSocket.
    pub(crate) fn method(&self) -> (&'static str, bool) {
        if self.method == "websocket" { ("GET", true) } else { (self.method, false) }
    }

    /// The headers, in the order in which they are sent.
    pub(crate) fn headers(&self, material: &Material) -> Vec<(&'static str, String)> {
        let mut headers = Vec::new();
        let mut say = |name, value: &str| headers.push((name, value.to_owned()));
        match self.site {
            "absent" => {}
            "unknown" => say("sec-fetch-site", "Same-Origin"),
            "duplicate" => {
                say("sec-fetch-site", "same-origin");
                say("sec-fetch-site", "same-origin");
            }
            site => say("sec-fetch-site", site),
        }
        match self.origin {
            "absent" => {}
            "ours" => say("origin", "https://app.example"),
            "trusted" => say("origin", "https://spa.example"),
            "other" => say("origin", "https://evil.test"),
            "null" => say("origin", "null"),
            "malformed" => say("origin", "https://app.example/"),
            "duplicate" => {
                say("origin", "https://app.example");
                say("origin", "https://app.example");
            }
            "sibling" => say("origin", "https://sub.app.example"),
            "scheme" => say("origin", "http://app.example"),
            "port" => say("origin", "https://app.example:8443"),
            "lookalike" => say("origin", "https://app.example.evil.test"),
            origin => panic!("no origin `{origin}`"),
        }
        match self.referer {
            "absent" => {}
            "ours" => say("referer", "https://app.example/page"),
            "other" => say("referer", "https://evil.test/page"),
            referer => panic!("no referer `{referer}`"),
        }
        if self.method().1 {
            say("upgrade", "websocket");
            say("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        }
        let (in_header, in_cookie) = self.tokens(material);
        for token in in_header {
            say("x-csrf-token", token);
        }
        let mut cookies: Vec<String> =
            in_cookie.iter().map(|token| format!("{}={token}", material.csrf_cookie)).collect();
        match self.channel {
            "bearer" => say("authorization", &format!("Bearer {}", material.bearer)),
            "cookie" => cookies.insert(0, material.session.clone()),
            "login" => {}
            channel => panic!("no channel `{channel}`"),
        }
        if !cookies.is_empty() {
            say("cookie", &cookies.join("; "));
        }
        headers
    }

    /// The tokens of the header and those of the cookie.
    fn tokens<'m>(&self, material: &'m Material) -> (Vec<&'m str>, Vec<&'m str>) {
        const MADE_UP: &str = "AAAAAAAAAAAAAAAAAAAAAA";
        let Material { csrf, masked, other, masked_other, .. } = material;
        match self.token {
            "both" => (vec![csrf], vec![csrf]),
            "masked" => (vec![masked], vec![csrf]),
            "none" => (vec![], vec![]),
            "header" => (vec![csrf], vec![]),
            "cookie" => (vec![], vec![csrf]),
            "forged" => (vec![MADE_UP], vec![MADE_UP]),
            "other" => (vec![other], vec![other]),
            "masked-other" => (vec![masked_other], vec![csrf]),
            "masked-both" => (vec![masked], vec![masked]),
            "malformed" => (vec!["%"], vec!["%"]),
            "twice-header" => (vec![csrf, csrf], vec![csrf]),
            "twice-cookie" => (vec![csrf], vec![csrf, MADE_UP]),
            token => panic!("no token `{token}`"),
        }
    }
}

mod assertion;
mod cookies;
mod keys;
mod redis;
mod routes;

use super::*;

/// The shortest configuration that is complete.
const LEAST: &str = "origin = 'https://app.example'\nbackend.users = 'users.toml'\n";

fn resolve(toml: &str) -> Result<Config, String> {
    let mut raw = raw::Raw::default();
    raw.add_toml(Path::new("/etc/sealpass/sealpass.toml"), toml);
    resolve::config(raw).map_err(|problems| problems.to_string())
}

fn with(toml: &str) -> Config {
    resolve(&format!("{LEAST}{toml}")).unwrap()
}

/// The one problem of the least configuration and `toml`, which starts at line 3.
fn problem(toml: &str) -> String {
    let problems = resolve(&format!("{LEAST}{toml}")).unwrap_err();
    let one = problems.strip_prefix("the configuration has a problem:\n  ");
    let one = one.unwrap_or_else(|| panic!("{toml:?} has several: {problems}"));
    one.strip_prefix("/etc/sealpass/sealpass.toml:").unwrap_or(one).to_owned()
}

#[test]
fn every_default_is_the_documented_one() {
    let config = with("");
    let shown = |value: &dyn std::fmt::Debug| format!("{value:?}");
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.origin.to_string(), "https://app.example");
    assert_eq!(config.trusted_origins, []);
    assert_eq!(config.issuer, "https://app.example");
    assert_eq!(config.audience, "https://app.example");
    assert_eq!(config.admin.listen.unwrap().to_string(), "127.0.0.1:9090");
    assert_eq!(config.forward_auth.listen, None);
    assert_eq!(shown(&config.keys.source), "Ephemeral");
    assert_eq!((config.keys.times.period(), config.keys.times.retention()), (86_400, 3_600));
    assert_eq!((config.keys.lead, config.keys.poll), (86_400, Duration::from_secs(10)));
    assert_eq!(config.cookies.profile, CookieProfile::host());
    assert_eq!(config.lifetimes, Lifetimes::DEFAULT);
    assert_eq!(config.revocation.journal, None);
    assert_eq!(config.revocation.max_entries.get(), 1_000_000);
    assert_eq!(config.cached_tokens.unwrap().get(), 10_000);
    assert!(config.routes.decide(None, None).is_ok(), "no rule, so no path is ambiguous");
    assert!(!config.bearer.enabled);
    assert_eq!(config.claims, []);
    assert!(config.upstream.is_none());
    assert_eq!(config.trusted_proxies, []);
    assert_eq!(config.login.max_body, 16 * 1024);
    let processors = std::thread::available_parallelism().unwrap().get();
    assert_eq!(config.login.workers.get(), (processors / 2).max(1));
    assert_eq!((config.log.format, config.log.level), (LogFormat::Auto, LogLevel::Info));
    assert_eq!(config.shutdown.grace, Duration::from_secs(10));
}

#[test]
fn the_defaults_of_a_backend_and_an_upstream_are_the_documented_ones() {
    let config = with("backend.kind = 'http'\nbackend.url = 'https://id.example/check'");
    let Backend::Http(backend) = config.backend else { panic!("{:?}", config.backend) };
    assert_eq!(backend.url, "https://id.example/check");
    assert_eq!(backend.refresh_url, None);
    assert_eq!(backend.timeout, Duration::from_secs(5));
    assert_eq!(backend.max_response, 64 * 1024);

    let upstream = with("upstream.url = 'http://127.0.0.1:3000'").upstream.unwrap();
    assert_eq!((upstream.scheme, upstream.authority.as_str()), (Scheme::HTTP, "127.0.0.1:3000"));
    assert_eq!(upstream.connect_timeout, Duration::from_secs(5));
    assert_eq!(upstream.response_timeout, Duration::from_mins(1));
    assert_eq!(upstream.stall, Duration::from_mins(1));
}

#[test]
fn an_upstream_in_a_place_has_the_timeouts_of_all_unless_it_says_otherwise() {
    let config = with(
        "upstream.connect_timeout = 1\nupstream.response_timeout = 2\nupstream.stall = 3\n\
                       [[upstreams]]\npath = '/a'\nurl = 'http://127.0.0.1:1'\n\
                       [[upstreams]]\npath = '/b'\nurl = 'http://127.0.0.1:2'\n\
                       connect_timeout = 4\nresponse_timeout = 5\nstall = 6\n",
    );
    let timeouts = config.upstreams.iter().map(|placed| {
        let Upstream { connect_timeout, response_timeout, stall, .. } = &placed.upstream;
        [connect_timeout, response_timeout, stall].map(Duration::as_secs)
    });
    assert_eq!(timeouts.collect::<Vec<_>>(), [[1, 2, 3], [4, 5, 6]]);
}

#[test]
fn every_setting_reaches_its_place() {
    let config = resolve(
        "listen = '[::1]:0'\norigin = 'http://localhost:8080'\n\
         trusted_origins = ['https://spa.example', 'https://www.app.example:8443']\n\
         issuer = 'login'\naudience = 'api'\ntrusted_proxies = ['10.0.0.0/8', '::1']\n\
         [admin]\nlisten = '0.0.0.0:9000'\ninsecure_public = true\n\
         [forward_auth]\nlisten = '10.0.0.1:9001'\n\
         [cookies]\nprofile = 'dev'\n\
         [lifetimes]\naccess = 60\nidle = '5m'\nabsolute = '1h'\nleeway = 5\n\
         [bearer]\nenabled = true\n\
         [cache]\nverified_tokens = 7\n\
         [backend]\nurl = 'http://127.0.0.1:1/x'\nrefresh_url = 'http://127.0.0.1:1/y'\n\
         timeout = '250ms'\nmax_response = '1MiB'\n\
         [upstream]\nurl = 'https://api.internal'\nclaims = ['role', 'tenant_id']\n\
         connect_timeout = 1\nresponse_timeout = 2\nstall = 3\n\
         [login]\nmax_body = 8192\nworkers = 3\n\
         [log]\nformat = 'json'\nlevel = 'debug'\n\
         [shutdown]\ngrace = 0\n",
    )
    .unwrap();
    assert_eq!(config.listen.to_string(), "[::1]:0");
    assert_eq!(config.origin.to_string(), "http://localhost:8080");
    let texts = |origins: &[Origin]| origins.iter().map(Origin::to_string).collect::<Vec<_>>();
    assert_eq!(
        texts(&config.trusted_origins),
        ["https://spa.example", "https://www.app.example:8443"]
    );
    assert_eq!((config.issuer.as_str(), config.audience.as_str()), ("login", "api"));
    assert_eq!(config.admin.listen.unwrap().to_string(), "0.0.0.0:9000");
    assert_eq!(config.forward_auth.listen.unwrap().to_string(), "10.0.0.1:9001");
    assert_eq!(config.cookies.profile, CookieProfile::insecure_dev());
    let lifetimes = Lifetimes::new(60, 300, 3600).unwrap().with_leeway(5).unwrap();
    assert_eq!(config.lifetimes, lifetimes);
    assert!(config.bearer.enabled);
    let Backend::Http(backend) = config.backend else { panic!("{:?}", config.backend) };
    assert_eq!((backend.timeout, backend.max_response), (Duration::from_millis(250), 1 << 20));
    assert_eq!(backend.refresh_url.unwrap(), "http://127.0.0.1:1/y");
    assert_eq!(config.cached_tokens.unwrap().get(), 7);
    let headers: Vec<_> = config.claims.iter().map(|claim| claim.header.as_str()).collect();
    assert_eq!(headers, ["x-auth-claims-role", "x-auth-claims-tenant-id"]);
    let upstream = config.upstream.unwrap();
    assert_eq!((upstream.scheme, upstream.authority.as_str()), (Scheme::HTTPS, "api.internal"));
    assert_eq!(upstream.connect_timeout, Duration::from_secs(1));
    assert_eq!(upstream.response_timeout, Duration::from_secs(2));
    assert_eq!(upstream.stall, Duration::from_secs(3));
    let proxies: Vec<_> = config.trusted_proxies.iter().map(IpNet::to_string).collect();
    assert_eq!(proxies, ["10.0.0.0/8", "::1/128"]);
    assert_eq!((config.login.max_body, config.login.workers.get()), (8192, 3));
    assert_eq!((config.log.format, config.log.level), (LogFormat::Json, LogLevel::Debug));
    assert_eq!(config.shutdown.grace, Duration::ZERO);
}

#[test]
fn a_revocation_journal_is_found_beside_the_file_that_names_it() {
    let journal = |toml: &str| with(toml).revocation.journal.unwrap();
    let beside = journal("revocation.journal = 'revocations'");
    assert_eq!(beside, Path::new("/etc/sealpass/revocations"));
    let absolute = journal("revocation.journal = '/var/lib/revocations'");
    assert_eq!(absolute, Path::new("/var/lib/revocations"));
}

#[test]
fn a_list_of_revocations_that_anyone_could_fill_is_refused() {
    assert_eq!(with("revocation.max_entries = 1024").revocation.max_entries.get(), 1_024);
    let few = problem("revocation.max_entries = 1023");
    assert!(few.starts_with("3: `revocation.max_entries` is 1023; with fewer than"), "{few}");
}

#[test]
fn a_relative_users_file_is_found_beside_the_file_that_names_it() {
    let users = |toml: &str| match resolve(toml).unwrap().backend {
        Backend::File { users } => users,
        Backend::Http(other) => panic!("{other:?}"),
    };
    assert_eq!(users(LEAST), Path::new("/etc/sealpass/users.toml"));
    let absolute = "origin = 'https://app.example'\nbackend.users = '/var/lib/users.toml'";
    assert_eq!(users(absolute), Path::new("/var/lib/users.toml"));
}

#[test]
fn a_dangerous_combination_is_refused_with_the_way_out() {
    for (toml, expected) in [
        ("admin.listen = '0.0.0.0:9090'", "3: `admin.listen` is open to other machines"),
        ("admin.listen = '192.0.2.1:9090'", "set `admin.insecure_public` to true"),
        ("admin.listen = '127.0.0.1:8080'", "3: `admin.listen` is the address of `listen`"),
        ("listen = '0.0.0.0:9090'", "`admin.listen` is the address of `listen`"),
        ("cookies.profile = 'dev'", "both `listen` and `origin` must be loopback"),
        (
            "lifetimes.access = '2h'",
            "3: `lifetimes.access` is 2h, longer than `lifetimes.idle`, 1h",
        ),
        (
            "lifetimes.idle = '13h'",
            "`lifetimes.idle` is 13h, longer than `lifetimes.absolute`, 12h",
        ),
        ("lifetimes.absolute = '31d'", "`lifetimes.absolute`: `31d` is too large"),
        ("lifetimes.access = 0", "`lifetimes.access`: `0` is too small"),
        ("lifetimes.leeway = 61", "`lifetimes.leeway`: `61` is too large"),
        (
            "lifetimes = {preset = 'nist-aal2', idle = '31m'}",
            "3: `lifetimes.idle` is 31m, longer than the 30m of `lifetimes.preset`",
        ),
        (
            "lifetimes = {preset = 'nist-aal3', absolute = '13h'}",
            "3: `lifetimes.absolute` is 13h, longer than the 12h of `lifetimes.preset`",
        ),
        (
            "lifetimes = {preset = 'nist-aal3', access = '16m'}",
            "3: `lifetimes.access` is 16m, longer than `lifetimes.idle`, 15m",
        ),
        ("lifetimes.preset = 'aal2'", "expected `nist-aal1`, `nist-aal2` or `nist-aal3`"),
        ("lifetimes.idle = 'never'", "3: `lifetimes.idle`: `never` is no span of time"),
        ("backend.refresh_url = 'https://id.example/'", "3: `backend.refresh_url` is a part of"),
        ("cache.verified_tokens = 0", "`cache.verified_tokens`: `0` is too small"),
        ("trusted_proxies = ['0.0.0.0/0']", "would trust every address there is"),
        ("trusted_origins = ['http://spa.example']", "is http on a host that is not this machine"),
        ("upstream.claims = ['a_b', 'A-B']", "has `a_b` and `A-B`, which would be the same header"),
        ("upstream.claims = ['csrf']", "is a claim of the token itself"),
        ("backend.url = 'https://id.example/'", "set it to `file` or `http`"),
        (
            "backend.kind = 'http'",
            "`backend.url` is missing: give it in the file, as SEALPASS_BACKEND_URL or with --backend-url",
        ),
    ] {
        let problem = problem(toml);
        assert!(problem.contains(expected), "{toml}: {problem}");
    }
}

#[test]
fn a_preset_gives_the_lifetimes_and_may_be_tightened() {
    let lifetimes = |toml: &str| with(&format!("[lifetimes]\n{toml}")).lifetimes;
    assert_eq!(lifetimes("preset = 'nist-aal1'"), Lifetimes::NIST_AAL1);
    assert_eq!(lifetimes("preset = 'nist-aal2'"), Lifetimes::NIST_AAL2);
    assert_eq!(lifetimes("preset = 'nist-aal3'"), Lifetimes::NIST_AAL3);
    let tightened = "preset = 'nist-aal2'\naccess = 60\nidle = '5m'\nabsolute = '1h'\nleeway = 5";
    let expected = Lifetimes::new(60, 300, 3600).unwrap().with_leeway(5).unwrap();
    assert_eq!(lifetimes(tightened), expected);
    let both = resolve(&format!(
        "{LEAST}[lifetimes]\npreset = 'nist-aal3'\nidle = '1h'\n[log]\nlevel = 'loud'"
    ));
    let both = both.unwrap_err();
    assert!(both.contains("`lifetimes.idle` is 1h") && both.contains("`log.level`"), "{both}");
}

#[test]
fn dev_cookies_need_both_ends_on_this_machine() {
    let base = "backend.users = 'u'\ncookies.profile = 'dev'\n";
    let dev = |rest: &str| resolve(&format!("{base}{rest}"));
    assert!(dev("origin = 'http://localhost:8080'").is_ok());
    assert!(dev("origin = 'http://localhost:8080'\nlisten = '0.0.0.0:8080'").is_err());
    assert!(dev("origin = 'https://app.example'").is_err());
}

#[test]
fn the_admin_listener_may_share_a_port_only_where_it_can() {
    assert!(with("admin.listen = 'off'").admin.listen.is_none());
    with("listen = '127.0.0.1:0'\nadmin.listen = '127.0.0.1:0'");
    with("listen = '127.0.0.2:9090'");
    with("admin.listen = '[::1]:8080'");
    problem("listen = '[::]:9090'");
}

#[test]
fn forward_auth_has_a_listener_of_its_own() {
    assert!(with("forward_auth.listen = 'off'").forward_auth.listen.is_none());
    with("listen = '127.0.0.1:0'\nforward_auth.listen = '127.0.0.1:0'");
    with("forward_auth.listen = '127.0.0.2:8080'");
    with("admin.listen = 'off'\nforward_auth.listen = '127.0.0.1:9090'");
    // Any interface: who may ask is said by `trusted_proxies`.
    with("forward_auth.listen = '0.0.0.0:8081'");
    for (toml, other) in [
        ("forward_auth.listen = '127.0.0.1:8080'", "listen"),
        ("forward_auth.listen = '0.0.0.0:8080'", "listen"),
        ("forward_auth.listen = '127.0.0.1:9090'", "admin.listen"),
        ("forward_auth.listen = '[::]:9090'", "admin.listen"),
    ] {
        let expected = format!("3: `forward_auth.listen` is the address of `{other}`; give");
        let problem = problem(toml);
        assert!(problem.starts_with(&expected), "{toml}: {problem}");
    }
}

#[test]
fn a_kind_that_is_said_chooses_between_two_backends() {
    let both = "backend.url = 'https://id.example/'\n";
    let file = with(&format!("{both}backend.kind = 'file'")).backend;
    assert!(matches!(file, Backend::File { .. }), "{file:?}");
    let http = with(&format!("{both}backend.kind = 'http'")).backend;
    assert!(matches!(http, Backend::Http(_)), "{http:?}");
    let none = resolve("origin = 'https://app.example'").unwrap_err();
    assert!(none.contains("--users") && none.contains("--backend-url"), "{none}");
}

#[test]
fn what_is_no_setting_is_refused_with_the_nearest_that_is() {
    for (toml, expected) in [
        ("lisen = 'x'", "3: there is no setting `lisen`; did you mean `listen`?"),
        (
            "[lifetimes]\nacess = 5",
            "4: there is no setting `lifetimes.acess`; did you mean `lifetimes.access`?",
        ),
        ("[bakend]\nurl = 'x'", "3: there is no setting `bakend`; did you mean `backend`?"),
        ("upstream_url = 'x'", "did you mean `upstream.url`?"),
        ("database = 'x'", "3: there is no setting `database`"),
        ("'upstream.url' = 'x'", "3: there is no setting `upstream.url`"),
        ("[listen]\nport = 8080", "3: `listen` is a table; expected an IP address"),
        (
            "upstream = 'http://127.0.0.1:1'",
            "`upstream` is a table of settings, so write `[upstream]`",
        ),
        ("[backend.url]\nx = 1", "`backend.url` is a table"),
    ] {
        let problem = problem(toml);
        assert!(problem.contains(expected), "{toml}: {problem}");
    }
}

#[test]
fn a_value_of_another_kind_says_what_would_be_accepted() {
    for (toml, expected) in [
        ("listen = 8080", "3: `listen`: `8080` is no IP address with a port; expected an IP"),
        ("listen = 'localhost:8080'", "is no IP address with a port"),
        ("listen = ['127.0.0.1:1']", "`listen` is a list"),
        ("bearer.enabled = 'yes'", "`yes` is none of the choices; expected `true` or `false`"),
        ("bearer.enabled = 1.5", "is a number with a fraction"),
        ("lifetimes.access = 2026-01-01", "is a date"),
        ("trusted_proxies = [['10.0.0.1']]", "has an item that is no text"),
        ("trusted_proxies = ['10.0.0.1', 'proxy', 7]", "`proxy` is no address"),
        ("log.level = 'verbose'", "expected `error`, `warn`, `info`, `debug` or `trace`"),
        ("login.max_body = '1KiB'", "is too small; expected bytes, or a number with"),
        ("login.workers = 0", "expected a whole number from 1 to 256"),
        ("issuer = 'a b'", "white space"),
    ] {
        let problem = resolve(&format!("{LEAST}{toml}")).unwrap_err();
        assert!(problem.contains(expected), "{toml}: {problem}");
    }
}

#[test]
fn all_problems_are_reported_at_once_in_order() {
    let problems = resolve(
        "listen = 'here'\ncookies = 5\nnonsense = 1\n[lifetimes]\naccess = '2h'\nidle = '1x'\n\
         [login]\nworkers = 0\n[upstream]\nurl = 'ftp://x'\nclaims = ['sub', 'a b']\n",
    )
    .unwrap_err();
    let lines: Vec<_> = problems.lines().map(str::trim).collect();
    let expected = [
        "the configuration has 10 problems:",
        "/etc/sealpass/sealpass.toml:2: `cookies` is a table",
        "/etc/sealpass/sealpass.toml:3: there is no setting `nonsense`",
        "/etc/sealpass/sealpass.toml:1: `listen`",
        "`origin` is missing",
        "/etc/sealpass/sealpass.toml:6: `lifetimes.idle`",
        "`backend.kind` cannot follow",
        "/etc/sealpass/sealpass.toml:11: `upstream.claims`: `sub`",
        "/etc/sealpass/sealpass.toml:11: `upstream.claims`: `a b`",
        "/etc/sealpass/sealpass.toml:10: `upstream.url`",
        "/etc/sealpass/sealpass.toml:8: `login.workers`",
    ];
    assert_eq!(lines.len(), expected.len(), "{problems}");
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.starts_with(expected), "{line:?} is not {expected:?}");
    }
}

#[test]
fn a_file_that_is_no_toml_is_located_and_not_quoted() {
    let problem = problem("[backend\nurl = 'https://user:hunter2@id.example/'");
    assert!(problem.starts_with("3: "), "{problem}");
    assert!(!problem.contains("hunter2"), "{problem}");
    let twice = resolve("backend.users = 'x'\nbackend.users = 'y'").unwrap_err();
    assert!(twice.contains(":2: duplicate key"), "{twice}");
    assert!(!twice.contains("is missing"), "what was not read is not missing: {twice}");
}

#[test]
fn a_password_in_a_url_is_in_no_message() {
    for key in ["origin", "backend.url", "upstream.url", "trusted_origins"] {
        let toml = format!("{key} = 'https://user:hunter2@id.example'");
        let problems = resolve(&toml).unwrap_err();
        assert!(problems.contains(&format!("`{key}`")), "{problems}");
        assert!(!problems.contains("hunter2") && !problems.contains("user:"), "{problems}");
    }
    let unknown = problem("backend.password = 'hunter2'");
    assert!(!unknown.contains("hunter2"), "{unknown}");
}

#[test]
fn the_table_is_consistent() {
    let mut names = std::collections::BTreeSet::new();
    let arrays = table::ARRAYS.iter().flat_map(|array| array.settings);
    for setting in table::ALL.iter().chain(arrays) {
        assert!(names.insert(setting.variable()), "{} twice", setting.variable());
        assert!(setting.flag().is_none_or(|flag| names.insert(flag.to_owned())));
        assert!(setting.variable() != raw::FILE_VARIABLE);
        assert!(
            !setting.doc().ends_with('.') && !setting.doc().contains("  "),
            "{}",
            setting.key()
        );
        assert!(setting.key().matches('.').count() <= 1, "{}", setting.key());
    }
    // A key that is a table for others could be neither.
    for setting in table::ALL.iter() {
        let inside = format!("{}.", setting.key());
        assert!(!table::ALL.iter().any(|other| other.key().starts_with(&inside)));
    }
    for array in table::ARRAYS {
        let inside = format!("{}.", array.key);
        assert!(array.settings.iter().all(|setting| setting.key().starts_with(&inside)));
        assert!(array.settings.iter().all(|setting| setting.flag().is_none()), "{inside}");
        assert!(!table::ALL.iter().any(|other| other.key() == array.key));
        assert!(!table::ALL.iter().any(|other| other.key().starts_with(&inside)));
    }
}

#[test]
fn variables_that_kubernetes_makes_are_not_taken_for_misspelt_settings() {
    let problems = |variables: &[(&str, &str)]| {
        let mut raw = raw::Raw::default();
        raw.add_toml(Path::new("sealpass.toml"), LEAST);
        raw.add_environment(variables.iter().map(|(name, value)| (name.into(), value.into())));
        resolve::config(raw).map_err(|problems| problems.to_string()).err()
    };
    let links = [
        ("SEALPASS_SERVICE_HOST", "10.96.0.12"),
        ("SEALPASS_SERVICE_PORT", "8080"),
        ("SEALPASS_SERVICE_PORT_HTTP", "8080"),
        ("SEALPASS_PORT", "tcp://10.96.0.12:8080"),
        ("SEALPASS_PORT_8080_TCP", "tcp://10.96.0.12:8080"),
        ("SEALPASS_PORT_8080_TCP_PROTO", "tcp"),
        ("SEALPASS_PORT_8080_TCP_PORT", "8080"),
        ("SEALPASS_PORT_8080_TCP_ADDR", "10.96.0.12"),
        ("SEALPASS_ADMIN_PORT", "tcp://10.96.0.13:9090"),
    ];
    assert_eq!(problems(&links), None);
    for typo in
        [("SEALPASS_PORT", "8080"), ("SEALPASS_UPSTREAM_PORT", "3000"), ("SEALPASS_TCP", "1")]
    {
        assert!(problems(&[typo]).unwrap().contains("there is no setting"), "{typo:?}");
    }
}

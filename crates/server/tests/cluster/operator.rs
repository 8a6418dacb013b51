//! Operators revoke at any instance.

use std::io::Write as _;
use std::process::Stdio;

use crate::support::{Cluster, Persistence, TOKEN, call, program};

#[test]
fn through_redis_an_operator_ends_a_session_a_user_or_all() {
    let cluster = Cluster::start(2, Persistence::Never, "");
    let [a, b] = &cluster.instances[..] else { panic!("two") };
    let bearer = format!("Bearer {TOKEN}");
    let revoke = |body: &str, token: &str| {
        let headers = [("Authorization", token), ("Content-Type", "application/json")];
        let headers = if token.is_empty() { &headers[1..] } else { &headers[..] };
        call(&a.admin, "POST", "/admin/revoke", headers, body).unwrap()
    };
    let session = cluster.login(0);
    for (body, token, status, code) in [
        (r#"{"all":true}"#, "", 401, "admin_token_missing"),
        (r#"{"all":true}"#, "Basic abc", 401, "admin_token_missing"),
        (r#"{"all":true}"#, "Bearer", 401, "admin_token_missing"),
        (r#"{"all":true}"#, "Bearer wrong", 403, "admin_token_wrong"),
        (r#"{"all":false}"#, &bearer, 400, "invalid_revocation"),
        (r#"{"sid":"x"}"#, &bearer, 400, "invalid_revocation"),
        ("", &bearer, 400, "invalid_revocation"),
    ] {
        let answer = revoke(body, token);
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{body} {token}");
    }
    cluster.expect_alive(&session);
    // Where browsers come there is no such path.
    let headers = [("Authorization", bearer.as_str())];
    let answer = call(&a.address, "POST", "/admin/revoke", &headers, r#"{"all":true}"#).unwrap();
    assert_eq!(answer.status, 404);

    let other = b.login("ada").unwrap();
    assert_eq!(revoke(r#"{"subject":"ada"}"#, &bearer).status, 204);
    cluster.expect_refused(&other);
    cluster.expect_alive(&session);
    assert_eq!(revoke(r#"{"all":true}"#, &bearer).status, 204);
    cluster.expect_refused(&session);
    cluster.expect_alive(&cluster.login(1));
}

#[test]
fn through_redis_the_command_revokes_and_its_secret_is_no_argument() {
    let cluster = Cluster::start(2, Persistence::Never, "");
    let admin = format!("http://{}", cluster.instances[1].admin);
    let run = |arguments: &[&str], stdin: &str| {
        let mut command = program();
        command.arg("revoke").args(arguments).args(["--admin", &admin]);
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // One that reads its secret elsewhere may end before it is written.
        let _ = child.stdin.take().unwrap().write_all(stdin.as_bytes());
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    let (session, other) = (cluster.login(0), cluster.login(0));
    let file = format!("file:{}", cluster.folder().join("token").display());
    assert_eq!(run(&["--subject", &session.subject, "--token", &file], "").0, Some(0));
    cluster.expect_refused(&session);
    cluster.expect_alive(&other);

    let (code, said) = run(&["--all"], "another secret");
    assert_eq!(code, Some(1));
    assert!(said.contains("403") && said.contains(&admin), "{said}");
    let (code, said) = run(&["--all", "--token", TOKEN], "");
    assert_eq!(code, Some(1));
    assert!(!said.contains(TOKEN), "{said}");
    assert_eq!(run(&["--sid", "x"], TOKEN).0, Some(1));
    assert_eq!(run(&[], TOKEN).0, Some(2), "whom?");
    assert_eq!(run(&["--all", "--subject", "ada"], TOKEN).0, Some(2), "one of them");
    cluster.expect_alive(&other);
    assert_eq!(run(&["--all"], TOKEN).0, Some(0));
    cluster.expect_refused(&other);
}

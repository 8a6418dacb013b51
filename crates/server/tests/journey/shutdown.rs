//! How the program starts and stops.

use std::net::TcpStream;
use std::thread;

use crate::credentials::Users;
use crate::support::{Client, PASSWORD, Peer, Sealpass, USERNAME};

#[test]
fn a_request_in_flight_finishes_and_no_new_connection_is_taken() {
    let users = Users::with(USERNAME, &[]);
    let api = Peer::api();
    let upstream = format!("upstream.url = \"{}\"\nshutdown.grace = \"5m\"\n", api.url(""));
    let mut sealpass = Sealpass::serve(&(users.setting() + &upstream));
    let operator = Client::new();
    for (path, body) in [("/healthz", "ok"), ("/readyz", "ready")] {
        let answer = operator.get(&sealpass.admin_url(path)).send().expect(200);
        assert_eq!(answer.body, body);
    }

    let client = Client::new();
    let body = serde_json::json!({ "username": USERNAME, "password": PASSWORD });
    client.post(&sealpass.url("/auth/login")).json(&body).send().expect(200);
    let held = client.get(&sealpass.url("/held"));
    let in_flight = thread::spawn(move || held.send());
    operator.get(&api.url("/arrived")).send().expect(200);

    sealpass.child.signal("TERM");
    // The socket closes a moment after the signal: until then a connection may still be taken.
    while TcpStream::connect(&sealpass.address).is_ok() {
        thread::yield_now();
    }
    let answer = operator.get(&sealpass.admin_url("/readyz")).send();
    answer.expect_problem(503, "shutting_down");
    operator.get(&sealpass.admin_url("/healthz")).send().expect(200);

    operator.post(&api.url("/release")).send().expect(200);
    let answer = in_flight.join().expect("answered").expect(200);
    assert_eq!(answer.body, "held and released");
    assert_eq!(sealpass.child.wait().code(), Some(0));
}

#[test]
fn a_server_with_nothing_to_do_stops_at_once() {
    let users = Users::with(USERNAME, &[]);
    let mut sealpass = Sealpass::serve(&(users.setting() + "shutdown.grace = \"10m\"\n"));
    let _idle = TcpStream::connect(&sealpass.address).expect("connected");
    sealpass.child.signal("TERM");
    assert_eq!(sealpass.child.wait().code(), Some(0));
}

#[test]
fn no_listener_answers_what_belongs_to_another() {
    let users = Users::with(USERNAME, &[]);
    let sealpass = Sealpass::serve(&users.setting());
    let client = Client::new();
    for nowhere in [sealpass.admin_url("/auth/session"), sealpass.forward_auth_url("/auth/session")]
    {
        client.get(&nowhere).send().expect_problem(404, "not_found");
    }
    for path in ["/healthz", "/readyz"] {
        client.get(&sealpass.url(path)).send().expect_problem(404, "not_found");
    }
}

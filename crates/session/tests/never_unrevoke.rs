//! Random histories against a simple model: no acknowledged logout is lost, nothing that was revoked
//! is let in again, and nobody is logged out who should not be.
//!
//! The world is a policy with its list and the bytes of a journal. A crash cuts the bytes that were
//! not acknowledged anywhere; a restart is a new list that reads them. The model knows of each
//! session whether it was revoked, and of each token when it ends.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

use std::rc::Rc;
use std::sync::Arc;

use http::Method;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use sealpass::credential::{Identity, Subject};
use sealpass::jose::{Key, KeyRing};
use sealpass::policy::{GrantError, PendingLogout, Renewed, Target};
use sealpass::revocation::{Revocation, RevocationList, journal};
use sealpass::{Authenticated, NumericDate, Origin, Policy};
use support::{Browser, LOGIN, ORIGIN, Roles, at};

#[derive(Clone, Debug)]
enum Step {
    Login(u8),
    /// A token becomes a younger one, by a request that was authenticated just now or long ago.
    Renew(Index),
    RenewLate(Index),
    Logout(Index),
    LogoutEverywhere(Index),
    Operator(Index),
    /// A logout is written up to a byte, and the machine stops.
    CrashInLogout(Index, Index),
    Restart,
    /// The journal is rewritten from the list.
    Rewrite,
    /// A fact of long ago arrives once more.
    Redeliver(Index),
    Wait(u64),
    SetClockBack(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    prop_oneof![
        4 => (0..3_u8).prop_map(Step::Login),
        3 => index().prop_map(Step::Renew),
        1 => index().prop_map(Step::RenewLate),
        3 => index().prop_map(Step::Logout),
        1 => index().prop_map(Step::LogoutEverywhere),
        1 => index().prop_map(Step::Operator),
        1 => (index(), index()).prop_map(|(token, cut)| Step::CrashInLogout(token, cut)),
        1 => Just(Step::Restart),
        1 => Just(Step::Rewrite),
        2 => index().prop_map(Step::Redeliver),
        3 => prop_oneof![0..3_u64, 0..700_u64, 3_000..4_000_u64].prop_map(Step::Wait),
        1 => prop_oneof![0..60_u64, 0..2_000_u64].prop_map(Step::SetClockBack),
    ]
}

/// What the model knows of a session.
struct Session {
    user: u8,
    is_revoked: bool,
    /// The clock was past the end of every token it has: by then it had ended by itself.
    has_ended: bool,
}

struct Token {
    session: usize,
    browser: Browser,
    issued: u64,
    idle: u64,
    /// Who the policy took it for when it was new.
    caller: Rc<Authenticated<Roles>>,
}

struct World {
    keys: KeyRing,
    max_entries: usize,
    policy: Policy<Roles>,
    disk: Vec<u8>,
    now: u64,
    /// The latest time the clock ever had.
    latest: u64,
    sessions: Vec<Session>,
    tokens: Vec<Token>,
    facts: Vec<Revocation>,
}

impl World {
    fn new(max_entries: usize) -> Self {
        let keys = KeyRing::new(Key::generate_a256gcm().unwrap());
        let mut disk = journal::HEADER.to_vec();
        journal::append(&Revocation::unknown_before(at(LOGIN - 1)), &mut disk);
        let policy = start(&keys, max_entries, &disk, LOGIN);
        Self {
            keys,
            max_entries,
            policy,
            disk,
            now: LOGIN,
            latest: LOGIN,
            sessions: Vec::new(),
            tokens: Vec::new(),
            facts: Vec::new(),
        }
    }

    fn time(&self) -> NumericDate {
        at(self.now)
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Login(user) => self.login(*user),
            Step::Renew(index) => {
                if let Some(token) = self.pick(*index)
                    && let Ok(caller) = token.browser.get(&self.policy, self.now)
                {
                    let session = token.session;
                    self.renew(session, &caller);
                }
            }
            Step::RenewLate(index) => {
                if let Some((session, caller)) =
                    self.pick(*index).map(|t| (t.session, Rc::clone(&t.caller)))
                {
                    self.renew(session, &caller);
                }
            }
            Step::Logout(index) => {
                if let Some((session, logout)) = self.logout(*index) {
                    self.write(logout.revocations());
                    let _ = self.policy.complete(logout, self.time());
                    self.sessions[session].is_revoked = true;
                }
            }
            Step::LogoutEverywhere(index) => {
                let Some(token) = self.pick(*index) else { return };
                let (user, view) = (self.sessions[token.session].user, Method::POST);
                let view = token.browser.view(&view);
                if let Ok(logout) = self.policy.logout_everywhere(&view, self.time()) {
                    self.write(logout.revocations());
                    let _ = self.policy.complete(logout, self.time());
                    self.sessions
                        .iter_mut()
                        .filter(|s| s.user == user)
                        .for_each(|s| s.is_revoked = true);
                }
            }
            Step::Operator(index) => {
                let Some(token) = self.pick(*index) else { return };
                let (session, sid) = (token.session, token.caller.session_id());
                let fact = self.policy.revocation_of(Target::Session(sid), self.time());
                self.write(std::slice::from_ref(&fact));
                self.policy.revocations().apply(&fact, self.time());
                self.sessions[session].is_revoked = true;
            }
            Step::CrashInLogout(index, cut) => {
                let whole = self.disk.len();
                if let Some((_, logout)) = self.logout(*index) {
                    journal::append(logout.revocations(), &mut self.disk);
                }
                // All bytes but the last: with that one it would be an answer that got lost.
                let torn = cut.index((self.disk.len() - whole).max(1));
                self.disk.truncate(whole + torn);
                self.restart();
                self.disk.truncate(whole);
            }
            Step::Restart => self.restart(),
            Step::Rewrite => {
                let living: Vec<_> = self.policy.revocations().iter().collect();
                self.disk = journal::HEADER.to_vec();
                journal::append(&living, &mut self.disk);
            }
            Step::Redeliver(index) => {
                if !self.facts.is_empty() {
                    self.policy.revocations().apply(index.get(&self.facts), self.time());
                }
            }
            Step::Wait(seconds) => {
                self.now += seconds;
                self.latest = self.latest.max(self.now);
            }
            Step::SetClockBack(seconds) => self.now -= seconds,
        }
    }

    fn login(&mut self, user: u8) {
        let roles = Roles { roles: Vec::new() };
        let identity = Identity::new(Subject::new(format!("user-{user}")).unwrap(), roles);
        match self.policy.grant(&identity, self.time()) {
            Ok(grant) => {
                self.sessions.push(Session { user, is_revoked: false, has_ended: false });
                self.keep(self.sessions.len() - 1, Browser::with(&grant));
            }
            Err(GrantError::TooManyLogins) => {}
            Err(error) => panic!("{error}"),
        }
    }

    fn renew(&mut self, session: usize, caller: &Authenticated<Roles>) {
        match self.policy.renew(caller, self.time()) {
            Ok(Renewed::Cookie(grant)) => self.keep(session, Browser::with(&grant)),
            Ok(Renewed::Bearer(_)) => panic!("a cookie became a bearer token"),
            Err(GrantError::SessionEnded(_)) => {}
            Err(error) => panic!("{error}"),
        }
    }

    /// A token that is accepted joins the others; what is refused was refused at its birth.
    fn keep(&mut self, session: usize, browser: Browser) {
        let browser = browser.echoing();
        if let Ok(caller) = browser.get(&self.policy, self.now) {
            let caller = Rc::new(caller);
            let idle = caller.summary().idle_expires_at().as_secs();
            self.tokens.push(Token { session, browser, issued: self.now, idle, caller });
        }
    }

    fn logout(&self, index: Index) -> Option<(usize, PendingLogout)> {
        let token = self.pick(index)?;
        let logout = self.policy.logout(&token.browser.view(&Method::POST), self.time()).ok()?;
        // A token from the future is not known to be ours.
        (token.issued <= self.now).then_some((token.session, logout))
    }

    fn write(&mut self, facts: &[Revocation]) {
        journal::append(facts, &mut self.disk);
        self.facts.extend_from_slice(facts);
    }

    fn restart(&mut self) {
        // How far the clock was set back is known to a process and dies with it.
        self.now = self.now.max(self.latest - 30);
        self.policy = start(&self.keys, self.max_entries, &self.disk, self.now);
    }

    fn pick(&self, index: Index) -> Option<&Token> {
        (!self.tokens.is_empty()).then(|| index.get(&self.tokens))
    }

    fn check(&mut self, may_coarsen: bool) {
        for (number, session) in self.sessions.iter_mut().enumerate() {
            let tokens = self.tokens.iter().filter(|token| token.session == number);
            session.has_ended |= tokens.map(|token| token.idle).max() <= Some(self.latest);
        }
        for (number, token) in self.tokens.iter().enumerate() {
            let verdict = token.browser.get(&self.policy, self.now);
            let is_alive = token.issued <= self.now && self.now < token.idle;
            let session = &self.sessions[token.session];
            if session.is_revoked {
                let is_refused = verdict.is_err() || session.has_ended;
                assert!(is_refused, "token {number} was revoked and is let in");
            } else if is_alive && !may_coarsen {
                assert!(verdict.is_ok(), "token {number} is refused: {:?}", verdict.err());
            }
        }
    }
}

fn start(keys: &KeyRing, max_entries: usize, disk: &[u8], now: u64) -> Policy<Roles> {
    let list = RevocationList::with_max_entries(max_entries);
    journal::read(disk, |fact| list.apply(&fact, at(now))).unwrap();
    let policy = Policy::builder()
        .issuer(ORIGIN)
        .audience(ORIGIN)
        .keys(keys.clone())
        .origin(Origin::parse(ORIGIN).unwrap())
        .revocations(Arc::new(list))
        .build()
        .unwrap();
    policy.begin(at(now));
    policy
}

fn run(max_entries: usize, steps: &[Step], may_coarsen: bool) {
    let mut world = World::new(max_entries);
    for step in steps {
        world.step(step);
        world.check(may_coarsen);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn with_room_enough_exactly_the_logged_out_are_refused(steps in vec(step(), 1..60)) {
        run(64 * 64, &steps, false);
    }

    #[test]
    fn an_overflowing_list_lets_in_nobody_who_was_logged_out(
        max_entries in 1..5_usize,
        steps in vec(step(), 1..60),
    ) {
        run(max_entries, &steps, true);
    }
}

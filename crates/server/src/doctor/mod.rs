//! `sealpass doctor`: probes a live deployment from outside and says what to change.
//!
//! It sees what browsers and attackers see: the front proxy with Sealpass and the API behind it. Each
//! file below is a family of probes; what it judges is a pure function of recorded answers.
//!
//! | without an account | with one |
//! |---|---|
//! | [`reach`], [`tls`], [`clock`], [`caching`], [`exposure`], [`cors`], [`csrf`] | [`login`], [`cookies`], [`renewal`], [`logout`] |
//! | [`identity`], [`paths`]: what needs a session is not had without | [`csrf`], [`identity`]: nor with that of another |
//!
//! A password is sent to nothing that does not answer as Sealpass does, and never over plain http
//! but on this machine.

mod args;
mod caching;
mod clock;
mod cookies;
mod cors;
mod csrf;
mod exposure;
mod finding;
mod identity;
mod login;
mod logout;
mod paths;
mod raw;
mod reach;
mod renewal;
mod report;
mod site;
mod tls;

use std::io::{self, Write as _};
use std::process::ExitCode;

use self::args::Account;
use http::StatusCode;

pub(crate) use self::args::DoctorArgs;
use self::finding::Finding;
use self::login::Session;
use self::report::Report;
use self::site::{Answer, NoAnswer, Site};
use crate::cli::print;

/// Nothing is at the URL that could be probed.
#[derive(Debug, thiserror::Error)]
#[error("the deployment cannot be reached: {0}")]
pub(crate) struct Unreachable(String);

/// Runs `sealpass doctor`: 0 when nothing failed, 1 when something did.
///
/// # Errors
/// [`Unreachable`], or why the password cannot be read.
pub(crate) fn run(args: &DoctorArgs) -> anyhow::Result<ExitCode> {
    let account = args.account()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let report = runtime.block_on(examine(args, account))?;
    print(&report.render(args.format))?;
    Ok(report.exit_code())
}

async fn examine(args: &DoctorArgs, account: Option<Account>) -> anyhow::Result<Report> {
    let site = Site::new(args.url.clone(), args.timeout())?;
    let mut report = Report::new(site.origin().to_string());
    let first = match site.get("/auth/session").send().await {
        Ok(answer) => answer,
        Err(error) => match tls::refused(&error) {
            Some(refused) => {
                report.add("tls", Ok(vec![refused]));
                return Ok(report);
            }
            None => return Err(Unreachable(format!("{:#}", anyhow::Error::from(error))).into()),
        },
    };
    let path = without_account(&site, args, &first, &mut report).await;
    match account {
        None => report.add("session", Ok(vec![no_account()])),
        Some(account) => match unfit_for_passwords(&site, &first) {
            Some(why) => report.add("session", Ok(vec![why])),
            None => with_account(&site, args, &account, path, &mut report).await,
        },
    }
    Ok(report)
}

/// Everything that needs no account. The path of the API, if it is one that needs a session.
async fn without_account<'a>(
    site: &Site,
    args: &'a DoctorArgs,
    first: &Answer,
    report: &mut Report,
) -> Option<&'a str> {
    report.add("reach", Ok(reach::judge(first)));
    report.add("tls", tls::probe(site, first).await);
    report.add("clock", Ok(clock::judge(first)));
    let no_store = caching::judge_no_store("no_store", "GET /auth/session", first);
    report.add("caching", Ok(vec![no_store]));
    report.add("exposure", exposure::probe(site).await);
    report.add("cors", cors::probe(site, args.path.as_deref()).await);
    report.add("csrf", csrf::without_session(site).await);

    let Some(path) = args.path.as_deref() else {
        let skipped = Finding::skipped(
            "path_protected",
            "no path of the API is known",
            "add --path PATH, one that needs a session: spoofed identity and tricks with paths are \
             tried on it",
        );
        report.add("api", Ok(vec![skipped]));
        return None;
    };
    let stranger = match site.get(path).send().await {
        Ok(answer) => answer,
        Err(error) => {
            report.add("api", Err(error));
            return None;
        }
    };
    report.add("api", Ok(vec![identity::judge_protected(path, &stranger)]));
    if stranger.status != StatusCode::UNAUTHORIZED {
        return None;
    }
    report.add("identity", identity::without_session(site, path).await);
    report.add("paths", Ok(paths::probe(site, path, args.public.as_deref()).await));
    Some(path)
}

fn no_account() -> Finding {
    Finding::skipped(
        "login",
        "without an account neither cookies nor renewal, CSRF and logout can be seen",
        "add --username NAME --password-file FILE with a test account",
    )
}

/// Why no password is sent here.
fn unfit_for_passwords(site: &Site, first: &Answer) -> Option<Finding> {
    if !site.origin().is_secure() && !site.origin().is_loopback() {
        let why = "no password is sent over plain http";
        return Some(Finding::skipped("login", why, "serve the deployment over https"));
    }
    if !reach::is_sealpass(first) {
        let why = "no password is sent to what does not answer as Sealpass does";
        return Some(Finding::skipped("login", why, "see `session_endpoint`"));
    }
    None
}

async fn with_account(
    site: &Site,
    args: &DoctorArgs,
    account: &Account,
    path: Option<&str>,
    report: &mut Report,
) {
    let session = match login::log_in(site, account).await {
        Ok((findings, session)) => {
            report.add("session", Ok(findings));
            session
        }
        Err(error) => {
            report.add("session", Err(error));
            None
        }
    };
    let Some(session) = session else { return };
    report.add("cookies", Ok(cookies::judge(session.cookies())));
    if cookies::broken(session.cookies()).is_some() {
        // A browser has no whole session either, so there is nothing to go on with.
        return;
    }
    if let Some(path) = path {
        report.add("api", call(site, &session, path).await);
        report.add("csrf", csrf::with_session(site, &session, path).await);
    }
    report.add("identity", echo(site, &session, args.echo.as_deref()).await);
    let session = renew(site, args, session, path, report).await;
    report.add("logout", logout::probe(site, &session, path).await);
}

async fn call(site: &Site, session: &Session, path: &str) -> Result<Vec<Finding>, NoAnswer> {
    let answer = session.attach(site.get(path)).send().await?;
    let afterwards = site.get(path).send().await?;
    Ok(vec![
        login::judge_call(path, &answer),
        identity::judge_leak(&answer),
        caching::judge_shared(path, &afterwards),
    ])
}

async fn echo(
    site: &Site,
    session: &Session,
    echo: Option<&str>,
) -> Result<Vec<Finding>, NoAnswer> {
    match echo {
        Some(echo) => identity::with_session(site, session, echo).await,
        None => Ok(vec![Finding::skipped(
            "identity_replaced",
            "what the API is told cannot be seen from outside",
            "add --echo PATH, one of the API that answers with the headers it received",
        )]),
    }
}

/// Renews, and returns the session as it is then.
async fn renew(
    site: &Site,
    args: &DoctorArgs,
    session: Session,
    path: Option<&str>,
    report: &mut Report,
) -> Session {
    let (findings, session) = renewal::refresh(site, session).await;
    report.add("renewal", findings);
    let with_call = match path.filter(|_| args.wait_renewal) {
        Some(path) => {
            let seconds = renewal::due_in(&session);
            // On a terminal nobody should wonder; a script reads standard output.
            let _ = writeln!(io::stderr(), "waiting {seconds} s for the session to be due");
            renewal::with_call(site, &session, path).await
        }
        None => Ok(vec![Finding::skipped(
            "renewal_call",
            "a renewal along with a call of the API was not waited for",
            "add --wait-renewal and --path PATH; it takes half of the access lifetime",
        )]),
    };
    report.add("renewal", with_call);
    session
}

//! The connection: a trusted certificate, for long enough, and no way around it.

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use http::uri::Scheme;
use http::{StatusCode, Uri, header};
use rustls::pki_types::UnixTime;
use rustls::time_provider::TimeProvider;
use sealpass_tower::sealpass::Origin;
use tokio::time::timeout;
use tower::Service as _;

use super::finding::Finding;
use super::site::{Answer, NoAnswer, Site, shown};
use crate::{clock, outbound};

/// The finding about a connection that TLS refused; none when something else was wrong with it.
pub(super) fn refused(error: &NoAnswer) -> Option<Finding> {
    let error = error.error.chain().find_map(tls_error)?;
    Some(Finding::fail(
        "tls_certificate",
        shown(&error.to_string()),
        "serve a certificate, with its intermediates, that browsers trust for this host; one of a \
         private authority is checked with SSL_CERT_FILE=ca.pem sealpass doctor ...",
    ))
}

/// Probes the connection. `first` is an answer that came over it.
pub(super) async fn probe(site: &Site, first: &Answer) -> Result<Vec<Finding>, NoAnswer> {
    if !site.origin().is_secure() {
        return Ok(vec![without_tls(site.origin())]);
    }
    let certificate = Finding::ok("tls_certificate", "trusted");
    Ok(vec![certificate, expiry(site).await, plain_http(site).await, hsts(first)])
}

fn without_tls(origin: &Origin) -> Finding {
    if origin.is_loopback() {
        let deployed = "probe the URL that browsers use";
        return Finding::skipped("tls_certificate", "plain http on this machine", deployed);
    }
    Finding::fail(
        "tls_certificate",
        "plain http: passwords and sessions can be read on the way",
        "serve the deployment over https and set `origin` to that URL",
    )
}

/// Whether the certificate is still trusted by a clock that is ahead: no need to read its dates.
async fn expiry(site: &Site) -> Finding {
    let connected = async {
        let mut tls = outbound::tls(&Scheme::HTTPS)?;
        tls.time_provider = Arc::new(Ahead);
        let uri: Uri = site.origin().to_string().parse()?;
        let mut connector =
            outbound::connector(&Scheme::HTTPS, tls, site.timeout(), site.timeout());
        connector.call(uri).await.map(drop)
    };
    let connected = timeout(site.timeout(), connected).await;
    let days = DAYS_AHEAD;
    match connected.unwrap_or_else(|late| Err(late.into())) {
        Ok(()) => Finding::ok("tls_expiry", format!("trusted in {days} days too")),
        Err(error) if tls_error(error.as_ref()).is_some() => Finding::warn(
            "tls_expiry",
            format!("not trusted any more in {days} days"),
            "renew the certificate; one that lasts days only and renews itself is fine",
        ),
        Err(error) => {
            let why = format!("a second connection failed: {}", shown(&error.to_string()));
            Finding::skipped("tls_expiry", why, "try again")
        }
    }
}

#[derive(Debug)]
struct Ahead;

impl TimeProvider for Ahead {
    fn current_time(&self) -> Option<UnixTime> {
        let now = clock::now().as_secs() + DAYS_AHEAD * 24 * 3600;
        Some(UnixTime::since_unix_epoch(Duration::from_secs(now)))
    }
}

/// What plain http answers on the port that browsers try.
async fn plain_http(site: &Site) -> Finding {
    let host = site.origin().to_string().replacen("https://", "http://", 1);
    let plain = Origin::parse(&host).ok().filter(|_| !has_port(&host));
    let Some(plain) = plain.and_then(|plain| Site::new(plain, site.timeout()).ok()) else {
        let why = "the URL names a port, so the one of plain http is not known";
        return Finding::skipped("plain_http", why, "probe the URL that browsers use");
    };
    match plain.get("/auth/session").send().await {
        Ok(answer) => judge_plain_http(&answer, site.origin()),
        Err(_) => Finding::ok("plain_http", "nobody answers"),
    }
}

fn has_port(url: &str) -> bool {
    url.parse::<Uri>().is_ok_and(|uri| uri.port().is_some())
}

fn judge_plain_http(answer: &Answer, origin: &Origin) -> Finding {
    let target = answer.header(header::LOCATION);
    if answer.status.is_redirection() && leads_to(target, origin) {
        Finding::ok("plain_http", format!("redirects to {origin}"))
    } else if answer.status.is_redirection() && target.starts_with("https://") {
        Finding::warn(
            "plain_http",
            format!("redirects to {}", shown(target)),
            format!("redirect to {origin}, or probe the URL it redirects to"),
        )
    } else if answer.status.is_client_error() && answer.status != StatusCode::UNAUTHORIZED {
        Finding::ok("plain_http", format!("refuses: {}", answer.summary()))
    } else {
        Finding::fail(
            "plain_http",
            format!("http answers GET /auth/session: {}", answer.summary()),
            "redirect everything from http to https with 308, or close port 80",
        )
    }
}

fn leads_to(target: &str, origin: &Origin) -> bool {
    let Ok(uri) = target.parse::<Uri>() else { return false };
    let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else { return false };
    Origin::parse(&format!("{scheme}://{authority}")).is_ok_and(|found| found == *origin)
}

fn hsts(answer: &Answer) -> Finding {
    let value = answer.header(header::STRICT_TRANSPORT_SECURITY);
    let mut directives = value.split(';').map(str::trim);
    // RFC 6797 §6.1: names fold case, white space may stand around `=`, and a value may be quoted.
    let max_age = directives.find_map(|directive| {
        let (name, seconds) = directive.split_once('=')?;
        name.trim_end().eq_ignore_ascii_case("max-age").then(|| seconds.trim_start())
    });
    match max_age.map(|seconds| seconds.trim_matches('"').parse::<u64>()) {
        Some(Ok(seconds)) if seconds >= HALF_A_YEAR => {
            Finding::ok("hsts", format!("for {} days", seconds / 86_400))
        }
        _ => Finding::warn(
            "hsts",
            if value.is_empty() { "no Strict-Transport-Security".into() } else { shown(value) },
            "add `Strict-Transport-Security: max-age=31536000`, so that browsers never try plain \
             http again",
        ),
    }
}

/// The error of TLS inside `error`, which is often an [`io::Error`] and hides it from `source`.
fn tls_error<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e rustls::Error> {
    let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    error.downcast_ref().or_else(|| tls_error(inside?))
}

/// Certificates that renew themselves are renewed earlier.
const DAYS_AHEAD: u64 = 7;

/// In seconds.
const HALF_A_YEAR: u64 = 182 * 24 * 3600;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Severity;

    fn origin() -> Origin {
        Origin::parse("https://app.example").unwrap()
    }

    #[test]
    fn plain_http_redirects_or_refuses() {
        let redirect = |to| Answer::recorded(308, &[("location", to)], "");
        for (answer, expected) in [
            (redirect("https://app.example/auth/session"), Severity::Ok),
            (redirect("https://app.example:443/"), Severity::Ok),
            (redirect("https://www.app.example/"), Severity::Warn),
            (redirect("https://app.example.evil.test/"), Severity::Warn),
            (redirect("http://app.example/login"), Severity::Fail),
            (redirect("/login"), Severity::Fail),
            (Answer::recorded(403, &[], ""), Severity::Ok),
            (Answer::recorded(401, &[], ""), Severity::Fail),
            (Answer::recorded(200, &[], ""), Severity::Fail),
        ] {
            let found = judge_plain_http(&answer, &origin());
            assert_eq!(found.severity, expected, "{found:?}");
        }
    }

    #[test]
    fn http_is_never_tried_again_for_half_a_year() {
        for (value, expected) in [
            ("max-age=31536000", Severity::Ok),
            ("Max-Age=31536000", Severity::Ok),
            ("includeSubDomains; MAX-AGE = \"31536000\"", Severity::Ok),
            ("includeSubDomains; max-age=63072000; preload", Severity::Ok),
            ("max-age=300", Severity::Warn),
            ("max-age=a", Severity::Warn),
            ("includeSubDomains", Severity::Warn),
        ] {
            let answer = Answer::recorded(401, &[("strict-transport-security", value)], "");
            assert_eq!(hsts(&answer).severity, expected, "{value}");
        }
        assert_eq!(hsts(&Answer::recorded(401, &[], "")).severity, Severity::Warn);
    }

    #[test]
    fn plain_http_is_for_this_machine() {
        for (url, expected) in
            [("http://localhost:8080", Severity::Skipped), ("http://app.example", Severity::Fail)]
        {
            assert_eq!(without_tls(&Origin::parse(url).unwrap()).severity, expected, "{url}");
        }
    }

    #[test]
    fn an_error_of_tls_is_found_inside_those_of_a_socket() {
        let tls = rustls::Error::InvalidCertificate(rustls::CertificateError::Expired);
        let error = io::Error::other(io::Error::other(tls));
        assert!(tls_error(&error).is_some());
        assert!(tls_error(&io::Error::other("closed")).is_none());
    }
}

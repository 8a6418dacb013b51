//! Which pages of other origins may read answers.

use http::{Method, header};
use sealpass_tower::sealpass::Origin;

use super::finding::{Finding, Severity};
use super::site::{Answer, NoAnswer, Site, shown};

/// Probes `/auth/` and, if it is known, a path of the API as pages of foreign origins would.
pub(super) async fn probe(site: &Site, path: Option<&str>) -> Result<Vec<Finding>, NoAnswer> {
    let mut findings = vec![of_path(site, "cors_auth", "/auth/session").await?];
    findings.push(match path {
        Some(path) => of_path(site, "cors_api", path).await?,
        None => Finding::skipped("cors_api", "no path of the API is known", "add --path PATH"),
    });
    Ok(findings)
}

async fn of_path(site: &Site, code: &'static str, path: &str) -> Result<Finding, NoAnswer> {
    let mut worst = Finding::ok(code, format!("{path} lets no foreign page read it"));
    for origin in foreign(site.origin()) {
        let simple = site.get(path).header(header::ORIGIN, &origin).send().await?;
        let preflight = site
            .call(Method::OPTIONS, path)
            .header(header::ORIGIN, &origin)
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
            .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "x-csrf-token");
        for answer in [simple, preflight.send().await?] {
            let found = judge(code, path, &origin, &answer);
            worst = if found.severity > worst.severity { found } else { worst };
        }
    }
    Ok(worst)
}

/// Origins that a careless comparison takes for ours, and one that any does not.
fn foreign(ours: &Origin) -> [String; 4] {
    let ours = ours.to_string();
    let host = ours.split_once("://").map_or("", |(_, host)| host);
    [
        "https://sealpass-doctor.invalid".into(),
        "null".into(),
        format!("https://{host}.sealpass-doctor.invalid"),
        format!("https://sealpass-doctor{host}"),
    ]
}

fn judge(code: &'static str, path: &str, origin: &str, answer: &Answer) -> Finding {
    let allowed = answer.header(header::ACCESS_CONTROL_ALLOW_ORIGIN);
    let credentials = answer.header(header::ACCESS_CONTROL_ALLOW_CREDENTIALS) == "true";
    let change = "name in the front proxy, or in the API, the origins that may read answers, and \
                  compare them whole; without pages of other origins send no Access-Control-* at all";
    let severity = match (allowed == origin, credentials) {
        (true, true) => Severity::Fail,
        (true, false) => Severity::Warn,
        // No browser takes this pair, and whoever wrote it wanted the worst.
        (false, true) if allowed == "*" => Severity::Warn,
        (false, _) => return Finding::ok(code, ""),
    };
    let seen = format!(
        "{path} answers Origin: {origin} with Access-Control-Allow-Origin: {}{}",
        shown(allowed),
        if credentials { " and Allow-Credentials" } else { "" }
    );
    if severity == Severity::Fail {
        Finding::fail(code, seen, change)
    } else {
        Finding::warn(code, seen, change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(headers: &[(&str, &str)]) -> Severity {
        let answer = Answer::recorded(200, headers, "");
        judge("cors_api", "/", "https://evil.test", &answer).severity
    }

    #[test]
    fn an_origin_that_is_reflected_with_credentials_reads_everything() {
        let allow = |origin| ("access-control-allow-origin", origin);
        let credentials = ("access-control-allow-credentials", "true");
        assert_eq!(judged(&[allow("https://evil.test"), credentials]), Severity::Fail);
        assert_eq!(judged(&[allow("https://evil.test")]), Severity::Warn);
        assert_eq!(judged(&[allow("*"), credentials]), Severity::Warn);
        assert_eq!(judged(&[allow("*")]), Severity::Ok);
        assert_eq!(judged(&[allow("https://app.example"), credentials]), Severity::Ok);
        assert_eq!(judged(&[]), Severity::Ok);
    }

    #[test]
    fn the_origins_tried_are_all_foreign() {
        let ours = Origin::parse("https://app.example:8443").unwrap();
        for origin in foreign(&ours) {
            assert!(Origin::parse(&origin).ok() != Some(ours.clone()), "{origin}");
        }
    }
}

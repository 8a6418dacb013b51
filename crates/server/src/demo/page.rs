//! The page: one answer without an outside request, under a policy that lets nothing else run.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, StatusCode, header};
use sealpass_tower::sealpass::Lifetimes;
use sealpass_tower::sealpass::cookie::CookieProfile;
use sealpass_tower::sealpass::jose::{base64url, random};

/// The page, complete but for the nonce of each answer.
pub(super) struct Page {
    template: String,
}

impl Page {
    pub(super) fn new(cookies: &CookieProfile, lifetimes: Lifetimes) -> Self {
        let template = include_str!("page.html")
            .replace("{{style}}", include_str!("page.css"))
            .replace("{{script}}", include_str!("page.js"))
            .replace("{{session_cookie}}", cookies.session_name())
            .replace("{{csrf_cookie}}", cookies.csrf_name())
            .replace("{{csrf_header}}", "X-CSRF-Token")
            .replace("{{access}}", &lifetimes.access().to_string())
            .replace("{{idle}}", &lifetimes.idle().to_string())
            .replace("{{absolute}}", &lifetimes.absolute().to_string());
        Self { template }
    }

    /// The page with a nonce of its own, so that no injected `<script>` can know it.
    pub(super) fn respond(&self) -> Response {
        let Ok(bytes) = random::bytes::<16>() else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let nonce = base64url::encode(&bytes);
        let policy = format!(
            "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src 'self'; \
             connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        );
        let headers = [
            (header::CONTENT_SECURITY_POLICY, policy.as_str()),
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CACHE_CONTROL, "no-store"),
            (header::REFERRER_POLICY, "no-referrer"),
            NOSNIFF,
        ];
        (headers, self.template.replace("{{nonce}}", &nonce)).into_response()
    }
}

/// The mark of the page and of its tab.
pub(super) async fn icon() -> Response {
    ([(header::CONTENT_TYPE, "image/svg+xml"), NOSNIFF], include_str!("icon.svg")).into_response()
}

const NOSNIFF: (HeaderName, &str) = (header::X_CONTENT_TYPE_OPTIONS, "nosniff");

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    async fn answer(page: &Page) -> (String, String) {
        let response = page.respond();
        let policy =
            response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (policy, String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn every_style_and_script_carries_the_nonce_of_its_answer_only() {
        let page = Page::new(&CookieProfile::host(), Lifetimes::DEFAULT);
        let (first_policy, first) = answer(&page).await;
        let (second_policy, _) = answer(&page).await;
        assert_ne!(first_policy, second_policy);

        let nonce = first_policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
        let tags = first.matches("<style").count() + first.matches("<script").count();
        assert_eq!(tags, 2);
        assert_eq!(first.matches(&format!(" nonce=\"{nonce}\">")).count(), tags);
    }

    #[tokio::test]
    async fn nothing_in_the_page_is_left_unfilled_or_comes_from_elsewhere() {
        let page = Page::new(&CookieProfile::insecure_dev(), Lifetimes::DEFAULT);
        let (policy, html) = answer(&page).await;
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        for unwanted in ["{{", "}}", "http:", "https:", "src=\"//", " style=\"", " onclick="] {
            assert!(!html.contains(unwanted), "the page has {unwanted:?}");
        }
        assert!(html.contains("data-csrf-cookie=\"dev-csrf\""));
    }
}

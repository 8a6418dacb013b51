//! `GET /.well-known/jwks.json`: the keys that anyone may verify with.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use axum::Router;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::{HeaderMap, StatusCode, header};
use sealpass_tower::problem_response;
use sealpass_tower::sealpass::jose::{Jwk, JwkSet};

use super::KeyView;
use crate::serve::problem;

/// Where it is.
pub(crate) const PATH: &str = "/.well-known/jwks.json";

/// For how many seconds a reader may keep it. A new key is made public that long before it seals, and
/// a compromised one may be believed that long after it was taken away.
pub(crate) const MAX_AGE: u64 = 300;

/// Those of the server's keys whose public halves are published.
#[derive(Clone, Debug)]
pub(crate) struct PublishedKeys(Vec<KeyView>);

/// A key of sessions is one of assertions as well: who may have the one could make the other.
#[derive(Debug, thiserror::Error)]
#[error(
    "the key `{}` is one of sessions and one of assertions; give each folder keys of its own",
    .kid.escape_debug()
)]
pub(crate) struct KeyOfBoth {
    kid: String,
}

impl PublishedKeys {
    /// The published ones of `views`; none when there never are any.
    ///
    /// # Errors
    /// [`KeyOfBoth`].
    pub(crate) fn of(views: impl IntoIterator<Item = KeyView>) -> Result<Option<Self>, KeyOfBoth> {
        let views: Vec<_> = views.into_iter().filter(KeyView::is_published).collect();
        for (index, view) in views.iter().enumerate() {
            let others: Vec<_> = views.iter().skip(index + 1).flat_map(KeyView::public).collect();
            let mut keys = view.public().into_iter();
            if let Some(key) = keys.find(|key| others.iter().any(|other| are_one(key, other))) {
                return Err(KeyOfBoth { kid: key.kid().unwrap_or_default().to_owned() });
            }
        }
        Ok((!views.is_empty()).then_some(Self(views)))
    }

    /// The public halves as a JWK Set (RFC 7517 §5). Of two keys of one name, which folders may have
    /// got meanwhile, the first is in it.
    pub(super) fn json(&self) -> String {
        let mut names = BTreeSet::new();
        let mut keys: Vec<_> = self.0.iter().flat_map(KeyView::public).collect();
        keys.retain(|key| names.insert(key.kid().map(str::to_owned)));
        keys.truncate(JwkSet::MAX_KEYS);
        let set = JwkSet::new(keys).and_then(|set| set.to_public_json());
        set.unwrap_or_else(|_| NO_KEYS.to_owned())
    }
}

/// Whether a reader could take one for the other, or they are the same under two names.
fn are_one(key: &Jwk, other: &Jwk) -> bool {
    key.kid() == other.kid() || key.thumbprint() == other.thumbprint()
}

/// The route.
///
/// With key files there is always a set, which is empty when every key is a shared one: a reader is
/// not told that there is no such place when an operator turns from one kind to the other.
pub(crate) fn routes(keys: PublishedKeys) -> Router {
    let set = get(async move |headers: HeaderMap| answer(&keys, &headers));
    let refuse = async || problem_response(&problem::method_not_allowed());
    Router::new().route(PATH, set.fallback(refuse))
}

fn answer(keys: &PublishedKeys, request: &HeaderMap) -> Response {
    let set = keys.json();
    let tag = entity_tag(&set);
    let is_known = is_known(request, &tag);
    let headers = [
        // RFC 7517 §8.5.2
        (header::CONTENT_TYPE, "application/jwk-set+json".to_owned()),
        (header::CACHE_CONTROL, format!("public, max-age={MAX_AGE}")),
        (header::ETAG, tag),
    ];
    if is_known {
        let [_, caching, tag] = headers;
        return (StatusCode::NOT_MODIFIED, [caching, tag]).into_response();
    }
    (headers, set).into_response()
}

/// The same for the same set, at every instance.
fn entity_tag(set: &str) -> String {
    let mut hasher = DefaultHasher::new();
    set.hash(&mut hasher);
    format!("\"{:016x}\"", hasher.finish())
}

/// Whether the reader has this set already (RFC 9110 §13.1.2).
fn is_known(request: &HeaderMap, tag: &str) -> bool {
    let lists = request.get_all(header::IF_NONE_MATCH).iter();
    let mut tags = lists.filter_map(|list| list.to_str().ok()).flat_map(|list| list.split(','));
    tags.any(|known| {
        let known = known.trim();
        known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
    })
}

const NO_KEYS: &str = r#"{"keys":[]}"#;

#[cfg(test)]
mod tests {
    use axum::body::{Body, to_bytes};
    use http::{HeaderValue, Request};
    use sealpass_tower::sealpass::jose::JwsAlgorithm;
    use tower::ServiceExt as _;

    use super::*;
    use crate::keys::Purpose;

    const ASSERTIONS: Purpose = Purpose::Assertions(JwsAlgorithm::EdDsa);

    async fn ask(keys: &PublishedKeys, known: Option<&str>) -> (u16, HeaderMap, String) {
        let mut request = Request::get(PATH).body(Body::empty()).unwrap();
        if let Some(known) = known {
            request.headers_mut().insert(header::IF_NONE_MATCH, known.parse().unwrap());
        }
        let response = routes(keys.clone()).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, 4096).await.unwrap();
        (parts.status.as_u16(), parts.headers, String::from_utf8(body.to_vec()).unwrap())
    }

    #[test]
    fn there_is_a_set_only_where_keys_may_be_published() {
        let sessions = KeyView::of_new_keys(Purpose::Sessions);
        assert!(PublishedKeys::of([sessions.clone()]).unwrap().is_none());
        let both = [sessions, KeyView::of_new_keys(ASSERTIONS)];
        let set = PublishedKeys::of(both).unwrap().unwrap().json();
        assert_eq!((set.matches("kid").count(), set.matches("OKP").count()), (1, 1), "{set}");
        for secret in ["\"d\"", "\"k\""] {
            assert!(!set.contains(secret), "{set}");
        }
    }

    #[test]
    fn a_key_of_sessions_that_is_one_of_assertions_too_is_refused() {
        let view = KeyView::of_new_keys(ASSERTIONS);
        let refused = PublishedKeys::of([view.clone(), view]).unwrap_err();
        assert!(refused.to_string().contains("one of sessions and one of assertions"));
    }

    #[tokio::test]
    async fn whoever_has_the_set_is_told_so_without_it() {
        let keys = PublishedKeys::of([KeyView::of_new_keys(ASSERTIONS)]).unwrap().unwrap();
        let (status, headers, set) = ask(&keys, None).await;
        assert_eq!(
            (status, headers[header::CACHE_CONTROL].as_bytes()),
            (200, &b"public, max-age=300"[..])
        );
        let tag = headers[header::ETAG].to_str().unwrap().to_owned();
        for known in [tag.clone(), format!("W/{tag}"), format!("\"old\", {tag}"), "*".into()] {
            let (status, headers, body) = ask(&keys, Some(&known)).await;
            assert_eq!((status, body.as_str()), (304, ""), "{known}");
            assert_eq!(headers[header::ETAG], HeaderValue::try_from(&tag).unwrap());
            assert_eq!(headers[header::CACHE_CONTROL], "public, max-age=300");
        }
        for other in ["\"old\"", "", &tag[1..]] {
            let (status, _, body) = ask(&keys, Some(other)).await;
            assert_eq!((status, &body), (200, &set), "{other}");
        }
    }
}

//! The settings of `[[routes]]`.

use super::settings;
use crate::config::routes::{AccessKind, ClaimValue, MethodName, RoutePath};
use crate::config::scalar::{Choice, SWITCH, Seconds};
use crate::config::setting::Fallback::{Required, Text as Is, Unset};
use crate::config::setting::{Described, Setting, TableArray};

pub(in crate::config) static ROUTES: TableArray = TableArray {
    key: "routes",
    settings: ROUTE,
    doc: "Who may reach which path of the API, for the reverse proxy and forward-auth. The most specific \
          rule decides alone: the longest path, then one for exactly that path, then one that names the \
          method. What no rule is for needs a session, and a path that programs read in different ways \
          is refused; see [routes.md](routes.md)",
};

settings! { ROUTE:
    ROUTE_PATH: Setting<RoutePath> = {
        key: "routes.path",
        flag: None,
        accepts: RoutePath,
        default: Required,
        doc: "The path, and everything below it",
    };
    ROUTE_EXACT: Setting<Choice<bool>> = {
        key: "routes.exact",
        flag: None,
        accepts: SWITCH,
        default: Is("false"),
        doc: "Leaves out what is below the path",
    };
    ROUTE_METHODS: Setting<MethodName, true> = {
        key: "routes.methods",
        flag: None,
        accepts: MethodName,
        default: Unset("every method"),
        doc: "The methods the rule is for; `GET` is `HEAD` too",
    };
    ROUTE_ACCESS: Setting<Choice<AccessKind>> = {
        key: "routes.access",
        flag: None,
        accepts: Choice(&[("session", AccessKind::Session), ("public", AccessKind::Public)]),
        default: Is("session"),
        doc: "Whether a session is needed; with `public` none is looked at, the identity headers are \
              empty and no anti-CSRF token is asked for",
    };
    ROUTE_MAX_AGE: Setting<Seconds> = {
        key: "routes.max_age",
        flag: None,
        accepts: Seconds { min: 1, max: 24 * 3600 },
        default: Unset("however long ago"),
        doc: "How long ago the login may have been; anyone else is answered 401 `reauth_required` \
              (RFC 9470)",
    };
    ROUTE_CLAIMS: Setting<ClaimValue, true> = {
        key: "routes.claims",
        flag: None,
        accepts: ClaimValue,
        default: Unset("none"),
        doc: "Claims the session must have, each with one of the values; an array must have one of them \
              in it. Anyone else is answered 403 `claim_required`",
    };
}

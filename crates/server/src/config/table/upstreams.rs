//! The settings of `[[upstreams]]`.

use std::time::Duration;

use super::settings;
use crate::config::address::UpstreamUrl;
use crate::config::routes::RoutePath;
use crate::config::scalar::{Span, Text};
use crate::config::setting::Fallback::{Required, Text as Is, Unset};
use crate::config::setting::{Described, Setting, TableArray};
use crate::config::upstreams::HostName;

pub(in crate::config) static UPSTREAMS: TableArray = TableArray {
    key: "upstreams",
    settings: UPSTREAM,
    doc: "Several APIs, by host or path. One with the host of a request goes before those without a host, \
          then the longest path; what is in no place goes to `upstream.url`, or is answered 404. The \
          path is passed on whole; see [reverse-proxy.md](reverse-proxy.md)",
};

settings! { UPSTREAM:
    UPSTREAMS_HOST: Setting<HostName> = {
        key: "upstreams.host",
        flag: None,
        accepts: HostName,
        default: Unset("every host"),
        doc: "The host that clients ask for",
    };
    UPSTREAMS_PATH: Setting<RoutePath> = {
        key: "upstreams.path",
        flag: None,
        accepts: RoutePath,
        default: Is("/"),
        doc: "The path, and everything below it",
    };
    UPSTREAMS_URL: Setting<UpstreamUrl> = {
        key: "upstreams.url",
        flag: None,
        accepts: UpstreamUrl,
        default: Required,
        doc: "The API that is there",
    };
    UPSTREAMS_AUDIENCE: Setting<Text> = {
        key: "upstreams.audience",
        flag: None,
        accepts: Text { max: 256 },
        default: Unset("its `url`"),
        doc: "`aud` of the assertions for it",
    };
    UPSTREAMS_CONNECT_TIMEOUT: Setting<Span> = {
        key: "upstreams.connect_timeout",
        flag: None,
        accepts: Span { min: Duration::from_millis(100), max: Duration::from_mins(1) },
        default: Unset("`upstream.connect_timeout`"),
        doc: "How long connecting to it may take",
    };
    UPSTREAMS_RESPONSE_TIMEOUT: Setting<Span> = {
        key: "upstreams.response_timeout",
        flag: None,
        accepts: Span { min: Duration::from_millis(100), max: Duration::from_hours(1) },
        default: Unset("`upstream.response_timeout`"),
        doc: "How long it may take until the head of its response, and to take more of a request",
    };
    UPSTREAMS_STALL: Setting<Span> = {
        key: "upstreams.stall",
        flag: None,
        accepts: Span { min: Duration::from_millis(100), max: Duration::from_hours(1) },
        default: Unset("`upstream.stall`"),
        doc: "How long it may send nothing more of a response that it has begun",
    };
}

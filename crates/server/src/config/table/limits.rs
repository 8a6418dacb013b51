//! The settings of what clients may take of the server.

use std::time::Duration;

use super::settings;
use crate::config::scalar::{Count, Span};
use crate::config::setting::Fallback::Text as Is;
use crate::config::setting::{Described, Setting};

settings! { LIMITS:
    LIMITS_CONNECTIONS: Setting<Count> = {
        key: "limits.connections",
        flag: None,
        accepts: Count { max: 1_000_000 },
        default: Is("10000"),
        doc: "Connections of each listener at a time; more wait in the system's queue. Each takes a file \
              descriptor, and one more to the API for a request in flight",
    };
    LIMITS_STREAMS: Setting<Count> = {
        key: "limits.streams",
        flag: None,
        accepts: Count { max: 10_000 },
        default: Is("250"),
        doc: "Requests at a time on one HTTP/2 connection",
    };
    LIMITS_IDLE: Setting<Span> = {
        key: "limits.idle",
        flag: None,
        accepts: Span { min: Duration::from_millis(100), max: Duration::from_hours(1) },
        default: Is("75s"),
        doc: "How long a connection may be without a request, whatever has come of the next one; longer \
              than a proxy in front keeps its idle connections",
    };
    LIMITS_STALL: Setting<Span> = {
        key: "limits.stall",
        flag: None,
        accepts: Span { min: Duration::from_millis(100), max: Duration::from_hours(1) },
        default: Is("1m"),
        doc: "How long a client may send nothing more of a body that it has begun, or take nothing of an \
              answer; then the request is given up. It holds for WebSockets that a client does not read, and for \
              all that is left of a request which is answered before it was read",
    };
}

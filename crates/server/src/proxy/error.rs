//! Why a request did not reach the API, or its answer did not come back.

use http::StatusCode;
use hyper_util::client::legacy;
use sealpass_tower::sealpass::Problem;

use crate::identity::IdentityError;
use crate::route::AmbiguousPath;

/// A request that the proxy answers itself.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ForwardError {
    /// The API cannot be told who is calling; the operator's to mend.
    #[error("{}", .0.detail())]
    Identity(#[source] IdentityError),
    /// CONNECT, whose tunnel would bypass us, or TRACE, whose answer would repeat our headers.
    #[error("this method is not passed on")]
    MethodUnsupported,
    /// Nobody can say which API the path is at.
    #[error("the path {0}")]
    PathAmbiguous(AmbiguousPath),
    /// The client broke off, or its framing is broken.
    #[error("the body ended before its end")]
    RequestIncomplete,
    /// The client paused for too long.
    #[error("nothing more of the body arrived")]
    RequestStalled,
    /// A request target that is no path, such as `*`.
    #[error("the request target must be a path")]
    TargetUnsupported,
    /// A transfer coding beside `chunked`, or a length as well.
    #[error("a body is framed by a Content-Length or by `chunked`, nothing else and not both")]
    TransferCodingUnsupported,
    /// The API's answer is no HTTP we can pass on.
    #[error("the API behind this gave no valid answer")]
    UpstreamInvalid(#[source] Option<legacy::Error>),
    /// The API took too long.
    #[error("the API behind this did not answer in time")]
    UpstreamTimeout,
    /// No API is at this host and path.
    #[error("no API is at this host and path")]
    UpstreamUnknown,
    /// The API could not be connected to.
    #[error("the API behind this cannot be reached")]
    UpstreamUnreachable(#[source] legacy::Error),
    /// A request for a WebSocket that programs may disagree about.
    #[error(
        "a WebSocket is opened by a GET over HTTP/1.1 without a body, with `Connection: Upgrade`, \
         `Upgrade: websocket`, one Sec-WebSocket-Key and one Sec-WebSocket-Version (RFC 6455 §4.1)"
    )]
    WebsocketInvalid,
}

impl ForwardError {
    /// The stable code.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Identity(error) => error.code(),
            Self::MethodUnsupported => "method_unsupported",
            Self::PathAmbiguous(_) => "ambiguous_path",
            Self::RequestIncomplete => "request_incomplete",
            Self::RequestStalled => "request_stalled",
            Self::TargetUnsupported => "target_unsupported",
            Self::TransferCodingUnsupported => "transfer_coding_unsupported",
            Self::UpstreamInvalid(_) => "upstream_invalid",
            Self::UpstreamTimeout => "upstream_timeout",
            Self::UpstreamUnknown => "upstream_unknown",
            Self::UpstreamUnreachable(_) => "upstream_unreachable",
            Self::WebsocketInvalid => "websocket_invalid",
        }
    }

    /// Whether the client is at fault, and not the API or its operator.
    pub(crate) const fn is_clients(&self) -> bool {
        match self {
            Self::MethodUnsupported
            | Self::PathAmbiguous(_)
            | Self::RequestIncomplete
            | Self::RequestStalled
            | Self::TargetUnsupported
            | Self::TransferCodingUnsupported
            | Self::UpstreamUnknown
            | Self::WebsocketInvalid => true,
            Self::Identity(_)
            | Self::UpstreamInvalid(_)
            | Self::UpstreamTimeout
            | Self::UpstreamUnreachable(_) => false,
        }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::Identity(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::PathAmbiguous(_)
            | Self::RequestIncomplete
            | Self::TargetUnsupported
            | Self::WebsocketInvalid => StatusCode::BAD_REQUEST,
            Self::UpstreamUnknown => StatusCode::NOT_FOUND,
            Self::RequestStalled => StatusCode::REQUEST_TIMEOUT,
            Self::MethodUnsupported | Self::TransferCodingUnsupported => {
                StatusCode::NOT_IMPLEMENTED
            }
            Self::UpstreamInvalid(_) | Self::UpstreamUnreachable(_) => StatusCode::BAD_GATEWAY,
            Self::UpstreamTimeout => StatusCode::GATEWAY_TIMEOUT,
        }
    }
}

impl From<&ForwardError> for Problem {
    fn from(error: &ForwardError) -> Self {
        Self::new(error.status(), error.code(), error.to_string())
    }
}

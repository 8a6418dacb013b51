//! Why a request did not reach the API, or its answer did not come back.

use http::StatusCode;
use hyper_util::client::legacy;
use sealpass_tower::sealpass::Problem;

use crate::identity::IdentityError;

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
    /// A WebSocket.
    #[error("WebSockets are not passed on")]
    UpgradeUnsupported,
    /// The API's answer is no HTTP we can pass on.
    #[error("the API behind this gave no valid answer")]
    UpstreamInvalid(#[source] Option<legacy::Error>),
    /// The API took too long.
    #[error("the API behind this did not answer in time")]
    UpstreamTimeout,
    /// The API could not be connected to.
    #[error("the API behind this cannot be reached")]
    UpstreamUnreachable(#[source] legacy::Error),
}

impl ForwardError {
    /// The stable code.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Identity(error) => error.code(),
            Self::MethodUnsupported => "method_unsupported",
            Self::RequestIncomplete => "request_incomplete",
            Self::RequestStalled => "request_stalled",
            Self::TargetUnsupported => "target_unsupported",
            Self::TransferCodingUnsupported => "transfer_coding_unsupported",
            Self::UpgradeUnsupported => "upgrade_unsupported",
            Self::UpstreamInvalid(_) => "upstream_invalid",
            Self::UpstreamTimeout => "upstream_timeout",
            Self::UpstreamUnreachable(_) => "upstream_unreachable",
        }
    }

    /// Whether the client is at fault, and not the API or its operator.
    pub(crate) const fn is_clients(&self) -> bool {
        match self {
            Self::MethodUnsupported
            | Self::RequestIncomplete
            | Self::RequestStalled
            | Self::TargetUnsupported
            | Self::TransferCodingUnsupported
            | Self::UpgradeUnsupported => true,
            Self::Identity(_)
            | Self::UpstreamInvalid(_)
            | Self::UpstreamTimeout
            | Self::UpstreamUnreachable(_) => false,
        }
    }

    const fn status(&self) -> StatusCode {
        match self {
            Self::Identity(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::RequestIncomplete | Self::TargetUnsupported => StatusCode::BAD_REQUEST,
            Self::RequestStalled => StatusCode::REQUEST_TIMEOUT,
            Self::MethodUnsupported
            | Self::TransferCodingUnsupported
            | Self::UpgradeUnsupported => StatusCode::NOT_IMPLEMENTED,
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

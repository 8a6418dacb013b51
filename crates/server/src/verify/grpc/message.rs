//! The messages of `envoy.service.auth.v3`, and those of other packages within them.
//!
//! By hand, and of each message only the fields that count here: Protocol Buffers skips the others
//! when it reads. None has `Debug`, since in all of them there may be a token.

use std::collections::HashMap;

use prost::{Message, Oneof};

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(in crate::verify) struct CheckRequest {
    #[prost(message, optional, tag = "1")]
    pub(in crate::verify) attributes: Option<AttributeContext>,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(in crate::verify) struct AttributeContext {
    #[prost(message, optional, tag = "4")]
    pub(in crate::verify) request: Option<AttributeRequest>,
}

/// `AttributeContext.Request`.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(in crate::verify) struct AttributeRequest {
    #[prost(message, optional, tag = "2")]
    pub(in crate::verify) http: Option<HttpRequest>,
}

/// `AttributeContext.HttpRequest`.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(in crate::verify) struct HttpRequest {
    #[prost(string, tag = "2")]
    pub(in crate::verify) method: String,
    /// One value each, several joined by `,`, pseudo-headers among them.
    #[prost(map = "string, string", tag = "3")]
    pub(in crate::verify) headers: HashMap<String, String>,
    /// With the query, nothing decoded.
    #[prost(string, tag = "4")]
    pub(in crate::verify) path: String,
    /// The headers as they are, in place of the others, with `encode_raw_headers`.
    #[prost(message, optional, tag = "13")]
    pub(in crate::verify) header_map: Option<HeaderMap>,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(in crate::verify) struct HeaderMap {
    #[prost(message, repeated, tag = "1")]
    pub(in crate::verify) headers: Vec<HeaderValue>,
}

/// A header; its value is in one of both.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(in crate::verify) struct HeaderValue {
    #[prost(string, tag = "1")]
    pub(in crate::verify) key: String,
    #[prost(string, tag = "2")]
    pub(in crate::verify) value: String,
    #[prost(bytes = "vec", tag = "3")]
    pub(in crate::verify) raw_value: Vec<u8>,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(in crate::verify) struct CheckResponse {
    #[prost(message, optional, tag = "1")]
    pub(in crate::verify) status: Option<Status>,
    #[prost(oneof = "HttpResponse", tags = "2, 3")]
    pub(in crate::verify) http_response: Option<HttpResponse>,
}

#[derive(Clone, PartialEq, Oneof)]
#[prost(skip_debug)]
pub(in crate::verify) enum HttpResponse {
    #[prost(message, tag = "2")]
    Denied(DeniedHttpResponse),
    #[prost(message, tag = "3")]
    Ok(OkHttpResponse),
}

/// `google.rpc.Status`: anything but 0 is a refusal.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(in crate::verify) struct Status {
    #[prost(int32, tag = "1")]
    pub(in crate::verify) code: i32,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(in crate::verify) struct OkHttpResponse {
    /// For the API.
    #[prost(message, repeated, tag = "2")]
    pub(in crate::verify) headers: Vec<HeaderValueOption>,
    /// Of the client's, once `headers` are in.
    #[prost(string, repeated, tag = "5")]
    pub(in crate::verify) headers_to_remove: Vec<String>,
    /// For the client.
    #[prost(message, repeated, tag = "6")]
    pub(in crate::verify) response_headers_to_add: Vec<HeaderValueOption>,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(in crate::verify) struct DeniedHttpResponse {
    #[prost(message, optional, tag = "1")]
    pub(in crate::verify) status: Option<HttpStatus>,
    #[prost(message, repeated, tag = "2")]
    pub(in crate::verify) headers: Vec<HeaderValueOption>,
    #[prost(string, tag = "3")]
    pub(in crate::verify) body: String,
}

/// `envoy.type.v3.HttpStatus`.
#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(in crate::verify) struct HttpStatus {
    #[prost(int32, tag = "1")]
    pub(in crate::verify) code: i32,
}

#[derive(Clone, PartialEq, Message)]
#[prost(skip_debug)]
pub(in crate::verify) struct HeaderValueOption {
    #[prost(message, optional, tag = "1")]
    pub(in crate::verify) header: Option<HeaderValue>,
    /// Whether it stands beside what is there under its name. Old versions of Envoy know nothing
    /// else, and new ones prefer it to `append_action`, whose default is to append.
    #[prost(message, optional, tag = "2")]
    pub(in crate::verify) append: Option<bool>,
    #[prost(bool, tag = "4")]
    pub(in crate::verify) keep_empty_value: bool,
}

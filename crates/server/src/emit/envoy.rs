//! Envoy, with `ext_authz` over HTTP or over gRPC.

use super::site::Site;
use super::template::{fill, lines};
use crate::identity::forbidden;

/// The configuration that asks over HTTP.
pub(super) fn http(site: &Site) -> String {
    let mut values = site.values();
    values.push(("identity", lines(&site.identity, |name| format!("- exact: {name}"))));
    let service = fill(include_str!("envoy_http.yaml"), &values);
    config(site, service, String::new())
}

/// The configuration that asks over gRPC.
pub(super) fn grpc(site: &Site) -> String {
    config(site, include_str!("envoy_grpc.yaml").to_owned(), HTTP2.to_owned())
}

fn config(site: &Site, service: String, protocol: String) -> String {
    let mut values = site.values();
    let strip = lines(forbidden::patterns(), |pattern| {
        format!(
            "- remove_on_match: {{ key_matcher: {{ safe_regex: {{ regex: \"{pattern}\" }} }} }}"
        )
    });
    let ours = lines(&site.cookies, |name| format!("[\"{name}\"] = true,"));
    values.push(("ours", ours));
    values.extend([("service", service), ("protocol", protocol), ("strip", strip)]);
    fill(include_str!("envoy.yaml"), &values)
}

/// What a cluster that speaks gRPC says of itself.
const HTTP2: &str = r#"typed_extension_protocol_options:
  envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
    "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
    explicit_http_config: { http2_protocol_options: {} }"#;

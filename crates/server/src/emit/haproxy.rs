//! HAProxy, which asks with a few lines of Lua: 2.6 has nothing else that can.

use http::HeaderName;

use super::site::Site;
use super::template::{fill, lines};
use crate::identity::forbidden;

/// `haproxy.cfg`.
pub(super) fn config(site: &Site) -> String {
    let add_cookies = lines(&site.set_cookies, |name| {
        let variable = format!("var(txn.{})", name.as_str().replace('-', "_"));
        format!(
            "http-after-response add-header Set-Cookie %[{variable}] if {{ {variable} -m found }}"
        )
    });
    let mut values = site.values();
    let strip = lines(forbidden::patterns(), |pattern| {
        format!("http-request del-header ^{pattern}$ -m reg unless is_sealpass")
    });
    values.extend([("add_cookies", add_cookies), ("strip", strip)]);
    fill(include_str!("haproxy.cfg"), &values)
}

/// `sealpass.lua`.
pub(super) fn lua(site: &Site) -> String {
    let quoted = |names: &[HeaderName]| lines(names, |name| format!("\"{name}\","));
    let ours = lines(&site.cookies, |name| format!("[\"{name}\"] = true,"));
    let mut values = site.values();
    values.push(("ours", ours));
    values.extend([("identity", quoted(&site.identity)), ("cookies", quoted(&site.set_cookies))]);
    fill(include_str!("haproxy.lua"), &values)
}

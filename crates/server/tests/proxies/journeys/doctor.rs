//! What `sealpass doctor` says about a proxy with the configuration that is printed for it.

use super::{SETTINGS, TRUSTING, as_printed};
use crate::proxy::{Kind, Proxy, free_address};
use crate::rules::RULES;
use crate::support::{PASSWORD, Peer, Report, SUBJECT, Sealpass, USERNAME, Users};

pub(crate) fn the_doctor_finds_nothing_to_mend(kind: Kind) {
    let users = Users::with(USERNAME, &["--subject", SUBJECT, "--claim", "roles=[\"reader\"]"]);
    let api = Peer::api();
    // The shortest access lifetime in which a session is not over before it is looked at.
    let lifetime = "lifetimes.access = \"3s\"\n";
    let settings = [&users.setting(), SETTINGS, TRUSTING, lifetime, RULES].concat();
    // What a browser calls the deployment is where the proxy listens.
    let (proxy, _sealpass) = loop {
        let address = free_address();
        let origin = format!("http://{address}");
        let sealpass = Sealpass::serve_with(&settings, &[("SEALPASS_ORIGIN", &origin)]);
        if let Some(proxy) = Proxy::start_at(address, kind, &sealpass, &api, as_printed) {
            break (proxy, sealpass);
        }
    };
    let url = proxy.url("");
    let account = ["--username", USERNAME, "--password-file", "-"];
    let paths = ["--path", "/api/me", "--public", "/public", "--echo", "/api/echo"];
    let arguments = [&[url.as_str(), "--wait-renewal"], &account[..], &paths].concat();
    let report = Report::of(&arguments, &[], PASSWORD);
    report.expect_failed(&[]);
    assert_eq!(report.codes("warn"), [""; 0], "{report:#?}");
    // Plain http on this machine is all that is not looked at.
    assert_eq!(report.codes("skipped"), ["tls_certificate"], "{report:#?}");
}

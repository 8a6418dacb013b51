//! Several APIs, each in its place.

use super::*;
use crate::config::{Place, Source};
use crate::route::RulePath;

fn placed(api: &Api, host: Option<&str>, path: &str) -> PlacedUpstream {
    PlacedUpstream {
        place: Place { key: "upstreams", index: 0, at: Source::Default },
        host: host.map(str::to_owned),
        path: RulePath::parse(path).unwrap(),
        upstream: Upstream {
            scheme: Scheme::HTTP,
            authority: api.address.to_string().parse().unwrap(),
            audience: "api".to_owned(),
            connect_timeout: Duration::from_secs(5),
            response_timeout: Duration::from_mins(1),
            stall: Duration::from_mins(1),
        },
    }
}

#[tokio::test]
async fn a_request_goes_to_the_most_specific_place_and_keeps_its_path() {
    let apis = [Api::start().await, Api::start().await, Api::start().await, Api::start().await];
    let [everywhere, orders, drafts, admin] = &apis;
    let upstreams = vec![
        placed(orders, None, "/orders"),
        placed(drafts, None, "/orders/drafts"),
        placed(admin, Some("admin.example"), "/"),
    ];
    let gate = Gate::new(everywhere.address, Setup { upstreams, ..Setup::default() }).await;
    for (api, host, target) in [
        (everywhere, "app.example", "/"),
        (everywhere, "app.example", "/ordersx"),
        (everywhere, "app.example", "/Orders"),
        (everywhere, "app.example", "/?x=/orders"),
        (orders, "app.example", "/orders"),
        (orders, "app.example", "/orders/7?x=y"),
        // Not everyone reads that as `/orders`.
        (everywhere, "app.example", "/%6frders/7"),
        (orders, "app.example", "http://app.example/orders/7"),
        (drafts, "app.example", "/orders/drafts/7"),
        (admin, "admin.example", "/orders/drafts/7"),
        (admin, "ADMIN.example.:8443", "/"),
        (everywhere, "admin.example.evil.test", "/"),
        // Named twice, and not the same.
        (everywhere, "app.example", "http://admin.example/"),
        (everywhere, "admin.example", "http://app.example/"),
    ] {
        let request =
            format!("GET {target} HTTP/1.1\nHost: {host}\n{{session}}\nConnection: close\n\n");
        let mut client = gate.send(&request).await;
        let mut upstream = tokio::select! {
            upstream = api.accept() => upstream,
            refused = client.head() => panic!("{host} {target}: {refused}"),
        };
        let head = upstream.head().await;
        let path = target.strip_prefix("http://").and_then(|rest| rest.split_once('/'));
        let path = path.map_or(target.to_owned(), |(_, path)| format!("/{path}"));
        assert!(head.starts_with(&format!("GET {path} HTTP/1.1\r\n")), "{head}");
        assert_eq!(header(&head, "host").unwrap(), api.address.to_string());
        // Not kept alive, so that the next request connects anew.
        upstream.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").await;
        assert!(client.head().await.starts_with("HTTP/1.1 200 OK"));
    }
    for target in ["/orders/../x", "/x/..;/orders", "/x//orders", "/%2forders", "/orders%00"] {
        let request = format!("GET {target} HTTP/1.1\n{{host}}\n{{session}}\n\n");
        let answer = gate.send(&request).await.problem().await;
        assert_eq!(answer, (400, "ambiguous_path".to_owned()), "{target}");
    }
    for api in apis {
        api.assert_unreached();
    }
}

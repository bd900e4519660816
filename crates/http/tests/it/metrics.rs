//! Health and metrics: who sees them.

use crate::site::{Site, hello, status};
use tenantry_http::listener::Limits;

async fn ask(site: &Site, path: &str, header: &str) -> String {
    site.talk(format!("GET {path} HTTP/1.1\r\nHost: a\r\n{header}Connection: close\r\n\r\n")).await
}

#[tokio::test]
async fn metrics_are_for_this_machine_and_not_for_its_proxies() {
    let site = Site::start(Limits::default()).await;
    hello(&mut site.connect().await).await;
    let answer = ask(&site, "/metrics", "").await;
    assert_eq!(status(&answer), 200);
    let counted = r#"tenantry_requests_total{face="trial",route="/hello",method="GET",status="200"} 1"#;
    assert!(answer.contains(counted), "{answer}");
    for header in ["X-Forwarded-For: 127.0.0.1\r\n", "Forwarded: for=127.0.0.1\r\n", "X-Real-IP: 127.0.0.1\r\n", "Via: 1.1 proxy\r\n"] {
        let answer = ask(&site, "/metrics", header).await;
        assert_eq!(status(&answer), 404, "{header}");
        assert!(answer.contains("\"error\":\"not_found\"") && !answer.contains("tenantry_"), "{answer}");
    }
}

#[tokio::test]
async fn what_clients_invent_makes_no_label() {
    let site = Site::start(Limits::default()).await;
    site.talk("INVENTED /invented?hash=invented HTTP/1.1\r\nHost: invented\r\nConnection: close\r\n\r\n").await;
    let rendered = site.metrics.render();
    assert!(rendered.contains(r#"{face="none",route="other",method="other",status="404"} 1"#), "{rendered}");
    assert!(!rendered.to_ascii_lowercase().contains("invented"), "{rendered}");
}

#[tokio::test]
async fn alive_is_not_ready() {
    let site = Site::start(Limits::default()).await;
    assert!(ask(&site, "/healthz", "").await.ends_with("{\"status\":\"alive\"}"));
    let answer = ask(&site, "/readyz", "").await;
    assert_eq!(status(&answer), 503);
    assert!(answer.contains("the disk is full"), "{answer}");
}

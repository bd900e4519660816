//! The access log: one line a request, and no credential in it.

use std::io;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::site::Site;
use tenantry_http::listener::Limits;

/// Where the log goes.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl io::Write for Kept {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.lock().extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

// One thread, so that the subscriber of this test sees its server's events and no others.
#[tokio::test]
async fn a_request_is_one_line_without_its_query() {
    let kept = Kept::default();
    let writer = kept.clone();
    let subscriber = tracing_subscriber::fmt().json().with_env_filter("off,access=info").with_writer(move || writer.clone()).finish();
    let _installed = tracing::subscriber::set_default(subscriber);
    let site = Site::start(Limits::default()).await;
    for path in ["/hello?hash=secret&x=%0a", "/hello%3Fhash=secret", "/nothing%0a%1b[31m{\"a\":1}?hash=secret"] {
        site.talk(format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).await;
    }
    drop(site);
    let log = String::from_utf8(kept.0.lock().clone()).unwrap();
    let entries: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(entries.len(), 3, "{log}");
    let hello = &entries[0]["fields"];
    for (field, expected) in [
        ("method", "GET"),
        ("face", "trial"),
        ("route", "/hello"),
        ("path", "/hello"),
        ("client", "198.51.100.7"),
        ("key", "01234567"),
        ("request_id", "00000000-0000-0000-0000-000000000001"),
    ] {
        assert_eq!(hello[field], expected, "{log}");
    }
    assert_eq!(hello["status"], 200);
    assert!(hello["micros"].is_u64(), "{log}");
    assert_eq!((&entries[2]["fields"]["route"], &entries[2]["fields"]["path"]), (&"other".into(), &"/nothing".into()), "{log}");
    assert!(!log.contains("secret") && !log.contains("89ab"), "{log}");
}

//! A stop finishes what runs, and waits for nothing else.

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::sleep;

use crate::site::{GET, SLOW, Site, hello, to_the_end};
use tenantry_http::listener::Limits;

/// What a stop may take when it waits for nobody.
const AT_ONCE: Duration = Duration::from_millis(400);

#[tokio::test]
async fn a_running_request_is_finished() {
    let site = Site::start(Limits::default()).await;
    let address = site.address;
    let mut stream = site.connect().await;
    stream.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    sleep(Duration::from_millis(100)).await;
    let took = site.stop().await;
    assert!(took > SLOW / 2, "it did not wait: {took:?}");
    assert!(to_the_end(&mut stream).await.ends_with("slow"));
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test]
async fn connections_without_a_request_are_closed_at_once() {
    let site = Site::start(Limits::default()).await;
    let (mut fresh, mut used) = (site.connect().await, site.connect().await);
    hello(&mut used).await;
    site.until_metric("tenantry_connections_open 2").await;
    assert!(site.stop().await < AT_ONCE);
    assert_eq!(to_the_end(&mut fresh).await, "");
    assert_eq!(to_the_end(&mut used).await, "");
}

#[tokio::test]
async fn the_time_of_grace_ends() {
    let site = Site::start(Limits { shutdown_grace: Duration::from_millis(200), ..Limits::default() }).await;
    let mut stream = site.connect().await;
    stream.write_all(&GET.as_bytes()[..10]).await.unwrap();
    sleep(Duration::from_millis(50)).await;
    let took = site.stop().await;
    assert!((Duration::from_millis(200)..AT_ONCE).contains(&took), "{took:?}");
}

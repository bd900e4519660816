//! A panic is the end of one request.

use tokio::io::AsyncWriteExt;

use crate::site::{Site, hello, status, until};
use tenantry_http::listener::Limits;

#[tokio::test]
async fn a_panic_is_one_500_with_the_request_id_and_nothing_else_ends() {
    let site = Site::start(Limits::default()).await;
    let mut neighbour = site.connect().await;
    hello(&mut neighbour).await;
    let mut stream = site.connect().await;
    stream.write_all(b"GET /panic HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let answer = until(&mut stream, "\"}").await;
    assert_eq!(status(&answer), 500);
    let id = answer.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap();
    assert!(answer.ends_with(&format!("\r\n\r\n{{\"error\":\"internal\",\"request_id\":\"{id}\"}}")), "{answer}");
    assert!(!answer.contains("secret"), "{answer}");
    hello(&mut stream).await;
    hello(&mut neighbour).await;
    hello(&mut site.connect().await).await;
}

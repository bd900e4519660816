//! More connections than there is room for.

use tokio::io::AsyncWriteExt;

use crate::site::{GET, Site, hello, to_the_end};
use tenantry_http::listener::Limits;

#[tokio::test]
async fn connections_over_the_cap_are_closed_and_counted_and_the_others_go_on() {
    let site = Site::start(Limits { max_connections: 2, ..Limits::default() }).await;
    let (mut first, mut second) = (site.connect().await, site.connect().await);
    hello(&mut first).await;
    hello(&mut second).await;
    let mut third = site.connect().await;
    // It may be closed before or after this is sent.
    let _sent_or_closed = third.write_all(GET.as_bytes()).await;
    let mut answer = Vec::new();
    let _closed_or_reset = tokio::io::AsyncReadExt::read_to_end(&mut third, &mut answer).await;
    assert!(answer.is_empty(), "{answer:?}");
    site.until_metric("tenantry_connections_refused_total 1").await;
    hello(&mut first).await;
    drop(first);
    site.until_metric("tenantry_connections_open 1").await;
    let mut fourth = site.connect().await;
    hello(&mut fourth).await;
    hello(&mut second).await;
    site.until_metric("tenantry_connections_accepted_total 4").await;
}

#[tokio::test]
async fn a_hundred_clients_at_once_each_get_their_own_answers() {
    let site = Site::start(Limits::default()).await;
    let clients = (0..100).map(|n| {
        let address = site.address;
        tokio::spawn(async move {
            let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
            let body = format!("client {n}");
            let request = format!("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            stream.write_all(format!("{request}{request}").as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            let answer = to_the_end(&mut stream).await;
            assert_eq!(answer.matches(&body).count(), 2, "{answer}");
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
}

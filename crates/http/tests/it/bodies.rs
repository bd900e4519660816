//! Bodies at and over the limit, and what is in them.

use tokio::io::AsyncWriteExt;

use crate::site::{Site, hello, status, to_the_end, until};
use tenantry_http::body::MAX_BODY_BYTES;
use tenantry_http::listener::Limits;

fn chunked(body: &[u8]) -> Vec<u8> {
    let mut text = b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n".to_vec();
    for piece in body.chunks(10_000) {
        text.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        text.extend_from_slice(piece);
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(b"0\r\n\r\n");
    text
}

fn measured(body: &[u8]) -> Vec<u8> {
    let mut text = format!("POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
    text.extend_from_slice(body);
    text
}

#[tokio::test]
async fn a_body_at_the_limit_is_read_and_one_octet_more_is_not() {
    let site = Site::start(Limits::default()).await;
    for form in [measured, chunked] {
        // Every second octet is a bare line feed: in a body that means nothing.
        let body: Vec<u8> = b"a\n".iter().copied().cycle().take(MAX_BODY_BYTES).collect();
        let answer = site.talk(form(&body)).await;
        assert_eq!(status(&answer), 200);
        assert!(answer.split_once("\r\n\r\n").unwrap().1.as_bytes() == body, "the body came back changed");
        assert_eq!(status(&site.talk(form(&vec![b'a'; MAX_BODY_BYTES + 1])).await), 413);
    }
    assert_eq!(status(&site.talk(measured(b"")).await), 200);
}

#[tokio::test]
async fn a_client_that_sends_ten_megabytes_reads_why_they_are_refused() {
    let site = Site::start(Limits::default()).await;
    for form in [measured, chunked] {
        // It reads nothing before everything is sent, which must not fail.
        let answer = site.talk(form(&vec![b'\n'; 10_000_000])).await;
        assert_eq!(status(&answer), 413);
        assert!(answer.to_ascii_lowercase().contains("\r\nconnection: close\r\n") && answer.ends_with("too large"), "{answer}");
    }
}

#[tokio::test]
async fn what_says_it_is_endless_is_refused_at_once() {
    let site = Site::start(Limits::default()).await;
    let answer = site.talk("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000000\r\n\r\n").await;
    assert_eq!(status(&answer), 413);
}

#[tokio::test]
async fn a_client_that_asks_whether_to_send_is_told() {
    let site = Site::start(Limits::default()).await;
    let mut stream = site.connect().await;
    stream.write_all(b"POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n").await.unwrap();
    until(&mut stream, "HTTP/1.1 100 Continue\r\n\r\n").await;
    stream.write_all(b"abc").await.unwrap();
    until(&mut stream, "\r\n\r\nabc").await;
    hello(&mut stream).await;
}

#[tokio::test]
async fn a_body_that_is_cut_off_is_not_taken() {
    let site = Site::start(Limits::default()).await;
    let mut stream = site.connect().await;
    stream.write_all(b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc").await.unwrap();
    stream.shutdown().await.unwrap();
    let answer = to_the_end(&mut stream).await;
    assert!(answer.is_empty() || status(&answer) == 400, "{answer}");
}

#[tokio::test]
async fn a_body_that_nobody_reads_does_not_become_a_request() {
    let site = Site::start(Limits::default()).await;
    let inner = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
    let body = format!("{inner}{}", "x".repeat(200_000));
    let head = format!("POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", body.len());
    let mut stream = site.connect().await;
    // Closing on a client that still sends may reset it.
    let _sent_or_reset = stream.write_all(format!("{head}{body}").as_bytes()).await;
    let answer = to_the_end(&mut stream).await;
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
}

//! Clients that stop in the middle are closed, each at its own deadline; those that wait for us are not.

use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

use crate::site::{GET, PATIENCE, SLOW, Site, hello, short, status, to_the_end, until};

/// How much later than its deadline a connection may end on a busy machine.
const LATE: Duration = Duration::from_millis(500);

/// Waits until the server closes, and checks that it was this deadline that ended the connection.
async fn closed_after(stream: &mut TcpStream, since: Instant, deadline: Duration) -> String {
    let answer = to_the_end(stream).await;
    let took = since.elapsed();
    assert!((deadline..deadline + LATE).contains(&took), "closed after {took:?}, not after {deadline:?}");
    answer
}

#[tokio::test]
async fn a_silent_connection_is_closed() {
    let site = Site::start(short()).await;
    let mut stream = site.connect().await;
    assert_eq!(closed_after(&mut stream, Instant::now(), short().idle_timeout).await, "");
}

#[tokio::test]
async fn half_a_head_is_closed() {
    let site = Site::start(short()).await;
    let mut stream = site.connect().await;
    // The time runs from the first octet, and a timer that was set for the idle connection does not hold it up.
    sleep(Duration::from_millis(300)).await;
    stream.write_all(&GET.as_bytes()[..GET.len() - 2]).await.unwrap();
    closed_after(&mut stream, Instant::now(), short().header_timeout).await;
}

#[tokio::test]
async fn a_head_that_drips_is_closed() {
    let site = Site::start(short()).await;
    let mut stream = site.connect().await;
    let begun = Instant::now();
    for octet in GET.as_bytes() {
        if stream.write_all(&[*octet]).await.is_err() {
            break;
        }
        sleep(Duration::from_millis(20)).await;
    }
    let took = begun.elapsed();
    assert!(took < short().header_timeout + LATE, "it could drip for {took:?}");
}

#[tokio::test]
async fn half_a_body_is_closed() {
    let site = Site::start(short()).await;
    for head in ["Content-Length: 10\r\n\r\nabc", "Transfer-Encoding: chunked\r\n\r\na\r\nabc", "Transfer-Encoding: chunked\r\n\r\n0\r\nT"]
    {
        let mut stream = site.connect().await;
        let begun = Instant::now();
        stream.write_all(format!("POST /echo HTTP/1.1\r\nHost: a\r\n{head}").as_bytes()).await.unwrap();
        let answer = closed_after(&mut stream, begun, short().body_timeout).await;
        assert!(!answer.contains("200 OK"), "{answer}");
    }
}

#[tokio::test]
async fn a_long_body_has_its_time_for_each_part_and_saves_none_up() {
    let site = Site::start(short()).await;
    let part = vec![b'x'; 64 * 1024];
    let head = format!("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n", 5 * part.len());
    let mut stream = site.connect().await;
    stream.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..3 {
        stream.write_all(&part).await.unwrap();
        sleep(short().body_timeout * 2 / 3).await;
    }
    // Twice as long as a small body may take, and open; what came so far is no reason to wait for the rest.
    stream.write_all(&part).await.unwrap();
    let begun = Instant::now();
    let answer = closed_after(&mut stream, begun, short().body_timeout).await;
    assert!(!answer.contains("200 OK"), "{answer}");
}

#[tokio::test]
async fn a_kept_connection_is_closed_when_nothing_more_comes() {
    let site = Site::start(short()).await;
    let mut stream = site.connect().await;
    for _ in 0..3 {
        hello(&mut stream).await;
        // Each answer gives new time: three pauses together are longer than the limit.
        sleep(Duration::from_millis(600)).await;
    }
    hello(&mut stream).await;
    closed_after(&mut stream, Instant::now(), short().idle_timeout).await;
}

#[tokio::test]
async fn empty_lines_buy_no_time() {
    let site = Site::start(short()).await;
    let mut stream = site.connect().await;
    let begun = Instant::now();
    for octet in ["\r", "\n", "\r", "\n", "\r"] {
        stream.write_all(octet.as_bytes()).await.unwrap();
        sleep(Duration::from_millis(100)).await;
    }
    closed_after(&mut stream, begun, short().idle_timeout).await;
}

#[tokio::test]
async fn a_handler_may_take_longer_than_every_deadline() {
    let site = Site::start(short()).await;
    assert!(SLOW > short().idle_timeout);
    let whole = "POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
    for request in ["GET /slow HTTP/1.1\r\nHost: a\r\n\r\n", whole, &format!("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n{GET}")] {
        let mut stream = site.connect().await;
        // A first request has armed the timer that must not fire into the second.
        hello(&mut stream).await;
        stream.write_all(request.as_bytes()).await.unwrap();
        let answer = until(&mut stream, "slow").await;
        assert_eq!(status(&answer), 200);
        if request.ends_with(GET) {
            until(&mut stream, "hello").await;
        }
        closed_after(&mut stream, Instant::now(), short().idle_timeout).await;
    }
}

#[tokio::test]
async fn a_client_that_closed_its_half_is_answered() {
    let site = Site::start(short()).await;
    let mut stream = site.connect().await;
    stream.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    stream.shutdown().await.unwrap();
    assert!(to_the_end(&mut stream).await.ends_with("slow"));
}

#[tokio::test]
async fn a_client_that_takes_no_answer_is_closed() {
    let site = Site::start(short()).await;
    let mut stream = site.connect().await;
    stream.write_all(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    site.until_metric("tenantry_connections_open 1").await;
    let begun = Instant::now();
    timeout(PATIENCE, site.until_metric("tenantry_connections_open 0")).await.expect("the connection is closed");
    let took = begun.elapsed();
    assert!(took < short().write_timeout + 6 * LATE, "closed after {took:?}");
}

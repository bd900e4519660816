//! What two readers could take for different requests is refused, and nothing after it is read (RFC 9112).

use tokio::io::AsyncWriteExt;
use tokio::time::{Duration, sleep};

use crate::site::{GET, GET_AND_CLOSE, Site, short, status};
use tenantry_http::listener::Limits;

/// Sends a bad request with a good one behind it: one answer, 400 or as given, and the connection is closed.
async fn is_refused_with(site: &Site, request: &str, expected: u16) {
    let answer = site.talk(format!("{request}{GET}")).await;
    assert!(!answer.is_empty(), "no answer to {request:?}");
    assert_eq!(status(&answer), expected, "{request:?}: {answer}");
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{request:?}: {answer}");
    assert!(!answer.contains("hello"), "{request:?}: {answer}");
}

#[tokio::test]
async fn ambiguous_requests_are_refused_and_the_connection_closed() {
    let site = Site::start(Limits::default()).await;
    for request in [
        // Bare line feeds.
        "GET /hello HTTP/1.1\nHost: a\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\n\n",
        "\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n",
        // Hosts.
        "GET /hello HTTP/1.1\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nhost: a\r\n\r\n",
        // Where the body ends.
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: abc\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na",
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\na",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
        "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        // Chunks and trailers.
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\na\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;\n\r\na\r\n0\r\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0;\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nT: x\n\r\n",
        "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nT: x\n\n",
        // Header lines.
        "GET /hello HTTP/1.1\r\nHost: a\r\nX : b\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n",
        "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n",
        "GET /hello HTTP/2.0\r\nHost: a\r\n\r\n",
    ] {
        is_refused_with(&site, request, 400).await;
    }
}

#[tokio::test]
async fn heads_that_are_too_large_are_refused() {
    let site = Site::start(Limits::default()).await;
    let lines = |n: usize| (0..n).map(|n| format!("X-{n}: a\r\n")).collect::<String>();
    let head = |more: &str| format!("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{more}\r\n");
    // The two of each head count.
    assert_eq!(status(&site.talk(head(&lines(98))).await), 200);
    assert_eq!(status(&site.talk(head(&lines(99))).await), 431);
    let one_line = |length: usize| head(&format!("X: {}\r\n", "a".repeat(length - head("X: \r\n").len())));
    let limit = Limits::default().max_head_bytes;
    assert_eq!(status(&site.talk(one_line(limit - 1)).await), 200);
    assert_eq!(status(&site.talk(one_line(limit + 1)).await), 431);
    // What is too long to be followed must not hide a bare line feed behind it.
    for length in [limit - 100, limit, limit + 1, 2 * limit, 5 * limit] {
        let text = format!("GET /hello HTTP/1.1\r\nX: {}\r\nHost: a\n\r\n", "a".repeat(length));
        let mut stream = site.connect().await;
        // Closing on a client that still sends may reset it.
        let _sent_or_reset = stream.write_all(text.as_bytes()).await;
        let mut answer = String::new();
        let _closed_or_reset = tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut answer).await;
        assert!(answer.is_empty() || matches!(status(&answer), 400 | 431), "{length}: {answer}");
    }
}

#[tokio::test]
async fn a_client_that_speaks_http_2_unasked_is_closed() {
    // It would not understand an answer in HTTP/1.1.
    let site = Site::start(Limits::default()).await;
    assert_eq!(site.talk("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await, "");
}

#[tokio::test]
async fn a_bare_lf_is_found_however_the_head_is_cut() {
    let site = Site::start(short()).await;
    let request = "GET /hello HTTP/1.1\r\nHost: a\n\r\n";
    for cut in request.len() - 6..request.len() {
        let mut stream = site.connect().await;
        stream.set_nodelay(true).unwrap();
        stream.write_all(&request.as_bytes()[..cut]).await.unwrap();
        sleep(Duration::from_millis(10)).await;
        // It may already have been refused.
        let _sent_or_refused = stream.write_all(&request.as_bytes()[cut..]).await;
        assert_eq!(status(&crate::site::to_the_end(&mut stream).await), 400, "cut at {cut}");
    }
}

#[tokio::test]
async fn plain_requests_of_both_versions_are_answered() {
    let site = Site::start(Limits::default()).await;
    for request in [
        GET_AND_CLOSE,
        "\r\nGET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /hello HTTP/1.0\r\n\r\n",
        "GET http://a/hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    ] {
        let answer = site.talk(request).await;
        assert_eq!(status(&answer), 200, "{request:?}");
        assert!(answer.ends_with("hello"), "{answer}");
    }
}

#[tokio::test]
async fn requests_in_a_row_are_each_answered() {
    let site = Site::start(Limits::default()).await;
    let post = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\na\nb\n";
    let chunked = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4;x=y\r\nc\nd\n\r\n1\r\ne\r\n0\r\nT: x\r\n\r\n";
    let row = [GET, post, chunked, GET, chunked, post, GET_AND_CLOSE].concat();
    for size in [1, 7, 64, row.len()] {
        let mut stream = site.connect().await;
        stream.set_nodelay(true).unwrap();
        for piece in row.as_bytes().chunks(size) {
            stream.write_all(piece).await.unwrap();
            tokio::task::yield_now().await;
        }
        let answer = crate::site::to_the_end(&mut stream).await;
        assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 7, "{answer}");
        let bodies: Vec<&str> = answer.split("\r\n\r\n").skip(1).map(|part| part.split("HTTP/1.1").next().unwrap()).collect();
        assert_eq!(bodies, ["hello", "a\nb\n", "c\nd\ne", "hello", "c\nd\ne", "a\nb\n", "hello"]);
    }
}

#[tokio::test]
async fn methods_that_are_not_served_are_refused() {
    let site = Site::start(Limits::default()).await;
    let answer = site.talk("TRACE /hello HTTP/1.1\r\nHost: a\r\nX: secret\r\nConnection: close\r\n\r\n").await;
    assert_eq!(status(&answer), 405);
    assert!(answer.contains("\r\nallow: GET, ") && !answer.contains("secret"), "{answer}");
    for request in
        ["CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n", "OPTIONS * HTTP/1.1\r\nHost: a\r\n", "NONSENSE /hello HTTP/1.1\r\nHost: a\r\n"]
    {
        let refused = status(&site.talk(format!("{request}Connection: close\r\n\r\n")).await);
        assert!(matches!(refused, 404 | 405), "{request:?}: {refused}");
    }
}

//! What stands in every answer.

use crate::site::{GET_AND_CLOSE, Site, status};
use tenantry_http::listener::Limits;

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    answer.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[tokio::test]
async fn every_answer_has_an_id_of_its_own_and_the_same_guards() {
    let site = Site::start(Limits::default()).await;
    let mut seen = Vec::new();
    for (request, expected) in [
        (GET_AND_CLOSE, 200),
        ("GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 404),
        ("GET /hello HTTP/1.1\r\n\r\n", 400),
        ("TRACE / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 405),
        ("GET /panic HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 500),
    ] {
        let answer = site.talk(request).await;
        assert_eq!(status(&answer), expected, "{answer}");
        assert_eq!(header(&answer, "x-content-type-options"), Some("nosniff"));
        assert_eq!(header(&answer, "referrer-policy"), Some("no-referrer"));
        let id = header(&answer, "x-request-id").unwrap().to_owned();
        assert_eq!(id.len(), 36, "{id}");
        assert!(!seen.contains(&id), "{id} came twice");
        seen.push(id);
    }
}

#[tokio::test]
async fn a_handler_knows_the_other_end() {
    let site = Site::start(Limits::default()).await;
    let mut stream = site.connect().await;
    tokio::io::AsyncWriteExt::write_all(&mut stream, b"GET /peer HTTP/1.0\r\n\r\n").await.unwrap();
    let answer = crate::site::to_the_end(&mut stream).await;
    assert!(answer.ends_with(&stream.local_addr().unwrap().to_string()), "{answer}");
}

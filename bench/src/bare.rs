//! The yardstick for reads: an axum server that does nothing but answer, as axum's own documentation starts one.

use axum::Router;
use axum::http::header;
use axum::routing::get;
use tenantry::Failure;
use tokio::net::TcpListener;

use crate::say;

/// Serves one constant JSON answer of this size on a free port until it is killed.
pub(crate) fn serve(octets: usize) -> Result<(), Failure> {
    let body: &'static str = constant_json(octets).leak();
    let app = Router::new().route("/user/{id}", get(move || async move { ([(header::CONTENT_TYPE, "application/json")], body) }));
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        say(&format!("listening on http://{}", listener.local_addr()?));
        axum::serve(listener, app).await?;
        Ok(())
    })
}

/// `{"resultCode":1,"filler":"xxx…"}` of exactly this many octets, where that many are enough.
fn constant_json(octets: usize) -> String {
    let (before, after) = (r#"{"resultCode":1,"filler":""#, r#""}"#);
    let filler = "x".repeat(octets.saturating_sub(before.len() + after.len()));
    [before, &filler, after].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_has_the_size_that_was_asked_for() {
        assert_eq!(constant_json(911).len(), 911);
        assert!(serde_json::from_str::<serde_json::Value>(&constant_json(911)).is_ok());
    }
}

//! The PHP sample of the vendor's document, its missing marks mended, as somebody pastes it.

use std::path::Path;

use serde_json::{Value, json};
use tenantry_testkit::{Store, basic};

use crate::interpreter::text_of;
use crate::{PHP, run};

#[test]
fn the_documents_php_sample_updates_the_address_and_nothing_else() {
    let Some(program) = PHP.find("document.php", &[]) else { return };
    let store = Store::make(env!("CARGO_BIN_EXE_tenantry"));
    let server = store.serve();
    let authorization = basic(&store.account_id.to_string(), &store.api_key);
    let mut connection = server.connect().expect("the server listens");
    let properties = json!({"name": "Abc", "email": "abc@example.org", "telephone": "+27 11 447 6147", "country": "ZA", "status": "on"});
    let created = connection.call_with("POST", "/api/2.0/customers", &[("Authorization", &authorization)], &properties.to_string());
    let mut expected = created.expect("the server answers").json()["item"].clone();
    let customer = expected["id"].to_string();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/document.php");
    for (email, without) in [("first@example.org", ""), ("second@example.org", "1")] {
        let more = [("TENANTRY_CUSTOMER", customer.as_str()), ("TENANTRY_EMAIL", email), ("WITHOUT_CONTENT_TYPE", without)];
        let output = run(program, &script, &server.url(), &store, &more);
        assert!(output.status.success(), "{}", text_of(&output));
        let printed: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text_of(&output)));
        expected["email"] = json!(email);
        assert_eq!(printed["item"], expected, "without its Content-Type line: {without:?}");
        let path = format!("/api/2.0/customers/{customer}");
        let read = connection.call_with("GET", &path, &[("Authorization", &authorization)], "").expect("the server answers");
        assert_eq!(read.json()["item"], expected);
    }
}

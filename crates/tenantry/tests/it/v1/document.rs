//! The document: checked in as it is made, valid, and true of what the server answers.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tenantry_v1::{calls, document};

use crate::harness::Site;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

/// What was there and is not any more, or was not needed and is: what clients that were written before trip over.
fn breaking(old: &Value, new: &Value, place: &str, found: &mut Vec<String>) {
    let members = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let (before, after) = (members(old), members(new));
    for (name, old) in &before {
        let here = format!("{place}/{name}");
        let is_list_of_names = matches!(name.as_str(), "paths" | "properties" | "schemas" | "responses") || place.ends_with("/paths");
        match after.get(name) {
            Some(new) => breaking(old, new, &here, found),
            None if is_list_of_names || place.ends_with("/properties") || place.ends_with("/schemas") || place.split('/').count() == 4 => {
                found.push(format!("{here} is gone"));
            }
            None => {}
        }
    }
    let words = |value: &Value| value["required"].as_array().cloned().unwrap_or_default();
    let in_a_body = place.contains("/requestBody/");
    let needed = words(new).into_iter().filter(|name| !words(old).contains(name)).filter(|_| in_a_body);
    found.extend(needed.map(|name| format!("{place} needs {name}")));
}

#[test]
fn the_document_that_is_checked_in_is_the_one_that_is_made() {
    let made = document();
    let text = serde_json::to_string_pretty(&made).unwrap() + "\n";
    let checked_in = std::fs::read_to_string(FILE).unwrap_or_default();
    if checked_in == text {
        return;
    }
    let mut found = Vec::new();
    breaking(&serde_json::from_str(&checked_in).unwrap_or_default(), &made, "", &mut found);
    if std::env::var_os("TENANTRY_WRITE").is_some() {
        std::fs::write(FILE, text).unwrap();
    }
    let breaks =
        if found.is_empty() { "nothing that clients rely on is gone".to_owned() } else { format!("BREAKING: {}", found.join("; ")) };
    panic!(
        "docs/openapi.json was not the document that the code makes ({breaks}); write it: TENANTRY_WRITE=1 cargo test -p tenantry --test it document"
    );
}

#[test]
fn what_breaks_clients_is_named() {
    let old = json!({"paths": {"/a": {"get": {}, "post": {}}, "/b": {}}, "components": {"schemas": {"X": {"properties": {"id": {}, "name": {}}}}}});
    let new = json!({"paths": {"/a": {"get": {}}}, "components": {"schemas": {"X": {"properties": {"id": {}}}}}});
    let mut found = Vec::new();
    breaking(&old, &new, "", &mut found);
    found.sort_unstable();
    assert_eq!(found, ["/components/schemas/X/properties/name is gone", "/paths//a/post is gone", "/paths//b is gone"]);
    let mut none = Vec::new();
    breaking(&new, &old, "", &mut none);
    assert!(none.is_empty(), "{none:?}");
}

#[test]
fn every_operation_is_in_it_and_every_answer_has_a_description() {
    let document = document();
    let listed: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| methods.as_object().unwrap().keys().map(move |method| (method.to_uppercase(), path.clone())))
        .collect();
    let served: BTreeSet<(String, String)> = calls().map(|(method, path)| (method.to_owned(), path.to_owned())).collect();
    assert_eq!(listed, served);
    for (path, methods) in document["paths"].as_object().unwrap() {
        for operation in methods.as_object().unwrap().values() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                assert!(response["description"].as_str().is_some_and(|text| !text.is_empty()), "{path} {status}");
            }
        }
    }
}

#[test]
fn the_record_has_the_fields_that_the_document_says() {
    let site = Site::start();
    let customer = site.bearer(1).create(&json!({"organization": "ABC"}));
    let document = document();
    let fields = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<BTreeSet<String>>();
    assert_eq!(fields(&customer), fields(&document["components"]["schemas"]["Customer"]["properties"]));
    let body = document.pointer("/paths/~1v1~1customers/post/requestBody/content/application~1json/schema/properties").unwrap();
    let unset: Vec<String> = fields(body).difference(&fields(&customer)).cloned().collect();
    assert_eq!(unset, ["call_in_pin", "password"], "whatever can be set is shown, but for secrets");
}

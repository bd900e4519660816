//! Name servers by themselves: replaced, added to, removed from.

use serde_json::{Value, json};

use super::caller::Bearer;
use crate::harness::{Answer, Site};

fn put(party: &Bearer, path: &str, body: &Value) -> Answer {
    party.call("PUT", path, &[], &body.to_string())
}

#[track_caller]
fn stands(answer: &Answer, hosts: &[&str]) {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let servers = &answer.json()["name_servers"];
    let names: Vec<&str> = servers["hosts"].as_array().unwrap().iter().map(|host| host["name"].as_str().unwrap()).collect();
    assert_eq!((names.as_slice(), servers["mode"].as_str()), (hosts, Some(if hosts.is_empty() { "default" } else { "specify" })));
}

#[test]
fn a_list_is_replaced_added_to_and_removed_from() {
    let site = Site::start();
    let provider = site.bearer(1);
    let path = format!("/customers/{}/name_servers", provider.create(&json!({"organization": "ABC"}))["id"]);
    let two = json!({"hosts": [{"name": "NS1.example.org", "ipv4": ["192.0.2.1"]}, {"name": "ns2.example.org"}]});
    stands(&put(&provider, &path, &two), &["ns1.example.org", "ns2.example.org"]);
    let more = json!({"hosts": [{"name": "ns3.bücher.example"}]});
    stands(&provider.post(&path, &more), &["ns1.example.org", "ns2.example.org", "ns3.xn--bcher-kva.example"]);
    stands(&provider.post(&path, &more), &["ns1.example.org", "ns2.example.org", "ns3.xn--bcher-kva.example"]);
    stands(&provider.delete(&format!("{path}/ns3.b%C3%BCcher.example")), &["ns1.example.org", "ns2.example.org"]);
    stands(&provider.delete(&format!("{path}/ns3.b%C3%BCcher.example")), &["ns1.example.org", "ns2.example.org"]);
    let minimal = provider.call("PUT", &path, &[("Prefer", "return=minimal")], &two.to_string());
    assert_eq!((minimal.status, minimal.body.as_str()), (204, ""));
    stands(&put(&provider, &path, &json!({"mode": "default", "hosts": []})), &[]);
    stands(&put(&provider, &path, &json!({"mode": "default"})), &[]);
}

#[test]
fn what_is_wrong_is_named_as_it_stands_in_the_body() {
    let site = Site::start();
    let provider = site.bearer(1);
    let customer = provider.create(&json!({"organization": "ABC"}));
    let path = format!("/customers/{}/name_servers", customer["id"]);
    put(&provider, &path, &json!({})).is_problem(422, "invalid", &["hosts"]);
    put(&provider, &path, &json!({"hosts": [{"name": "ns1.example.org"}]})).is_problem(422, "invalid", &["hosts"]);
    put(&provider, &path, &json!({"hosts": [{"ipv4": ["x"]}, {"name": "no_host"}], "host": 1})).is_problem(
        422,
        "invalid",
        &["host", "hosts[0].ipv4[0]", "hosts[0].name", "hosts[1].name"],
    );
    put(&provider, &path, &json!({"mode": "default", "hosts": [{"name": "ns1.example.org"}]})).is_problem(422, "invalid", &["mode"]);
    provider.post(&path, &json!({"hosts": [{"name": "ns1.example.org"}]})).is_problem(422, "invalid", &["mode"]);
    provider.post(&path, &json!({"hosts": []})).is_problem(422, "invalid", &["hosts"]);
    provider.post(&path, &json!({})).is_problem(422, "invalid", &["hosts"]);
    provider.delete(&format!("{path}/no_host")).is_problem(422, "invalid", &["host"]);
    put(&provider, &path, &json!({"hosts": [{"name": "a.example.org"}, {"name": "b.example.org"}]}));
    provider.delete(&format!("{path}/a.example.org")).is_problem(422, "invalid", &["hosts"]);
    let tag = format!("\"{}-1\"", customer["id"]);
    provider.call("PUT", &path, &[("If-Match", &tag)], r#"{"mode": "default"}"#).is_problem(412, "precondition_failed", &[]);
}

//! Name servers: default or one's own; replaced, added to, removed from.

use serde_json::{Value, json};

use crate::harness::Site;

fn names(record: &Value, field: &str) -> Vec<String> {
    record[field].as_array().into_iter().flatten().map(|host| host["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_list_is_set_replaced_added_to_and_removed_from() {
    let site = Site::start();
    let id = site.provider.add(|_| {});
    let path = format!("/user/{id}");
    let after = |body: Value| {
        site.provider.put(&path, &body).saved();
        names(&site.provider.read(id), "nameServers")
    };
    assert_eq!(site.provider.read(id)["nameServerType"], "default");
    let both = json!({"status": "active", "nameServerType": "specify", "nameServers": ["NS1.Example.org.", "ns2.example.org"]});
    assert_eq!(after(both), ["ns1.example.org", "ns2.example.org"]);
    assert_eq!(after(json!({"addNameServers": [{"name": "ns3.example.org", "ipv4address": "192.0.2.3"}]})).len(), 3);
    assert_eq!(after(json!({"removeNameServers": ["NS1.example.org"]})), ["ns2.example.org", "ns3.example.org"]);
    assert_eq!(after(json!({"nameServers": ["a.example.org", "b.example.org"]})), ["a.example.org", "b.example.org"]);
    assert_eq!(after(json!({"nameServerType": "default"})), [] as [&str; 0]);
    assert_eq!(site.provider.read(id)["nameServerType"], "default");
}

#[test]
fn faults_name_the_list() {
    let site = Site::start();
    let id = site.provider.add(|_| {});
    let path = format!("/user/{id}");
    let put = |body: Value| site.provider.put(&path, &body);
    put(json!({"nameServerType": "none"})).names(422, &["nameServerType"]);
    put(json!({"nameServerType": "specify"})).names(422, &["nameServers"]);
    put(json!({"nameServerType": "specify", "nameServers": ["one.example.org"]})).names(422, &["nameServers"]);
    put(json!({"nameServers": ["a.example.org", "A.example.org."]})).names(422, &["nameServers"]);
    put(json!({"nameServers": ["a.example.org", "-b.example.org", 7, {"ipv4address": "x"}]}))
        .names(422, &["nameServers[1]", "nameServers[2]", "nameServers[3].ipv4address[0]", "nameServers[3].name"]);
    put(json!({"addNameServers": ["a.example.org"]})).names(422, &["nameServerType"]);
    put(json!({"nameServers": "ns1.example.org"})).names(422, &["nameServers"]);
    put(json!({"nameServers": ["a.example.org", "b.example.org"]})).saved();
    put(json!({"removeNameServers": ["x.example.org"]})).saved();
    put(json!({"nameServers": null, "nameServerType": null})).names(422, &["nameServerType", "nameServers"]);
    put(json!({"removeNameServers": ["a.example.org"]})).names(422, &["nameServers"]);
}

#[test]
fn a_customer_in_default_mode_follows_its_provider() {
    let site = Site::start();
    let sub = site.add(1, tenantry_domain::account::Kind::Provider, None);
    let id = site.add(sub, tenantry_domain::account::Kind::Customer, None);
    assert_eq!(names(&site.provider.read(id), "defaultNameServers"), [] as [&str; 0]);
    site.provider.put("/user/1", &json!({"nameServers": ["ns1.top.example", "ns2.top.example"]})).saved();
    assert_eq!(names(&site.provider.read(id), "defaultNameServers"), ["ns1.top.example", "ns2.top.example"]);
    site.provider.put(&format!("/user/{sub}"), &json!({"nameServers": ["ns1.sub.example", "ns2.sub.example"]})).saved();
    assert_eq!(names(&site.provider.read(id), "defaultNameServers"), ["ns1.sub.example", "ns2.sub.example"]);
}

//! What a provider keeps of its customers beside what every customer has: tags, contacts and custom fields.

use serde_json::{Value, json};

use crate::harness::Site;

use super::caller::Bearer;

fn found(caller: &Bearer, query: &str) -> Vec<i64> {
    let answer = caller.get(&format!("/customers?{query}"));
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()["customers"].as_array().unwrap().iter().map(|customer| customer["id"].as_i64().unwrap()).collect()
}

fn define(caller: &Bearer, fields: &Value) {
    let answer = caller.patch("/settings", &json!({"custom_fields": fields}));
    assert_eq!(answer.status, 200, "{}", answer.body);
}

#[test]
fn customers_are_grouped_by_tags() {
    let site = Site::start();
    let provider = site.bearer(1);
    let id = |body: &Value| provider.create(body)["id"].as_i64().unwrap();
    let (a, b) =
        (id(&json!({"organization": "A", "tags": ["Wholesale", "VIP", "vip"]})), id(&json!({"organization": "B", "tags": ["vip"]})));
    assert_eq!(provider.read(a)["tags"], json!(["VIP", "Wholesale"]));
    assert_eq!(found(&provider, "tag=V%C3%8FP"), [a, b]);
    assert_eq!(found(&provider, "tag=vip,wholesale"), [a]);
    assert_eq!(found(&provider, "search=wholesa"), [a]);
    assert!(found(&provider, "tag=wholesal").is_empty());
    assert_eq!(provider.patch(&format!("/customers/{a}"), &json!({"tags": ["new"]})).json()["version"], 2);
    assert_eq!(provider.patch(&format!("/customers/{a}"), &json!({"tags": ["new"]})).json()["version"], 2);
    assert_eq!((found(&provider, "tag=vip"), found(&provider, "tag=new")), (vec![b], vec![a]));
    assert_eq!(provider.patch(&format!("/customers/{a}"), &json!({"tags": null})).json()["tags"], json!([]));
    assert!(found(&provider, "tag=new").is_empty());
    provider.post("/customers", &json!({"organization": "C", "tags": ["a,b", "", 1]})).is_problem(
        422,
        "invalid",
        &["tags[0]", "tags[1]", "tags[2]"],
    );
    provider.get("/customers?tag=,").is_problem(422, "invalid", &["tag"]);
    let many: Vec<String> = (0..65).map(|number| format!("t{number}")).collect();
    provider.patch(&format!("/customers/{a}"), &json!({"tags": many})).is_problem(422, "invalid", &["tags"]);
    // Another tenant's are another's.
    let other = site.add_tenant();
    let other = site.bearer(other.id);
    other.create(&json!({"organization": "D", "tags": ["vip"]}));
    assert_eq!(found(&provider, "tag=vip"), [b]);
    // Whom its provider groups does not group itself.
    let customer = site.bearer(b);
    assert_eq!(provider.post(&format!("/customers/{b}/activate"), &json!({})).status, 200);
    customer.patch(&format!("/customers/{b}"), &json!({"tags": []})).is_problem(403, "forbidden", &["tags"]);
}

#[test]
fn whom_to_turn_to() {
    let site = Site::start();
    let provider = site.bearer(1);
    let contacts = json!([
        {"roles": ["technical", "billing"], "first_name": "Ünal", "email": "noc@example.org", "voice": {"number": "022 2255 4254", "extension": "7"}},
        {"roles": ["abuse"], "organization": "Abuse Desk"},
    ]);
    let customer = provider.create(&json!({"organization": "A", "country_code": "IN", "contacts": contacts}));
    assert_eq!(customer["contacts"][0]["roles"], json!(["technical", "billing"]));
    assert_eq!(customer["contacts"][0]["voice"]["e164"], "+912222554254");
    assert_eq!(customer["contacts"][1]["email"], Value::Null);
    let id = customer["id"].as_i64().unwrap();
    for words in ["unal", "noc@exam", "2255+4254", "022+2255", "abuse+desk"] {
        assert_eq!(found(&provider, &format!("search={words}")), [id], "{words}");
    }
    let faulty = json!({"organization": "B", "contacts": [{"roles": []}, {"first_name": "A"}, {"roles": ["boss"], "first_name": "B"}, {"roles": ["legal"], "first_name": "C", "firstname": "C"}]});
    provider.post("/customers", &faulty).is_problem(
        422,
        "invalid",
        &["contacts[0].roles", "contacts[1].roles", "contacts[2].roles[0]", "contacts[3].firstname"],
    );
    assert_eq!(provider.patch(&format!("/customers/{id}"), &json!({"contacts": null})).json()["contacts"], json!([]));
    assert!(found(&provider, "search=unal").is_empty());
}

#[test]
fn a_tenant_defines_fields_of_its_own() {
    let site = Site::start();
    let provider = site.bearer(1);
    provider.post("/customers", &json!({"organization": "A", "custom_fields": {"vat_id": "x"}})).is_problem(
        422,
        "invalid",
        &["custom_fields.vat_id"],
    );
    define(
        &provider,
        &json!([
            {"name": "vat_id", "type": "text", "unique": true, "searchable": true, "label": "VAT id"},
            {"name": "seats", "type": "number"},
            {"name": "since", "type": "date"},
            {"name": "beta", "type": "boolean"},
        ]),
    );
    let values = json!({"vat_id": "DE 136-725", "seats": 12, "since": "2026-02-28", "beta": true});
    let customer = provider.create(&json!({"organization": "A", "custom_fields": values}));
    assert_eq!(customer["custom_fields"], values);
    let id = customer["id"].as_i64().unwrap();
    let path = format!("/customers/{id}");
    assert_eq!(found(&provider, "search=136-725"), [id]);
    assert_eq!(found(&provider, "custom_fields[vat_id]=de%20136-725"), [id]);
    assert_eq!(found(&provider, "custom_fields%5Bseats%5D=12&custom_fields[beta]=true"), [id]);
    assert!(found(&provider, "custom_fields[seats]=13").is_empty());
    assert!(found(&provider, "search=2026-02-28").is_empty(), "that one is not searched");
    provider.get("/customers?custom_fields[A]=1").is_problem(422, "invalid", &["custom_fields"]);
    // A merge: what is not named stays.
    assert_eq!(provider.patch(&path, &json!({"custom_fields": {"seats": null, "beta": false}})).json()["custom_fields"]["beta"], false);
    assert_eq!(provider.read(id)["custom_fields"], json!({"vat_id": "DE 136-725", "since": "2026-02-28", "beta": false}));
    let wrong = json!({"custom_fields": {"vat_id": 1, "seats": "1", "since": "28.2.2026", "beta": "yes", "color": "red", "x": {}}});
    provider.patch(&path, &wrong).is_problem(
        422,
        "invalid",
        &[
            "custom_fields.beta",
            "custom_fields.color",
            "custom_fields.seats",
            "custom_fields.since",
            "custom_fields.vat_id",
            "custom_fields.x",
        ],
    );
    assert_eq!(provider.read(id)["version"], 2, "nothing was saved");
}

#[test]
fn a_unique_value_is_one_customers_alone() {
    let site = Site::start();
    let provider = site.bearer(1);
    define(&provider, &json!([{"name": "vat_id", "type": "text", "unique": true}]));
    let with = |vat_id: &str| json!({"organization": "A", "custom_fields": {"vat_id": vat_id}});
    let first = provider.create(&with("DE1"))["id"].as_i64().unwrap();
    let refused = provider.post("/customers", &with("de1"));
    refused.is_problem(409, "taken", &["custom_fields.vat_id"]);
    assert_eq!(refused.json()["errors"][0]["existing_id"], first);
    let second = provider.create(&with("DE2"))["id"].as_i64().unwrap();
    provider.patch(&format!("/customers/{second}"), &json!({"custom_fields": {"vat_id": "DE1"}})).is_problem(
        409,
        "taken",
        &["custom_fields.vat_id"],
    );
    assert_eq!(provider.patch(&format!("/customers/{first}"), &with("De1")).status, 200, "its own");
    // Deleted it is free; and so it is asked again when the first comes back.
    assert_eq!(provider.delete(&format!("/customers/{first}")).status, 204);
    let third = provider.create(&with("DE1"))["id"].as_i64().unwrap();
    provider.post(&format!("/customers/{first}/restore"), &json!({})).is_problem(409, "taken", &["custom_fields.vat_id"]);
    assert_eq!(provider.patch(&format!("/customers/{third}"), &json!({"custom_fields": {"vat_id": null}})).status, 200);
    assert_eq!(provider.post(&format!("/customers/{first}/restore"), &json!({})).status, 200);
    provider.post("/customers", &with("DE1")).is_problem(409, "taken", &["custom_fields.vat_id"]);
    let other = site.add_tenant();
    let other = site.bearer(other.id);
    define(&other, &json!([{"name": "vat_id", "type": "text", "unique": true}]));
    other.create(&with("DE1"));
    // Of many at once one has it.
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let racing: Vec<_> = (0..8).map(|_| scope.spawn(|| provider.post("/customers", &with("DE9")).status)).collect();
        racing.into_iter().map(|racing| racing.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 7, "{statuses:?}");
}

#[test]
fn a_required_field_is_asked_of_those_who_can_send_it() {
    let site = Site::start();
    let provider = site.bearer(1);
    let before = provider.create(&json!({"organization": "Before"}))["id"].as_i64().unwrap();
    define(&provider, &json!([{"name": "vat_id", "type": "text", "required": true}]));
    provider.post("/customers", &json!({"organization": "A"})).is_problem(422, "invalid", &["custom_fields.vat_id"]);
    provider.post("/customers", &json!({"organization": "A", "firstname": "B"})).is_problem(
        422,
        "invalid",
        &["custom_fields.vat_id", "firstname"],
    );
    let id = provider.create(&json!({"organization": "A", "custom_fields": {"vat_id": "1"}}))["id"].as_i64().unwrap();
    provider.patch(&format!("/customers/{id}"), &json!({"custom_fields": {"vat_id": null}})).is_problem(
        422,
        "invalid",
        &["custom_fields.vat_id"],
    );
    // What was there before is not held up by it, and the older dialects know nothing of it.
    assert_eq!(provider.patch(&format!("/customers/{before}"), &json!({"city": "Pune"})).status, 200);
    site.provider.add(|_| {});
}

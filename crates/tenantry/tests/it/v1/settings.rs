//! What a tenant's top provider decides for all of it.

use serde_json::json;
use tenantry_domain::account::Kind;

use crate::harness::Site;

#[test]
fn changes_name_their_version_where_the_tenant_demands_it() {
    let site = Site::start();
    let (provider, other) = (site.bearer(1), site.add_tenant());
    let other = site.bearer(other.id);
    let made = provider.create(&json!({"organization": "A", "auto_signup": true}));
    let path = format!("/customers/{}", made["id"]);
    assert_eq!(provider.patch(&path, &json!({"city": "A"})).status, 200);
    let settings = provider.patch("/settings", &json!({"require_if_match": true}));
    assert_eq!((settings.status, &settings.json()["require_if_match"]), (200, &json!(true)), "{}", settings.body);
    // Over PostgreSQL who may act is remembered for half a second.
    site.until(|| provider.patch(&path, &json!({"city": "B"})).status == 428);
    provider.patch(&path, &json!({"city": "C"})).is_problem(428, "precondition_required", &[]);
    provider.delete(&path).is_problem(428, "precondition_required", &[]);
    let tag = provider.get(&path).header("etag").unwrap().to_owned();
    assert_eq!(provider.call("PATCH", &path, &[("If-Match", &tag)], "{\"city\": \"C\"}").status, 200);
    provider.call("PATCH", &path, &[("If-Match", &tag)], "{\"city\": \"D\"}").is_problem(412, "precondition_failed", &[]);
    assert_eq!(provider.call("PATCH", &path, &[("If-Match", "*")], "{\"city\": \"E\"}").status, 200);
    assert_eq!(provider.post(&format!("{path}/suspend"), &json!({})).status, 200, "a verb overwrites nothing");
    let theirs = other.create(&json!({"organization": "B"}));
    assert_eq!(other.patch(&format!("/customers/{}", theirs["id"]), &json!({"city": "A"})).status, 200);
    provider.patch("/settings", &json!({"require_if_match": null})).is_problem(428, "precondition_required", &[]);
    assert_eq!(provider.call("PATCH", "/settings", &[("If-Match", "*")], "{\"require_if_match\": null}").status, 200);
    site.until(|| provider.patch(&path, &json!({"city": "F"})).status == 200);
}

#[test]
fn settings_are_the_top_providers_and_everybodys_to_read() {
    let site = Site::start();
    let provider = site.bearer(1);
    let fields = json!([{"name": "vat_id", "type": "text", "label": "VAT", "required": false, "unique": true, "searchable": false}]);
    let answer = provider.patch("/settings", &json!({"custom_fields": fields}));
    assert_eq!((answer.status, &answer.json()["custom_fields"]), (200, &fields), "{}", answer.body);
    let tag = answer.header("etag").unwrap().to_owned();
    assert_eq!(provider.call("GET", "/settings", &[("If-None-Match", &tag)], "").status, 304);
    let stale = provider.call("PATCH", "/settings", &[("If-Match", "\"1-1\"")], "{\"custom_fields\": []}");
    stale.is_problem(412, "precondition_failed", &[]);
    let below = site.add(1, Kind::Provider, None);
    let customer = site.add(below, Kind::Customer, None);
    for id in [below, customer] {
        let caller = site.bearer(id);
        assert_eq!(caller.get("/settings").json()["custom_fields"], fields);
        caller.patch("/settings", &json!({"custom_fields": []})).is_problem(403, "forbidden", &[]);
    }
    site.bearer(0).get("/settings").is_problem(403, "forbidden", &[]);
    site.bearer(0).patch("/settings", &json!({"custom_fields": []})).is_problem(403, "forbidden", &[]);
    let twice = json!({"custom_fields": [{"name": "a", "type": "text"}, {"name": "a", "type": "date"}]});
    provider.patch("/settings", &twice).is_problem(422, "invalid", &["custom_fields[1].name"]);
    let wrong = json!({"custom_fields": [{"name": "A b", "type": "text"}, {"type": "colour"}, {"name": "x", "type": "date", "uniq": true}], "x": 1});
    provider.patch("/settings", &wrong).is_problem(
        422,
        "invalid",
        &["custom_fields[0].name", "custom_fields[1].name", "custom_fields[1].type", "custom_fields[2].uniq", "x"],
    );
    // It is a change like any other, with an event.
    assert_eq!(site.count("SELECT count(*) FROM event WHERE account_id = 1 AND changes LIKE '%vat_id%'"), 1);
}

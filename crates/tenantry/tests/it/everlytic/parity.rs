//! The same change through each dialect leaves the same record and the same event.

use serde_json::{Value, json};

use super::caller::{Caller, structure};
use crate::harness::Site;

/// A way in, with what it sends.
enum Way {
    /// The body of WWWEngine's edit.
    Wwwengine(Value),
    /// The properties of an update over REST, and over XML-RPC.
    Everlytic(Value),
}

/// A change: how each dialect says it, and the status to begin with. Where WWWEngine has no word for it, REST and XML-RPC are compared.
type Row = (&'static str, &'static str, Option<Value>, Value);

fn rows() -> Vec<Row> {
    let postal = |member: Value| Some(json!({"contactInfo": {"postalInfo": member}}));
    let address = |member: Value| postal(json!({"address": member}));
    vec![
        ("name", "active", postal(json!({"organization": "Other Ltd"})), json!({"name": "Other Ltd"})),
        ("email", "active", Some(json!({"email": "new@example.org"})), json!({"email": "new@example.org"})),
        ("address", "active", address(json!({"street": ["1 Road", "Floor 2"]})), json!({"address": "1 Road\nFloor 2"})),
        ("no address", "active", address(json!({"street": []})), json!({"address": ""})),
        ("state_provinces", "active", address(json!({"state": "Goa"})), json!({"state_provinces": "Goa"})),
        ("postal_code", "active", address(json!({"postalCode": "403 001"})), json!({"postal_code": "403 001"})),
        ("country", "active", address(json!({"countryCode": "ZA"})), json!({"country": "ZA"})),
        (
            "telephone",
            "active",
            Some(json!({"contactInfo": {"voice": {"number": "+27 11 447 6147"}}})),
            json!({"telephone": "+27 11 447 6147"}),
        ),
        ("fax", "active", Some(json!({"contactInfo": {"fax": {"number": "+27 11 447 6148"}}})), json!({"fax": "+27 11 447 6148"})),
        ("no fax", "active", Some(json!({"contactInfo": {"fax": {"number": ""}}})), json!({"fax": ""})),
        ("activate", "pending", Some(json!({"status": "active"})), json!({"status": "on"})),
        ("suspend", "active", Some(json!({"status": "suspended"})), json!({"status": "suspended"})),
        ("resume", "suspended", Some(json!({"status": "active"})), json!({"status": "on"})),
        ("delete", "active", Some(json!({"status": "deleted"})), json!({"deleted": "yes"})),
        ("reopen", "deleted", Some(json!({"status": "active"})), json!({"deleted": "no"})),
        ("wait", "pending", Some(json!({"status": "inactive"})), json!({"status": "off"})),
        (
            "several",
            "active",
            Some(json!({"status": "suspended", "contactInfo": {"postalInfo": {"organization": "X", "address": {"postalCode": "1"}}}})),
            json!({"name": "X", "status": "suspended", "postal_code": "1"}),
        ),
        ("nothing new", "active", Some(json!({"status": "active"})), json!({"status": "on", "deleted": "no", "is_department": "no"})),
        ("close", "active", None, json!({"status": "off"})),
        ("unique_id", "active", None, json!({"unique_id": "crm-1"})),
        ("industry", "active", None, json!({"industry": "E-commerce"})),
        ("website_url", "active", None, json!({"website_url": "https://example.org"})),
        ("email_quota", "active", None, json!({"email_quota": 7})),
        ("sms_quota", "active", None, json!({"sms_quota": "7"})),
        ("transactions_quota", "active", None, json!({"transactions_quota": 7})),
        ("email_package_id", "active", None, json!({"email_package_id": 1})),
        ("sms_package_id", "active", None, json!({"sms_package_id": 2})),
        ("transactions_package_id", "active", None, json!({"transactions_package_id": 3})),
        (
            "everything",
            "active",
            None,
            json!({"name": "Y", "email_package_id": 1, "email_quota": 7, "industry": "Automotive", "unique_id": "crm-1"}),
        ),
    ]
}

/// The newest state of a customer and its newest event, with what must differ left out.
fn trace(site: &Site, id: i64) -> (String, String) {
    let row = format!(
        "SELECT status || holds || coalesce(activated_at, 0) || coalesce(ended_at, 0) || profile || allotments || version || coalesce(email, '') || \
               coalesce(external_id, '') || name_folded || replace(search_text, cast(id AS text), '') FROM account WHERE id = {id}"
    );
    let event =
        format!("SELECT name || changes || version || actor_id || at FROM event WHERE account_id = {id} ORDER BY version DESC LIMIT 1");
    (site.lines(&row).join("\n"), site.text(&event))
}

/// A tenant with packages and one customer in this status, both made the same way each time. Gives its id.
fn customer_in(site: &Site, status: &str) -> i64 {
    let caller = site.caller(1);
    for channel in ["email", "sms", "transactions"] {
        caller.post("/packages", &json!({"name": channel, "channel": channel})).item();
    }
    let id = site.provider.add(|body| body["contactInfo"]["fax"] = json!({"number": "+91.2222421239"}));
    let steps: &[&str] = match status {
        "pending" => &[],
        "active" => &["active"],
        "suspended" => &["active", "suspended"],
        _ => &["active", "deleted"],
    };
    for step in steps {
        site.provider.put(&format!("/user/{id}"), &json!({"status": step})).saved();
    }
    id
}

fn change(site: &Site, id: i64, way: &Way, over_xml: bool) {
    match way {
        Way::Wwwengine(body) => site.provider.put(&format!("/user/{id}"), body).saved(),
        Way::Everlytic(properties) if over_xml => {
            site.caller(1).xml("UpdateCustomer", vec![tenantry_xmlrpc::Value::Int(id), structure(properties)]).unwrap();
        }
        Way::Everlytic(properties) => {
            site.caller(1).put(&format!("/customers/{id}"), properties).item();
        }
    }
}

#[test]
fn a_change_leaves_the_same_record_and_event_whichever_way_it_comes() {
    for (what, status, wwwengine, everlytic) in rows() {
        let mut ways = vec![(Way::Everlytic(everlytic.clone()), false), (Way::Everlytic(everlytic), true)];
        ways.extend(wwwengine.map(|body| (Way::Wwwengine(body), false)));
        let mut traces = Vec::new();
        for (way, over_xml) in &ways {
            let site = Site::start();
            let id = customer_in(&site, status);
            change(&site, id, way, *over_xml);
            traces.push(trace(&site, id));
        }
        assert!(traces.iter().all(|trace| *trace == traces[0]), "{what}: {traces:#?}");
    }
}

#[test]
fn deleting_leaves_the_same_whichever_way_it_comes() {
    let mut traces = Vec::new();
    for way in 0..3 {
        let site = Site::start();
        let id = customer_in(&site, "active");
        match way {
            0 => site.provider.delete(&format!("/user/{id}")).saved(),
            1 => drop(site.caller(1).delete(&format!("/customers/{id}")).item()),
            _ => drop(site.caller(1).xml("DeleteCustomer", vec![tenantry_xmlrpc::Value::Int(id)]).unwrap()),
        }
        traces.push(trace(&site, id));
    }
    assert!(traces.iter().all(|trace| *trace == traces[0]), "{traces:#?}");
}

#[test]
fn creating_and_changing_packages_leaves_the_same_over_rest_and_xml_rpc() {
    let mut traces = Vec::new();
    for over_xml in [false, true] {
        let site = Site::start();
        let caller = site.caller(1);
        let properties =
            json!({"name": "A", "email": "a@example.org", "country": "ZA", "status": "on", "email_quota": 5, "unique_id": "crm-1"});
        let package = json!({"name": "Gold", "channel": "email", "identifier": "gold", "quantity": 10});
        if over_xml {
            caller.xml("CreateCustomer", vec![structure(&properties)]).unwrap();
            caller.xml("CreatePackage", vec![structure(&package)]).unwrap();
            caller.xml("UpdatePackage", vec![1.into_value(), structure(&json!({"name": "Gold plus"}))]).unwrap();
            caller.xml("ChangeEmailPackage", vec![2.into_value(), "gold".into_value()]).unwrap();
        } else {
            caller.create(&properties);
            caller.post("/packages", &package).item();
            caller.put("/packages/1", &json!({"name": "Gold plus"})).item();
            caller.post("/customers/change_email_package/2/gold", &json!({})).item();
        }
        traces.push((trace(&site, 2), trace(&site, 1)));
    }
    assert_eq!(traces[0], traces[1]);
}

#[test]
fn a_customer_added_in_either_dialect_is_read_edited_and_activated_through_the_other() {
    let site = Site::start();
    let caller = site.caller(1);
    let here = caller.create(&json!({"name": "A", "email": "a@example.org"}))["id"].as_i64().unwrap();
    assert_eq!(site.provider.read(here)["status"], "inactive");
    let complete = json!({
        "status": "active", "userInfo": {"dateOfBirth": "1970-01-01"},
        "contactInfo": {"postalInfo": {"firstName": "Abc", "lastName": "Xyz"}, "callInPin": "1234"}, "password": "abc@path6re"
    });
    site.provider.put(&format!("/user/{here}"), &complete).saved();
    let item = caller.item(here);
    assert_eq!((item["status"].as_str(), item["name"].as_str()), (Some("on"), Some("A")));

    let there = site.provider.add(|body| body["email"] = json!("b@example.org"));
    assert_eq!(caller.item(there)["name"], "ABC Education Service, India");
    caller.put(&format!("/customers/{there}"), &json!({"status": "on", "name": "B"})).item();
    let record = site.provider.read(there);
    assert_eq!((record["status"].as_str(), record["contactInfo"]["postalInfo"]["organization"].as_str()), (Some("active"), Some("B")));
    assert_eq!(record["contactInfo"]["postalInfo"]["address"]["city"], "Mumbai", "what the other dialect has no word for stays");
}

/// Makes a change and gives the status that it is answered with, whichever way it comes.
fn status_of(site: &Site, caller: &Caller, id: i64, way: &Way, over_xml: bool) -> u16 {
    match way {
        Way::Wwwengine(body) => site.provider.put(&format!("/user/{id}"), body).status,
        Way::Everlytic(properties) if over_xml => {
            let updated = caller.xml("UpdateCustomer", vec![tenantry_xmlrpc::Value::Int(id), structure(properties)]);
            updated.map_or_else(|fault| u16::try_from(fault.code).unwrap(), |_| 200)
        }
        Way::Everlytic(properties) => caller.put(&format!("/customers/{id}"), properties).status,
    }
}

/// Long histories of changes that both dialects have words for, in an order that nobody chose: after each of them the records, the events and the refusals
/// are the same.
#[test]
fn a_history_leaves_the_same_whichever_way_it_comes() {
    const CHANGES: u64 = 150;
    let sites = [Site::start(), Site::start(), Site::start()];
    let callers = sites.each_ref().map(|site| site.caller(1));
    let ids = sites.each_ref().map(|site| customer_in(site, "pending"));
    let shared: Vec<Row> = rows().into_iter().filter(|(_, _, wwwengine, _)| wwwengine.is_some()).collect();
    let (mut dice, mut refused) = (7_u64, 0);
    for turn in 0..CHANGES {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (what, _, wwwengine, everlytic) = &shared[usize::try_from(dice >> 33).unwrap() % shared.len()];
        // Where the two have different words for a status, they do not mean the same of every status: those have their rows above.
        if matches!(*what, "wait" | "reopen") {
            continue;
        }
        let ways = [Way::Wwwengine(wwwengine.clone().unwrap()), Way::Everlytic(everlytic.clone()), Way::Everlytic(everlytic.clone())];
        let statuses = [0, 1, 2].map(|way| status_of(&sites[way], &callers[way], ids[way], &ways[way], way == 2));
        assert!(statuses.iter().all(|status| *status == statuses[0]), "turn {turn}, {what}: {statuses:?}");
        refused += u64::from(statuses[0] != 200);
        let traces = [0, 1, 2].map(|way| trace(&sites[way], ids[way]));
        assert!(traces.iter().all(|trace| *trace == traces[0]), "turn {turn}, {what}: {traces:#?}");
    }
    assert!(refused > 5 && refused < CHANGES / 2, "{refused} of {CHANGES} changes were refused: too few or too many to show anything");
}

trait IntoValue {
    fn into_value(self) -> tenantry_xmlrpc::Value;
}

impl IntoValue for i64 {
    fn into_value(self) -> tenantry_xmlrpc::Value {
        tenantry_xmlrpc::Value::Int(self)
    }
}

impl IntoValue for &str {
    fn into_value(self) -> tenantry_xmlrpc::Value {
        tenantry_xmlrpc::Value::String(self.to_owned())
    }
}

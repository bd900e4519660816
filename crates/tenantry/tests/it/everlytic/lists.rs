//! Lists: pages, orders, filters.

use serde_json::json;

use crate::harness::Site;

fn site() -> Site {
    let site = Site::start();
    let caller = site.caller(1);
    for (name, email, country, status) in [
        ("Zoë", "c@example.org", "ZA", "on"),
        ("émile", "B@example.org", "IN", "on"),
        ("Anna", "a@example.org", "IN", "off"),
        ("Emile", "d@example.org", "za", "on"),
    ] {
        caller.create(&json!({"name": name, "email": email, "country": country, "status": status, "unique_id": name}));
    }
    caller.delete("/customers/5").item();
    site
}

#[test]
fn orders_and_directions() {
    let site = site();
    let caller = site.caller(1);
    for (query, ids) in [
        ("", vec![2, 3, 4]),
        ("order=id&direction=desc", vec![4, 3, 2]),
        ("order=created_at&direction=DESC", vec![4, 3, 2]),
        ("order=name", vec![4, 3, 2]),
        ("order=name&direction=Desc", vec![2, 3, 4]),
        ("order=email&direction=asc", vec![4, 3, 2]),
        ("page=2&count=2", vec![4]),
        ("page=3&count=2", vec![]),
        ("page=&count=&order=&direction=", vec![2, 3, 4]),
        ("cachebuster=1&apikey=x", vec![2, 3, 4]),
    ] {
        assert_eq!(caller.get(&format!("/customers?{query}")).ids(), ids, "{query}");
    }
}

#[test]
fn filters_by_property() {
    let site = site();
    let caller = site.caller(1);
    for (query, ids) in [
        ("filter[email]=C@example.org", vec![2]),
        ("email=C%40example.org", vec![2]),
        ("filter%5Bcountry%5D=za", vec![2]),
        ("country=IN&status=on", vec![3]),
        ("status=off", vec![4]),
        ("status=deleted", vec![5]),
        ("deleted=yes", vec![5]),
        ("deleted=yes&status=deleted", vec![5]),
        ("deleted=no", vec![2, 3, 4]),
        ("name=EMILE", vec![3]),
        ("unique_id=Anna", vec![4]),
        ("unique_id=Emile&deleted=yes", vec![5]),
        ("id=3", vec![3]),
        ("id=1", vec![]),
        ("email_package_id=0&sms_package_id=0", vec![2, 3, 4]),
        ("email_package_id=7", vec![]),
        ("utm=%zz", vec![2, 3, 4]),
        ("filter[email]=", vec![2, 3, 4]),
        ("filter[industry]=Automotive", vec![]),
        ("name=%27%20OR%201%3D1--", vec![]),
    ] {
        assert_eq!(caller.get(&format!("/customers?{query}")).ids(), ids, "{query}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    let site = site();
    let caller = site.caller(1);
    for (query, names) in [
        ("page=0&count=201&order=size&direction=up", vec!["count", "direction", "order", "page"]),
        ("page=-1", vec!["page"]),
        ("page=1.5", vec!["page"]),
        ("page=2147483648", vec!["page"]),
        ("filter[password]=x", vec!["filter"]),
        ("filter[hash]=x", vec!["filter"]),
        ("hash=x", vec!["filter"]),
        ("email=x", vec!["email"]),
        ("status=asleep&deleted=perhaps", vec!["deleted", "status"]),
        ("status=on&deleted=yes", vec!["deleted"]),
        ("status=deleted&deleted=no", vec!["deleted"]),
        ("email_package_id=x", vec!["email_package_id"]),
        ("page=1&page=2", vec!["page"]),
        ("email=a@example.org&filter[email]=b@example.org", vec!["email"]),
        ("filter[email]=%zz", vec!["email"]),
    ] {
        caller.get(&format!("/customers?{query}")).refuses(422, &names);
    }
}

#[test]
fn a_list_has_not_more_parameters_than_there_are() {
    let site = site();
    let caller = site.caller(1);
    let query: String = (0..2000).map(|number| format!("filter[f{number}]=x&")).collect();
    let answer = caller.get(&format!("/customers?{query}"));
    assert!(answer.status == 422 && answer.body.len() < 50_000, "{} {}", answer.status, answer.body.len());
}

//! The three documents, literally: their bodies, their answers, their URLs.

use serde_json::json;
use tenantry_domain::key::{PublicKey, Scheme};
use tenantry_domain::{AccountId, Command};
use tenantry_service::{NewKey, verifier_of};

use crate::harness::{EXAMPLE_ADD, Site, call};

/// The signature that stands in all three documents.
const LITERAL: &str = "actingUserID=1&auth=38f9c45022de9ccd105545423b77e950af7dbc5eb31660d6bf1160431513f5ae\
                       &hash=1ca9b5502935824ea5674e3d8f69663e3dcd077fab85b3810aadcf2ae3fda5d7";

/// The body of "Edit Customer", unchanged.
const EXAMPLE_EDIT: &str = r#"{
    "contactInfo": {
        "postalInfo": {
            "title": "Mr.",
            "firstName": "Abc",
            "lastName": "Xyz",
            "organization": "ABC",
            "address": {
                "street": [
                    "Ax Palace,",
                    "118, Old Hanuman sd, ",
                    "Kalbadevi Road,"
                ],
                "city": "Mumbai",
                "postalCode": "400002",
                "countryCode": "IN",
                "state": "Maharashtra"
            }
        },
        "cell": {
            "type": "android",
            "number": "+91.8885242124",
            "countrycode": "29",
            "2FactorAuth": "0"
        },
        "voice": {
            "number": "+91.12121233",
            "countrycode": "29"
        },
        "fax": {
            "number": "+91.2222421239",
            "countrycode": "29"
        }
    },
    "email": "abc@gmail.com",
    "preferences": {
        "phoneNoType": "work"
    },
    "head": {
        "userIpAddress": "10.10.11.77"
    }
}
"#;

/// A site into which the documents' key was imported: its public part and its hash, as an old gateway's log has them.
fn imported() -> Site {
    let site = Site::start();
    let public = PublicKey::parse_pair(&LITERAL[20..84]).unwrap();
    let verifier = verifier_of(&LITERAL[90..]);
    let command = NewKey::default().command(AccountId::try_from(1).unwrap(), Scheme::Wwwengine, public, verifier, true);
    site.run(Command::IssueKey(Box::new(command)));
    site
}

#[test]
fn add_edit_and_activate_work_word_for_word() {
    let site = imported();
    let call = |method: &str, path: &str, headers: &[(&str, &str)], body: &str| {
        call(site.address(), method, &format!("{path}?{LITERAL}"), headers, body.as_bytes())
    };
    let added = call("POST", "/user", &[], EXAMPLE_ADD);
    assert_eq!((added.status, added.body.as_str()), (200, r#"{"resultCode":1,"message":"Changes saved","response":{"id":2}}"#));
    assert!(added.head.contains("content-type: application/json\r\n") && added.head.contains("cache-control: no-store"), "{}", added.head);

    let edited = call("PUT", "/user/2", &[("Content-Type", "application/x-www-form-urlencoded")], EXAMPLE_EDIT);
    assert_eq!((edited.status, edited.body.as_str()), (200, r#"{"resultCode":1,"message":"Changes saved","response":true}"#));

    let activated = call("PUT", "/wwwengine/user/2", &[("Content-Type", "text/json")], "{\n    \"status\": \"active\"\n}\n");
    assert_eq!((activated.status, activated.body.as_str()), (200, r#"{"resultCode":1,"message":"Changes saved","response":true}"#));

    let record = site.provider.read(2);
    assert_eq!(record["status"], "active");
    assert_eq!(record["email"], "abc@gmail.com");
    let contact = &record["contactInfo"];
    assert_eq!(contact["postalInfo"]["organization"], "ABC");
    assert_eq!(contact["postalInfo"]["address"]["street"], json!(["Ax Palace,", "118, Old Hanuman sd, ", "Kalbadevi Road,"]));
    assert_eq!(contact["cell"], json!({"type": "android", "number": "+91.8885242124", "countrycode": "29", "ext": "", "2FactorAuth": "0"}));
    assert_eq!(contact["voice"]["number"], "+91.12121233");
    assert_eq!(contact["fax"]["number"], "+91.2222421239");
    assert_eq!(record["userInfo"]["dateOfBirth"], "1970-01-01", "an edit keeps what it does not name");
}

#[test]
fn what_was_added_is_read_back_equal() {
    let site = imported();
    assert_eq!(call(site.address(), "POST", &format!("/user?{LITERAL}"), &[], EXAMPLE_ADD.as_bytes()).status, 200);
    let mut expected = crate::harness::example();
    for unread in ["password", "head"] {
        expected.as_object_mut().unwrap().remove(unread);
    }
    expected["contactInfo"].as_object_mut().unwrap().remove("callInPin");
    // Empty lines and empty addresses are kept out.
    expected["allow"] = json!([]);
    expected["allowIPV"] = json!([]);
    expected["contactInfo"]["postalInfo"]["address"]["street"] = json!(["2nd Floor, 39/43 ABC Complex, Nesbit Road, Mazgaon"]);
    let record = site.provider.read(2);
    contains(&record, &expected, "");
    let whole = record.to_string();
    assert!(
        !whole.contains("path6re") && !whole.contains("1234\"") && !whole.contains("password") && !whole.contains("callInPin"),
        "{whole}"
    );
}

/// Everything in `expected` stands in `found`, equal.
fn contains(found: &serde_json::Value, expected: &serde_json::Value, path: &str) {
    match expected {
        serde_json::Value::Object(members) => {
            members.iter().for_each(|(name, member)| contains(&found[name], member, &format!("{path}.{name}")));
        }
        other => assert_eq!(found, other, "{path}"),
    }
}

/// Version, name, actor, credential, peer, claimed address, dialect and changes of an event.
#[test]
fn the_history_has_one_event_a_change_and_no_secret() {
    let site = imported();
    call(site.address(), "POST", &format!("/user?{LITERAL}"), &[], EXAMPLE_ADD.as_bytes()).saved();
    call(site.address(), "PUT", &format!("/user/2?{LITERAL}"), &[], EXAMPLE_EDIT.as_bytes()).saved();
    call(site.address(), "PUT", &format!("/user/2?{LITERAL}"), &[], EXAMPLE_EDIT.as_bytes()).saved();
    call(site.address(), "PUT", &format!("/user/2?{LITERAL}"), &[], br#"{"status":"active"}"#).saved();
    let history =
        "SELECT version, name, actor_id, credential, peer, claimed, dialect, changes FROM event WHERE account_id = 2 ORDER BY version";
    let lines = site.lines(history);
    let rows: Vec<Vec<&str>> = lines.iter().map(|line| line.splitn(8, '|').collect()).collect();
    let names: Vec<&[&str]> = rows.iter().map(|row| &row[..2]).collect();
    let expected = [["1", "customer.added"], ["2", "customer.edited"], ["3", "customer.activated"]];
    assert_eq!(names, expected, "the second, equal edit changed nothing");
    for row in &rows {
        assert_eq!((row[2], row[3], row[4], row[6]), ("1", "38f9c450", "127.0.0.1", "wwwengine"));
        assert!(!row[7].contains("path6re") && !row[7].contains("argon2") && !row[7].contains("v1$"), "{}", row[7]);
    }
    assert_eq!(rows[0][5], "10.10.10.325", "kept as text, though it is no address");
    assert!(rows[1][7].contains(r#"{"field":"email","old":"abc.xyz@abc.org","new":"abc@gmail.com"}"#), "{}", rows[1][7]);
}

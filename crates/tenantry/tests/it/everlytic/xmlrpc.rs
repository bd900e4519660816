//! XML-RPC: methods, faults, introspection, multicall, and what the wire may look like.

use serde_json::json;
use tenantry_xmlrpc::{Fault, Value};

use super::caller::{Caller, as_json, structure};
use crate::harness::{Site, send};

fn int(number: i64) -> Value {
    Value::Int(number)
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// A site with customer 2.
fn site() -> (Site, Caller) {
    let site = Site::start();
    let caller = site.caller(1);
    caller.create(&json!({"name": "Ünal & <Söhne>", "email": "a@example.org", "status": "on"}));
    (site, caller)
}

#[test]
fn every_method_under_both_its_names() {
    let (_site, caller) = site();
    for prefix in ["", "customers."] {
        let call = |method: &str, params: Vec<Value>| caller.xml(&format!("{prefix}{method}"), params).unwrap();
        let customer = as_json(&call("GetCustomer", vec![int(2)]));
        assert_eq!(customer, caller.item(2));
        assert_eq!(as_json(&call("GetCustomer", vec![text("2")])), customer, "numeric strings serve as integers");
        for nothing in [Value::Array(vec![]), text(""), Value::Nil] {
            assert_eq!(
                as_json(&call("GetCustomer", vec![int(2), nothing])),
                customer,
                "PHP's empty array is an empty struct, and its null an empty string"
            );
        }
        assert_eq!(as_json(&call("GetCustomer", vec![int(2), structure(&json!({"sms_quota": 3}))]))["sms_quota"], 3);
        assert_eq!(as_json(&call("UpdateCustomer", vec![int(2), structure(&json!({"sms_quota": "4"}))]))["sms_quota"], 4);
        let created = as_json(&call("CreateCustomer", vec![structure(&json!({"name": "B", "email": format!("{prefix}b@example.org")}))]));
        let id = created["id"].as_i64().unwrap();
        let listed = |params: Vec<Value>| as_json(&call("ListCustomers", params)).as_array().unwrap().len();
        assert_eq!(listed(vec![]), 2);
        assert_eq!(listed(vec![int(1), text("1")]), 1);
        assert_eq!(listed(vec![int(1), int(50), text(""), text("ASC"), Value::Array(vec![])]), 2);
        assert_eq!(listed(vec![int(1), int(50), text("name"), text("DESC"), structure(&json!({"id": id}))]), 1);
        assert_eq!(call("DeleteCustomer", vec![int(id)]), Value::Boolean(true));
        caller.delete(&format!("/customers/{id}"));
    }
    for prefix in ["", "packages."] {
        let call = |method: &str, params: Vec<Value>| caller.xml(&format!("{prefix}{method}"), params).unwrap();
        let package = as_json(&call("CreatePackage", vec![structure(&json!({"name": "Gold", "channel": "email", "identifier": "gold"}))]));
        let id = package["id"].as_i64().unwrap();
        for named in [text("gold"), int(id), text(&id.to_string())] {
            assert_eq!(as_json(&caller.xml("ChangeEmailPackage", vec![int(2), named]).unwrap())["email_package_id"], id);
        }
        for none in [int(0), text(""), Value::Nil] {
            assert_eq!(as_json(&caller.xml("customers.ChangeEmailPackage", vec![int(2), none]).unwrap())["email_package_id"], 0);
        }
        assert_eq!(as_json(&call("UpdatePackage", vec![int(id), structure(&json!({"quantity": 5}))]))["quantity"], 5);
        assert_eq!(as_json(&call("GetPackage", vec![int(id)]))["quantity"], 5);
        assert_eq!(as_json(&call("ListPackages", vec![])).as_array().unwrap().len(), 1);
        assert_eq!(call("DeletePackage", vec![int(id)]), Value::Boolean(true));
    }
}

#[test]
fn faults_have_the_codes_of_the_table() {
    let (_site, caller) = site();
    let fault = |method: &str, params: Vec<Value>| caller.xml(method, params).unwrap_err();
    for (method, params, code) in [
        ("NoSuchMethod", vec![], -32601),
        ("customers.CreatePackage", vec![structure(&json!({}))], -32601),
        ("GetCustomer", vec![], -32602),
        ("GetCustomer", vec![text("two")], -32602),
        ("GetCustomer", vec![Value::Double(2.5)], -32602),
        ("GetCustomer", vec![int(2), int(3)], -32602),
        ("GetCustomer", vec![int(2), Value::Struct(vec![]), int(3)], -32602),
        ("UpdateCustomer", vec![int(2)], -32602),
        ("CreateCustomer", vec![structure(&json!(["x"]))], -32602),
        ("CreateCustomer", vec![Value::Struct(vec![("name".into(), Value::Base64(vec![0xff]))])], -32602),
        ("ListCustomers", vec![structure(&json!({}))], -32602),
        ("GetCustomer", vec![int(99)], 404),
        ("GetCustomer", vec![int(-1)], 404),
        ("GetCustomer", vec![int(i64::MAX)], 404),
        ("ChangeEmailPackage", vec![int(2), text("gold")], 404),
        ("GetPackage", vec![int(1)], 404),
        ("CreateCustomer", vec![structure(&json!({"name": "B", "email": "A@example.org"}))], 409),
        ("CreateCustomer", vec![structure(&json!({}))], 422),
        ("ListCustomers", vec![int(0)], 422),
        ("ListCustomers", vec![int(1), int(50), text("size")], 422),
        ("UpdateCustomer", vec![int(2), structure(&json!({"email_quota": 2_147_483_648_i64}))], 422),
    ] {
        let told = fault(method, params.clone());
        assert_eq!(told.code, code, "{method} {params:?}: {}", told.message);
    }
    let Fault { message, .. } = fault("UpdateCustomer", vec![int(2), structure(&json!({"email": "<x>", "country": "XX"}))]);
    assert!(message.contains("email: ") && message.contains("country: ") && message.contains("\"<x>\""), "{message}");
    assert_eq!(
        as_json(&caller.xml("UpdateCustomer", vec![int(2), structure(&json!({"email_quota": 1e9}))]).unwrap())["email_quota"],
        1_000_000_000
    );
}

#[test]
fn an_installation_can_give_the_id_alone() {
    let site = Site::with(&[("xmlrpc_result", "int")]);
    let caller = site.caller(1);
    assert_eq!(caller.xml("CreateCustomer", vec![structure(&json!({"name": "B", "email": "b@example.org"}))]), Ok(int(2)));
    assert_eq!(caller.xml("UpdateCustomer", vec![int(2), structure(&json!({"name": "C"}))]), Ok(int(2)));
    assert_eq!(as_json(&caller.xml("GetCustomer", vec![int(2)]).unwrap())["name"], "C");
}

#[test]
fn introspection_tells_what_there_is() {
    let (_site, caller) = site();
    let names = as_json(&caller.xml("system.listMethods", vec![]).unwrap());
    let names: Vec<&str> = names.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(names.len(), tenantry_everlytic::METHODS.len());
    for name in names {
        let signatures = as_json(&caller.xml("system.methodSignature", vec![text(name)]).unwrap());
        assert!(!signatures.as_array().unwrap().is_empty(), "{name}");
        assert!(matches!(caller.xml("system.methodHelp", vec![text(name)]), Ok(Value::String(help)) if help.ends_with('.')), "{name}");
    }
    assert_eq!(as_json(&caller.xml("system.methodSignature", vec![text("DeleteCustomer")]).unwrap()), json!([["boolean", "int"]]));
    assert_eq!(caller.xml("system.methodHelp", vec![text("nope")]).unwrap_err().code, -32601);
    assert_eq!(as_json(&caller.xml("system.getCapabilities", vec![]).unwrap())["xmlrpc"]["specVersion"], 1);
}

#[test]
fn a_multicall_makes_each_call_and_tells_each_fault() {
    let (_site, caller) = site();
    let call = |method: &str, params: serde_json::Value| json!({"methodName": method, "params": params});
    let run = |calls: serde_json::Value| caller.xml("system.multicall", vec![structure(&calls)]);
    let calls = json!([
        call("UpdateCustomer", json!([2, {"sms_quota": 9}])),
        call("GetCustomer", json!([99])),
        call("GetCustomer", json!([2])),
        call("system.multicall", json!([[]])),
        call("NoSuchMethod", json!([])),
        {"methodName": "GetCustomer"},
        "not a struct"
    ]);
    let results = as_json(&run(calls).unwrap());
    let codes: Vec<_> = results.as_array().unwrap().iter().map(|result| result["faultCode"].as_i64()).collect();
    assert_eq!(codes, [None, Some(404), None, Some(-32602), Some(-32601), Some(-32602), Some(-32602)]);
    assert_eq!(results[2][0]["sms_quota"], 9, "each sees what the ones before it did");
    let list = |count: u64| call("ListCustomers", json!([1, count]));
    let listed = as_json(&run(json!([list(150), list(50), list(1)])).unwrap());
    let told: Vec<_> = listed.as_array().unwrap().iter().map(|result| result["faultCode"].as_i64()).collect();
    assert_eq!(told, [None, None, Some(-32602)], "the calls of one request share what one may list");
    let many = |count| run(json!(vec![call("GetCustomer", json!([2])); count]));
    assert_eq!(as_json(&many(20).unwrap()).as_array().unwrap().len(), 20);
    assert_eq!(many(21).unwrap_err().code, -32602);
    assert_eq!(run(json!({})).unwrap_err().code, -32602);
}

fn fault_code(body: &str) -> i32 {
    tenantry_xmlrpc::decode_response(body.as_bytes(), None).unwrap().unwrap_err().code
}

#[test]
fn texts_that_are_no_call_are_faults_over_http_200() {
    let (_site, caller) = site();
    let laughs = "<?xml version=\"1.0\"?><!DOCTYPE m [<!ENTITY a \"ha\">]><methodCall><methodName>&a;</methodName></methodCall>";
    let deep = format!("<methodCall><methodName>GetCustomer</methodName><params><param>{}", "<value><array><data>".repeat(40));
    for (body, code) in [
        ("", -32700),
        ("not xml", -32700),
        ("<methodCall>", -32700),
        ("<x/>", -32600),
        (laughs, -32600),
        (deep.as_str(), -32600),
        ("<methodCall><methodName>Get Customer</methodName></methodCall>", -32600),
        (
            "<methodCall><methodName>GetCustomer</methodName><params><param><value><int>x</int></value></param></params></methodCall>",
            -32600,
        ),
    ] {
        let answer = caller.xml_raw(body, &[("Content-Type", "text/xml")]);
        assert_eq!((answer.status, fault_code(&answer.body)), (200, code), "{body:.80}");
        assert!(answer.head.contains("\r\ncontent-type: text/xml"), "{}", answer.head);
    }
    let large = format!("<methodCall><methodName>x</methodName></methodCall>{}", " ".repeat(300 * 1024));
    let answer = caller.xml_raw(&large, &[]);
    assert_eq!((answer.status, fault_code(&answer.body)), (200, -32600));
    let labelled =
        caller.xml_raw("<methodCall><methodName>system.listMethods</methodName></methodCall>", &[("Content-Type", "text/plain")]);
    assert_eq!(fault_code(&labelled.body), -32600, "a page of somebody else's can send this kind with remembered credentials");
    assert_eq!(caller.call("GET", "/xmlrpc", &[], "").status, 405);
}

#[test]
fn credentials_that_fail_are_the_transports_affair() {
    let (_site, caller) = site();
    let wrong = Caller { key: "0123456789abcdefghijABCDEFGHIJXY".to_owned(), ..caller };
    let answer = wrong.xml_raw("<methodCall><methodName>system.listMethods</methodName></methodCall>", &[]);
    assert_eq!((answer.status, fault_code(&answer.body)), (401, 401));
    assert!(answer.head.contains("\r\nwww-authenticate: Basic "), "{}", answer.head);
}

#[test]
fn an_http_1_0_client_reads_to_the_end_of_the_stream() {
    let (site, caller) = site();
    let body = "<?xml version='1.0' encoding='ISO-8859-1'?>\n<methodCall>\n <methodName>UpdateCustomer</methodName>\n <params>\n  \
                <param><value><i4>2</i4></value></param>\n  <param><value><struct><member><name>name</name><value>S\u{F6}hne</value></member>\
                </struct></value></param>\n </params>\n</methodCall>\n";
    let latin: Vec<u8> = body.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let head = format!(
        "POST /api/2.0/xmlrpc HTTP/1.0\r\nUser-Agent: Frontier/5.1.2 (WinNT)\r\nAuthorization: {}\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
        caller.authorization(),
        latin.len()
    );
    let answer = send(site.address(), &[head.as_bytes(), &latin].concat());
    let lower = answer.head.to_ascii_lowercase();
    assert!(answer.status == 200 && !lower.contains("transfer-encoding"), "{}", answer.head);
    assert!(lower.contains(&format!("\r\ncontent-length: {}", answer.body.len())), "{}", answer.head);
    assert!(
        answer.body.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>") && answer.body.contains("<string>Söhne</string>"),
        "{}",
        answer.body
    );
    assert!(
        !answer.body.contains("<nil")
            && !answer.body.contains("<i8>")
            && answer.body.contains("<name>fax</name><value><string></string></value>")
    );
}

#[test]
fn values_as_clients_write_them() {
    let (_site, caller) = site();
    let update = |value: &str| {
        let body = format!(
            "<methodCall xmlns:ex=\"http://ws.apache.org/xmlrpc/namespaces/extensions\"><methodName>UpdateCustomer</methodName><params>\
             <param><value><ex:i8>2</ex:i8></value></param><param><value><struct>{value}</struct></value></param></params></methodCall>"
        );
        let answer = caller.xml_raw(&body, &[("Content-Type", "application/xml; charset=\"utf-8\"")]);
        tenantry_xmlrpc::decode_response(answer.body.as_bytes(), None).unwrap().map(|value| as_json(&value)).map_err(|fault| fault.message)
    };
    let member = |name: &str, value: &str| format!("<member><name>{name}</name><value>{value}</value></member>");
    for (name, value, reads) in [
        ("name", "untyped text", json!("untyped text")),
        ("name", "<![CDATA[A & <B>]]>", json!("A & <B>")),
        ("name", "<string>A &amp; B &#252;</string>", json!("A & B ü")),
        ("name", "<base64>w5xuYWw=</base64>", json!("Ünal")),
        ("fax", "<nil/>", json!("")),
        ("fax", "<string/>", json!("")),
        ("fax", "", json!("")),
        ("postal_code", "<int>2196</int>", json!("2196")),
        ("sms_quota", "<double>1e3</double>", json!(1000)),
        ("sms_quota", "<i8>7</i8>", json!(7)),
        ("sms_quota", "<string>8</string>", json!(8)),
        ("deleted", "<boolean>0</boolean>", json!("no")),
    ] {
        let customer = update(&member(name, value)).unwrap_or_else(|fault| panic!("{name} {value}: {fault}"));
        assert_eq!(customer[name], reads, "{name} {value}");
    }
    assert!(update(&(member("name", "a") + &member("name", "b"))).is_err(), "a name that stands twice");
}

//! The oldest client there is: a socket, HTTP/1.0, and an answer that ends where the stream does.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use tenantry_testkit::{Store, basic};
use tenantry_xmlrpc::{DateTime, Fault, MethodCall, Name, Value, decode_response, encode_call};

use crate::validator::Validator;

/// An HTTP/1.0 client of one URL.
struct Socket {
    authority: String,
    path: &'static str,
    authorization: String,
}

impl Socket {
    fn of(url: &str, path: &'static str, authorization: String) -> Self {
        let authority = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
        Self { authority, path, authorization }
    }

    /// Sends a call and reads to the end of the stream. Gives the status and the body.
    fn send(&self, method: &str, params: Vec<Value>) -> (u16, String) {
        let body = encode_call(&MethodCall { method: method.to_owned(), params });
        let head = format!(
            "POST {} HTTP/1.0\r\nUser-Agent: Frontier/5.1.2 (WinNT)\r\nAuthorization: {}\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n",
            self.path,
            self.authorization,
            body.len()
        );
        let mut stream = TcpStream::connect(&self.authority).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket has a timeout");
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).expect("the server reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the server ends the stream after the answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
        let head = head.to_ascii_lowercase();
        assert!(!head.contains("transfer-encoding"), "an HTTP/1.0 client knows no chunks: {head}");
        assert!(head.contains(&format!("\r\ncontent-length: {}", body.len())), "{head}");
        (head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("an answer has a status"), body.to_owned())
    }

    fn call(&self, method: &str, params: Vec<Value>) -> Result<Value, Fault> {
        let (status, body) = self.send(method, params);
        assert_eq!(status, 200, "{body}");
        decode_response(body.as_bytes(), None).expect("an answer is XML-RPC")
    }

    fn gives(&self, method: &str, params: Vec<Value>) -> Value {
        self.call(method, params).unwrap_or_else(|fault| panic!("{method}: {fault:?}"))
    }
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn structure(members: &[(&'static str, Value)]) -> Value {
    Value::Struct(members.iter().map(|(name, value)| (Name::Borrowed(*name), value.clone())).collect())
}

/// A member of a struct.
fn of<'a>(value: &'a Value, name: &str) -> &'a Value {
    let Value::Struct(members) = value else { panic!("{value:?} is no struct") };
    &members.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("{name} is missing")).1
}

#[test]
fn socket() {
    let store = Store::make(env!("CARGO_BIN_EXE_tenantry"));
    let server = store.serve();
    let user = store.account_id.to_string();
    let client = Socket::of(&server.url(), "/api/2.0/xmlrpc/", basic(&user, &store.api_key));
    let name = "Ünïcødé & Söhne <GmbH> 日本";
    let properties = [("name", text(name)), ("email", text("socket@example.org")), ("status", text("on"))];
    let customer = client.gives("CreateCustomer", vec![structure(&properties)]);
    let id = of(&customer, "id").clone();
    assert_eq!((of(&customer, "name"), of(&customer, "fax")), (&text(name), &text("")));
    assert_eq!(client.gives("GetCustomer", vec![id.clone()]), customer);
    let updated = client.gives("UpdateCustomer", vec![id.clone(), structure(&[("email_quota", Value::Int(500))])]);
    assert_eq!((of(&updated, "email_quota"), of(&updated, "name")), (&Value::Int(500), &text(name)));
    assert_eq!(client.gives("ListCustomers", vec![]), Value::Array(vec![updated]));
    let package = [("name", text("Gold")), ("channel", text("email")), ("identifier", text("gold"))];
    let package = client.gives("CreatePackage", vec![structure(&package)]);
    let changed = client.gives("ChangeEmailPackage", vec![id, text("gold")]);
    assert_eq!(of(&changed, "email_package_id"), of(&package, "id"));
    assert_eq!(client.call("GetCustomer", vec![Value::Int(999_999_999)]).expect_err("nobody has this id").code, 404);
    let stranger = Socket { authorization: basic(&user, "0123456789abcdefghijABCDEFGHIJXY"), ..client };
    assert_eq!(stranger.send("GetCustomer", vec![Value::Int(1)]).0, 401);
}

#[test]
fn socket_and_the_conformance_methods() {
    let validator = Validator::start();
    let client = Socket::of(&validator.url(), "/", "none".to_owned());
    let int = Value::Int;
    let stooges = |moe, larry, curly| structure(&[("moe", int(moe)), ("larry", int(larry)), ("curly", int(curly))]);
    let day = |value: Value| structure(&[("2000", structure(&[("04", structure(&[("01", value)]))]))]);
    let many = vec![
        int(-7),
        Value::Boolean(true),
        text("<&>"),
        Value::Double(3.5),
        Value::DateTime(DateTime::parse("19980717T14:08:55").expect("a time")),
        Value::Base64(vec![0, 255, 10]),
    ];
    let counts = [
        ("ctLeftAngleBrackets", int(1)),
        ("ctRightAngleBrackets", int(2)),
        ("ctAmpersands", int(1)),
        ("ctApostrophes", int(1)),
        ("ctQuotes", int(1)),
    ];
    let echoed = stooges(1, 2, 3);
    for (method, params, expected) in [
        ("arrayOfStructsTest", vec![Value::Array(vec![stooges(1, 2, 3), stooges(4, 5, 6)])], int(9)),
        ("countTheEntities", vec![text("<>>&'\"")], structure(&counts)),
        ("easyStructTest", vec![stooges(1, 2, 3)], int(6)),
        ("echoStructTest", vec![echoed.clone()], echoed),
        ("manyTypesTest", many.clone(), Value::Array(many)),
        ("moderateSizeArrayCheck", vec![Value::Array((0..150).map(|n| text(&format!("s{n}"))).collect())], text("s0s149")),
        ("nestedStructTest", vec![day(stooges(1, 2, 4))], int(7)),
        ("simpleStructReturnTest", vec![int(3)], structure(&[("times10", int(30)), ("times100", int(300)), ("times1000", int(3000))])),
    ] {
        assert_eq!(client.gives(&format!("validator1.{method}"), params), expected, "{method}");
    }
}

//! A caller with a secret key, over REST and over XML-RPC.

use std::net::SocketAddr;

use base64ct::{Base64, Encoding};
use serde_json::Value as Json;
use tenantry_xmlrpc::{Fault, MethodCall, Value, decode_response, encode_call};

use crate::harness::{Answer, call};

/// An account with a secret key.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) username: String,
    pub(crate) key: String,
    pub(crate) address: SocketAddr,
}

impl Caller {
    pub(crate) fn authorization(&self) -> String {
        format!("Basic {}", Base64::encode_string(format!("{}:{}", self.username, self.key).as_bytes()))
    }

    /// Calls a path below the dialect's root.
    pub(crate) fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let authorization = self.authorization();
        let mut all = vec![("Authorization", authorization.as_str())];
        all.extend(headers);
        call(self.address, method, &format!("/api/2.0{path}"), &all, body.as_bytes())
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &[], "")
    }

    pub(crate) fn post(&self, path: &str, body: &Json) -> Answer {
        self.call("POST", path, &[], &body.to_string())
    }

    pub(crate) fn put(&self, path: &str, body: &Json) -> Answer {
        self.call("PUT", path, &[], &body.to_string())
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, &[], "")
    }

    /// Creates a customer and gives its item.
    pub(crate) fn create(&self, properties: &Json) -> Json {
        let answer = self.post("/customers", properties);
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.item()
    }

    pub(crate) fn item(&self, id: i64) -> Json {
        self.get(&format!("/customers/{id}")).item()
    }

    /// Makes a call of XML-RPC.
    pub(crate) fn xml(&self, method: &str, params: Vec<Value>) -> Result<Value, Fault> {
        let answer = self.xml_raw(&encode_call(&MethodCall { method: method.to_owned(), params }), &[("Content-Type", "text/xml")]);
        assert_eq!(answer.status, 200, "{}", answer.body);
        decode_response(answer.body.as_bytes(), None).unwrap()
    }

    /// Sends a text to where XML-RPC is.
    pub(crate) fn xml_raw(&self, body: &str, headers: &[(&str, &str)]) -> Answer {
        self.call("POST", "/xmlrpc/", headers, body)
    }
}

impl Answer {
    /// The item of an answer that succeeded.
    #[track_caller]
    pub(crate) fn item(&self) -> Json {
        assert!(matches!(self.status, 200 | 201), "{} {}", self.status, self.body);
        self.json()["item"].clone()
    }

    /// Asserts a refusal with this status, of these properties and no others.
    #[track_caller]
    pub(crate) fn refuses(&self, status: u16, properties: &[&str]) {
        let json = self.json();
        let mut named: Vec<&str> = json["error"]["fields"].as_object().unwrap().keys().map(String::as_str).collect();
        named.sort_unstable();
        assert_eq!(
            (self.status, json["error"]["code"].as_u64(), named),
            (status, Some(status.into()), properties.to_vec()),
            "{}",
            self.body
        );
    }

    /// The records of a list.
    pub(crate) fn collection(&self) -> Vec<Json> {
        assert_eq!(self.status, 200, "{}", self.body);
        self.json()["collection"].as_array().unwrap().iter().map(|record| record["data"].clone()).collect()
    }

    /// The ids of a list.
    pub(crate) fn ids(&self) -> Vec<i64> {
        self.collection().iter().map(|record| record["id"].as_i64().unwrap()).collect()
    }
}

/// A struct of XML-RPC, from JSON: texts, whole numbers and flags as they are.
pub(crate) fn structure(json: &Json) -> Value {
    match json {
        Json::Object(members) => Value::Struct(members.iter().map(|(name, member)| (name.clone().into(), structure(member))).collect()),
        Json::Array(items) => Value::Array(items.iter().map(structure).collect()),
        Json::String(text) => Value::String(text.clone()),
        Json::Number(number) => number.as_i64().map_or_else(|| Value::Double(number.as_f64().unwrap()), Value::Int),
        Json::Bool(on) => Value::Boolean(*on),
        Json::Null => Value::Nil,
    }
}

/// A value of XML-RPC as JSON.
pub(crate) fn as_json(value: &Value) -> Json {
    match value {
        Value::Struct(members) => members.iter().map(|(name, member)| (name.to_string(), as_json(member))).collect(),
        Value::Array(items) => items.iter().map(as_json).collect(),
        Value::String(text) => text.as_str().into(),
        Value::Int(number) => (*number).into(),
        Value::Boolean(on) => (*on).into(),
        other => panic!("{other:?} is never written"),
    }
}

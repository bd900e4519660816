//! The conformance methods of UserLand's validator (http://xmlrpc.com/validator1.md), over the product's own codec and listener. They exist in tests only.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::post;
use tenantry_http::listener::{Limits, Server, serve};
use tenantry_http::metrics::Metrics;
use tenantry_http::request_id::RequestId;
use tenantry_xmlrpc::{Fault, Name, Value, decode_call, encode_fault, encode_response};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// A server with the eight methods; it ends when it is dropped.
pub(crate) struct Validator {
    address: SocketAddr,
    _runtime: Runtime,
}

impl Validator {
    pub(crate) fn start() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a free port");
        let address = listener.local_addr().expect("it listens");
        let server = Server {
            app: Router::new().route("/", post(answer)),
            tls: None,
            limits: Limits::default(),
            metrics: Metrics::new(),
            request_ids: Arc::new(RequestId::default),
        };
        runtime.spawn(serve(listener, server, std::future::pending()));
        Self { address, _runtime: runtime }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

async fn answer(body: Bytes) -> impl IntoResponse {
    let text = match decode_call(&body, None) {
        Ok(call) => match run(&call.method, call.params) {
            Some(value) => encode_response(&value),
            None => encode_fault(&Fault { code: -32602, message: format!("{} cannot take these parameters", call.method) }),
        },
        Err(fault) => encode_fault(&Fault { code: fault.code(), message: fault.message.to_owned() }),
    };
    ([(header::CONTENT_TYPE, "text/xml")], text)
}

fn run(method: &str, params: Vec<Value>) -> Option<Value> {
    let one = || params.first();
    Some(match method {
        "validator1.arrayOfStructsTest" => int(array(one()?)?.iter().map(|item| number(item, "curly")).sum::<Option<i64>>()?),
        "validator1.countTheEntities" => {
            let Value::String(text) = one()? else { return None };
            let count = |entity| int(text.matches(entity).count() as i64);
            structure([
                ("ctLeftAngleBrackets", count('<')),
                ("ctRightAngleBrackets", count('>')),
                ("ctAmpersands", count('&')),
                ("ctApostrophes", count('\'')),
                ("ctQuotes", count('"')),
            ])
        }
        "validator1.easyStructTest" => int(stooges(one()?)?),
        "validator1.echoStructTest" => one().filter(|value| matches!(value, Value::Struct(_)))?.clone(),
        "validator1.manyTypesTest" => Value::Array(params),
        "validator1.moderateSizeArrayCheck" => {
            let (Value::String(first), Value::String(last)) = (array(one()?)?.first()?, array(one()?)?.last()?) else { return None };
            Value::String(first.clone() + last)
        }
        "validator1.nestedStructTest" => int(stooges(member(member(member(one()?, "2000")?, "04")?, "01")?)?),
        "validator1.simpleStructReturnTest" => {
            let Value::Int(number) = one()? else { return None };
            structure([("times10", int(number * 10)), ("times100", int(number * 100)), ("times1000", int(number * 1000))])
        }
        _ => return None,
    })
}

fn int(number: i64) -> Value {
    Value::Int(number)
}

fn structure<const N: usize>(members: [(&'static str, Value); N]) -> Value {
    Value::Struct(members.into_iter().map(|(name, value)| (Name::Borrowed(name), value)).collect())
}

fn array(value: &Value) -> Option<&[Value]> {
    if let Value::Array(items) = value { Some(items) } else { None }
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let Value::Struct(members) = value else { return None };
    members.iter().find(|(known, _)| known == name).map(|(_, member)| member)
}

fn number(value: &Value, name: &str) -> Option<i64> {
    if let Value::Int(number) = member(value, name)? { Some(*number) } else { None }
}

fn stooges(value: &Value) -> Option<i64> {
    ["moe", "larry", "curly"].into_iter().map(|name| number(value, name)).sum()
}

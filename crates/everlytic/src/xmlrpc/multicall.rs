//! `system.multicall`: several calls in one request. Each is counted like a request of its own, and its fault is its own.

use tenantry_service::Request;
use tenantry_xmlrpc::{Fault, Name, Value};

use super::methods::Listable;
use super::{Refused, find, methods};
use crate::Face;

/// Calls in one request at most: enough to save a page's round trips, and few enough that one request holds up no other.
const ITEMS_MAX: usize = 20;

pub(super) async fn run(face: &Face, request: &Request, params: Vec<Value>) -> Result<Value, Refused> {
    let mut params = params.into_iter();
    let (Some(Value::Array(items)), None) = (params.next(), params.next()) else {
        return Err(Refused::parameters("The one parameter is an array of structs, each with methodName and params"));
    };
    if items.len() > ITEMS_MAX {
        return Err(Refused::parameters(format!("One request makes at most {ITEMS_MAX} calls")));
    }
    let mut listable = Listable::default();
    let mut results = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        results.push(match one(face, request, &mut listable, index, item).await {
            Ok(value) => Value::Array(vec![value]),
            Err(refused) => faulty(refused.fault),
        });
    }
    Ok(Value::Array(results))
}

async fn one(face: &Face, request: &Request, listable: &mut Listable, index: usize, item: Value) -> Result<Value, Refused> {
    if index > 0 {
        // The first was counted when the caller was let in.
        face.service.count_call(&request.principal)?;
    }
    let (name, params) = read(item)?;
    let method = find(&name)?.method;
    // Boxed: a call's state is large, and a multicall's own is held beside it.
    Box::pin(methods::run(face, request, listable, method, params)).await
}

fn read(item: Value) -> Result<(String, Vec<Value>), Refused> {
    let Value::Struct(members) = item else { return Err(Refused::parameters("A call is a struct with methodName and params")) };
    let (mut method, mut params) = (None, None);
    for (name, value) in members {
        match (name.as_ref(), value) {
            ("methodName", Value::String(name)) => method = Some(name),
            ("params", Value::Array(items)) => params = Some(items),
            _ => {}
        }
    }
    match (method, params) {
        (Some(method), Some(params)) => Ok((method, params)),
        _ => Err(Refused::parameters("A call is a struct with methodName, a string, and params, an array")),
    }
}

fn faulty(Fault { code, message }: Fault) -> Value {
    Value::Struct(vec![(Name::Borrowed("faultCode"), Value::Int(code.into())), (Name::Borrowed("faultString"), Value::String(message))])
}

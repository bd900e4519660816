//! `system.*`: what there is, as the introspection convention has it (<http://xmlrpc-c.sourceforge.net/introspection.html>).

use tenantry_xmlrpc::{Name, Value};

use super::params::Params;
use super::table::{Described, METHODS};
use super::{Refused, find};

/// What this server can do beyond the specification: a name, where it is described, and its version.
const CAPABILITIES: [(&str, &str, i64); 4] = [
    ("xmlrpc", "http://xmlrpc.com/spec.md", 1),
    ("faults_interop", "https://xmlrpc-epi.sourceforge.net/specs/rfc.fault_codes.php", 20010516),
    ("introspection", "http://xmlrpc-c.sourceforge.net/introspection.html", 1),
    ("system.multicall", "https://mirrors.talideon.com/articles/multicall.html", 1),
];

pub(super) fn list_methods(params: Params) -> Result<Value, Refused> {
    params.end()?;
    Ok(Value::Array(METHODS.iter().map(|method| text(method.name)).collect()))
}

pub(super) fn method_signature(params: Params) -> Result<Value, Refused> {
    let signature = |types: &&[&str]| Value::Array(types.iter().map(|name| text(name)).collect());
    Ok(Value::Array(described(params)?.signatures.iter().map(signature).collect()))
}

pub(super) fn method_help(params: Params) -> Result<Value, Refused> {
    Ok(text(described(params)?.help))
}

pub(super) fn get_capabilities(params: Params) -> Result<Value, Refused> {
    params.end()?;
    let capability = |(name, url, version): (&'static str, &str, i64)| {
        let members = vec![(Name::Borrowed("specUrl"), text(url)), (Name::Borrowed("specVersion"), Value::Int(version))];
        (Name::Borrowed(name), Value::Struct(members))
    };
    Ok(Value::Struct(CAPABILITIES.into_iter().map(capability).collect()))
}

fn described(mut params: Params) -> Result<&'static Described, Refused> {
    let name = params.text()?;
    params.end()?;
    find(&name)
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

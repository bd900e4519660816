//! `system.*`: what there is, as the introspection convention has it (<http://xmlrpc-c.sourceforge.net/introspection.html>).

use tenantry_xmlrpc::{Name, Value};

use super::params::Params;
use super::table::{self, METHODS};
use super::{NO_SUCH_METHOD, Refused};

/// What this server can do beyond the specification: a name, where it is described, and its version.
const CAPABILITIES: [(&str, &str, i64); 4] = [
    ("xmlrpc", "http://xmlrpc.com/spec.md", 1),
    ("faults_interop", "https://xmlrpc-epi.sourceforge.net/specs/rfc.fault_codes.php", 20010516),
    ("introspection", "http://xmlrpc-c.sourceforge.net/introspection.html", 1),
    ("system.multicall", "https://mirrors.talideon.com/articles/multicall.html", 1),
];

pub(super) fn run(name: &str, mut params: Params) -> Result<Value, Refused> {
    match name {
        "system.listMethods" => {
            params.end()?;
            Ok(Value::Array(METHODS.iter().map(|method| text(method.name)).collect()))
        }
        "system.methodSignature" => {
            let method = described(params)?;
            let signature = |types: &&[&str]| Value::Array(types.iter().map(|name| text(name)).collect());
            Ok(Value::Array(method.signatures.iter().map(signature).collect()))
        }
        "system.methodHelp" => Ok(text(described(params)?.help)),
        "system.getCapabilities" => {
            params.end()?;
            let capability = |(name, url, version): (&'static str, &str, i64)| {
                let members = vec![(Name::Borrowed("specUrl"), text(url)), (Name::Borrowed("specVersion"), Value::Int(version))];
                (Name::Borrowed(name), Value::Struct(members))
            };
            Ok(Value::Struct(CAPABILITIES.into_iter().map(capability).collect()))
        }
        _ => {
            params.text()?;
            Err(Refused::new(NO_SUCH_METHOD, "There is no such method"))
        }
    }
}

fn described(mut params: Params) -> Result<&'static table::Described, Refused> {
    let name = params.text()?;
    params.end()?;
    table::find(&name).ok_or_else(|| Refused::new(NO_SUCH_METHOD, "There is no such method; system.listMethods lists them"))
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

//! Bodies: what each call reads, field by field. A body is read to its end, so that one answer names everything that is wrong with it.

pub(crate) mod customer;
mod field;
pub(crate) mod key;
pub(crate) mod merge;
pub(crate) mod name_servers;
mod nearest;
pub(crate) mod package;
pub(crate) mod pin;
pub(crate) mod quota;
pub(crate) mod reader;
pub(crate) mod settings;
pub(crate) mod status;

use tenantry_domain::{Code, Fault, Refusal};
use tenantry_http::json::{self, JsonFault, Tree};

pub(crate) use reader::{Mode, Reader, TOLD_MAX, described};

/// The members of a body, which may be absent where nothing has to be in it.
pub(crate) fn members(body: &[u8]) -> Result<Vec<(String, Tree)>, Refusal> {
    if body.trim_ascii().is_empty() {
        return Ok(Vec::new());
    }
    match json::read(body) {
        Ok(Tree::Object(members)) => Ok(members),
        Ok(_) => Err(Refusal::new(Code::Malformed, "The body must be a JSON object")),
        Err(fault) => Err(not_json(fault)),
    }
}

fn not_json(fault: JsonFault) -> Refusal {
    let message = format!("The body is not JSON that can be read: {} (line {}, column {})", fault.message, fault.line, fault.column);
    Refusal { faults: vec![Fault::new(fault.path, Code::Malformed, fault.message)], ..Refusal::new(Code::Malformed, message) }
}

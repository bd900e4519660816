//! XML-RPC on the wire: texts to values and back; nothing here does I/O, knows a method or keeps a record.
//!
//! The reader takes what real clients send and refuses what only an attacker does: a document type, entities of its own, processing instructions,
//! attributes, endless nesting. The writer uses the specification's own words only, so that the oldest client reads its answers.
//! The specification is <http://xmlrpc.com/spec.md>; XML is XML 1.0, fifth edition.

mod date_time;
mod decode;
mod encode;
mod fault;
pub mod limits;
mod value;
mod xml;

pub use date_time::DateTime;
pub use decode::{decode_call, decode_response};
pub use encode::{encode_call, encode_fault, encode_response, push_text};
pub use fault::{DecodeFault, DecodeFaultKind};
pub use value::{Fault, MethodCall, Name, Value};

//! API keys: what a program proves itself with, and what it may do with it. Only verifiers are kept; nothing here can sign.

pub mod issue;
mod record;
pub mod revoke;

pub use record::{Key, PublicKey, Scheme, Scope, Scopes, Verifier};

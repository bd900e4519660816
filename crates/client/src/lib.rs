//! A client of a running server: profiles, HTTP and HTTPS, and what went wrong in words. It knows the wire and nothing of the server's insides, and prints nothing.

mod answer;
mod body;
mod client;
mod connection;
mod fault;
mod key;
mod problem;
pub mod profile;
mod request;

pub use answer::Answer;
pub use body::Body;
pub use client::Client;
pub use fault::{EXIT_CODES, Fault};
pub use key::Key;
pub use problem::{FieldFault, Problem};
pub use profile::Target;
pub use request::Request;

/// What stands for octets of strangers in a line for people: control characters could move the cursor or hide text.
pub fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

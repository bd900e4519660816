//! What is read of any octets is written and read again as the same.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../../crates/xmlrpc/tests/round_trip/mod.rs"]
mod round_trip;

fuzz_target!(|octets: &[u8]| round_trip::round_trip(octets));

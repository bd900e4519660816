//! Any octets are read as a call or refused, whatever encoding the header names.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tenantry_xmlrpc::{DecodeFault, MethodCall, decode_call};

fuzz_target!(|octets: &[u8]| {
    for charset in [None, Some("us-ascii"), Some("iso-8859-1")] {
        let read: Result<MethodCall, DecodeFault> = decode_call(octets, charset);
        if let Err(fault) = read {
            assert!(fault.offset <= octets.len());
        }
    }
});

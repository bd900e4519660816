//! The texts that the fuzz targets start from, read by the ordinary tests too.

mod round_trip;

use std::fs;
use std::path::Path;

#[expect(clippy::unwrap_used, reason = "a corpus that cannot be read fails the test")]
fn replay(target: &str, check: impl Fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        check(&fs::read(entry.unwrap().path()).unwrap());
        count += 1;
    }
    assert!(count >= 12, "{target} has {count} texts");
}

#[test]
fn any_text_is_read_or_refused() {
    replay("xmlrpc_decode_call", |octets| {
        for charset in [None, Some("utf-8"), Some("us-ascii"), Some("iso-8859-1")] {
            // Whether it is read is not asked here: that it returns, and returns the same each time, is.
            assert_eq!(tenantry_xmlrpc::decode_call(octets, charset), tenantry_xmlrpc::decode_call(octets, charset));
        }
    });
}

#[test]
fn what_is_read_is_written_and_read_again() {
    replay("xmlrpc_round_trip", round_trip::round_trip);
    replay("xmlrpc_decode_call", round_trip::round_trip);
}

//! What holds for any value and any octets.

mod round_trip;

use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use tenantry_xmlrpc::{DateTime, Fault, MethodCall, Value, decode_call, decode_response, encode_call, encode_fault, encode_response};

use self::round_trip::{as_written, round_trip};

/// Any character that XML allows, the odd ones more often than chance has them.
fn any_text() -> impl Strategy<Value = String> {
    let allowed =
        |character: &char| matches!(u32::from(*character), 0x9 | 0xA | 0xD | 0x20..=0xD7FF | 0xE000..=0xFFFD | 0x1_0000..=0x10_FFFF);
    let odd = proptest::sample::select("&<>\"'\r\n\t ]-;#x\u{7F}\u{85}\u{2028}\u{FEFF}\u{FFFD}\u{F8FF}".chars().collect::<Vec<_>>());
    let character = prop_oneof![odd, any::<char>().prop_filter("not in XML", allowed)];
    vec(character, 0..20).prop_map(String::from_iter)
}

fn any_time() -> impl Strategy<Value = DateTime> {
    let date = (0u16..=9999, 1u8..=12, 1u8..=28);
    let time = (0u8..24, 0u8..60, 0u8..=60);
    (date, time, proptest::option::of(-840i16..=840)).prop_filter_map("no time", |(date, time, zone)| DateTime::new(date, time, zone))
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<i32>().prop_map(|number| Value::Int(number.into())),
        any::<i64>().prop_map(Value::Int),
        any::<bool>().prop_map(Value::Boolean),
        any_text().prop_map(Value::String),
        any::<f64>().prop_filter("not finite", |number| number.is_finite()).prop_map(Value::Double),
        any_time().prop_map(Value::DateTime),
        vec(any::<u8>(), 0..40).prop_map(Value::Base64),
        Just(Value::Nil),
    ];
    leaf.prop_recursive(6, 100, 24, |inner| {
        let members = |members: BTreeMap<String, Value>| members.into_iter().map(|(name, value)| (name.into(), value)).collect();
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::Array),
            btree_map(any_text(), inner, 0..24).prop_map(members).prop_map(Value::Struct),
        ]
    })
}

/// A change that a fuzzer would make.
#[derive(Debug, Clone)]
enum Change {
    Replace(prop::sample::Index, u8),
    Remove(prop::sample::Index, usize),
    Repeat(prop::sample::Index, usize),
    Insert(prop::sample::Index, &'static str),
}

/// What means something to a reader.
const PIECES: &[&str] = &[
    "<value>",
    "</value>",
    "<int>",
    "<nil/>",
    "<array><data>",
    "</data></array>",
    "<struct><member><name>",
    "&",
    "&amp;",
    "&#",
    ";",
    "<![CDATA[",
    "]]>",
    "<!--",
    "-->",
    "<?",
    "?>",
    "<!DOCTYPE",
    "xmlns='x'",
    "\"",
    ">",
    "/>",
    "\0",
    "\u{FEFF}",
];

fn any_change() -> impl Strategy<Value = Change> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(at, octet)| Change::Replace(at, octet)),
        (at(), 1usize..20).prop_map(|(at, length)| Change::Remove(at, length)),
        (at(), 1usize..40).prop_map(|(at, length)| Change::Repeat(at, length)),
        (at(), prop::sample::select(PIECES)).prop_map(|(at, piece)| Change::Insert(at, piece)),
    ]
}

fn changed(mut octets: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        if octets.is_empty() {
            break;
        }
        let (Change::Replace(at, _) | Change::Remove(at, _) | Change::Repeat(at, _) | Change::Insert(at, _)) = change;
        let at = at.index(octets.len());
        let end = |length: usize| octets.len().min(at + length);
        match *change {
            Change::Replace(_, octet) => octets[at] = octet,
            Change::Remove(_, length) => drop(octets.drain(at..end(length))),
            Change::Repeat(_, length) => drop(octets.splice(at..at, octets[at..end(length)].to_vec())),
            Change::Insert(_, piece) => drop(octets.splice(at..at, piece.bytes())),
        }
    }
    octets
}

proptest! {
    #[test]
    fn what_is_written_is_read(params in vec(any_value(), 0..4)) {
        let call = MethodCall { method: "system.multicall".into(), params };
        let written = encode_call(&call);
        let expected = MethodCall { params: call.params.into_iter().map(as_written).collect(), ..call };
        prop_assert_eq!(decode_call(written.as_bytes(), None), Ok(expected));
    }

    #[test]
    fn an_answer_that_is_written_is_read(value in any_value(), code in any::<i32>(), message in any_text()) {
        prop_assert_eq!(decode_response(encode_response(&value).as_bytes(), None), Ok(Ok(as_written(value))));
        let fault = Fault { code, message };
        prop_assert_eq!(decode_response(encode_fault(&fault).as_bytes(), None), Ok(Err(fault)));
    }

    #[test]
    fn any_text_at_all_is_written_well_formed(text in any::<String>()) {
        let allowed = |c: char| !matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}');
        let kept = text.chars().map(|c| if allowed(c) { c } else { '\u{FFFD}' }).collect();
        prop_assert_eq!(decode_response(encode_response(&Value::String(text)).as_bytes(), None), Ok(Ok(Value::String(kept))));
    }

    #[test]
    fn any_octets_are_read_or_refused(octets in vec(any::<u8>(), 0..200)) {
        round_trip(&octets);
    }

    #[test]
    fn any_change_of_a_call_is_read_or_refused(value in any_value(), changes in vec(any_change(), 1..6)) {
        let call = encode_call(&MethodCall { method: "m".into(), params: vec![value] });
        round_trip(&changed(call.into_bytes(), &changes));
    }
}

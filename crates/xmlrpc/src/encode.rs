//! The writer: the specification's own types only, without white space between elements, always well-formed.

use std::fmt::{self, Write};

use base64ct::{Base64, Encoding};

use crate::{Fault, MethodCall, Value};

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

/// Writes a call, as a client does. A method's name that no reader takes is written all the same.
pub fn encode_call(call: &MethodCall) -> String {
    let mut out = String::from(DECLARATION);
    out.push_str("<methodCall><methodName>");
    push_text(&mut out, &call.method);
    out.push_str("</methodName><params>");
    for value in &call.params {
        out.push_str("<param>");
        push_value(&mut out, value);
        out.push_str("</param>");
    }
    out.push_str("</params></methodCall>");
    out
}

/// Writes the answer that gives a value.
pub fn encode_response(value: &Value) -> String {
    let mut out = String::from(DECLARATION);
    out.push_str("<methodResponse><params><param>");
    push_value(&mut out, value);
    out.push_str("</param></params></methodResponse>");
    out
}

/// Writes the answer that refuses.
pub fn encode_fault(fault: &Fault) -> String {
    let mut out = String::from(DECLARATION);
    out.push_str("<methodResponse><fault><value><struct><member><name>faultCode</name>");
    push_value(&mut out, &Value::Int(fault.code.into()));
    out.push_str("</member><member><name>faultString</name><value><string>");
    push_text(&mut out, &fault.message);
    out.push_str("</string></value></member></struct></value></fault></methodResponse>");
    out
}

fn push_value(out: &mut String, value: &Value) {
    out.push_str("<value>");
    match value {
        Value::Int(number) => push_int(out, *number),
        Value::Boolean(on) => out.push_str(if *on { "<boolean>1</boolean>" } else { "<boolean>0</boolean>" }),
        Value::String(text) => {
            out.push_str("<string>");
            push_text(out, text);
            out.push_str("</string>");
        }
        Value::Double(number) => push_double(out, *number),
        Value::DateTime(time) => push_formatted(out, format_args!("<dateTime.iso8601>{time}</dateTime.iso8601>")),
        Value::Base64(octets) => {
            out.push_str("<base64>");
            out.push_str(&Base64::encode_string(octets));
            out.push_str("</base64>");
        }
        Value::Array(items) => {
            out.push_str("<array><data>");
            for item in items {
                push_value(out, item);
            }
            out.push_str("</data></array>");
        }
        Value::Struct(members) => {
            out.push_str("<struct>");
            for (name, member) in members {
                out.push_str("<member><name>");
                push_text(out, name);
                out.push_str("</name>");
                push_value(out, member);
                out.push_str("</member>");
            }
            out.push_str("</struct>");
        }
        Value::Nil => out.push_str("<string></string>"),
    }
    out.push_str("</value>");
}

/// `<int>` has 32 bits; old clients cut a larger number off without a word, and a string they keep.
fn push_int(out: &mut String, number: i64) {
    if i32::try_from(number).is_ok() {
        push_formatted(out, format_args!("<int>{number}</int>"));
    } else {
        push_formatted(out, format_args!("<string>{number}</string>"));
    }
}

/// The specification allows "a plus or a minus, followed by any number of numeric characters, followed by a period and any number of numeric
/// characters": no exponent, and always a period. The digits are the fewest from which the same number is read.
fn push_double(out: &mut String, number: f64) {
    if !number.is_finite() {
        out.push_str("<string></string>");
        return;
    }
    out.push_str("<double>");
    let start = out.len();
    push_formatted(out, format_args!("{number}"));
    if !out[start..].contains('.') {
        out.push_str(".0");
    }
    out.push_str("</double>");
}

fn push_formatted(out: &mut String, text: fmt::Arguments<'_>) {
    // Writing to a `String` cannot fail, and what is written here are numbers and times.
    let written = out.write_fmt(text);
    debug_assert!(written.is_ok());
}

/// The octets at which a text may not just be copied: markup, line ends that a reader would change, control characters, and the first octet of
/// U+FFFE and U+FFFF.
const RARE: [bool; 256] = {
    let mut rare = [false; 256];
    let mut control = 0;
    while control < 0x20 {
        rare[control] = !matches!(control as u8, b'\t' | b'\n');
        control += 1;
    }
    rare[b'&' as usize] = true;
    rare[b'<' as usize] = true;
    rare[b'>' as usize] = true;
    rare[0xEF] = true;
    rare
};

/// Appends a text as the content of an element, for whoever writes other XML than XML-RPC. A character that XML cannot hold becomes U+FFFD: the answer must be readable though a record is odd.
pub fn push_text(out: &mut String, text: &str) {
    let octets = text.as_bytes();
    let (mut copied, mut at) = (0, 0);
    while let Some(run) = octets[at..].iter().position(|octet| RARE[usize::from(*octet)]) {
        at += run;
        let (instead, replaced) = match octets[at..] {
            [b'&', ..] => ("&amp;", 1),
            [b'<', ..] => ("&lt;", 1),
            [b'>', ..] => ("&gt;", 1),
            [b'\r', ..] => ("&#13;", 1),
            [0xEF, 0xBF, 0xBE | 0xBF, ..] => ("\u{FFFD}", 3),
            [0xEF, ..] => {
                at += 3;
                continue;
            }
            _ => ("\u{FFFD}", 1),
        };
        out.push_str(&text[copied..at]);
        out.push_str(instead);
        at += replaced;
        copied = at;
    }
    out.push_str(&text[copied..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DateTime;

    fn written(value: &Value) -> String {
        let mut out = String::new();
        push_value(&mut out, value);
        out.strip_prefix("<value>").unwrap().strip_suffix("</value>").unwrap().to_owned()
    }

    #[test]
    fn each_type_is_written_in_the_words_of_the_specification() {
        let time = DateTime::parse("1998-07-17T14:08:55").unwrap();
        for (value, expected) in [
            (Value::Int(0), "<int>0</int>"),
            (Value::Int(-41), "<int>-41</int>"),
            (Value::Int(i32::MAX.into()), "<int>2147483647</int>"),
            (Value::Int(i32::MIN.into()), "<int>-2147483648</int>"),
            (Value::Int(i64::from(i32::MAX) + 1), "<string>2147483648</string>"),
            (Value::Int(i64::MIN), "<string>-9223372036854775808</string>"),
            (Value::Boolean(true), "<boolean>1</boolean>"),
            (Value::Boolean(false), "<boolean>0</boolean>"),
            (Value::String(String::new()), "<string></string>"),
            (Value::String(" a\tb\n".into()), "<string> a\tb\n</string>"),
            (Value::Double(1.0), "<double>1.0</double>"),
            (Value::Double(-0.0), "<double>-0.0</double>"),
            (Value::Double(1e21), "<double>1000000000000000000000.0</double>"),
            (Value::Double(1.5e-9), "<double>0.0000000015</double>"),
            (Value::Double(f64::NAN), "<string></string>"),
            (Value::Double(f64::NEG_INFINITY), "<string></string>"),
            (Value::DateTime(time), "<dateTime.iso8601>19980717T14:08:55</dateTime.iso8601>"),
            (Value::Base64(b"\0\xFF\xFE".to_vec()), "<base64>AP/+</base64>"),
            (Value::Base64(Vec::new()), "<base64></base64>"),
            (Value::Base64(vec![0; 60]), &format!("<base64>{}</base64>", "A".repeat(80))),
            (Value::Array(Vec::new()), "<array><data></data></array>"),
            (
                Value::Array(vec![Value::Int(1), Value::Nil]),
                "<array><data><value><int>1</int></value><value><string></string></value></data></array>",
            ),
            (Value::Struct(Vec::new()), "<struct></struct>"),
            (
                Value::Struct(vec![("a&b".into(), Value::Int(1))]),
                "<struct><member><name>a&amp;b</name><value><int>1</int></value></member></struct>",
            ),
            (Value::Nil, "<string></string>"),
        ] {
            assert_eq!(written(&value), expected, "{value:?}");
        }
    }

    #[test]
    fn texts_are_escaped_and_what_xml_cannot_hold_is_replaced() {
        for (text, expected) in [
            ("a & b < c > d", "a &amp; b &lt; c &gt; d"),
            ("]]>", "]]&gt;"),
            ("\"'", "\"'"),
            ("a\r\nb\r", "a&#13;\nb&#13;"),
            ("\0\u{1}\u{8}\u{B}\u{1F}", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
            ("\u{7F}\u{85}", "\u{7F}\u{85}"),
            ("x\u{FFFE}y\u{FFFF}", "x\u{FFFD}y\u{FFFD}"),
            // These begin with the same octet, and are characters like any other.
            ("\u{F000}&\u{FFFD}\u{FEFF}", "\u{F000}&amp;\u{FFFD}\u{FEFF}"),
            ("äß€山田🎈", "äß€山田🎈"),
        ] {
            assert_eq!(written(&Value::String(text.into())), format!("<string>{expected}</string>"), "{text:?}");
        }
    }

    #[test]
    fn whole_texts_have_a_declaration_and_one_root() {
        let call = MethodCall { method: "GetCustomer".into(), params: vec![Value::Int(7)] };
        assert_eq!(
            encode_call(&call),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><methodCall><methodName>GetCustomer</methodName><params><param><value><int>7</int></value>\
             </param></params></methodCall>"
        );
        assert_eq!(
            encode_response(&Value::Boolean(true)),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><methodResponse><params><param><value><boolean>1</boolean></value></param></params>\
             </methodResponse>"
        );
        assert_eq!(
            encode_fault(&Fault { code: -32_601, message: "no <such> method".into() }),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><methodResponse><fault><value><struct><member><name>faultCode</name><value><int>-32601</int>\
             </value></member><member><name>faultString</name><value><string>no &lt;such&gt; method</string></value></member></struct></value>\
             </fault></methodResponse>"
        );
    }
}

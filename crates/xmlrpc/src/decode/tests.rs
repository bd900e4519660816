//! The reader's rules, each with what is read and what is refused.

use super::*;
use crate::limits::{MAX_NAMESPACES, MAX_OCTETS};
use crate::{DateTime, DecodeFaultKind, encode_call, encode_fault, encode_response};

const WELL: DecodeFaultKind = DecodeFaultKind::NotWellFormed;
const RPC: DecodeFaultKind = DecodeFaultKind::NotXmlRpc;

/// A call with what stands in its one `<param>`.
fn call_with(value: &str) -> String {
    format!("<methodCall><methodName>m</methodName><params><param>{value}</param></params></methodCall>")
}

#[track_caller]
fn read(value: &str) -> Value {
    let mut call = decode_call(call_with(value).as_bytes(), None).unwrap_or_else(|fault| panic!("{value}: {fault}"));
    assert_eq!(call.params.len(), 1);
    call.params.pop().unwrap()
}

#[track_caller]
fn refused(octets: impl AsRef<[u8]>) -> DecodeFault {
    let octets = octets.as_ref();
    decode_call(octets, None).expect_err(&String::from_utf8_lossy(octets))
}

fn text(text: &str) -> Value {
    Value::String(text.into())
}

fn strukt(members: &[(&'static str, Value)]) -> Value {
    Value::Struct(members.iter().map(|(name, value)| ((*name).into(), value.clone())).collect())
}

#[test]
fn a_string_is_read_exactly() {
    for (value, expected) in [
        ("<value>text</value>", "text"),
        ("<value/>", ""),
        ("<value></value>", ""),
        ("<value >  a\n\tb </value >", "  a\n\tb "),
        ("<value> </value>", " "),
        ("<value><string>text</string></value>", "text"),
        ("<value><string/></value>", ""),
        ("<value>\n  <string> a </string>\n</value>", " a "),
        ("<value><string>&lt;&gt;&amp;&quot;&apos;</string></value>", "<>&\"'"),
        ("<value>a&#65;&#x42;&#x0063;&#128512;&#xA;&#13;&#x9;z</value>", "aABc😀\n\r\tz"),
        ("<value><string>a<![CDATA[<b>&amp;]]]]><![CDATA[>]]>c</string></value>", "a<b>&amp;]]>c"),
        ("<value><![CDATA[]]></value>", ""),
        ("<value>a<!-- <string>x</string> & --><!---->b</value>", "ab"),
        ("<value>a\r\nb\rc\r\r\nd</value>", "a\nb\nc\n\nd"),
        ("<value><![CDATA[a\r\nb\r]]></value>", "a\nb\n"),
        ("<value>a]]&gt;b ]] > </value>", "a]]>b ]] > "),
        ("<value>a > b \"'</value>", "a > b \"'"),
        ("<value>äß€山田🎈\u{85}\u{2028}\u{7F}\u{FFFD}\u{FEFF}</value>", "äß€山田🎈\u{85}\u{2028}\u{7F}\u{FFFD}\u{FEFF}"),
    ] {
        assert_eq!(read(value), text(expected), "{value}");
    }
}

#[test]
fn each_type_is_read() {
    let time = DateTime::parse("19980717T14:08:55Z").map(Value::DateTime).unwrap();
    for (value, expected) in [
        ("<int>-7</int>", Value::Int(-7)),
        ("<i1> 300 </i1>", Value::Int(300)),
        ("<i2>+1</i2>", Value::Int(1)),
        ("<i4>9223372036854775807</i4>", Value::Int(i64::MAX)),
        ("<i8>-9223372036854775808</i8>", Value::Int(i64::MIN)),
        ("<int><!-- seven -->7<![CDATA[0]]>&#48;</int>", Value::Int(700)),
        ("<boolean>1</boolean>", Value::Boolean(true)),
        ("<boolean>false</boolean>", Value::Boolean(false)),
        ("<double>-1.5E3</double>", Value::Double(-1500.0)),
        ("<dateTime.iso8601>1998-07-17T14:08:55Z</dateTime.iso8601>", time.clone()),
        ("<base64>eW91IGNh\nbid0</base64>", Value::Base64(b"you can't".to_vec())),
        ("<base64/>", Value::Base64(Vec::new())),
        ("<nil/>", Value::Nil),
        ("<nil> </nil>", Value::Nil),
        ("<ex:nil/>", Value::Nil),
        ("<ex:i1>1</ex:i1>", Value::Int(1)),
        ("<ex:i2>1</ex:i2>", Value::Int(1)),
        ("<ex:i8>1</ex:i8>", Value::Int(1)),
        ("<ex:biginteger>5000000000</ex:biginteger>", Value::Int(5_000_000_000)),
        ("<ex:bigdecimal>0.5</ex:bigdecimal>", Value::Double(0.5)),
        ("<ex:float>0.5</ex:float>", Value::Double(0.5)),
        ("<ex:dateTime>19980717T14:08:55.000Z</ex:dateTime>", time),
        ("<array><data/></array>", Value::Array(Vec::new())),
        ("<array> <data> <value/> <value><i4>1</i4></value> </data> </array>", Value::Array(vec![text(""), Value::Int(1)])),
        ("<struct/>", Value::Struct(Vec::new())),
        ("<struct> </struct>", Value::Struct(Vec::new())),
        (
            "<struct> <member> <name>b</name> <value>1</value> </member><member><name/><value><nil/></value></member>\
             <member><name> a&amp;<![CDATA[<]]> </name><value/></member></struct>",
            strukt(&[("b", text("1")), ("", Value::Nil), (" a&< ", text(""))]),
        ),
    ] {
        assert_eq!(read(&format!("<value>{value}</value>")), expected, "{value}");
        assert_eq!(read(&format!("<value>\r\n <!-- x -->{value}\t</value>")), expected, "{value}");
    }
}

#[test]
fn what_is_no_value_is_refused() {
    for value in [
        "",
        "text",
        "<int>1</int>",
        "<value/><value/>",
        "<value>a<int>1</int></value>",
        "<value><int>1</int>a</value>",
        "<value><int>1</int><int>1</int></value>",
        "<value><value>1</value></value>",
        "<value><int/></value>",
        "<value><int>1.5</int></value>",
        "<value><i8>9223372036854775808</i8></value>",
        "<value><ex:biginteger>9223372036854775808</ex:biginteger></value>",
        "<value><int><int>1</int></int></value>",
        "<value><boolean>2</boolean></value>",
        "<value><double>NaN</double></value>",
        "<value><double>1e999</double></value>",
        "<value><ex:float>Infinity</ex:float></value>",
        "<value><dateTime.iso8601>19980230T14:08:55</dateTime.iso8601></value>",
        "<value><base64>Zg</base64></value>",
        "<value><nil>x</nil></value>",
        "<value><nil><nil/></nil></value>",
        "<value><string>a<b/></string></value>",
        "<value><param/></value>",
        "<value><unknown/></value>",
        "<value><ext:nil/></value>",
        "<value><Int>1</Int></value>",
        "<value><array/></value>",
        "<value><array><value/></array></value>",
        "<value><array><data/><data/></array></value>",
        "<value><array><data>x</data></array></value>",
        "<value><array><data><int>1</int></data></array></value>",
        "<value><struct>x</struct></value>",
        "<value><struct><name>a</name><value/></struct></value>",
        "<value><struct><member/></struct></value>",
        "<value><struct><member><name>a</name></member></struct></value>",
        "<value><struct><member><value/><name>a</name></member></struct></value>",
        "<value><struct><member><name>a</name><value/><value/></member></struct></value>",
        "<value><struct><member><name>a</name>x<value/></member></struct></value>",
        "<value><struct><member><name><i4>1</i4></name><value/></member></struct></value>",
    ] {
        assert_eq!(refused(call_with(value)).kind, RPC, "{value}");
    }
}

#[test]
fn a_name_stands_once_in_a_struct() {
    let member = |name: &str| format!("<member><name>{name}</name><value/></member>");
    let named = |names: &[String]| call_with(&format!("<value><struct>{}</struct></value>", names.concat()));
    assert_eq!(refused(named(&[member("a"), member("a")])).kind, RPC);
    assert_eq!(refused(named(&[member("a"), member("&#97;")])).kind, RPC);
    let many: Vec<String> = (0..100).map(|n| member(&format!("n{n}"))).collect();
    assert!(decode_call(named(&many).as_bytes(), None).is_ok());
    for again in ["n0", "n15", "n16", "n17", "n99"] {
        let mut twice = many.clone();
        twice.push(member(again));
        let sent = named(&twice);
        let fault = refused(&sent);
        assert_eq!((fault.kind, fault.offset), (RPC, sent.rfind("<name>").unwrap()), "{again}");
    }
    let apart = member("a") + "<member><name>b</name><value><struct>" + &member("a") + "</struct></value></member>";
    assert!(decode_call(named(&[apart]).as_bytes(), None).is_ok());
}

#[test]
fn calls_are_read() {
    for (sent, method, params) in [
        ("<methodCall><methodName>m</methodName></methodCall>", "m", 0),
        ("<methodCall><methodName>m</methodName><params/></methodCall>", "m", 0),
        ("<methodCall>\n <methodName>\n a.b:c/d_E9 </methodName>\n <params>\n </params>\n</methodCall>\n<!-- end -->\n", "a.b:c/d_E9", 0),
        (
            "<!-- x -->\n<methodCall><methodName><![CDATA[m]]></methodName><params><param><value/></param><param><value/></param></params></methodCall>",
            "m",
            2,
        ),
        ("<?xml version=\"1.0\"?>\n<methodCall><methodName>m</methodName></methodCall>", "m", 0),
        ("<?xml version='1.1' encoding='utf-8' standalone='yes' ?><methodCall><methodName>m</methodName></methodCall>", "m", 0),
        ("\u{FEFF}<?xml version=\"1.0\" encoding=\"UTF-8\"?><methodCall><methodName>m</methodName></methodCall>", "m", 0),
        (
            "<methodCall xmlns:ex=\"http://ws.apache.org/xmlrpc/namespaces/extensions\" xmlns = 'x'><methodName>m</methodName></methodCall>",
            "m",
            0,
        ),
    ] {
        let call = decode_call(sent.as_bytes(), None).unwrap_or_else(|fault| panic!("{sent}: {fault}"));
        assert_eq!((call.method.as_str(), call.params.len()), (method, params), "{sent}");
    }
}

#[test]
fn what_is_no_call_is_refused() {
    for sent in [
        "<methodResponse/>",
        "<methodName>m</methodName>",
        "<methodCall/>",
        "<methodCall><params/></methodCall>",
        "<methodCall><params/><methodName>m</methodName></methodCall>",
        "<methodCall>x<methodName>m</methodName></methodCall>",
        "<methodCall><methodName>m</methodName>x</methodCall>",
        "<methodCall><methodName>m</methodName><methodName>m</methodName></methodCall>",
        "<methodCall><methodName>m</methodName><params/><params/></methodCall>",
        "<methodCall><methodName>m</methodName><params/>x</methodCall>",
        "<methodCall><methodName>m</methodName><params><value/></params></methodCall>",
        "<methodCall><methodName>m</methodName><params><param/></params></methodCall>",
        "<methodCall><methodName>m</methodName><fault/></methodCall>",
        "<methodCall><methodName/></methodCall>",
        "<methodCall><methodName> </methodName></methodCall>",
        "<methodCall><methodName>a b</methodName></methodCall>",
        "<methodCall><methodName>a-b</methodName></methodCall>",
        "<methodCall><methodName>é</methodName></methodCall>",
        "<methodCall><methodName><string>m</string></methodName></methodCall>",
        "<html><body>no</body></html>",
        "<soap:Envelope xmlns:soap='http://schemas.xmlsoap.org/soap/envelope/'/>",
    ] {
        assert_eq!(refused(sent).kind, RPC, "{sent}");
    }
    let named = |length: usize| format!("<methodCall><methodName>{}</methodName></methodCall>", "m".repeat(length));
    assert!(decode_call(named(MAX_METHOD_CHARACTERS).as_bytes(), None).is_ok());
    assert_eq!(refused(named(MAX_METHOD_CHARACTERS + 1)).kind, RPC);
}

#[test]
fn what_is_not_well_formed_is_refused() {
    let whole = "<methodCall><methodName>m</methodName></methodCall>";
    for sent in [
        "".to_owned(),
        " \n".to_owned(),
        "x".to_owned(),
        "<".to_owned(),
        "<!-- x -->".to_owned(),
        "<methodCall>".to_owned(),
        "<methodCall><methodName>m</methodName>".to_owned(),
        "<methodCall><methodName>m</methodCall></methodName>".to_owned(),
        "</methodCall>".to_owned(),
        format!("{whole}x"),
        format!("x{whole}"),
        format!("{whole}{whole}"),
        format!("{whole}<x/>"),
        format!("{whole}</methodCall>"),
        format!("{whole}&#32;"),
        format!("{whole}<![CDATA[ ]]>"),
        format!("{whole}<!-- x"),
        format!("\n<?xml version=\"1.0\"?>{whole}"),
        format!("<?xml version=\"1.0\"?><?xml version=\"1.0\"?>{whole}"),
        format!("<?xml version=\"1.0\"?>\u{FEFF}{whole}"),
        format!("\u{FEFF}\u{FEFF}{whole}"),
        "< methodCall/>".to_owned(),
        "<>".to_owned(),
        "<1/>".to_owned(),
        "<methodCall/ >".to_owned(),
        "<methodCall / >".to_owned(),
        "<methodCall 'x'/>".to_owned(),
        "<methodCall xmlns/>".to_owned(),
        "<methodCall xmlns='a'xmlns:b='c'/>".to_owned(),
        "<methodCall xmlns='<'/>".to_owned(),
        "<methodCall xmlns='a' xmlns='a'/>".to_owned(),
        "<methodCall></methodCall x='y'>".to_owned(),
        "<methodCall></ methodCall>".to_owned(),
        "<!-->-->".to_owned(),
        "<!--->-->".to_owned(),
        "<!-- a -- b -->".to_owned(),
        "<!-- a --->".to_owned(),
        "<![CDATA[x]]>".to_owned(),
        "<!ELEMENT a ANY>".to_owned(),
    ] {
        assert_eq!(refused(&sent).kind, WELL, "{sent}");
    }
}

#[test]
fn texts_that_are_not_well_formed_are_refused() {
    for value in [
        "a & b",
        "&",
        "&amp",
        "&nbsp;",
        "&AMP;",
        "&;",
        "&#;",
        "&#x;",
        "&#X41;",
        "&#4 1;",
        "&#+41;",
        "&#0;",
        "&#1;",
        "&#xB;",
        "&#xD800;",
        "&#xFFFE;",
        "&#xFFFF;",
        "&#x110000;",
        "&#99999999999999999999;",
        "a]]>b",
        "a<b",
        "<![CDATA[a",
        "<![cdata[a]]>",
    ] {
        assert_eq!(refused(call_with(&format!("<value>{value}</value>"))).kind, WELL, "{value}");
    }
    for character in ['\0', '\u{1}', '\u{8}', '\u{B}', '\u{C}', '\u{E}', '\u{1F}', '\u{FFFE}', '\u{FFFF}'] {
        let sent = call_with(&format!("<value>ä{character}</value>"));
        let fault = refused(&sent);
        assert_eq!((fault.kind, fault.offset), (WELL, sent.find(character).unwrap()), "{character:?}");
        assert_eq!(refused(format!("<!--{character}-->")).kind, WELL, "{character:?}");
    }
}

#[test]
fn what_xml_has_and_xml_rpc_does_not_is_refused() {
    let whole = "<methodCall><methodName>m</methodName></methodCall>";
    for sent in [
        format!("<!DOCTYPE methodCall>{whole}"),
        format!("<!doctype methodCall>{whole}"),
        format!("<!DOCTYPE methodCall SYSTEM \"x.dtd\">{whole}"),
        format!("<!DOCTYPE methodCall [<!ENTITY a \"b\">]>{whole}"),
        format!("<?php x ?>{whole}"),
        format!("<?xml-stylesheet href='x'?>{whole}"),
        format!("{whole}<?x?>"),
        call_with("<value><?x?></value>"),
        call_with("<value type='int'>1</value>"),
        call_with("<value xml:space='preserve'>1</value>"),
        call_with("<value xmlnsx='1'>1</value>"),
        call_with("<value xmlns:='1'>1</value>"),
        call_with("<value xmlns:a:b='1'>1</value>"),
        call_with("<value xmlns:a='&amp;'>1</value>"),
    ] {
        assert_eq!(refused(&sent).kind, RPC, "{sent}");
    }
    let declared = |count: usize| (0..count).map(|n| format!(" xmlns:n{n}='x'")).collect::<String>();
    let in_one = |count: usize| format!("<methodCall{}><methodName>m</methodName></methodCall>", declared(count));
    let spread = |count: usize| call_with(&format!("<value><array><data>{}</data></array></value>", "<value xmlns='x'/>".repeat(count)));
    for sent in [in_one(MAX_NAMESPACES), spread(MAX_NAMESPACES)] {
        assert!(decode_call(sent.as_bytes(), None).is_ok());
    }
    for sent in [in_one(MAX_NAMESPACES + 1), spread(MAX_NAMESPACES + 1)] {
        assert_eq!(refused(sent).kind, RPC);
    }
}

#[test]
fn limits_are_met_exactly_and_named_in_words() {
    let deep = |depth: usize| {
        call_with(&format!("<value>{}{}</value>", "<array><data><value>".repeat(depth), "</value></data></array>".repeat(depth)))
    };
    assert!(decode_call(deep(MAX_DEPTH).as_bytes(), None).is_ok());
    let too_deep = refused(deep(MAX_DEPTH + 1));
    assert!(too_deep.kind == RPC && too_deep.message.contains(&MAX_DEPTH.to_string()));

    let wide = |count: usize| call_with(&format!("<value><array><data>{}</data></array></value>", "<value/>".repeat(count)));
    assert!(decode_call(wide(MAX_VALUES - 1).as_bytes(), None).is_ok());
    let too_wide = refused(wide(MAX_VALUES));
    assert!(too_wide.kind == RPC && too_wide.message.contains(&MAX_VALUES.to_string()));

    let long = |octets: usize| call_with(&format!("<value>{}</value>", "x".repeat(octets - call_with("<value></value>").len())));
    assert!(decode_call(long(MAX_OCTETS).as_bytes(), None).is_ok());
    let too_long = refused(long(MAX_OCTETS + 1));
    assert!(too_long.kind == RPC && too_long.message.contains(&format!("{} KiB", MAX_OCTETS / 1024)));

    let attributes =
        refused("<methodCall xmlns:a='' xmlns:b='' xmlns:c='' xmlns:d='' xmlns:e='' xmlns:f='' xmlns:g='' xmlns:h='' xmlns:i=''/>");
    assert!(attributes.message.contains(&MAX_NAMESPACES.to_string()));
    assert!(refused("<methodCall><methodName/></methodCall>").message.contains(&MAX_METHOD_CHARACTERS.to_string()));
}

/// A call whose one value is these octets, with this declaration.
fn encoded(declaration: &str, value: &[u8]) -> Vec<u8> {
    let (before, after) = ("<methodCall><methodName>m</methodName><params><param><value>", "</value></param></params></methodCall>");
    [declaration.as_bytes(), before.as_bytes(), value, after.as_bytes()].concat()
}

#[test]
fn the_encodings_that_are_read() {
    let declared = |name: &str| format!("<?xml version=\"1.0\" encoding=\"{name}\"?>");
    for (declaration, charset, value, expected) in [
        (String::new(), None, "ü€".as_bytes(), "ü€"),
        (String::new(), Some("UTF-8"), "ü".as_bytes(), "ü"),
        (String::new(), Some(" \"utf-8\" "), "ü".as_bytes(), "ü"),
        (String::new(), Some("iso-8859-1"), b"\xFC\x85\xFF", "ü\u{85}ÿ"),
        ("<?xml version=\"1.0\"?>".to_owned(), Some("Latin1"), b"\xFC", "ü"),
        (declared("utf8"), Some("iso-8859-1"), "ü".as_bytes(), "ü"),
        (declared("ISO-8859-1"), None, b"\xFC\xE9", "üé"),
        (declared("iso_8859-1"), Some("utf-8"), b"\xFC", "ü"),
        (declared("LATIN1"), None, b"\xFC", "ü"),
        (declared("latin1"), None, b"plain", "plain"),
        (declared("US-ASCII"), None, b"plain &#252;", "plain ü"),
        (declared("ascii"), Some("utf-8"), b"plain", "plain"),
        (declared("us-ascii"), None, "ü".as_bytes(), "ü"),
        ("\u{FEFF}".to_owned(), Some("iso-8859-1"), "ü".as_bytes(), "ü"),
    ] {
        let call = decode_call(&encoded(&declaration, value), charset).unwrap_or_else(|fault| panic!("{declaration} {charset:?}: {fault}"));
        assert_eq!(call.params, [text(expected)], "{declaration} {charset:?}");
    }
}

#[test]
fn other_encodings_and_wrong_octets_are_refused() {
    let declared = |name: &str| format!("<?xml version=\"1.0\" encoding=\"{name}\"?>");
    for (declaration, charset, value) in [
        (declared("UTF-16"), None, &b"x"[..]),
        (declared("UTF-7"), None, b"x"),
        (declared("windows-1252"), None, b"x"),
        (declared("Shift_JIS"), Some("utf-8"), b"x"),
        (declared(""), None, b"x"),
        (String::new(), Some("utf-16"), b"x"),
        (String::new(), Some(""), b"x"),
        (format!("\u{FEFF}{}", declared("ISO-8859-1")), None, b"x"),
        (String::new(), None, b"\xFC"),
        (String::new(), None, b"\xC0\x80"),
        (String::new(), None, b"\xED\xA0\x80"),
        (String::new(), None, b"\xF4\x90\x80\x80"),
        (String::new(), None, b"\xE2\x82"),
        (declared("US-ASCII"), None, b"\xFC"),
        (String::new(), Some("us-ascii"), b"\x80"),
        ("<?xml?>".to_owned(), None, b"x"),
        ("<?xml ?>".to_owned(), None, b"x"),
        ("<?xml version=\"1.0\"".to_owned(), None, b"x"),
        ("<?xml version=\"2.0\"?>".to_owned(), None, b"x"),
        ("<?xml version=\"1.\"?>".to_owned(), None, b"x"),
        ("<?xml version=1.0?>".to_owned(), None, b"x"),
        ("<?xml encoding=\"UTF-8\"?>".to_owned(), None, b"x"),
        ("<?xml encoding=\"UTF-8\" version=\"1.0\"?>".to_owned(), None, b"x"),
        ("<?xml version=\"1.0\" standalone=\"yes\" encoding=\"UTF-8\"?>".to_owned(), None, b"x"),
        ("<?xml version=\"1.0\" standalone=\"maybe\"?>".to_owned(), None, b"x"),
        ("<?xml version=\"1.0\" encoding=\"UTF-8\" x=\"y\"?>".to_owned(), None, b"x"),
        ("<?xml version=\"1.0\" encoding=\"UTF-8\" encoding=\"UTF-8\"?>".to_owned(), None, b"x"),
        ("<?xml version=\"1.0\" ü=\"x\"?>".to_owned(), None, b"x"),
    ] {
        let fault = decode_call(&encoded(&declaration, value), charset).expect_err(&declaration);
        assert_eq!(fault.kind, WELL, "{declaration} {charset:?} {value:?}");
    }
    let whole = call_with("<value>x</value>");
    for (mark, little) in [(true, true), (true, false), (false, true), (false, false)] {
        let units = "\u{FEFF}".encode_utf16().filter(|_| mark).chain(whole.encode_utf16());
        let octets: Vec<u8> = units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect();
        let fault = decode_call(&octets, None).unwrap_err();
        assert!(fault.kind == WELL && fault.message.contains("UTF-16"), "{fault}");
        assert!(decode_call(&octets, Some("utf-16")).is_err());
    }
}

#[test]
fn a_fault_says_where_in_what_was_sent() {
    let bad = b"a\xC3\xBC<b/>";
    for (declaration, value, offset_in_value) in [
        ("", &bad[..], 3),
        ("\u{FEFF}", &bad[..], 3),
        ("<?xml version=\"1.0\"?>", &bad[..], 3),
        ("<?xml version=\"1.0\" encoding=\"latin1\"?>", &b"\xFC\xFC\xFC<b/>"[..], 3),
        ("\u{FEFF}<?xml version=\"1.0\" encoding=\"utf-8\"?>", &b"ab\x01"[..], 2),
        ("<?xml version=\"1.0\" encoding=\"latin1\"?>", &b"\xFC\x01"[..], 1),
        ("", &b"\xC3\xBC\xFF"[..], 2),
        ("", &b"<int>x</int>"[..], 0),
        ("", &b"a&b;"[..], 1),
    ] {
        let octets = encoded(declaration, value);
        let begins = octets.windows(7).position(|window| window == b"<value>").unwrap() + 7;
        let fault = decode_call(&octets, None).unwrap_err();
        assert_eq!(fault.offset - begins, offset_in_value, "{declaration} {value:?}: {fault}");
    }
    let fault = refused("<methodCall>x");
    assert_eq!((fault.to_string().as_str(), fault.code()), ("text between elements at octet 12", -32_600));
    assert_eq!(refused("").code(), -32_700);
}

#[test]
fn answers_are_read() {
    let fault = Fault { code: -32_601, message: "no such method".into() };
    assert_eq!(decode_response(encode_fault(&fault).as_bytes(), None), Ok(Err(fault)));
    let value = strukt(&[("a", Value::Int(1))]);
    assert_eq!(decode_response(encode_response(&value).as_bytes(), None), Ok(Ok(value)));
    let untyped = "<methodResponse><fault><value><struct><member><name>faultString</name><value>no</value></member>\
                   <member><name>faultCode</name><value><i4>4</i4></value></member></struct></value></fault></methodResponse>";
    assert_eq!(decode_response(untyped.as_bytes(), None), Ok(Err(Fault { code: 4, message: "no".into() })));
}

#[test]
fn what_is_no_answer_is_refused() {
    let member = |name: &str, value: &str| format!("<member><name>{name}</name><value>{value}</value></member>");
    let fault = |members: &[String]| format!("<fault><value><struct>{}</struct></value></fault>", members.concat());
    let (code, message) = (member("faultCode", "<int>1</int>"), member("faultString", "x"));
    for inside in [
        String::new(),
        "<params/>".to_owned(),
        "<params><param><value/></param><param><value/></param></params>".to_owned(),
        "<params><param><value/></param></params><params/>".to_owned(),
        "<value/>".to_owned(),
        "<fault/>".to_owned(),
        "<fault><value>x</value></fault>".to_owned(),
        fault(&[]),
        fault(std::slice::from_ref(&code)),
        fault(std::slice::from_ref(&message)),
        fault(&[code.clone(), message.clone(), member("more", "x")]),
        fault(&[member("faultCode", "1"), message.clone()]),
        fault(&[member("faultCode", "<i8>5000000000</i8>"), message]),
        fault(&[code, member("faultString", "<int>1</int>")]),
    ] {
        let sent = format!("<methodResponse>{inside}</methodResponse>");
        assert_eq!(decode_response(sent.as_bytes(), None).expect_err(&sent).kind, RPC, "{sent}");
    }
    let call = encode_call(&MethodCall { method: "m".into(), params: Vec::new() });
    assert_eq!(decode_response(call.as_bytes(), None).unwrap_err().kind, RPC);
}

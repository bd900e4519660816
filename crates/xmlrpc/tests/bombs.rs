//! Texts that are small to send and, in a careless reader, large to read. One test, alone in its process, so that its memory can be measured.

use std::time::{Duration, Instant};

use tenantry_xmlrpc::limits::MAX_OCTETS;
use tenantry_xmlrpc::{decode_call, decode_response};

/// Builds of tests are not optimised, and machines that run them are busy.
const MAX_TIME: Duration = Duration::from_millis(if cfg!(debug_assertions) { 1000 } else { 50 });
const MAX_MEMORY_KIB: u64 = 8 * 1024;

fn call_with(value: &str) -> String {
    format!("<methodCall><methodName>m</methodName><params><param>{value}</param></params></methodCall>")
}

/// As many of a piece as the limit allows, in a call.
fn filled(before: &str, piece: impl Fn(usize) -> String, after: &str) -> String {
    let room = MAX_OCTETS - call_with(&format!("{before}{after}")).len();
    let mut pieces = String::new();
    for n in 0.. {
        let piece = piece(n);
        if pieces.len() + piece.len() > room {
            break;
        }
        pieces.push_str(&piece);
    }
    call_with(&format!("{before}{pieces}{after}"))
}

fn refused() -> Vec<(&'static str, Vec<u8>)> {
    let laughs: String = (1..10).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
    let whole = call_with("<value>&x;</value>");
    let attributes = |count: usize| (0..count).map(|n| format!(" a{n}='x'")).collect::<String>();
    let namespaces = |count: usize| (0..count).map(|n| format!(" xmlns:a{n}='x'")).collect::<String>();
    let data = ("<value><array><data>", "</data></array></value>");
    let utf16: Vec<u8> = whole.encode_utf16().flat_map(u16::to_le_bytes).collect();
    [
        ("billion laughs", format!("<!DOCTYPE x [<!ENTITY l0 \"ha\">{laughs}]>{whole}")),
        ("quadratic entities", format!("<!DOCTYPE x [<!ENTITY x \"{}\">]>{whole}", "a".repeat(200_000))),
        ("external entity", format!("<!DOCTYPE x [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{whole}")),
        ("external document type", format!("<!DOCTYPE x SYSTEM \"http://192.0.2.1/x.dtd\">{whole}")),
        ("document type without an end", format!("<!DOCTYPE x [{}", "<!--".repeat(60_000))),
        ("undeclared entity", whole.clone()),
        ("processing instruction", format!("<?x {}?>{whole}", "y".repeat(200_000))),
        ("100,000 attributes", call_with(&format!("<value{}/>", attributes(100_000)))),
        ("attributes up to the limit", call_with(&format!("<value{}/>", attributes(20_000)))),
        ("namespaces up to the limit", call_with(&format!("<value{}/>", namespaces(14_000)))),
        ("attributes spread out", filled(data.0, |n| format!("<value xmlns:a{n}='x'/>"), data.1)),
        ("depth 200,000", "<a>".repeat(200_000)),
        ("depth up to the limit", "<a>".repeat(80_000)),
        ("depth of values", call_with(&"<value><array><data>".repeat(13_000))),
        ("depth of structs", call_with(&"<value><struct><member><name/>".repeat(8000))),
        (
            "100,000 members",
            call_with(&format!("<value><struct>{}</struct></value>", "<member><name>a</name><value/></member>".repeat(100_000))),
        ),
        (
            "one name again and again",
            call_with(&format!("<value><struct>{}</struct></value>", "<member><name>a</name><value/></member>".repeat(6000))),
        ),
        ("values up to the limit of octets", filled(data.0, |_| "<value/>".into(), data.1)),
        ("huge text", call_with(&format!("<value>{}</value>", "x".repeat(4_000_000)))),
        ("a reference without an end", call_with(&format!("<value>&{}</value>", "x".repeat(200_000)))),
        ("a long reference", call_with(&format!("<value>&#{};</value>", "9".repeat(200_000)))),
        ("a tag without an end", format!("<methodCall {}", "x='".repeat(60_000))),
        ("a comment without an end", format!("<!--{}", "-".repeat(200_000))),
        ("a long integer", call_with(&format!("<value><int>{}</int></value>", "9".repeat(200_000)))),
        ("a long double", call_with(&format!("<value><double>{}e</double></value>", "9".repeat(200_000)))),
        ("a long end tag", format!("<methodCall></{}>", "x".repeat(200_000))),
        ("NUL", call_with("<value>\0</value>")),
    ]
    .into_iter()
    .map(|(what, text)| (what, text.into_bytes()))
    .chain([
        ("UTF-16", utf16),
        ("invalid UTF-8", [whole.as_bytes(), &b"\xFF".repeat(200_000)].concat()),
        ("nothing but NUL", vec![0; 200_000]),
    ])
    .collect()
}

/// Odd, and within every limit.
fn read() -> Vec<(&'static str, Vec<u8>)> {
    let strukt = ("<value><struct>", "</struct></value>");
    let data = ("<value><array><data>", "</data></array></value>");
    let declaration = "<?xml version='1.0' encoding='latin1'?>";
    let around = call_with("<value>|</value>");
    let (before, after) = around.split_once('|').unwrap_or_default();
    let umlauts = [0xFC].repeat(MAX_OCTETS - declaration.len() - before.len() - after.len());
    let latin1 = [declaration.as_bytes(), before.as_bytes(), &umlauts, after.as_bytes()].concat();
    [
        ("text up to the limit", filled("<value>", |_| "x".into(), "</value>")),
        ("references", filled("<value>", |_| "&lt;".into(), "</value>")),
        ("character references", filled("<value>", |_| "&#9;".into(), "</value>")),
        ("line ends", filled("<value>", |_| "\r".into(), "</value>")),
        ("sections", filled("<value>", |_| "<![CDATA[x]]>".into(), "</value>")),
        ("comments", filled("<value>", |_| "x<!---->".into(), "</value>")),
        ("comments between elements", filled("", |_| " <!---->".into(), "<value/>")),
        ("a long fraction", filled("<value><double>0.", |_| "123456789".into(), "</double></value>")),
        ("base64 in single characters", filled("<value><base64>", |_| "A A A A ".into(), "</base64></value>")),
        ("arrays", filled(data.0, |_| "<value><array><data/></array></value>".into(), data.1)),
        ("arrays of one", filled(data.0, |_| "<value><array><data><value/></data></array></value>".into(), data.1)),
        ("structs of one", filled(data.0, |_| "<value><struct><member><name/><value/></member></struct></value>".into(), data.1)),
        ("many members", filled(strukt.0, |n| format!("<member><name>{n}</name><value/></member>"), strukt.1)),
        ("many members with names in pieces", filled(strukt.0, |n| format!("<member><name>&#9;{n}</name><value/></member>"), strukt.1)),
        ("long names", filled(strukt.0, |n| format!("<member><name>{}{n}</name><value/></member>", "x".repeat(5000)), strukt.1)),
    ]
    .into_iter()
    .map(|(what, text)| (what, text.into_bytes()))
    .chain([("ISO-8859-1 up to the limit", latin1)])
    .collect()
}

/// Forgets the most memory that the process has had until now, where the system can.
fn forget_most_memory() {
    // Where it cannot, the measure below is coarser, and still never too high.
    drop(std::fs::write("/proc/self/clear_refs", "5"));
}

/// The most memory that the process has had at once, where the system says so.
fn most_memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix(" kB")?.parse().ok()
}

#[test]
fn bombs_are_refused_or_read_in_little_time_and_memory() {
    let texts = refused().into_iter().map(|text| (text, false)).chain(read().into_iter().map(|text| (text, true))).collect::<Vec<_>>();
    forget_most_memory();
    let before = most_memory_kib();
    for ((what, octets), is_read) in &texts {
        let started = Instant::now();
        let call = decode_call(octets, None);
        let took = started.elapsed();
        assert_eq!(call.is_ok(), *is_read, "{what}: {:?}", call.err());
        assert!(took < MAX_TIME, "{what} took {took:?}");
        assert!(decode_response(octets, None).is_err(), "{what}");
    }
    if let (Some(before), Some(after)) = (before, most_memory_kib()) {
        let grown = after.saturating_sub(before);
        assert!(grown < MAX_MEMORY_KIB, "{grown} KiB of memory");
    }
}

//! The XML-RPC codec: a long list written, against Python's own writer on the same values.

use std::process::Command;

use tenantry::Failure;
use tenantry_xmlrpc::{Name, Value, decode_call, encode_response};

use super::Bench;
use crate::report::{Goal, Line};
use crate::yardsticks::repeat;

/// Customers in the list: the most that a client of five pages reads.
const CUSTOMERS: i64 = 1_000;
/// Megabytes a second.
const GOAL: Goal = Goal::AtLeast(200.0);
/// Of the rate of Python's writer.
const GOAL_OF_PYTHON: Goal = Goal::AtLeast(5.0);

/// The same list and the same measurement in Python; prints megabytes a second.
const PYTHON: &str = r#"
import sys, time, xmlrpc.client
texts = [('hash','Y7dgU7yeQbIVfPOP'),('name','ABC Education & Service %d'),('status','on'),('deleted','no'),('email','abc%d@example.org'),
 ('address','2nd Floor, 39/43 ABC Complex\nNesbit Road'),('state_provinces','Maharashtra'),('postal_code','400 010'),('telephone','+91.2554254'),
 ('fax',''),('website_url','https://example.org/?a=1&b=2'),('country','IN'),('country_code','IN'),('industry','Education & Training'),
 ('unique_id','crm-%d'),('is_department','no')]
numbers = ['id','enterprise_id','email_package_id','email_quota','sms_package_id','sms_quota','transactions_package_id','transactions_quota']
def customer(n):
    c = {name: n for name in numbers}
    c.update({name: text % n if '%d' in text else text for name, text in texts})
    return c
rows = [customer(n) for n in range(1, int(sys.argv[1]) + 1)]
until = time.perf_counter() + float(sys.argv[2])
begun = time.perf_counter(); octets = 0
while time.perf_counter() < until:
    octets += len(xmlrpc.client.dumps((rows,), methodresponse=True).encode())
print(octets / (time.perf_counter() - begun) / 1e6)
"#;

pub(super) fn run(bench: &Bench) -> Result<Vec<Line>, Failure> {
    let list = Value::Array((1..=CUSTOMERS).map(customer).collect());
    let octets = encode_response(&list).len();
    let window = bench.sizes.window;
    let call = call();
    let (mut written, mut read, mut of_python) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..bench.sizes.rounds {
        let rate = repeat(window / 3, || {
            std::hint::black_box(encode_response(std::hint::black_box(&list)));
            Ok(())
        })?;
        written.push(rate.rate * octets as f64 / 1e6);
        let rate = repeat(window / 3, || match std::hint::black_box(decode_call(std::hint::black_box(call.as_bytes()), None)) {
            Ok(_) => Ok(()),
            Err(fault) => Err(Failure(fault.to_string())),
        })?;
        read.push(rate.rate * call.len() as f64 / 1e6);
        of_python.extend(python(window.as_secs_f64() / 3.0)?);
    }
    let middle = crate::figures::median;
    let mega = |figures: &[f64]| format!("{:.0} MB/s", middle(figures));
    let what = format!("ListCustomers of {CUSTOMERS} written as XML-RPC, {octets} octets");
    let mut lines = vec![Line::of_figure(&what, middle(&written), " MB/s", 0, GOAL)];
    if of_python.len() == written.len() {
        let ratios = super::ratios(&written, &of_python);
        let against = format!("Python's xmlrpc.client.dumps: {}", mega(&of_python));
        lines.push(Line::of_ratios(&what, mega(&written), "", against, &ratios, GOAL_OF_PYTHON));
    }
    lines.push(Line::of_note("a call of 24 properties read from XML-RPC", mega(&read)));
    Ok(lines)
}

fn call() -> String {
    tenantry_xmlrpc::encode_call(&tenantry_xmlrpc::MethodCall {
        method: "UpdateCustomer".to_owned(),
        params: vec![Value::Int(1), customer(1)],
    })
}

/// Megabytes a second of Python's writer; nothing where there is no Python.
fn python(seconds: f64) -> Result<Option<f64>, Failure> {
    let Ok(output) = Command::new("python3").args(["-c", PYTHON, &CUSTOMERS.to_string(), &seconds.to_string()]).output() else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().parse().map(Some).map_err(|_| Failure(format!("python3: {}", String::from_utf8_lossy(&output.stderr))))
}

/// A customer as the dialect shows it.
fn customer(number: i64) -> Value {
    let text = |text: &str| Value::String(text.to_owned());
    let texts = [
        ("hash", text("Y7dgU7yeQbIVfPOP")),
        ("name", Value::String(format!("ABC Education & Service {number}"))),
        ("status", text("on")),
        ("deleted", text("no")),
        ("email", Value::String(format!("abc{number}@example.org"))),
        ("address", text("2nd Floor, 39/43 ABC Complex\nNesbit Road")),
        ("state_provinces", text("Maharashtra")),
        ("postal_code", text("400 010")),
        ("telephone", text("+91.2554254")),
        ("fax", text("")),
        ("website_url", text("https://example.org/?a=1&b=2")),
        ("country", text("IN")),
        ("country_code", text("IN")),
        ("industry", text("Education & Training")),
        ("unique_id", Value::String(format!("crm-{number}"))),
        ("is_department", text("no")),
    ];
    let numbers = [
        "id",
        "enterprise_id",
        "email_package_id",
        "email_quota",
        "sms_package_id",
        "sms_quota",
        "transactions_package_id",
        "transactions_quota",
    ]
    .map(|name| (name, Value::Int(number)));
    Value::Struct(numbers.into_iter().chain(texts).map(|(name, value)| (Name::Borrowed(name), value)).collect())
}

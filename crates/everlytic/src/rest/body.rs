//! Bodies of REST: JSON, whatever it is labelled as, and forms.

use axum::http::{HeaderMap, header};
use tenantry_domain::{Code, Fault, Refusal};
use tenantry_http::json::{self, JsonFault, MAX_VALUES, Tree};
use tenantry_http::query::{decode, pairs};

/// The members of a body. curl labels JSON as a form unless it is told otherwise, and so does the vendor's sample without its last line: what begins as
/// JSON is JSON.
pub(super) fn members(headers: &HeaderMap, body: &[u8]) -> Result<Vec<(String, Tree)>, Refusal> {
    let text = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii_start();
    if !matches!(text.first(), Some(b'{' | b'[') | None) && is_form(headers) {
        return form(text);
    }
    match json::read(body) {
        Ok(Tree::Object(members)) => Ok(members),
        // PHP writes an empty array for an object without members.
        Ok(Tree::List(items)) if items.is_empty() => Ok(Vec::new()),
        Ok(_) => Err(Refusal::new(Code::Malformed, "The body must be a JSON object")),
        Err(fault) => Err(not_json(fault)),
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn form(text: &[u8]) -> Result<Vec<(String, Tree)>, Refusal> {
    let malformed = |why: &str| Refusal::new(Code::Malformed, ["The body is not a form that can be read: ", why].concat());
    let text = std::str::from_utf8(text).map_err(|_| malformed("it is not UTF-8"))?;
    let mut members: Vec<(String, Tree)> = Vec::new();
    let mut names = std::collections::HashSet::new();
    for (name, value) in pairs(text.trim_end()) {
        let (Some(name), Some(value)) = (decode(name), decode(value)) else { return Err(malformed("it is not percent-encoded UTF-8")) };
        if members.len() >= MAX_VALUES {
            return Err(malformed("it has too many fields"));
        }
        if !names.insert(name.clone()) {
            return Err(malformed("a field stands twice"));
        }
        members.push((name, Tree::Text(value)));
    }
    Ok(members)
}

fn not_json(fault: JsonFault) -> Refusal {
    let message = format!("The body is not JSON that can be read: {} (line {}, column {})", fault.message, fault.line, fault.column);
    let faults = if fault.path.is_empty() { Vec::new() } else { vec![Fault::new(fault.path, Code::Malformed, fault.message)] };
    Refusal { faults, ..Refusal::new(Code::Malformed, message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: &str, body: &str) -> Result<Vec<(String, Tree)>, Refusal> {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, kind.parse().unwrap());
        members(&headers, body.as_bytes())
    }

    #[test]
    fn what_begins_as_json_is_json() {
        let expected = vec![("email".to_owned(), Tree::Text("a@example.org".to_owned()))];
        for kind in
            ["application/json", "application/x-www-form-urlencoded", "text/plain", "application/x-www-form-urlencoded; charset=UTF-8"]
        {
            assert_eq!(read(kind, "\n{\n\"email\":\"a@example.org\"\n}\n").unwrap(), expected, "{kind}");
        }
        let form = "application/x-www-form-urlencoded; charset=UTF-8";
        assert_eq!(read(form, "email=a%40example.org").unwrap(), expected);
        assert_eq!(read(form, "name=A+%26+B&email=").unwrap()[0].1, Tree::Text("A & B".to_owned()));
        assert!(read(form, "[]").unwrap().is_empty());
        for (kind, body) in [
            (form, "a=1&a=2"),
            (form, "a=%zz"),
            (form, "a=%ff"),
            (form, ""),
            ("application/json", "email=a%40example.org"),
            ("application/json", "[1]"),
            ("application/json", "\"x\""),
        ] {
            assert_eq!(read(kind, body).unwrap_err().code, Code::Malformed, "{body}");
        }
    }
}

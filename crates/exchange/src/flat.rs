//! Objects of other systems as rows: every scalar under the path that leads to it.

use serde_json::Value;

/// The scalars of an object, each with its path. Texts of a list are lines of one; other lists and empty texts say nothing.
pub fn flattened(object: &Value) -> Vec<(String, String)> {
    let mut cells = Vec::new();
    walk(object, String::new(), &mut cells);
    cells
}

fn walk(value: &Value, path: String, cells: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let path = if path.is_empty() { name.clone() } else { [&path, ".", name].concat() };
                walk(value, path, cells);
            }
        }
        Value::Array(items) => {
            let lines: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            if let Some(lines) = lines.filter(|lines| !lines.is_empty()) {
                cells.push((path, lines.join("\n")));
            }
        }
        Value::String(text) if text.is_empty() => {}
        Value::String(text) => cells.push((path, text.clone())),
        Value::Number(number) => cells.push((path, number.to_string())),
        Value::Bool(on) => cells.push((path, on.to_string())),
        Value::Null => {}
    }
}

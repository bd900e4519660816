//! The page that shows the document: plain HTML, folded by the browser's own `details`.

use serde_json::{Map, Value};

/// The page's style.
pub(super) const STYLE: &str = include_str!("style.css");

/// The page.
pub(super) fn page(document: &Value) -> String {
    let mut page = Page(String::new());
    page.raw("<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">");
    page.raw("<title>Tenantry /v1</title><link rel=\"stylesheet\" href=\"/v1/docs.css\"></head>\n<body>\n<header><h1>Tenantry <code>/v1</code></h1>");
    page.raw("<p>Every operation, field and error. For programs: <a href=\"/v1/openapi.json\">openapi.json</a> (OpenAPI 3.1).</p></header>\n<main>\n");
    page.raw("<h2>First calls</h2>\n<pre>");
    page.text(EXAMPLE);
    page.raw("</pre>\n<h2>Operations</h2>\n");
    for (path, methods) in members(document, "/paths") {
        for (method, operation) in methods.as_object().into_iter().flatten() {
            page.operation(document, path, method, operation);
        }
    }
    page.raw("<h2>Records</h2>\n");
    for (name, schema) in members(document, "/components/schemas") {
        page.raw(&format!("<details id=\"{name}\"><summary><b>{name}</b> "));
        page.text(schema["description"].as_str().unwrap_or_default());
        page.raw("</summary>\n");
        page.fields(schema);
        page.raw("</details>\n");
    }
    page.raw("<h2>Codes of errors</h2>\n<table><thead><tr><th>code</th><th>what to do</th></tr></thead><tbody>\n");
    for (_, word, advice) in tenantry_domain::refusal::CODES {
        page.raw(&format!("<tr id=\"{word}\"><td><code>{word}</code></td><td>"));
        page.text(advice);
        page.raw("</td></tr>\n");
    }
    page.raw("</tbody></table>\n</main>\n</body>\n</html>\n");
    page.0
}

/// Ready to paste, but for the key.
const EXAMPLE: &str = r#"export KEY=tnt_live_…        # tenantry key issue --account 1 --scheme bearer
curl -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' localhost:8080/v1/customers \
     -d '{"organization": "ABC", "email": "abc@example.org", "voice": {"number": "+91.2222554254"}}'
curl -H "Authorization: Bearer $KEY" 'localhost:8080/v1/customers?search=abc'
curl -H "Authorization: Bearer $KEY" -X POST localhost:8080/v1/customers/2/activate"#;

struct Page(String);

impl Page {
    fn raw(&mut self, html: &str) {
        self.0.push_str(html);
    }

    /// A text, with what HTML would take for its own written out.
    fn text(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '&' => self.0.push_str("&amp;"),
                '"' => self.0.push_str("&quot;"),
                other => self.0.push(other),
            }
        }
    }

    fn operation(&mut self, document: &Value, path: &str, method: &str, operation: &Value) {
        let id = operation["operationId"].as_str().unwrap_or_default();
        self.raw(&format!("<details id=\"{id}\"><summary><span class=\"{method}\">{}</span> <code>", method.to_uppercase()));
        self.text(path);
        self.raw("</code> ");
        self.text(operation["summary"].as_str().unwrap_or_default());
        self.raw("</summary>\n<p>");
        self.text(operation["description"].as_str().unwrap_or_default());
        self.raw("</p>\n");
        let parameters = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
        if !parameters.is_empty() {
            self.raw("<h3>Parameters</h3>\n<table><tbody>\n");
            for parameter in parameters {
                let place = format!(" <i>{}</i>", parameter["in"].as_str().unwrap_or_default());
                self.row(parameter["name"].as_str().unwrap_or_default(), &place, &parameter["schema"], parameter["description"].as_str());
            }
            self.raw("</tbody></table>\n");
        }
        if let Some(schema) = operation.pointer("/requestBody/content/application~1json/schema") {
            self.raw("<h3>Body</h3>\n");
            self.fields(schema);
        }
        self.raw("<h3>Answers</h3>\n<table><tbody>\n");
        for (status, response) in operation["responses"].as_object().into_iter().flatten() {
            self.raw(&format!("<tr><td><code>{status}</code></td><td>"));
            self.text(response["description"].as_str().unwrap_or_default());
            let schema = response.pointer("/content/application~1json/schema/$ref").and_then(Value::as_str);
            if let Some(name) = schema.and_then(|reference| reference.rsplit('/').next()).filter(|name| is_there(document, name)) {
                self.raw(&format!(" <a href=\"#{name}\">{name}</a>"));
            }
            self.raw("</td></tr>\n");
        }
        self.raw("</tbody></table>\n</details>\n");
    }

    /// The fields of an object, those within it too.
    fn fields(&mut self, schema: &Value) {
        self.raw("<table><tbody>\n");
        self.rows(schema, "");
        self.raw("</tbody></table>\n");
    }

    fn rows(&mut self, schema: &Value, within: &str) {
        let required = schema["required"].as_array().map(Vec::as_slice).unwrap_or_default();
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let mark = if within.is_empty() && required.iter().any(|required| required == name) { " <i>always</i>" } else { "" };
            let name = [within, name].concat();
            self.row(&name, mark, field, field["description"].as_str());
            self.rows(field, &[&name, "."].concat());
            self.rows(&field["items"], &[&name, "[]."].concat());
        }
    }

    fn row(&mut self, name: &str, mark: &str, schema: &Value, about: Option<&str>) {
        self.raw("<tr><td><code>");
        self.text(name);
        self.raw("</code>");
        self.raw(mark);
        self.raw("</td><td>");
        self.text(&kind(schema));
        self.raw("</td><td>");
        self.text(about.unwrap_or_default());
        self.raw("</td></tr>\n");
    }
}

/// What kind of value a schema is about, in a few words.
fn kind(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        return reference.rsplit('/').next().unwrap_or_default().to_owned();
    }
    let types = match &schema["type"] {
        Value::String(word) => word.clone(),
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" or "),
        _ => String::new(),
    };
    let mut parts = vec![types];
    parts.extend(schema["format"].as_str().map(str::to_owned));
    if let Some(words) = schema["enum"].as_array() {
        parts.push(["one of ", &words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")].concat());
    }
    for (bound, word) in
        [("minimum", "from"), ("maximum", "to"), ("minLength", "least length"), ("maxLength", "at most"), ("maxItems", "at most")]
    {
        if let Some(number) = schema[bound].as_i64() {
            parts.push(format!("{word} {number}"));
        }
    }
    parts.retain(|part| !part.is_empty());
    parts.join(", ")
}

fn members<'a>(document: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    document.pointer(pointer).and_then(Value::as_object).into_iter().flat_map(Map::iter)
}

fn is_there(document: &Value, name: &str) -> bool {
    members(document, "/components/schemas").any(|(known, _)| known == name)
}

//! The body of a call, made of a file, flags and `--set`, one over the other. What the fields may hold is for the server to say.

use std::io::Read;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Map, Value};
use tenantry_client::Fault;

use super::schema::{Kind, Schema};
use crate::commands::remote::{refuse_argument, secrets};

/// The longest body: what the server takes.
const BODY_MAX_BYTES: u64 = 256 * 1024;

/// Fields of a customer.
#[derive(Debug, Args)]
#[command(next_help_heading = "Fields (an empty value clears one)")]
pub(crate) struct FieldArgs {
    /// The login.
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// What stands before the name.
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// The first name.
    #[arg(long, value_name = "NAME")]
    first_name: Option<String>,
    /// The last name.
    #[arg(long, value_name = "NAME")]
    last_name: Option<String>,
    /// The organization.
    #[arg(long, value_name = "NAME")]
    organization: Option<String>,
    /// Your own id of the customer.
    #[arg(long, value_name = "ID")]
    external_id: Option<String>,
    /// The date of birth.
    #[arg(long, value_name = "YYYY-MM-DD")]
    date_of_birth: Option<String>,
    /// A line of the street; up to three of them.
    #[arg(long, value_name = "LINE")]
    street: Vec<String>,
    /// The city.
    #[arg(long, value_name = "NAME")]
    city: Option<String>,
    /// The state or province.
    #[arg(long, value_name = "NAME")]
    state_province: Option<String>,
    /// The postal code.
    #[arg(long, value_name = "CODE")]
    postal_code: Option<String>,
    /// The country: ISO 3166-1 alpha-2.
    #[arg(long, value_name = "CODE")]
    country_code: Option<String>,
    /// The number of the phone (voice.number).
    #[arg(long, value_name = "NUMBER")]
    phone: Option<String>,
    /// The number of the cell phone (cell.number).
    #[arg(long, value_name = "NUMBER")]
    cell: Option<String>,
    /// The currency in which the customer buys: ISO 4217.
    #[arg(long, value_name = "CODE")]
    buying_currency: Option<String>,
    /// The website.
    #[arg(long, value_name = "URL")]
    website_url: Option<String>,
    /// Any field, by its path: voice.extension=12. Lists by repetition: allow=10.0.0.7 allow=10.1.0.0/16. JSON behind := : social_pages:='{"x": "…"}'.
    #[arg(long, value_name = "FIELD=VALUE")]
    set: Vec<String>,
    /// A JSON file with the fields, or - for standard input; flags and --set go over it.
    #[arg(long, value_name = "FILE")]
    body: Option<PathBuf>,
    /// Read the password from standard input, or ask for it.
    #[arg(long)]
    password_stdin: bool,
    /// Read the call-in PIN from standard input, or ask for it: on the line behind the password where both are given.
    #[arg(long)]
    pin_stdin: bool,
    /// Refused, with the reason.
    #[arg(long, hide = true, num_args = 0..=1)]
    password: Option<Option<String>>,
    /// Refused, with the reason.
    #[arg(long, hide = true, num_args = 0..=1)]
    pin: Option<Option<String>>,
}

impl FieldArgs {
    /// The body.
    pub(super) fn body(self) -> Result<Map<String, Value>, Fault> {
        refuse_argument(self.password.as_ref(), "password", "--password-stdin")?;
        refuse_argument(self.pin.as_ref(), "PIN", "--pin-stdin")?;
        let is_from_stdin = self.body.as_deref().is_some_and(|path| path.as_os_str() == "-");
        if is_from_stdin && (self.password_stdin || self.pin_stdin) {
            return Err(Fault::Usage("standard input cannot have both the fields and a secret: put the secret into the fields".to_owned()));
        }
        let mut body = self.body.as_ref().map_or_else(|| Ok(Map::new()), read)?;
        let mut set = Setter::new(&mut body);
        self.flags().into_iter().try_for_each(|(path, value)| set.text(path, &value))?;
        self.set.iter().try_for_each(|assignment| set.assignment(assignment))?;
        let mut put = |field: &str, secret: &str| body.insert(field.to_owned(), secret.into());
        match (self.password_stdin, self.pin_stdin) {
            (false, false) => {}
            (true, false) => drop(put("password", &secrets(["Password"])?[0])),
            (false, true) => drop(put("call_in_pin", &secrets(["PIN"])?[0])),
            (true, true) => {
                let [password, pin] = secrets(["Password", "PIN"])?;
                put("password", &password);
                put("call_in_pin", &pin);
            }
        }
        Ok(body)
    }

    /// The flags that were given, by the paths of their fields.
    fn flags(&self) -> Vec<(&'static str, String)> {
        let single = [
            ("email", &self.email),
            ("title", &self.title),
            ("first_name", &self.first_name),
            ("last_name", &self.last_name),
            ("organization", &self.organization),
            ("external_id", &self.external_id),
            ("date_of_birth", &self.date_of_birth),
            ("city", &self.city),
            ("state_province", &self.state_province),
            ("postal_code", &self.postal_code),
            ("country_code", &self.country_code),
            ("voice.number", &self.phone),
            ("cell.number", &self.cell),
            ("buying_currency", &self.buying_currency),
            ("website_url", &self.website_url),
        ];
        let single = single.into_iter().filter_map(|(path, value)| Some((path, value.clone()?)));
        single.chain(self.street.iter().map(|line| ("street", line.clone()))).collect()
    }
}

/// Reads a body from a file, or standard input.
fn read(path: &PathBuf) -> Result<Map<String, Value>, Fault> {
    let of_file = |error: std::io::Error| Fault::of_file(path, &error);
    let mut text = String::new();
    let length = if path.as_os_str() == "-" {
        std::io::stdin().take(BODY_MAX_BYTES + 1).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(BODY_MAX_BYTES + 1).read_to_string(&mut text))
    };
    if length.map_err(of_file)? as u64 > BODY_MAX_BYTES {
        return Err(Fault::Usage(format!("{} is longer than the {} KiB that a server takes", path.display(), BODY_MAX_BYTES / 1024)));
    }
    serde_json::from_str(&text).map_err(|error| Fault::Usage(format!("{} is no JSON object: {error}", path.display())))
}

/// Sets fields of a body by their paths.
struct Setter<'a> {
    body: &'a mut Map<String, Value>,
    schema: Schema,
    /// The paths that were set, as two values for one field are a mistake.
    seen: Vec<String>,
}

impl<'a> Setter<'a> {
    fn new(body: &'a mut Map<String, Value>) -> Self {
        Self { body, schema: Schema::of_customer(), seen: Vec::new() }
    }

    /// Takes `field=text` or `field:=JSON`.
    fn assignment(&mut self, assignment: &str) -> Result<(), Fault> {
        let Some((path, value)) = assignment.split_once('=') else {
            return Err(Fault::Usage(format!("--set {assignment:?} has no =; it must be such as voice.number=+91.2222554254")));
        };
        let Some(path) = path.strip_suffix(':') else { return self.text(path, value) };
        let value = serde_json::from_str(value);
        let value = value.map_err(|error| Fault::Usage(format!("--set {path}: what stands behind := is no JSON: {error}")))?;
        self.put(path, value, false)
    }

    /// Sets a field to what a text says in its type.
    fn text(&mut self, path: &str, text: &str) -> Result<(), Fault> {
        let parts: Vec<&str> = path.split('.').collect();
        if text.is_empty() {
            return self.put(path, Value::Null, false);
        }
        match self.schema.kind(&parts) {
            Kind::Text => self.put(path, text.into(), false),
            // What is none goes as it is, and the server says what would do.
            Kind::Number => self.put(path, text.parse::<i64>().map_or_else(|_| text.into(), Value::from), false),
            Kind::Truth => self.put(path, text.parse::<bool>().map_or_else(|_| text.into(), Value::from), false),
            Kind::Texts => self.put(path, text.into(), true),
            Kind::Nested => Err(Fault::Usage(format!("--set {path}: this has parts; name one ({path}.…=…), or give JSON ({path}:=…)"))),
        }
    }

    /// Puts a value where the path leads; `is_item` adds it to the list there.
    fn put(&mut self, path: &str, value: Value, is_item: bool) -> Result<(), Fault> {
        let wrong = |why: &str| Err(Fault::Usage(format!("--set {path}: {why}")));
        match path {
            "password" => return refuse_argument(Some(&None), "password", "--password-stdin"),
            "call_in_pin" => return refuse_argument(Some(&None), "PIN", "--pin-stdin"),
            _ => {}
        }
        let parts: Vec<&str> = path.split('.').collect();
        // The first of a list's items takes the place of what the file had.
        let is_first = !self.seen.iter().any(|seen| seen == path);
        if !is_first && !is_item {
            return wrong("this field is set twice");
        }
        let Some((last, above)) = parts.split_last().filter(|_| parts.iter().all(|part| !part.is_empty())) else {
            return wrong("this is no field");
        };
        let mut object = &mut *self.body;
        for part in above {
            let below = object.entry((*part).to_owned()).or_insert_with(|| Value::Object(Map::new()));
            match below {
                Value::Object(fields) => object = fields,
                _ => return wrong(&format!("{part} is no object, as it is set elsewhere")),
            }
        }
        match object.get_mut(*last) {
            Some(Value::Array(items)) if is_item && !is_first => items.push(value),
            Some(_) if !is_first => return wrong("this field is set twice"),
            _ => drop(object.insert((*last).to_owned(), if is_item { Value::Array(vec![value]) } else { value })),
        }
        self.seen.push(path.to_owned());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(before: Value, assignments: &[&str]) -> Result<Value, String> {
        let Value::Object(mut body) = before else { panic!("a body is an object") };
        let mut setter = Setter::new(&mut body);
        assignments.iter().try_for_each(|assignment| setter.assignment(assignment)).map_err(|fault| fault.to_string())?;
        Ok(Value::Object(body))
    }

    #[test]
    fn values_have_the_types_of_their_fields() {
        let body = set(
            json!({ "city": "Pune", "street": ["old"], "voice": { "extension": "1" } }),
            &[
                "postal_code=400010",
                "sms_quota=5",
                "auto_signup=true",
                "voice.number=+91.1",
                "street=a, b",
                "street=c=d",
                "city=",
                "external_id:=\"7\"",
            ],
        );
        let expected = json!({ "city": null, "street": ["a, b", "c=d"], "voice": { "extension": "1", "number": "+91.1" }, "postal_code": "400010",
            "sms_quota": 5, "auto_signup": true, "external_id": "7" });
        assert_eq!(body.unwrap(), expected);
        assert_eq!(set(json!({}), &["sms_quota=many", "auto_signup=yes"]).unwrap(), json!({ "sms_quota": "many", "auto_signup": "yes" }));
        assert_eq!(set(json!({}), &["name_servers:={\"mode\": \"default\"}"]).unwrap(), json!({ "name_servers": { "mode": "default" } }));
    }

    #[test]
    fn what_cannot_be_set_is_named() {
        for (assignments, expected) in [
            (&["email"][..], "has no ="),
            (&["=x"], "no field"),
            (&["voice..number=1"], "no field"),
            (&["city=a", "city=b"], "twice"),
            (&["street=a", "street="], "twice"),
            (&["street=", "street=a"], "twice"),
            (&["voice=1"], "has parts"),
            (&["city=a", "city.x=b"], "no object"),
            (&["city:=nothing"], "no JSON"),
            (&["password=secret"], "never taken"),
            (&["call_in_pin=1234"], "never taken"),
            (&["call_in_pin:=\"1234\""], "never taken"),
        ] {
            let said = set(json!({}), assignments).unwrap_err();
            assert!(said.contains(expected) && !said.contains("1234"), "{said}");
        }
    }
}

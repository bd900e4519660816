//! Which column means which field: guessed from the names, shown, and set right by whoever knows better.

use serde_json::{Map, Value};

use crate::fields::{BESIDE, CUSTOM_FIELD, ERROR_COLUMN, FIELDS, Field, Format, Kind, folded, meant, named};
use crate::{FileFault, flattened, restored};

/// A column, and the field that it means; `None`: it is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name in the file.
    pub name: String,
    /// The field's name, with a dot where it stands within another.
    pub field: Option<String>,
}

/// What the columns of a file mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    format: Format,
    columns: Vec<Column>,
}

/// What a row says.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// The id that the customer has here.
    pub id: Option<String>,
    /// In which status it is.
    pub status: Option<String>,
    /// Its password, hashed elsewhere.
    pub password_hash: Option<String>,
    /// Its fields, in the names of `/v1`.
    pub members: Map<String, Value>,
    /// What is wrong with cells: the column, and a sentence.
    pub faults: Vec<(String, String)>,
}

impl Mapping {
    /// Guesses what these columns mean, and sets right what is said of some.
    ///
    /// # Errors
    /// A column that is set right is not there, or the field is none.
    pub fn guess(names: &[String], format: Format, set: &[(String, Option<String>)]) -> Result<Self, FileFault> {
        let mut columns: Vec<Column> = Vec::with_capacity(names.len());
        let mut ours = None;
        for name in names {
            let said = set.iter().find(|(column, _)| column == name);
            let field = match said {
                Some((_, field)) => field.clone(),
                None if folded(name) == "id" => {
                    ours = Some(columns.len());
                    None
                }
                None if name == ERROR_COLUMN => None,
                None if custom(name).is_some() => Some(name.clone()),
                None => meant(name, format).map(|field| field.name.to_owned()),
            };
            columns.push(Column { name: name.clone(), field: field.map(|field| of_format(field, format)) });
        }
        for (column, field) in set {
            if !names.contains(column) {
                return Err(FileFault(format!("map: there is no column {column:?}; there are {}", names.join(", "))));
            }
            if let Some(field) = field.as_ref().filter(|field| named(field).is_none() && custom(field).is_none()) {
                let all: Vec<&str> = FIELDS.iter().map(|field| field.name).collect();
                return Err(FileFault(format!("map: there is no field {field:?}; there are {}, custom_fields.NAME", all.join(", "))));
            }
        }
        let mut mapping = Self { format, columns };
        mapping.leave_out_second();
        if let Some(ours) = ours {
            // Another system's number of a customer is its external id; where there is a column of those, the number is ours.
            let has_own = mapping.has("external_id");
            mapping.columns[ours].field = Some(if has_own { "id" } else { "external_id" }.to_owned());
        }
        Ok(mapping)
    }

    /// Of several columns that mean the same the first is taken, but for lines of a street.
    fn leave_out_second(&mut self) {
        let mut seen: Vec<String> = Vec::new();
        for column in &mut self.columns {
            let Some(field) = column.field.clone() else { continue };
            let many = named(&field).is_some_and(|field| field.kind == Kind::Lines);
            if !many && seen.contains(&field) {
                column.field = None;
            }
            seen.push(field);
        }
    }

    /// Every column.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Whether a column means this field.
    pub fn has(&self, field: &str) -> bool {
        self.columns.iter().any(|column| column.field.as_deref() == Some(field))
    }

    /// What a row says. An empty cell says nothing.
    pub fn row(&self, cells: &[Vec<u8>]) -> Row {
        let mut row = Row::default();
        if cells.len() > self.columns.len() && cells[self.columns.len()..].iter().any(|cell| !cell.is_empty()) {
            row.faults.push((String::new(), format!("this row has {} cells, and the first one names {}", cells.len(), self.columns.len())));
        }
        for (column, cell) in self.columns.iter().zip(cells) {
            let Some(field) = &column.field else { continue };
            match std::str::from_utf8(cell) {
                Ok(text) => self.take(&mut row, &column.name, field, restored(text)),
                Err(_) => row.faults.push((column.name.clone(), "this is not UTF-8; save the file as CSV UTF-8".to_owned())),
            }
        }
        bare(&mut row.members);
        row
    }

    fn take(&self, row: &mut Row, column: &str, field: &str, text: &str) {
        if text.trim().is_empty() {
            return;
        }
        match field {
            "id" => row.id = Some(text.trim().to_owned()),
            "status" => row.status = Some(status(text)),
            "password_hash" => row.password_hash = Some(text.to_owned()),
            // The number of a currency in WHMCS's own table, and not its code.
            "buying_currency" if self.format == Format::Whmcs && text.bytes().all(|octet| octet.is_ascii_digit()) => {}
            _ => {
                if let Err(message) = put(&mut row.members, field, text) {
                    row.faults.push((column.to_owned(), message));
                }
            }
        }
    }
}

impl Row {
    /// What an object of another system says.
    ///
    /// # Errors
    /// As of [`Mapping::guess`], but for columns that this row has not.
    pub fn of_object(object: &Value, format: Format, set: &[(String, Option<String>)]) -> Result<(Self, Mapping), FileFault> {
        let (names, cells): (Vec<String>, Vec<Vec<u8>>) =
            flattened(object).into_iter().map(|(name, text)| (name, text.into_bytes())).unzip();
        let here: Vec<_> = set.iter().filter(|(column, _)| names.contains(column)).cloned().collect();
        let mapping = Mapping::guess(&names, format, &here)?;
        Ok((mapping.row(&cells), mapping))
    }

    /// Takes out of a record of `/v1` what no body of it may say: what is only shown, and what stands beside the fields.
    pub fn of_record(mut members: Map<String, Value>) -> Self {
        let mut beside = BESIDE.map(|name| match members.remove(name) {
            Some(Value::String(text)) => Some(text),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        });
        for name in SHOWN {
            members.remove(*name);
        }
        bare(&mut members);
        if let Some(Value::Object(servers)) = members.get_mut("name_servers")
            && servers.get("mode").and_then(Value::as_str) == Some("default")
        {
            servers.remove("hosts");
        }
        let [id, status, password_hash] = [beside[0].take(), beside[1].take(), beside[2].take()];
        Self { id, status: status.as_deref().map(self::status), password_hash, members, faults: Vec::new() }
    }
}

/// What records show and no body sets.
const SHOWN: &[&str] = &[
    ERROR_COLUMN,
    "tenant_id",
    "kind",
    "hash",
    "version",
    "holds",
    "has_password",
    "has_call_in_pin",
    "postal_code_doubtful",
    "activated_at",
    "ended_at",
    "erased_at",
    "created_at",
    "updated_at",
];

/// Takes out of phones, a customer's own and those of its contacts, what is only shown.
fn bare(members: &mut Map<String, Value>) {
    for phone in ["voice", "cell", "fax"] {
        if let Some(Value::Object(phone)) = members.get_mut(phone) {
            phone.remove("e164");
            phone.remove("plausible");
        }
    }
    for contact in members.get_mut("contacts").and_then(Value::as_array_mut).into_iter().flatten() {
        contact.as_object_mut().into_iter().for_each(bare);
    }
}

/// The name of the custom field that a field is.
fn custom(field: &str) -> Option<&str> {
    field.strip_prefix(CUSTOM_FIELD).filter(|name| !name.is_empty())
}

/// WHMCS exports no passwords but hashes of them.
fn of_format(field: String, format: Format) -> String {
    if format == Format::Whmcs && field == "password" { "password_hash".to_owned() } else { field }
}

/// A status in our word for it.
fn status(text: &str) -> String {
    let word = text.trim().to_lowercase();
    match word.as_str() {
        "inactive" | "off" => "pending".to_owned(),
        "on" => "active".to_owned(),
        _ => word,
    }
}

/// Puts a text at its place.
fn put(members: &mut Map<String, Value>, field: &str, text: &str) -> Result<(), String> {
    let kind = named(field).map_or(Kind::Text, |field: &Field| field.kind);
    let value = match kind {
        Kind::Text => Value::from(text),
        Kind::Lines => {
            let lines = members.entry(field).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(lines) = lines {
                lines.extend(text.lines().filter(|line| !line.trim().is_empty()).map(Value::from));
            }
            return Ok(());
        }
        Kind::Words => text.split([',', '\n']).map(str::trim).filter(|word| !word.is_empty()).map(Value::from).collect(),
        Kind::Switch => match folded(text).as_str() {
            "1" | "true" | "yes" | "on" => true.into(),
            "0" | "false" | "no" | "off" => false.into(),
            _ => return Err("this is yes or no".to_owned()),
        },
        Kind::Number => text.trim().parse::<i64>().map_err(|_| "this is a whole number".to_owned())?.into(),
        Kind::Either => text.trim().parse::<i64>().map_or_else(|_| Value::from(text), Value::from),
        Kind::Json => serde_json::from_str(text).map_err(|error| format!("this is not JSON: {error}"))?,
    };
    match field.split_once('.') {
        None => drop(members.insert(field.to_owned(), value)),
        Some((group, name)) => {
            let group = members.entry(group).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(group) = group {
                group.insert(name.to_owned(), value);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn mapping(header: &str, format: Format) -> Mapping {
        let names: Vec<String> = header.split(',').map(str::to_owned).collect();
        Mapping::guess(&names, format, &[]).unwrap()
    }

    fn fields(mapping: &Mapping) -> Vec<&str> {
        mapping.columns().iter().map(|column| column.field.as_deref().unwrap_or("-")).collect()
    }

    fn row(mapping: &Mapping, cells: &str) -> Row {
        mapping.row(&cells.split('|').map(|cell| cell.as_bytes().to_vec()).collect::<Vec<_>>())
    }

    #[test]
    fn columns_are_guessed_in_many_spellings() {
        for (header, expected) in [
            ("First Name,LAST_NAME,E-Mail,Zip Code,Country", "first_name,last_name,email,postal_code,country_code"),
            ("id,Company,Phone", "external_id,organization,voice.number"),
            ("id,external_id,import_error", "id,external_id,-"),
            ("Address 1,Address 2,email,Email Address", "street,street,email,-"),
            ("custom_fields.vat_id,voice.number,parentid,parent_id", "custom_fields.vat_id,voice.number,-,parent_id"),
        ] {
            assert_eq!(fields(&mapping(header, Format::Csv)).join(","), expected, "{header}");
        }
    }

    #[test]
    fn an_export_of_whmcs_is_understood() {
        let header = "id,firstname,lastname,companyname,email,address1,address2,city,state,postcode,country,phonenumber,password,currency,status,datecreated,notes";
        let mapping = mapping(header, Format::Whmcs);
        let row = row(
            &mapping,
            "17|Asha|Rao|ABC|a@example.org|1 Road|Flat 2|Mumbai|MH|400010|IN|'+91.2222554254|$2y$10$abc|1|Inactive|2020-01-01|hello",
        );
        assert_eq!(row.status.as_deref(), Some("pending"));
        assert_eq!(row.password_hash.as_deref(), Some("$2y$10$abc"));
        let expected = json!({
            "external_id": "17", "first_name": "Asha", "last_name": "Rao", "organization": "ABC", "email": "a@example.org",
            "street": ["1 Road", "Flat 2"], "city": "Mumbai", "state_province": "MH", "postal_code": "400010", "country_code": "IN",
            "voice": {"number": "+91.2222554254"},
        });
        assert_eq!(Value::Object(row.members), expected);
    }

    #[test]
    fn what_is_said_of_a_column_counts() {
        let names = ["Name".to_owned(), "Notes".to_owned()];
        let set = [("Name".to_owned(), Some("last_name".to_owned())), ("Notes".to_owned(), Some("custom_fields.notes".to_owned()))];
        assert_eq!(fields(&Mapping::guess(&names, Format::Csv, &set).unwrap()), ["last_name", "custom_fields.notes"]);
        let left_out = [("Name".to_owned(), None)];
        assert_eq!(fields(&Mapping::guess(&names, Format::Csv, &left_out).unwrap()), ["-", "-"]);
        for (column, field) in [("Nme", "email"), ("Name", "emial")] {
            assert!(Mapping::guess(&names, Format::Csv, &[(column.to_owned(), Some(field.to_owned()))]).is_err());
        }
    }

    #[test]
    fn faults_name_their_column() {
        let mapping = mapping("email,auto_signup,sms_quota,contacts", Format::Csv);
        let faulty = row(&mapping, "a@example.org|perhaps|many|{");
        let columns: Vec<&str> = faulty.faults.iter().map(|(column, _)| column.as_str()).collect();
        assert_eq!(columns, ["auto_signup", "sms_quota", "contacts"]);
        assert!(mapping.row(&[b"\xff".to_vec()]).faults[0].1.contains("UTF-8"));
        assert!(row(&mapping, "a|||||b").faults[0].1.contains("cells"));
        assert!(row(&mapping, "a|||||").faults.is_empty(), "empty cells at the end are nothing");
    }

    #[test]
    fn users_of_the_older_dialects_are_understood() {
        let user = json!({"id": 7, "status": "inactive", "email": "a@example.org", "parentID": "3", "autoSignup": 0, "userInfo": {"dateOfBirth": "1980-01-01"}, "socialInfo": {"url": "x"},
            "contactInfo": {"postalInfo": {"firstName": "Asha", "address": {"street": ["a", "b"], "countryCode": "IN"}}, "voice": {"number": "+91.22"}}});
        let (row, _) = Row::of_object(&user, Format::Wwwengine, &[]).unwrap();
        assert_eq!(row.status.as_deref(), Some("pending"));
        let expected = json!({"external_id": "7", "email": "a@example.org", "auto_signup": false, "date_of_birth": "1980-01-01", "first_name": "Asha",
            "street": ["a", "b"], "country_code": "IN", "voice": {"number": "+91.22"}});
        assert_eq!(Value::Object(row.members), expected);
        let customer = json!({"id": 9, "unique_id": "crm-9", "name": "ABC", "email": "b@example.org", "status": "on", "city": "Cape Town"});
        let (row, _) = Row::of_object(&customer, Format::Everlytic, &[]).unwrap();
        assert_eq!((row.id.as_deref(), row.status.as_deref()), (Some("9"), Some("active")));
        assert_eq!(
            Value::Object(row.members),
            json!({"external_id": "crm-9", "organization": "ABC", "email": "b@example.org", "city": "Cape Town"})
        );
    }
}

//! CSV, written: records of `/v1`, a row each, with what stands within another field under a name with a dot.

use serde_json::Value;

use crate::fields::{Kind, named};
use crate::neutralised;

/// The columns of an export: all that an import reads, and what else tells records apart.
pub const EXPORTED: [&str; 47] = [
    "id",
    "external_id",
    "status",
    "parent_id",
    "email",
    "title",
    "first_name",
    "last_name",
    "organization",
    "date_of_birth",
    "street",
    "city",
    "state_province",
    "postal_code",
    "country_code",
    "voice.number",
    "voice.extension",
    "voice.country_id",
    "cell.number",
    "cell.extension",
    "cell.country_id",
    "cell.device_type",
    "cell.two_factor",
    "fax.number",
    "fax.extension",
    "fax.country_id",
    "buying_currency",
    "phone_number_type",
    "industry",
    "website_url",
    "social_pages",
    "social_info",
    "auto_signup",
    "allow",
    "name_servers",
    "tags",
    "contacts",
    "custom_fields",
    "email_package_id",
    "sms_package_id",
    "transactions_package_id",
    "email_quota",
    "sms_quota",
    "transactions_quota",
    "created_at",
    "updated_at",
    "version",
];

/// A file on the way.
#[derive(Default)]
pub struct CsvFile(Vec<u8>);

impl CsvFile {
    /// Writes a row of texts.
    pub fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        for (index, cell) in cells.into_iter().enumerate() {
            if index > 0 {
                self.0.push(b',');
            }
            self.cell(cell.as_ref());
        }
        // RFC 4180, section 2.
        self.0.extend_from_slice(b"\r\n");
    }

    /// Writes a record of `/v1`.
    pub fn record(&mut self, record: &Value) {
        self.row(EXPORTED.iter().map(|column| neutralised(shown(record, column))));
    }

    /// What was written since this was last asked.
    pub fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }

    fn cell(&mut self, text: &str) {
        if !text.contains([',', '"', '\n', '\r', ';', '\t']) && text.trim() == text {
            return self.0.extend_from_slice(text.as_bytes());
        }
        self.0.push(b'"');
        self.0.extend_from_slice(text.replace('"', "\"\"").as_bytes());
        self.0.push(b'"');
    }
}

/// A field's cell.
fn shown(record: &Value, column: &str) -> String {
    let value = column.split('.').try_fold(record, |value, name| value.get(name)).unwrap_or(&Value::Null);
    let kind = named(column).map_or(Kind::Text, |field| field.kind);
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => String::new(),
        Value::Object(members) if members.is_empty() => String::new(),
        Value::Array(items) if kind == Kind::Lines => texts(items, "\n"),
        Value::Array(items) if kind == Kind::Words => texts(items, ","),
        // What a customer follows anyway needs no saying.
        Value::Object(_) if value.get("mode").and_then(Value::as_str) == Some("default") => String::new(),
        other => other.to_string(),
    }
}

fn texts(items: &[Value], between: &str) -> String {
    items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{CsvRows, Format, Mapping};

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let record = json!({"id": 7, "external_id": "crm-7", "status": "active", "email": "a@example.org", "first_name": "=cmd", "organization": "A \"B\", C",
            "street": ["1 Road", "Flat 2"], "voice": {"number": "+91.2222554254", "e164": "+912222554254"}, "cell": {"two_factor": true},
            "tags": ["vip", "x"], "custom_fields": {"vat_id": "1"}, "contacts": [], "sms_quota": 0, "title": null,
            "name_servers": {"mode": "default", "hosts": []}, "version": 3});
        let mut file = CsvFile::default();
        file.row(EXPORTED);
        file.record(&record);
        let octets = file.take();
        assert!(String::from_utf8_lossy(&octets).contains(",'=cmd,"));
        let mut rows = CsvRows::default();
        rows.put(&octets);
        rows.finish();
        let text = |row: Vec<Vec<u8>>| row.into_iter().map(|cell| String::from_utf8(cell).unwrap()).collect::<Vec<_>>();
        let header = text(rows.next_row().unwrap().unwrap());
        let mapping = Mapping::guess(&header, Format::Csv, &[]).unwrap();
        let row = mapping.row(&rows.next_row().unwrap().unwrap());
        assert_eq!((row.id.as_deref(), row.status.as_deref(), row.faults.len()), (Some("7"), Some("active"), 0));
        let expected = json!({"external_id": "crm-7", "email": "a@example.org", "first_name": "=cmd", "organization": "A \"B\", C",
            "street": ["1 Road", "Flat 2"], "voice": {"number": "+91.2222554254"}, "cell": {"two_factor": true}, "tags": ["vip", "x"],
            "custom_fields": {"vat_id": "1"}, "sms_quota": 0});
        assert_eq!(Value::Object(row.members), expected);
    }
}

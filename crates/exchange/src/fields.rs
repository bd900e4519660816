//! The fields that columns may mean, under the names of our own and of other systems.

/// Of which system a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// CSV, whose columns say what they are.
    Csv,
    /// JSON Lines, in the names of `/v1`.
    Jsonl,
    /// The CSV that WHMCS exports of its clients.
    Whmcs,
    /// JSON Lines of the users that the WWWEngine dialect shows.
    Wwwengine,
    /// JSON Lines of the customers that the Everlytic dialect shows.
    Everlytic,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 5] = [Self::Csv, Self::Jsonl, Self::Whmcs, Self::Wwwengine, Self::Everlytic];

    /// The word that stands for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
            Self::Whmcs => "whmcs",
            Self::Wwwengine => "wwwengine",
            Self::Everlytic => "everlytic",
        }
    }

    /// The format that a word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }

    /// Whether its rows are lines of CSV.
    pub const fn is_csv(self) -> bool {
        matches!(self, Self::Csv | Self::Whmcs)
    }
}

/// The column that says what is wrong with a row that comes back. An import passes over it.
pub const ERROR_COLUMN: &str = "import_error";

/// How a cell becomes a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Text,
    /// Lines of a text, or several columns one after the other.
    Lines,
    /// Words between commas.
    Words,
    Switch,
    Number,
    /// A number where it is one, a text otherwise.
    Either,
    Json,
}

/// A field: its place in a record, how cells become it, and what columns of it are called, folded to small letters and digits.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) called: &'static [&'static str],
}

const fn text(name: &'static str, called: &'static [&'static str]) -> Field {
    Field { name, kind: Kind::Text, called }
}

const fn of(kind: Kind, name: &'static str, called: &'static [&'static str]) -> Field {
    Field { name, kind, called }
}

/// What a row says beside the fields of a record.
pub(crate) const BESIDE: [&str; 3] = ["id", "status", "password_hash"];

/// Every field that a column may be.
pub(crate) const FIELDS: &[Field] = &[
    text("id", &[]),
    text("status", &["status", "clientstatus", "customerstatus"]),
    text("external_id", &["clientid", "customerid", "customerno", "customernumber", "uniqueid", "kundennummer", "accountnumber"]),
    of(Kind::Number, "parent_id", &[]),
    text("email", &["email", "emailaddress", "mail", "emailid"]),
    text("password", &["password"]),
    text("password_hash", &["passwordhash", "hashedpassword"]),
    text("call_in_pin", &["callinpin", "pin", "supportpin"]),
    text("title", &["salutation", "anrede", "prefix"]),
    text("first_name", &["firstname", "givenname", "forename", "vorname"]),
    text("last_name", &["lastname", "surname", "familyname", "nachname"]),
    text("organization", &["companyname", "company", "organisation", "org", "name", "firma", "businessname"]),
    text("date_of_birth", &["dateofbirth", "birthdate", "birthday", "dob", "geburtsdatum"]),
    of(
        Kind::Lines,
        "street",
        &[
            "address",
            "address1",
            "address2",
            "address3",
            "street1",
            "street2",
            "street3",
            "addressline1",
            "addressline2",
            "addressline3",
            "strasse",
        ],
    ),
    text("city", &["town", "ort", "locality"]),
    text("state_province", &["state", "province", "region", "stateprovince", "stateprovinces", "county"]),
    text("postal_code", &["postcode", "zip", "zipcode", "postalcode", "plz", "pincode"]),
    text("country_code", &["country", "countrycode", "land"]),
    text("voice.number", &["phone", "phonenumber", "telephone", "tel", "telefon", "voicenumber", "voice"]),
    text("voice.extension", &["voiceextension", "voiceext", "extension"]),
    text("voice.country_id", &["voicecountryid", "voicecountrycode"]),
    text("cell.number", &["mobile", "cell", "cellphone", "mobilephone", "mobilenumber", "cellnumber", "handy"]),
    text("cell.extension", &["cellextension", "cellext"]),
    text("cell.country_id", &["cellcountryid", "cellcountrycode"]),
    text("cell.device_type", &["celldevicetype", "celltype", "devicetype"]),
    of(Kind::Switch, "cell.two_factor", &["celltwofactor", "cell2factorauth", "twofactor"]),
    text("fax.number", &["fax", "faxnumber", "telefax"]),
    text("fax.extension", &["faxextension", "faxext"]),
    text("fax.country_id", &["faxcountryid", "faxcountrycode"]),
    text("buying_currency", &["currency", "currencycode", "buyingcurrency"]),
    text("phone_number_type", &["phonenumbertype", "phonenotype"]),
    text("industry", &["industry"]),
    text("website_url", &["website", "websiteurl", "url", "homepage"]),
    of(Kind::Json, "social_pages", &["socialpages"]),
    of(Kind::Json, "social_info", &["socialinfo"]),
    of(Kind::Switch, "auto_signup", &["autosignup"]),
    of(Kind::Words, "allow", &["allow"]),
    of(Kind::Json, "name_servers", &[]),
    of(Kind::Words, "tags", &["labels", "groups"]),
    of(Kind::Json, "contacts", &[]),
    of(Kind::Json, "custom_fields", &["customfields"]),
    of(Kind::Either, "email_package_id", &["emailpackageid"]),
    of(Kind::Either, "sms_package_id", &["smspackageid"]),
    of(Kind::Either, "transactions_package_id", &["transactionspackageid"]),
    of(Kind::Number, "email_quota", &[]),
    of(Kind::Number, "sms_quota", &[]),
    of(Kind::Number, "transactions_quota", &[]),
];

/// Where a custom field stands in a record.
pub(crate) const CUSTOM_FIELD: &str = "custom_fields.";

/// A column's name without what spellings differ in: case, spaces, underscores, dots.
pub(crate) fn folded(name: &str) -> String {
    name.chars().filter(|character| character.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The field of this very name.
pub(crate) fn named(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name)
}

/// The field that is most likely meant by a column. A path is looked for as a whole first, and then without its first steps: `contactInfo.voice.number`.
pub(crate) fn meant(column: &str, format: Format) -> Option<&'static Field> {
    // Whatever networks are called in there, it is no field of the customer's; and numbers of another system's packages are none of ours.
    if !format.is_csv() && (column.starts_with("social") || column.ends_with("_package_id")) {
        return None;
    }
    if let Some(field) = named(column) {
        return Some(field);
    }
    let mut rest = column;
    loop {
        let name = folded(rest);
        // A field that is called nothing else is meant by its very name alone: ids of other systems are none of ours.
        let called = |field: &&Field| !field.called.is_empty() && (folded(field.name) == name || field.called.contains(&name.as_str()));
        if let Some(field) = FIELDS.iter().find(called) {
            return Some(field);
        }
        if format.is_csv() {
            return None;
        }
        rest = rest.split_once('.')?.1;
    }
}

//! Customers as a provider has them: every contact field set, names in several scripts, about 900 octets as an answer.

use serde_json::json;
use tenantry::Failure;
use tenantry_domain::account::add::AddAccount;
use tenantry_domain::account::profile::PhonePatch;
use tenantry_domain::account::{Kind, ProfilePatch};
use tenantry_domain::value::{
    Country, Currency, DateOfBirth, DeviceType, Email, Extension, ExternalId, Name, PhoneCountryId, PhoneNumber, PhoneNumberType,
    PostalCode, Social, Title,
};
use tenantry_domain::{AccountId, Patch, Timestamp};

use crate::chance::Dice;

const FIRST_NAMES: &[&str] = &[
    "Asha",
    "José",
    "Олена",
    "美咲",
    "فاطمة",
    "Łukasz",
    "Rahul",
    "Søren",
    "Ελένη",
    "Nguyễn",
    "Mary Ann",
    "आरव",
    "Zoë",
    "John",
    "Siobhán",
    "Ayşe",
    "אברהם",
    "서연",
    "สมชาย",
    "Bartholomew",
    "小明",
    "Кирилл",
    "Γιώργος",
    "さくら",
];
const LAST_NAMES: &[&str] = &[
    "Deshpande",
    "García López",
    "Шевченко",
    "山田",
    "الهاشمي",
    "Wójcik",
    "Iyer",
    "Kjærgaard",
    "Παπαδοπούλου",
    "Văn Toàn",
    "O’Neill",
    "शर्मा",
    "Müller",
    "Smith",
    "van der Berg",
    "Yılmaz",
    "כהן",
    "김",
    "ศรีสุข",
    "王",
    "Достоевский",
    "حسن",
    "ヤマモト",
    "Ó Súilleabháin",
];
const CITIES: &[(&str, &str, &str, &str, &str)] = &[
    ("Mumbai", "Maharashtra", "400 010", "IN", "+91.22255"),
    ("Guadalajara", "Jalisco", "44100", "MX", "+52.33361"),
    ("Київ", "Київська", "01001", "UA", "+380.4427"),
    ("東京都", "千代田区", "100-0001", "JP", "+81.35253"),
    ("Wrocław", "Dolnośląskie", "50-001", "PL", "+48.71344"),
    ("Aarhus", "Midtjylland", "8000", "DK", "+45.8612"),
    ("Köln", "Nordrhein-Westfalen", "50667", "DE", "+49.22122"),
    ("Springfield", "Illinois", "62701", "US", "+1.217555"),
    ("서울특별시", "강남구", "06236", "KR", "+82.25550"),
    ("ירושלים", "מחוז ירושלים", "9103401", "IL", "+972.25550"),
    ("กรุงเทพมหานคร", "บางรัก", "10500", "TH", "+66.25550"),
    ("القاهرة", "محافظة القاهرة", "11511", "EG", "+20.25550"),
];
const TRADES: &[&str] = &["Hosting", "Bäckerei", "Logistics", "印刷", "Exports", "Consulting", "Textiles", "Clinic"];

/// One customer, made from its number.
pub(crate) struct Customer {
    number: u64,
    first_name: &'static str,
    last_name: &'static str,
    organization: String,
    street: [String; 2],
    place: (&'static str, &'static str, &'static str, &'static str, &'static str),
    date_of_birth: String,
    line: u64,
}

/// One of a list; a list of nothing has nothing to give.
fn one_of<T: Copy>(dice: &mut Dice, list: &[T]) -> T {
    #[expect(clippy::cast_possible_truncation, reason = "it is below the list's length")]
    let index = dice.below(list.len() as u64) as usize;
    list[index]
}

/// The e-mail address of a number's customer; an address belongs to one customer of a tenant.
pub(crate) fn email(number: u64) -> String {
    format!("customer-{number}@mail{}.example.org", number % 97)
}

impl Customer {
    /// The same customer for the same number.
    pub(crate) fn number(number: u64) -> Self {
        let mut dice = Dice::of(number);
        let place = one_of(&mut dice, CITIES);
        let last_name = one_of(&mut dice, LAST_NAMES);
        Self {
            number,
            first_name: one_of(&mut dice, FIRST_NAMES),
            last_name,
            organization: format!("{last_name} {} {}", one_of(&mut dice, TRADES), dice.below(10_000)),
            street: [format!("{}/{} {} Complex", dice.below(200), dice.below(90), place.1), format!("Floor {}", dice.below(30))],
            place,
            date_of_birth: format!("{}-{:02}-{:02}", 1940 + dice.below(60), 1 + dice.below(12), 1 + dice.below(28)),
            line: dice.below(10_000),
        }
    }

    /// The words by which people look for it.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        let of = |text: &'static str| text.split(' ');
        of(self.first_name).chain(of(self.last_name)).chain(self.organization.split(' ')).chain(of(self.place.0))
    }

    /// Its phone number.
    pub(crate) fn voice(&self) -> String {
        self.phone(0)
    }

    /// The caller's own id of it.
    pub(crate) fn external_id(&self) -> String {
        format!("crm-{}", self.number)
    }

    fn phone(&self, more: u64) -> String {
        format!("{}{:04}", self.place.4, (self.line + more) % 10_000)
    }

    /// The body of a `POST /user` that adds it.
    pub(crate) fn body(&self, parent_id: i64) -> String {
        let (city, state, postal_code, country_code, _) = self.place;
        json!({
            "type": "customer", "email": email(self.number), "password": format!("pass-word-{}", self.number), "parentID": parent_id,
            "autoSignup": 1, "buyingCurrency": "INR", "userInfo": {"dateOfBirth": self.date_of_birth},
            "socialPages": ["https://social.example/abc"],
            "contactInfo": {
                "postalInfo": {"title": "Mrs.", "firstName": self.first_name, "lastName": self.last_name, "organization": self.organization,
                    "address": {"street": self.street, "city": city, "state": state, "postalCode": postal_code, "countryCode": country_code}},
                "voice": {"number": self.phone(0), "countrycode": "29", "ext": "12"},
                "cell": {"type": "android", "number": self.phone(1), "countrycode": "29", "2FactorAuth": 0},
                "fax": {"number": self.phone(2), "countrycode": "29", "ext": "3"},
                "callInPin": "4711"},
            "preferences": {"phoneNoType": "work"},
        })
        .to_string()
    }

    /// The command that adds it, without a password: hashing a million would take hours.
    pub(crate) fn command(&self, parent_id: AccountId, now: Timestamp) -> Result<AddAccount, Failure> {
        let (city, state, postal_code, country_code, _) = self.place;
        let profile = ProfilePatch {
            title: Patch::Set(Title::parse("Mrs.")?),
            first_name: Patch::Set(Name::parse(self.first_name)?),
            last_name: Patch::Set(Name::parse(self.last_name)?),
            organization: Patch::Set(Name::parse(self.organization.as_str())?),
            date_of_birth: Patch::Set(DateOfBirth::parse(&self.date_of_birth, now)?),
            street: Patch::Set(self.street.iter().map(|line| Name::parse(line.as_str())).collect::<Result<_, _>>()?),
            city: Patch::Set(Name::parse(city)?),
            state_province: Patch::Set(Name::parse(state)?),
            postal_code: Patch::Set(PostalCode::parse(postal_code)?),
            country_code: Patch::Set(Country::parse(country_code)?),
            voice: phone(self.phone(0), Some("12"))?,
            cell: phone(self.phone(1), None)?,
            cell_device_type: Patch::Set(DeviceType::parse("android")?),
            cell_two_factor: Patch::Set(false),
            fax: phone(self.phone(2), Some("3"))?,
            buying_currency: Patch::Set(Currency::parse("INR")?),
            phone_number_type: Patch::Set(PhoneNumberType::parse("work")?),
            social_pages: Patch::Set(Social::parse(json!(["https://social.example/abc"]))?),
            auto_signup: Patch::Set(true),
            ..ProfilePatch::default()
        };
        let (email, external_id) = (Some(Email::parse(email(self.number))?), Some(ExternalId::parse(self.external_id())?));
        Ok(AddAccount { email, external_id, profile, ..AddAccount::below(parent_id, Kind::Customer) })
    }
}

fn phone(number: String, extension: Option<&str>) -> Result<PhonePatch, Failure> {
    Ok(PhonePatch {
        number: Patch::Set(PhoneNumber::parse(number)?),
        extension: extension.map_or(Ok(Patch::Keep), |text| Extension::parse(text).map(Patch::Set))?,
        country_id: Patch::Set(PhoneCountryId::parse("29")?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_customer_can_be_added() {
        for number in 0..2_000 {
            Customer::number(number).command(AccountId::OPERATOR, Timestamp::from_micros(1_700_000_000_000_000)).unwrap();
        }
    }
}

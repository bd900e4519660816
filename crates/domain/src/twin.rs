//! Likely twins: two records that may be of the same customer, and why.
//!
//! What two records have in common is told by keys: each is made of one record alone, so that a store finds the others by it. Keys are near where people are not
//! exact: in case, accents, spaces and the order of names, and in what mail services pass over.

use std::collections::BTreeSet;

use crate::account::{Account, Kind, Profile, Status};
use crate::id::AccountId;
use crate::limits::TWIN_PHONE_MIN_DIGITS;
use crate::search::fold;
use crate::value::Email;

/// Why two records may be of the same customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Because {
    /// The same phone or cell phone, in any form.
    Phone,
    /// The same mailbox: case, what stands behind a plus sign and, where the service passes over them, dots make no difference.
    Email,
    /// The same name, or organization, and the same postal code.
    NameAndPostalCode,
    /// The same name and the same date of birth.
    NameAndDateOfBirth,
}

impl Because {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Phone, Self::Email, Self::NameAndPostalCode, Self::NameAndDateOfBirth];

    /// The word that stands for it in every answer.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Email => "email",
            Self::NameAndPostalCode => "name_and_postal_code",
            Self::NameAndDateOfBirth => "name_and_date_of_birth",
        }
    }
}

/// What twins have in common.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TwinKey {
    /// Why those that have it may be the same.
    pub because: Because,
    /// The value, in its normal form.
    value: String,
}

impl TwinKey {
    /// The value, in its normal form.
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl std::fmt::Debug for TwinKey {
    /// Without the value, which is somebody's.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TwinKey({})", self.because.as_str())
    }
}

/// A record that may be of the same customer as another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Twin {
    /// Its account.
    pub id: AccountId,
    /// Why.
    pub because: Vec<Because>,
}

/// What is done about likely twins of a customer that is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnDuplicate {
    /// They are not looked for.
    #[default]
    Ignore,
    /// The customer is added, and they are named.
    Warn,
    /// The customer is not added.
    Refuse,
}

impl OnDuplicate {
    /// The word's meaning.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "ignore" => Some(Self::Ignore),
            "warn" => Some(Self::Warn),
            "refuse" => Some(Self::Refuse),
            _ => None,
        }
    }
}

/// The keys of a record with this address and this profile.
pub fn twin_keys(email: Option<&Email>, profile: &Profile) -> BTreeSet<TwinKey> {
    let mut keys = BTreeSet::new();
    let mut put = |because, value: String| {
        keys.insert(TwinKey { because, value });
    };
    for phone in [&profile.voice, &profile.cell.phone] {
        let digits = phone.number.as_ref().map(|number| number.digits());
        // A short number is an extension, or a service that many write down.
        digits.filter(|digits| digits.len() >= TWIN_PHONE_MIN_DIGITS).into_iter().for_each(|digits| put(Because::Phone, digits));
    }
    email.into_iter().for_each(|email| put(Because::Email, mailbox(email)));
    let person = match (&profile.first_name, &profile.last_name) {
        (Some(first), Some(last)) => name(&[first.as_str(), " ", last.as_str()].concat()),
        // One name alone is many people's.
        _ => None,
    };
    let organization = profile.organization.as_ref().and_then(|organization| name(organization.as_str()));
    if let Some(code) = profile.address.postal_code.as_ref().and_then(|code| letters_and_digits(code.as_str())) {
        for name in [&person, &organization].into_iter().flatten() {
            put(Because::NameAndPostalCode, [name, "|", &code].concat());
        }
    }
    if let (Some(name), Some(date)) = (&person, profile.date_of_birth) {
        put(Because::NameAndDateOfBirth, format!("{name}|{date}"));
    }
    keys
}

impl Account {
    /// What a twin of this record would have in common with it; nothing of one that is deleted, or no customer's.
    pub fn twin_keys(&self) -> BTreeSet<TwinKey> {
        match (self.kind, self.status) {
            (Kind::Customer, Status::Pending | Status::Active | Status::Suspended | Status::Closed) => {
                twin_keys(self.email.as_ref(), &self.profile)
            }
            _ => BTreeSet::new(),
        }
    }
}

/// Why two records may be of the same customer; empty: nothing says so.
pub fn likeness(one: &Account, other: &Account) -> Vec<Because> {
    let (ours, theirs) = (one.twin_keys(), other.twin_keys());
    let because: BTreeSet<Because> = ours.intersection(&theirs).map(|key| key.because).collect();
    because.into_iter().collect()
}

/// Whether two states of a record have the same keys: told from the fields alone, because making keys costs more than all else that most edits do.
pub fn is_twinned_alike(before: &Account, after: &Account) -> bool {
    let of = |account: &Account| account.status == Status::Deleted;
    let (old, new) = (&before.profile, &after.profile);
    of(before) == of(after)
        && before.email == after.email
        && old.first_name == new.first_name
        && old.last_name == new.last_name
        && old.organization == new.organization
        && old.date_of_birth == new.date_of_birth
        && old.address.postal_code == new.address.postal_code
        && old.voice.number == new.voice.number
        && old.cell.phone.number == new.cell.phone.number
}

/// A name without case, accents and punctuation, its words in one order: `MÜLLER, Anna` and `Anna Muller` are the same.
fn name(text: &str) -> Option<String> {
    let folded = fold(text).replace(['.', '\'', '’'], "");
    let mut words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    (!words.is_empty()).then(|| words.join(" "))
}

fn letters_and_digits(text: &str) -> Option<String> {
    let kept: String = fold(text).chars().filter(|c| c.is_alphanumeric()).collect();
    (!kept.is_empty()).then_some(kept)
}

/// The mailbox that an address leads to, as far as that can be told from outside.
fn mailbox(email: &Email) -> String {
    let folded = email.folded();
    let Some((local, domain)) = folded.rsplit_once('@') else { return folded };
    // A tag is what stands behind a plus sign (RFC 5233); a plus sign at the beginning makes none.
    let local = local.split_once('+').map_or(local, |(before, _)| if before.is_empty() { local } else { before });
    match domain {
        // https://support.google.com/mail/answer/7436150: dots do not matter in these addresses, and both domains are one.
        "gmail.com" | "googlemail.com" => [&local.replace('.', ""), "@gmail.com"].concat(),
        _ => [local, "@", domain].concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Name, PhoneNumber, PostalCode};

    fn email(text: &str) -> String {
        mailbox(&Email::parse(text).unwrap())
    }

    #[test]
    fn variants_of_an_address_lead_to_one_mailbox() {
        for text in ["anna.muller@gmail.com", "AnnaMuller@googlemail.com", "anna.muller+shop@Gmail.com", "a.n.n.a.muller@gmail.com"] {
            assert_eq!(email(text), "annamuller@gmail.com");
        }
        assert_eq!(email("Anna+news@example.org"), email("anna@EXAMPLE.org"));
        assert_ne!(email("an.na@example.org"), email("anna@example.org"), "elsewhere a dot may matter");
        assert_eq!(email("+anna@example.org"), "+anna@example.org");
    }

    #[test]
    fn names_are_near() {
        for text in ["MÜLLER, Anna", "Anna  Muller", "anna müller"] {
            assert_eq!(name(text).unwrap(), "anna muller");
        }
        assert_eq!(name("A.B.C. Ltd"), name("ABC Ltd."));
        assert_eq!(name("O'Neill"), name("ONeill"));
        assert_eq!(name(" .,- "), None);
    }

    #[test]
    fn a_profile_has_a_key_for_each_thing_that_tells_it() {
        let mut profile = Profile::default();
        let because = |profile: &Profile| twin_keys(None, profile).iter().map(|key| key.because).collect::<Vec<_>>();
        assert_eq!(because(&profile), []);
        profile.voice.number = Some(PhoneNumber::parse("+27 (11) 447-6147").unwrap());
        profile.cell.phone.number = Some(PhoneNumber::parse("+27.114476147").unwrap());
        assert_eq!(because(&profile), [Because::Phone], "the same number twice is one key");
        profile.first_name = Some(Name::parse("Anna").unwrap());
        profile.address.postal_code = Some(PostalCode::parse("400 010").unwrap());
        assert_eq!(because(&profile), [Because::Phone], "a first name alone is many people's");
        profile.last_name = Some(Name::parse("Müller").unwrap());
        profile.organization = Some(Name::parse("ABC").unwrap());
        assert_eq!(because(&profile), [Because::Phone, Because::NameAndPostalCode, Because::NameAndPostalCode]);
        profile.voice.number = Some(PhoneNumber::parse("+27 11").unwrap());
        profile.cell.phone.number = None;
        profile.address.postal_code = None;
        assert_eq!(because(&profile), [], "a short number is many people's");
    }
}

//! Folding: the form in which texts are searched, so that every engine finds the same.

use serde_json::Value;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::account::{Account, Phone, Profile};

/// Words of a query beyond these are not looked at: each costs an index probe.
pub const QUERY_MAX_WORDS: usize = 8;
/// The longest query that is read, in characters.
pub const QUERY_MAX_CHARS: usize = 200;

/// Folds accents, case and width: `Ünal` and `unal` are the same.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.nfkd().filter(|character| !is_combining_mark(*character)).flat_map(char::to_lowercase) {
        match character {
            // Letters that no normal form takes apart, and that people type without.
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            'ø' => out.push('o'),
            'đ' => out.push('d'),
            'ł' => out.push('l'),
            'ı' => out.push('i'),
            // What stands in a stored text must not end its line in the search text.
            '\n' | '\r' => out.push(' '),
            other => out.push(other),
        }
    }
    out
}

/// The words of a query, folded. A word that looks like a phone number is taken as its digits.
pub fn words(query: &str) -> Vec<String> {
    let cut: String = query.chars().take(QUERY_MAX_CHARS).collect();
    let is_between = |c: char| c.is_whitespace() || c.is_control();
    fold(&cut)
        .split(is_between)
        .filter(|word| !word.is_empty())
        .take(QUERY_MAX_WORDS)
        .map(|word| phone_digits(word).unwrap_or_else(|| word.to_owned()))
        .collect()
}

/// The digits of a word that is written like a phone number.
fn phone_digits(word: &str) -> Option<String> {
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    let like_a_phone = word.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '.' | '-' | '(' | ')' | '/'));
    // A date or a range has few digits; a number that somebody dials has more.
    (like_a_phone && !digits.is_empty() && (word.starts_with('+') || digits.len() >= 6)).then_some(digits)
}

/// The digits of a word that is written like a phone number, where they differ from the word.
fn unwritten_digits(word: &str) -> Option<String> {
    phone_digits(word).filter(|digits| digits != word)
}

/// The text in which a record is searched: one line a field.
pub fn search_text(account: &Account) -> String {
    let mut lines = vec![account.id.to_string(), fold(name(account).join(" ").trim())];
    lines.extend(texts(account).map(fold));
    lines.extend(searchable(account).map(|value| value.as_str().map_or_else(|| value.to_string(), fold)));
    for number in phones(account).filter_map(|phone| phone.number.as_ref()) {
        let (digits, written) = (number.digits(), number.written_digits());
        // As it is dialled at home it is looked for, too.
        lines.extend((written != digits).then_some(written));
        lines.push(digits);
    }
    // A query's word that is written like a phone number is taken as its digits; so is what stands in ids and texts.
    let numbers: Vec<String> = lines.iter().flat_map(|line| line.split(' ')).filter_map(unwritten_digits).collect();
    lines.extend(numbers);
    lines.retain(|line| !line.is_empty());
    lines.join("\n")
}

/// The name by which accounts are put in order: the one under which they are shown, folded.
pub fn name_folded(profile: &Profile) -> String {
    fold(profile.display_name().trim())
}

/// Whether two states of an account have the same folded name: told from the fields alone.
pub fn is_named_alike(before: &Account, after: &Account) -> bool {
    before.profile.display_name() == after.profile.display_name()
}

/// Whether two states of an account have the same search text: told from the fields alone, because folding them costs more than all else that an
/// edit does.
pub fn is_searched_alike(before: &Account, after: &Account) -> bool {
    name(before) == name(after)
        && texts(before).eq(texts(after))
        && searchable(before).eq(searchable(after))
        && phones(before).eq(phones(after))
}

/// First and last name, which share a line.
fn name(account: &Account) -> [&str; 2] {
    let Profile { first_name, last_name, .. } = &account.profile;
    [first_name, last_name].map(|part| part.as_ref().map_or("", |name| name.as_str()))
}

/// The texts that stand on a line each.
fn texts(account: &Account) -> impl Iterator<Item = &str> {
    let Profile { organization, address, .. } = &account.profile;
    let organization = organization.iter().map(|name| name.as_str());
    let email = account.email.iter().map(|email| email.as_str());
    let external_id = account.external_id.iter().map(|id| id.as_str());
    let street = address.street.iter().map(|line| line.as_str());
    let city = address.city.iter().map(|city| city.as_str());
    let postal_code = address.postal_code.iter().map(|code| code.as_str());
    let tags = account.profile.tags.iter().map(|tag| tag.as_str());
    let contacts =
        account.profile.contacts.iter().flat_map(|contact| contact.names().chain(contact.email.iter().map(|email| email.as_str())));
    organization.chain(email).chain(external_id).chain(street).chain(city).chain(postal_code).chain(tags).chain(contacts)
}

/// Custom fields that are searched.
fn searchable(account: &Account) -> impl Iterator<Item = &Value> {
    account.profile.custom_fields.values().filter(|custom| custom.searchable).map(|custom| &custom.value)
}

fn phones(account: &Account) -> impl Iterator<Item = &Phone> {
    let Profile { voice, cell, fax, contacts, .. } = &account.profile;
    [voice, &cell.phone, fax].into_iter().chain(contacts.iter().map(|contact| &contact.voice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding() {
        assert_eq!(fold("ÜNAL Straße Łódź ﬁ Ａ"), "unal strasse lodz fi a");
        assert_eq!(words("+ a\0b"), ["+", "a", "b"]);
        assert_eq!(words("  Abc   +91.255-4254  10-12 0114476147 "), ["abc", "912554254", "10-12", "0114476147"]);
    }
}

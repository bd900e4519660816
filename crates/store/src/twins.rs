//! How what twins have in common is kept: as a digest, so that no name and no number of anybody stands in a key, nor in the cursors that are made of them.

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};
use tenantry_domain::twin::{Because, TwinKey, is_twinned_alike, twin_keys};
use tenantry_domain::value::Email;
use tenantry_domain::{Account, AccountId, Status, TenantId};

use crate::row::Row;
use crate::{Reach, StoreFault};

/// Octets of the digest that are kept: enough that no two values meet by chance, and nobody gains by making them.
const KEPT_OCTETS: usize = 15;

/// A place in the order of groups: behind it goes the next page on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwinPlace {
    /// The tenant.
    pub tenant_id: TenantId,
    /// What the group has in common, as it is kept.
    pub key: String,
}

/// Which groups of likely twins to list.
#[derive(Debug, Clone)]
pub struct TwinQuery {
    /// How far to look.
    pub reach: Reach,
    /// Only accounts somewhere below this one; `None`: all in reach.
    pub below: Option<AccountId>,
    /// Only groups behind this place.
    pub after: Option<TwinPlace>,
    /// How many groups to give.
    pub limit: u64,
}

/// Accounts that have one thing in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwinGroup {
    /// Where it stands.
    pub place: TwinPlace,
    /// Why they may be the same.
    pub because: Because,
    /// The accounts, in rising order.
    pub ids: Vec<AccountId>,
}

/// A key as it is kept.
pub(crate) fn stored(key: &TwinKey) -> String {
    let digest = digest(&SHA256, key.value().as_bytes());
    let mut text = String::from(letter(key.because));
    for octet in &digest.as_ref()[..KEPT_OCTETS] {
        for half in [octet >> 4, octet & 15] {
            text.extend(char::from_digit(half.into(), 16));
        }
    }
    text
}

/// What a kept key begins with.
const fn letter(because: Because) -> char {
    match because {
        Because::Phone => 'p',
        Because::Email => 'e',
        Because::NameAndPostalCode => 'c',
        Because::NameAndDateOfBirth => 'd',
    }
}

/// The keys that an account no longer has, and those that it has now and had not.
pub(crate) fn changed(before: Option<&Account>, after: &Account) -> (Vec<String>, Vec<String>) {
    if before.is_some_and(|before| is_twinned_alike(before, after)) {
        return (Vec::new(), Vec::new());
    }
    let (old, new): (BTreeSet<TwinKey>, _) = (before.map(Account::twin_keys).unwrap_or_default(), after.twin_keys());
    let kept = |keys: &mut dyn Iterator<Item = &TwinKey>| keys.map(stored).collect();
    (kept(&mut old.difference(&new)), kept(&mut new.difference(&old)))
}

/// The keys of a customer that was there before keys were kept, from its columns. A row that cannot be read fails whoever asks for it, and is named then; it must
/// not keep all others from being brought along.
pub(crate) fn of_columns(id: i64, status: &str, email: Option<String>, profile: &str) -> Vec<String> {
    let Ok(profile) = serde_json::from_str(profile) else {
        tracing::warn!(id, "table account, column profile: this row cannot be read; no twin of it will be found");
        return Vec::new();
    };
    if status == Status::Deleted.as_str() {
        return Vec::new();
    }
    let email = email.and_then(|email| Email::parse(email).ok());
    twin_keys(email.as_ref(), &profile).iter().map(stored).collect()
}

/// A group from a row of tenant, key, and ids between commas.
pub(crate) fn group(row: &impl Row) -> Result<TwinGroup, StoreFault> {
    let corrupt = |cause: String| StoreFault::Corrupt(format!("twin_key: {cause}"));
    let number = |number: i64| AccountId::try_from(number).map_err(|error| corrupt(error.to_string()));
    let text = |index| row.text(index).map_err(corrupt)?.ok_or_else(|| corrupt("this is null".to_owned()));
    let (key, ids) = (text(1)?.to_owned(), text(2)?);
    let because = Because::ALL.into_iter().find(|because| key.starts_with(letter(*because)));
    let mut ids: Vec<AccountId> = ids.split(',').filter_map(AccountId::parse).collect();
    ids.sort_unstable();
    Ok(TwinGroup {
        because: because.ok_or_else(|| corrupt(format!("{key:?} is no key")))?,
        place: TwinPlace { tenant_id: TenantId::of(number(row.int(0).map_err(corrupt)?.unwrap_or(-1))?), key },
        ids,
    })
}

#[cfg(test)]
mod tests {
    use tenantry_domain::account::Profile;
    use tenantry_domain::value::PhoneNumber;

    use super::*;

    #[test]
    fn a_kept_key_says_why_and_not_what() {
        let mut profile = Profile::default();
        profile.voice.number = Some(PhoneNumber::parse("+27.114476147").unwrap());
        let keys: Vec<String> = twin_keys(Some(&Email::parse("a@example.org").unwrap()), &profile).iter().map(stored).collect();
        assert_eq!(keys, ["p5add69150af9ba17ff36e61f633d7e", "ee16bfe08be114c7b3737aa01ce504e"]);
    }
}

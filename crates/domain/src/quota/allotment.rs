//! What an account has of each channel: a package at most, and a balance.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::QUOTA_MAX;
use crate::package::{PackageId, PackageRef};
use crate::patch::Patch;
use crate::refusal::Invalid;

/// A way of sending messages that is sold by the package and by the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Channel {
    Email,
    Sms,
    Transactions,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 3] = [Self::Email, Self::Sms, Self::Transactions];

    /// The word that stands for it in columns, events and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
            Self::Transactions => "transactions",
        }
    }

    /// The channel that a word stands for.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == word)
    }

    /// The name of the field that holds an account's package of this channel.
    pub const fn package_field(self) -> &'static str {
        match self {
            Self::Email => "email_package_id",
            Self::Sms => "sms_package_id",
            Self::Transactions => "transactions_package_id",
        }
    }

    /// The name of the field that holds an account's balance of this channel.
    pub const fn quota_field(self) -> &'static str {
        match self {
            Self::Email => "email_quota",
            Self::Sms => "sms_quota",
            Self::Transactions => "transactions_quota",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A number of units, 0 to 2,147,483,647: a prepaid balance, or what a package includes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Quota(u32);

impl Quota {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The number.
    pub fn get(self) -> i64 {
        self.0.into()
    }
}

impl TryFrom<i64> for Quota {
    type Error = Invalid;

    fn try_from(number: i64) -> Result<Self, Invalid> {
        match u32::try_from(number) {
            Ok(number) if number <= QUOTA_MAX => Ok(Self(number)),
            _ => Err(Invalid::new(format!("a quota is a whole number from 0 to {QUOTA_MAX}"))),
        }
    }
}

impl From<Quota> for i64 {
    fn from(quota: Quota) -> Self {
        quota.get()
    }
}

/// What an account has of one channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Allotment {
    /// Its package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package_id: Option<PackageId>,
    /// Its prepaid balance: the sum of its ledger.
    #[serde(skip_serializing_if = "is_zero")]
    pub quota: Quota,
}

impl Allotment {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn is_zero(quota: &Quota) -> bool {
    *quota == Quota::ZERO
}

/// What an account has of every channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names are those of the channels")]
pub struct Allotments {
    #[serde(skip_serializing_if = "Allotment::is_empty")]
    pub email: Allotment,
    #[serde(skip_serializing_if = "Allotment::is_empty")]
    pub sms: Allotment,
    #[serde(skip_serializing_if = "Allotment::is_empty")]
    pub transactions: Allotment,
}

impl Allotments {
    /// What it has of a channel.
    pub const fn of(&self, channel: Channel) -> &Allotment {
        match channel {
            Channel::Email => &self.email,
            Channel::Sms => &self.sms,
            Channel::Transactions => &self.transactions,
        }
    }

    /// What it has of a channel, to be changed.
    pub const fn of_mut(&mut self, channel: Channel) -> &mut Allotment {
        match channel {
            Channel::Email => &mut self.email,
            Channel::Sms => &mut self.sms,
            Channel::Transactions => &mut self.transactions,
        }
    }

    /// Takes away the packages that are not such.
    pub(crate) fn keep_packages(&mut self, is_such: impl Fn(PackageId) -> bool) {
        for channel in Channel::ALL {
            let package_id = &mut self.of_mut(channel).package_id;
            *package_id = package_id.filter(|id| is_such(*id));
        }
    }

    /// The packages that it has.
    pub fn package_ids(&self) -> impl Iterator<Item = PackageId> {
        [self.email.package_id, self.sms.package_id, self.transactions.package_id].into_iter().flatten()
    }
}

/// What an edit says of one channel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AllotmentPatch {
    /// The package.
    pub package: Patch<PackageRef>,
    /// The balance to set.
    pub quota: Option<Quota>,
}

/// What an edit says of every channel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the names are those of the channels")]
pub struct AllotmentsPatch {
    pub email: AllotmentPatch,
    pub sms: AllotmentPatch,
    pub transactions: AllotmentPatch,
}

impl AllotmentsPatch {
    /// What it says of a channel.
    pub const fn of(&self, channel: Channel) -> &AllotmentPatch {
        match channel {
            Channel::Email => &self.email,
            Channel::Sms => &self.sms,
            Channel::Transactions => &self.transactions,
        }
    }

    /// What it says of a channel, to be filled in.
    pub const fn of_mut(&mut self, channel: Channel) -> &mut AllotmentPatch {
        match channel {
            Channel::Email => &mut self.email,
            Channel::Sms => &mut self.sms,
            Channel::Transactions => &mut self.transactions,
        }
    }

    /// The packages that it names.
    pub fn package_refs(&self) -> impl Iterator<Item = &PackageRef> {
        Channel::ALL.into_iter().filter_map(|channel| self.of(channel).package.value())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_fits_the_integers_of_older_clients() {
        for number in [0, 10, 2_147_483_647] {
            assert_eq!(Quota::try_from(number).unwrap().get(), number);
        }
        for number in [-1, 2_147_483_648, i64::MAX, i64::MIN] {
            assert!(Quota::try_from(number).is_err(), "{number}");
        }
    }

    #[test]
    fn what_an_account_does_not_have_takes_no_room() {
        assert_eq!(serde_json::to_string(&Allotments::default()).unwrap(), "{}");
        let text = r#"{"sms":{"package_id":3,"quota":7}}"#;
        let allotments: Allotments = serde_json::from_str(text).unwrap();
        assert_eq!((allotments.sms.quota.get(), serde_json::to_string(&allotments).unwrap().as_str()), (7, text));
    }
}

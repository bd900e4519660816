//! Contacts: whom to turn to at a customer, and for what (the roles of RFC 5732 and RFC 5731, and those of billing systems).

use serde::{Deserialize, Serialize};

use super::Phone;
use crate::refusal::Invalid;
use crate::value::{Email, Name};

/// What a contact is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum ContactRole {
    Administrative,
    Technical,
    Billing,
    Abuse,
    Legal,
}

impl ContactRole {
    /// Every role.
    pub const ALL: [Self; 5] = [Self::Administrative, Self::Technical, Self::Billing, Self::Abuse, Self::Legal];

    /// The word that stands for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Administrative => "administrative",
            Self::Technical => "technical",
            Self::Billing => "billing",
            Self::Abuse => "abuse",
            Self::Legal => "legal",
        }
    }
}

/// Somebody to turn to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "the names are those of the domain's vocabulary; the types carry the rules")]
pub struct Contact {
    pub roles: Vec<ContactRole>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_name: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_name: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organization: Option<Name>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    pub voice: Phone,
}

impl Contact {
    /// The contact, with each of its roles once.
    ///
    /// # Errors
    /// It has no role, or there is nothing by which to turn to anybody.
    pub fn checked(mut self) -> Result<Self, Invalid> {
        self.roles = ContactRole::ALL.into_iter().filter(|role| self.roles.contains(role)).collect();
        let words = ContactRole::ALL.map(ContactRole::as_str).join(", ");
        if self.roles.is_empty() {
            return Err(Invalid::required(format!("a contact has at least one role: {words}")));
        }
        let named = [&self.first_name, &self.last_name, &self.organization].into_iter().any(Option::is_some);
        if !named && self.email.is_none() && self.voice.number.is_none() {
            return Err(Invalid::required("a contact has a name, an email or a phone"));
        }
        Ok(self)
    }

    /// The names, in the order in which they are written.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        [&self.first_name, &self.last_name, &self.organization].into_iter().flatten().map(|name| name.as_str())
    }
}

//! Values: one file each. A value is parsed once, at the door, and is right from then on; its rule and its message stand in its file.
//! What a person gave is kept as given beside the normal form; nothing here knows where a value came from.

mod account_hash;
mod country;
mod currency;
mod date_of_birth;
mod email;
mod host_name;
mod industry;
mod network;
mod phone;
mod postal_code;
mod secret;
mod social;
mod tag;
mod text;
mod time;
mod website_url;

pub use account_hash::AccountHash;
pub use country::Country;
pub use currency::Currency;
pub use date_of_birth::DateOfBirth;
pub use email::Email;
pub use host_name::HostName;
pub use industry::{INDUSTRIES, Industry};
pub use network::{Network, lets_in};
pub use phone::{PhoneCountryId, PhoneNumber};
pub use postal_code::PostalCode;
pub use secret::{CallInPin, Password, PasswordHash, PinDigest};
pub use social::Social;
pub use tag::Tag;
pub use text::{ClaimedAddress, DeviceType, Extension, ExternalId, Label, Name, PhoneNumberType, Reason, Title};
pub(crate) use text::{Text, Through, through_text};
pub use time::Timestamp;
pub use website_url::WebsiteUrl;

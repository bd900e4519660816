//! Lists customers below the caller.

use tenantry_domain::package::PackageId;
use tenantry_domain::quota::Channel;
use tenantry_domain::refusal::quoted;
use tenantry_domain::value::Email;
use tenantry_domain::{Account, AccountId, Fault, Invalid, Refusal, Status};
use tenantry_service::{AccountOrder, ListRequest, ProfileField, Request};

use crate::Face;
use crate::paging::{self, Page};
use crate::properties::{TOLD_MAX, words};

/// What to list.
#[derive(Default)]
pub(crate) struct Asked {
    page: Page,
    list: ListRequest,
    faults: Vec<Fault>,
}

/// A page.
pub(crate) struct Listed {
    pub(crate) page: Page,
    pub(crate) total: u64,
    pub(crate) accounts: Vec<std::sync::Arc<Account>>,
}

/// Properties that a list can be narrowed by.
const FILTERS: [&str; 17] = [
    "id",
    "name",
    "email",
    "unique_id",
    "status",
    "deleted",
    "email_package_id",
    "sms_package_id",
    "transactions_package_id",
    "state_provinces",
    "postal_code",
    "telephone",
    "fax",
    "website_url",
    "country",
    "country_code",
    "industry",
];

/// Properties that are shown, and that no list is narrowed by.
const NO_FILTERS: [&str; 7] = ["enterprise_id", "hash", "email_quota", "sms_quota", "transactions_quota", "address", "is_department"];

impl paging::Asked for Asked {
    fn part(&mut self, name: &str, value: &str) -> bool {
        let read = match name {
            "page" => paging::page(value).map(|page| self.page.page = page),
            "count" => paging::count(value).map(|count| self.page.count = count),
            "order" => order(value).map(|order| self.list.order = order),
            "direction" => paging::direction(value).map(|falls| self.list.descending = falls),
            _ => return false,
        };
        self.faults.extend(read.err().map(|invalid| invalid.at(name)));
        true
    }

    fn is_filter(name: &str) -> bool {
        FILTERS.contains(&name) || NO_FILTERS.contains(&name)
    }

    fn filter(&mut self, name: &str, value: String) {
        let known = FILTERS.into_iter().find(|filter| *filter == name);
        let Some(known) = known else {
            let message = format!("{} is nothing to filter by; there are {}", quoted(name), FILTERS.join(", "));
            // The name is the client's, and may be long: the message has it cut.
            return self.fault(Invalid::new(message).at("filter"));
        };
        if value.is_empty() {
            return;
        }
        if let Err(invalid) = self.narrow(known, value) {
            self.faults.push(invalid.at(known));
        }
    }

    fn fault(&mut self, fault: Fault) {
        if self.faults.len() < TOLD_MAX {
            self.faults.push(fault);
        }
    }

    fn page(&self) -> Page {
        self.page
    }
}

impl Asked {
    fn narrow(&mut self, name: &'static str, value: String) -> Result<(), Invalid> {
        let list = &mut self.list;
        let field = match name {
            "id" => {
                let id = AccountId::parse(&value).ok_or_else(|| Invalid::new(format!("{} is not an id", quoted(&value))))?;
                list.id = Some(id);
                return Ok(());
            }
            "name" => return set(&mut list.name, value),
            "email" => return Email::parse(value).map(|email| list.email = Some(email)),
            "unique_id" => return set(&mut list.external_id, value),
            "status" => {
                let statuses = words::statuses(&value)?;
                return self.among(statuses);
            }
            "deleted" => {
                let deleted = words::yes_or_no(&value)?;
                let statuses = Status::ALL.into_iter().filter(|status| (*status == Status::Deleted) == deleted).collect();
                return self.among(statuses);
            }
            "state_provinces" => ProfileField::StateProvince,
            "postal_code" => ProfileField::PostalCode,
            "telephone" => ProfileField::Voice,
            "fax" => ProfileField::Fax,
            "website_url" => ProfileField::WebsiteUrl,
            "country" | "country_code" => ProfileField::CountryCode,
            "industry" => ProfileField::Industry,
            _ => {
                let Some(channel) = Channel::ALL.into_iter().find(|channel| channel.package_field() == name) else { return Ok(()) };
                let id = match value.as_str() {
                    "0" => None,
                    text => Some(PackageId::parse(text).ok_or_else(|| Invalid::new(format!("{} is not a package's id", quoted(text))))?),
                };
                list.packages.push((channel, id));
                return Ok(());
            }
        };
        list.profile.push((field, value));
        Ok(())
    }

    /// Only these statuses, of those that were asked for before.
    fn among(&mut self, statuses: Vec<Status>) -> Result<(), Invalid> {
        if self.list.statuses.is_empty() {
            self.list.statuses = statuses;
            return Ok(());
        }
        self.list.statuses.retain(|status| statuses.contains(status));
        if self.list.statuses.is_empty() { Err(Invalid::new("no customer can have this status and be so deleted")) } else { Ok(()) }
    }
}

fn set(field: &mut Option<String>, value: String) -> Result<(), Invalid> {
    *field = Some(value);
    Ok(())
}

/// What a list is put in order by.
fn order(text: &str) -> Result<AccountOrder, Invalid> {
    match text.to_ascii_lowercase().as_str() {
        // Ids are given in rising order, so that the order of making is theirs.
        "" | "id" | "created_at" => Ok(AccountOrder::Id),
        "name" => Ok(AccountOrder::Name),
        "email" => Ok(AccountOrder::Email),
        _ => Err(Invalid::new(format!("{} is no order; there are id, name, email and created_at", quoted(text)))),
    }
}

pub(crate) async fn list(face: &Face, request: &Request, asked: Asked) -> Result<Listed, Refusal> {
    let Asked { page, list, faults } = asked;
    if !faults.is_empty() {
        return Err(paging::faulty(faults));
    }
    let list = ListRequest { customers_only: !request.principal.is_customer(), skip: page.skip(), limit: page.count, ..list };
    let listed = face.service.list(&request.principal, list).await?;
    Ok(Listed { page, total: listed.total, accounts: listed.accounts })
}

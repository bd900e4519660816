//! `GET /v1/customers/{id}/export`: everything that is kept of one customer, in one document: for who asks what is known of them (GDPR, article 15).

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::Serialize;
use tenantry_domain::quota::Channel;
use tenantry_domain::{AccountId, Code, Refusal};
use utoipa::ToSchema;

use super::Customer;
use super::events::ShownEvent;
use super::quotas::ShownEntry;
use crate::call::Call;
use crate::keys::ShownKey;
use crate::packages::ShownPackage;
use crate::{Face, answer};

/// Events, and lines of a ledger, that are read at a time.
const PAGE: u32 = 200;
/// Events, and lines of each ledger, that one document has: a few megabytes. Those beyond are in the lists of events and ledgers.
const MOST: usize = 10_000;

/// Everything that is kept of a customer, without secrets.
#[derive(Serialize, ToSchema)]
pub(crate) struct Subject<'a> {
    /// The record.
    customer: Customer<'a>,
    /// Its history, the newest event first.
    events: Vec<ShownEvent<'a>>,
    /// The keys that act for it, without what can prove them.
    keys: Vec<ShownKey<'a>>,
    /// The packages that it has.
    packages: Vec<ShownPackage<'a>>,
    /// Every move of its balances, by channel, the newest first.
    ledgers: Vec<Ledger<'a>>,
    /// Whether there are more events or moves than this document has: the lists of those have them.
    truncated: bool,
}

/// The moves of one balance.
#[derive(Serialize, ToSchema)]
struct Ledger<'a> {
    /// Of what.
    #[schema(pattern = "^(email|sms|transactions)$")]
    channel: &'static str,
    /// The moves.
    entries: Vec<ShownEntry<'a>>,
}

pub(crate) async fn handler(face: &Face, call: &Call, id: AccountId) -> Result<Response, Refusal> {
    let (service, principal) = (&face.service, &call.request.principal);
    if principal.is_customer() {
        return Err(Refusal::new(Code::Forbidden, "This document has a history, which is for the provider above the customer"));
    }
    let account = service.get(principal, id).await?;
    let (mut events, mut from) = (Vec::new(), None);
    loop {
        let list = service.history(principal, id, from, PAGE as usize).await?;
        events.extend(list.events);
        from = list.next;
        if from.is_none() || events.len() >= MOST {
            break;
        }
    }
    let mut truncated = from.is_some();
    let mut ledgers = Vec::new();
    for channel in Channel::ALL {
        let mut entries: Vec<tenantry_domain::quota::QuotaEntry> = Vec::new();
        loop {
            let before = entries.last().map(|entry| entry.version);
            let page = service.ledger(principal, id, channel, before, PAGE).await?;
            let is_last = page.len() < PAGE as usize;
            entries.extend(page);
            if is_last || entries.len() >= MOST {
                truncated |= !is_last;
                break;
            }
        }
        ledgers.push((channel, entries));
    }
    let keys = service.keys_of(principal, id).await?;
    let mut packages = Vec::new();
    for package_id in account.allotments.package_ids() {
        match service.package(principal, package_id).await {
            Ok(package) => packages.push(package),
            // Its provider has deleted it meanwhile.
            Err(refusal) if refusal.code == Code::NotFound => {}
            Err(refusal) => return Err(refusal),
        }
    }
    let now = service.now();
    let subject = Subject {
        customer: Customer::of(&account),
        events: events.iter().map(ShownEvent::of).collect(),
        keys: keys.iter().map(|key| ShownKey::of(key, now)).collect(),
        packages: packages.iter().map(ShownPackage::of).collect(),
        ledgers: ledgers
            .iter()
            .map(|(channel, entries)| Ledger { channel: channel.as_str(), entries: entries.iter().map(ShownEntry::of).collect() })
            .collect(),
        truncated,
    };
    let mut response = answer::json(StatusCode::OK, &subject);
    response.headers_mut().insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"customer.json\""));
    Ok(response)
}

//! `/v1/customers/{id}/quotas`: prepaid balances, their moves and their ledgers.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use tenantry_domain::quota::movement::MoveQuota;
use tenantry_domain::quota::{Channel, MovementKind, QuotaEntry};
use tenantry_domain::{Account, AccountId, Refusal};
use utoipa::ToSchema;

use crate::answer::{Form, Written};
use crate::body::{Mode, Reader, members, quota};
use crate::call::Call;
use crate::cursor::{self, List};
use crate::query::Paged;
use crate::{Face, answer};

/// What a customer has of every channel.
#[derive(Serialize, ToSchema)]
pub(crate) struct Quotas {
    /// By channel.
    quotas: Vec<ShownQuota>,
}

/// What a customer has of one channel.
#[derive(Serialize, ToSchema)]
#[schema(as = Quota)]
pub(crate) struct ShownQuota {
    /// Of what.
    #[schema(pattern = "^(email|sms|transactions)$")]
    channel: &'static str,
    /// The units that are left: the sum of the ledger.
    #[schema(minimum = 0)]
    balance: i64,
    /// The package.
    package_id: Option<i64>,
}

impl ShownQuota {
    fn of(account: &Account, channel: Channel) -> Self {
        let allotment = account.allotments.of(channel);
        Self { channel: channel.as_str(), balance: allotment.quota.get(), package_id: allotment.package_id.map(|id| id.get()) }
    }
}

/// A page of a ledger, the newest line first.
#[derive(Serialize, ToSchema)]
pub(crate) struct QuotaEntries<'a> {
    /// The lines.
    entries: Vec<ShownEntry<'a>>,
    /// Where the next page begins: send it as `cursor`. Null on the last page.
    next_cursor: Option<String>,
}

/// One move of a balance.
#[derive(Serialize, ToSchema)]
#[schema(as = QuotaEntry)]
pub(crate) struct ShownEntry<'a> {
    /// When.
    #[schema(format = "date-time")]
    at: String,
    /// What kind of move it was.
    #[schema(pattern = "^(grant|consume|set)$")]
    kind: &'static str,
    /// The units that were added; negative where they were taken away.
    amount: i64,
    /// The balance after it.
    balance: i64,
    /// Why.
    reason: &'a str,
    /// The caller's own name of the move.
    idempotency_key: Option<&'a str>,
    /// The customer's version after it.
    version: i64,
}

/// Shows the balances.
pub(crate) async fn list(face: &Face, call: &Call, id: AccountId) -> Result<Response, Refusal> {
    let account = face.service.get(&call.request.principal, id).await?;
    let quotas = Channel::ALL.into_iter().map(|channel| ShownQuota::of(&account, channel)).collect();
    Ok(answer::json(StatusCode::OK, &Quotas { quotas }))
}

/// Moves a balance.
pub(crate) async fn change(face: &Face, call: &Call, id: AccountId, channel: &str, kind: MovementKind) -> Result<Response, Refusal> {
    let channel = Channel::parse(channel).ok_or_else(Refusal::not_found)?;
    let body = quota::quota(Reader::new(Mode::Create, face.service.now(), members(&call.body)?))?;
    let movement =
        MoveQuota { account_id: id, channel, kind, units: body.units, reason: body.reason, idempotency_key: body.idempotency_key };
    let form = Form::new(move |outcome| Written::json(StatusCode::OK, &ShownQuota::of(&outcome.account, channel)).tagged(&outcome.account));
    let moved = face.service.move_quota(movement, &form.kept(call)).await.map_err(|refusal| of_units(refusal, channel))?;
    form.answer(&moved)
}

/// A refusal that names the field as it stands in the body.
fn of_units(mut refusal: Refusal, channel: Channel) -> Refusal {
    for fault in refusal.faults.iter_mut().filter(|fault| fault.field == channel.quota_field()) {
        fault.field = "units".into();
    }
    refusal
}

/// Shows a page of a ledger.
pub(crate) async fn entries(face: &Face, call: &Call, id: AccountId, channel: &str) -> Result<Response, Refusal> {
    let channel = Channel::parse(channel).ok_or_else(Refusal::not_found)?;
    let paged = Paged::read(List::Ledger, &call.query)?;
    // One more than the page: whether there is a next one.
    let wanted = u32::try_from(paged.limit + 1).unwrap_or(u32::MAX);
    let mut entries = face.service.ledger(&call.request.principal, id, channel, paged.from, wanted).await?;
    let goes_on = entries.len() > paged.size();
    entries.truncate(paged.size());
    let next_cursor = entries.last().filter(|_| goes_on).map(|last| cursor::mark(List::Ledger, last.version));
    Ok(answer::json(StatusCode::OK, &QuotaEntries { entries: entries.iter().map(ShownEntry::of).collect(), next_cursor }))
}

impl<'a> ShownEntry<'a> {
    pub(crate) fn of(entry: &'a QuotaEntry) -> Self {
        Self {
            at: entry.at.to_string(),
            kind: entry.kind.as_str(),
            amount: entry.amount,
            balance: entry.balance.get(),
            reason: entry.reason.as_str(),
            idempotency_key: entry.idempotency_key.as_ref().map(|key| key.as_str()),
            version: entry.version,
        }
    }
}

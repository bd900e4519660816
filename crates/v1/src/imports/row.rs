//! Taking a row in: it adds a customer, or changes the one that it names.

use serde_json::Value;
use tenantry_domain::account::add::AddAccount;
use tenantry_domain::account::edit::EditAccount;
use tenantry_domain::account::hold::HoldOwner;
use tenantry_domain::account::{Goal, Kind};
use tenantry_domain::refusal::quoted;
use tenantry_domain::twin::OnDuplicate;
use tenantry_domain::value::PasswordHash;
use tenantry_domain::{AccountId, Code, Command, Fault, Outcome, Refusal};
use tenantry_exchange::Row;
use tenantry_http::json::Tree;

use super::{Match, OnExisting, Wanted};
use crate::Face;
use crate::body::customer::{CustomerBody, customer};
use crate::body::{Mode, Reader};
use crate::call::Call;

/// What a row came to.
pub(super) enum Came {
    /// A customer was made, or would be.
    Created(Outcome),
    /// One that was there is as the row has it.
    Edited(Outcome),
    /// One was there, and stays as it is.
    Skipped,
    /// Nothing was taken of it.
    Faulty(Vec<Fault>),
}

/// What a row says, read.
struct Said {
    body: CustomerBody,
    hash: Option<PasswordHash>,
    /// What a new customer is to be; a fault where none can be made so.
    goal: Result<Option<Goal>, Fault>,
}

/// The value by which a row names its customer: rows of the same one are taken one after the other.
pub(super) fn key(row: &Row, by: Match) -> Option<String> {
    let text = |name: &str| row.members.get(name).and_then(Value::as_str).map(str::to_lowercase);
    match by {
        Match::Id => row.id.clone(),
        Match::ExternalId => text("external_id"),
        Match::Email => text("email"),
        Match::Either => text("external_id").map(|id| ["x", &id].concat()).or_else(|| text("email").map(|email| ["m", &email].concat())),
    }
}

/// Whether a password has to be hashed for it, which takes its time.
pub(super) fn hashes(row: &Row) -> bool {
    row.members.contains_key("password")
}

/// Takes a row in.
///
/// # Errors
/// What no row is to blame for: the import ends there.
pub(super) async fn take(face: &Face, call: &Call, wanted: &Wanted, row: Row) -> Result<Came, Refusal> {
    let own_id = row.id.clone();
    let said = match read(face, wanted, row) {
        Ok(said) => said,
        Err(faults) => return Ok(Came::Faulty(faults)),
    };
    let came = if wanted.by == Match::Id {
        // Never made: an id of another installation would be given to somebody else.
        match own_id.as_deref().and_then(AccountId::parse) {
            Some(id) => edit(face, call, wanted, said, id).await,
            None => Err(Fault::new("id", Code::Required, "send the id that the customer has here").into()),
        }
    } else {
        upsert(face, call, wanted, said).await
    };
    match came {
        Err(refusal) => of_row(face, call, refusal).await,
        came => came,
    }
}

/// Refusals that are a row's own fault.
async fn of_row(face: &Face, call: &Call, refusal: Refusal) -> Result<Came, Refusal> {
    let ends =
        matches!(refusal.code, Code::Unavailable | Code::OutcomeUnknown | Code::Internal | Code::TooManyRequests | Code::Unauthenticated);
    if ends {
        return Err(refusal);
    }
    let refusal = face.service.hide(refusal, &call.request.principal).await;
    if refusal.faults.is_empty() {
        return Ok(Came::Faulty(vec![Fault::new("", refusal.code, refusal.message)]));
    }
    Ok(Came::Faulty(refusal.faults))
}

/// Reads what a row says.
fn read(face: &Face, wanted: &Wanted, row: Row) -> Result<Said, Vec<Fault>> {
    let mut faults: Vec<Fault> = row.faults.into_iter().map(|(column, message)| Fault::new(column, Code::Malformed, message)).collect();
    let unread = !faults.is_empty();
    let typed = |(name, value): (String, Value)| {
        let value = typed(wanted, &name, value);
        (name, tree(value))
    };
    let members = row.members.into_iter().map(typed).collect();
    let mut body = customer(Reader::new(Mode::Create, face.service.now(), members));
    faults.append(&mut body.faults);
    let hash = row.password_hash.and_then(|hash| match PasswordHash::parse(hash) {
        Ok(hash) => Some(hash),
        Err(invalid) => {
            faults.push(invalid.at("password_hash"));
            None
        }
    });
    if hash.is_some() && body.password.is_some() {
        faults.push(Fault::new("password_hash", Code::Invalid, "send a password or its hash"));
    }
    let goal = match row.status.as_deref() {
        None => Ok(None),
        Some("deleted") => {
            faults.push(Fault::new("status", Code::Invalid, "a deleted customer is not imported; leave the row out"));
            Ok(None)
        }
        Some(word) => goal(word),
    };
    // Whoever sent one that cannot be read is told of that.
    let told = unread || faults.iter().any(|fault| fault.field == "external_id" || fault.field == "email");
    faults.extend(unnamed(&body, wanted).filter(|_| !told));
    if faults.is_empty() { Ok(Said { body, hash, goal }) } else { Err(faults) }
}

/// A row that names nobody would add somebody each time the file is sent.
fn unnamed(body: &CustomerBody, wanted: &Wanted) -> Option<Fault> {
    let (external_id, email) = (body.external_id.value().is_some(), body.email.value().is_some());
    let (field, message) = match wanted.by {
        Match::ExternalId if !external_id => ("external_id", "a row is known again by its external_id; send one"),
        Match::Email if !email => ("email", "a row is known again by its email; send one"),
        Match::Either if !external_id && !email => ("external_id", "a row is known again by its external_id or email; send one of them"),
        Match::Id | Match::ExternalId | Match::Email | Match::Either => return None,
    };
    Some(Fault::new(field, Code::Required, message))
}

/// What a new customer is to be. One that is there keeps its status: an import puts nobody out of service or back into it.
fn goal(word: &str) -> Result<Option<Goal>, Fault> {
    match word {
        "active" => Ok(Some(Goal::Active)),
        "pending" => Ok(Some(Goal::Inactive(HoldOwner::Provider))),
        // A suspension has an owner, and mostly a reason and an end.
        "suspended" => Err(Fault::new("status", Code::Invalid, "no customer is made suspended: import it as active, and suspend it then")),
        "closed" => Ok(Some(Goal::Ended)),
        _ => Err(Fault::new("status", Code::Invalid, format!("{} is none of pending, active, closed", quoted(word)))),
    }
}

/// Adds a customer, or changes the one that has what the row is known by.
async fn upsert(face: &Face, call: &Call, wanted: &Wanted, said: Said) -> Result<Came, Refusal> {
    let refusal = match add(face, call, wanted, &said).await {
        Ok(outcome) => return Ok(Came::Created(outcome)),
        Err(refusal) => refusal,
    };
    let by = match wanted.by {
        Match::Either if said.body.external_id.value().is_some() => "external_id",
        Match::Either | Match::Email => "email",
        Match::Id | Match::ExternalId => "external_id",
    };
    let taken = refusal.faults.iter().find(|fault| fault.code == Code::Taken && fault.field == by);
    let Some(id) = taken.and_then(|fault| fault.existing_id) else { return Err(refusal) };
    match wanted.on_existing {
        OnExisting::Update => edit(face, call, wanted, said, id).await,
        OnExisting::Skip => Ok(Came::Skipped),
        OnExisting::Refuse => Err(refusal),
    }
}

async fn add(face: &Face, call: &Call, wanted: &Wanted, said: &Said) -> Result<Outcome, Refusal> {
    let body = &said.body;
    let parent_id = body.parent_id.or(wanted.parent_id).unwrap_or(call.request.principal.actor().account_id);
    let add = AddAccount {
        external_id: body.external_id.value().cloned(),
        email: body.email.value().cloned(),
        password_hash: said.hash.clone(),
        profile: body.profile.clone(),
        name_servers: body.name_servers.clone(),
        custom_fields: body.custom_fields.clone(),
        allotments: body.allotments.clone(),
        goal: said.goal.as_ref().ok().copied().flatten(),
        on_duplicate: OnDuplicate::Ignore,
        ..AddAccount::below(parent_id, Kind::Customer)
    };
    if wanted.dry_run || said.goal.is_err() {
        let outcome = face.service.try_out(&Command::AddAccount(Box::new(add)), &call.request).await?;
        // One that is there keeps its status; this one is not.
        return said.goal.as_ref().map(|_| outcome).map_err(|fault| fault.clone().into());
    }
    face.service.add(add, body.password.clone(), body.call_in_pin.value().cloned(), &call.request).await
}

async fn edit(face: &Face, call: &Call, wanted: &Wanted, said: Said, id: AccountId) -> Result<Came, Refusal> {
    let Said { body, hash, goal: _ } = said;
    // A value may be a provider's, or the caller's own: those are not what a file of customers is about.
    if face.service.look_up(&call.request.principal, id).await?.kind != Kind::Customer {
        return Err(Fault::new("id", Code::Invalid, format!("account {id} has this and is no customer")).into());
    }
    let edit = EditAccount {
        external_id: body.external_id,
        email: body.email,
        password_hash: hash,
        profile: body.profile,
        name_servers: body.name_servers,
        custom_fields: body.custom_fields,
        allotments: body.allotments,
        ..EditAccount::of(id)
    };
    let outcome = if wanted.dry_run {
        face.service.try_out(&Command::EditAccount(Box::new(edit)), &call.request).await?
    } else {
        face.service.edit(edit, body.password, body.call_in_pin, &call.request).await?
    };
    Ok(Came::Edited(outcome))
}

/// Cells of CSV are texts: those of custom fields become what the tenant has defined.
fn typed(wanted: &Wanted, name: &str, value: Value) -> Value {
    let (Value::Object(members), "custom_fields") = (value.clone(), name) else { return value };
    let of = |name: &str| wanted.defined.iter().find(|field| field.name.as_str() == name);
    let typed = members.into_iter().map(|(name, value)| {
        let value = match (of(&name), value) {
            (Some(field), Value::String(text)) => field.r#type.of_text(text),
            (_, other) => other,
        };
        (name, value)
    });
    Value::Object(typed.collect())
}

/// A value as bodies are read.
fn tree(value: Value) -> Tree {
    match value {
        Value::Null => Tree::Null,
        Value::Bool(on) => Tree::Bool(on),
        Value::Number(number) => Tree::Number(number),
        Value::String(text) => Tree::Text(text),
        Value::Array(items) => Tree::List(items.into_iter().map(tree).collect()),
        Value::Object(members) => Tree::Object(members.into_iter().map(|(name, value)| (name, tree(value))).collect()),
    }
}

//! Saving what a batch came to.

use std::collections::HashMap;

use rusqlite::{Connection, params};
use serde::Serialize;
use tenantry_domain::AccountChange;
use tenantry_domain::event::Event;
use tenantry_domain::key::Key;
use tenantry_domain::search::{is_named_alike, is_searched_alike, name_folded, search_text};
use tenantry_domain::{Account, AccountId, Changes};

use super::answers::save_idempotent_answers;
use super::erase::erase;
use super::index;
use super::packages::{save_holder, save_packages};
use super::quotas::save_quota_entries;
use super::twins::save_twins;
use super::values::save_values;
use crate::row::{acquires, ancestors_text, same_life};

/// Writes every change into the open transaction. Gives how many accounts wait for the index of search since.
pub(super) fn save(connection: &Connection, changes: &Changes) -> rusqlite::Result<usize> {
    // The events first: the accounts name the newest of them.
    let newest_events = save_events(connection, &changes.events)?;
    let (mut newest, mut waiting) = (None, 0);
    let acquiring = |change: &&AccountChange| acquires(change.before.as_deref(), &change.after);
    let (last, first): (Vec<&AccountChange>, Vec<&AccountChange>) = changes.accounts.values().partition(acquiring);
    for change in first.into_iter().chain(last) {
        let event = newest_events.get(&change.after.id).copied();
        waiting += match &change.before {
            None => {
                newest = newest.max(Some(change.after.id));
                insert(connection, &change.after, event)?
            }
            Some(before) => update(connection, before, &change.after, event)?,
        };
    }
    if let Some(next) = newest.and_then(AccountId::next) {
        advance(connection, "account", next.get())?;
    }
    changes.keys.iter().try_for_each(|key| save_key(connection, key))?;
    save_packages(connection, &changes.packages)?;
    save_quota_entries(connection, &changes.quota_entries)?;
    erase(connection, &changes.erased)?;
    save_idempotent_answers(connection, &changes.answers)?;
    Ok(waiting)
}

/// Notes which number is the next to be given.
fn advance(connection: &Connection, name: &str, next: i64) -> rusqlite::Result<()> {
    connection.prepare_cached("UPDATE sequence SET next = ?2 WHERE name = ?1")?.execute(params![name, next]).map(drop)
}

fn insert(connection: &Connection, account: &Account, newest_event: Option<i64>) -> rusqlite::Result<usize> {
    const INSERT: &str = "INSERT INTO account (id, tenant_id, parent_id, ancestors, kind, external_id, hash, email, email_folded, password_hash, \
                          call_in_pin, status, holds, activated_at, ended_at, created_at, updated_at, version, profile, search_text, \
                          newest_event, allotments, name_folded) \
                          VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23)";
    connection.prepare_cached(INSERT)?.execute(params![
        account.id.get(),
        account.tenant_id.get(),
        account.parent_id.map(AccountId::get),
        ancestors_text(&account.ancestors),
        account.kind.as_str(),
        account.external_id.as_ref().map(|id| id.as_str()),
        account.hash.as_str(),
        account.email.as_ref().map(|email| email.as_str()),
        account.email.as_ref().map(|email| email.folded()),
        account.password_hash.as_ref().map(|hash| hash.expose()),
        account.call_in_pin.as_ref().map(|pin| pin.expose()),
        account.status.as_str(),
        json(&account.holds)?,
        account.activated_at.map(|at| at.micros()),
        account.ended_at.map(|at| at.micros()),
        account.created_at.micros(),
        account.updated_at.micros(),
        account.version,
        json(&account.profile)?,
        search_text(account),
        newest_event,
        json(&account.allotments)?,
        name_folded(&account.profile),
    ])?;
    save_holder(connection, None, account)?;
    for ancestor in account.ancestors.iter().filter(|ancestor| ancestor.get() != account.tenant_id.get()) {
        connection.prepare_cached("INSERT INTO lineage (tenant_id, ancestor_id, account_id) VALUES (?1, ?2, ?3)")?.execute(params![
            account.tenant_id.get(),
            ancestor.get(),
            account.id.get()
        ])?;
    }
    save_hold_end(connection, None, account)?;
    save_values(connection, None, account)?;
    save_twins(connection, None, account)?;
    index::note(connection, account.id)
}

/// Notes when the first of an account's holds ends by itself, where that changed.
fn save_hold_end(connection: &Connection, before: Option<&Account>, after: &Account) -> rusqlite::Result<()> {
    const SET: &str = "INSERT OR REPLACE INTO hold_end (tenant_id, account_id, ends_at) VALUES (?1, ?2, ?3)";
    const DELETE: &str = "DELETE FROM hold_end WHERE tenant_id = ?1 AND account_id = ?2";
    let (tenant_id, id, end) = (after.tenant_id.get(), after.id.get(), after.first_hold_ends_at());
    if before.and_then(Account::first_hold_ends_at) == end {
        return Ok(());
    }
    match end {
        Some(at) => connection.prepare_cached(SET)?.execute(params![tenant_id, id, at.micros()]).map(drop),
        None => connection.prepare_cached(DELETE)?.execute(params![tenant_id, id]).map(drop),
    }
}

/// Writes what differs. Columns that indexes hold have a statement of their own: naming one makes SQLite rewrite its index entries, and most
/// edits touch none.
fn update(connection: &Connection, before: &Account, after: &Account, newest_event: Option<i64>) -> rusqlite::Result<usize> {
    const RECORD: &str =
        "UPDATE account SET profile = ?3, updated_at = ?4, version = ?5, newest_event = ?6 WHERE id = ?1 AND tenant_id = ?2";
    const LIFE: &str = "UPDATE account SET email = ?3, email_folded = ?4, external_id = ?5, password_hash = ?6, call_in_pin = ?7, status = ?8, \
                        holds = ?9, activated_at = ?10, ended_at = ?11 WHERE id = ?1 AND tenant_id = ?2";
    const SEARCHED: &str = "UPDATE account SET search_text = ?3 WHERE id = ?1 AND tenant_id = ?2";
    let (id, tenant_id) = (after.id.get(), after.tenant_id.get());
    let profile = json(&after.profile)?;
    connection.prepare_cached(RECORD)?.execute(params![id, tenant_id, profile, after.updated_at.micros(), after.version, newest_event])?;
    if !same_life(before, after) {
        connection.prepare_cached(LIFE)?.execute(params![
            id,
            tenant_id,
            after.email.as_ref().map(|email| email.as_str()),
            after.email.as_ref().map(|email| email.folded()),
            after.external_id.as_ref().map(|id| id.as_str()),
            after.password_hash.as_ref().map(|hash| hash.expose()),
            after.call_in_pin.as_ref().map(|pin| pin.expose()),
            after.status.as_str(),
            json(&after.holds)?,
            after.activated_at.map(|at| at.micros()),
            after.ended_at.map(|at| at.micros()),
        ])?;
    }
    save_hold_end(connection, Some(before), after)?;
    save_values(connection, Some(before), after)?;
    save_twins(connection, Some(before), after)?;
    if before.allotments != after.allotments {
        const ALLOTMENTS: &str = "UPDATE account SET allotments = ?3 WHERE id = ?1 AND tenant_id = ?2";
        connection.prepare_cached(ALLOTMENTS)?.execute(params![id, tenant_id, json(&after.allotments)?])?;
        save_holder(connection, Some(before), after)?;
    }
    if !is_named_alike(before, after) {
        const NAMED: &str = "UPDATE account SET name_folded = ?3 WHERE id = ?1 AND tenant_id = ?2";
        connection.prepare_cached(NAMED)?.execute(params![id, tenant_id, name_folded(&after.profile)])?;
    }
    if !is_searched_alike(before, after) {
        let text = search_text(after);
        connection.prepare_cached(SEARCHED)?.execute(params![id, tenant_id, text])?;
        return index::note(connection, after.id);
    }
    Ok(0)
}

fn save_key(connection: &Connection, key: &Key) -> rusqlite::Result<()> {
    const UPSERT: &str = "INSERT INTO api_key (tenant_id, account_id, scheme, public, verifier, label, scopes, allow, rate_per_minute, created_at, \
                          expires_at, revoked_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) \
                          ON CONFLICT (tenant_id, account_id, scheme, public) DO UPDATE SET verifier = excluded.verifier, \
                          label = excluded.label, scopes = excluded.scopes, allow = excluded.allow, rate_per_minute = excluded.rate_per_minute, \
                          created_at = excluded.created_at, expires_at = excluded.expires_at, revoked_at = excluded.revoked_at";
    connection.prepare_cached(UPSERT)?.execute(params![
        key.tenant_id.get(),
        key.account_id.get(),
        key.scheme.as_str(),
        key.public.as_str(),
        key.verifier.0,
        key.label.as_ref().map(|label| label.as_str()),
        key.scopes.to_string(),
        json(&key.allow)?,
        key.rate_per_minute,
        key.created_at.micros(),
        key.expires_at.map(|at| at.micros()),
        key.revoked_at.map(|at| at.micros()),
    ])?;
    Ok(())
}

/// Appends the events, each naming the one before it of its account. Gives the newest of each account.
fn save_events(connection: &Connection, events: &[Event]) -> rusqlite::Result<HashMap<AccountId, i64>> {
    const INSERT: &str = "INSERT INTO event (seq, tenant_id, account_id, version, name, at, actor_id, credential, peer, claimed, dialect, \
                          request_id, changes, previous) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, \
                          coalesce(?14, (SELECT newest_event FROM account WHERE id = ?3)))";
    let mut newest = HashMap::with_capacity(events.len());
    if events.is_empty() {
        return Ok(newest);
    }
    let mut next: i64 = connection.prepare_cached("SELECT next FROM sequence WHERE name = 'event'")?.query_row([], |row| row.get(0))?;
    let mut insert = connection.prepare_cached(INSERT)?;
    for event in events {
        insert.execute(params![
            next,
            event.tenant_id.get(),
            event.account_id.get(),
            event.version,
            event.name,
            event.at.micros(),
            event.actor_id.get(),
            event.credential,
            event.peer.map(|peer| peer.to_string()),
            event.claimed.as_ref().map(|claimed| claimed.as_str()),
            event.dialect.as_str(),
            event.request_id,
            json(&event.changes)?,
            newest.get(&event.account_id),
        ])?;
        newest.insert(event.account_id, next);
        next += 1;
    }
    advance(connection, "event", next)?;
    Ok(newest)
}

fn json(value: &impl Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

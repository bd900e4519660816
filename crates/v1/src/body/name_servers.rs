//! Name servers of a customer, set or added to by themselves.

use tenantry_domain::account::NameServer;
use tenantry_domain::account::name_servers::{Mode as NameServerMode, NameServerChange};
use tenantry_domain::limits::NAME_SERVERS_MAX;
use tenantry_domain::{Code, Invalid, Patch, Refusal};

use super::customer::host;
use super::reader::Reader;

/// What faults of name servers begin with where they stand in a customer.
const WITHIN: &str = "name_servers.";

/// Reads a whole list, or a mode.
///
/// # Errors
/// Every field that is wrong.
pub(crate) fn name_servers(mut reader: Reader) -> Result<NameServerChange, Refusal> {
    let change = fields(&mut reader);
    reader.finished(change)
}

/// Reads hosts that are added.
///
/// # Errors
/// Every field that is wrong.
pub(crate) fn added(mut reader: Reader) -> Result<NameServerChange, Refusal> {
    let change = added_fields(&mut reader);
    reader.finished(change)
}

pub(crate) fn fields(reader: &mut Reader) -> Option<NameServerChange> {
    let words = [("default", NameServerMode::Default), ("specify", NameServerMode::Specify)];
    let mode =
        reader.word("mode", &words, "Those of the provider above, or the customer's own: its own where hosts are sent.").value().copied();
    let replace = hosts(reader, "The customer's own: 2 to 13.");
    if mode.is_none() && replace.is_none() && !reader.is_faulty() {
        reader.fault("hosts", Invalid::required("send the hosts, or the mode \"default\""));
    }
    // As it is read from the record in default mode: an empty list.
    let replace = replace.filter(|hosts| mode != Some(NameServerMode::Default) || !hosts.is_empty());
    Some(NameServerChange { mode, replace, ..NameServerChange::default() })
}

pub(crate) fn added_fields(reader: &mut Reader) -> Option<NameServerChange> {
    let add = reader.groups("hosts", NAME_SERVERS_MAX, "Those to add.", host);
    let add = reader.required("hosts", add)?;
    if add.is_empty() {
        reader.fault("hosts", Invalid::required("name one at least"));
    }
    Some(NameServerChange { add: add.into_iter().flatten().collect(), ..NameServerChange::default() })
}

fn hosts(reader: &mut Reader, about: &str) -> Option<Vec<NameServer>> {
    match reader.groups("hosts", NAME_SERVERS_MAX, about, host) {
        Patch::Set(hosts) => Some(hosts.into_iter().flatten().collect()),
        Patch::Keep | Patch::Clear => None,
    }
}

/// A refusal with the fields as they stand in these bodies.
pub(crate) fn unprefixed(mut refusal: Refusal) -> Refusal {
    for fault in &mut refusal.faults {
        if let Some(field) = fault.field.strip_prefix(WITHIN) {
            fault.field = field.to_owned();
        }
    }
    refusal
}

/// The refusal of a host in a path that cannot be one.
pub(crate) fn no_host(invalid: Invalid) -> Refusal {
    Refusal { code: Code::Invalid, ..Refusal::faulty(vec![invalid.at("host")]) }
}

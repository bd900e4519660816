//! `nameServerType`, `nameServers`, `addNameServers` and `removeNameServers`.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use tenantry_domain::Invalid;
use tenantry_domain::account::NameServer;
use tenantry_domain::account::name_servers::{Mode, NameServerChange};
use tenantry_domain::limits::GLUE_MAX_ADDRESSES;
use tenantry_domain::refusal::quoted;
use tenantry_domain::value::HostName;
use tenantry_http::json::Tree;

use super::walk::{Object, Slot, Walk};

/// Reads what a body says of name servers.
pub(super) fn read(top: &mut Object, walk: &mut Walk) -> NameServerChange {
    let faults = walk.faults.len();
    let slot = top.slot(&["nameServerType"]);
    let slot = walk.at("name_servers.mode", slot);
    if slot.value == Some(Tree::Null) {
        walk.fault(&slot.path(), Invalid::required("this is \"default\" or \"specify\""));
    }
    let mode = walk.optional(slot, |text| match text.to_ascii_lowercase().as_str() {
        "default" => Ok(Mode::Default),
        "specify" => Ok(Mode::Specify),
        _ => Err(Invalid::new(format!("{} is neither \"default\" nor \"specify\"", quoted(&text)))),
    });
    let replace = top.slot(&["nameServers"]);
    let replace = walk.at("name_servers.hosts", replace);
    let add = top.slot(&["addNameServers"]);
    let add = walk.at("name_servers.add", add);
    let remove = top.slot(&["removeNameServers"]);
    let remove = walk.at("name_servers.remove", remove);
    // An empty list beside the default is what a client sends that sends every field.
    let replace = hosts(replace, walk).filter(|hosts| !(hosts.is_empty() && mode.value() == Some(&Mode::Default)));
    let change = NameServerChange {
        mode: mode.value().copied(),
        replace,
        add: hosts(add, walk).unwrap_or_default(),
        remove: hosts(remove, walk).unwrap_or_default().into_iter().map(|host| host.name).collect(),
    };
    // What a list with a fault would come to is not worth a second complaint.
    if walk.faults.len() > faults { NameServerChange::default() } else { change }
}

/// A list of names, or of objects with a name and glue.
fn hosts(mut slot: Slot, walk: &mut Walk) -> Option<Vec<NameServer>> {
    let items = match slot.value.take() {
        None => return None,
        Some(Tree::Null) => {
            walk.fault(
                &slot.path(),
                Invalid::required("this list cannot be emptied; \"nameServerType\": \"default\" goes back to the provider's"),
            );
            return None;
        }
        Some(Tree::List(items)) => items,
        Some(_) => {
            walk.wrong_type(&slot.path(), "a list of name servers");
            return None;
        }
    };
    let mut hosts = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        match item {
            Tree::Object(members) => hosts.extend(with_glue(Object::item(&slot, index, members, walk), walk)),
            // Empty lines of a form.
            Tree::Text(text) if text.is_empty() => {}
            item => {
                let name = walk.required(slot.item(index, item), |text| HostName::parse(&text));
                hosts.extend(name.value().map(|name| NameServer { name: name.clone(), ipv4: Vec::new(), ipv6: Vec::new() }));
            }
        }
    }
    Some(hosts)
}

fn with_glue(mut object: Object, walk: &mut Walk) -> Option<NameServer> {
    let slot = object.slot(&["name"]);
    if slot.value.is_none() {
        walk.fault(&slot.path(), Invalid::required("a name server has a name"));
    }
    let name = walk.required(slot, |text| HostName::parse(&text));
    let ipv4 = glue::<Ipv4Addr>(object.slot(&["ipv4address"]), "IPv4", walk);
    let ipv6 = glue::<Ipv6Addr>(object.slot(&["ipv6address"]), "IPv6", walk);
    object.finish(walk);
    name.value().map(|name| NameServer { name: name.clone(), ipv4, ipv6 })
}

fn glue<T: FromStr>(mut slot: Slot, family: &str, walk: &mut Walk) -> Vec<T> {
    let items = match slot.value.take() {
        None | Some(Tree::Null) => Vec::new(),
        Some(Tree::List(items)) => items,
        Some(one) => vec![one],
    };
    if items.len() > GLUE_MAX_ADDRESSES {
        walk.fault(&slot.path(), Invalid::too_long(format!("a name server has at most {GLUE_MAX_ADDRESSES} addresses")));
        return Vec::new();
    }
    let mut addresses = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        let slot = slot.item(index, item);
        let parse = |text: String| text.parse().map_err(|_| Invalid::new(format!("{} is not an {family} address", quoted(&text))));
        if let tenantry_domain::Patch::Set(address) = walk.optional(slot, parse) {
            addresses.push(address);
        }
    }
    addresses
}

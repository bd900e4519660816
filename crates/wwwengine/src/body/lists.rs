//! `allow`, `allowIPV`, `socialPages` and `socialInfo`.

use tenantry_domain::limits::ALLOW_MAX_NETWORKS;
use tenantry_domain::value::{Network, Social};
use tenantry_domain::{Invalid, Patch};
use tenantry_http::json::Tree;

use super::walk::{Object, Slot, Walk};

/// Both lists of addresses make one: what one names replaces it, what both name is joined. Empty texts are what the documents' example sends for
/// "none".
pub(super) fn allow(top: &mut Object, walk: &mut Walk) -> Patch<Vec<Network>> {
    let slots = [top.slot(&["allow"]), top.slot(&["allowIPV"])];
    if slots.iter().all(|slot| slot.value.is_none()) {
        return Patch::Keep;
    }
    let mut networks: Vec<Network> = Vec::new();
    for slot in slots {
        for network in entries(slot, walk) {
            if !networks.contains(&network) {
                networks.push(network);
            }
        }
    }
    if networks.len() > ALLOW_MAX_NETWORKS {
        walk.fault("allow", Invalid::too_long(format!("at most {ALLOW_MAX_NETWORKS} addresses and networks can be listed")));
    }
    Patch::Set(networks)
}

fn entries(mut slot: Slot, walk: &mut Walk) -> Vec<Network> {
    let items = match slot.value.take() {
        None | Some(Tree::Null) => Vec::new(),
        Some(Tree::List(items)) => items,
        Some(one @ (Tree::Text(_) | Tree::Object(_))) => vec![one],
        Some(Tree::Bool(_) | Tree::Number(_)) => {
            walk.wrong_type(&slot.path(), "a list of addresses");
            Vec::new()
        }
    };
    let mut networks = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        if let Tree::Object(members) = item {
            let mut object = Object::item(&slot, index, members, walk);
            let slots = [object.slot(&["ipv4address"]), object.slot(&["ipv6address"])];
            if slots.iter().all(|slot| slot.value.is_none()) {
                // Left out it would leave the list emptier than it was meant, and an empty list lets everybody in.
                walk.fault(&slot.item_path(index), Invalid::required("this needs an ipv4address or an ipv6address"));
            }
            for slot in slots {
                networks.extend(walk.optional(slot, Network::parse).value().cloned());
            }
            object.finish(walk);
        } else if item == Tree::Null {
            walk.fault(&slot.item_path(index), Invalid::required("an address must not be null"));
        } else {
            networks.extend(walk.optional(slot.item(index, item), Network::parse).value().cloned());
        }
    }
    networks
}

/// Links by network, in whatever shape the caller keeps them.
pub(super) fn social(mut slot: Slot, walk: &mut Walk) -> Patch<Social> {
    match slot.value.take() {
        None => Patch::Keep,
        Some(Tree::Null) => Patch::Clear,
        Some(value) => match Social::parse(value.into()) {
            Ok(social) => Patch::Set(social),
            Err(invalid) => {
                walk.fault(&slot.path(), invalid);
                Patch::Keep
            }
        },
    }
}

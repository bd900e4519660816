//! What a record shows already and a body says again: records that were made in another dialect lack what this one demands, and may hold what it would not
//! take. Whoever sends such a record back, with something else changed in it, is not refused for what was there before.

use serde_json::Value;
use tenantry_domain::Fault;
use tenantry_http::json::Tree;

use super::walk::fold;

/// Takes out the faults of fields that say what the record shows. Nothing is to be done with such fields: what was faulty was not read.
pub(crate) fn forgive(faults: &mut Vec<Fault>, members: Vec<(String, Tree)>, shown: &Value) {
    let sent = Tree::Object(members);
    faults.retain(|fault| {
        let path: Vec<&str> = fault.field.split('.').collect();
        match (said(&sent, &path), read(shown, &path)) {
            (Some(Tree::Text(sent)), Some(Value::String(shown))) => sent != shown,
            _ => true,
        }
    });
}

fn said<'a>(tree: &'a Tree, path: &[&str]) -> Option<&'a Tree> {
    let Some((name, rest)) = path.split_first() else { return Some(tree) };
    let Tree::Object(members) = tree else { return None };
    said(members.iter().find(|(known, _)| known == name).map(|(_, member)| member)?, rest)
}

fn read<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    let Some((name, rest)) = path.split_first() else { return Some(value) };
    read(value.as_object()?.iter().find(|(known, _)| fold(known) == fold(name)).map(|(_, member)| member)?, rest)
}

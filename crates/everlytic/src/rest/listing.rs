//! The query of a list, and the links that lead through its pages.

use tenantry_domain::Invalid;
use tenantry_http::query::{decode, pairs};

use super::document::Link;
use crate::paging::{Asked, PARTS, Page};
use crate::properties::told;

/// Parameters of one list: twice as many as there are properties to filter by.
const PARAMETERS_MAX: usize = 50;

/// Reads a query. What is no parameter of a list may stand beside them.
pub(super) fn read<A: Asked>(query: &str) -> A {
    let mut asked = A::default();
    let mut seen: Vec<String> = Vec::new();
    for (name, value) in pairs(query) {
        let Some(name) = decode(name) else { continue };
        let filter = name.strip_prefix("filter[").and_then(|rest| rest.strip_suffix(']'));
        let bare = filter.unwrap_or(&name);
        if filter.is_none() && !A::is_filter(bare) && !is_part(bare) {
            continue;
        }
        let Some(value) = decode(value) else {
            asked.fault(Invalid::new("this is not percent-encoded UTF-8").at(told(bare)));
            continue;
        };
        if seen.len() >= PARAMETERS_MAX {
            asked.fault(Invalid::new(format!("a list has at most {PARAMETERS_MAX} parameters")).at("filter"));
            break;
        }
        if seen.iter().any(|earlier| earlier == bare) {
            asked.fault(Invalid::new("this stands twice; send it once").at(told(bare)));
            continue;
        }
        seen.push(bare.to_owned());
        // An empty parameter says nothing.
        if filter.is_some() || !is_part(bare) {
            asked.filter(bare, value);
        } else if !value.is_empty() {
            asked.part(bare, &value);
        }
    }
    asked
}

fn is_part(name: &str) -> bool {
    PARTS.contains(&name)
}

/// The links of a page: there is no next one after the last, and none before the first, because clients follow them until there is none.
pub(super) fn links(base: &str, home: String, query: &str, page: Page, total: u64) -> Vec<Link> {
    let at = |number: u64| {
        let others = pairs(query).filter(|(name, _)| decode(name).as_deref() != Some("page"));
        let mut text: Vec<String> = others.map(|(name, value)| format!("{name}={value}")).collect();
        text.push(format!("page={number}"));
        format!("{base}?{}", text.join("&"))
    };
    let mut links = vec![Link { title: "Self", rel: "self", href: at(page.page) }, Link { title: "Home", rel: "home", href: home }];
    if page.has_next(total) {
        links.push(Link { title: "Next", rel: "next", href: at(page.page + 1) });
    }
    if page.page > 1 {
        links.push(Link { title: "Previous", rel: "prev", href: at(page.page - 1) });
    }
    links
}

//! Properties that are shown and cannot be set. Clients that send a whole record back send them, too: fine, when they say what is so already.

use tenantry_domain::{Code, Fault};

/// A property that cannot be set, as it was sent.
pub(crate) struct Claim {
    pub(crate) property: &'static str,
    pub(crate) text: String,
}

/// The faults of those that do not hold. What is so already is told by the property's name and what was sent for it.
pub(crate) fn contradicted(claims: &[Claim], holds: impl Fn(&str, &str) -> bool) -> impl Iterator<Item = Fault> {
    let wrong = claims.iter().filter(move |claim| !holds(claim.property, &claim.text));
    wrong.map(|claim| Fault::new(claim.property, Code::ReadOnly, "this property cannot be set; send what was read, or leave it out"))
}

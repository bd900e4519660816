//! The epoch of access: a number that rises with every commit that could change who may act. What was remembered in an earlier epoch is looked up
//! again, so that a revocation or suspension holds from the very next request on.

use std::sync::atomic::{AtomicU64, Ordering};

use tenantry_domain::AccountChange;
use tenantry_domain::Changes;
use tenantry_store::Observer;

/// The present epoch.
#[derive(Default)]
pub(crate) struct Epoch(AtomicU64);

impl Epoch {
    /// The number, to be read before the records are.
    pub(crate) fn now(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }
}

impl Observer for Epoch {
    fn committed(&self, changes: &Changes) {
        if !changes.keys.is_empty() || changes.accounts.values().any(changes_access) {
            self.0.fetch_add(1, Ordering::AcqRel);
        }
    }
}

/// What lets somebody in or keeps somebody out: a status, which concerns everybody below, too, a list of addresses, and what a tenant demands of its callers. A new
/// account has no keys yet.
fn changes_access(change: &AccountChange) -> bool {
    let after = &change.after;
    change.before.as_ref().is_some_and(|before| {
        before.status != after.status
            || before.profile.allow != after.profile.allow
            || before.profile.settings.require_if_match != after.profile.settings.require_if_match
    })
}

//! Records that were read or written lately, as they stand: one process writes, so it knows when they change.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::{Cache, GuardResult};
use tenantry_domain::{Account, AccountId, Changes};

use crate::StoreFault;

/// What a place in the cache takes beside its record, in octets: the counters of its pointer, its key, and its links.
const PLACE_OCTETS: u64 = 96;
/// What a common record takes with its place, in octets: how many there will be is guessed by it.
const COMMON_OCTETS: u64 = 1_300;
/// The largest record that is kept, in octets: one with every list full. Those beyond are lists of lists in what is kept as given.
const KEPT_MAX_OCTETS: u64 = 64 * 1024;

/// A record with what it takes.
#[derive(Clone)]
struct Kept {
    account: Arc<Account>,
    octets: u64,
}

impl Kept {
    fn of(account: &Arc<Account>) -> Self {
        Self { account: Arc::clone(account), octets: PLACE_OCTETS + account.memory_octets() as u64 }
    }
}

#[derive(Clone)]
struct Octets;

impl Weighter<AccountId, Kept> for Octets {
    fn weight(&self, _: &AccountId, kept: &Kept) -> u64 {
        kept.octets
    }
}

/// The records, within a budget of memory. What is in here is never older than what was acknowledged: [`Records::committed`] comes before any answer,
/// and a read that began before it cannot put what it found.
pub(crate) struct Records {
    /// `None` keeps no record.
    cache: Option<Cache<AccountId, Kept, Octets>>,
    /// The largest record that is kept. The cache must never be given one that it would not take: it then leaves a read that is under way its place,
    /// and those who wait for it an old record.
    heaviest: u64,
}

impl Records {
    /// Keeps records of so many octets in all; 0 keeps none.
    pub(crate) fn new(octets: u64) -> Self {
        let records = usize::try_from(octets / COMMON_OCTETS).unwrap_or(usize::MAX);
        let cache = (octets > 0).then(|| Cache::with_weighter(records, octets, Octets));
        let heaviest = cache.as_ref().map_or(0, |cache| KEPT_MAX_OCTETS.min(cache.shard_capacity() / 2));
        Self { cache, heaviest }
    }

    /// The record, when it is here.
    pub(crate) fn get(&self, id: AccountId) -> Option<Arc<Account>> {
        self.cache.as_ref()?.get(&id).map(|kept| kept.account)
    }

    /// The record, read when it is not here. Readers of the same record wait for the first.
    pub(crate) fn get_or_read(
        &self,
        id: AccountId,
        read: impl FnOnce() -> Result<Option<Arc<Account>>, StoreFault>,
    ) -> Result<Option<Arc<Account>>, StoreFault> {
        let Some(cache) = &self.cache else { return read() };
        match cache.get_value_or_guard(&id, None) {
            GuardResult::Value(kept) => Ok(Some(kept.account)),
            // The guard comes before the read: a commit in between takes it away, and what was read is then not put.
            GuardResult::Guard(guard) => {
                let account = read()?;
                if let Some(kept) = account.as_ref().map(Kept::of).filter(|kept| kept.octets <= self.heaviest) {
                    let _superseded = guard.insert(kept);
                }
                Ok(account)
            }
            GuardResult::Timeout => read(),
        }
    }

    /// Takes in what is durable now.
    pub(crate) fn committed(&self, changes: &Changes) {
        let Some(cache) = &self.cache else { return };
        for change in changes.accounts.values() {
            let kept = Kept::of(&change.after);
            if kept.octets <= self.heaviest {
                cache.insert(change.after.id, kept);
            } else {
                // Reads that are under way lose their place, too.
                cache.remove(&change.after.id);
            }
        }
    }
}

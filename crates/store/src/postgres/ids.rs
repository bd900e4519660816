//! Numbers that the database gave and nothing got yet: they are used before new ones are asked for, the smallest first.

use std::collections::BTreeSet;

use parking_lot::Mutex;
use tenantry_domain::AccountId;
use tenantry_domain::id::ACCOUNT_ID_MAX;
use tenantry_domain::package::PackageId;

/// What this server has of them.
#[derive(Default)]
pub(super) struct Ids(Mutex<(BTreeSet<AccountId>, BTreeSet<PackageId>)>);

/// Numbers for a batch, and how many are to be asked for.
pub(super) struct Given {
    pub(super) accounts: Vec<AccountId>,
    pub(super) packages: Vec<PackageId>,
    pub(super) accounts_lacking: usize,
    pub(super) packages_lacking: usize,
}

impl Given {
    /// Numbers that no record will ever have: for decisions that are not carried out.
    pub(super) fn rehearsed() -> Self {
        let accounts = AccountId::try_from(ACCOUNT_ID_MAX).into_iter().collect();
        let packages = PackageId::try_from(ACCOUNT_ID_MAX).into_iter().collect();
        Self { accounts, packages, accounts_lacking: 0, packages_lacking: 0 }
    }
}

impl Ids {
    /// Takes as many as are wanted, or as there are.
    pub(super) fn take(&self, accounts: usize, packages: usize) -> Given {
        let mut kept = self.0.lock();
        let given_accounts = first(&mut kept.0, accounts);
        let given_packages = first(&mut kept.1, packages);
        Given {
            accounts_lacking: accounts - given_accounts.len(),
            packages_lacking: packages - given_packages.len(),
            accounts: given_accounts,
            packages: given_packages,
        }
    }

    /// Takes back what nothing got.
    pub(super) fn give_back(&self, accounts: impl IntoIterator<Item = AccountId>, packages: impl IntoIterator<Item = PackageId>) {
        let mut kept = self.0.lock();
        kept.0.extend(accounts);
        kept.1.extend(packages);
    }
}

fn first<T: Ord>(kept: &mut BTreeSet<T>, count: usize) -> Vec<T> {
    std::iter::from_fn(|| kept.pop_first()).take(count).collect()
}

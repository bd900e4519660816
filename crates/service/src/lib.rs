//! Who may, and running it: credentials, budgets, hashing, and the way of every command and query to the store. It knows no wire format and no SQL.

mod bearer;
mod budget;
mod chance;
mod clock;
mod credentials;
mod duplicates;
mod epoch;
mod erasures;
mod failures;
mod hashing;
mod history;
mod idempotency;
mod issuing;
mod keys;
mod merging;
mod packages;
mod pepper;
mod pins;
mod principal;
mod queries;
mod quotas;
mod run;
mod settings;
mod timer;
mod turns;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use tenantry_store::{Backup, BackupFault, Making, OpenFault, Store, Tell};

pub use bearer::BearerKey;
pub use budget::{CallRate, Limits};
pub use chance::Chance;
pub use clock::Clock;
pub use credentials::{BasicCredentials, Presented, SignedQuery};
pub use duplicates::{DuplicateGroup, DuplicateList};
pub use erasures::{ERASURES_FILE, erasures};
pub use hashing::HashingOptions;
pub use idempotency::Idempotent;
pub use issuing::PreparedKey;
pub use keys::{KeyMaterial, NewKey, signature_hash, verifier_of};
pub use packages::package_of;
pub use pepper::FILE as PEPPER_FILE;
pub use principal::Principal;
pub use queries::ListRequest;
pub use run::Request;
pub use tenantry_store::{
    AccountOrder, EventList, EventMark, LaneState, LaneStatistics, Options as StoreOptions, PostgresOptions, ProfileField, StoreReport,
    TimeRange, TwinPlace,
};

/// How to start a service.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How to open the store.
    pub store: StoreOptions,
    /// What the clock shows.
    pub clock: Clock,
    /// How passwords are hashed.
    pub hashing: HashingOptions,
    /// Budgets of failed and of successful calls.
    pub limits: Limits,
}

/// Everything that faces and the command line ask for.
pub struct Service {
    store: Store,
    clock: Clock,
    chance: Chance,
    pepper: pepper::Pepper,
    hashing: hashing::Pool,
    credentials: credentials::Credentials,
    budget: budget::Budget,
    /// Requests with a key that are being carried out.
    under_way: Arc<idempotency::UnderWay>,
    /// Turns of lists: those that wait for one hold no thread.
    lists: turns::Turns,
}

impl Service {
    /// Opens the store in a directory and everything around it.
    ///
    /// # Errors
    /// The store cannot be opened, or the pepper cannot be read or made.
    pub async fn open(directory: &Path, options: &Options) -> Result<Arc<Self>, OpenFault> {
        let epoch = Arc::new(epoch::Epoch::default());
        let store = Store::open(directory, &options.store, Arc::clone(&epoch) as _).await?;
        let chance = Chance;
        let io = |error| OpenFault::Io { path: directory.join(pepper::FILE), error };
        let kept = store.failure_budgets().await.map_err(|fault| io(std::io::Error::other(fault)))?;
        let installed = store.is_installed().await.map_err(|fault| io(std::io::Error::other(fault)))?;
        Ok(Arc::new(Self {
            pepper: pepper::Pepper::open(directory, installed, &chance).map_err(io)?,
            hashing: hashing::Pool::start(&options.hashing).map_err(io)?,
            credentials: credentials::Credentials::new(epoch, store.remembered_for()),
            budget: budget::Budget::new(&options.limits, kept),
            lists: turns::Turns::new(Store::LISTS_AT_ONCE),
            under_way: Arc::default(),
            clock: options.clock.clone(),
            store,
            chance,
        }))
    }

    /// What time it is.
    pub fn now(&self) -> tenantry_domain::Timestamp {
        self.clock.now()
    }

    /// The source of randomness.
    pub const fn chance(&self) -> &Chance {
        &self.chance
    }

    /// Whether the store takes writes.
    pub fn state(&self) -> LaneState {
        self.store.state()
    }

    /// What the lane has done since it started.
    pub fn statistics(&self) -> LaneStatistics {
        self.store.statistics()
    }

    /// The data directory.
    pub fn directory(&self) -> &Path {
        self.store.path()
    }

    /// Makes a backup of what was acknowledged by now, with the pepper unless that is kept apart. Blocks for as long as it takes.
    ///
    /// # Errors
    /// The folder cannot be written, or the records are in a database server.
    pub fn back_up(
        &self,
        to: &Path,
        includes_pepper: bool,
        program: &str,
        stop: &Arc<AtomicBool>,
        tell: Tell<'_>,
    ) -> Result<Backup, BackupFault> {
        let path = self.directory().join(pepper::FILE);
        let pepper = std::fs::read(&path).map_err(|error| BackupFault::Io { path, error })?;
        self.store.back_up(&Making { to, pepper: &pepper, includes_pepper, taken_at: self.now(), program, stop }, tell)
    }

    /// Finishes what was accepted and closes the store. Does nothing while somebody else still holds the service.
    pub async fn close(self: Arc<Self>) {
        match Arc::try_unwrap(self) {
            Ok(service) => service.store.close().await,
            Err(_) => tracing::warn!("the store is closed by the end of the process: a request still runs"),
        }
    }
}

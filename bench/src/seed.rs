//! A data directory full of customers, made through the service as commands make it, on the disk that is measured.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64ct::{Base64, Encoding};
use indicatif::{ProgressBar, ProgressStyle};
use tenantry::Failure;
use tenantry::first_start;
use tenantry_domain::{AccountId, Command};
use tenantry_service::{Options, PostgresOptions, Service, StoreOptions, signature_hash};
use tokio::task::JoinSet;

use crate::customer::Customer;

/// Commands under way at once: several of the lane's batches, so that it never waits.
const AT_ONCE: u64 = 2_000;

/// A directory for the bench's data, beside what cargo builds. Removed at the end.
pub(crate) struct Scratch {
    path: PathBuf,
    /// Held for as long as the directory is used: two benches at once would measure each other.
    _lock: File,
}

impl Scratch {
    /// An empty directory on the disk that holds the executable. What an interrupted run left is removed first.
    pub(crate) fn make() -> Result<Self, Failure> {
        let executable = std::env::current_exe()?;
        let target = executable.parent().and_then(Path::parent).ok_or_else(|| Failure("the executable stands nowhere".to_owned()))?;
        let lock = File::create(target.join("bench-data.lock"))?;
        lock.try_lock().map_err(|_| Failure("another bench runs on this directory".to_owned()))?;
        let path = target.join("bench-data");
        if path.exists() {
            std::fs::remove_dir_all(&path)?;
        }
        std::fs::create_dir_all(&path)?;
        Ok(Self { path, _lock: lock })
    }

    /// A path in it.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.path) {
            crate::note(&format!("{} could not be removed: {error}", self.path.display()));
        }
    }
}

/// A closed store with customers below provider 1.
pub(crate) struct Seeded {
    /// Its data directory.
    pub(crate) path: PathBuf,
    /// The provider.
    pub(crate) provider: i64,
    /// The query that signs the provider's calls.
    pub(crate) query: String,
    /// The header of the provider's calls in the other dialect.
    pub(crate) authorization: String,
    /// The first customer's id; the others follow it.
    pub(crate) first: i64,
    /// How many customers there are.
    pub(crate) count: u64,
}

impl Seeded {
    /// Makes the store.
    pub(crate) fn make(path: PathBuf, count: u64) -> Result<Self, Failure> {
        Self::filled(path, count, &Options::default())
    }

    /// Makes the store in a database server's database. The directory has the settings of a server over it.
    pub(crate) fn make_over(path: PathBuf, count: u64, url: &str) -> Result<Self, Failure> {
        let postgres = Some(PostgresOptions::parse(url, None)?);
        let options = Options { store: StoreOptions { postgres, ..StoreOptions::default() }, ..Options::default() };
        let seeded = Self::filled(path, count, &options)?;
        std::fs::write(seeded.path.join("tenantry.toml"), format!("store = \"{url}\"\n"))?;
        Ok(seeded)
    }

    fn filled(path: PathBuf, count: u64, options: &Options) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Runtime::new()?;
        let service = runtime.block_on(Service::open(&path, options))?;
        let provider = runtime.block_on(first_start::install(&service))?;
        let id = provider.account_id;
        let hash = signature_hash(&provider.private_key, id, &provider.public_key);
        let query = format!("actingUserID={id}&auth={}&hash={hash}", provider.public_key);
        let authorization = format!("Basic {}", Base64::encode_string(format!("{id}:{}", provider.api_key.as_str()).as_bytes()));
        let first = runtime.block_on(fill(&service, id, count))?;
        runtime.block_on(service.close());
        Ok(Self { path, provider: id.get(), query, authorization, first, count })
    }
}

/// Adds the customers; the least of their ids.
async fn fill(service: &Arc<Service>, parent_id: AccountId, count: u64) -> Result<i64, Failure> {
    let bar = ProgressBar::new(count);
    if let Ok(style) = ProgressStyle::with_template("  adding customers {bar:32} {human_pos}/{human_len}, {per_sec}, {eta} left") {
        bar.set_style(style);
    }
    let mut under_way = JoinSet::new();
    let mut first = i64::MAX;
    let mut number = 0;
    while first == i64::MAX || !under_way.is_empty() || number < count {
        while number < count && (under_way.len() as u64) < AT_ONCE {
            let service = Arc::clone(service);
            under_way.spawn(async move {
                let command = Customer::number(number).command(parent_id, service.now())?;
                let outcome = service.run_as_operator(Command::AddAccount(Box::new(command))).await?;
                Ok::<i64, Failure>(outcome.account.id.get())
            });
            number += 1;
        }
        let Some(added) = under_way.join_next().await else { break };
        let id = added.map_err(|error| Failure(error.to_string()))??;
        first = first.min(id);
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(first)
}

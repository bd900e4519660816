//! `tenantry restore`: makes an installation of a backup.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use tenantry_domain::AccountId;
use tenantry_service::{Clock, erasures};
use tenantry_store::{Backup, Place, Restoring, SKIPPED_IDS};

use super::backup::show;
use super::bar::Bar;
use super::say;
use crate::server::open;
use crate::{Failure, Settings};

#[derive(Debug, Args)]
#[command(after_help = "The data directory must be empty. With the setting `store` the records go to that database, which must be
empty, too. Nothing is put in place before the backup was checked, octet by octet; a run that was interrupted
is finished by the same command, and until then no server starts on the target.

Numbers that were given after the backup was made are in the hands of clients: none may come to mean somebody
else. So the next account and package get a number that much higher.

Examples:
  tenantry restore --from /var/backups/tenantry/2026-01-31 --data /var/lib/tenantry
  tenantry restore --from ./2026-01-31 --data ./data --erasures ./old/erasures.jsonl
  TENANTRY_STORE=postgres://… tenantry restore --from ./2026-01-31 --data ./data")]
pub(crate) struct RestoreArgs {
    /// The backup.
    #[arg(long, value_name = "FOLDER")]
    from: PathBuf,
    /// The data directory.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<String>,
    /// Numbers of accounts and packages to pass over: more than were given since the backup.
    #[arg(long, value_name = "N", default_value_t = SKIPPED_IDS, value_parser = clap::value_parser!(i64).range(0..))]
    skip_ids: i64,
    /// Lists of customers that were erased since (`erasures.jsonl` of each server's data directory): they are erased once more.
    #[arg(long, value_name = "FILE")]
    erasures: Vec<PathBuf>,
    /// The pepper, for a backup that has none.
    #[arg(long, value_name = "FILE")]
    pepper: Option<PathBuf>,
}

pub(crate) async fn run(settings: &Settings, args: RestoreArgs) -> Result<(), Failure> {
    let pepper = match &args.pepper {
        None => None,
        Some(path) => Some(fs::read(path).map_err(|error| Failure(format!("{}: {error}", path.display())))?),
    };
    // Before anything is done: a list that cannot be read must not be missed afterwards.
    let mut erased = Vec::new();
    for path in &args.erasures {
        erased.extend(erasures(path).map_err(|error| Failure(format!("{}: {error}", path.display())))?);
    }
    let bar = Bar::new();
    let restoring = Restoring {
        from: &args.from,
        data: &settings.data,
        postgres: settings.store.as_ref(),
        pepper: pepper.as_deref(),
        skip_ids: args.skip_ids,
        now: Clock::System.now(),
        stop: &Arc::default(),
    };
    let done = Box::pin(restoring.run(&mut |progress| show(&bar, &progress))).await;
    bar.end();
    let (backup, restored) = done?;
    let to = settings.store.clone().map_or_else(|| Place::Sqlite(settings.data.clone()), |store| Place::Postgres(Box::new(store)));
    say(&format!("{to} has all of {}, as of {}.", backup.path.display(), restored.taken_at));
    say(&format!(
        "What was acknowledged after that is not in it. The next account is number {}.",
        next_account(&backup, restored.skipped_ids)
    ));
    if !erased.is_empty() {
        say(&erase_again(settings, &erased).await?);
    }
    say(&format!("Look it over and start it: tenantry doctor --data {0} && tenantry serve --data {0}", settings.data.display()));
    Ok(())
}

/// Erases those once more who were erased after the backup was made.
async fn erase_again(settings: &Settings, erased: &[AccountId]) -> Result<String, Failure> {
    let service = open(settings).await?;
    let mut count = 0;
    for id in erased {
        count += u64::from(service.erase_again(*id).await?);
    }
    service.close().await;
    Ok(format!("Of {} erased customers {count} were in it and are erased again.", erased.len()))
}

fn next_account(backup: &Backup, skipped: i64) -> i64 {
    backup.manifest.next_ids.get("account").map_or(skipped, |next| next.saturating_add(skipped))
}

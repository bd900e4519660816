//! `tenantry backup`: makes a backup while the store is served, and looks one over.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::{fs, io, path};

use clap::{Args, Subcommand};
use tenantry_service::{Clock, PEPPER_FILE};
use tenantry_store::{Backup, BackupProgress, Making, PostgresOptions, verify};

use super::bar::Bar;
use super::{say, table};
use crate::admin::backup::Make;
use crate::control::back_up;
use crate::{Failure, Settings};

#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "A backup is a folder: tenantry.db, pepper.key, manifest.json, SHA256SUMS. It has all that was acknowledged
before it began, as of one instant, and stands under its name only when it is whole and was looked over.
Where a server runs, that makes the backup itself: it must be allowed to write to the folder's place.

Whoever has the folder has every record: keep it as you keep the store, or encrypt it on its way.

Examples:
  tenantry backup --data /var/lib/tenantry --to /var/backups/tenantry/2026-01-31
  tenantry backup verify /var/backups/tenantry/2026-01-31
  tar -C /var/backups/tenantry -c 2026-01-31 | age -r age1… > 2026-01-31.tar.age"
)]
pub(crate) struct BackupArgs {
    #[command(subcommand)]
    command: Option<BackupCommand>,
    /// The data directory.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<String>,
    /// The folder to make; there must be nothing of this name yet.
    #[arg(long, value_name = "FOLDER", required = true)]
    to: Option<PathBuf>,
    /// Leave pepper.key out, which is kept apart then: with it beside the records, call-in PINs can be guessed.
    #[arg(long)]
    without_pepper: bool,
    /// Print the manifest as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum BackupCommand {
    /// Check every octet of a backup, and look over what is in it.
    Verify {
        /// The backup.
        #[arg(value_name = "FOLDER")]
        backup: PathBuf,
        /// Print the manifest as JSON.
        #[arg(long)]
        json: bool,
    },
}

pub(crate) async fn run(settings: &Settings, args: BackupArgs) -> Result<(), Failure> {
    let bar = Bar::new();
    let stop = Arc::default();
    let (made, json) = match (args.command, args.to) {
        (Some(BackupCommand::Verify { backup, json }), _) => {
            (verify(&backup, &stop, &mut |progress| show(&bar, &progress)).map_err(Failure::from), json)
        }
        (None, Some(to)) => {
            let to = path::absolute(to)?;
            let make = Make { to, includes_pepper: !args.without_pepper };
            let made = match &settings.store {
                Some(store) => of_database(settings, store, &make, &stop, &bar).await,
                None => back_up(settings, make, &stop, &mut |progress| show(&bar, &progress)).await,
            };
            (made, args.json)
        }
        // The command line wants one of both.
        (None, None) => return Err(Failure("say where the backup shall be: --to FOLDER".to_owned())),
    };
    bar.end();
    let backup = made?;
    say(&if json { serde_json::to_string_pretty(&backup.manifest)? } else { shown(&backup) });
    Ok(())
}

/// A database is read beside its servers, and needs none of them.
async fn of_database(
    settings: &Settings,
    store: &PostgresOptions,
    make: &Make,
    stop: &Arc<AtomicBool>,
    bar: &Bar,
) -> Result<Backup, Failure> {
    let pepper = pepper(&settings.data.join(PEPPER_FILE))?;
    let making = Making {
        to: &make.to,
        pepper: &pepper,
        includes_pepper: make.includes_pepper,
        taken_at: Clock::System.now(),
        program: env!("CARGO_PKG_VERSION"),
        stop,
    };
    Ok(making.of_database(store, &mut |progress| show(bar, &progress)).await?)
}

fn pepper(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => {
            Failure(format!("{} is missing: name a data directory of a server over this database with --data", path.display()))
        }
        _ => Failure(format!("{}: {error}", path.display())),
    })
}

pub(super) fn show(bar: &Bar, progress: &BackupProgress) {
    bar.show(&progress.doing, &progress.unit, progress.done, progress.total);
}

fn shown(backup: &Backup) -> String {
    let manifest = &backup.manifest;
    let rows = manifest.tables.iter().map(|line| vec![line.name.clone(), line.rows.to_string(), line.checksum.clone()]);
    let pepper = if manifest.includes_pepper { "with the pepper" } else { "WITHOUT the pepper: keep pepper.key apart" };
    format!(
        "{}\n{} is whole: {} as of {}, {} KiB, {pepper}.",
        table(&["table", "rows", "checksum"], rows),
        backup.path.display(),
        manifest.engine,
        manifest.taken_at,
        backup.octets / 1024
    )
}

//! `tenantry migrate`: brings the store to the newest schema, or moves a whole installation to another place.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use clap::Args;
use tenantry_service::{Clock, PEPPER_FILE};
use tenantry_store::{Directory, Distributed, Moved, Place, PostgresOptions, Progress, Transfer, distribute};

use super::bar::Bar;
use super::{say, table};
use crate::server::open;
use crate::{Failure, Settings};

/// The word for the place that the settings name.
const CONFIGURED: &str = "store";

#[derive(Debug, Args)]
#[command(after_help = "A place is one of
  sqlite:DIR          the embedded engine's data directory
  postgres://…        a database, as in the setting `store`
  store               what the settings name, so that no password stands on the command line

Stop the servers first. The source is only read. An interrupted move goes on when it is started
again; until it is complete, no server starts on the target. Afterwards both ends are read and
compared, row by row.

Examples:
  tenantry migrate                                         bring the store to the newest schema
  tenantry migrate --from sqlite:./data --to store         move to the database of TENANTRY_STORE
  tenantry migrate --from store --to sqlite:./data-2       and back
  tenantry migrate --distribute                            spread a database over the nodes of a Citus cluster")]
pub(crate) struct MigrateArgs {
    /// The data directory.
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Option<String>,
    /// Where the installation is.
    #[arg(long, value_name = "PLACE", requires = "to")]
    from: Option<String>,
    /// Where it shall be: a place that is empty.
    #[arg(long, value_name = "PLACE", requires = "from")]
    to: Option<String>,
    /// Spread the tables of the setting `store` by tenant over the nodes of its Citus cluster.
    #[arg(long, conflicts_with = "from")]
    distribute: bool,
}

pub(crate) async fn run(settings: &Settings, args: MigrateArgs) -> Result<(), Failure> {
    if args.distribute {
        return spread(settings).await;
    }
    match (args.from, args.to) {
        (Some(from), Some(to)) => move_all(settings, &place(settings, &from)?, &place(settings, &to)?).await,
        _ => newest_schema(settings).await,
    }
}

async fn spread(settings: &Settings) -> Result<(), Failure> {
    let Some(store) = &settings.store else {
        return Err(Failure("--distribute is for a database: set `store` to the coordinator of a Citus cluster".to_owned()));
    };
    let tables = distribute(store).await?;
    let row = |table: &Distributed| vec![table.table.clone(), table.kind.clone(), table.shards.to_string(), table.nodes.to_string()];
    say(&table(&["table", "kind", "shards", "nodes"], tables.iter().map(row)));
    Ok(())
}

/// Opening a store brings it to the newest schema.
async fn newest_schema(settings: &Settings) -> Result<(), Failure> {
    crate::control::require_store(settings)?;
    let service = open(settings).await?;
    let report = service.report().await;
    service.close().await;
    let report = report.map_err(|refusal| Failure(refusal.message))?;
    say(&format!("The store has schema {}, the newest that this program knows.", report.schema_version));
    Ok(())
}

fn place(settings: &Settings, text: &str) -> Result<Place, Failure> {
    if text == CONFIGURED {
        return Ok(settings.store.clone().map_or_else(|| Place::Sqlite(settings.data.clone()), |store| Place::Postgres(Box::new(store))));
    }
    if let Some(path) = text.strip_prefix("sqlite:").filter(|path| !path.is_empty()) {
        return Ok(Place::Sqlite(path.into()));
    }
    if text.starts_with("postgres://") || text.starts_with("postgresql://") {
        let ca = settings.store.as_ref().and_then(|store| store.ca.clone());
        return match PostgresOptions::parse(text, ca) {
            Ok(options) => Ok(Place::Postgres(Box::new(options))),
            Err(fault) => Err(Failure(format!("{fault} (or set `store` and `store_ca`, and name this place `store`)"))),
        };
    }
    Err(Failure("a place is sqlite:DIR, postgres://… or store; see tenantry migrate --help".to_owned()))
}

async fn move_all(settings: &Settings, from: &Place, to: &Place) -> Result<(), Failure> {
    if from.to_string() == to.to_string() {
        return Err(Failure("the two places are the same".to_owned()));
    }
    if let Place::Sqlite(path) = from
        && !Directory::database_in(path).exists()
    {
        return Err(Failure(format!("there is no installation in {from}")));
    }
    let peppers = [from, to].map(|place| directory(settings, place).join(PEPPER_FILE));
    check_peppers(&peppers)?;
    take_along(&peppers)?;
    let bar = Bar::new();
    let show =
        |progress: Progress| bar.show(&format!("{} {}", progress.stage.doing(), progress.table), "rows", progress.done, progress.total);
    let moved = Transfer::new(from, to, Clock::System.now().micros()).run(show).await;
    bar.end();
    let moved = moved.map_err(|fault| Failure(format!("{fault}\nThe source is as it was.")))?;
    say(&table(&["table", "rows", "checksum of both ends"], moved.iter().map(row)));
    say(&format!("{to} has all of {from}. {}", next_step(settings, to)));
    Ok(())
}

fn row(moved: &Moved) -> Vec<String> {
    vec![moved.table.to_owned(), moved.tally.rows.to_string(), moved.tally.checksum()]
}

fn next_step(settings: &Settings, to: &Place) -> String {
    match to {
        Place::Sqlite(path) => format!("Start it without the setting `store`: tenantry serve --data {}", path.display()),
        Place::Postgres(_) => format!("Start it with the setting `store`: tenantry serve --data {}", settings.data.display()),
    }
}

/// The data directory of a place: over a database it is the server's own.
fn directory<'a>(settings: &'a Settings, place: &'a Place) -> &'a Path {
    match place {
        Place::Sqlite(path) => path,
        Place::Postgres(_) => &settings.data,
    }
}

/// Call-in PINs can be checked only with the pepper under which their digests were made.
fn check_peppers([from, to]: &[PathBuf; 2]) -> Result<(), Failure> {
    let read = |path: &Path| match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure(format!("{}: {error}", path.display()))),
        Ok(secret) => Ok(Some(secret)),
    };
    match (read(from)?, read(to)?) {
        (None, _) => Err(Failure(format!(
            "{} is missing, without which call-in PINs cannot be checked afterwards; copy it there from the server that has it",
            from.display()
        ))),
        (Some(one), Some(other)) if one != other => {
            Err(Failure(format!("{} is another installation's; name a data directory without one", to.display())))
        }
        _ => Ok(()),
    }
}

fn take_along([from, to]: &[PathBuf; 2]) -> io::Result<()> {
    if to.exists() {
        return Ok(());
    }
    if let Some(directory) = to.parent() {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
    }
    // Under its own name only when all of it is there.
    let made = to.with_extension("new");
    let mut file = fs::OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&made)?;
    file.write_all(&fs::read(from)?)?;
    file.sync_all()?;
    fs::rename(&made, to)?;
    match to.parent() {
        Some(parent) => fs::File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

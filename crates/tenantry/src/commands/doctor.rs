//! `tenantry doctor`: looks the store and the disk over.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use tenantry_service::Service;
use tenantry_store::{Integrity, OpenFault};

use super::{say, table};
use crate::control::require_store;
use crate::server::open;
use crate::{Failure, Settings};

/// Flushes that are timed: enough for a median.
const FLUSHES: usize = 50;
/// A flush slower than this makes every lone write slow; the disk, not the server, wants looking at.
const SLOW_FLUSH: Duration = Duration::from_millis(10);

struct Finding {
    what: &'static str,
    found: String,
    fine: bool,
}

pub(crate) async fn run(settings: &Settings) -> Result<(), Failure> {
    let directory = &settings.data;
    require_store(settings)?;
    let service = open(settings).await.map_err(|fault| match fault {
        OpenFault::InUse { .. } => Failure(format!("{fault}; stop the server first: a doctor reads the whole file")),
        other => other.into(),
    })?;
    let mut findings = store(&service).await;
    service.close().await;
    findings.push(access(directory)?);
    findings.push(flush(directory)?);
    let rows = findings
        .iter()
        .map(|finding| vec![if finding.fine { "fine" } else { "LOOK" }.to_owned(), finding.what.to_owned(), finding.found.clone()]);
    say(&table(&["", "what", "found"], rows));
    match findings.iter().filter(|finding| !finding.fine).count() {
        0 => Ok(()),
        1 => Err(Failure("1 finding wants a look".to_owned())),
        wrong => Err(Failure(format!("{wrong} findings want a look"))),
    }
}

/// What the store says of itself. One that cannot even be read through is a finding, not the end.
async fn store(service: &Service) -> Vec<Finding> {
    let report = match service.report().await {
        Ok(report) => report,
        Err(refusal) => {
            let found = format!("the file cannot be read through: {}", refusal.cause.unwrap_or(refusal.message));
            return vec![Finding { what: "integrity", found, fine: false }];
        }
    };
    let installed = service.is_installed().await.unwrap_or(false);
    vec![
        Finding { what: "engine", found: report.engine, fine: true },
        Finding { what: "schema", found: report.schema_version.to_string(), fine: true },
        integrity(report.integrity),
        Finding { what: "installed", found: installed.to_string(), fine: installed },
        Finding { what: "accounts", found: report.accounts.to_string(), fine: true },
        Finding { what: "keys", found: report.keys.to_string(), fine: true },
        Finding { what: "events", found: report.events.to_string(), fine: true },
        Finding {
            what: "balances that are not the sum of their ledger",
            found: report.unbalanced.to_string(),
            fine: report.unbalanced == 0,
        },
        Finding { what: "histories that are no gapless chain", found: report.torn.to_string(), fine: report.torn == 0 },
        Finding { what: "size of the database", found: format!("{} KiB", report.octets / 1024), fine: true },
    ]
}

fn integrity(integrity: Integrity) -> Finding {
    let what = "integrity";
    match integrity {
        Integrity::Whole => Finding { what, found: "ok".to_owned(), fine: true },
        Integrity::Damaged(found) => Finding { what, found: found.join("; "), fine: false },
        Integrity::Elsewhere(by) => Finding { what, found: by, fine: true },
    }
}

/// Whether anybody but the owner can open the directory.
fn access(directory: &Path) -> io::Result<Finding> {
    let mode = fs::metadata(directory)?.permissions().mode() & 0o777;
    Ok(Finding { what: "access to the directory", found: format!("{mode:03o}"), fine: mode & 0o077 == 0 })
}

/// How long the disk takes to flush.
fn flush(directory: &Path) -> io::Result<Finding> {
    let path = directory.join("doctor.tmp");
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).open(&path)?;
    let mut times = Vec::with_capacity(FLUSHES);
    for _ in 0..FLUSHES {
        file.write_all(&[0; 4096])?;
        let start = Instant::now();
        file.sync_data()?;
        times.push(start.elapsed());
    }
    fs::remove_file(&path)?;
    times.sort();
    let median = times[FLUSHES / 2];
    Ok(Finding { what: "median flush of the disk", found: format!("{median:.1?}"), fine: median < SLOW_FLUSH })
}

//! `tenantry doctor`: looks the store, the disk and the settings over.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

use super::{say, table};
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
    if !directory.join("tenantry.db").exists() {
        return Err(Failure(format!("{} holds no store; make one with: tenantry init --data DIR", directory.display())));
    }
    let service = open(settings).map_err(|fault| Failure(format!("{fault}; stop the server first: a doctor reads the whole file")))?;
    let report = service.report()?;
    let mut findings = vec![
        Finding { what: "SQLite", found: report.sqlite_version, fine: true },
        Finding { what: "schema", found: report.schema_version.to_string(), fine: true },
        Finding { what: "integrity", found: report.integrity.join("; "), fine: report.integrity == ["ok"] },
        Finding { what: "installed", found: service.is_installed()?.to_string(), fine: service.is_installed()? },
        Finding { what: "accounts", found: report.accounts.to_string(), fine: true },
        Finding { what: "keys", found: report.keys.to_string(), fine: true },
        Finding { what: "events", found: report.events.to_string(), fine: true },
        Finding { what: "size of the database", found: format!("{} KiB", report.octets / 1024), fine: true },
    ];
    service.close();
    findings.push(access(directory)?);
    findings.push(flush(directory)?);
    let rows = findings
        .iter()
        .map(|finding| vec![if finding.fine { "fine" } else { "LOOK" }.to_owned(), finding.what.to_owned(), finding.found.clone()]);
    say(&table(&["", "what", "found"], rows));
    let wrong = findings.iter().filter(|finding| !finding.fine).count();
    if wrong == 0 { Ok(()) } else { Err(Failure(format!("{wrong} findings want a look"))) }
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

//! What a backup says of itself, for people and for whoever restores it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The form of backups that this program makes.
pub(super) const FORMAT: i64 = 1;

/// The file `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the backup: what files there are, and what is in them.
    pub format: i64,
    /// The version of the program that made it.
    pub program: String,
    /// The engine that the installation was on, with its version.
    pub engine: String,
    /// The schema's version, in the embedded engine's counting.
    pub schema_version: i64,
    /// The instant, in RFC 3339: what was acknowledged before it is in the backup.
    pub taken_at: String,
    /// Whether `pepper.key` is part of the backup.
    pub includes_pepper: bool,
    /// The SHA-256 of `pepper.key`: it is random, so that this says nothing of it.
    pub pepper_sha256: String,
    /// The numbers that would have been given next.
    pub next_ids: BTreeMap<String, i64>,
    /// Every table, by name.
    pub tables: Vec<TableLine>,
}

/// What there is of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableLine {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// A sum over them that does not depend on their order.
    pub checksum: String,
}

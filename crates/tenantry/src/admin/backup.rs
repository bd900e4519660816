//! Making a backup.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};
use tenantry_service::Service;
use tenantry_store::{Backup, Tell};

use crate::Failure;

/// A backup that is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Make {
    /// The folder, from the root: whoever makes it may stand elsewhere.
    pub(crate) to: PathBuf,
    pub(crate) includes_pepper: bool,
}

/// Makes a backup of the store that a service has open. Blocks.
pub(crate) fn make(service: &Service, make: &Make, stop: &Arc<AtomicBool>, tell: Tell<'_>) -> Result<Backup, Failure> {
    Ok(service.back_up(&make.to, make.includes_pepper, env!("CARGO_PKG_VERSION"), stop, tell)?)
}

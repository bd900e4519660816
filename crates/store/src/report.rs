//! What an operator wants to know of a store's health.

/// The health of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreReport {
    /// The engine and its version.
    pub engine: String,
    /// The schema's version.
    pub schema_version: i64,
    /// What the engine finds when it looks its files over: `ok`, or its findings.
    pub integrity: Vec<String>,
    /// Accounts, deleted ones included.
    pub accounts: i64,
    /// Keys, revoked ones included.
    pub keys: i64,
    /// Events.
    pub events: i64,
    /// Accounts of which a balance is not the sum of its ledger.
    pub unbalanced: i64,
    /// Size of the database in octets.
    pub octets: i64,
}

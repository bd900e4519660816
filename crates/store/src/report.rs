//! What an operator wants to know of a store's health.

/// Whether the files of a store are whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Integrity {
    /// All of them were looked over, and are.
    Whole,
    /// They were looked over, and this was found.
    Damaged(Vec<String>),
    /// They are somebody else's to look after, who does it like this.
    Elsewhere(String),
}

/// The health of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreReport {
    /// The engine and its version.
    pub engine: String,
    /// The schema's version.
    pub schema_version: i64,
    /// Whether the files are whole.
    pub integrity: Integrity,
    /// Accounts, deleted ones included.
    pub accounts: i64,
    /// Keys, revoked ones included.
    pub keys: i64,
    /// Events.
    pub events: i64,
    /// Accounts of which a balance is not the sum of its ledger.
    pub unbalanced: i64,
    /// Accounts whose history is no gapless chain.
    pub torn: i64,
    /// Size of the database in octets.
    pub octets: i64,
}

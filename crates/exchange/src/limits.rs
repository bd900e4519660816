//! What a file may be.

/// Octets of a row: as many as a body of a call may have, since a row says no more.
pub const ROW_MAX_OCTETS: usize = 256 * 1024;
/// Columns of a file: several times the fields that there are.
pub const COLUMNS_MAX: usize = 256;

//! What every engine must do: the suite is written against `Store`, opened by one function for each engine.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod batches;
mod cache;
mod faults;
mod histories;
mod lists;
mod packages;
mod postgres;
mod records;
mod site;
mod transfers;

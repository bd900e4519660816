//! What all faces share: the listener and its limits, who a client is, how bodies and JSON are read, health and metrics. No dialect's shape and no
//! record of the domain is known here.

pub mod access_log;
pub mod authorization;
pub mod body;
pub mod client_address;
pub mod health;
pub mod json;
pub mod listener;
pub mod metrics;
pub mod query;
pub mod request_id;
pub mod tls;

//! The listener: our own accept loop over hyper, because `axum::serve` has no timeout of any kind.

mod framing;
mod guard;
mod limits;
mod serve;
mod service;

use std::net::SocketAddr;

pub use limits::Limits;
pub use serve::{RequestIds, Server, serve};

/// The address of the other end of a connection, in every request's extensions.
#[derive(Debug, Clone, Copy)]
pub struct PeerAddress(pub SocketAddr);

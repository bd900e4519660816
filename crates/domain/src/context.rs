//! What stands beside a command: who acts, when, with which randomness, and where the request came from.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::account::{Account, Kind};
use crate::id::{AccountId, TenantId};
use crate::idempotency::Idempotency;
use crate::value::{ClaimedAddress, Timestamp};

/// The account that acts. It is made from credentials or by the command line, never from a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Actor {
    /// The account.
    pub account_id: AccountId,
    /// Its tenant.
    pub tenant_id: TenantId,
    /// What kind of party it is.
    pub kind: Kind,
}

impl Actor {
    /// The operator itself.
    pub const OPERATOR: Self = Self { account_id: AccountId::OPERATOR, tenant_id: TenantId::OPERATOR, kind: Kind::Operator };

    /// Whether this party may act on an account: the operator on all, a provider on itself and everything below it, a customer on itself.
    pub fn reaches(&self, account: &Account) -> bool {
        match self.kind {
            Kind::Operator => true,
            Kind::Provider => {
                self.tenant_id == account.tenant_id && (self.account_id == account.id || account.ancestors.contains(&self.account_id))
            }
            Kind::Customer => self.account_id == account.id,
        }
    }

    /// Whether this party, which reaches the account, stands above it: nobody sets its own status, balance or package.
    pub fn is_above(&self, account: &Account) -> bool {
        self.kind != Kind::Customer && self.account_id != account.id
    }
}

/// 32 random bytes that a command may use up; the same seed gives the same decision.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub [u8; 32]);

impl Seed {
    /// The first half as a number.
    pub fn number(&self) -> u128 {
        let mut half = [0; 16];
        half.copy_from_slice(&self.0[..16]);
        u128::from_le_bytes(half)
    }
}

impl std::fmt::Debug for Seed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The dialect in which a request came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// The signed JSON of WWWEngine.
    Wwwengine,
    /// The REST and XML-RPC calls of Everlytic.
    Everlytic,
    /// Our own JSON.
    V1,
    /// The command line, on the server's own machine.
    CommandLine,
    /// Nobody: what the server does by itself when its time has come.
    Timer,
}

impl Dialect {
    /// The word that stands for it in events and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Wwwengine => "wwwengine",
            Self::Everlytic => "everlytic",
            Self::V1 => "v1",
            Self::CommandLine => "command_line",
            Self::Timer => "timer",
        }
    }
}

/// Where a request came from; goes into the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// The dialect.
    pub dialect: Dialect,
    /// The request's id, as the answer's `x-request-id` has it.
    pub request_id: String,
    /// The address that the request came from, behind listed proxies.
    pub peer: Option<IpAddr>,
    /// The address that the caller claims its end user to have.
    pub claimed: Option<ClaimedAddress>,
    /// The public part of the credential, cut to what a log may show.
    pub credential: Option<String>,
}

/// Everything beside the command that a decision may use.
#[derive(Debug, Clone)]
pub struct Context {
    /// Who acts.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
    /// The randomness.
    pub seed: Seed,
    /// From where.
    pub origin: Origin,
    /// The versions in which the account must be for the command to be carried out; `None`: in any.
    pub only_versions: Option<Vec<i64>>,
    /// What makes the request happen once; `None`: it happens as often as it is sent.
    pub idempotency: Option<Idempotency>,
}

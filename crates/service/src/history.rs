//! The history of accounts.

use std::collections::HashMap;

use tenantry_domain::key::Scope;
use tenantry_domain::{AccountId, Code, Refusal};
use tenantry_store::{EventList, EventMark};

use crate::credentials::unavailable;
use crate::{Principal, Service};

impl Service {
    /// A page of an account's history, the newest event first. Whose key it was and from where is told of those whom the caller reaches.
    ///
    /// # Errors
    /// The key has not the scope, or is a customer's; there is no such account, or it is not the caller's; the store cannot be read.
    pub async fn history(&self, principal: &Principal, id: AccountId, from: Option<EventMark>, limit: usize) -> Result<EventList, Refusal> {
        principal.require(Scope::Read)?;
        if principal.is_customer() {
            return Err(Refusal::new(Code::Forbidden, "A history is for the provider above the customer"));
        }
        let account = self.look_up(principal, id).await?;
        let mut list = {
            let _turn = self.lists.take(principal.actor().tenant_id).await;
            self.store.events(account.tenant_id, account.id, from, limit).await.map_err(|fault| unavailable(&fault))?
        };
        let mut reached = HashMap::new();
        for event in &mut list.events {
            let is_reached = match reached.get(&event.actor_id) {
                Some(is_reached) => *is_reached,
                None => {
                    let is_reached = self.look_up(principal, event.actor_id).await.is_ok();
                    reached.insert(event.actor_id, is_reached);
                    is_reached
                }
            };
            if !is_reached {
                (event.credential, event.peer, event.claimed) = (None, None, None);
            }
        }
        Ok(list)
    }
}

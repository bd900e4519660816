//! Checking call-in PINs: a secret of few values, so that every wrong one counts.

use tenantry_domain::key::Scope;
use tenantry_domain::value::CallInPin;
use tenantry_domain::{AccountId, Refusal};

use crate::{Request, Service};

impl Service {
    /// Whether a PIN is that of an account. Whoever may set a PIN may check one: a key that only reads must not find it out by trying.
    ///
    /// # Errors
    /// The key has not the scope; there is no such account, or it is not the caller's; too many wrong PINs were tried; the store cannot be read.
    pub async fn check_pin(&self, id: AccountId, pin: &CallInPin, request: &Request) -> Result<bool, Refusal> {
        let principal = &request.principal;
        principal.require(Scope::Edit)?;
        let account = self.look_up(principal, id).await?;
        let at = self.now();
        self.budget.adopt(self.store.counted_failure_budgets());
        let whose = (account.id, principal.actor().account_id);
        let is_right = || self.pepper.is_pin(pin, account.call_in_pin.as_ref());
        let (matches, used) = self.budget.tried_pin(whose, at, &self.pepper, is_right)?;
        for budget in used {
            self.store.keep_failure_budget(budget, at.micros());
        }
        if !matches {
            tracing::info!(account_id = %id, credential = principal.credential(), request_id = request.request_id, "a call-in PIN was wrong");
        }
        Ok(matches)
    }
}

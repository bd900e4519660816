//! What is done when its time has come, without a caller.

use std::sync::Arc;

use tenantry_domain::account::hold::ReleaseEndedHolds;
use tenantry_domain::{Command, Dialect, Refusal};
use tokio::task::JoinSet;

use crate::Service;
use crate::credentials::unavailable;

/// Accounts that are looked after at a time: as many as a batch holds.
const AT_A_TIME: u32 = 256;

impl Service {
    /// Releases the holds that have ended by themselves, all at once, so that they share a commit. Of several servers each does so; what one has done the next
    /// finds done. One that cannot be released is logged, and is in nobody's way.
    ///
    /// # Errors
    /// The store cannot be read now.
    pub async fn release_ended_holds(self: &Arc<Self>) -> Result<(), Refusal> {
        let ended = self.store.ended_holds(self.now().micros(), AT_A_TIME).await.map_err(|fault| unavailable(&fault))?;
        let mut releasing = JoinSet::new();
        for id in ended {
            let service = Arc::clone(self);
            releasing.spawn(async move {
                let released = service.run_by_itself(Command::ReleaseEndedHolds(ReleaseEndedHolds { id }), Dialect::Timer).await;
                if let Err(refusal) = released {
                    tracing::warn!(%refusal, cause = refusal.cause, account_id = id.get(), "holds that have ended were not released; it will be tried again");
                }
            });
        }
        while releasing.join_next().await.is_some() {}
        Ok(())
    }
}

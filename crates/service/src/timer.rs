//! What is done when its time has come, without a caller.

use tenantry_domain::account::hold::ReleaseEndedHolds;
use tenantry_domain::{Command, Dialect, Refusal};

use crate::Service;
use crate::credentials::unavailable;

/// Accounts that are looked after at a time: as many as a batch holds.
const AT_A_TIME: u32 = 256;

impl Service {
    /// Releases the holds that have ended by themselves. Of several servers each does so; what one has done the next finds done.
    ///
    /// # Errors
    /// The store cannot be read or written now; what was not done is done the next time.
    pub async fn release_ended_holds(&self) -> Result<(), Refusal> {
        let ended = self.store.ended_holds(self.now().micros(), AT_A_TIME).await.map_err(|fault| unavailable(&fault))?;
        for id in ended {
            self.run_by_itself(Command::ReleaseEndedHolds(ReleaseEndedHolds { id }), Dialect::Timer).await?;
        }
        Ok(())
    }
}

//! Turns of lists: as many run at once as the store has connections for, and of those that wait the tenant comes next whose last turn is the longest ago.
//! Whoever asks for many lists waits for itself, and for nobody else longer than one list takes.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tenantry_domain::TenantId;
use tokio::sync::oneshot;

/// The turns that there are.
#[derive(Clone)]
pub(crate) struct Turns(Arc<Mutex<State>>);

struct State {
    free: usize,
    waiting: Vec<Waiting>,
    /// When each tenant had its last turn, counted in turns. Empty again once nobody waits.
    served: HashMap<TenantId, u64>,
    turns: u64,
}

struct Waiting {
    tenant_id: TenantId,
    turn: oneshot::Sender<Turn>,
}

/// A turn; over when it is dropped.
pub(crate) struct Turn(Turns);

impl Turns {
    /// So many at once.
    pub(crate) fn new(at_once: usize) -> Self {
        Self(Arc::new(Mutex::new(State { free: at_once, waiting: Vec::new(), served: HashMap::new(), turns: 0 })))
    }

    /// Waits for a turn of this tenant.
    pub(crate) async fn take(&self, tenant_id: TenantId) -> Turn {
        let coming = {
            let mut state = self.0.lock();
            if state.free > 0 {
                state.free -= 1;
                state.note(tenant_id);
                return Turn(self.clone());
            }
            let (turn, coming) = oneshot::channel();
            state.waiting.push(Waiting { tenant_id, turn });
            coming
        };
        // The sender is kept until it sends; a turn that nobody takes any more ends by being dropped.
        match coming.await {
            Ok(turn) => turn,
            Err(_) => std::future::pending().await,
        }
    }

    /// Gives a turn that is over to whoever comes next.
    fn pass_on(&self) {
        let next = {
            let mut state = self.0.lock();
            // Those whose clients went away.
            state.waiting.retain(|waiting| !waiting.turn.is_closed());
            let last = |waiting: &Waiting| state.served.get(&waiting.tenant_id).copied().unwrap_or(0);
            let Some((index, _)) = state.waiting.iter().enumerate().min_by_key(|(index, waiting)| (last(waiting), *index)) else {
                state.free += 1;
                state.served.clear();
                return;
            };
            let next = state.waiting.remove(index);
            state.note(next.tenant_id);
            next
        };
        // Whoever waited may have gone away: then the turn that is dropped here passes itself on.
        let _taken_or_passed_on = next.turn.send(Turn(self.clone()));
    }
}

impl State {
    fn note(&mut self, tenant_id: TenantId) {
        self.turns += 1;
        self.served.insert(tenant_id, self.turns);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.pass_on();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tenantry_domain::AccountId;

    fn tenant(number: i64) -> TenantId {
        TenantId::of(AccountId::try_from(number).unwrap())
    }

    #[tokio::test]
    async fn whoever_asks_for_many_waits_for_itself() {
        let turns = Turns::new(1);
        let running = turns.take(tenant(1)).await;
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = tokio::task::JoinSet::new();
        for number in [1, 1, 1, 2, 1, 3, 2] {
            let (turns, order) = (turns.clone(), Arc::clone(&order));
            tasks.spawn(async move {
                let _turn = turns.take(tenant(number)).await;
                order.lock().push(number);
            });
            // Each is in the queue before the next comes.
            tokio::task::yield_now().await;
        }
        drop(running);
        tasks.join_all().await;
        assert_eq!(*order.lock(), [2, 3, 1, 2, 1, 1, 1]);
    }

    #[tokio::test]
    async fn a_turn_is_not_lost_with_whoever_waited_for_it() {
        let turns = Turns::new(1);
        let running = turns.take(tenant(1)).await;
        for _ in 0..3 {
            let turns = turns.clone();
            let waiting = tokio::spawn(async move { drop(turns.take(tenant(2)).await) });
            tokio::task::yield_now().await;
            waiting.abort();
        }
        let patient = tokio::spawn({
            let turns = turns.clone();
            async move { drop(turns.take(tenant(3)).await) }
        });
        tokio::task::yield_now().await;
        drop(running);
        patient.await.unwrap();
        drop(turns.take(tenant(1)).await);
        assert_eq!(turns.0.lock().free, 1);
    }
}

//! Lanes: one queue for each tenant, and the workers, one for each connection, that take what waits in the one that has waited longest.
//!
//! A lane is taken by one worker at a time, so that what comes meanwhile gathers to a batch. Once the worker waits for nothing but the database's flush, the next
//! takes what gathered: flushes are long, and a tenant's writes would else wait for each of them. Two that change the same record are never under way at once.
//! Whoever sends much fills its own lane, and waits for itself.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::Hash;

use parking_lot::Mutex;
use tenantry_domain::AccountId;
use tokio::sync::Semaphore;

/// What waits in a lane.
pub(super) trait Work {
    /// The record that it changes.
    fn changes(&self) -> Option<AccountId>;
}

/// The queues, by whose they are.
pub(super) struct Lanes<K: Copy + Eq + Hash, J: Work> {
    state: Mutex<State<K, J>>,
    /// A permit for each entry of `ready`.
    ready: Semaphore,
    /// How many turns on one lane there may be at a time.
    turns: usize,
    /// What may wait in all.
    room: usize,
}

/// The work on what was taken of a lane: it ends when this is dropped, also by a panic.
pub(super) struct Turn<'a, K: Copy + Eq + Hash, J: Work> {
    lanes: &'a Lanes<K, J>,
    whose: K,
    changes: Vec<AccountId>,
    /// Nobody else takes of the lane.
    holds: bool,
}

struct State<K, J> {
    lanes: HashMap<K, Lane<J>>,
    /// Lanes of which something can be taken, the one that has waited longest first.
    ready: VecDeque<K>,
    waiting: usize,
}

struct Lane<J> {
    jobs: VecDeque<J>,
    is_ready: bool,
    /// Somebody has taken of it, and not let the next do so yet.
    is_held: bool,
    turns: usize,
    /// The records that are being changed.
    under_way: HashSet<AccountId>,
}

impl<J: Work> Lane<J> {
    fn new() -> Self {
        Self { jobs: VecDeque::new(), is_ready: false, is_held: false, turns: 0, under_way: HashSet::new() }
    }

    fn is_free(&self, job: &J) -> bool {
        job.changes().is_none_or(|record| !self.under_way.contains(&record))
    }

    /// Takes up to so many jobs whose records nobody changes, in order.
    fn take(&mut self, most: usize) -> Vec<J> {
        if self.under_way.is_empty() {
            return self.jobs.drain(..most.min(self.jobs.len())).collect();
        }
        let (mut taken, mut left) = (Vec::new(), VecDeque::with_capacity(self.jobs.len()));
        for job in std::mem::take(&mut self.jobs) {
            if taken.len() < most && self.is_free(&job) {
                taken.push(job);
            } else {
                left.push_back(job);
            }
        }
        self.jobs = left;
        taken
    }
}

impl<K: Copy + Eq + Hash, J: Work> Lanes<K, J> {
    /// Lanes with so many turns at a time on each, and room for so many jobs in all.
    pub(super) fn new(turns: usize, room: usize) -> Self {
        let state = State { lanes: HashMap::new(), ready: VecDeque::new(), waiting: 0 };
        Self { state: Mutex::new(state), ready: Semaphore::new(0), turns, room }
    }

    /// Puts a job into a lane.
    ///
    /// # Errors
    /// The job: there is no room, or no more are taken.
    pub(super) fn push(&self, whose: K, job: J) -> Result<(), J> {
        let mut state = self.state.lock();
        if state.waiting >= self.room || self.ready.is_closed() {
            return Err(job);
        }
        state.waiting += 1;
        let lane = state.lanes.entry(whose).or_insert_with(Lane::new);
        // Those before it were looked at when they came, and when a turn ended.
        let is_free = lane.is_free(&job);
        lane.jobs.push_back(job);
        if is_free {
            self.make_ready(&mut state, whose);
        }
        Ok(())
    }

    /// Waits for a lane of which something can be taken, and takes up to so many jobs of it. `None` when no more come and none are left.
    pub(super) async fn next(&self, most: usize) -> Option<(Turn<'_, K, J>, Vec<J>)> {
        // Once closed, what is ready is taken without a permit.
        if let Ok(permit) = self.ready.acquire().await {
            permit.forget();
        }
        let mut state = self.state.lock();
        let whose = state.ready.pop_front()?;
        let lane = state.lanes.get_mut(&whose)?;
        let jobs = lane.take(most);
        let changes: Vec<AccountId> = jobs.iter().filter_map(J::changes).collect();
        lane.is_ready = false;
        lane.is_held = true;
        lane.turns += 1;
        lane.under_way.extend(&changes);
        state.waiting -= jobs.len();
        Some((Turn { lanes: self, whose, changes, holds: true }, jobs))
    }

    /// Has a lane taken of, when that can be.
    fn make_ready(&self, state: &mut State<K, J>, whose: K) {
        let Some(lane) = state.lanes.get_mut(&whose) else { return };
        if lane.is_ready || lane.is_held || lane.turns >= self.turns {
            return;
        }
        lane.is_ready = true;
        state.ready.push_back(whose);
        if !self.ready.is_closed() {
            self.ready.add_permits(1);
        }
    }

    /// How many jobs wait.
    pub(super) fn waiting(&self) -> usize {
        self.state.lock().waiting
    }

    /// Takes no more jobs; those that wait are still given out.
    pub(super) fn close(&self) {
        let _pushes_end_first = self.state.lock();
        self.ready.close();
    }
}

impl<K: Copy + Eq + Hash, J: Work> Turn<'_, K, J> {
    /// Whose lane it is.
    pub(super) const fn whose(&self) -> K {
        self.whose
    }

    /// Lets the next take what gathered, as far as it changes other records.
    pub(super) fn let_next(&mut self) {
        if std::mem::take(&mut self.holds) {
            self.change(|lane| lane.is_held = false);
        }
    }

    /// Changes the lane, and has it taken of when that can be now.
    fn change(&self, change: impl FnOnce(&mut Lane<J>)) {
        let mut state = self.lanes.state.lock();
        let Some(lane) = state.lanes.get_mut(&self.whose) else { return };
        change(lane);
        if lane.jobs.is_empty() && lane.turns == 0 {
            state.lanes.remove(&self.whose);
        } else if lane.jobs.iter().any(|job| lane.is_free(job)) {
            self.lanes.make_ready(&mut state, self.whose);
        }
    }
}

impl<K: Copy + Eq + Hash, J: Work> Drop for Turn<'_, K, J> {
    fn drop(&mut self) {
        let holds = self.holds;
        self.change(|lane| {
            lane.is_held &= !holds;
            lane.turns -= 1;
            for record in &self.changes {
                lane.under_way.remove(record);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A job that changes a record, or none.
    #[derive(Debug, PartialEq, Eq)]
    struct Of(i64, Option<i64>);

    impl Work for Of {
        fn changes(&self) -> Option<AccountId> {
            self.1.map(|number| AccountId::try_from(number).unwrap())
        }
    }

    /// One that changes nothing.
    const fn plain(number: i64) -> Of {
        Of(number, None)
    }

    async fn taken<'a>(lanes: &'a Lanes<char, Of>, most: usize) -> (Turn<'a, char, Of>, Vec<i64>) {
        let (turn, jobs) = lanes.next(most).await.unwrap();
        (turn, jobs.into_iter().map(|job| job.0).collect())
    }

    fn is_ready(lanes: &Lanes<char, Of>) -> bool {
        !lanes.state.lock().ready.is_empty()
    }

    #[tokio::test]
    async fn a_lane_is_worked_on_by_one_at_a_time_and_lanes_come_in_turn() {
        let lanes = Lanes::new(1, 10);
        for (whose, job) in [('a', 1), ('a', 2), ('b', 3), ('a', 4)] {
            lanes.push(whose, plain(job)).unwrap();
        }
        let (a, jobs) = taken(&lanes, 2).await;
        assert_eq!((a.whose(), jobs), ('a', vec![1, 2]));
        let (b, jobs) = taken(&lanes, 2).await;
        assert_eq!((b.whose(), jobs), ('b', vec![3]), "what is left of a is not given out while somebody works on it");
        lanes.push('b', plain(5)).unwrap();
        assert!(!is_ready(&lanes));
        drop((b, a));
        assert_eq!(taken(&lanes, 2).await.1, [5]);
        assert_eq!(taken(&lanes, 2).await.1, [4]);
        assert!(lanes.state.lock().lanes.is_empty(), "a lane that is empty is forgotten");
    }

    #[tokio::test]
    async fn the_next_begins_when_it_is_let_and_changes_no_record_that_is_under_way() {
        let lanes = Lanes::new(2, 10);
        for (job, record) in [(1, 7), (2, 8), (3, 7)] {
            lanes.push('a', Of(job, Some(record))).unwrap();
        }
        let (mut first, jobs) = taken(&lanes, 2).await;
        assert_eq!(jobs, [1, 2]);
        first.let_next();
        assert!(!is_ready(&lanes), "what waits changes a record that is under way");
        lanes.push('a', Of(4, Some(9))).unwrap();
        lanes.push('a', Of(5, Some(8))).unwrap();
        let (mut second, jobs) = taken(&lanes, 9).await;
        assert_eq!(jobs, [4]);
        second.let_next();
        lanes.push('a', plain(6)).unwrap();
        assert!(!is_ready(&lanes), "there are two turns already");
        drop(first);
        let (third, jobs) = taken(&lanes, 9).await;
        assert_eq!(jobs, [3, 5, 6], "in the order in which they came");
        drop((second, third));
        assert!(lanes.state.lock().lanes.is_empty());
    }

    #[tokio::test]
    async fn what_waits_is_still_done_after_the_end_and_nothing_more() {
        let lanes = Lanes::new(1, 2);
        lanes.push('a', plain(1)).unwrap();
        lanes.push('b', plain(2)).unwrap();
        assert_eq!(lanes.push('c', plain(3)), Err(plain(3)), "there is no room");
        let (a, jobs) = taken(&lanes, 1).await;
        assert_eq!(jobs, [1]);
        lanes.push('a', plain(4)).unwrap();
        lanes.close();
        assert_eq!(lanes.push('a', plain(5)), Err(plain(5)));
        let (_b, jobs) = taken(&lanes, 1).await;
        assert_eq!(jobs, [2]);
        drop(a);
        assert_eq!(taken(&lanes, 1).await.1, [4]);
        assert!(lanes.next(1).await.is_none());
    }

    #[tokio::test]
    async fn a_lane_that_is_let_at_once_is_worked_on_by_many() {
        let lanes = Lanes::new(usize::MAX, 10);
        for job in 0..3 {
            lanes.push('a', plain(job)).unwrap();
        }
        let (mut first, jobs) = taken(&lanes, 2).await;
        assert_eq!(jobs, [0, 1]);
        first.let_next();
        assert_eq!(taken(&lanes, 2).await.1, [2]);
    }
}

//! Lanes: one queue for each tenant, and the workers, one for each connection, that take what waits in the one that has waited longest.
//!
//! A lane that is exclusive is worked on by one worker at a time, so that a tenant's writes come one after the other and never wait for each other's locks;
//! while one batch is under way the next gathers. Whoever sends much fills its own lane, and waits for itself.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

use parking_lot::Mutex;
use tokio::sync::Semaphore;

/// The queues, by whose they are.
pub(super) struct Lanes<K, J> {
    state: Mutex<State<K, J>>,
    /// A permit for each entry of `ready`.
    ready: Semaphore,
    exclusive: bool,
    /// What may wait in all.
    room: usize,
}

/// The work on a lane.
pub(super) struct Turn<'a, K: Copy + Eq + Hash, J> {
    lanes: &'a Lanes<K, J>,
    whose: K,
}

impl<K: Copy + Eq + Hash, J> Drop for Turn<'_, K, J> {
    fn drop(&mut self) {
        if self.lanes.exclusive {
            self.lanes.free(&mut self.lanes.state.lock(), self.whose);
        }
    }
}

struct State<K, J> {
    lanes: HashMap<K, Lane<J>>,
    /// Lanes in which something waits and nobody works, the one that has waited longest first.
    ready: VecDeque<K>,
    waiting: usize,
}

struct Lane<J> {
    jobs: VecDeque<J>,
    /// Somebody works on it, or it is ready.
    taken: bool,
}

impl<K: Copy + Eq + Hash, J> Lanes<K, J> {
    /// Lanes with room for so many jobs in all.
    pub(super) fn new(exclusive: bool, room: usize) -> Self {
        let state = State { lanes: HashMap::new(), ready: VecDeque::new(), waiting: 0 };
        Self { state: Mutex::new(state), ready: Semaphore::new(0), exclusive, room }
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
        let lane = state.lanes.entry(whose).or_insert_with(|| Lane { jobs: VecDeque::new(), taken: false });
        lane.jobs.push_back(job);
        if !std::mem::replace(&mut lane.taken, true) {
            state.ready.push_back(whose);
            self.ready.add_permits(1);
        }
        Ok(())
    }

    /// Waits for a lane in which something waits, and takes up to so many jobs of it, in order. `None` when no more come and none are left.
    pub(super) async fn next(&self, most: usize) -> Option<(K, Vec<J>)> {
        // Once closed, what is ready is taken without a permit.
        if let Ok(permit) = self.ready.acquire().await {
            permit.forget();
        }
        let mut state = self.state.lock();
        let whose = state.ready.pop_front()?;
        let lane = state.lanes.get_mut(&whose)?;
        let jobs: Vec<J> = lane.jobs.drain(..most.min(lane.jobs.len())).collect();
        state.waiting -= jobs.len();
        if !self.exclusive {
            self.free(&mut state, whose);
        }
        Some((whose, jobs))
    }

    /// The work on a lane that was taken: it ends when this is dropped, also by a panic.
    pub(super) const fn turn(&self, whose: K) -> Turn<'_, K, J> {
        Turn { lanes: self, whose }
    }

    fn free(&self, state: &mut State<K, J>, whose: K) {
        match state.lanes.get_mut(&whose) {
            Some(lane) if !lane.jobs.is_empty() => {
                state.ready.push_back(whose);
                if !self.ready.is_closed() {
                    self.ready.add_permits(1);
                }
            }
            _ => {
                state.lanes.remove(&whose);
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_lane_is_worked_on_by_one_at_a_time_and_lanes_come_in_turn() {
        let lanes = Lanes::new(true, 10);
        for (whose, job) in [('a', 1), ('a', 2), ('b', 3), ('a', 4)] {
            lanes.push(whose, job).unwrap();
        }
        assert_eq!(lanes.next(2).await, Some(('a', vec![1, 2])));
        assert_eq!(lanes.next(2).await, Some(('b', vec![3])), "what is left of a is not given out while somebody works on it");
        lanes.push('b', 5).unwrap();
        drop(lanes.turn('b'));
        drop(lanes.turn('a'));
        assert_eq!(lanes.next(2).await, Some(('b', vec![5])));
        assert_eq!(lanes.next(2).await, Some(('a', vec![4])));
        drop(lanes.turn('a'));
        drop(lanes.turn('b'));
        assert!(lanes.state.lock().lanes.is_empty(), "a lane that is empty is forgotten");
    }

    #[tokio::test]
    async fn what_waits_is_still_done_after_the_end_and_nothing_more() {
        let lanes = Lanes::new(true, 2);
        lanes.push('a', 1).unwrap();
        lanes.push('b', 2).unwrap();
        assert_eq!(lanes.push('c', 3), Err(3), "there is no room");
        assert_eq!(lanes.next(1).await, Some(('a', vec![1])));
        lanes.push('a', 4).unwrap();
        lanes.close();
        assert_eq!(lanes.push('a', 5), Err(5));
        assert_eq!(lanes.next(1).await, Some(('b', vec![2])));
        drop(lanes.turn('a'));
        assert_eq!(lanes.next(1).await, Some(('a', vec![4])));
        assert_eq!(lanes.next(1).await, None);
    }

    #[tokio::test]
    async fn a_lane_that_is_shared_is_worked_on_by_many() {
        let lanes = Lanes::new(false, 10);
        for job in 0..3 {
            lanes.push('a', job).unwrap();
        }
        assert_eq!(lanes.next(2).await, Some(('a', vec![0, 1])));
        assert_eq!(lanes.next(2).await, Some(('a', vec![2])));
    }
}

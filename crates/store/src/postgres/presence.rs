//! What the connections of a server know together: whether the database answers, and which of its servers is the newest primary.
//!
//! A primary that stands still keeps its connections: whoever waits on one would wait as long as it may, and a primary that goes on after another took its
//! place would answer with what was true before. So one look tells all connections at once that they are over.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::watch;

/// Shared by all connections of a store.
#[derive(Clone)]
pub(super) struct Presence {
    /// Counts how often all connections were given up.
    given_up: Arc<watch::Sender<u64>>,
    /// The newest timeline seen; 0 before the first. Each promotion begins a new one
    /// (<https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-TIMELINES>).
    timeline: Arc<AtomicU32>,
    /// The timeline whose older primary was told of last: once is enough, it is tried each second.
    told: Arc<AtomicU32>,
}

/// What a connection holds to learn that it is over.
pub(super) struct Tie(watch::Receiver<u64>);

impl Presence {
    pub(super) fn new() -> Self {
        Self { given_up: Arc::new(watch::Sender::new(0)), timeline: Arc::default(), told: Arc::default() }
    }

    /// Gives up every connection made so far.
    pub(super) fn give_up_all(&self) {
        self.given_up.send_modify(|count| *count += 1);
    }

    /// Ties a connection, made now, to a primary of this timeline. `None` where a newer primary was seen; where this is the newer, connections to the older are
    /// given up. A server that does not say its timeline (0) is taken as it is.
    pub(super) fn tie(&self, timeline: u32) -> Option<Tie> {
        let before = self.timeline.fetch_max(timeline, Ordering::AcqRel);
        if before > 0 && timeline > before {
            tracing::warn!(before, timeline, "another database server became primary");
            self.give_up_all();
        }
        let tie = Tie(self.given_up.subscribe());
        // Looked at after the tie is there: a newer one that comes later cuts it.
        let newest = self.timeline.load(Ordering::Acquire);
        if timeline == 0 || newest == timeline {
            return Some(tie);
        }
        if self.told.swap(newest, Ordering::Relaxed) != newest {
            tracing::warn!(
                timeline,
                newest,
                "a primary whose place another took is there again; it is not asked. If it stays the only one, see \"Failover\" in docs/postgresql.md"
            );
        }
        None
    }
}

impl Tie {
    /// Whether the connection was given up.
    pub(super) fn is_cut(&self) -> bool {
        self.0.has_changed().unwrap_or(true)
    }

    /// Returns when it is given up.
    pub(super) async fn cut(&mut self) {
        // Left unseen, so that `is_cut` goes on saying so. The sender lives as long as the store.
        while !self.is_cut() && self.0.changed().await.is_ok() {
            self.0.mark_changed();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_newer_primary_ends_the_connections_to_the_older_and_the_older_is_not_taken_again() {
        let presence = Presence::new();
        let mut old = presence.tie(3).unwrap();
        assert!(presence.tie(3).is_some(), "the same again");
        assert!(!old.is_cut());
        let new = presence.tie(4).unwrap();
        assert!(old.is_cut() && !new.is_cut());
        old.cut().await;
        assert!(old.is_cut(), "it stays cut");
        assert!(presence.tie(3).is_none(), "the older came back");
        assert!(presence.tie(0).is_some(), "one that says nothing");
        assert!(!new.is_cut());
    }

    #[tokio::test]
    async fn who_waits_is_told() {
        let presence = Presence::new();
        let mut tie = presence.tie(1).unwrap();
        let waiting = tokio::spawn(async move {
            tie.cut().await;
            tie.is_cut()
        });
        tokio::task::yield_now().await;
        presence.give_up_all();
        assert!(waiting.await.unwrap());
    }
}

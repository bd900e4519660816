//! A connection that is made anew when it is lost.

use super::connect::Connector;
use super::session::Session;
use crate::StoreFault;

/// A place for a session.
pub(super) struct Reconnecting {
    connector: Connector,
    session: Option<Session>,
}

impl Reconnecting {
    pub(super) fn new(connector: Connector) -> Self {
        Self { connector, session: None }
    }

    /// The session, made when there is none that works.
    pub(super) async fn session(&mut self) -> Result<&mut Session, StoreFault> {
        if self.session.as_ref().is_none_or(Session::is_over) {
            // The old one is let go first: its server may count connections.
            self.session = None;
            self.session = Some(self.connector.application().await?);
        }
        self.session.as_mut().ok_or_else(|| StoreFault::Unavailable("there is no connection".to_owned()))
    }

    /// Whether the last session ended: what was asked on it can be asked again on a new one.
    pub(super) fn is_lost(&self) -> bool {
        self.session.as_ref().is_some_and(Session::is_over)
    }

    /// Gives this and every other connection up.
    pub(super) fn give_up_all(&self) {
        self.connector.presence.give_up_all();
    }

    /// Leaves no transaction open on the session.
    pub(super) async fn roll_back(&mut self) {
        if let Some(session) = &mut self.session {
            session.roll_back().await;
        }
    }
}

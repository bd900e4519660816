//! The history of one customer: what clients called and what they were answered, in the order in which it happened, and whether some order of the calls,
//! each between its call and its answer, explains it (linearizability).

use std::sync::Mutex;

use todc_utils::{Action, History, Specification, WGLChecker};

/// A call on a customer. The value is a number that is written once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    Read(u64),
    Write(u64),
}

/// A customer: it has the value that was written last.
struct Customer;

impl Specification for Customer {
    type State = u64;
    type Operation = Call;

    fn init() -> u64 {
        0
    }

    fn apply(operation: &Call, state: &u64) -> (bool, u64) {
        match operation {
            Call::Read(value) => (value == state, *state),
            Call::Write(value) => (true, *value),
        }
    }
}

/// What happened to one customer.
#[derive(Default)]
pub(crate) struct Recorder(Mutex<Vec<(usize, Action<Call>)>>);

impl Recorder {
    /// A client calls.
    pub(crate) fn called(&self, client: usize, call: Call) {
        self.0.lock().unwrap().push((client, Action::Call(call)));
    }

    /// A client was answered.
    pub(crate) fn answered(&self, client: usize, call: Call) {
        self.0.lock().unwrap().push((client, Action::Response(call)));
    }

    /// Whether the history can be explained. A write without an answer may have been done at any time since, or never: its answer is put at the end, where
    /// nobody reads it. A read without one says nothing.
    pub(crate) fn is_linearizable(&self) -> bool {
        let mut actions = self.0.lock().unwrap().clone();
        for client in 0..actions.iter().map(|(client, _)| client + 1).max().unwrap_or(0) {
            let of_client: Vec<usize> = (0..actions.len()).filter(|index| actions[*index].0 == client).collect();
            if let Some(&last) = of_client.last()
                && let Action::Call(call) = actions[last].1
            {
                match call {
                    Call::Write(_) => actions.push((client, Action::Response(call))),
                    Call::Read(_) => drop(actions.remove(last)),
                }
            }
        }
        actions.is_empty() || WGLChecker::<Customer>::is_linearizable(History::from_actions(actions))
    }
}

#[test]
fn a_stale_read_is_noticed() {
    let recorder = Recorder::default();
    for (client, action) in [
        (0, Action::Call(Call::Write(1))),
        (0, Action::Response(Call::Write(1))),
        (1, Action::Call(Call::Read(0))),
        (1, Action::Response(Call::Read(0))),
    ] {
        recorder.0.lock().unwrap().push((client, action));
    }
    assert!(!recorder.is_linearizable(), "what was acknowledged was not read");
    let unknown = Recorder::default();
    unknown.called(0, Call::Write(1));
    for value in [0, 1] {
        unknown.called(1, Call::Read(value));
        unknown.answered(1, Call::Read(value));
    }
    assert!(unknown.is_linearizable(), "what was not answered may be done at any time");
}

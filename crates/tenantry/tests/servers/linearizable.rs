//! Mixed load on single customers through all servers, with and without servers that are killed: every history can be explained.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::time::Duration;

use serde_json::json;
use tenantry_testkit::Connection;

use crate::Fleet;
use crate::history::{Call, Recorder};

const HISTORIES: usize = 500;
const CLIENTS: usize = 8;
/// Calls of each client in each history: enough to overlap, few enough to check in milliseconds.
const CALLS: usize = 5;

/// A client's call; `None` where no answer came.
fn call(connection: &mut Connection, target: &str, call: Call) -> Option<Call> {
    match call {
        Call::Read(_) => {
            let answer = connection.call("GET", target, "").ok().filter(|answer| answer.status == 200)?;
            let word = answer.json()["response"]["preferences"]["phoneNoType"].as_str().unwrap().to_owned();
            Some(Call::Read(word.strip_prefix('v').and_then(|number| number.parse().ok()).unwrap_or(0)))
        }
        Call::Write(value) => {
            let body = json!({"preferences": {"phoneNoType": format!("v{value}")}}).to_string();
            connection.call("PUT", target, &body).ok().filter(|answer| answer.status == 200).map(|_| call)
        }
    }
}

/// Runs all histories, and gives how many calls were answered.
fn run(fleet: &Arc<Fleet>) -> usize {
    let mut connection = fleet.connect(0);
    let ids: Vec<i64> = (0..HISTORIES).map(|number| fleet.add(&mut connection, &format!("h{number}@example.org"))).collect();
    let (ids, barrier) = (Arc::new(ids), Arc::new(Barrier::new(CLIENTS)));
    let recorders: Arc<Vec<Recorder>> = Arc::new((0..HISTORIES).map(|_| Recorder::default()).collect());
    let answered = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (fleet, ids, barrier) = (Arc::clone(fleet), Arc::clone(&ids), Arc::clone(&barrier));
            let (recorders, answered) = (Arc::clone(&recorders), Arc::clone(&answered));
            std::thread::spawn(move || {
                let mut connection = fleet.connect(client);
                for (history, id) in ids.iter().enumerate() {
                    barrier.wait();
                    for number in 0..CALLS {
                        let value = (history * 1_000 + client * 10 + number + 1) as u64;
                        let wanted = if (client + number) % 2 == 0 { Call::Write(value) } else { Call::Read(0) };
                        let recorder = &recorders[history];
                        recorder.called(client, wanted);
                        let Some(done) = call(&mut connection, &fleet.user(*id), wanted) else {
                            // Whether it was done is not known: this client calls no more in this history.
                            connection = fleet.connect(client + 1);
                            break;
                        };
                        recorder.answered(client, done);
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                }
            })
        })
        .collect();
    clients.into_iter().for_each(|client| client.join().unwrap());
    for (number, recorder) in recorders.iter().enumerate() {
        assert!(recorder.is_linearizable(), "history {number} cannot be explained");
    }
    answered.load(Ordering::Relaxed)
}

#[test]
fn of_one_server_over_the_embedded_engine() {
    assert_eq!(run(&Fleet::embedded()), HISTORIES * CLIENTS * CALLS);
}

#[test]
fn of_three_servers_over_one_database() {
    let Some(fleet) = Fleet::start(3) else { return };
    assert_eq!(run(&fleet), HISTORIES * CLIENTS * CALLS);
}

#[test]
fn of_three_servers_that_are_killed_in_turn() {
    let Some(fleet) = Fleet::start(3) else { return };
    let over = Arc::new(AtomicBool::new(false));
    let killer = std::thread::spawn({
        let (fleet, over) = (Arc::clone(&fleet), Arc::clone(&over));
        move || {
            let mut kills = 0;
            while !over.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(700));
                // The first one adds the customers.
                let number = 1 + kills % 2;
                fleet.kill(number);
                std::thread::sleep(Duration::from_millis(200));
                fleet.revive(number);
                kills += 1;
            }
            kills
        }
    });
    let answered = run(&fleet);
    over.store(true, Ordering::Relaxed);
    let kills = killer.join().unwrap();
    assert!(kills >= 3, "only {kills} servers were killed");
    assert!(answered > HISTORIES * CLIENTS * CALLS / 2, "only {answered} calls were answered");
}

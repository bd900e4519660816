//! A server that is killed under load loses nothing that it acknowledged, and its clients go on through the others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use crate::Fleet;

const WRITERS: usize = 8;
/// How long each round of load lasts.
const ROUND: Duration = Duration::from_millis(800);
const ROUNDS: usize = 6;

#[test]
fn nothing_acknowledged_is_lost_and_clients_go_on_through_the_others() {
    let Some(fleet) = Fleet::start(3) else { return };
    let ids: Vec<i64> = {
        let mut connection = fleet.connect(0);
        (0..WRITERS).map(|number| fleet.add(&mut connection, &format!("w{number}@example.org"))).collect()
    };
    let mut acknowledged = vec![0_u64; WRITERS];
    for round in 0..ROUNDS {
        let over = Arc::new(AtomicBool::new(false));
        let writers: Vec<_> = ids
            .iter()
            .zip(&acknowledged)
            .enumerate()
            .map(|(number, (id, last))| {
                let (fleet, over, id, mut last) = (Arc::clone(&fleet), Arc::clone(&over), *id, *last);
                std::thread::spawn(move || write(&fleet, &over, number, id, &mut last))
            })
            .collect();
        std::thread::sleep(ROUND / 2);
        let victim = round % 3;
        fleet.kill(victim);
        std::thread::sleep(ROUND);
        over.store(true, Ordering::Relaxed);
        for (writer, last) in writers.into_iter().zip(&mut acknowledged) {
            let (now, longest) = writer.join().unwrap();
            assert!(now > *last, "a writer did not go on");
            assert!(longest < Duration::from_secs(5), "a writer stood still for {longest:?}");
            *last = now;
        }
        for (number, (id, last)) in ids.iter().zip(&acknowledged).enumerate() {
            let answer = fleet.connect(number).call("GET", &fleet.user(*id), "").unwrap().json();
            let word = answer["response"]["preferences"]["phoneNoType"].as_str().unwrap().to_owned();
            let found: u64 = word[1..].parse().unwrap();
            // One more may have been done that was under way when the server was killed; the writer then began the next count anyway.
            assert_eq!(found, *last, "what was acknowledged last is what is there");
        }
        fleet.revive(victim);
    }
}

/// Counts up until it is over; the last acknowledged count, and how long the longest wait for one was.
fn write(fleet: &Fleet, over: &AtomicBool, number: usize, id: i64, last: &mut u64) -> (u64, Duration) {
    let (mut connection, mut since, mut longest) = (fleet.connect(number), Instant::now(), Duration::ZERO);
    let mut count = *last;
    while !over.load(Ordering::Relaxed) {
        count += 1;
        let body = json!({"preferences": {"phoneNoType": format!("n{count}")}}).to_string();
        // Until it is acknowledged: a repeat of an edit that was done changes nothing.
        loop {
            match connection.call("PUT", &fleet.user(id), &body) {
                Ok(answer) if answer.status == 200 => break,
                Ok(answer) => assert!([500, 503].contains(&answer.status), "{}", answer.body),
                Err(_) => {}
            }
            if let Ok(next) = tenantry_testkit::Connection::open(fleet.address(number)) {
                connection = next;
            }
        }
        *last = count;
        longest = longest.max(since.elapsed());
        since = Instant::now();
    }
    (*last, longest)
}

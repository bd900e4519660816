//! Clients that count up in a record of their own, each until its count is acknowledged.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde_json::json;
use tenantry_testkit::postgres::Database;
use tenantry_testkit::{Answer, Connection, Server, Store, basic};

const WRITERS: usize = 8;
/// How long a record may be out of reach: longer than a failover takes.
const READ_PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Writers {
    query: String,
    /// Each record, with the count that was acknowledged last.
    counts: Vec<(i64, u64)>,
    /// Every count that was acknowledged, by record: what the history must hold.
    pub(crate) acknowledged: Vec<Vec<u64>>,
}

/// Writers that write.
pub(crate) struct Running {
    over: Arc<AtomicBool>,
    threads: Vec<JoinHandle<(Vec<u64>, Duration)>>,
}

impl Writers {
    pub(crate) fn over(store: &Store, server: &Server) -> Self {
        let authorization = basic("1", &store.api_key);
        let headers = [("Authorization", &*authorization), ("Content-Type", "application/json")];
        let add = |number: usize| {
            let body = json!({"name": "Abc", "email": format!("w{number}@example.org"), "status": "on"}).to_string();
            let answer = server.connect().unwrap().call_with("POST", "/api/2.0/customers", &headers, &body).unwrap();
            answer.json()["item"]["id"].as_i64().unwrap_or_else(|| panic!("{}", answer.body))
        };
        let counts = (0..WRITERS).map(|number| (add(number), 0)).collect();
        Self { query: store.query(), counts, acknowledged: vec![Vec::new(); WRITERS] }
    }

    pub(crate) fn start(&self, server: &Server) -> Running {
        let over = Arc::new(AtomicBool::new(false));
        let threads = self
            .counts
            .iter()
            .map(|(id, last)| {
                let (over, target, address, last) = (Arc::clone(&over), format!("/user/{id}?{}", self.query), server.address, *last);
                std::thread::spawn(move || write(&over, &target, address, last))
            })
            .collect();
        Running { over, threads }
    }

    /// How many counts were acknowledged and are not in the history.
    pub(crate) fn lost(&self, database: &Database) -> usize {
        let rows = database.sql("SELECT account_id, changes::jsonb -> 0 ->> 'new' FROM event WHERE changes LIKE '%phone_number_type%'");
        let kept: BTreeSet<(i64, u64)> = rows
            .lines()
            .filter_map(|row| row.split_once("|n"))
            .filter_map(|(id, count)| Some((id.parse().ok()?, count.parse().ok()?)))
            .collect();
        assert!(!kept.is_empty(), "the history was not understood");
        let lost = |((id, _), counts): (&(i64, u64), &Vec<u64>)| counts.iter().filter(|count| !kept.contains(&(*id, **count))).count();
        self.counts.iter().zip(&self.acknowledged).map(lost).sum()
    }

    /// A record, as soon as it can be read: a cluster may change its primary once more while the old one comes back.
    fn read(&self, server: &Server, id: i64) -> Answer {
        let begun = Instant::now();
        loop {
            let answer = server.connect().unwrap().call("GET", &format!("/user/{id}?{}", self.query), "").unwrap();
            if answer.status == 200 {
                return answer;
            }
            assert_eq!(answer.status, 503, "{}", answer.body);
            assert!(begun.elapsed() < READ_PATIENCE, "nothing can be read: {}", answer.body);
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// How many records are answered as they were before what was acknowledged last.
    pub(crate) fn stale(&self, server: &Server) -> usize {
        let behind = |(id, last): &&(i64, u64)| {
            let answer = self.read(server, *id);
            let word = answer.json()["response"]["preferences"]["phoneNoType"].as_str().unwrap().to_owned();
            word.strip_prefix('n').and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) < *last
        };
        self.counts.iter().filter(behind).count()
    }
}

impl Running {
    /// Stops them; how long the longest wait for an acknowledgement was.
    pub(crate) fn stop(self, writers: &mut Writers) -> Duration {
        self.over.store(true, Ordering::Relaxed);
        let mut longest = Duration::ZERO;
        for (number, thread) in self.threads.into_iter().enumerate() {
            let (acknowledged, waited) = thread.join().unwrap();
            longest = longest.max(waited);
            if let Some(last) = acknowledged.last() {
                writers.counts[number].1 = *last;
            }
            writers.acknowledged[number].extend(acknowledged);
        }
        longest
    }
}

fn write(over: &AtomicBool, target: &str, address: std::net::SocketAddr, last: u64) -> (Vec<u64>, Duration) {
    let mut connection = Connection::open(address).unwrap();
    let (mut acknowledged, mut longest, mut since, mut count) = (Vec::new(), Duration::ZERO, Instant::now(), last);
    while !over.load(Ordering::Relaxed) {
        count += 1;
        let body = json!({"preferences": {"phoneNoType": format!("n{count}")}}).to_string();
        // A repeat of an edit that was done changes nothing.
        loop {
            match connection.call("PUT", target, &body) {
                Ok(answer) if answer.status == 200 => break,
                Ok(answer) => assert!([500, 503].contains(&answer.status), "{}", answer.body),
                Err(_) => connection = Connection::open(address).unwrap(),
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        acknowledged.push(count);
        longest = longest.max(since.elapsed());
        since = Instant::now();
    }
    (acknowledged, longest)
}

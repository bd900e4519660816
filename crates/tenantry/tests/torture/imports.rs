//! An import that kill −9 cuts off is sent again: what was taken in is found, and nobody is made twice.

use std::thread;
use std::time::Duration;

use tenantry_testkit::{Server, Store, basic};

use crate::writers::database;
use crate::{Dice, PROGRAM, repeats};

/// Rows of a file: some seconds of work.
const ROWS: u64 = 4_000;

fn send(store: &Store, server: &Server, file: &str) -> Option<serde_json::Value> {
    let authorization = basic(&store.account_id.to_string(), &store.api_key);
    let headers = [("Authorization", authorization.as_str())];
    let answer = server.connect().ok()?.call_with("POST", "/v1/imports?format=csv", &headers, file).ok()?;
    assert_eq!(answer.status, 200, "{}", answer.body);
    Some(answer.json())
}

#[test]
fn an_import_that_is_cut_off_by_kill_9_is_sent_again_and_makes_nobody_twice() {
    let cycles = repeats(8);
    let mut dice = Dice::new();
    let store = Store::make(PROGRAM);
    let mut server = store.serve();
    let mut cut_within = 0;
    for cycle in 0..cycles {
        let rows: String = (0..ROWS).map(|row| format!("c{cycle}-{row},c{cycle}-{row}@example.org,ABC {row}\n")).collect();
        let file = ["external_id,email,organization\n", &rows].concat();
        let pause = Duration::from_millis(20 + dice.below(600));
        thread::scope(|scope| {
            let (store, server) = (&store, &server);
            scope.spawn(|| send(store, server, &file));
            thread::sleep(pause);
            server.signal("KILL");
        });
        server.kill();
        server = store.serve();
        let import = send(&store, &server, &file).unwrap();
        let count = |name: &str| import[name].as_u64().unwrap();
        let (created, found) = (count("created"), count("unchanged"));
        assert_eq!((created + found, count("changed"), count("faulty")), (ROWS, 0, 0), "cycle {cycle}: {created} made, {found} found");
        cut_within += usize::from(created > 0 && found > 0);
        let counted =
            |sql: &str| database(&store.data).query_row(sql, [format!("c{cycle}-%")], |row| row.get::<_, i64>(0)).unwrap().unsigned_abs();
        assert_eq!(counted("SELECT count(*) FROM account WHERE external_id LIKE ?1"), ROWS, "cycle {cycle}");
        let events = "SELECT count(*) FROM event e JOIN account a ON a.id = e.account_id WHERE a.external_id LIKE ?1";
        assert_eq!(counted(events), ROWS, "cycle {cycle}: one event each");
    }
    assert_eq!(server.stop(), Some(0));
    eprintln!("{cycles} kills, {cut_within} of them within an import");
    assert!(cut_within > 0, "no import was cut off, so nothing was shown");
}

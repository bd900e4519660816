//! Writers that keep a ledger: what they sent and what was acknowledged. What a store holds afterwards must be what was acknowledged, and of what was
//! under way at the end each write whole or not at all.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::{Connection as Database, OpenFlags};
use serde_json::json;
use tenantry_testkit::{Connection, Server, Store, customer};

/// A writer: one customer that only it edits, counting up, and customers that it adds.
pub(crate) struct Writer {
    number: usize,
    id: i64,
    /// The version that the record had before the first edit.
    base_version: i64,
    /// The count that was last sent.
    pub(crate) sent: u64,
    /// The count that was last acknowledged.
    pub(crate) acknowledged: u64,
    /// Customers whose add was acknowledged: their addresses and ids.
    added: HashMap<String, i64>,
    adds_sent: u64,
}

/// How a writer's turn ended.
#[derive(Debug, PartialEq)]
pub(crate) enum End {
    /// The connection broke.
    Broken,
    /// A write was refused with this status.
    Refused(u16, String),
    /// It had its turns.
    Done,
}

/// Writers over a fresh store, each with its customer.
pub(crate) fn writers(store: &Store, server: &Server, count: usize) -> Vec<Writer> {
    let mut connection = server.connect().unwrap();
    (0..count)
        .map(|number| {
            let body = customer(store.account_id, &format!("writer{number}@example.org")).to_string();
            let answer = connection.call("POST", &format!("/user?{}", store.query()), &body).unwrap();
            assert_eq!(answer.status, 200, "{}", answer.body);
            let id = answer.json()["response"]["id"].as_i64().unwrap();
            Writer { number, id, base_version: 1, sent: 0, acknowledged: 0, added: HashMap::new(), adds_sent: 0 }
        })
        .collect()
}

impl Writer {
    /// Edits until the server goes away, refuses, or the turns are used up; every so often it adds a customer.
    pub(crate) fn write(&mut self, store: &Store, server: &Server, turns: u64, add_every: u64) -> End {
        let Ok(mut connection) = server.connect() else { return End::Broken };
        let query = store.query();
        for turn in 1..=turns {
            let answer = if add_every > 0 && turn % add_every == 0 {
                self.add(&mut connection, store, &query)
            } else {
                self.edit(&mut connection, &query)
            };
            match answer {
                Err(_) => return End::Broken,
                Ok((200, _)) => {}
                Ok((status, body)) => return End::Refused(status, body),
            }
        }
        End::Done
    }

    fn edit(&mut self, connection: &mut Connection, query: &str) -> std::io::Result<(u16, String)> {
        self.sent = self.sent.max(self.acknowledged) + 1;
        let count = self.sent;
        // The name that nothing reads comes back in the answer: whoever traces the server sees which edit it acknowledges.
        let marker = marker(self.number, count);
        let body = json!({"preferences": {"phoneNoType": format!("n{count}")}, marker: 0}).to_string();
        let answer = connection.call("PUT", &format!("/user/{}?{query}", self.id), &body)?;
        if answer.status == 200 {
            self.acknowledged = count;
        }
        Ok((answer.status, answer.body))
    }

    fn add(&mut self, connection: &mut Connection, store: &Store, query: &str) -> std::io::Result<(u16, String)> {
        self.adds_sent += 1;
        let email = format!("w{}-{}@example.org", self.number, self.adds_sent);
        let answer = connection.call("POST", &format!("/user?{query}"), &customer(store.account_id, &email).to_string())?;
        if answer.status == 200 {
            self.added.insert(email, answer.json()["response"]["id"].as_i64().unwrap());
        }
        Ok((answer.status, answer.body))
    }

    /// What the store says of this writer's customer: its count and version.
    fn found(&self, database: &Database) -> Result<(u64, i64), String> {
        let sql = "SELECT json_extract(profile, '$.phone_number_type'), version FROM account WHERE id = ?1";
        let (word, version): (String, i64) =
            database.query_row(sql, [self.id], |row| Ok((row.get(0)?, row.get(1)?))).map_err(|error| error.to_string())?;
        Ok((word.strip_prefix('n').and_then(|count| count.parse().ok()).unwrap_or(0), version))
    }

    /// Holds the store against the ledger. Edits that were never acknowledged may be there: the ledger then goes on from what is.
    pub(crate) fn check(&mut self, database: &Database) -> Result<(), String> {
        let (found, version) = self.found(database)?;
        if found < self.acknowledged || found > self.sent {
            return Err(format!("writer {}: {} was acknowledged, {} sent, {found} is there", self.number, self.acknowledged, self.sent));
        }
        for (email, id) in &self.added {
            let there: Option<i64> = database
                .query_row("SELECT id FROM account WHERE email_folded = lower(?1) AND status <> 'deleted'", [email], |row| row.get(0))
                .ok();
            if there != Some(*id) {
                return Err(format!("writer {}: {email} was acknowledged as {id}, {there:?} is there", self.number));
            }
        }
        let events: i64 = database
            .query_row("SELECT count(*) FROM event WHERE account_id = ?1", [self.id], |row| row.get(0))
            .map_err(|e| e.to_string())?;
        if version < self.base_version || events != version {
            return Err(format!("writer {}: version {version} with {events} events", self.number));
        }
        (self.acknowledged, self.sent) = (found, found);
        Ok(())
    }

    /// Whether an image of the store has everything that was acknowledged by then.
    pub(crate) fn number(&self) -> usize {
        self.number
    }

    /// The count that an image of the store has.
    pub(crate) fn count_in(&self, database: &Database) -> Result<u64, String> {
        self.found(database).map(|(count, _)| count)
    }
}

/// The name by which an answer is told to be that of this edit.
pub(crate) fn marker(writer: usize, count: u64) -> String {
    format!("mark-{writer}-{count}-")
}

/// The writer and count of a marker in an answer.
pub(crate) fn marked(answer: &str) -> Option<(usize, u64)> {
    let mut parts = answer.split_once("mark-")?.1.split('-');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Opens a store's database beside its server.
pub(crate) fn database(data: &Path) -> Database {
    Database::open_with_flags(data.join("tenantry.db"), OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap()
}

/// What must hold of any store: it is whole, no address stands twice, and every account's history is a gapless chain.
pub(crate) fn sound(database: &Database, check: &str) -> Result<(), String> {
    let text = |sql: &str| database.query_row(sql, [], |row| row.get::<_, String>(0)).map_err(|error| error.to_string());
    let number = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(|error| error.to_string());
    let integrity = text(&format!("PRAGMA {check}"))?;
    if integrity != "ok" {
        return Err(integrity);
    }
    let twice = number("SELECT count(*) - count(DISTINCT email_folded) FROM account WHERE email_folded IS NOT NULL")?;
    let gaps = number(
        "SELECT count(*) FROM account a LEFT JOIN (SELECT account_id, count(*) AS n, min(version) AS low, max(version) AS high FROM event \
         GROUP BY account_id) e ON e.account_id = a.id WHERE e.n IS NOT a.version OR e.low <> 1 OR e.high <> a.version",
    )?;
    let torn = number(
        "SELECT (SELECT count(*) FROM account LEFT JOIN event ON seq = newest_event WHERE account_id IS NOT account.id OR event.version IS NOT \
         account.version) + (SELECT count(*) FROM event AS later LEFT JOIN event AS earlier ON earlier.seq = later.previous WHERE earlier.account_id \
         IS NOT iif(later.version = 1, NULL, later.account_id) OR coalesce(earlier.version, 0) <> later.version - 1)",
    )?;
    if twice != 0 || gaps != 0 || torn != 0 {
        return Err(format!("{twice} addresses stand twice, {gaps} histories have gaps, {torn} links of their chains are torn"));
    }
    Ok(())
}

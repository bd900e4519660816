//! A server in this process on a port of its own, a clock with a hand, and callers that sign.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::types::Value as SqlValue;
use serde_json::{Value, json};
use tempfile::TempDir;
use tenantry::first_start::{add_provider, install, issue};
use tenantry::{Doors, Running, Settings, start};
use tenantry_domain::account::add::AddAccount;
use tenantry_domain::account::status::ChangeStatus;
use tenantry_domain::account::{Goal, HoldOwner, Kind};
use tenantry_domain::key::Scheme;
use tenantry_domain::value::Email;
use tenantry_domain::{AccountId, Command, Timestamp};
use tenantry_service::{Clock, NewKey, Options, Service, signature_hash};
use tenantry_testkit::postgres::{self, Database};
use tokio::runtime::Runtime;

use crate::everlytic::caller::Caller;

/// A server with its store.
pub(crate) struct Site {
    runtime: Runtime,
    running: Option<Running>,
    pub(crate) clock: Clock,
    pub(crate) provider: Party,
    pub(crate) directory: TempDir,
    database: Option<Arc<Database>>,
    settings: Settings,
}

/// An account with a key.
#[derive(Clone)]
pub(crate) struct Party {
    pub(crate) id: i64,
    pub(crate) public: String,
    pub(crate) private: String,
    pub(crate) address: SocketAddr,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Site {
    pub(crate) fn start() -> Self {
        Self::with(&[])
    }

    /// Starts a server with these settings beside the defaults.
    pub(crate) fn with(settings: &[(&'static str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = postgres::of(directory.path());
        let mut flags = vec![("data", Some(directory.path().display().to_string())), ("listen", Some("127.0.0.1:0".to_owned()))];
        flags.extend(database.as_ref().map(|database| ("store", Some(database.url()))));
        flags.extend(settings.iter().map(|(name, value)| (*name, Some((*value).to_owned()))));
        let settings = Settings::read(None, &flags).unwrap();
        let clock = Clock::hand("2026-03-01T12:00:00Z".parse().unwrap());
        let runtime = Runtime::new().unwrap();
        let service = runtime.block_on(open(&directory, &settings, &clock));
        let first = runtime.block_on(install(&service)).unwrap();
        let running = runtime.block_on(serve(service, &settings));
        let provider = Party { id: 1, public: first.public_key, private: first.private_key.as_str().to_owned(), address: running.address };
        Self { runtime, running: Some(running), clock, provider, directory, database, settings }
    }

    /// Stops the server and starts it again over the same store.
    pub(crate) fn restart(&mut self) {
        self.runtime.block_on(self.running.take().unwrap().stop());
        let service = self.runtime.block_on(open(&self.directory, &self.settings, &self.clock));
        self.running = Some(self.runtime.block_on(serve(service, &self.settings)));
        self.provider.address = self.address();
    }

    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }

    /// An account with a secret key.
    pub(crate) fn caller(&self, id: i64) -> Caller {
        self.caller_with(id, NewKey::default())
    }

    /// An account with a secret key, bounded as said.
    pub(crate) fn caller_with(&self, id: i64, new: NewKey) -> Caller {
        let account_id = AccountId::try_from(id).unwrap();
        let material = self.runtime.block_on(issue(self.service(), account_id, Scheme::Basic, new)).unwrap();
        Caller { username: id.to_string(), key: material.secret.as_str().to_owned(), address: self.address() }
    }

    pub(crate) fn service(&self) -> &Arc<Service> {
        &self.running.as_ref().unwrap().service
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.running.as_ref().unwrap().address
    }

    pub(crate) fn set_clock(&self, at: &str) {
        self.clock.set(at.parse::<Timestamp>().unwrap());
    }

    /// Waits until something is so.
    #[track_caller]
    pub(crate) fn until(&self, mut is_so: impl FnMut() -> bool) {
        let begun = std::time::Instant::now();
        while !is_so() {
            assert!(begun.elapsed() < Duration::from_secs(20), "it did not become so");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Runs a command as the operator.
    pub(crate) fn run(&self, command: Command) -> i64 {
        self.runtime.block_on(self.service().run_as_operator(command)).unwrap().account.id.get()
    }

    /// A key of an account, bounded as said.
    pub(crate) fn key(&self, id: i64, new: NewKey) -> Party {
        let account_id = AccountId::try_from(id).unwrap();
        let material = self.runtime.block_on(issue(self.service(), account_id, Scheme::Wwwengine, new)).unwrap();
        Party { id, public: material.public.as_str().to_owned(), private: material.secret.as_str().to_owned(), address: self.address() }
    }

    /// A provider of its own tenant.
    pub(crate) fn add_tenant(&self) -> Party {
        let new = self.runtime.block_on(add_provider(self.service(), AccountId::OPERATOR, None, None)).unwrap();
        let private = new.private_key.as_str().to_owned();
        Party { id: new.account_id.get(), public: new.public_key, private, address: self.address() }
    }

    /// An active account without a password, which costs no hashing.
    pub(crate) fn add(&self, parent: i64, kind: Kind, email: Option<&str>) -> i64 {
        let add = AddAccount {
            email: email.map(|email| Email::parse(email).unwrap()),
            goal: Some(Goal::Active),
            ..AddAccount::below(AccountId::try_from(parent).unwrap(), kind)
        };
        self.run(Command::AddAccount(Box::new(add)))
    }

    pub(crate) fn suspend(&self, id: i64, owner: HoldOwner) {
        self.run(Command::ChangeStatus(ChangeStatus::towards(AccountId::try_from(id).unwrap(), Goal::Suspended(owner))));
    }

    pub(crate) fn delete(&self, id: i64) {
        self.run(Command::ChangeStatus(ChangeStatus::towards(AccountId::try_from(id).unwrap(), Goal::Deleted)));
    }

    /// What the database gives beside the server: a line for each row, its columns as texts with `|` between them.
    pub(crate) fn lines(&self, sql: &str) -> Vec<String> {
        if let Some(database) = &self.database {
            return database.sql(sql).lines().map(str::to_owned).collect();
        }
        let database = rusqlite::Connection::open(self.directory.path().join("tenantry.db")).unwrap();
        let mut statement = database.prepare(sql).unwrap();
        let columns = statement.column_count();
        let line = |row: &rusqlite::Row<'_>| {
            let texts = (0..columns).map(|index| match row.get_unwrap(index) {
                SqlValue::Null => String::new(),
                SqlValue::Integer(number) => number.to_string(),
                SqlValue::Text(text) => text,
                other => panic!("{other:?} has no text"),
            });
            Ok(texts.collect::<Vec<_>>().join("|"))
        };
        statement.query_map([], line).unwrap().map(Result::unwrap).collect()
    }

    /// Changes the database beside the server.
    pub(crate) fn alter(&self, sql: &str) {
        match &self.database {
            Some(database) => drop(database.sql(sql)),
            None => rusqlite::Connection::open(self.directory.path().join("tenantry.db")).unwrap().execute_batch(sql).unwrap(),
        }
    }

    /// The one value that the database gives beside the server.
    pub(crate) fn text(&self, sql: &str) -> String {
        let [line] = &self.lines(sql)[..] else { panic!("{sql} gives one row") };
        line.clone()
    }

    pub(crate) fn count(&self, sql: &str) -> i64 {
        self.text(sql).parse().unwrap()
    }

    /// Whether the store is a file in the directory.
    pub(crate) fn is_embedded(&self) -> bool {
        self.database.is_none()
    }
}

async fn open(directory: &TempDir, settings: &Settings, clock: &Clock) -> Arc<Service> {
    Service::open(directory.path(), &Options { clock: clock.clone(), ..tenantry::options(settings) }).await.unwrap()
}

async fn serve(service: Arc<Service>, settings: &Settings) -> Running {
    start(service, settings, Doors::open(settings).await.unwrap()).unwrap()
}

impl Drop for Site {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.stop());
        }
    }
}

impl Party {
    pub(crate) fn query(&self) -> String {
        let hash = signature_hash(&self.private, AccountId::try_from(self.id).unwrap(), &self.public);
        format!("actingUserID={}&auth={}&hash={hash}", self.id, self.public)
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.call("GET", path, "")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, &body.to_string())
    }

    pub(crate) fn put(&self, path: &str, body: &Value) -> Answer {
        self.call("PUT", path, &body.to_string())
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, "")
    }

    /// Calls a path, which may have a query of its own, with the signature added.
    pub(crate) fn call(&self, method: &str, path: &str, body: &str) -> Answer {
        let joint = if path.contains('?') { '&' } else { '?' };
        call(self.address, method, &format!("{path}{joint}{}", self.query()), &[], body.as_bytes())
    }

    /// The record in the shape that an add takes.
    pub(crate) fn read(&self, id: i64) -> Value {
        let answer = self.get(&format!("/user/{id}"));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["response"].clone()
    }

    /// Adds the documents' customer, changed as said, and gives its id.
    pub(crate) fn add(&self, change: impl FnOnce(&mut Value)) -> i64 {
        let mut body = example();
        body["parentID"] = json!(self.id);
        change(&mut body);
        let answer = self.post("/user", &body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["response"]["id"].as_i64().unwrap()
    }
}

/// One request on a connection of its own.
pub(crate) fn call(address: SocketAddr, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let mut request = format!("{method} {target} HTTP/1.1\r\nHost: tenantry\r\nConnection: close\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() || matches!(method, "POST" | "PUT") {
        request.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    request.push_str("\r\n");
    send(address, &[request.as_bytes(), body].concat())
}

/// Sends octets as they are and reads the one answer.
pub(crate) fn send(address: SocketAddr, octets: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(octets).unwrap();
    let mut text = Vec::new();
    stream.read_to_end(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The paths of the faulty fields, sorted.
    pub(crate) fn fields(&self) -> Vec<String> {
        let json = self.json();
        let mut fields: Vec<String> = json["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap().to_owned()).collect();
        fields.sort();
        fields
    }

    /// Asserts the status and that these fields, and no others, are named.
    #[track_caller]
    pub(crate) fn names(&self, status: u16, fields: &[&str]) {
        assert_eq!((self.status, self.fields()), (status, fields.iter().map(|field| (*field).to_owned()).collect()), "{}", self.body);
        assert_eq!(self.json()["resultCode"], 0);
        assert_eq!(self.json()["response"], false);
    }

    /// Asserts success.
    #[track_caller]
    pub(crate) fn saved(&self) {
        assert_eq!((self.status, self.json()["resultCode"].as_i64()), (200, Some(1)), "{}", self.body);
    }
}

/// The documents' example of an add, word for word.
pub(crate) fn example() -> Value {
    serde_json::from_str(EXAMPLE_ADD).unwrap()
}

/// The body of "Add Customer", unchanged.
pub(crate) const EXAMPLE_ADD: &str = r#"{
    "type": "customer",
    "email": "abc.xyz@abc.org",
    "password": "abc@path6re",
    "parentID": "1",
    "autoSignup": 0,
    "buyingCurrency": "INR",
    "allow": [
        ""
    ],
    "allowIPV": [
        {
            "ipv4address": ""
        }
    ],
    "socialPages": [],
    "socialInfo": [],
    "userInfo": {
        "dateOfBirth": "1970-01-01"
    },
    "contactInfo": {
        "postalInfo": {
            "firstName": "Abc",
            "lastName": "Xyz",
            "title": "Mr.",
            "organization": "ABC Education Service, India",
            "address": {
                "street": [
                    "2nd Floor, 39/43 ABC Complex, Nesbit Road, Mazgaon",
                    "",
                    ""
                ],
                "city": "Mumbai",
                "postalCode": "400 010",
                "state": "Maharashtra",
                "countryCode": "IN"
            }
        },
        "voice": {
            "number": "+91.2554254",
            "countrycode": "29",
            "ext": ""
        },
        "callInPin": "1234"
    },
    "preferences": {
        "phoneNoType": "work"
    },
    "head": {
        "userIpAddress": "10.10.10.325"
    }
}
"#;

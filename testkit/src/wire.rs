//! A proxy before the database server that counts what goes by, cuts where a test says, and can take our own filter by tenant out of the statements, so that
//! only the database's policies stand between tenants. It reads just enough of the protocol to tell messages apart
//! (<https://www.postgresql.org/docs/current/protocol-message-formats.html>).

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

/// Where a connection is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Before the next commit reaches the server.
    BeforeCommit,
    /// After the next commit reached the server, before its answer reaches the client.
    AfterCommit,
    /// Before the next statement of a transaction reaches the server.
    BeforeStatement,
}

/// What went by.
#[derive(Default)]
struct Seen {
    rounds: AtomicU32,
    statements: AtomicU32,
    commits: AtomicU32,
    cut: Mutex<Option<Cut>>,
    /// Statements go on without `tenant_id = $1`.
    unfiltered: bool,
    filters_taken: AtomicU32,
}

/// A proxy. It ends with the test's process.
pub struct Proxy {
    address: SocketAddr,
    seen: Arc<Seen>,
}

/// What a proxy counted of the batches that went by, from BEGIN to COMMIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// How often a client sent something after it had an answer: what it waited for the network.
    pub rounds: u32,
    /// Statements that were executed.
    pub statements: u32,
    /// Commits.
    pub commits: u32,
}

impl Proxy {
    /// Stands before the server of this address; gives itself and the address through it.
    pub fn before(url: &str) -> (Self, String) {
        Self::made(url, false)
    }

    /// The same, and takes our own filter by tenant out of every statement.
    pub fn unfiltered(url: &str) -> (Self, String) {
        Self::made(url, true)
    }

    fn made(url: &str, unfiltered: bool) -> (Self, String) {
        let (credentials, rest) = url.rsplit_once('@').expect("the address names a user");
        let (server, path) = rest.split_once('/').expect("the address names a database");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it listens");
        let seen = Arc::new(Seen { unfiltered, ..Seen::default() });
        let (counted, server) = (Arc::clone(&seen), server.to_owned());
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(&server) else { continue };
                relay(client, server, &counted);
            }
        });
        (Self { address, seen }, format!("{credentials}@{address}/{path}"))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What went by since this was last asked.
    pub fn counted(&self) -> Counted {
        let take = |count: &AtomicU32| count.swap(0, Ordering::SeqCst);
        Counted { rounds: take(&self.seen.rounds), statements: take(&self.seen.statements), commits: take(&self.seen.commits) }
    }

    /// How many filters were taken out of statements.
    pub fn filters_taken(&self) -> u32 {
        self.seen.filters_taken.load(Ordering::SeqCst)
    }

    /// Cuts the next connection that comes to this place.
    pub fn cut(&self, cut: Cut) {
        *self.seen.cut.lock().expect("nobody panics with it") = Some(cut);
    }

    /// Whether a cut that was asked for has not been made yet.
    pub fn is_whole(&self) -> bool {
        self.seen.cut.lock().expect("nobody panics with it").is_some()
    }
}

/// How a transaction that writes is begun; what is read beside it, and the look once a second, is not counted.
const BATCH_BEGINS: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";
/// What the server says at the end of each answer.
const READY_FOR_QUERY: u8 = b'Z';

fn relay(client: TcpStream, server: TcpStream, seen: &Arc<Seen>) {
    // What the server still has to say that it is done with.
    let under_way = Arc::new(AtomicI32::new(0));
    let dropped = Arc::new(std::sync::atomic::AtomicBool::new(false));
    for stream in [&client, &server] {
        stream.set_nodelay(true).expect("a socket has this option");
    }
    let both = |stream: &TcpStream| stream.try_clone().expect("a socket can be shared");
    let (mut to_server, mut from_client) = (both(&server), both(&client));
    let (mut to_client, mut from_server) = (client, server);
    let (answered, drops) = (Arc::clone(&under_way), Arc::clone(&dropped));
    std::thread::spawn(move || {
        let mut octets = [0; 65_536];
        let (mut waiting, mut started) = (Vec::new(), true);
        while let Ok(length @ 1..) = from_server.read(&mut octets) {
            if drops.load(Ordering::SeqCst) {
                break;
            }
            waiting.extend_from_slice(&octets[..length]);
            while let Some(message) = message(&mut waiting, &mut started) {
                if message.first() == Some(&READY_FOR_QUERY) {
                    answered.fetch_sub(1, Ordering::SeqCst);
                }
            }
            if to_client.write_all(&octets[..length]).is_err() {
                break;
            }
        }
        let _gone = (to_client.shutdown(Shutdown::Both), from_server.shutdown(Shutdown::Both));
    });
    let seen = Arc::clone(seen);
    std::thread::spawn(move || {
        let mut waiting = Vec::new();
        let mut octets = [0; 65_536];
        let (mut started, mut begun, mut in_batch) = (false, false, false);
        'relay: while let Ok(length @ 1..) = from_client.read(&mut octets) {
            waiting.extend_from_slice(&octets[..length]);
            while let Some(message) = message(&mut waiting, &mut started) {
                let is_first = message.first() == Some(&0);
                in_batch |= is_query(&message, BATCH_BEGINS);
                if under_way.load(Ordering::SeqCst) == 0 {
                    seen.rounds.fetch_add(u32::from(in_batch), Ordering::SeqCst);
                    under_way.fetch_add(1, Ordering::SeqCst);
                    begun = true;
                }
                // The server says once for each of these that it is ready; the first of a round was counted with the round.
                if (is_first || matches!(message.first(), Some(b'Q' | b'S'))) && !std::mem::take(&mut begun) {
                    under_way.fetch_add(1, Ordering::SeqCst);
                }
                let noted = seen.note(&message, in_batch);
                in_batch &= !is_query(&message, "COMMIT");
                match noted {
                    Some(Cut::AfterCommit) => {
                        dropped.store(true, Ordering::SeqCst);
                        let _sent = to_server.write_all(&message);
                        // The server carries it out, and its answer goes nowhere.
                        std::thread::sleep(std::time::Duration::from_millis(30));
                        break 'relay;
                    }
                    Some(_) => break 'relay,
                    None => {}
                }
                if to_server.write_all(&seen.sent(message)).is_err() {
                    break 'relay;
                }
            }
        }
        let _gone = (from_client.shutdown(Shutdown::Both), to_server.shutdown(Shutdown::Both));
    });
}

/// Whether a message is a simple query that begins so.
fn is_query(message: &[u8], begins: &str) -> bool {
    message.first() == Some(&b'Q') && message.get(5..).is_some_and(|text| text.starts_with(begins.as_bytes()))
}

/// Takes the first whole message from what came. The first of a connection has no type.
fn message(waiting: &mut Vec<u8>, started: &mut bool) -> Option<Vec<u8>> {
    let kind = usize::from(*started);
    let length = waiting.get(kind..kind + 4)?;
    let length = kind + u32::from_be_bytes(length.try_into().ok()?) as usize;
    if waiting.len() < length {
        return None;
    }
    *started = true;
    Some(waiting.drain(..length).collect())
}

/// Our own filter, and what is true of every tenant.
const FILTER: &str = "tenant_id = $1";
const NO_FILTER: &str = "tenant_id > 0 * $1::bigint - 1";

impl Seen {
    /// A message as it goes on.
    fn sent(&self, message: Vec<u8>) -> Vec<u8> {
        if !self.unfiltered || message.first() != Some(&b'P') {
            return message;
        }
        let body = String::from_utf8(message[5..].to_vec()).expect("statements are UTF-8");
        let taken = body.matches(FILTER).count();
        self.filters_taken.fetch_add(u32::try_from(taken).unwrap_or(u32::MAX), Ordering::SeqCst);
        let body = body.replace(FILTER, NO_FILTER).into_bytes();
        let length = u32::try_from(body.len() + 4).expect("a statement is short");
        [&[b'P'][..], &length.to_be_bytes(), &body].concat()
    }

    /// Counts a message, and says whether the connection is to be cut at it.
    fn note(&self, message: &[u8], in_batch: bool) -> Option<Cut> {
        let is_commit = is_query(message, "COMMIT");
        let is_statement = message.first() == Some(&b'E');
        if is_statement && in_batch {
            self.statements.fetch_add(1, Ordering::SeqCst);
        }
        if is_commit && in_batch {
            self.commits.fetch_add(1, Ordering::SeqCst);
        }
        let mut cut = self.cut.lock().expect("nobody panics with it");
        let now = cut.filter(|cut| if *cut == Cut::BeforeStatement { is_statement } else { is_commit });
        if now.is_some() {
            *cut = None;
        }
        now
    }
}

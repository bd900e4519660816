//! A proxy before the database server that counts what goes by, cuts where a test says, and can take our own filter by tenant out of the statements, so that
//! only the database's policies stand between tenants. It reads just enough of the protocol to tell messages apart
//! (<https://www.postgresql.org/docs/current/protocol-message-formats.html>).

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

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
    /// How long each answer takes back.
    latency: Duration,
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
        Self::made(url, false, Duration::ZERO)
    }

    /// The same, and takes our own filter by tenant out of every statement.
    pub fn unfiltered(url: &str) -> (Self, String) {
        Self::made(url, true, Duration::ZERO)
    }

    /// One that is so far away that each answer takes so long back: rounds can be told apart.
    pub fn far_before(url: &str, latency: Duration) -> (Self, String) {
        Self::made(url, false, latency)
    }

    fn made(url: &str, unfiltered: bool, latency: Duration) -> (Self, String) {
        let (credentials, rest) = url.rsplit_once('@').expect("the address names a user");
        let (server, path) = rest.split_once('/').expect("the address names a database");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it listens");
        let seen = Arc::new(Seen { unfiltered, latency, ..Seen::default() });
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
/// How long a server may take to carry a commit out.
const CARRIED_OUT_WITHIN: Duration = Duration::from_secs(10);
/// What the server says at the end of each answer.
const READY_FOR_QUERY: u8 = b'Z';

/// What the two directions of a connection know of each other.
#[derive(Default)]
struct Link {
    /// What the server still has to say that it is done with.
    under_way: AtomicI32,
    /// Answers go no further.
    dropped: AtomicBool,
    /// All answers came that go no further: what they answer was carried out.
    carried_out: AtomicBool,
}

fn relay(client: TcpStream, server: TcpStream, seen: &Arc<Seen>) {
    for stream in [&client, &server] {
        stream.set_nodelay(true).expect("a socket has this option");
    }
    let both = |stream: &TcpStream| stream.try_clone().expect("a socket can be shared");
    let (to_server, from_client) = (both(&server), both(&client));
    let (link, latency) = (Arc::new(Link::default()), seen.latency);
    let (back, seen) = (Arc::clone(&link), Arc::clone(seen));
    std::thread::spawn(move || answers(server, client, &back, latency));
    std::thread::spawn(move || calls(from_client, to_server, &link, &seen));
}

/// From the server to the client.
fn answers(mut server: TcpStream, mut client: TcpStream, link: &Link, latency: Duration) {
    let mut octets = [0; 65_536];
    let (mut waiting, mut started) = (Vec::new(), true);
    while let Ok(length @ 1..) = server.read(&mut octets) {
        let dropped = link.dropped.load(Ordering::SeqCst);
        // A network's way back: what a client sends without waiting has come by now, and is not taken for an answer to what it has not heard.
        std::thread::sleep(latency);
        waiting.extend_from_slice(&octets[..length]);
        while let Some(message) = message(&mut waiting, &mut started) {
            if message.first() == Some(&READY_FOR_QUERY) {
                link.under_way.fetch_sub(1, Ordering::SeqCst);
            }
        }
        // The last of what is under way is the commit.
        if dropped && link.under_way.load(Ordering::SeqCst) == 0 {
            link.carried_out.store(true, Ordering::SeqCst);
            break;
        }
        if !dropped && client.write_all(&octets[..length]).is_err() {
            break;
        }
    }
    let _gone = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
}

/// From the client to the server.
fn calls(mut client: TcpStream, mut server: TcpStream, link: &Link, seen: &Seen) {
    let mut octets = [0; 65_536];
    let (mut waiting, mut started, mut begun, mut in_batch) = (Vec::new(), false, false, false);
    'relay: while let Ok(length @ 1..) = client.read(&mut octets) {
        waiting.extend_from_slice(&octets[..length]);
        while let Some(message) = message(&mut waiting, &mut started) {
            let is_first = message.first() == Some(&0);
            in_batch |= is_query(&message, BATCH_BEGINS);
            if link.under_way.load(Ordering::SeqCst) == 0 {
                seen.rounds.fetch_add(u32::from(in_batch), Ordering::SeqCst);
                link.under_way.fetch_add(1, Ordering::SeqCst);
                begun = true;
            }
            // The server says once for each of these that it is ready; the first of a round was counted with the round.
            if (is_first || matches!(message.first(), Some(b'Q' | b'S'))) && !std::mem::take(&mut begun) {
                link.under_way.fetch_add(1, Ordering::SeqCst);
            }
            let cut = seen.note(&message, in_batch);
            in_batch &= !is_query(&message, "COMMIT");
            if cut == Some(Cut::AfterCommit) {
                link.dropped.store(true, Ordering::SeqCst);
                let _sent = server.write_all(&message);
                let begun = Instant::now();
                while !link.carried_out.load(Ordering::SeqCst) && begun.elapsed() < CARRIED_OUT_WITHIN {
                    std::thread::sleep(Duration::from_millis(1));
                }
            }
            if cut.is_some() || server.write_all(&seen.sent(message)).is_err() {
                break 'relay;
            }
        }
    }
    let _gone = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
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

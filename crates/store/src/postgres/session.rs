//! One connection: its prepared statements, and rounds. A round sends all it has before it waits, so that it costs the network once.

use std::borrow::Cow;
use std::collections::HashMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, Row, Statement};

use super::error::{commit, statement};
use super::presence::Tie;
use crate::{Reach, StoreFault};

/// How long a round may take: a server that is there answers in milliseconds, and one that hangs must not hold up a lane for longer than its clients wait.
const PATIENCE: Duration = Duration::from_secs(8);
/// Statements kept prepared: all of those with a fixed text, and the lists that are asked for most.
const STATEMENTS_KEPT: usize = 128;

/// A future that is kept or handed on.
pub(super) type Pending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The values of a statement.
pub(super) type Values<'a> = Vec<Box<dyn ToSql + Sync + Send + 'a>>;

/// A statement with its values.
pub(super) struct Ask<'a> {
    pub(super) sql: Cow<'static, str>,
    pub(super) values: Values<'a>,
}

impl<'a> Ask<'a> {
    pub(super) fn new(sql: impl Into<Cow<'static, str>>, values: Values<'a>) -> Self {
        Self { sql: sql.into(), values }
    }
}

/// Boxes values for a statement.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$(Box::new($value) as Box<dyn tokio_postgres::types::ToSql + Sync + Send + '_>),*] };
}
pub(super) use values;

/// A connection that is set up.
pub(super) struct Session {
    client: Client,
    /// The server said `WARNING` since this was last looked at.
    warned: Arc<AtomicBool>,
    prepared: HashMap<String, Statement>,
    /// Something did not come back: what is under way on this connection is not known.
    lost: bool,
    /// A transaction that writes was begun, and not ended.
    open: bool,
    /// Statements without values go in messages of their own: Citus passes a message on as a whole to the nodes that have the shards.
    apart: bool,
    tie: Tie,
}

/// How a transaction is begun: what stands behind BEGIN, and what is said after it.
pub(super) type Mode = [&'static str];

/// Begins a transaction that sees the rows of these tenants only. `apart`: each word is a message of its own.
fn begin(mode: &Mode, tenants: &str, apart: bool) -> Vec<String> {
    let mut words: Vec<String> = mode.iter().map(|word| (*word).to_owned()).chain([told(tenants)]).collect();
    if let Some(first) = words.first_mut() {
        first.insert_str(0, "BEGIN ");
    }
    if apart { words } else { vec![words.join("; ")] }
}

/// Tells a transaction whose rows it sees.
fn told(tenants: &str) -> String {
    // SET LOCAL, not set_config: Citus passes it on to the nodes that have the shards. Numbers alone are put into the text.
    format!("SET LOCAL tenantry.tenant_ids = '{tenants}'")
}

/// How a transaction is told of a reach.
pub(super) fn tenants(reach: Reach) -> String {
    match reach {
        Reach::Tenant(tenant_id) => format!("{{{}}}", tenant_id.get()),
        Reach::EveryTenant => "every".to_owned(),
    }
}

impl Session {
    pub(super) fn new(client: Client, warned: Arc<AtomicBool>, tie: Tie, has_citus: bool) -> Self {
        Self { client, warned, prepared: HashMap::new(), lost: false, open: false, apart: has_citus, tie }
    }

    /// Whether nothing more can be asked on this connection.
    pub(super) fn is_over(&self) -> bool {
        self.lost || self.client.is_closed() || self.tie.is_cut()
    }

    /// Runs statements without values.
    pub(super) async fn execute(&mut self, sql: &str) -> Result<(), StoreFault> {
        let done = answered(&mut self.tie, self.client.batch_execute(sql)).await;
        self.settled(done)
    }

    /// Asks for rows in a transaction of its own that sees a reach, in one round.
    pub(super) async fn read(&mut self, reach: Reach, mode: &Mode, asks: &[Ask<'_>]) -> Result<Vec<Vec<Row>>, StoreFault> {
        self.round(&begin(mode, &tenants(reach), self.apart), asks, Some("COMMIT")).await
    }

    /// Begins a transaction, and asks for what it needs first.
    pub(super) async fn begin(&mut self, reach: Reach, mode: &Mode, asks: &[Ask<'_>]) -> Result<Vec<Vec<Row>>, StoreFault> {
        self.warned.store(false, Ordering::Relaxed);
        self.open = true;
        self.round(&begin(mode, &tenants(reach), self.apart), asks, None).await
    }

    /// Asks for more within a transaction.
    pub(super) async fn ask(&mut self, asks: &[Ask<'_>]) -> Result<Vec<Vec<Row>>, StoreFault> {
        if asks.is_empty() { Ok(Vec::new()) } else { self.round(&[], asks, None).await }
    }

    /// Asks for what is left to do and commits, in one round; a statement that fails is in the way of the commit behind it. Where the transaction sees other
    /// tenants by now, it is told so first. Nothing cancels it: a commit that waits for a standby and is cancelled is done here and may be lost there.
    pub(super) async fn finish(&mut self, tenants: Option<&str>, asks: &[Ask<'_>]) -> Result<(), StoreFault> {
        let first: Vec<String> = tenants.map(told).into_iter().collect();
        for ask in asks {
            self.prepare(&ask.sql).await?;
        }
        self.open = false;
        let done = answered(&mut self.tie, send(&self.client, &self.prepared, &first, asks, Some("COMMIT"))).await;
        let fault = match done.map(first_fault) {
            // The server warns when it gave up waiting for its standbys: the commit is done here, and may be lost with this server.
            Some(None) if self.warned.load(Ordering::Relaxed) => StoreFault::Unknown("the server warned while it committed".to_owned()),
            Some(None) => return Ok(()),
            // What the server says of a statement it says instead of committing.
            Some(Some((place, error))) if place < first.len() + asks.len() && error.code().is_some() => {
                return self.settled(Some(Err(error)));
            }
            Some(Some((_, error))) => commit(&error),
            None => StoreFault::Unknown("the commit was not answered".to_owned()),
        };
        self.lost |= matches!(fault, StoreFault::Unknown(_));
        Err(fault)
    }

    /// Leaves no transaction open. Where that cannot be said the connection is given up, and the server rolls back.
    pub(super) async fn roll_back(&mut self) {
        if std::mem::take(&mut self.open)
            && !self.is_over()
            && let Err(fault) = self.execute("ROLLBACK").await
        {
            tracing::debug!(%fault, "a transaction was left to the server to roll back");
            self.lost = true;
        }
    }

    /// Sends everything, in order, and then waits for all of it.
    async fn round(&mut self, first: &[String], asks: &[Ask<'_>], last: Option<&str>) -> Result<Vec<Vec<Row>>, StoreFault> {
        for ask in asks {
            self.prepare(&ask.sql).await?;
        }
        let done = answered(&mut self.tie, send(&self.client, &self.prepared, first, asks, last)).await;
        // The first fault is the cause of those behind it.
        let done = done.map(|replies| replies.into_iter().collect::<Result<Vec<_>, _>>());
        let rows = self.settled(done)?;
        Ok(rows.into_iter().skip(first.len()).take(asks.len()).collect())
    }

    async fn prepare(&mut self, sql: &str) -> Result<(), StoreFault> {
        if self.prepared.contains_key(sql) {
            return Ok(());
        }
        if self.prepared.len() >= STATEMENTS_KEPT {
            // Lists have many forms; the next ones are prepared anew.
            self.prepared.clear();
        }
        let prepared = answered(&mut self.tie, self.client.prepare(sql)).await;
        let prepared = self.settled(prepared)?;
        self.prepared.insert(sql.to_owned(), prepared);
        Ok(())
    }

    fn settled<T>(&mut self, done: Option<Result<T, Error>>) -> Result<T, StoreFault> {
        match done {
            Some(Ok(done)) => Ok(done),
            Some(Err(error)) => {
                // A standby that was promoted elsewhere, or a server that is going down: another connection may find better.
                let elsewhere = error.code().is_some_and(|code| code.code().starts_with("57P") || code.code() == "25006");
                self.lost |= elsewhere || error.code().is_none();
                Err(statement(&error))
            }
            None => {
                self.lost = true;
                Err(StoreFault::Unavailable("the database server does not answer".to_owned()))
            }
        }
    }
}

/// What came back; `None` when nothing did in time, or the connection was given up meanwhile.
async fn answered<T>(tie: &mut Tie, asked: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        // An answer that is there counts, whatever is said of the connection.
        biased;
        done = timeout(PATIENCE, asked) => done.ok(),
        () = tie.cut() => None,
    }
}

/// The first that failed, which is the cause of those behind it, and its place.
fn first_fault(replies: Vec<Result<Vec<Row>, Error>>) -> Option<(usize, Error)> {
    replies.into_iter().enumerate().find_map(|(place, reply)| Some((place, reply.err()?)))
}

/// The replies to messages and statements, in order.
async fn send(
    client: &Client,
    prepared: &HashMap<String, Statement>,
    first: &[String],
    asks: &[Ask<'_>],
    last: Option<&str>,
) -> Vec<Result<Vec<Row>, Error>> {
    let execute = |sql: &str| {
        let sql = sql.to_owned();
        async move { client.batch_execute(&sql).await.map(|()| Vec::new()) }
    };
    let mut sent: Vec<Pending<'_, Result<Vec<Row>, Error>>> = Vec::with_capacity(first.len() + asks.len() + 1);
    sent.extend(first.iter().map(|sql| Box::pin(execute(sql)) as _));
    for ask in asks {
        let values: Vec<&(dyn ToSql + Sync)> = ask.values.iter().map(|value| value.as_ref() as _).collect();
        let prepared = prepared.get(&*ask.sql);
        sent.push(Box::pin(async move {
            match prepared {
                Some(prepared) => client.query(prepared, &values).await,
                None => client.query(&*ask.sql, &values).await,
            }
        }));
    }
    sent.extend(last.map(|sql| Box::pin(execute(sql)) as _));
    in_order(sent).await
}

/// Polls futures in their order, so that what they send goes out in that order, until all are done.
async fn in_order<T>(futures: Vec<Pending<'_, T>>) -> Vec<T> {
    let mut done: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    let mut futures = futures;
    poll_fn(move |context| {
        for (future, done) in futures.iter_mut().zip(&mut done) {
            if done.is_none()
                && let Poll::Ready(value) = future.as_mut().poll(context)
            {
                *done = Some(value);
            }
        }
        if done.iter().all(Option::is_some) { Poll::Ready(done.drain(..).flatten().collect()) } else { Poll::Pending }
    })
    .await
}

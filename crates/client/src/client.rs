//! Sending requests: with the key, within time, and again where that can do no harm.

use std::sync::Mutex;
use std::time::Duration;

use http::header;
use http::{HeaderValue, StatusCode};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use tokio::time::{sleep, timeout};
use url::Url;

use crate::body::Outgoing;
use crate::connection::{Connector, Unopened};
use crate::{Answer, Fault, Request, Target};

/// How often a request is sent at most.
const TRIES: u32 = 3;
/// How long to wait before a server that was not reached is tried again: one that is being restarted is back by then.
const BACKOFF: Duration = Duration::from_millis(300);
/// The longest wait that a server may ask for; who waits at a terminal wants to hear of a longer one instead.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(10);
/// How long a kept connection may take to be ready: its last answer was read, so that it is at once, or is closed.
const KEPT_PATIENCE: Duration = Duration::from_millis(50);
/// The header by which a server tells a request that is sent again from a new one.
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// What the server's access log shows of this program.
const USER_AGENT: HeaderValue = HeaderValue::from_static(concat!("tenantry/", env!("CARGO_PKG_VERSION")));

/// A client of one server.
pub struct Client {
    target: Target,
    connector: Connector,
    authorization: HeaderValue,
    host: HeaderValue,
    idle: Mutex<Option<SendRequest<Outgoing>>>,
    /// Makes the names of writes; chance is the caller's.
    names: fn() -> String,
}

/// What one try came to, when no answer came.
enum Lost {
    /// Nothing was sent.
    Unsent(Fault),
    /// Something was sent.
    Sent(String),
    /// It will not do better.
    Final(Fault),
}

impl Client {
    /// For this server. `names` makes a text that is never the same, such as a UUID, for each write.
    ///
    /// # Errors
    /// When the URL or the certificates will not do.
    pub fn new(target: Target, names: fn() -> String) -> Result<Self, Fault> {
        let connector = Connector::new(&target.url, target.ca.as_deref())?;
        let unusable = || Fault::Usage(format!("{} cannot be called", target.url));
        let authorization = target.key.header().ok_or_else(unusable)?;
        let host = HeaderValue::try_from(&target.url[url::Position::BeforeHost..url::Position::AfterPort]).map_err(|_| unusable())?;
        Ok(Self { connector, authorization, host, idle: Mutex::new(None), names, target })
    }

    /// Where it calls.
    pub fn url(&self) -> &Url {
        &self.target.url
    }

    /// Whether the key crosses a network for anybody to read.
    pub fn is_readable_by_others(&self) -> bool {
        let is_loopback = match self.target.url.host() {
            Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        self.target.url.scheme() == "http" && !is_loopback
    }

    /// Sends a request, and gives its answer when that does not refuse. What was not received is sent again, and so is what the server asks to be sent again;
    /// a `POST` also when its answer was lost, as its `Idempotency-Key` makes it happen once.
    ///
    /// # Errors
    /// When the server is not reached, refuses, or its answer is lost.
    pub async fn send(&self, mut request: Request) -> Result<Answer, Fault> {
        if request.writes() {
            let name = request.idempotency_key.clone().unwrap_or_else(self.names);
            request = request.header(IDEMPOTENCY_KEY, &name)?;
        }
        let is_once = request.method == http::Method::POST;
        for attempt in 1.. {
            let is_last = attempt >= TRIES;
            match self.attempt(&mut request).await {
                Ok(answer) if answer.status.is_success() || answer.status == StatusCode::NOT_MODIFIED => return Ok(answer),
                Ok(answer) if answer.status.is_redirection() => return Err(self.elsewhere(&answer)),
                Ok(answer) => {
                    let problem = answer.problem().await;
                    let wait = problem.retry_after.unwrap_or(BACKOFF);
                    if is_last || !request.body.is_repeatable() || wait > RETRY_AFTER_MAX || !problem.may_pass(is_once) {
                        return Err(Fault::Refused(Box::new(problem)));
                    }
                    sleep(wait).await;
                }
                Err(Lost::Final(fault)) => return Err(fault),
                Err(Lost::Unsent(fault)) if is_last => return Err(fault),
                Err(Lost::Sent(why)) if is_last || !request.body.is_repeatable() || (request.writes() && !is_once) => {
                    return Err(self.unanswered(&request, &why));
                }
                Err(_) => sleep(BACKOFF * attempt).await,
            }
        }
        // The last try returned.
        Err(Fault::Unreached(format!("{} was not reached", self.target.url)))
    }

    /// One try. A connection that was kept and turns out to be closed is not one.
    async fn attempt(&self, request: &mut Request) -> Result<Answer, Lost> {
        let mut sender = match self.kept(request).await {
            Some(sender) => sender,
            None => self
                .connector
                .open()
                .await
                .map_err(|Unopened { fault, may_pass }| if may_pass { Lost::Unsent(fault) } else { Lost::Final(fault) })?,
        };
        let head = self.head(request).map_err(Lost::Final)?;
        let Some(body) = request.body.take().await.map_err(Lost::Final)? else {
            return Err(Lost::Final(Fault::Unreached("what was to be sent was read already".to_owned())));
        };
        let response = match timeout(request.patience, sender.try_send_request(head.map(|()| body))).await {
            Ok(Ok(response)) => response,
            Ok(Err(mut error)) => {
                let is_unsent = error.take_message().is_some();
                let why = cause(error.error());
                let unreached = || Fault::Unreached(format!("{} closed the connection: {why}", self.target.url));
                return Err(if is_unsent { Lost::Unsent(unreached()) } else { Lost::Sent(why.clone()) });
            }
            Err(_) => {
                return Err(Lost::Final(self.unanswered(request, &format!("it did not answer within {} s", request.patience.as_secs()))));
            }
        };
        self.keep(sender, &response);
        Ok(Answer::new(response, request.writes()))
    }

    /// The connection that was kept, where it still is one. A body that can be read once is not risked on it.
    async fn kept(&self, request: &Request) -> Option<SendRequest<Outgoing>> {
        let mut kept = self.idle.lock().ok().and_then(|mut idle| idle.take()).filter(|_| request.body.is_repeatable())?;
        match timeout(KEPT_PATIENCE, kept.ready()).await {
            Ok(Ok(())) => Some(kept),
            _ => None,
        }
    }

    /// Keeps the connection for the next request, which waits until this answer was read.
    fn keep(&self, sender: SendRequest<Outgoing>, response: &http::Response<Incoming>) {
        let closes = response.headers().get(header::CONNECTION).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"close"));
        if !closes && let Ok(mut idle) = self.idle.lock() {
            *idle = Some(sender);
        }
    }

    fn head(&self, request: &Request) -> Result<http::Request<()>, Fault> {
        let mut url = self.target.url.clone();
        url.set_path(&[url.path().trim_end_matches('/'), &request.path].concat());
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let mut head = http::Request::builder().method(request.method.clone()).uri(&url[url::Position::BeforePath..]);
        if let Some(headers) = head.headers_mut() {
            headers.extend(request.headers.clone());
            headers.insert(header::HOST, self.host.clone());
            headers.insert(header::AUTHORIZATION, self.authorization.clone());
            headers.insert(header::USER_AGENT, USER_AGENT);
        }
        head.body(()).map_err(|error| Fault::Usage(format!("{url} cannot be called: {error}")))
    }

    fn elsewhere(&self, answer: &Answer) -> Fault {
        let to = answer.headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or("elsewhere");
        // A key is sent to the server that the caller named, and to no other.
        Fault::Unreadable(format!("{} sends on to {}; name that server as the URL, if it is yours", self.target.url, crate::printable(to)))
    }

    fn unanswered(&self, request: &Request, why: &str) -> Fault {
        if !request.writes() {
            return Fault::Unreached(format!("{} gave no answer: {why}", self.target.url));
        }
        let name = request.headers.get(IDEMPOTENCY_KEY).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let advice = if request.method == http::Method::POST {
            format!("Repeat the command with --idempotency-key {name}: it is done then, or the lost answer is given")
        } else {
            "Look at the record before you repeat it".to_owned()
        };
        Fault::Unknown(format!("{} gave no answer: {why}. It may have been done. {advice}", self.target.url))
    }
}

/// An error with what caused it, which hyper keeps apart.
fn cause(error: &hyper::Error) -> String {
    use std::error::Error;
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
}

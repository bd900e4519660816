//! Wiring: the service, the faces, the listeners.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use tenantry_http::client_address::TrustedProxies;
use tenantry_http::health;
use tenantry_http::listener::{self, Limits, RequestIds, Server};
use tenantry_http::metrics::Metrics;
use tenantry_http::request_id::RequestId;
use tenantry_http::tls::Reloading;
use tenantry_service::{HashingOptions, LaneState, Options, Service, StoreOptions};
use tenantry_store::OpenFault;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::{Failure, Settings};

/// How often it is looked whether the time of something has come: a hold ends within this.
const TIMER_EVERY: Duration = Duration::from_secs(2);

/// A server that listens.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// What it serves.
    pub service: Arc<Service>,
    /// Its certificate, when it speaks TLS.
    pub tls: Option<Reloading>,
    stop: watch::Sender<bool>,
    /// The listeners, and what is done without a caller.
    tasks: Vec<JoinHandle<()>>,
}

impl Running {
    /// Stops accepting, finishes what is under way, and closes the store.
    pub async fn stop(self) {
        let Self { service, stop, tasks, .. } = self;
        let _nobody_left = stop.send(true);
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a listener or the timer ended badly");
            }
        }
        service.close().await;
    }
}

/// The service's options that settings give.
pub fn options(settings: &Settings) -> Options {
    Options {
        store: store_options(settings),
        hashing: HashingOptions { threads: settings.hashing_threads, queue: settings.hashing_queue },
        limits: tenantry_service::Limits {
            failures_per_credential: settings.failures_per_credential,
            failures_per_address: settings.failures_per_address,
        },
        ..Options::default()
    }
}

/// Opens the store of the settings' data directory, with everything around it.
pub(crate) async fn open(settings: &Settings) -> Result<Arc<Service>, OpenFault> {
    Service::open(&settings.data, &options(settings)).await
}

/// What no setting changes, but for the tests of power cuts: one shows that less durability would be noticed, and all want the log moved often.
/// Builds that are shipped do not look.
fn store_options(settings: &Settings) -> StoreOptions {
    let options = StoreOptions {
        postgres: settings.store.clone(),
        record_cache_octets: u64::from(settings.record_cache_mib) * 1024 * 1024,
        ..StoreOptions::default()
    };
    #[cfg(debug_assertions)]
    let options = StoreOptions {
        durability: match std::env::var("TENANTRY_TEST_SYNCHRONOUS").as_deref() {
            Ok("normal") => tenantry_store::Durability::UnsafeForTests,
            _ => tenantry_store::Durability::Full,
        },
        checkpoint_pages: std::env::var("TENANTRY_TEST_CHECKPOINT_PAGES").ok().and_then(|pages| pages.parse().ok()).unwrap_or(0),
        ..options
    };
    options
}

/// What a server needs from outside before it can serve: its addresses and its certificate.
pub struct Doors {
    listener: TcpListener,
    metrics_listener: Option<TcpListener>,
    tls: Option<Reloading>,
}

impl Doors {
    /// Takes the addresses and reads the certificate.
    ///
    /// # Errors
    /// An address cannot be listened on, or the certificate cannot be used.
    pub async fn open(settings: &Settings) -> Result<Self, Failure> {
        let tls = match &settings.tls {
            Some((certificate, key)) => Some(Reloading::load(certificate, key)?),
            None => None,
        };
        let metrics_listener = match settings.metrics_listen {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        Ok(Self { listener: listen(settings.listen).await?, metrics_listener, tls })
    }
}

/// Starts the listeners over a service.
///
/// # Errors
/// The listener's own address cannot be found out.
pub fn start(service: Arc<Service>, settings: &Settings, doors: Doors) -> Result<Running, Failure> {
    let Doors { listener, metrics_listener, tls } = doors;
    let metrics = metrics(&service);
    let address = listener.local_addr()?;
    let (stop, stopped) = watch::channel(false);
    let limits = Limits { max_connections: settings.max_connections, ..Limits::default() };
    let own_metrics = metrics_listener.is_none().then(|| Arc::clone(&metrics));
    let proxies = || TrustedProxies(settings.trusted_proxies.clone());
    let public_url = public_url(settings, address);
    let everlytic = tenantry_everlytic::Settings { public_url: public_url.clone(), xmlrpc_result: settings.xmlrpc_result };
    let app = health::router(readiness(&service), own_metrics)
        .merge(tenantry_wwwengine::router(Arc::clone(&service), proxies()))
        .merge(tenantry_everlytic::router(Arc::clone(&service), proxies(), everlytic))
        .merge(tenantry_v1::router(Arc::clone(&service), proxies(), public_url));
    let timer = tokio::spawn(timer(Arc::clone(&service), stopped.clone()));
    let server = |app: Router, tls| Server { app, tls, limits, metrics: Arc::clone(&metrics), request_ids: request_ids(&service) };
    let mut tasks = vec![timer, tokio::spawn(listener::serve(listener, server(app, tls.clone()), asked(stopped.clone())))];
    if let Some(listener) = metrics_listener {
        let server = server(health::metrics_router(Arc::clone(&metrics)), None);
        tasks.push(tokio::spawn(listener::serve(listener, server, asked(stopped))));
    }
    Ok(Running { address, service, tls, stop, tasks })
}

/// The address as this machine reaches it: nobody can call every address, and no certificate is for it.
pub(crate) fn reachable(address: SocketAddr) -> String {
    if address.ip().is_unspecified() { format!("localhost:{}", address.port()) } else { address.to_string() }
}

/// Where clients reach the server. Unless a setting says, links lead to the listener itself, which only this machine reaches by that address.
fn public_url(settings: &Settings, address: SocketAddr) -> String {
    let scheme = if settings.tls.is_some() { "https" } else { "http" };
    settings.public_url.clone().unwrap_or_else(|| {
        if address.ip().is_unspecified() {
            tracing::warn!("public_url is not set: links in answers lead to this machine only");
        }
        format!("{scheme}://{}", reachable(address))
    })
}

/// Does what its time has come for, until the server stops.
async fn timer(service: Arc<Service>, stopped: watch::Receiver<bool>) {
    let stopped = asked(stopped);
    tokio::pin!(stopped);
    loop {
        tokio::select! {
            () = &mut stopped => return,
            () = tokio::time::sleep(TIMER_EVERY) => {}
        }
        // While nothing can be written nothing is tried, and the log is not filled; why a store cannot be read it has by itself.
        if service.state() == LaneState::Ready {
            let _told = service.release_ended_holds().await;
        }
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| Failure(format!("cannot listen on {address}: {error}")))
}

async fn asked(mut stopped: watch::Receiver<bool>) {
    let _asked_or_gone = stopped.wait_for(|stopped| *stopped).await.is_ok();
}

fn readiness(service: &Arc<Service>) -> health::Readiness {
    let service = Arc::downgrade(service);
    Arc::new(move || match service.upgrade().map(|service| service.state()) {
        Some(LaneState::Ready) => Ok(()),
        Some(LaneState::Full) => Err("the disk is full: writes are refused, reads go on".to_owned()),
        Some(LaneState::Away) => Err("the database server is not reached".to_owned()),
        Some(LaneState::Fenced) => Err("a write failed in the middle: restart the server".to_owned()),
        None => Err("the server is stopping".to_owned()),
    })
}

fn metrics(service: &Arc<Service>) -> Arc<Metrics> {
    let metrics = Metrics::new();
    let gauge = |name: &str, help: &str, value: fn(&Service) -> u64| {
        let service = Arc::downgrade(service);
        metrics.gauge(name, help, move || service.upgrade().map_or(0, |service| i64::try_from(value(&service)).unwrap_or(i64::MAX)));
    };
    let counter = |name: &str, help: &str, value: fn(&Service) -> u64| {
        let service = Arc::downgrade(service);
        metrics.counter(name, help, move || service.upgrade().map_or(0, |service| value(&service)));
    };
    counter("lane_commits", "Durable commits", |service| service.statistics().batches);
    counter("lane_commands", "Commands decided", |service| service.statistics().commands);
    gauge("lane_waiting", "Commands waiting for the lane", |service| service.statistics().waiting);
    gauge("lane_fenced", "1 when writes are fenced until a restart", |service| u64::from(service.state() == LaneState::Fenced));
    metrics
}

/// Request ids without asking the operating system each time: random once, then counted.
fn request_ids(service: &Arc<Service>) -> RequestIds {
    let service = Arc::downgrade(service);
    let node: [u8; 8] = tenantry_service::Chance.bytes();
    let count = AtomicU64::new(0);
    Arc::new(move || {
        let millis = service.upgrade().map_or(0, |service| u64::try_from(service.now().micros() / 1000).unwrap_or(0));
        let number = count.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        // Two octets of the count come first, so that ids of one millisecond stay in order; the others are this start's own.
        let octets = [number[6], number[7], node[0], node[1], node[2], node[3], node[4], node[5], node[6], number[5]];
        RequestId(uuid::Builder::from_unix_timestamp_millis(millis, &octets).into_uuid())
    })
}

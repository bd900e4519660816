//! Metrics, in the text form that Prometheus and OpenTelemetry collectors read. No label holds an id, an address or anything else of a customer's.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use parking_lot::Mutex;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Upper bounds of the duration histogram, in seconds: from a cached read to a client that has given up.
const DURATION_BUCKETS: [f64; 12] = [0.000_1, 0.000_3, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0];

/// What a request is counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    face: &'static str,
    route: &'static str,
    method: &'static str,
    status: u16,
}

/// What a request's duration is kept by: without the status, because each combination costs a histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelSet)]
struct DurationLabels {
    face: &'static str,
    route: &'static str,
    method: &'static str,
}

type Durations = Family<DurationLabels, Histogram, fn() -> Histogram>;

/// The metrics of a server.
pub struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<RequestLabels, Counter>,
    durations: Durations,
    refresh: Mutex<Vec<Refresh>>,
    /// Open connections.
    pub connections_open: Gauge,
    /// Connections accepted.
    pub connections_accepted: Counter,
    /// Connections closed at once because there were too many.
    pub connections_refused: Counter,
}

type Refresh = Box<dyn Fn() + Send + Sync>;

impl Metrics {
    /// Metrics with nothing counted yet.
    pub fn new() -> Arc<Self> {
        let mut registry = Registry::with_prefix("tenantry");
        let requests = Family::<RequestLabels, Counter>::default();
        let durations = Durations::new_with_constructor(|| Histogram::new(DURATION_BUCKETS));
        let (connections_open, connections_accepted, connections_refused) = (Gauge::default(), Counter::default(), Counter::default());
        registry.register("requests", "Requests answered", requests.clone());
        registry.register("request_duration_seconds", "From the request's head to the answer's", durations.clone());
        registry.register("connections_open", "Open connections", connections_open.clone());
        registry.register("connections_accepted", "Connections accepted", connections_accepted.clone());
        registry.register("connections_refused", "Connections closed at once because there were too many", connections_refused.clone());
        Arc::new(Self {
            registry: Mutex::new(registry),
            requests,
            durations,
            refresh: Mutex::default(),
            connections_open,
            connections_accepted,
            connections_refused,
        })
    }

    /// Adds a gauge whose value is asked for whenever the metrics are read.
    pub fn gauge(&self, name: &str, help: &str, value: impl Fn() -> i64 + Send + Sync + 'static) {
        let gauge: Gauge = Gauge::default();
        self.registry.lock().register(name, help, gauge.clone());
        self.refresh.lock().push(Box::new(move || {
            gauge.set(value());
        }));
    }

    /// Adds a counter whose value, which must never fall, is asked for whenever the metrics are read.
    pub fn counter(&self, name: &str, help: &str, value: impl Fn() -> u64 + Send + Sync + 'static) {
        let counter: Counter = Counter::default();
        self.registry.lock().register(name, help, counter.clone());
        self.refresh.lock().push(Box::new(move || counter.inner().store(value(), Ordering::Relaxed)));
    }

    /// Counts an answered request.
    pub(crate) fn count(&self, face: &'static str, route: &'static str, method: &'static str, status: u16, took: Duration) {
        self.requests.get_or_create(&RequestLabels { face, route, method, status }).inc();
        self.durations.get_or_create(&DurationLabels { face, route, method }).observe(took.as_secs_f64());
    }

    /// The metrics as text.
    pub fn render(&self) -> String {
        self.refresh.lock().iter().for_each(|refresh| refresh());
        let mut text = String::new();
        if encode(&mut text, &self.registry.lock()).is_err() {
            tracing::error!("the metrics could not be written");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_rendered() {
        let metrics = Metrics::new();
        metrics.gauge("waiting", "Waiting", || 7);
        metrics.counter("commits", "Commits", || 11);
        metrics.count("v1", "/user/{id}", "GET", 200, Duration::from_millis(2));
        metrics.count("v1", "/user/{id}", "GET", 404, Duration::from_millis(2));
        let text = metrics.render();
        for line in [
            r#"tenantry_requests_total{face="v1",route="/user/{id}",method="GET",status="200"} 1"#,
            r#"tenantry_requests_total{face="v1",route="/user/{id}",method="GET",status="404"} 1"#,
            r#"tenantry_request_duration_seconds_bucket{le="0.003",face="v1",route="/user/{id}",method="GET"} 2"#,
            r#"tenantry_request_duration_seconds_bucket{le="0.001",face="v1",route="/user/{id}",method="GET"} 0"#,
            "tenantry_waiting 7",
            "tenantry_commits_total 11",
            "tenantry_connections_open 0",
        ] {
            assert!(text.lines().any(|rendered| rendered == line), "{line} is not in\n{text}");
        }
    }
}

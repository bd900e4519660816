//! The load: connections that send the next request when the answer to the last one is there. It measures, and knows no dialect's fields.
//!
//! It shares the processors with the server, so it does as little as it can for each request, and the same for every server: one thread, request
//! octets put together without allocating, and of an answer only the status, the length and a spot check of the body.

mod answer;
mod everlytic;
mod scripts;
mod searches;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tenantry::Failure;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

pub(crate) use everlytic::{RestReads, XmlrpcUpdates};
pub(crate) use scripts::{Adds, Edits, Field, Lists, Mixed, Reads, Target};
pub(crate) use searches::{Asked, Searches};

use crate::figures::percentile;
use crate::machine::{cpu_of, own_cpu};
use crate::process::Server;

/// The longest answer: a page of fifty records of `/v1` is a quarter of it.
const ANSWER_MAX_OCTETS: usize = 512 * 1024;

/// What one connection sends.
pub(crate) trait Script: 'static {
    /// Writes the next request.
    fn next(&mut self, request: &mut Vec<u8>);

    /// Looks at its answer, which had status 200.
    fn check(&mut self, body: &[u8]) -> Result<(), Failure>;
}

/// What was measured over some seconds.
pub(crate) struct Window {
    /// Answered requests a second.
    pub(crate) rate: f64,
    /// Processor milliseconds of the server for each.
    pub(crate) server_cpu_ms: f64,
    /// Processor milliseconds of the load for each.
    pub(crate) load_cpu_ms: f64,
    /// From the request to its answer, in microseconds, sorted.
    pub(crate) latencies: Vec<u32>,
}

impl Window {
    /// The latency within which this share of the requests was answered, in milliseconds.
    pub(crate) fn percentile_ms(&self, share: f64) -> f64 {
        f64::from(percentile(&self.latencies, share)) / 1000.0
    }
}

/// Sends what the scripts say, each on a connection of its own, for this long, and waits for the last answers. Gives the scripts back.
pub(crate) fn run<S: Script>(server: &Server, scripts: Vec<S>, duration: Duration) -> Result<(Window, Vec<S>), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(LocalSet::new().run_until(measure(server, scripts, duration)))
}

async fn measure<S: Script>(server: &Server, scripts: Vec<S>, duration: Duration) -> Result<(Window, Vec<S>), Failure> {
    let mut streams = Vec::with_capacity(scripts.len());
    for _ in &scripts {
        streams.push(connect(server.address).await?);
    }
    let (server_before, own_before, begun) = (cpu_of(server.pid())?, own_cpu()?, Instant::now());
    let deadline = begun + duration;
    let driving: Vec<_> =
        streams.into_iter().zip(scripts).map(|(stream, script)| tokio::task::spawn_local(drive(stream, script, deadline))).collect();
    let (mut latencies, mut scripts) = (Vec::new(), Vec::new());
    for driven in driving {
        let (script, own) = driven.await.map_err(|error| Failure(error.to_string()))??;
        scripts.push(script);
        latencies.extend(own);
    }
    let elapsed = begun.elapsed().as_secs_f64();
    let (server_cpu, own_cpu) = (cpu_of(server.pid())?.saturating_sub(server_before), own_cpu()?.saturating_sub(own_before));
    let count = latencies.len().max(1) as f64;
    latencies.sort_unstable();
    let each_ms = |cpu: Duration| cpu.as_secs_f64() * 1000.0 / count;
    Ok((Window { rate: count / elapsed, server_cpu_ms: each_ms(server_cpu), load_cpu_ms: each_ms(own_cpu), latencies }, scripts))
}

async fn connect(address: SocketAddr) -> Result<TcpStream, Failure> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// One connection until the deadline, and the latency of each of its requests in microseconds.
async fn drive<S: Script>(mut stream: TcpStream, mut script: S, deadline: Instant) -> Result<(S, Vec<u32>), Failure> {
    let mut latencies = Vec::with_capacity(64 * 1024);
    let (mut request, mut buffer) = (Vec::with_capacity(4096), vec![0; ANSWER_MAX_OCTETS]);
    let mut begun = Instant::now();
    while begun < deadline {
        request.clear();
        script.next(&mut request);
        stream.write_all(&request).await?;
        let mut filled = 0;
        let answer = loop {
            let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) else {
                return Err(Failure("an answer was longer than the bench reads".to_owned()));
            };
            let read = stream.read(rest).await?;
            if read == 0 {
                return Err(Failure("the server closed a connection".to_owned()));
            }
            filled += read;
            if let Some(answer) = answer::parse(&buffer[..filled])? {
                break answer;
            }
        };
        let ended = Instant::now();
        latencies.push(u32::try_from((ended - begun).as_micros()).unwrap_or(u32::MAX));
        if answer.status != 200 {
            return Err(Failure(format!("status {}: {}", answer.status, String::from_utf8_lossy(answer.body))));
        }
        script.check(answer.body)?;
        begun = ended;
    }
    Ok((script, latencies))
}

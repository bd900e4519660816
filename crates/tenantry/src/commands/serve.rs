//! `tenantry serve`: starts the server, and stops it when asked.

use tenantry_store::Restored;
use tokio::signal::unix::{SignalKind, signal};

use super::{say, say_keys};
use crate::control::Control;
use crate::first_start::{NewProvider, curl_lines, install, v1_curl_lines};
use crate::server::{Doors, open, reachable, start};
use crate::{Failure, Running, Settings};

pub(crate) async fn run(settings: &Settings) -> Result<(), Failure> {
    // The handlers first: a signal during a long start must end it as cleanly as later.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let service = open(settings).await?;
    tell_of_restore(settings)?;
    // The doors before the keys: a first start that cannot serve makes none, which nobody would ever see.
    let doors = Doors::open(settings).await?;
    let first = if service.is_installed().await? { None } else { Some(install(&service).await?) };
    if let Some(provider) = &first {
        say_keys(provider, &settings.data);
    }
    let control = Control::listen(&service)?;
    let running = start(service, settings, doors)?;
    greet(settings, &running, first.as_ref());
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hang_up.recv() => reload(&running),
        }
    }
    tracing::info!("stopping; a second signal ends the server at once");
    let stopping = async {
        control.stop().await;
        running.stop().await;
    };
    tokio::select! {
        () = stopping => Ok(()),
        _ = terminate.recv() => Err(impatient()),
        _ = interrupt.recv() => Err(impatient()),
    }
}

/// Whoever reads the log must know that what clients were told may be gone.
fn tell_of_restore(settings: &Settings) -> std::io::Result<()> {
    if let Some(restored) = Restored::of_directory(&settings.data)? {
        let Restored { taken_at, restored_at, skipped_ids } = restored;
        tracing::warn!(%taken_at, %restored_at, skipped_ids, "this installation was restored from a backup: what was acknowledged between both is not in it");
    }
    Ok(())
}

/// Nothing that was acknowledged is lost by it; the next start recovers.
fn impatient() -> Failure {
    Failure("ended at once by a second signal, with calls still under way".to_owned())
}

fn greet(settings: &Settings, running: &Running, first: Option<&NewProvider>) {
    let scheme = if settings.tls.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{}", running.address);
    if let Some(provider) = first {
        say("Add, edit and activate the first customer, in another terminal:");
        let reached = format!("{scheme}://{}", reachable(running.address));
        say(&curl_lines(provider, &reached));
        say(&format!("Or over /v1, which {reached}/v1/docs shows:"));
        say(&v1_curl_lines(provider, &reached));
    }
    say(&format!("listening on {url}"));
    tracing::info!(address = %running.address, data = %settings.data.display(), "listening");
}

fn reload(running: &Running) {
    match running.tls.as_ref().map(tenantry_http::tls::Reloading::reload) {
        Some(Ok(())) => tracing::info!("the certificate was read again"),
        Some(Err(fault)) => tracing::error!(%fault, "the old certificate stays"),
        None => tracing::info!("there is no certificate to read again"),
    }
}

//! `tenantry serve`: starts the server, and stops it when asked.

use tenantry_service::Service;
use tokio::signal::unix::{SignalKind, signal};

use super::{say, say_keys};
use crate::control::Control;
use crate::first_start::{NewProvider, curl_lines, install};
use crate::server::{options, start};
use crate::{Failure, Running, Settings};

pub(crate) async fn run(settings: &Settings) -> Result<(), Failure> {
    // The handlers first: a signal during a long start must end it as cleanly as later.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let service = Service::open(&settings.data, &options(settings))?;
    let first = if service.is_installed()? { None } else { Some(install(&service).await?) };
    let control = Control::listen(&service)?;
    let running = start(service, settings).await?;
    greet(settings, &running, first.as_ref());
    loop {
        tokio::select! {
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hang_up.recv() => reload(&running),
        }
    }
    tracing::info!("stopping");
    control.stop().await;
    running.stop().await;
    Ok(())
}

fn greet(settings: &Settings, running: &Running, first: Option<&NewProvider>) {
    let scheme = if settings.tls.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{}", running.address);
    if let Some(provider) = first {
        say_keys(provider, &settings.data);
        say("Add, edit and activate the first customer, in another terminal:");
        say(&curl_lines(provider, &url));
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

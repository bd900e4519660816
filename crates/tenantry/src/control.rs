//! The control socket: how the command line reaches a store that a server has open. The server alone writes; what it is told here holds from the
//! next request on. Whoever may open the socket may open the data directory, which only its owner may.

use std::fs;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tenantry_service::Service;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::admin::{Ask, perform};
use crate::server::open;
use crate::{Failure, Settings};

/// The socket's name in the data directory.
const SOCKET: &str = "control.sock";
/// The longest request or answer, in octets: a list of some thousand keys.
const MAX_LINE_BYTES: u64 = 4 * 1024 * 1024;
/// How long one command may take; they are answered one after the other, and one that hangs must not stop the next.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How long a command waits for whoever has the store and listens to nobody.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it tries.
const RETRY_EVERY: Duration = Duration::from_millis(50);

/// An answer: a value that the asking command knows how to print, or what went wrong.
type Answer = Result<serde_json::Value, String>;

async fn carry_out(service: &Arc<Service>, ask: Ask) -> Answer {
    perform(service, ask).await.map_err(|failure| failure.0)
}

/// Asks the store of the settings' data directory: the server that has it open, or this process, when none has.
pub(crate) async fn ask(settings: &Settings, ask: Ask) -> Result<serde_json::Value, Failure> {
    require_store(settings)?;
    let begun = Instant::now();
    loop {
        match open(settings).await {
            Ok(service) => {
                let answer = carry_out(&service, ask).await;
                service.close().await;
                return answer.map_err(Failure);
            }
            Err(tenantry_store::OpenFault::InUse { .. }) => {}
            Err(fault) => return Err(fault.into()),
        }
        match ask_server(&settings.data, &ask).await {
            Ok(answer) => return answer.map_err(Failure),
            // Another command has the store for a moment, or the server is just starting or stopping.
            Err(error) if is_not_there(&error) && begun.elapsed() < PATIENCE => sleep(RETRY_EVERY).await,
            Err(error) => {
                return Err(Failure(format!("{} is in use, and its server does not answer: {error}", settings.data.display())));
            }
        }
    }
}

/// Whether nobody listened at the socket.
fn is_not_there(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused)
}

/// Passes when a directory holds a store.
pub(crate) fn require_store(settings: &Settings) -> Result<(), Failure> {
    let directory = &settings.data;
    if settings.store.is_some() {
        // Whether the database holds one is for the database to say.
        return Ok(());
    }
    match directory.join("tenantry.db").try_exists() {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure(format!("{0} holds no store; make one with: tenantry init --data {0}", directory.display()))),
        Err(error) => Err(Failure(format!("{} cannot be looked into: {error}", directory.display()))),
    }
}

async fn ask_server(directory: &Path, ask: &Ask) -> io::Result<Answer> {
    let (path, _directory) = socket_path(directory)?;
    let mut stream = UnixStream::connect(path).await?;
    let mut line = serde_json::to_vec(ask)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    Ok(serde_json::from_str(&read_line(&mut stream).await?)?)
}

async fn read_line(stream: &mut UnixStream) -> io::Result<String> {
    let mut line = String::new();
    BufReader::new(stream.take(MAX_LINE_BYTES)).read_line(&mut line).await?;
    Ok(line)
}

/// The socket's path. A socket's name has 108 octets at most, so it is reached through the directory's descriptor, however deep that lies.
fn socket_path(directory: &Path) -> io::Result<(PathBuf, fs::File)> {
    let open = fs::File::open(directory)?;
    let path = PathBuf::from(format!("/proc/self/fd/{}", open.as_raw_fd())).join(SOCKET);
    Ok((path, open))
}

/// The server's end.
pub(crate) struct Control {
    task: JoinHandle<()>,
    path: PathBuf,
}

impl Control {
    /// Listens on the socket. The directory's lock is held, so a socket that is there is a dead server's.
    pub(crate) fn listen(service: &Arc<Service>) -> io::Result<Self> {
        let path = service.directory().join(SOCKET);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let (short, _directory) = socket_path(service.directory())?;
        let listener = UnixListener::bind(short)?;
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
        let service = Arc::clone(service);
        let task = tokio::spawn(async move {
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => {
                        let answered = timeout(TIMEOUT, answer(&service, stream)).await;
                        if let Err(error) = answered.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
                            tracing::warn!(%error, "a command on the control socket was not answered");
                        }
                    }
                    Err(error) => {
                        tracing::warn!(%error, "the control socket could not accept");
                        sleep(Duration::from_millis(100)).await;
                    }
                }
            }
        });
        Ok(Self { task, path })
    }

    /// Stops listening.
    pub(crate) async fn stop(self) {
        self.task.abort();
        // The task ends because it was told to.
        let _aborted = self.task.await.is_err();
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(%error, "the control socket was gone already");
        }
    }
}

async fn answer(service: &Arc<Service>, mut stream: UnixStream) -> io::Result<()> {
    let line = read_line(&mut stream).await?;
    let answer = match serde_json::from_str(&line) {
        Ok(ask) => carry_out(service, ask).await,
        Err(_) => Err("the server does not know this command; it may be of another version".to_owned()),
    };
    let mut line = serde_json::to_vec(&answer)?;
    line.push(b'\n');
    stream.write_all(&line).await
}

//! The control socket: how the command line reaches a store that a server has open. The server alone writes; what it is told here holds from the
//! next request on. Whoever may open the socket may open the data directory, which only its owner may.

use std::fs;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tenantry_service::Service;
use tenantry_store::{Backup, BackupProgress, Tell};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{Mutex, mpsc};
use tokio::task::{JoinHandle, block_in_place, spawn_blocking};
use tokio::time::{sleep, timeout};

use crate::admin::backup::{self, Make};
use crate::admin::{Ask, perform};
use crate::server::open;
use crate::{Failure, Settings};

/// The socket's name in the data directory.
const SOCKET: &str = "control.sock";
/// The longest request or answer, in octets: a list of some thousand keys.
const MAX_LINE_BYTES: u64 = 4 * 1024 * 1024;
/// How long one command may take; they are answered one after the other, and one that hangs must not stop the next.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What is kept of how far a backup is for a slow reader.
const PROGRESS_KEPT: usize = 64;

/// How long a command waits for whoever has the store and listens to nobody.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it tries.
const RETRY_EVERY: Duration = Duration::from_millis(50);

/// An answer: a value that the asking command knows how to print, or what went wrong.
type Answer = Result<serde_json::Value, String>;

/// What a server says while it makes a backup, a line each; the last is as any other answer.
#[derive(Serialize, Deserialize)]
enum Line {
    Progress(BackupProgress),
    Ok(Box<Backup>),
    Err(String),
}

/// Who has the store.
enum Reached {
    /// This process, from now on.
    Here(Arc<Service>),
    /// A server that listens.
    Server(UnixStream),
}

async fn carry_out(service: &Arc<Service>, ask: Ask) -> Answer {
    perform(service, ask).await.map_err(|failure| failure.0)
}

/// Asks the store of the settings' data directory: the server that has it open, or this process, when none has.
pub(crate) async fn ask(settings: &Settings, ask: Ask) -> Result<serde_json::Value, Failure> {
    match reach(settings).await? {
        Reached::Here(service) => {
            let answer = carry_out(&service, ask).await;
            service.close().await;
            answer.map_err(Failure)
        }
        Reached::Server(stream) => ask_server(stream, &ask).await.map_err(|error| no_answer(settings, &error))?.map_err(Failure),
    }
}

/// Has a backup made: by the server that has the store open, or by this process.
pub(crate) async fn back_up(settings: &Settings, make: Make, stop: &Arc<AtomicBool>, tell: Tell<'_>) -> Result<Backup, Failure> {
    match reach(settings).await? {
        Reached::Here(service) => {
            let made = if service.is_installed().await? {
                block_in_place(|| backup::make(&service, &make, stop, tell))
            } else {
                Err(Failure(format!("there is no installation in {}", settings.data.display())))
            };
            service.close().await;
            made
        }
        Reached::Server(stream) => {
            let answer = follow(stream, &Ask::Backup(make), tell).await.map_err(|error| no_answer(settings, &error))?;
            answer.map(|backup| *backup).map_err(Failure)
        }
    }
}

async fn reach(settings: &Settings) -> Result<Reached, Failure> {
    require_store(settings)?;
    let begun = Instant::now();
    loop {
        match open(settings).await {
            Ok(service) => return Ok(Reached::Here(service)),
            Err(tenantry_store::OpenFault::InUse { .. }) => {}
            Err(fault) => return Err(fault.into()),
        }
        match connect(&settings.data).await {
            Ok(stream) => return Ok(Reached::Server(stream)),
            // Another command has the store for a moment, or the server is just starting or stopping.
            Err(error) if is_not_there(&error) && begun.elapsed() < PATIENCE => sleep(RETRY_EVERY).await,
            Err(error) => return Err(no_answer(settings, &error)),
        }
    }
}

fn no_answer(settings: &Settings, error: &io::Error) -> Failure {
    Failure(format!("{} is in use, and its server does not answer: {error}", settings.data.display()))
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

async fn connect(directory: &Path) -> io::Result<UnixStream> {
    let (path, _directory) = socket_path(directory)?;
    UnixStream::connect(path).await
}

async fn ask_server(mut stream: UnixStream, ask: &Ask) -> io::Result<Answer> {
    write_line(&mut stream, ask).await?;
    Ok(serde_json::from_str(&read_line(&mut stream).await?)?)
}

/// Asks for a backup, and tells how far it is until it is there.
async fn follow(mut stream: UnixStream, ask: &Ask, tell: Tell<'_>) -> io::Result<Result<Box<Backup>, String>> {
    write_line(&mut stream, ask).await?;
    let mut lines = BufReader::new(stream).lines();
    while let Some(line) = lines.next_line().await? {
        match serde_json::from_str(&line)? {
            Line::Progress(progress) => tell(progress),
            Line::Ok(backup) => return Ok(Ok(backup)),
            Line::Err(cause) => return Ok(Err(cause)),
        }
    }
    Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it ended before the backup was made; nothing stands under the backup's name"))
}

async fn write_line<W: AsyncWrite + Unpin, T: Serialize>(stream: &mut W, value: &T) -> io::Result<()> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    stream.write_all(&line).await
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
    backups: Arc<Backups>,
}

/// Backups that a server makes: one at a time, and none that keeps the server from stopping.
#[derive(Default)]
struct Backups {
    turn: Arc<Mutex<()>>,
    /// Ends the one that is under way.
    halt: std::sync::Mutex<Arc<AtomicBool>>,
    closed: AtomicBool,
}

impl Backups {
    /// What ends the backup that begins now.
    fn begin(&self) -> Arc<AtomicBool> {
        let halt = Arc::<AtomicBool>::default();
        *self.halt.lock().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&halt);
        // Looked at behind it: whoever closes meanwhile finds this one.
        halt.fetch_or(self.closed.load(Ordering::SeqCst), Ordering::SeqCst);
        halt
    }

    /// Ends what is under way, and waits for its end.
    async fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        self.halt.lock().unwrap_or_else(PoisonError::into_inner).store(true, Ordering::SeqCst);
        drop(self.turn.lock().await);
    }

    /// Makes a backup, and tells who asked for it how far it is. Ends it when nobody listens any more.
    async fn make(self: Arc<Self>, service: Arc<Service>, mut stream: UnixStream, make: Make) {
        let answered = match Arc::clone(&self.turn).try_lock_owned() {
            Ok(_turn) => told(service, stream, make, self.begin()).await,
            Err(_) => write_line(&mut stream, &Line::Err("another backup is under way".to_owned())).await,
        };
        if let Err(error) = answered {
            tracing::warn!(%error, "whoever asked for a backup was not told of its end");
        }
    }
}

async fn told(service: Arc<Service>, mut stream: UnixStream, make: Make, halt: Arc<AtomicBool>) -> io::Result<()> {
    let (sender, mut progress) = mpsc::channel(PROGRESS_KEPT);
    let halted = Arc::clone(&halt);
    let making = spawn_blocking(move || {
        // Whoever reads slowly misses some of it.
        let mut tell = |told| drop(sender.try_send(told));
        backup::make(&service, &make, &halted, &mut tell)
    });
    let (mut reader, mut writer) = stream.split();
    let mut nothing = [0];
    loop {
        let listens = tokio::select! {
            told = progress.recv() => match told {
                Some(told) => timeout(TIMEOUT, write_line(&mut writer, &Line::Progress(told))).await.is_ok_and(|written| written.is_ok()),
                None => break,
            },
            _ = reader.read(&mut nothing) => false,
        };
        if !listens {
            halt.store(true, Ordering::SeqCst);
            break;
        }
    }
    let line = match making.await {
        Ok(Ok(backup)) => {
            tracing::info!(path = %backup.path.display(), "a backup was made");
            Line::Ok(Box::new(backup))
        }
        Ok(Err(failure)) => {
            tracing::warn!(%failure, "no backup was made");
            Line::Err(failure.0)
        }
        Err(error) => Line::Err(error.to_string()),
    };
    timeout(TIMEOUT, write_line(&mut writer, &line)).await?
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
        let (service, backups) = (Arc::clone(service), Arc::<Backups>::default());
        let made = Arc::clone(&backups);
        let task = tokio::spawn(async move {
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => {
                        let answered = timeout(TIMEOUT, answer(&service, &made, stream)).await;
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
        Ok(Self { task, path, backups })
    }

    /// Stops listening.
    pub(crate) async fn stop(self) {
        self.task.abort();
        // The task ends because it was told to.
        let _aborted = self.task.await.is_err();
        self.backups.close().await;
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::debug!(%error, "the control socket was gone already");
        }
    }
}

async fn answer(service: &Arc<Service>, backups: &Arc<Backups>, mut stream: UnixStream) -> io::Result<()> {
    let line = read_line(&mut stream).await?;
    let answer = match serde_json::from_str(&line) {
        Ok(Ask::Backup(make)) => {
            // It takes longer than others shall wait.
            tokio::spawn(Arc::clone(backups).make(Arc::clone(service), stream, make));
            return Ok(());
        }
        Ok(ask) => carry_out(service, ask).await,
        Err(_) => Err("the server does not know this command; it may be of another version".to_owned()),
    };
    write_line(&mut stream, &answer).await
}

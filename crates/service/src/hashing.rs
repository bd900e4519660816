//! Passwords are hashed on a small pool of threads of its own: each hash takes some 20 ms of a processor, and calls with keys never wait for it.

use std::io;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use base64ct::{Base64Unpadded, Encoding};
use crossbeam_channel::{Receiver, Sender, TrySendError, bounded};
use tenantry_domain::value::{Password, PasswordHash};
use tenantry_domain::{Code, Refusal};
use tokio::sync::oneshot;

use crate::Chance;

/// argon2id with 19 MiB, two passes, one lane: the least that OWASP's Password Storage Cheat Sheet recommends.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Octets of a hash and of its salt: what RFC 9106 section 4 recommends.
const HASH_OCTETS: usize = 32;
const SALT_OCTETS: usize = 16;
/// What a caller is told to wait when the pool is full: as long as the queue takes at worst.
const RETRY_AFTER_SECONDS: u32 = 2;

/// How passwords are hashed.
#[derive(Debug, Clone)]
pub struct HashingOptions {
    /// Threads; 0: one for each processor.
    pub threads: usize,
    /// Passwords that may wait. At 20 ms each, those behind the last would wait longer than a client does.
    pub queue: usize,
}

impl Default for HashingOptions {
    fn default() -> Self {
        Self { threads: 0, queue: 64 }
    }
}

struct Job {
    password: Password,
    salt: [u8; SALT_OCTETS],
    hashed: oneshot::Sender<Option<PasswordHash>>,
}

/// The pool.
pub(crate) struct Pool {
    jobs: Sender<Job>,
}

impl Pool {
    /// Starts the pool's threads. They end with the pool.
    pub(crate) fn start(options: &HashingOptions) -> io::Result<Self> {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        let threads = if options.threads == 0 { processors } else { options.threads };
        let (jobs, waiting) = bounded::<Job>(options.queue);
        for _ in 0..threads {
            let waiting = waiting.clone();
            std::thread::Builder::new().name("hashing".to_owned()).spawn(move || work(&waiting))?;
        }
        Ok(Self { jobs })
    }

    /// Hashes a password.
    pub(crate) async fn hash(&self, password: Password, chance: &Chance) -> Result<PasswordHash, Refusal> {
        let (hashed, done) = oneshot::channel();
        match self.jobs.try_send(Job { password, salt: chance.bytes(), hashed }) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                let refusal = Refusal::new(Code::Unavailable, "Too many passwords are being hashed; nothing was written");
                return Err(refusal.retry_after(RETRY_AFTER_SECONDS).because("the hashing pool's queue is full"));
            }
            Err(TrySendError::Disconnected(_)) => return Err(failed()),
        }
        done.await.ok().flatten().ok_or_else(failed)
    }
}

fn failed() -> Refusal {
    Refusal::new(Code::Internal, "The password could not be hashed; nothing was written").because("the hashing pool failed")
}

/// Each thread keeps its block of memory: asking for 19 MiB at every hash costs more than a tenth of it.
fn work(waiting: &Receiver<Job>) {
    let Ok(params) = Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_OCTETS)) else {
        tracing::error!("argon2 refuses its parameters");
        return;
    };
    let mut memory = vec![Block::default(); params.block_count()];
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    for job in waiting {
        let mut hash = [0; HASH_OCTETS];
        let hashed = argon2.hash_password_into_with_memory(job.password.expose().as_bytes(), &job.salt, &mut hash, &mut memory);
        let phc = hashed.is_ok().then(|| {
            let (salt, hash) = (Base64Unpadded::encode_string(&job.salt), Base64Unpadded::encode_string(&hash));
            PasswordHash::from_phc(format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${salt}${hash}"))
        });
        // Whoever asked may be gone.
        let _gone = job.hashed.send(phc);
    }
}

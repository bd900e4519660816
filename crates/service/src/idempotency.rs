//! Requests that carry a key: what the store is told of them, and the answers that it keeps for them.
//!
//! What is kept is sealed under a key that is made of the caller's own credential, which the server does not have: whoever reads the database, or a copy of it, finds
//! neither what was answered nor a secret that was shown once.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::digest::{Context, SHA256};
use parking_lot::Mutex;
use tenantry_domain::idempotency::{Digest, Idempotency};
use tenantry_domain::{Code, Outcome, Refusal, Seed};
use tenantry_store::AnswerWriter;
use zeroize::Zeroizing;

/// How soon a request makes sense again whose first sending is being carried out.
const IN_USE_RETRY_SECONDS: u32 = 1;

/// A request with a key.
#[derive(Clone)]
pub struct Idempotent {
    request: Idempotency,
    sealing: Arc<Zeroizing<Digest>>,
    /// Writes the answer that is kept; `None`: this call keeps none.
    writer: Option<AnswerWriter>,
}

impl fmt::Debug for Idempotent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Idempotent {
    /// A request: the credential as it was presented, its key, and everything in which two requests may differ.
    pub fn new(credential: &[u8], key: &str, parts: &[&[u8]]) -> Self {
        let of = |purpose: &str| digest(&[purpose.as_bytes(), credential, key.as_bytes()]);
        let request = Idempotency { key: of("idempotency key"), fingerprint: digest(parts) };
        Self { request, sealing: Arc::new(Zeroizing::new(of("idempotent answer"))), writer: None }
    }

    /// The same, whose answer this writes.
    #[must_use]
    pub fn written_by(&self, write: impl Fn(&Outcome) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self { writer: Some(Arc::new(write)), ..self.clone() }
    }

    /// What the store is told of the request.
    pub(crate) const fn request(&self) -> Idempotency {
        self.request
    }

    /// What writes the answer, sealed.
    pub(crate) fn sealed_writer(&self, seed: Seed) -> Option<AnswerWriter> {
        let (write, sealing) = (Arc::clone(self.writer.as_ref()?), Arc::clone(&self.sealing));
        Some(Arc::new(move |outcome| seal(&sealing, seed, write(outcome))))
    }

    /// An outcome whose kept answer can be read.
    pub(crate) fn opened(&self, outcome: Outcome) -> Result<Outcome, Refusal> {
        let Some(sealed) = &outcome.replayed else { return Ok(outcome) };
        let open = open(&self.sealing, sealed);
        let answer = open.ok_or_else(|| Refusal::new(Code::Internal, "What this request was answered cannot be read"))?;
        Ok(Outcome { replayed: Some(answer.into()), ..outcome })
    }
}

/// The digest of parts, each with its length, so that no two lists of parts are the same octets.
fn digest(parts: &[&[u8]]) -> Digest {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut octets = Digest::default();
    octets.copy_from_slice(context.finish().as_ref());
    octets
}

#[expect(clippy::unwrap_used, reason = "the key has the 32 octets that the algorithm takes")]
fn cipher(sealing: &Digest) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, sealing).unwrap())
}

/// Seals an answer: the nonce, and the octets behind it. Each command has a seed of its own, whose first half makes ids; the nonce is of the second.
#[expect(clippy::unwrap_used, reason = "an answer is far below the 64 GiB that the algorithm takes, and a seed is longer than a nonce")]
fn seal(sealing: &Digest, seed: Seed, mut answer: Vec<u8>) -> Vec<u8> {
    let nonce = *seed.0.last_chunk::<NONCE_LEN>().unwrap();
    cipher(sealing).seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut answer).unwrap();
    [&nonce, answer.as_slice()].concat()
}

fn open(sealing: &Digest, sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, octets) = sealed.split_first_chunk::<NONCE_LEN>()?;
    let mut octets = octets.to_vec();
    let open = cipher(sealing).open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::empty(), &mut octets).ok()?;
    Some(open.to_vec())
}

/// Requests with a key that are being carried out by this server. Between servers the store sees to it that one of two is done.
#[derive(Default)]
pub(crate) struct UnderWay(Mutex<HashSet<Digest>>);

/// One of them; it ends when this is dropped.
pub(crate) struct Running {
    all: Arc<UnderWay>,
    key: Digest,
}

impl UnderWay {
    /// Notes a request.
    ///
    /// # Errors
    /// One with the same key is being carried out.
    pub(crate) fn begin(self: &Arc<Self>, request: Idempotency) -> Result<Running, Refusal> {
        if self.0.lock().insert(request.key) {
            return Ok(Running { all: Arc::clone(self), key: request.key });
        }
        Err(Refusal::new(Code::IdempotencyKeyInUse, "A request with this Idempotency-Key is being carried out")
            .retry_after(IN_USE_RETRY_SECONDS))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.all.0.lock().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_has_the_credential_opens_an_answer() {
        let one = Idempotent::new(b"Bearer a", "k", &[b"POST"]);
        let sealed = seal(&one.sealing, Seed([7; 32]), b"secret".to_vec());
        assert!(!sealed.windows(6).any(|piece| piece == b"secret"));
        assert_eq!(open(&one.sealing, &sealed).as_deref(), Some(&b"secret"[..]));
        for other in [Idempotent::new(b"Bearer b", "k", &[]), Idempotent::new(b"Bearer a", "l", &[])] {
            assert_eq!(open(&other.sealing, &sealed), None);
            assert_ne!(other.request.key, one.request.key);
        }
        assert_eq!(open(&one.sealing, &sealed[..20]), None);
        assert_eq!(open(&one.sealing, &[]), None);
    }

    #[test]
    fn parts_are_told_apart() {
        let fingerprint = |parts: &[&[u8]]| Idempotent::new(b"", "", parts).request.fingerprint;
        assert_ne!(fingerprint(&[b"ab", b"c"]), fingerprint(&[b"a", b"bc"]));
        assert_eq!(fingerprint(&[b"ab", b"c"]), fingerprint(&[b"ab", b"c"]));
    }

    #[test]
    fn a_request_runs_once_at_a_time() {
        let all = Arc::new(UnderWay::default());
        let request = Idempotent::new(b"", "k", &[]).request;
        let running = all.begin(request).unwrap();
        assert_eq!(all.begin(request).err().unwrap().code, Code::IdempotencyKeyInUse);
        drop(running);
        all.begin(request).unwrap();
    }
}

//! Randomness: the only place that asks the operating system for it.

use std::fmt::Write;

use tenantry_domain::{Seed, Timestamp};
use uuid::Uuid;

/// The operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct Chance;

impl Chance {
    /// Some random bytes.
    #[expect(clippy::disallowed_methods, reason = "this is the place where chance comes in")]
    #[expect(clippy::expect_used, reason = "without randomness no secret can be made; Linux gives it to every process once it has booted")]
    pub fn bytes<const N: usize>(self) -> [u8; N] {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes).expect("the operating system gives randomness");
        bytes
    }

    /// A seed for one command.
    pub fn seed(self) -> Seed {
        Seed(self.bytes())
    }

    /// Random bytes as lower-hex text of twice their number.
    pub fn hex<const N: usize>(self) -> String {
        hex(&self.bytes::<N>())
    }

    /// Random letters and digits, without bias.
    pub fn alphanumeric(self, length: usize) -> String {
        const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let mut text = String::with_capacity(length);
        while text.len() < length {
            // 248 is the largest multiple of 62 in a byte: above it the first letters would come up more often.
            let fitting = self.bytes::<64>().into_iter().filter(|byte| *byte < 248);
            text.extend(fitting.map(|byte| char::from(ALPHABET[usize::from(byte % 62)])).take(length - text.len()));
        }
        text
    }

    /// A request id (UUID version 7, RFC 9562): unique, and in order of time.
    pub fn request_id(self, at: Timestamp) -> Uuid {
        let millis = u64::try_from(at.micros() / 1000).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }
}

/// Bytes as lower-hex text.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

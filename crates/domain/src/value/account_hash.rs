//! The hash of an account: its second, unguessable name.

use super::text::{Text, through_text};
use crate::context::Seed;
use crate::refusal::Invalid;

/// 16 characters A-Z a-z 0-9, made by the system, which never change: some 95 random bits, so that two are never the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountHash(Text);

const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const LENGTH: usize = 16;

impl AccountHash {
    /// The hash that a seed gives.
    pub fn from_seed(seed: &Seed) -> Self {
        // 62^16 is less than 2^96: taken from 128 random bits, the bias is below one in four thousand million.
        let mut rest = seed.number();
        let text = (0..LENGTH)
            .map(|_| {
                let digit = (rest % 62) as usize;
                rest /= 62;
                char::from(ALPHABET[digit])
            })
            .collect();
        Self(text)
    }

    /// Reads a hash that the system made.
    ///
    /// # Errors
    /// Not 16 letters and digits.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.len() == LENGTH && text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            Ok(Self(text.into()))
        } else {
            Err(Invalid::new("an account's hash has 16 letters and digits"))
        }
    }

    /// The 16 characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

through_text!(AccountHash);

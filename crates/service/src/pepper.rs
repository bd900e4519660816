//! The pepper: a secret outside the database, without which a call-in PIN's digest cannot be tried. A four-digit PIN has ten thousand values; a
//! stolen database alone must not be enough to try them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use aws_lc_rs::hmac;
use subtle::ConstantTimeEq;
use tenantry_domain::value::{CallInPin, PinDigest};

use crate::chance::{Chance, hex};

/// The file beside the database.
pub const FILE: &str = "pepper.key";
/// Octets of the secret: as many as the MAC gives.
const OCTETS: usize = 32;

/// Stands in for the salt of a PIN that there is not: as long as one.
const NO_SALT: &str = "00000000000000000000000000000000";

/// The server's pepper.
pub(crate) struct Pepper(hmac::Key);

impl Pepper {
    /// Reads the pepper. A store that is new gets one; one that is installed must have it, because every digest in it was made under it.
    pub(crate) fn open(directory: &Path, installed: bool, chance: &Chance) -> io::Result<Self> {
        let path = directory.join(FILE);
        let secret = match fs::read(&path) {
            Ok(secret) if secret.len() == OCTETS => secret,
            Ok(_) => return Err(io::Error::new(io::ErrorKind::InvalidData, "it does not hold 32 octets; restore it from a backup")),
            Err(error) if error.kind() == io::ErrorKind::NotFound && installed => {
                return Err(io::Error::new(
                    io::ErrorKind::NotFound,
                    "it is missing; restore it from a backup, or see `pepper.key` in docs/operations.md",
                ));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(directory, chance)?,
            Err(error) => return Err(error),
        };
        // Its name, at every start: the one that made it may have been killed before it came here.
        File::open(directory)?.sync_all()?;
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &secret)))
    }

    /// The digest of a PIN under a fresh salt.
    pub(crate) fn digest(&self, pin: &CallInPin, chance: &Chance) -> PinDigest {
        let salt = chance.hex::<16>();
        let mac = self.mac(&salt, pin);
        PinDigest::from_stored(["v1$", &salt, "$", &mac].concat())
    }

    /// Whether this is the PIN of a digest. Without a digest it takes as long, and is not.
    pub(crate) fn is_pin(&self, pin: &CallInPin, digest: Option<&PinDigest>) -> bool {
        let parts = digest.and_then(|digest| digest.expose().strip_prefix("v1$")?.split_once('$'));
        let (salt, kept) = parts.unwrap_or((NO_SALT, ""));
        self.mac(salt, pin).as_bytes().ct_eq(kept.as_bytes()).into()
    }

    /// The name of a budget of failures, as it is kept: without the pepper nobody can tell whose it is, though there are few addresses. Half of the MAC: names
    /// need not meet by chance, and nobody gains by making them.
    pub(crate) fn bucket(&self, named: &str) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(b"failures\n");
        context.update(named.as_bytes());
        hex(&context.sign().as_ref()[..16])
    }

    fn mac(&self, salt: &str, pin: &CallInPin) -> String {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(salt.as_bytes());
        context.update(pin.expose().as_bytes());
        hex(context.sign().as_ref())
    }
}

/// Writes a new pepper under another name first: half a pepper would lock every caller out.
fn make(directory: &Path, chance: &Chance) -> io::Result<Vec<u8>> {
    let secret = chance.bytes::<OCTETS>().to_vec();
    let half = directory.join("pepper.key.new");
    let mut file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&half)?;
    file.write_all(&secret)?;
    file.sync_all()?;
    fs::rename(&half, directory.join(FILE))?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_has_another_digest_each_time_and_under_each_pepper() {
        let directory = tempfile::tempdir().unwrap();
        let pepper = Pepper::open(directory.path(), false, &Chance).unwrap();
        let pin = CallInPin::parse("1234").unwrap();
        assert_ne!(pepper.digest(&pin, &Chance).expose(), pepper.digest(&pin, &Chance).expose());
        let digest = pepper.digest(&pin, &Chance);
        assert!(pepper.is_pin(&pin, Some(&digest)));
        for other in ["1235", "12345", "4321"] {
            assert!(!pepper.is_pin(&CallInPin::parse(other).unwrap(), Some(&digest)), "{other}");
        }
        assert!(!pepper.is_pin(&pin, None));
        for broken in ["", "v1$", "v1$salt", "v1$salt$", "v2$salt$mac"] {
            assert!(!pepper.is_pin(&pin, Some(&PinDigest::from_stored(broken))), "{broken}");
        }
        let again = Pepper::open(directory.path(), true, &Chance).unwrap();
        assert_eq!(pepper.mac("salt", &pin), again.mac("salt", &pin));
        fs::write(directory.path().join(FILE), b"short").unwrap();
        assert!(Pepper::open(directory.path(), true, &Chance).is_err());
        fs::remove_file(directory.path().join(FILE)).unwrap();
        assert!(Pepper::open(directory.path(), true, &Chance).is_err(), "a new one would make every PIN wrong");
    }
}

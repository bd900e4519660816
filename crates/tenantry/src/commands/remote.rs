//! What the commands have in common that ask a running server over `/v1`: which server it is, and how the answer is shown.

use std::io::{IsTerminal, Read, Write};

use clap::Args;
use tenantry_client::profile::Chosen;
use tenantry_client::{Client, Fault, Target};
use tenantry_service::Chance;
use zeroize::Zeroizing;

use crate::output::Shape;

/// The longest secret that is read from standard input: passwords have 256 characters at most.
const SECRET_MAX_BYTES: u64 = 4096;

/// Why a secret is no argument.
const NO_ARGUMENT: &str = "is never taken from the command line, which every user of this machine can read";

/// Flags of every command that asks a server.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Server and output")]
pub(crate) struct ServerArgs {
    /// The profile that names the server and the key; without it TENANTRY_PROFILE, or else `default`.
    #[arg(long, global = true, value_name = "NAME")]
    profile: Option<String>,
    /// The server, instead of the profile's; also TENANTRY_URL. The key for it is in TENANTRY_KEY.
    #[arg(long, global = true, value_name = "URL")]
    url: Option<String>,
    /// Print the server's JSON: of a list, a line for each record.
    #[arg(long, global = true)]
    json: bool,
    /// Refused, with the reason.
    #[arg(long, global = true, hide = true, num_args = 0..=1, value_name = "KEY")]
    key: Option<Option<String>>,
}

impl ServerArgs {
    /// A client of the server that is meant.
    pub(crate) fn client(&self) -> Result<Client, Fault> {
        self.refuse_key()?;
        let chosen = Chosen { profile: self.profile.clone(), url: self.url.clone() };
        client_of(Target::choose(&chosen, &environment)?)
    }

    /// Refuses a key that stands on the command line.
    pub(crate) fn refuse_key(&self) -> Result<(), Fault> {
        match &self.key {
            None => Ok(()),
            Some(_) => Err(Fault::Usage(format!(
                "a key {NO_ARGUMENT}: keep it in a profile (tenantry profile add NAME --url URL), or in TENANTRY_KEY"
            ))),
        }
    }

    /// The URL that was given.
    pub(crate) fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// How the answer is shown.
    pub(crate) fn shape(&self) -> Shape {
        Shape::of(self.json)
    }
}

/// A client of this server; says so where its key is for anybody to read.
pub(crate) fn client_of(target: Target) -> Result<Client, Fault> {
    let client = Client::new(target, name_of_write)?;
    if client.is_readable_by_others() {
        note(&format!("warning: the key goes to {} unencrypted, for anybody on the way to read; use https", client.url()));
    }
    Ok(client)
}

/// A name that no other write has: a UUID of version 4 (RFC 9562).
fn name_of_write() -> String {
    uuid::Builder::from_random_bytes(Chance.bytes()).into_uuid().to_string()
}

/// A variable of the environment; none where it is empty.
pub(crate) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Says something beside the result, on standard error.
pub(crate) fn note(line: &str) {
    // Whoever closed standard error wants to hear nothing.
    let _unheard = writeln!(std::io::stderr(), "{line}").is_err();
}

/// A secret that may not stand on the command line.
pub(crate) fn refuse_argument(argument: Option<&Option<String>>, what: &str, flag: &str) -> Result<(), Fault> {
    match argument {
        None => Ok(()),
        Some(_) => Err(Fault::Usage(format!("a {what} {NO_ARGUMENT}: give {flag}, and the {what} on standard input"))),
    }
}

/// Secrets, a line each: asked for on a terminal, where nothing is shown, or else read from standard input.
pub(crate) fn secrets<const N: usize>(prompts: [&str; N]) -> Result<[Zeroizing<String>; N], Fault> {
    let unreadable = |error: std::io::Error| Fault::Usage(format!("standard input cannot be read: {error}"));
    let mut secrets = std::array::from_fn(|_| Zeroizing::new(String::new()));
    if std::io::stdin().is_terminal() {
        for (secret, prompt) in secrets.iter_mut().zip(prompts) {
            *secret = Zeroizing::new(rpassword::prompt_password(format!("{prompt}: ")).map_err(unreadable)?);
        }
    } else {
        let mut text = Zeroizing::new(String::new());
        std::io::stdin().take(SECRET_MAX_BYTES).read_to_string(&mut text).map_err(unreadable)?;
        for (secret, line) in secrets.iter_mut().zip(text.lines()) {
            *secret = Zeroizing::new(line.to_owned());
        }
    }
    match secrets.iter().zip(prompts).find(|(secret, _)| secret.is_empty()) {
        Some((_, prompt)) => Err(Fault::Usage(format!("standard input has no {}", prompt.to_lowercase()))),
        None => Ok(secrets),
    }
}

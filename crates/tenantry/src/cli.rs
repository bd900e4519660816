//! The command line.

use std::path::{Path, PathBuf};

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::commands::{DataArgs, backup, completions, customer, doctor, init, key, migrate, profile, provider, quota, restore, serve};
use crate::settings::Settings;
use crate::{Ending, Failure, logging};

/// The customer-account server for providers.
#[derive(Debug, Parser)]
#[command(
    version,
    about,
    after_help = "Examples:
  tenantry serve                                    start on 127.0.0.1:8080 with the data in ./data
  tenantry key issue --account 1 --scope read       a key that can only read
  tenantry key import --account 1 --public 38f9… --hash 1ca9…
                                                    let an old client in, without its private key
  tenantry quota show --account 2                   the ledger of a customer's balances
  tenantry doctor                                   look the store over
  tenantry backup --data ./data --to ./backup       a backup of all of it, while it is served
  tenantry restore --from ./backup --data ./data2   make a store of a backup
  tenantry migrate --from sqlite:./data --to store  move to the database of the setting `store`

Settings come from tenantry.toml, TENANTRY_* and flags, in rising order; docs/configuration.md lists them."
)]
struct Cli {
    /// The settings file; without it, ./tenantry.toml where there is one.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server; makes the store when there is none.
    Serve(ServeArgs),
    /// Make a store, with the operator and provider 1, and print that provider's keys once.
    Init(init::InitArgs),
    /// Providers.
    #[command(subcommand)]
    Provider(provider::ProviderCommand),
    /// API keys: issue, list, revoke, import.
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Prepaid balances: show the ledger, grant, consume, set.
    #[command(subcommand)]
    Quota(quota::QuotaCommand),
    /// Look the store, the disk and the settings over.
    Doctor(DataArgs),
    /// Bring the store to the newest schema, or move an installation from one engine to the other.
    Migrate(migrate::MigrateArgs),
    /// Make a backup, also while the server runs; or check one.
    Backup(backup::BackupArgs),
    /// Make an installation of a backup.
    Restore(restore::RestoreArgs),
    /// Customers on a running server, near or far: list, search, add, edit, activate, suspend and so on.
    Customer(Box<customer::CustomerArgs>),
    /// The servers that `customer` asks, and the keys for them.
    Profile(profile::ProfileArgs),
    /// Print what makes a shell complete commands and flags.
    Completions(completions::CompletionsArgs),
}

/// Flags of `serve`: each is a setting of the same name.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tenantry serve --data ./data --listen 127.0.0.1:8080
  tenantry serve --listen 0.0.0.0:443 --tls-certificate chain.pem --tls-key key.pem
  tenantry serve --listen 127.0.0.1:8080 --trusted-proxies 127.0.0.1/32 --log-format json")]
pub(crate) struct ServeArgs {
    /// The data directory.
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
    /// A listener of its own for /metrics.
    #[arg(long, value_name = "HOST:PORT")]
    metrics_listen: Option<String>,
    /// Certificate chain in PEM; read again on SIGHUP.
    #[arg(long, value_name = "FILE")]
    tls_certificate: Option<String>,
    /// The certificate's private key in PEM.
    #[arg(long, value_name = "FILE")]
    tls_key: Option<String>,
    /// Serve plain HTTP on an address that others can reach: only behind a proxy that speaks TLS.
    #[arg(long)]
    insecure_http: bool,
    /// Where clients reach the server: links in answers begin so.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// Proxies whose X-Forwarded-For or Forwarded is taken, as networks between commas.
    #[arg(long, value_name = "NETWORKS")]
    trusted_proxies: Option<String>,
    /// `human` or `json`.
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<String>,
    /// `error`, `warn`, `info`, `debug` or `trace`; or a filter such as `warn,tenantry_store=debug`.
    #[arg(long, value_name = "LEVEL")]
    log_level: Option<String>,
    /// Log every request.
    #[arg(long)]
    access_log: bool,
}

impl ServeArgs {
    /// The settings that the flags name.
    fn named(&self) -> Vec<(&'static str, Option<String>)> {
        let switch = |on: bool| on.then(|| "true".to_owned());
        vec![
            ("data", self.data.clone()),
            ("listen", self.listen.clone()),
            ("metrics_listen", self.metrics_listen.clone()),
            ("tls_certificate", self.tls_certificate.clone()),
            ("tls_key", self.tls_key.clone()),
            ("insecure_http", switch(self.insecure_http)),
            ("public_url", self.public_url.clone()),
            ("trusted_proxies", self.trusted_proxies.clone()),
            ("log_format", self.log_format.clone()),
            ("log_level", self.log_level.clone()),
            ("access_log", switch(self.access_log)),
        ]
    }
}

/// Runs a command on the machine's own data.
fn run_here(config: Option<&Path>, command: Command) -> Result<(), Failure> {
    let flags = match &command {
        Command::Serve(args) => args.named(),
        Command::Init(args) => vec![("data", args.data.clone())],
        Command::Provider(provider::ProviderCommand::Add(args)) => vec![("data", args.data.data.clone())],
        Command::Key(command) => vec![("data", command.data().clone())],
        Command::Quota(command) => vec![("data", command.data().clone())],
        Command::Doctor(args) => vec![("data", args.data.clone())],
        Command::Migrate(args) => vec![("data", args.data.clone())],
        Command::Backup(args) => vec![("data", args.data.clone())],
        Command::Restore(args) => vec![("data", args.data.clone())],
        Command::Customer(_) | Command::Profile(_) | Command::Completions(_) => Vec::new(),
    };
    let settings = Settings::read(config, &flags)?;
    // Commands print their result; only what is wrong is logged beside it.
    logging::start(&settings, matches!(command, Command::Serve(_)))?;
    runtime()?.block_on(async {
        match command {
            Command::Serve(_) => serve::run(&settings).await,
            Command::Init(args) => init::run(&settings, &args).await,
            Command::Provider(provider::ProviderCommand::Add(args)) => provider::run(&settings, args).await,
            Command::Key(command) => key::run(&settings, command).await,
            Command::Quota(command) => quota::run(&settings, command).await,
            Command::Doctor(_) => doctor::run(&settings).await,
            Command::Migrate(args) => migrate::run(&settings, args).await,
            Command::Backup(args) => backup::run(&settings, args).await,
            Command::Restore(args) => restore::run(&settings, args).await,
            Command::Customer(_) | Command::Profile(_) | Command::Completions(_) => Ok(()),
        }
    })
}

/// Runs the program with the arguments it was given.
///
/// # Errors
/// What goes to the terminal.
pub fn run() -> Result<(), Ending> {
    let Cli { config, command } = Cli::parse();
    match command {
        // These ask a server: they need neither its settings nor its data.
        Command::Customer(args) => Ok(runtime()?.block_on(customer::run(*args))?),
        Command::Profile(args) => Ok(runtime()?.block_on(profile::run(args))?),
        Command::Completions(args) => Ok(completions::run(&args, &mut Cli::command())?),
        command => Ok(run_here(config.as_deref(), command)?),
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}

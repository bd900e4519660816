//! `tenantry profile`: which servers the command line knows, and the keys for them.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use tenantry_client::profile::{Profile, ProfileFile, check_url};
use tenantry_client::{Fault, Key, Request, Target};

use super::remote::{ServerArgs, client_of, environment, secrets};
use super::say;
use crate::output;

#[derive(Debug, Args)]
pub(crate) struct ProfileArgs {
    #[command(flatten)]
    server: ServerArgs,
    #[command(subcommand)]
    command: ProfileCommand,
}

#[derive(Debug, Subcommand)]
enum ProfileCommand {
    /// Keep a server and a key for it: the key is asked for, or read from standard input, and tried.
    #[command(after_help = "The file is $XDG_CONFIG_HOME/tenantry/profiles.toml (or ~/.config/tenantry/profiles.toml;
TENANTRY_PROFILE_FILE names another), and only its owner can read it.

Examples:
  tenantry profile add default --url https://accounts.example.org
  tenantry profile add test --url http://127.0.0.1:8080 < key.txt
  tenantry profile add own --url https://10.0.0.7 --ca ca.pem --key-file /etc/tenantry/own.key")]
    Add(AddArgs),
    /// List the profiles, without their keys.
    List,
}

#[derive(Debug, Args)]
struct AddArgs {
    /// What it is called; the one called `default` is taken where none is named.
    name: String,
    /// Certificates, in PEM, that vouch for the server instead of those that this system trusts.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// A file of yours that has the key alone: it is read whenever the key is needed, and the profile keeps its path.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// Put it in the place of the profile of this name.
    #[arg(long)]
    replace: bool,
    /// Do not try the key: the server cannot be reached from here now.
    #[arg(long)]
    unchecked: bool,
}

pub(crate) async fn run(args: ProfileArgs) -> Result<(), Fault> {
    args.server.refuse_key()?;
    let file = ProfileFile::of(&environment)?;
    match args.command {
        ProfileCommand::Add(add_args) => add(&file, &args.server, add_args).await,
        ProfileCommand::List => list(&file, &args.server),
    }
}

async fn add(file: &ProfileFile, server: &ServerArgs, args: AddArgs) -> Result<(), Fault> {
    let url = server.url().ok_or_else(|| Fault::Usage("--url is missing: where is the server?".to_owned()))?;
    check_url(url)?;
    // Before a key is asked for.
    if file.read()?.contains_key(&args.name) && !args.replace {
        return Err(Fault::Usage(format!(
            "{} has a profile {:?}; to put another in its place add --replace",
            file.path().display(),
            args.name
        )));
    }
    let key = match &args.key_file {
        Some(_) => None,
        None => {
            let [key] = secrets(["Key"])?;
            Some(Key::new(&key, "standard input")?)
        }
    };
    let profile = Profile { url: url.to_owned(), key, key_file: absolute(args.key_file)?, ca: absolute(args.ca)? };
    if !args.unchecked {
        check(file, &profile).await?;
    }
    file.put(&args.name, &profile, args.replace)?;
    say(&format!(
        "{} has the profile {:?}{}",
        file.path().display(),
        args.name,
        if args.unchecked { "" } else { "; the server lets its key in" }
    ));
    Ok(())
}

/// A profile's paths are those of the file, not those of the folder in which the command ran.
fn absolute(path: Option<PathBuf>) -> Result<Option<PathBuf>, Fault> {
    path.map(|path| std::path::absolute(&path).map_err(|error| Fault::of_file(&path, &error))).transpose()
}

/// Asks the server whether it lets the key in. One that may not read is let in all the same.
async fn check(file: &ProfileFile, profile: &Profile) -> Result<(), Fault> {
    let client = client_of(Target::of(file, profile)?)?;
    match client.send(Request::get("/v1/customers").query("limit", "1")).await {
        Ok(answer) => answer.json::<Value>().await.map(drop),
        Err(Fault::Refused(problem)) if problem.status.as_u16() == 403 && problem.code == "forbidden" => Ok(()),
        Err(fault) => Err(fault),
    }
}

fn list(file: &ProfileFile, server: &ServerArgs) -> Result<(), Fault> {
    let shown = |path: Option<&PathBuf>| path.map(|path| Path::display(path).to_string());
    let all = file.read()?;
    let rows = all.iter().map(|(name, profile)| {
        let key = if profile.key.is_some() { Some("kept here".to_owned()) } else { shown(profile.key_file.as_ref()) };
        json!({ "name": name, "url": profile.url, "key": key, "ca": shown(profile.ca.as_ref()) })
    });
    output::values(server.shape(), &["name", "url", "key", "ca"], &rows.collect::<Vec<_>>());
    Ok(())
}

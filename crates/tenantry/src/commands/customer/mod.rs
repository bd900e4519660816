//! `tenantry customer`: customers on a running server, over `/v1`. One file a kind of call; rules are the server's.

mod change;
mod fields;
mod list;
mod schema;
mod status;

use clap::{Args, Subcommand};
use serde_json::Value;
use serde_json::value::RawValue;
use tenantry_client::{Answer, EXIT_CODES, Fault, Request};

use super::remote::ServerArgs;
use super::{plain, say};
use crate::output::{self, Shape};

#[derive(Debug, Args)]
#[command(after_help = EXIT_CODES)]
pub(crate) struct CustomerArgs {
    #[command(flatten)]
    server: ServerArgs,
    #[command(subcommand)]
    command: CustomerCommand,
}

#[derive(Debug, Subcommand)]
enum CustomerCommand {
    /// List customers, by rising id.
    List(list::ListArgs),
    /// Find customers in which each word stands somewhere: in names, addresses, e-mail, phones in any form, ids.
    Search(list::SearchArgs),
    /// Show a customer.
    Get(IdArgs),
    /// Add a customer.
    Add(change::AddArgs),
    /// Change fields of a customer; all others stay.
    Edit(change::EditArgs),
    /// Activate a customer that is pending.
    Activate(status::ReasonArgs),
    /// Suspend a customer: places a hold, or gives one that stands other terms.
    Suspend(status::SuspendArgs),
    /// Release a hold; the customer is active again when no other stands.
    Resume(status::ResumeArgs),
    /// Close a customer.
    Close(status::ReasonArgs),
    /// Take the closing of a customer back, for 30 days.
    Reopen(status::ReasonArgs),
    /// Delete a customer.
    Delete(status::DeleteArgs),
    /// Take the deletion of a customer back, for 30 days.
    Restore(status::ReasonArgs),
}

/// Which customer.
#[derive(Debug, Args)]
pub(crate) struct IdArgs {
    /// The customer's id.
    #[arg(value_name = "ID")]
    id: u64,
}

impl IdArgs {
    fn path(&self) -> String {
        format!("/v1/customers/{}", self.id)
    }

    /// A request that is to be carried out in this version of the customer only.
    fn matching(&self, request: Request, version: Option<u64>) -> Result<Request, Fault> {
        match version {
            // The server's `ETag` of it.
            Some(version) => request.header("if-match", &format!("\"{}-{version}\"", self.id)),
            None => Ok(request),
        }
    }
}

/// What every call may say that happens once.
#[derive(Debug, Args)]
pub(crate) struct OnceArgs {
    /// What names this request, so that it happens once however often it is sent; without it, each command gets a name of its own.
    #[arg(long, value_name = "TEXT")]
    idempotency_key: Option<String>,
}

pub(crate) async fn run(args: CustomerArgs) -> Result<(), Fault> {
    let server = &args.server;
    match args.command {
        CustomerCommand::List(command) => list::list(server, command).await,
        CustomerCommand::Search(command) => list::search(server, command).await,
        CustomerCommand::Get(customer) => {
            let answer = server.client()?.send(Request::get(customer.path())).await?;
            show(server.shape(), answer).await
        }
        CustomerCommand::Add(command) => change::add(server, command).await,
        CustomerCommand::Edit(command) => change::edit(server, command).await,
        CustomerCommand::Activate(command) => status::change(server, "activate", command).await,
        CustomerCommand::Suspend(command) => status::suspend(server, command).await,
        CustomerCommand::Resume(command) => status::resume(server, command).await,
        CustomerCommand::Close(command) => status::change(server, "close", command).await,
        CustomerCommand::Reopen(command) => status::change(server, "reopen", command).await,
        CustomerCommand::Delete(command) => status::delete(server, command).await,
        CustomerCommand::Restore(command) => status::change(server, "restore", command).await,
    }
}

/// The columns of lists.
const COLUMNS: [&str; 8] = ["id", "status", "name", "organization", "email", "external_id", "country", "updated_at"];

/// A record as a row of a list.
fn row(record: &RawValue) -> Result<Vec<String>, Fault> {
    let record: Value = serde_json::from_str(record.get()).map_err(|error| unreadable(&error))?;
    let name = [&record["first_name"], &record["last_name"]].map(plain).join(" ").trim().to_owned();
    let cell = |column: &&str| match *column {
        "name" => name.clone(),
        "country" => plain(&record["country_code"]),
        field => plain(&record[field]),
    };
    Ok(COLUMNS.iter().map(cell).collect())
}

fn unreadable(error: &serde_json::Error) -> Fault {
    Fault::Unreadable(format!("the server's answer cannot be read: {error}; is the URL right?"))
}

/// Prints the customer that an answer has.
async fn show(shape: Shape, answer: Answer) -> Result<(), Fault> {
    let record = record(answer).await?;
    match shape {
        Shape::Json => say(record.get()),
        Shape::Terminal => say(&output::card(record.get()).map_err(|error| unreadable(&error))?),
        Shape::Tabs => output::rows(shape, &COLUMNS, std::iter::once(row(&record)?), true),
    }
    Ok(())
}

/// Prints what has become of a customer's status.
async fn show_status(shape: Shape, answer: Answer) -> Result<(), Fault> {
    if shape != Shape::Terminal {
        return show(shape, answer).await;
    }
    let record: Value = serde_json::from_str(record(answer).await?.get()).map_err(|error| unreadable(&error))?;
    let owners: Vec<String> = record["holds"].as_array().into_iter().flatten().map(|hold| plain(&hold["owner"])).collect();
    let held = if owners.is_empty() { String::new() } else { format!("; held by {}", owners.join(", ")) };
    say(&format!("Customer {} is {}{}.", record["id"], plain(&record["status"]), tenantry_client::printable(&held)));
    Ok(())
}

/// The record that an answer has, as it came.
async fn record(answer: Answer) -> Result<Box<RawValue>, Fault> {
    let record: Box<RawValue> = answer.json().await?;
    if record.get().starts_with('{') {
        Ok(record)
    } else {
        Err(Fault::Unreadable("the server's answer has no record; is the URL right?".to_owned()))
    }
}

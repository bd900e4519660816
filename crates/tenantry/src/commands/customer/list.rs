//! `tenantry customer list` and `search`: pages, one behind the other.

use std::io::IsTerminal;

use clap::Args;
use serde::Deserialize;
use serde_json::value::RawValue;
use tenantry_client::{Client, Fault, Request};

use super::{COLUMNS, row};
use crate::commands::remote::{ServerArgs, note};
use crate::commands::say;
use crate::output::{Shape, rows};

/// Customers that are shown unless the caller says how many: they fit on some screens.
const DEFAULT_LIMIT: u64 = 50;
/// Customers on a page of the server's at most.
const PAGE_MAX: u64 = 200;

/// What narrows a list.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which customers")]
struct Narrow {
    /// Only customers in these statuses, between commas: pending, active, suspended, closed, deleted.
    #[arg(long, value_name = "STATUSES")]
    status: Option<String>,
    /// Only the customer with this e-mail address.
    #[arg(long, value_name = "ADDRESS")]
    email: Option<String>,
    /// Only the customer with this id of yours.
    #[arg(long, value_name = "ID")]
    external_id: Option<String>,
    /// Only customers in this country.
    #[arg(long, value_name = "CODE")]
    country_code: Option<String>,
    /// Only customers with this postal code.
    #[arg(long, value_name = "CODE")]
    postal_code: Option<String>,
    /// Only customers of this provider.
    #[arg(long, value_name = "ID")]
    parent_id: Option<String>,
    /// Any other parameter of the server's lists, as NAME=VALUE.
    #[arg(long, value_name = "NAME=VALUE")]
    filter: Vec<String>,
    /// How many to show.
    #[arg(long, value_name = "NUMBER", default_value_t = DEFAULT_LIMIT, value_parser = clap::value_parser!(u64).range(1..))]
    limit: u64,
    /// Show all there are.
    #[arg(long, conflicts_with = "limit")]
    all: bool,
}

/// Flags of `list`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tenantry customer list --status suspended
  tenantry customer list --country-code IN --all --json | jq -r .email")]
pub(crate) struct ListArgs {
    #[command(flatten)]
    narrow: Narrow,
}

/// Flags of `search`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tenantry customer search müller 0114476147
  tenantry customer search example.org --status active --json")]
pub(crate) struct SearchArgs {
    /// The words.
    #[arg(required = true, value_name = "WORDS")]
    words: Vec<String>,
    #[command(flatten)]
    narrow: Narrow,
}

/// A page, with its records as they came.
#[derive(Deserialize)]
struct Page {
    customers: Vec<Box<RawValue>>,
    next_cursor: Option<String>,
}

pub(super) async fn list(server: &ServerArgs, args: ListArgs) -> Result<(), Fault> {
    pages(server, None, args.narrow).await
}

pub(super) async fn search(server: &ServerArgs, args: SearchArgs) -> Result<(), Fault> {
    pages(server, Some(args.words.join(" ")), args.narrow).await
}

impl Narrow {
    /// The parameters of the query.
    fn parameters(self, search: Option<String>) -> Result<Vec<(String, String)>, Fault> {
        let named = [
            ("search", search),
            ("status", self.status),
            ("email", self.email),
            ("external_id", self.external_id),
            ("country_code", self.country_code),
            ("postal_code", self.postal_code),
            ("parent_id", self.parent_id),
        ];
        let mut all: Vec<(String, String)> = named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        for filter in self.filter {
            let Some((name, value)) = filter.split_once('=') else {
                return Err(Fault::Usage(format!("--filter {filter:?} has no =; it must be such as postal_code=10115")));
            };
            if matches!(name, "limit" | "cursor") {
                return Err(Fault::Usage(format!("--filter {name} is no filter; give --limit or --all")));
            }
            all.push((name.to_owned(), value.to_owned()));
        }
        Ok(all)
    }
}

async fn pages(server: &ServerArgs, search: Option<String>, narrow: Narrow) -> Result<(), Fault> {
    let mut left = if narrow.all { u64::MAX } else { narrow.limit };
    let parameters = narrow.parameters(search)?;
    let (client, shape) = (server.client()?, server.shape());
    let mut cursor = None;
    let mut shown: u64 = 0;
    loop {
        let page = page(&client, &parameters, left.min(PAGE_MAX), cursor.as_deref()).await?;
        print(shape, &page.customers, shown == 0)?;
        let here = page.customers.len() as u64;
        (shown, left) = (shown + here, left.saturating_sub(here));
        match page.next_cursor {
            None => break,
            // A server that gives the same page for ever would hold us for ever.
            Some(next) if here == 0 || cursor.as_ref() == Some(&next) => {
                return Err(Fault::Unreadable(format!("the server gives no page behind {next:?}, and says that there is one")));
            }
            Some(_) if left == 0 => {
                note(&format!("{shown} are shown, and there are more: add --limit NUMBER or --all"));
                break;
            }
            next => cursor = next,
        }
    }
    if shown == 0 && shape == Shape::Terminal && std::io::stderr().is_terminal() {
        note("There is no such customer.");
    }
    Ok(())
}

async fn page(client: &Client, parameters: &[(String, String)], limit: u64, cursor: Option<&str>) -> Result<Page, Fault> {
    let mut request = Request::get("/v1/customers").query("limit", limit.to_string());
    for (name, value) in parameters {
        request = request.query(name, value);
    }
    if let Some(cursor) = cursor {
        request = request.query("cursor", cursor);
    }
    client.send(request).await?.json().await
}

fn print(shape: Shape, customers: &[Box<RawValue>], is_first: bool) -> Result<(), Fault> {
    if shape == Shape::Json {
        // The server writes no line ends into a record, so that each is a line.
        customers.iter().for_each(|customer| say(customer.get()));
        return Ok(());
    }
    if customers.is_empty() && (shape == Shape::Terminal || !is_first) {
        return Ok(());
    }
    let all: Result<Vec<_>, Fault> = customers.iter().map(|customer| row(customer)).collect();
    rows(shape, &COLUMNS, all?.into_iter(), is_first);
    Ok(())
}

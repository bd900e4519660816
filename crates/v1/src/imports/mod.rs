//! `POST /v1/imports`: customers from a file, which is read as it comes and taken in chunk by chunk, so that memory does not grow with it. Each row goes the way of a
//! single call. Nothing is remembered of a file: a row names its customer, so that sent again it changes nothing that it has changed (decision 37).

mod record;
mod row;
mod source;

use std::collections::HashSet;

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use futures_util::future::join_all;
use serde_json::json;
use tenantry_domain::account::{CustomField, Kind};
use tenantry_domain::key::Scope;
use tenantry_domain::refusal::quoted;
use tenantry_domain::{AccountId, Code, Fault, Invalid, Refusal};
use tenantry_exchange::Format;
use tenantry_http::body;

use crate::body::customer::ID_MAX;
use crate::call::{Call, media_type};
use crate::customers::Customer;
use crate::query::{self, Parameter};
use crate::{Face, answer};

pub(crate) use record::Import;
use record::{Preview, RowError};
use row::Came;
use source::{Raw, Source};

/// Octets of a file: ten million customers and more.
const FILE_MAX_OCTETS: u64 = 2 * 1024 * 1024 * 1024;
/// Rows that are taken in side by side: what the store commits together at most.
const CHUNK_ROWS: usize = 256;
/// Rows with a password to be hashed that are taken in side by side: a quarter of what may wait for the hashing, so that an import leaves room for others.
const CHUNK_PASSWORDS: usize = 16;
/// Faulty rows that are answered: as many as somebody mends by hand.
const FAULTY_KEPT: usize = 1_000;
/// Octets of faulty rows that are answered.
const FAULTY_KEPT_OCTETS: usize = 4 * 1024 * 1024;
/// Rows of a preview.
const PREVIEW_ROWS: usize = 5;
/// Columns of which something may be said: as many as a file has.
const MAP_MAX: usize = tenantry_exchange::limits::COLUMNS_MAX;

/// By what a row names its customer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Match {
    /// By its external id, or else by its e-mail address.
    Either,
    ExternalId,
    Email,
    /// By the id that it has here.
    Id,
}

/// What is done about a customer that is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum OnExisting {
    Update,
    Skip,
    Refuse,
}

/// What is wanted of an import.
pub(crate) struct Wanted {
    format: Option<Format>,
    set: Vec<(String, Option<String>)>,
    by: Match,
    on_existing: OnExisting,
    dry_run: bool,
    parent_id: Option<AccountId>,
    /// The custom fields that the tenant has defined.
    defined: Vec<CustomField>,
}

/// Every parameter that there is.
pub(crate) const PARAMETERS: [Parameter<Wanted>; 6] = [
    Parameter {
        name: "format",
        about: "Of which system the file is. Without it the media type says whether it is CSV or JSON Lines in the names of this API.",
        schema: || json!({ "type": "string", "enum": Format::ALL.map(Format::as_str) }),
        narrow: |wanted, word| {
            let all = Format::ALL.map(Format::as_str).join(", ");
            let format = Format::parse(&word).ok_or_else(|| Invalid::new(format!("{} is none of {all}", quoted(&word))))?;
            wanted.format = Some(format);
            Ok(())
        },
    },
    Parameter {
        name: "map",
        about: "What columns mean, where it is not guessed right: `column:field` between commas; `column:-` leaves one out.",
        schema: || json!({ "type": "string", "examples": ["Kd-Nr:external_id,Notes:-"] }),
        narrow: |wanted, text| map(&text).map(|set| wanted.set = set),
    },
    Parameter {
        name: "match",
        about: "By what a row names a customer that is there: `external_id`, `email`, or the `id` that it has here, which makes nobody. Without it, the external id, or else the e-mail address.",
        schema: || json!({ "type": "string", "enum": ["external_id", "email", "id"] }),
        narrow: |wanted, word| {
            wanted.by = match word.as_str() {
                "external_id" => Match::ExternalId,
                "email" => Match::Email,
                "id" => Match::Id,
                _ => return Err(Invalid::new(format!("{} is not external_id, email or id", quoted(&word)))),
            };
            Ok(())
        },
    },
    Parameter {
        name: "on_existing",
        about: "What is done about a customer that is there: `update` changes what the row names, `skip` leaves it, `refuse` makes the row faulty.",
        schema: || json!({ "type": "string", "enum": ["update", "skip", "refuse"], "default": "update" }),
        narrow: |wanted, word| {
            wanted.on_existing = match word.as_str() {
                "update" => OnExisting::Update,
                "skip" => OnExisting::Skip,
                "refuse" => OnExisting::Refuse,
                _ => return Err(Invalid::new(format!("{} is not update, skip or refuse", quoted(&word)))),
            };
            Ok(())
        },
    },
    Parameter {
        name: "dry_run",
        about: "Writes nothing, and answers what would be done: each row as things are now.",
        schema: || json!({ "type": "boolean", "default": false }),
        narrow: |wanted, word| {
            wanted.dry_run = word.parse().map_err(|_| Invalid::new(format!("{} is neither true nor false", quoted(&word))))?;
            Ok(())
        },
    },
    Parameter {
        name: "parent_id",
        about: "The provider below which new customers stand; the caller itself, unless given here or in the row.",
        schema: || json!({ "type": "integer", "format": "int64", "minimum": 1, "maximum": ID_MAX }),
        narrow: |wanted, value| {
            let id = AccountId::parse(&value).ok_or_else(|| Invalid::new(format!("{} is not an id", quoted(&value))))?;
            wanted.parent_id = Some(id);
            Ok(())
        },
    },
];

pub(crate) async fn handler(face: &Face, call: &Call, mut file: Body) -> Result<Response, Refusal> {
    let imported = import(face, call, &mut file).await;
    if imported.is_err() {
        body::pass_over(file).await;
    }
    imported.map(|import| answer::json(StatusCode::OK, &import))
}

async fn import(face: &Face, call: &Call, file: &mut Body) -> Result<Import, Refusal> {
    let principal = &call.request.principal;
    principal.require(Scope::Add)?;
    principal.require(Scope::Edit)?;
    if principal.actor().kind == Kind::Customer {
        return Err(Refusal::new(Code::Forbidden, "A customer imports no customers"));
    }
    let wanted = Wanted {
        format: None,
        set: Vec::new(),
        by: Match::Either,
        on_existing: OnExisting::Update,
        dry_run: false,
        parent_id: None,
        defined: face.service.custom_fields(principal).await?,
    };
    let wanted = query::read(&PARAMETERS, |_, _, _| None, wanted, &call.query)?;
    let format = format(&wanted, &call.headers)?;
    if declared(&call.headers).is_some_and(|octets| octets > FILE_MAX_OCTETS) {
        return Err(too_large());
    }
    let mut running = Running {
        face,
        call,
        source: Source::new(format, wanted.set.clone()),
        wanted,
        read: 0,
        chunk: Vec::new(),
        keys: HashSet::new(),
        passwords: 0,
        faulty_kept: 0,
        import: started(format),
    };
    let mut octets = 0;
    while let Some(piece) = body::piece(file).await.map_err(|_| cut_off(&running))? {
        octets += piece.len() as u64;
        if octets > FILE_MAX_OCTETS {
            return Err(too_large());
        }
        running.source.put(&piece);
        running.take_rows().await?;
    }
    running.source.finish();
    running.take_rows().await?;
    running.take_chunk().await?;
    running.ended()
}

/// An import on the way.
struct Running<'a> {
    face: &'a Face,
    call: &'a Call,
    wanted: Wanted,
    source: Source,
    read: u64,
    /// Rows that wait for each other, and by what they name their customers: nobody is named twice.
    chunk: Vec<(u64, source::SourceRow)>,
    keys: HashSet<String>,
    passwords: usize,
    faulty_kept: usize,
    import: Import,
}

impl Running<'_> {
    /// Takes in the rows that are there.
    async fn take_rows(&mut self) -> Result<(), Refusal> {
        while let Some(row) = self.source.next_row()? {
            self.read += 1;
            let key = row::key(&row.row, self.wanted.by);
            let is_named_twice = key.as_ref().is_some_and(|key| self.keys.contains(key));
            let is_full = self.chunk.len() == CHUNK_ROWS || self.passwords == CHUNK_PASSWORDS;
            if is_named_twice || is_full {
                self.take_chunk().await?;
            }
            self.passwords += usize::from(row::hashes(&row.row));
            self.keys.extend(key);
            self.chunk.push((self.read, row));
        }
        Ok(())
    }

    /// Takes in the rows that wait.
    async fn take_chunk(&mut self) -> Result<(), Refusal> {
        self.keys.clear();
        self.passwords = 0;
        let (face, call, wanted) = (self.face, self.call, &self.wanted);
        face.service.still_lets_in(&call.request.principal).await?;
        let mut raws = Vec::with_capacity(self.chunk.len());
        let mut taken = Vec::with_capacity(self.chunk.len());
        for (number, row) in self.chunk.drain(..) {
            raws.push((number, row.raw));
            taken.push(row::take(face, call, wanted, row.row));
        }
        let came = join_all(taken).await;
        let mut ended = None;
        for ((number, raw), came) in raws.into_iter().zip(came) {
            match came {
                Ok(came) => self.count(number, &raw, came),
                Err(refusal) => ended = ended.or(Some((number, refusal))),
            }
        }
        match ended {
            None => Ok(()),
            Some((number, refusal)) => {
                let message =
                    format!("The import ended at row {number}: {}. Rows before it are taken in; send the file again", refusal.message);
                Err(Refusal { message, ..refusal })
            }
        }
    }

    fn count(&mut self, row: u64, raw: &Raw, came: Came) {
        self.import.read += 1;
        match came {
            Came::Created(outcome) => {
                self.import.created += 1;
                self.preview(row, "created", &outcome.account);
            }
            Came::Edited(outcome) if outcome.changed => {
                self.import.changed += 1;
                self.preview(row, "changed", &outcome.account);
            }
            Came::Edited(outcome) => {
                self.import.unchanged += 1;
                self.preview(row, "unchanged", &outcome.account);
            }
            Came::Skipped => self.import.skipped += 1,
            Came::Faulty(faults) => self.faulty(row, raw, faults),
        }
    }

    fn preview(&mut self, row: u64, action: &'static str, account: &tenantry_domain::Account) {
        if self.import.preview.len() == PREVIEW_ROWS {
            return;
        }
        let serde_json::Value::Object(mut customer) = serde_json::to_value(Customer::of(account)).unwrap_or_default() else { return };
        if self.wanted.dry_run && action == "created" {
            // Neither is its own before it is made.
            customer.remove("id");
            customer.remove("hash");
        }
        self.import.preview.push(Preview { row, action, customer: customer.into_iter().collect() });
    }

    fn faulty(&mut self, row: u64, raw: &Raw, faults: Vec<Fault>) {
        self.import.faulty += 1;
        let messages: Vec<String> = faults.iter().map(|fault| [&fault.field, ": ", &fault.message].concat()).collect();
        if self.faulty_kept == 0 {
            self.import.faulty_rows = String::from_utf8_lossy(&self.source.faulty_header()).into_owned();
        }
        let line = self.source.faulty_row(raw, &messages.join("; "));
        if self.faulty_kept == FAULTY_KEPT || self.import.faulty_rows.len() + line.len() > FAULTY_KEPT_OCTETS {
            self.import.faulty_left_out += 1;
            return;
        }
        self.faulty_kept += 1;
        self.import.faulty_rows.push_str(&String::from_utf8_lossy(&line));
        let error = |fault: Fault| RowError {
            row,
            field: fault.field,
            code: fault.code.as_str(),
            message: fault.message,
            existing_id: fault.existing_id,
        };
        self.import.errors.extend(faults.into_iter().map(error));
    }

    fn ended(mut self) -> Result<Import, Refusal> {
        if !self.source.has_begun() {
            return Err(Refusal::new(Code::Malformed, "The file is empty; its first line should name the columns"));
        }
        self.import.mapping = self.source.columns();
        self.import.dry_run = self.wanted.dry_run;
        Ok(self.import)
    }
}

fn started(format: Format) -> Import {
    Import {
        format: format.as_str(),
        dry_run: false,
        mapping: Vec::new(),
        read: 0,
        created: 0,
        changed: 0,
        unchanged: 0,
        skipped: 0,
        faulty: 0,
        errors: Vec::new(),
        faulty_rows: String::new(),
        faulty_left_out: 0,
        preview: Vec::new(),
    }
}

/// Of which system the file is.
fn format(wanted: &Wanted, headers: &HeaderMap) -> Result<Format, Refusal> {
    if let Some(format) = wanted.format {
        return Ok(format);
    }
    match media_type(headers).to_ascii_lowercase().as_str() {
        "text/csv" | "text/tab-separated-values" => Ok(Format::Csv),
        "application/x-ndjson" | "application/ndjson" | "application/jsonl" | "application/x-jsonlines" => Ok(Format::Jsonl),
        _ => Err(Refusal::new(Code::UnsupportedMediaType, "Send the file as text/csv or application/x-ndjson, or say format=")),
    }
}

fn declared(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn too_large() -> Refusal {
    Refusal::new(Code::BodyTooLarge, "The file has more than 2 GiB; send it in parts")
}

fn cut_off(running: &Running<'_>) -> Refusal {
    let message = format!("The file ended early, behind row {}; what was taken in stays. Send it again", running.read);
    Refusal::new(Code::Malformed, message)
}

/// Reads what is said of columns. A name may hold a colon: the last one counts.
fn map(text: &str) -> Result<Vec<(String, Option<String>)>, Invalid> {
    let pairs: Vec<&str> = text.split(',').filter(|pair| !pair.is_empty()).collect();
    if pairs.len() > MAP_MAX {
        return Err(Invalid::too_long(format!("there are at most {MAP_MAX} columns")));
    }
    let read = |pair: &&str| {
        let (column, field) = pair.rsplit_once(':').ok_or_else(|| Invalid::new(format!("{} is not column:field", quoted(pair))))?;
        Ok((column.trim().to_owned(), Some(field.trim()).filter(|field| *field != "-").map(str::to_owned)))
    };
    pairs.iter().map(read).collect()
}

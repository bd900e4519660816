//! Erasing customers, and the list of those that were: an older backup has them all again, so whoever restores one needs to know whom to erase once more.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use tenantry_domain::account::erase::EraseAccount;
use tenantry_domain::key::Scope;
use tenantry_domain::{Account, AccountId, Code, Command, Dialect, Outcome, Refusal};
use tenantry_store::Reach;

use crate::credentials::unavailable;
use crate::{Request, Service};

/// The list in the data directory: a line for each customer that this server erased, with its number and the time, and nothing about it.
pub const ERASURES_FILE: &str = "erasures.jsonl";

/// Events that are read at a time.
const EVENTS_AT_A_TIME: usize = 200;

impl Service {
    /// Erases a customer: nothing personal is left of it, and it is on the list before anybody is answered.
    ///
    /// # Errors
    /// The key has not the scope, the domain's refusal, the store's, or the list cannot be written: then it has to be asked for again.
    pub async fn erase(self: &Arc<Self>, erase: EraseAccount, request: &Request) -> Result<Outcome, Refusal> {
        request.principal.require(Scope::Status)?;
        let (service, request) = (Arc::clone(self), request.clone());
        // In a task of its own: when the caller goes away the customer must come onto the list all the same.
        let erased = tokio::spawn(async move {
            // Those that were merged into it first: they are the same person's.
            for id in service.merged_into(&erase, &request).await? {
                let alias = EraseAccount { id, itself: true, reason: erase.reason.clone() };
                let request = Request { only_versions: None, idempotent: None, ..request.clone() };
                let outcome = service.carry_out(Command::EraseAccount(alias), None, &request).await?;
                service.note_erasure(&outcome.account).await?;
            }
            let outcome = service.carry_out(Command::EraseAccount(erase), None, &request).await?;
            service.note_erasure(&outcome.account).await?;
            Ok(outcome)
        });
        erased.await.unwrap_or_else(|_| Err(Refusal::outcome_unknown().because("the erasing task ended")))
    }

    /// Erases a customer once more, after an older backup was restored. One that is not there needs none.
    ///
    /// # Errors
    /// The store's.
    pub async fn erase_again(self: &Arc<Self>, id: AccountId) -> Result<bool, Refusal> {
        match self.run_by_itself(Command::EraseAccount(EraseAccount { id, itself: true, reason: None }), Dialect::CommandLine).await {
            Ok(outcome) => {
                self.note_erasure(&outcome.account).await?;
                Ok(outcome.changed)
            }
            Err(refusal) if refusal.code == Code::NotFound => Ok(false),
            Err(refusal) => Err(refusal),
        }
    }

    /// The records that were merged into the one that is to be erased, as its history says. Nothing where the erasure itself would be refused.
    async fn merged_into(&self, erase: &EraseAccount, request: &Request) -> Result<Vec<AccountId>, Refusal> {
        let account = self.look_up(&request.principal, erase.id).await?;
        self.rehearsed(&Command::EraseAccount(erase.clone()), request).await?;
        let (mut merged, mut from) = (Vec::new(), None);
        loop {
            let page =
                self.store.events(account.tenant_id, account.id, from, EVENTS_AT_A_TIME).await.map_err(|fault| unavailable(&fault))?;
            let ids = page.events.iter().filter(|event| event.name == "customer.merged").filter_map(|event| event.number("merged_id"));
            merged.extend(ids.filter_map(|id| AccountId::try_from(id).ok()));
            match page.next {
                Some(next) => from = Some(next),
                None => break,
            }
        }
        let mut aliases = Vec::new();
        for id in merged {
            let record = self.store.account(Reach::Tenant(account.tenant_id), id).await.map_err(|fault| unavailable(&fault))?;
            // One may have been taken apart again since.
            aliases.extend(record.filter(|record| record.profile.merged_into() == Some(account.id)).map(|record| record.id));
        }
        Ok(aliases)
    }

    async fn note_erasure(&self, account: &Account) -> Result<(), Refusal> {
        let Some(at) = account.profile.erased_at else { return Ok(()) };
        let line = format!("{{\"account_id\":{},\"erased_at\":\"{at}\"}}\n", account.id);
        let path = self.directory().join(ERASURES_FILE);
        let noted = tokio::task::spawn_blocking(move || append(&path, &line)).await.unwrap_or_else(|error| Err(io::Error::other(error)));
        noted.map_err(|error| {
            tracing::error!(%error, "an erased customer could not be put on the list of erasures");
            Refusal::outcome_unknown().because(error)
        })
    }
}

/// Appends a line that is durable then. One that is there already is not written again.
fn append(path: &Path, line: &str) -> io::Result<()> {
    if std::fs::read_to_string(path).is_ok_and(|list| list.lines().any(|known| known == line.trim_end())) {
        return Ok(());
    }
    let mut list = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
    list.write_all(line.as_bytes())?;
    list.sync_all()?;
    // Its name has to be durable, too, when it is new.
    path.parent().map_or(Ok(()), |directory| std::fs::File::open(directory)?.sync_all())
}

/// The customers on a list. A line that was cut off by a crash was answered to nobody.
///
/// # Errors
/// The list cannot be read, or a line before its last is none of it.
pub fn erasures(path: &Path) -> io::Result<Vec<AccountId>> {
    let list = std::fs::read_to_string(path)?;
    let mut ids = Vec::new();
    for (index, line) in list.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        match account_id(line) {
            Some(id) => ids.push(id),
            None if !list.ends_with('\n') && index + 1 == list.lines().count() => {}
            None => return Err(io::Error::new(io::ErrorKind::InvalidData, format!("line {} is none of a list of erasures", index + 1))),
        }
    }
    Ok(ids)
}

fn account_id(line: &str) -> Option<AccountId> {
    AccountId::parse(line.strip_prefix("{\"account_id\":")?.split(',').next()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_it_was_written() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(ERASURES_FILE);
        let line = |id: i64| format!("{{\"account_id\":{id},\"erased_at\":\"2026-03-01T12:00:00.000Z\"}}\n");
        for id in [7, 8, 7] {
            append(&path, &line(id)).unwrap();
        }
        let numbers = |path: &Path| erasures(path).map(|ids| ids.into_iter().map(AccountId::get).collect::<Vec<_>>());
        assert_eq!(numbers(&path).unwrap(), [7, 8]);
        std::fs::write(&path, [&line(7), "{\"account"].concat()).unwrap();
        assert_eq!(numbers(&path).unwrap(), [7]);
        std::fs::write(&path, ["{\"account\n", &line(7)].concat()).unwrap();
        assert!(numbers(&path).is_err());
    }
}

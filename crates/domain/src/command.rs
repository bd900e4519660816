//! Commands: everything that changes anything, as plain data, and the one function that decides them.

use crate::account::add::AddAccount;
use crate::account::custom_fields::TAG_INDEX;
use crate::account::edit::EditAccount;
use crate::account::erase::EraseAccount;
use crate::account::hold::{PlaceHold, ReleaseEndedHolds, ReleaseHold};
use crate::account::install::Install;
use crate::account::merge::{MergeAccounts, UnmergeAccounts};
use crate::account::status::ChangeStatus;
use crate::account::{Account, Goal, Kind};
use crate::context::Context;
use crate::decision::Decision;
use crate::id::AccountId;
use crate::idempotency::answered_before;
use crate::key::issue::IssueKey;
use crate::key::revoke::RevokeKey;
use crate::package::PackageRef;
use crate::package::add::AddPackage;
use crate::package::delete::DeletePackage;
use crate::package::edit::EditPackage;
use crate::quota::movement::MoveQuota;
use crate::refusal::{Code, Refusal};
use crate::working_set::{Lookups, WorkingSet};

/// A change that somebody asks for. It carries no captured state: it can be decided again on newer records.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "each variant is documented at its type")]
pub enum Command {
    Install(Install),
    AddAccount(Box<AddAccount>),
    EditAccount(Box<EditAccount>),
    ChangeStatus(ChangeStatus),
    PlaceHold(PlaceHold),
    ReleaseHold(ReleaseHold),
    ReleaseEndedHolds(ReleaseEndedHolds),
    EraseAccount(EraseAccount),
    MoveQuota(Box<MoveQuota>),
    AddPackage(Box<AddPackage>),
    EditPackage(Box<EditPackage>),
    DeletePackage(DeletePackage),
    IssueKey(Box<IssueKey>),
    RevokeKey(RevokeKey),
    MergeAccounts(MergeAccounts),
    UnmergeAccounts(UnmergeAccounts),
}

impl Command {
    /// The account that the command names: what a store loads first.
    pub const fn account_id(&self) -> AccountId {
        match self {
            Self::Install(_) => AccountId::OPERATOR,
            Self::AddAccount(add) => add.parent_id,
            Self::EditAccount(edit) => edit.id,
            Self::ChangeStatus(change) => change.id,
            Self::PlaceHold(place) => place.id,
            Self::ReleaseHold(release) => release.id,
            Self::ReleaseEndedHolds(release) => release.id,
            Self::EraseAccount(erase) => erase.id,
            Self::MoveQuota(movement) => movement.account_id,
            Self::AddPackage(add) => add.provider_id,
            Self::EditPackage(edit) => edit.provider_id,
            Self::DeletePackage(delete) => delete.provider_id,
            Self::IssueKey(issue) => issue.account_id,
            Self::RevokeKey(revoke) => revoke.account_id,
            Self::MergeAccounts(merge) => merge.id,
            Self::UnmergeAccounts(unmerge) => unmerge.id,
        }
    }

    /// The other account that the command changes, where there is one.
    pub const fn other_account_id(&self) -> Option<AccountId> {
        match self {
            Self::MergeAccounts(merge) => Some(merge.merged_id),
            Self::UnmergeAccounts(unmerge) => Some(unmerge.merged_id),
            _ => None,
        }
    }

    /// Whether the command may make an account, which then needs an id.
    pub const fn adds_account(&self) -> bool {
        matches!(self, Self::AddAccount(_))
    }

    /// Whether the command may delete its account, which nobody may then stand below.
    pub fn may_delete_account(&self) -> bool {
        match self {
            Self::EditAccount(edit) => edit.goal == Some(Goal::Deleted),
            Self::ChangeStatus(change) => change.goal == Goal::Deleted,
            Self::MergeAccounts(_) => true,
            _ => false,
        }
    }

    /// Whether the command may make a package.
    pub const fn adds_package(&self) -> bool {
        matches!(self, Self::AddPackage(_))
    }

    /// What else the command needs to know, once its account is loaded.
    pub fn lookups(&self, set: &WorkingSet, context: &Context) -> Lookups {
        let mut lookups = Lookups::default();
        let Some(account) = set.account(self.account_id()) else { return lookups };
        lookups.idempotent_answers.extend(context.idempotency.map(|request| (account.tenant_id, request.key)));
        match self {
            Self::Install(_) => {}
            // Below the operator the tenant is new: nobody can have anything in it.
            Self::AddAccount(_) if account.kind == Kind::Operator => {}
            Self::AddAccount(add) => {
                lookups.emails.extend(add.email.iter().map(|email| (account.tenant_id, email.folded())));
                lookups.external_ids.extend(add.external_id.iter().map(|id| (account.tenant_id, id.as_str().to_owned())));
                lookups.values.extend(add.custom_fields.indexed().map(|(name, value)| (account.tenant_id, name, value)));
                lookups.settings_of.push(account.tenant_id);
                lookups.packages.extend(add.allotments.package_refs().map(|package| (account.tenant_id, package.clone())));
                lookups.twins.extend(add.twin_keys().into_iter().map(|key| (account.tenant_id, key)));
            }
            Self::EditAccount(edit) => {
                lookups.emails.extend(edit.email.value().map(|email| (account.tenant_id, email.folded())));
                lookups.external_ids.extend(edit.external_id.value().map(|id| (account.tenant_id, id.as_str().to_owned())));
                lookups.values.extend(edit.custom_fields.indexed().map(|(name, value)| (account.tenant_id, name, value)));
                lookups.settings_of.extend(edit.custom_fields.is_named().then_some(account.tenant_id));
                lookups.packages.extend(edit.allotments.package_refs().map(|package| (account.tenant_id, package.clone())));
                lookups.of_goal(edit.goal, account);
            }
            Self::ChangeStatus(change) => lookups.of_goal(Some(change.goal), account),
            Self::PlaceHold(_) | Self::ReleaseHold(_) | Self::ReleaseEndedHolds(_) | Self::EraseAccount(_) => {}
            Self::MoveQuota(movement) => {
                lookups.quota_entries.extend(movement.idempotency_key.iter().map(|key| (account.tenant_id, account.id, key.clone())));
            }
            Self::AddPackage(_) | Self::EditPackage(_) => lookups.packages_of.push((account.tenant_id, account.id)),
            Self::DeletePackage(delete) => {
                lookups.packages_of.push((account.tenant_id, account.id));
                lookups.holders_of.push((account.tenant_id, delete.id));
            }
            Self::IssueKey(_) | Self::RevokeKey(_) => lookups.keys_of.push(account.id),
            Self::MergeAccounts(merge) => {
                set.unresolved(merge.merged_id).into_iter().for_each(|merged| lookups.of_goal(Some(Goal::Deleted), merged));
            }
            Self::UnmergeAccounts(unmerge) => {
                set.unresolved(unmerge.merged_id).into_iter().for_each(|alias| lookups.of_goal(Some(Goal::NotDeleted), alias));
            }
        }
        lookups
    }
}

impl Lookups {
    /// What a step towards a goal depends on: deleting on the accounts below, reopening on who has the address by now.
    fn of_goal(&mut self, goal: Option<Goal>, account: &Account) {
        match goal {
            Some(Goal::Deleted) => self.children_of.push(account.id),
            Some(Goal::Active | Goal::Reopened | Goal::NotDeleted) => {
                self.emails.extend(account.email.iter().map(|email| (account.tenant_id, email.folded())));
                self.external_ids.extend(account.external_id.iter().map(|id| (account.tenant_id, id.as_str().to_owned())));
                let custom = account.indexed_values().into_iter().filter(|value| value.name != TAG_INDEX);
                self.values.extend(custom.map(|value| (account.tenant_id, value.name, value.value)));
                self.packages.extend(account.allotments.package_ids().map(|id| (account.tenant_id, PackageRef::Id(id))));
            }
            Some(Goal::Activated | Goal::Inactive(_) | Goal::Suspended(_) | Goal::Closed | Goal::Ended) | None => {}
        }
    }
}

/// Decides a command on the records it names: the new records and events, or a refusal. Pure: the same input gives the same decision.
///
/// # Errors
/// The refusal, which changes nothing.
pub fn decide(command: &Command, set: &WorkingSet, context: &Context) -> Result<Decision, Refusal> {
    if let Some(before) = answered_before(set, command.account_id(), context)? {
        return Ok(before);
    }
    if let Some(versions) = &context.only_versions {
        let account = set.reach(&context.actor, command.account_id())?;
        if !versions.contains(&account.version) {
            let message = format!("The record has changed: it is in version {}; nothing was done. Read it again", account.version);
            return Err(Refusal::new(Code::PreconditionFailed, message));
        }
    }
    match command {
        Command::Install(install) => install.decide(set, context),
        Command::AddAccount(add) => add.decide(set, context),
        Command::EditAccount(edit) => edit.decide(set, context),
        Command::ChangeStatus(change) => change.decide(set, context),
        Command::PlaceHold(place) => place.decide(set, context),
        Command::ReleaseHold(release) => release.decide(set, context),
        Command::ReleaseEndedHolds(release) => release.decide(set, context),
        Command::EraseAccount(erase) => erase.decide(set, context),
        Command::MoveQuota(movement) => movement.decide(set, context),
        Command::AddPackage(add) => add.decide(set, context),
        Command::EditPackage(edit) => edit.decide(set, context),
        Command::DeletePackage(delete) => delete.decide(set, context),
        Command::IssueKey(issue) => issue.decide(set, context),
        Command::RevokeKey(revoke) => revoke.decide(set, context),
        Command::MergeAccounts(merge) => merge.decide(set, context),
        Command::UnmergeAccounts(unmerge) => unmerge.decide(set, context),
    }
}

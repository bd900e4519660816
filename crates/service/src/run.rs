//! Running commands: scope, rehearsal, hashing, and the lane, in a task of its own that ends even when the client goes away.

use std::net::IpAddr;
use std::sync::Arc;

use tenantry_domain::account::add::AddAccount;
use tenantry_domain::account::edit::EditAccount;
use tenantry_domain::account::hold::{PlaceHold, ReleaseHold};
use tenantry_domain::account::status::{ChangeStatus, Goal};
use tenantry_domain::key::Scope;
use tenantry_domain::patch::Patch;
use tenantry_domain::twin::OnDuplicate;
use tenantry_domain::value::{CallInPin, ClaimedAddress, Password, PasswordHash};
use tenantry_domain::{AccountId, Actor, Code, Command, Context, Dialect, Fault, Origin, Outcome, Refusal, decide};

use crate::credentials::unavailable;
use crate::idempotency::Running;
use crate::{Idempotent, Principal, Service};

/// Who asks, and from where.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who.
    pub principal: Arc<Principal>,
    /// In which dialect.
    pub dialect: Dialect,
    /// The request's id.
    pub request_id: String,
    /// From which address, behind listed proxies.
    pub peer: Option<IpAddr>,
    /// The address that the caller claims its end user to have.
    pub claimed: Option<ClaimedAddress>,
    /// The versions in which the account must be for a command to be carried out; `None`: in any.
    pub only_versions: Option<Vec<i64>>,
    /// What makes the request happen once; `None`: it happens as often as it is sent.
    pub idempotent: Option<Idempotent>,
}

impl Request {
    /// The same, whose answer this writes where it is kept.
    #[must_use]
    pub fn written_by(&self, write: impl Fn(&Outcome) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let idempotent = self.idempotent.as_ref().map(|idempotent| idempotent.written_by(write));
        Self { idempotent, ..self.clone() }
    }
}

impl Service {
    /// Adds an account.
    ///
    /// # Errors
    /// The key has not the scope, the domain's refusal, or the store's.
    pub async fn add(
        self: &Arc<Self>,
        mut add: AddAccount,
        password: Option<Password>,
        pin: Option<CallInPin>,
        request: &Request,
    ) -> Result<Outcome, Refusal> {
        self.may_add(&add, request)?;
        add.call_in_pin = pin.map(|pin| self.pepper.digest(&pin, &self.chance));
        // Who may only add learns nothing of who is there.
        if add.on_duplicate == OnDuplicate::Warn && request.principal.require(Scope::Read).is_err() {
            add.on_duplicate = OnDuplicate::Ignore;
        }
        self.carry_out(Command::AddAccount(Box::new(add)), password, request).await
    }

    /// Edits an account.
    ///
    /// # Errors
    /// The key has not the scope, the domain's refusal, or the store's.
    pub async fn edit(
        self: &Arc<Self>,
        mut edit: EditAccount,
        password: Option<Password>,
        pin: Patch<CallInPin>,
        request: &Request,
    ) -> Result<Outcome, Refusal> {
        self.may_edit(&edit, request)?;
        if password.is_some() || pin.is_named() {
            request.principal.require(Scope::Edit)?;
        }
        edit.call_in_pin = match pin {
            Patch::Keep => Patch::Keep,
            Patch::Clear => Patch::Clear,
            Patch::Set(pin) => Patch::Set(self.pepper.digest(&pin, &self.chance)),
        };
        self.carry_out(Command::EditAccount(Box::new(edit)), password, request).await
    }

    /// Whether the key may be used to add such an account.
    ///
    /// # Errors
    /// It has not the scope.
    pub fn may_add(&self, add: &AddAccount, request: &Request) -> Result<(), Refusal> {
        request.principal.require(Scope::Add)?;
        if add.goal.is_some() { request.principal.require(Scope::Status) } else { Ok(()) }
    }

    /// Whether the key may be used for such an edit.
    ///
    /// # Errors
    /// It has not the scope.
    pub fn may_edit(&self, edit: &EditAccount, request: &Request) -> Result<(), Refusal> {
        if edit.goal.is_some() {
            request.principal.require(Scope::Status)?;
        }
        let only_status = edit.goal.is_some() && EditAccount { goal: None, ..edit.clone() } == EditAccount::of(edit.id);
        if only_status { Ok(()) } else { request.principal.require(Scope::Edit) }
    }

    /// Takes an account towards a goal, and says why.
    ///
    /// # Errors
    /// The key has not the scope, the domain's refusal, or the store's.
    pub async fn change_status(self: &Arc<Self>, change: ChangeStatus, request: &Request) -> Result<Outcome, Refusal> {
        request.principal.require(Scope::Status)?;
        self.carry_out(Command::ChangeStatus(change), None, request).await
    }

    /// Places a hold on an account.
    ///
    /// # Errors
    /// The key has not the scope, the domain's refusal, or the store's.
    pub async fn place_hold(self: &Arc<Self>, place: PlaceHold, request: &Request) -> Result<Outcome, Refusal> {
        request.principal.require(Scope::Status)?;
        self.carry_out(Command::PlaceHold(place), None, request).await
    }

    /// Releases one owner's hold of an account.
    ///
    /// # Errors
    /// The key has not the scope, the domain's refusal, or the store's.
    pub async fn release_hold(self: &Arc<Self>, release: ReleaseHold, request: &Request) -> Result<Outcome, Refusal> {
        request.principal.require(Scope::Status)?;
        self.carry_out(Command::ReleaseHold(release), None, request).await
    }

    /// Deletes an account.
    ///
    /// # Errors
    /// The key has not the scope, the domain's refusal, or the store's.
    pub async fn delete(self: &Arc<Self>, id: AccountId, request: &Request) -> Result<Outcome, Refusal> {
        self.change_status(ChangeStatus::towards(id, Goal::Deleted), request).await
    }

    /// Runs a command for the operator, from the server's own command line.
    ///
    /// # Errors
    /// The domain's refusal, or the store's.
    pub async fn run_as_operator(&self, command: Command) -> Result<Outcome, Refusal> {
        self.run_by_itself(command, Dialect::CommandLine).await
    }

    /// Runs a command that no caller sent.
    pub(crate) async fn run_by_itself(&self, command: Command, dialect: Dialect) -> Result<Outcome, Refusal> {
        let at = self.now();
        let origin = Origin { dialect, request_id: self.chance.request_id(at).to_string(), peer: None, claimed: None, credential: None };
        let context = Context { actor: Actor::OPERATOR, at, seed: self.chance.seed(), origin, only_versions: None, idempotency: None };
        self.store.run(command, context).await
    }

    /// What is wrong with what a command refers to, for a body that has other faults too: one answer names them all.
    ///
    /// # Errors
    /// The key has not the scope, the store cannot be read, or the account to edit is not there.
    pub async fn reference_faults(&self, command: &Command, request: &Request) -> Result<Vec<Fault>, Refusal> {
        // The key first: one that may not write learns nothing of other records by what it sends.
        match command {
            Command::AddAccount(add) => self.may_add(add, request)?,
            Command::EditAccount(edit) => self.may_edit(edit, request)?,
            _ => {}
        }
        let context = self.context(request);
        let set = self.store.rehearse(command, &context).await.map_err(|fault| unavailable(&fault))?;
        match command {
            Command::AddAccount(add) => Ok(add.reference_faults(&set, &context)),
            Command::EditAccount(edit) => {
                set.reach(&context.actor, edit.id)?;
                Ok(edit.reference_faults(&set, &context))
            }
            _ => Ok(Vec::new()),
        }
    }

    /// What a command would come to as things are now, whoever asks for it.
    pub(crate) async fn rehearsed(&self, command: &Command, request: &Request) -> Result<Outcome, Refusal> {
        let context = self.context(request);
        let set = self.store.rehearse(command, &context).await.map_err(|fault| unavailable(&fault))?;
        Ok(decide(command, &set, &context)?.outcome)
    }

    /// What a command would come to as things are now. Nothing is written.
    ///
    /// # Errors
    /// The key has not the scope, or what carrying it out would be refused for.
    pub async fn try_out(&self, command: &Command, request: &Request) -> Result<Outcome, Refusal> {
        match command {
            Command::AddAccount(add) => self.may_add(add, request)?,
            Command::EditAccount(edit) => self.may_edit(edit, request)?,
            _ => return Err(Refusal::new(Code::Internal, "only adds and edits are tried out")),
        }
        self.rehearsed(command, request).await
    }

    pub(crate) async fn carry_out(
        self: &Arc<Self>,
        command: Command,
        password: Option<Password>,
        request: &Request,
    ) -> Result<Outcome, Refusal> {
        let Some(idempotent) = &request.idempotent else { return self.carry_out_once(command, password, request, None).await };
        let running = self.under_way.begin(idempotent.request())?;
        let outcome = self.carry_out_once(command, password, request, Some(running)).await?;
        idempotent.opened(outcome)
    }

    async fn carry_out_once(
        self: &Arc<Self>,
        mut command: Command,
        password: Option<Password>,
        request: &Request,
        running: Option<Running>,
    ) -> Result<Outcome, Refusal> {
        let context = self.context(request);
        let writer = request.idempotent.as_ref().and_then(|idempotent| idempotent.sealed_writer(context.seed));
        let Some(password) = password else {
            // It is put into its lane at once, and there it is carried out whether or not anybody waits.
            return self.store.run_once(command, context, writer).await;
        };
        // Deciding is pure, so it can be tried first: nobody spends 20 ms of a processor on a command that is refused anyway.
        let set = self.store.rehearse(&command, &context).await.map_err(|fault| unavailable(&fault))?;
        set_password(&mut command, PasswordHash::from_phc("rehearsed"));
        let rehearsed = decide(&command, &set, &context)?;
        if rehearsed.outcome.replayed.is_some() {
            return Ok(rehearsed.outcome);
        }
        let service = Arc::clone(self);
        // In a task of its own, which ends even when the client goes away while its password is hashed.
        let written = tokio::spawn(async move {
            let _running = running;
            let hash = service.hashing.hash(password, &service.chance).await?;
            set_password(&mut command, hash);
            service.store.run_once(command, context, writer).await
        });
        written.await.unwrap_or_else(|_| Err(Refusal::outcome_unknown().because("the writing task ended")))
    }

    fn context(&self, request: &Request) -> Context {
        Context {
            actor: request.principal.actor(),
            at: self.now(),
            seed: self.chance.seed(),
            origin: Origin {
                dialect: request.dialect,
                request_id: request.request_id.clone(),
                peer: request.peer,
                claimed: request.claimed.clone(),
                credential: Some(request.principal.credential().to_owned()),
            },
            only_versions: request.only_versions.clone(),
            idempotency: request.idempotent.as_ref().map(Idempotent::request),
        }
    }
}

fn set_password(command: &mut Command, hash: PasswordHash) {
    match command {
        Command::AddAccount(add) => add.password_hash = Some(hash),
        Command::EditAccount(edit) => edit.password_hash = Some(hash),
        Command::Install(_)
        | Command::ChangeStatus(_)
        | Command::PlaceHold(_)
        | Command::ReleaseHold(_)
        | Command::ReleaseEndedHolds(_)
        | Command::EraseAccount(_)
        | Command::MoveQuota(_)
        | Command::AddPackage(_)
        | Command::EditPackage(_)
        | Command::DeletePackage(_)
        | Command::IssueKey(_)
        | Command::RevokeKey(_)
        | Command::MergeAccounts(_)
        | Command::UnmergeAccounts(_) => {}
    }
}

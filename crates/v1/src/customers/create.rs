//! `POST /v1/customers` and `/v1/providers`: makes a customer, or a provider.

use axum::response::Response;
use serde_json::json;
use tenantry_domain::account::Kind;
use tenantry_domain::account::add::AddAccount;
use tenantry_domain::refusal::quoted;
use tenantry_domain::twin::OnDuplicate;
use tenantry_domain::{Code, Command, Fault, Invalid, Patch, Refusal};

use crate::Face;
use crate::answer::Form;
use crate::body::customer::{CustomerBody, customer};
use crate::body::{Mode, Reader, members};
use crate::call::Call;
use crate::query::{self, Parameter};

/// Every parameter that there is.
pub(crate) const PARAMETERS: [Parameter<OnDuplicate>; 1] = [Parameter {
    name: "on_duplicate",
    about: "What is done about a customer that may be there already: `warn` makes it and names whom it may be, `refuse` does not make it (409), `ignore` does not look.",
    schema: || json!({ "type": "string", "enum": ["warn", "refuse", "ignore"], "default": "warn" }),
    narrow: |wanted, word| {
        *wanted = OnDuplicate::parse(&word).ok_or_else(|| Invalid::new(format!("{} is not warn, refuse or ignore", quoted(&word))))?;
        Ok(())
    },
}];

/// Makes an account of this kind.
pub(crate) async fn handler(face: &Face, call: &Call, kind: Kind) -> Result<Response, Refusal> {
    let on_duplicate = match kind {
        Kind::Customer => query::read(&PARAMETERS, |_, _, _| None, OnDuplicate::Warn, &call.query)?,
        Kind::Provider | Kind::Operator => OnDuplicate::Ignore,
    };
    let body = customer(Reader::new(Mode::Create, face.service.now(), members(&call.body)?));
    let parent_id = body.parent_id.unwrap_or(call.request.principal.actor().account_id);
    let mut faults = body.faults.clone();
    faults.extend(nameless(&body));
    let add = AddAccount {
        external_id: body.external_id.value().cloned(),
        email: body.email.value().cloned(),
        profile: body.profile,
        name_servers: body.name_servers,
        custom_fields: body.custom_fields,
        allotments: body.allotments,
        on_duplicate,
        ..AddAccount::below(parent_id, kind)
    };
    if !faults.is_empty() {
        face.service.may_add(&add, &call.request)?;
        let mut more = face.service.reference_faults(&Command::AddAccount(Box::new(add)), &call.request).await?;
        // Without a parent in the body the caller itself stood in for one; what is wrong with that is not the body's fault.
        more.retain(|fault| body.parent_id.is_some() || fault.field != "parent_id");
        faults.extend(more);
        return Err(Refusal { code: Code::Invalid, ..Refusal::faulty(faults) });
    }
    let form = Form::created(face, call);
    let added = face.service.add(add, body.password, body.call_in_pin.value().cloned(), &form.kept(call)).await?;
    form.answer(&added)
}

/// An account that nobody could tell from another.
fn nameless(body: &CustomerBody) -> Option<Fault> {
    let profile = &body.profile;
    let named = [&profile.organization, &profile.first_name, &profile.last_name].into_iter().any(Patch::is_named);
    let known = named || body.email.is_named() || body.external_id.is_named();
    // Whoever sent one that cannot be read is told of that.
    (!known).then(|| {
        Fault::new("organization", Code::Required, "send a name (organization, first_name or last_name), an email or an external_id")
    })
}

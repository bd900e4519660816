//! `PATCH /v1/customers/{id}`: changes what the body names (RFC 7396).

use axum::response::Response;
use tenantry_domain::account::edit::EditAccount;
use tenantry_domain::{AccountId, Code, Command, Refusal};

use crate::Face;
use crate::answer::Form;
use crate::body::customer::customer;
use crate::body::{Mode, Reader, members};
use crate::call::Call;

pub(crate) async fn handler(face: &Face, call: &Call, id: AccountId) -> Result<Response, Refusal> {
    let body = customer(Reader::new(Mode::Change, face.service.now(), members(&call.body)?));
    let edit = EditAccount {
        external_id: body.external_id,
        email: body.email,
        profile: body.profile,
        name_servers: body.name_servers,
        custom_fields: body.custom_fields,
        allotments: body.allotments,
        ..EditAccount::of(id)
    };
    // The key first: one that may not edit learns nothing of a record by what it sends.
    face.service.may_edit(&edit, &call.request)?;
    if !body.faults.is_empty() {
        let mut faults = body.faults;
        faults.extend(face.service.reference_faults(&Command::EditAccount(Box::new(edit)), &call.request).await?);
        return Err(Refusal { code: Code::Invalid, ..Refusal::faulty(faults) });
    }
    let edited = face.service.edit(edit, body.password, body.call_in_pin, &call.request).await?;
    Form::changed(call).answer(&edited)
}

//! `GET /user/{id}`: reads one record.

use axum::response::Response;
use tenantry_domain::account::NameServers;
use tenantry_domain::{AccountId, Code, Refusal};

use crate::call::Call;
use crate::record::Record;
use crate::{Face, answer, error};

pub(crate) async fn handler(face: &Face, call: &Call, id: AccountId) -> Response {
    match read(face, call, id).await {
        Ok(response) => response,
        Err(refusal) if refusal.code == Code::NotFound => error::answer(&error::no_such_account()),
        Err(refusal) => error::answer(&refusal),
    }
}

async fn read(face: &Face, call: &Call, id: AccountId) -> Result<Response, Refusal> {
    let account = face.service.get(&call.principal, id).await?;
    let followed = match account.profile.name_servers {
        NameServers::Default => face.service.default_name_servers(&account).await?,
        NameServers::Specify(_) => Vec::new(),
    };
    Ok(answer::success("OK", Record::of(&account, &followed)))
}

//! A caller with a bearer key.

use std::net::SocketAddr;

use serde_json::Value;
use tenantry::first_start::issue;
use tenantry_domain::AccountId;
use tenantry_domain::key::Scheme;
use tenantry_service::NewKey;

use crate::harness::{Answer, Site, call};

/// An account with a bearer key.
#[derive(Clone)]
pub(crate) struct Bearer {
    pub(crate) key: String,
    pub(crate) address: SocketAddr,
}

impl Site {
    /// An account with a bearer key.
    pub(crate) fn bearer(&self, id: i64) -> Bearer {
        self.bearer_with(id, NewKey::default())
    }

    /// An account with a bearer key, bounded as said.
    pub(crate) fn bearer_with(&self, id: i64, new: NewKey) -> Bearer {
        let account_id = AccountId::try_from(id).unwrap();
        let material = self.block_on(issue(self.service(), account_id, Scheme::Bearer, new)).unwrap();
        Bearer { key: material.secret.as_str().to_owned(), address: self.address() }
    }
}

impl Bearer {
    /// Calls a path below `/v1`.
    pub(crate) fn call(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let authorization = format!("Bearer {}", self.key);
        let mut all = vec![("Authorization", authorization.as_str())];
        if !body.is_empty() && !headers.iter().any(|(name, _)| *name == "Content-Type") {
            all.push(("Content-Type", "application/json"));
        }
        all.extend(headers);
        call(self.address, method, &format!("/v1{path}"), &all, body.as_bytes())
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.call("GET", path, &[], "")
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        self.call("POST", path, &[], &body.to_string())
    }

    pub(crate) fn patch(&self, path: &str, body: &Value) -> Answer {
        self.call("PATCH", path, &[], &body.to_string())
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.call("DELETE", path, &[], "")
    }

    /// Creates a customer and gives its record.
    #[track_caller]
    pub(crate) fn create(&self, body: &Value) -> Value {
        let answer = self.post("/customers", body);
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.json()
    }

    /// A customer's record.
    #[track_caller]
    pub(crate) fn read(&self, id: i64) -> Value {
        let answer = self.get(&format!("/customers/{id}"));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }
}

impl Answer {
    /// Asserts problem details of this status and code that name these fields and no others.
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, code: &str, fields: &[&str]) {
        assert_eq!(self.status, status, "{}", self.body);
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        let problem = self.json();
        let fields: Vec<String> = fields.iter().map(|field| (*field).to_owned()).collect();
        assert_eq!(
            (problem["code"].as_str(), problem["status"].as_u64(), self.fields()),
            (Some(code), Some(status.into()), fields),
            "{}",
            self.body
        );
        assert_eq!(problem["type"], format!("/v1/docs#{code}"));
    }

    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

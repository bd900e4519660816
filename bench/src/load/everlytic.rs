//! What connections send in the Everlytic dialect: reads over REST, and updates over XML-RPC.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tenantry::Failure;

use super::Script;
use super::scripts::{CHECK_EVERY, Target, expect, write};
use crate::chance::Dice;

/// `GET /api/2.0/customers/{id}` of random customers.
pub(crate) struct RestReads {
    target: Arc<Target>,
    dice: Dice,
    sent: u64,
    id: i64,
}

impl RestReads {
    /// One script for each connection.
    pub(crate) fn many(target: &Arc<Target>, connections: u64) -> Vec<Self> {
        (0..connections).map(|seed| Self { target: Arc::clone(target), dice: Dice::of(seed), sent: 0, id: 0 }).collect()
    }
}

impl Script for RestReads {
    fn next(&mut self, request: &mut Vec<u8>) {
        self.id = self.target.first + self.dice.below(self.target.count).cast_signed();
        self.sent += 1;
        write(
            request,
            format_args!(
                "GET /api/2.0/customers/{} HTTP/1.1\r\nHost: bench\r\nAuthorization: {}\r\n\r\n",
                self.id, self.target.authorization
            ),
        );
    }

    fn check(&mut self, body: &[u8]) -> Result<(), Failure> {
        if !self.sent.is_multiple_of(CHECK_EVERY) {
            return Ok(());
        }
        expect(body, &format!(r#""item":{{"id":{},"enterprise_id""#, self.id))
    }
}

/// `UpdateCustomer` of random customers over XML-RPC, each with a value that was never there before, in the field that the edits of the other dialect
/// change.
pub(crate) struct XmlrpcUpdates {
    target: Arc<Target>,
    dice: Dice,
    edition: u64,
    own: u64,
    connections: u64,
    value: u64,
}

impl XmlrpcUpdates {
    /// One script for each connection.
    pub(crate) fn many(target: &Arc<Target>, connections: u64) -> Vec<Self> {
        let one = |own| {
            let edition = target.editions.fetch_add(1, Ordering::Relaxed);
            Self { target: Arc::clone(target), dice: Dice::of(edition), edition, own, connections, value: 0 }
        };
        (0..connections).map(one).collect()
    }

    fn text(&self) -> String {
        format!("Fresh {}-{}", self.edition, self.value)
    }
}

impl Script for XmlrpcUpdates {
    fn next(&mut self, request: &mut Vec<u8>) {
        let places = (self.target.count / self.connections).max(1);
        let id = self.target.first + (self.dice.below(places) * self.connections + self.own).cast_signed();
        self.value += 1;
        let text = self.text();
        let body = format!(
            "<?xml version='1.0'?>\n<methodCall>\n<methodName>UpdateCustomer</methodName>\n<params>\n<param>\n<value><int>{id}</int></value>\n</param>\n\
             <param>\n<value><struct>\n<member>\n<name>state_provinces</name>\n<value><string>{text}</string></value>\n</member>\n</struct></value>\n\
             </param>\n</params>\n</methodCall>\n"
        );
        write(
            request,
            format_args!(
                "POST /api/2.0/xmlrpc/ HTTP/1.1\r\nHost: bench\r\nAuthorization: {}\r\nContent-Type: text/xml\r\nContent-Length: {}\r\n\r\n{body}",
                self.target.authorization,
                body.len()
            ),
        );
    }

    fn check(&mut self, body: &[u8]) -> Result<(), Failure> {
        // The answer is the whole customer, with the value in it.
        expect(body, &format!("<name>state_provinces</name><value><string>{}</string>", self.text()))
    }
}

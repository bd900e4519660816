//! Name servers of an account: the provider's, or its own.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::{Deserialize, Serialize};

use crate::limits::{NAME_SERVERS_MAX, NAME_SERVERS_MIN};
use crate::refusal::{Code, Fault};
use crate::value::HostName;

/// One name server, with its glue (RFC 5732) where it has any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameServer {
    /// Its host name.
    pub name: HostName,
    /// IPv4 glue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ipv4: Vec<Ipv4Addr>,
    /// IPv6 glue.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ipv6: Vec<Ipv6Addr>,
}

/// Which name servers an account's domains use.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "mode", content = "hosts", rename_all = "snake_case")]
pub enum NameServers {
    /// Those of the nearest provider above that specifies its own.
    #[default]
    Default,
    /// Its own: 2 to 13 distinct ones.
    Specify(Vec<NameServer>),
}

impl NameServers {
    /// Its own list; empty in default mode.
    pub fn own(&self) -> &[NameServer] {
        match self {
            Self::Default => &[],
            Self::Specify(hosts) => hosts,
        }
    }
}

/// The mode that a change asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The provider's.
    Default,
    /// Its own.
    Specify,
}

/// What a command says of name servers: a mode, a whole new list, some to add, some to remove; in this order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NameServerChange {
    /// The mode.
    pub mode: Option<Mode>,
    /// The whole list.
    pub replace: Option<Vec<NameServer>>,
    /// Those to add; one that stands there already gets this glue.
    pub add: Vec<NameServer>,
    /// Those to remove.
    pub remove: Vec<HostName>,
}

impl NameServerChange {
    /// Whether the command says anything of name servers.
    pub fn is_named(&self) -> bool {
        *self != Self::default()
    }

    fn has_lists(&self) -> bool {
        self.replace.is_some() || !self.add.is_empty() || !self.remove.is_empty()
    }

    /// The name servers after the change.
    ///
    /// # Errors
    /// Lists in default mode; fewer than 2, more than 13, or one twice.
    pub fn apply(&self, now: &NameServers) -> Result<NameServers, Vec<Fault>> {
        let mode = self.mode.unwrap_or(match now {
            // A whole list can only be meant as one's own.
            NameServers::Default if self.replace.is_none() => Mode::Default,
            _ => Mode::Specify,
        });
        match mode {
            Mode::Default if self.has_lists() => Err(vec![Fault::new(
                "name_servers.mode",
                Code::Invalid,
                "name servers can be listed, added and removed only in the mode \"specify\"",
            )]),
            Mode::Default => Ok(NameServers::Default),
            Mode::Specify => self.specify(now.own()).map(NameServers::Specify),
        }
    }

    fn specify(&self, now: &[NameServer]) -> Result<Vec<NameServer>, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut hosts = self.replace.clone().unwrap_or_else(|| now.to_vec());
        for host in &self.add {
            match hosts.iter_mut().find(|present| present.name == host.name) {
                // Named again without glue it keeps what it has.
                Some(present) if host.ipv4.is_empty() && host.ipv6.is_empty() => present.name.clone_from(&host.name),
                Some(present) => present.clone_from(host),
                None => hosts.push(host.clone()),
            }
        }
        // One that is not there is removed already: a call whose answer was lost can be repeated.
        hosts.retain(|host| !self.remove.contains(&host.name));
        for (index, host) in hosts.iter().enumerate() {
            if hosts[..index].iter().any(|earlier| earlier.name == host.name) {
                faults.push(Fault::new("name_servers.hosts", Code::Invalid, format!("\"{}\" stands twice", host.name.as_str())));
            }
        }
        if !(NAME_SERVERS_MIN..=NAME_SERVERS_MAX).contains(&hosts.len()) {
            let message = format!("{NAME_SERVERS_MIN} to {NAME_SERVERS_MAX} name servers are needed; this would leave {}", hosts.len());
            faults.push(Fault::new("name_servers.hosts", Code::Invalid, message));
        }
        if faults.is_empty() { Ok(hosts) } else { Err(faults) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(name: &str) -> NameServer {
        NameServer { name: HostName::parse(name).unwrap(), ipv4: vec![], ipv6: vec![] }
    }

    fn names(servers: &NameServers) -> Vec<&str> {
        servers.own().iter().map(|host| host.name.as_str()).collect()
    }

    #[test]
    fn a_list_is_replaced_added_to_and_removed_from() {
        let set =
            NameServerChange { mode: Some(Mode::Specify), replace: Some(vec![host("a.example"), host("b.example")]), ..Default::default() };
        let servers = set.apply(&NameServers::Default).unwrap();
        let more =
            NameServerChange { add: vec![host("c.example")], remove: vec![HostName::parse("A.example.").unwrap()], ..Default::default() };
        let servers = more.apply(&servers).unwrap();
        assert_eq!(names(&servers), ["b.example", "c.example"]);
        let back = NameServerChange { mode: Some(Mode::Default), ..Default::default() };
        assert_eq!(back.apply(&servers).unwrap(), NameServers::Default);
    }

    #[test]
    fn what_is_so_already_changes_nothing() {
        let glued = NameServer { ipv4: vec!["192.0.2.1".parse().unwrap()], ..host("a.example") };
        let two = NameServers::Specify(vec![glued, host("b.example")]);
        let remove = NameServerChange { remove: vec![HostName::parse("x.example").unwrap()], ..Default::default() };
        assert_eq!(remove.apply(&two).unwrap(), two);
        let add = NameServerChange { add: vec![host("a.example")], ..Default::default() };
        assert_eq!(add.apply(&two).unwrap(), two, "its glue stays");
    }

    #[test]
    fn what_would_break_a_delegation_is_refused() {
        let two = NameServers::Specify(vec![host("a.example"), host("b.example")]);
        let faulty = |change: NameServerChange, now: &NameServers| change.apply(now).unwrap_err().len();
        assert_eq!(faulty(NameServerChange { add: vec![host("c.example")], ..Default::default() }, &NameServers::Default), 1);
        assert_eq!(faulty(NameServerChange { mode: Some(Mode::Specify), ..Default::default() }, &NameServers::Default), 1);
        assert_eq!(faulty(NameServerChange { remove: vec![HostName::parse("a.example").unwrap()], ..Default::default() }, &two), 1);
        assert_eq!(faulty(NameServerChange { replace: Some(vec![host("a.example"), host("A.example")]), ..Default::default() }, &two), 1);
        let many = (0..14).map(|n| host(&format!("ns{n}.example"))).collect();
        assert_eq!(faulty(NameServerChange { replace: Some(many), ..Default::default() }, &two), 1);
    }
}

//! Lists the packages that the caller may see.

use tenantry_domain::package::Package;
use tenantry_domain::quota::Channel;
use tenantry_domain::refusal::quoted;
use tenantry_domain::{Fault, Invalid, Refusal};
use tenantry_service::Request;

use crate::Face;
use crate::paging::{self, Page};
use crate::properties::{TOLD_MAX, words};

/// What to list.
#[derive(Default)]
pub(crate) struct Asked {
    page: Page,
    descending: bool,
    channel: Option<Channel>,
    status: Option<tenantry_domain::package::PackageStatus>,
    identifier: Option<String>,
    faults: Vec<Fault>,
}

/// A page.
pub(crate) struct Listed {
    pub(crate) page: Page,
    pub(crate) total: u64,
    pub(crate) packages: Vec<Package>,
}

impl paging::Asked for Asked {
    fn part(&mut self, name: &str, value: &str) -> bool {
        let read = match name {
            "page" => paging::page(value).map(|page| self.page.page = page),
            "count" => paging::count(value).map(|count| self.page.count = count),
            "order" if matches!(value, "" | "id" | "created_at") => Ok(()),
            "order" => Err(Invalid::new("packages come by id")),
            "direction" => paging::direction(value).map(|falls| self.descending = falls),
            _ => return false,
        };
        self.faults.extend(read.err().map(|invalid| invalid.at(name)));
        true
    }

    fn is_filter(name: &str) -> bool {
        matches!(name, "channel" | "status" | "identifier")
    }

    fn filter(&mut self, name: &str, value: String) {
        let read = match name {
            _ if value.is_empty() => Ok(()),
            "channel" => words::channel(&value).map(|channel| self.channel = Some(channel)),
            "status" => words::package_status(&value).map(|status| self.status = Some(status)),
            "identifier" => {
                self.identifier = Some(value);
                Ok(())
            }
            _ => {
                let message = format!("{} is nothing to filter by; there are channel, status and identifier", quoted(name));
                return self.fault(Invalid::new(message).at("filter"));
            }
        };
        self.faults.extend(read.err().map(|invalid| invalid.at(name)));
    }

    fn fault(&mut self, fault: Fault) {
        if self.faults.len() < TOLD_MAX {
            self.faults.push(fault);
        }
    }

    fn page(&self) -> Page {
        self.page
    }
}

pub(crate) async fn list(face: &Face, request: &Request, asked: Asked) -> Result<Listed, Refusal> {
    if !asked.faults.is_empty() {
        return Err(paging::faulty(asked.faults));
    }
    let mut packages = face.service.packages(&request.principal).await?;
    packages.retain(|package| {
        asked.channel.is_none_or(|channel| package.channel == channel)
            && asked.status.is_none_or(|status| package.status == status)
            && asked.identifier.as_ref().is_none_or(|asked| package.identifier.as_ref().is_some_and(|own| own.as_str() == asked))
    });
    if asked.descending {
        packages.reverse();
    }
    let (total, packages) = asked.page.of(packages);
    Ok(Listed { page: asked.page, total, packages })
}

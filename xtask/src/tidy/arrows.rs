//! Which crate may see which. The table is ARCHITECTURE.md's drawing; nothing else may grant an arrow.

use toml::Table;

use super::{
    Finding,
    manifests::{DEPENDENCY_TABLES, dependency_tables, line_of},
    tree::{File, Tree},
};

/// A crate and the crates of this workspace that it may see, from the bottom up.
struct Room {
    name: &'static str,
    sees: &'static [&'static str],
    why: &'static str,
}

const ROOMS: &[Room] = &[
    Room { name: "tenantry-domain", sees: &[], why: "the rules know nothing that runs them" },
    Room { name: "tenantry-store", sees: &["tenantry-domain"], why: "a store keeps records; who may change them is the service's matter" },
    Room { name: "tenantry-service", sees: &["tenantry-domain", "tenantry-store"], why: "the service knows no wire" },
    Room { name: "tenantry-http", sees: &[], why: "what all faces share knows no records" },
    Room { name: "tenantry-exchange", sees: &[], why: "files are octets and names; what a row may say is the face's matter" },
    Room { name: "tenantry-xmlrpc", sees: &[], why: "a codec knows values, and neither records nor a network" },
    Room {
        name: "tenantry-wwwengine",
        sees: &["tenantry-domain", "tenantry-service", "tenantry-http"],
        why: "a face translates: it reaches records only through the service, and no other face",
    },
    Room {
        name: "tenantry-everlytic",
        sees: &["tenantry-domain", "tenantry-service", "tenantry-http", "tenantry-xmlrpc"],
        why: "a face translates: it reaches records only through the service, and no other face",
    },
    Room {
        name: "tenantry-v1",
        sees: &["tenantry-domain", "tenantry-service", "tenantry-http", "tenantry-exchange"],
        why: "a face translates: it reaches records only through the service, and no other face",
    },
    Room { name: "tenantry-client", sees: &[], why: "a client meets the server over the network, as everybody's does" },
    Room {
        name: "tenantry",
        sees: &[
            "tenantry-client",
            "tenantry-domain",
            "tenantry-store",
            "tenantry-service",
            "tenantry-http",
            "tenantry-xmlrpc",
            "tenantry-wwwengine",
            "tenantry-everlytic",
            "tenantry-v1",
        ],
        why: "the binary wires the rooms together",
    },
    Room { name: "tenantry-testkit", sees: &[], why: "tests meet the server as its clients do: over the network" },
    Room {
        name: "tenantry-bench",
        sees: &[
            "tenantry",
            "tenantry-domain",
            "tenantry-store",
            "tenantry-service",
            "tenantry-http",
            "tenantry-xmlrpc",
            "tenantry-wwwengine",
            "tenantry-everlytic",
            "tenantry-v1",
            "tenantry-testkit",
        ],
        why: "a bench measures any room",
    },
    Room { name: "xtask", sees: &[], why: "the house rules must be checkable while the house does not compile" },
];

/// What any crate's tests may see besides.
const SEEN_BY_TESTS: &str = "tenantry-testkit";

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.manifests().flat_map(of_manifest).collect()
}

fn of_manifest(file: &File) -> Vec<Finding> {
    // A manifest that is no TOML is reported by the rule on manifests.
    let Ok(manifest) = file.text().parse::<Table>() else { return Vec::new() };
    let Some(name) = manifest.get("package").and_then(|package| package.get("name")?.as_str()) else { return Vec::new() };
    let Some(room) = ROOMS.iter().find(|room| room.name == name) else {
        let advice = format!("`{name}` is not in the table of arrows: say in xtask/src/tidy/arrows.rs and ARCHITECTURE.md what it may see");
        return vec![Finding::new(file, 1, advice)];
    };
    dependency_tables(&manifest)
        .into_iter()
        .flat_map(|(kind, dependencies)| dependencies.keys().map(move |seen| (kind, seen)))
        .filter(|(_, seen)| is_ours(seen))
        .filter(|(kind, seen)| !may_see(room, kind, seen))
        .map(|(_, seen)| {
            let advice = format!("`{name}` may not see `{seen}`: {}. Move what is needed to a room both may see", room.why);
            Finding::new(file, line_of(file, seen), advice)
        })
        .collect()
}

fn is_ours(name: &str) -> bool {
    name.starts_with("tenantry") || name == "xtask"
}

fn may_see(room: &Room, kind: &str, seen: &str) -> bool {
    let in_tests = kind == DEPENDENCY_TABLES[1];
    room.sees.contains(&seen) || (in_tests && seen == SEEN_BY_TESTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(manifest: &str) -> Vec<String> {
        check(&Tree::of(&[("crates/x/Cargo.toml", manifest)])).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn a_face_may_not_see_the_store() {
        let found = findings(
            "[package]\nname = \"tenantry-wwwengine\"\n[dependencies]\ntenantry-domain.workspace = true\ntenantry-store.workspace = true\n",
        );
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("crates/x/Cargo.toml:5: `tenantry-wwwengine` may not see `tenantry-store`"), "{}", found[0]);
    }

    #[test]
    fn a_test_dependency_is_an_arrow_too() {
        assert_eq!(findings("[package]\nname = \"tenantry-domain\"\n[dev-dependencies]\ntenantry-store.workspace = true\n").len(), 1);
        assert_eq!(findings("[package]\nname = \"tenantry\"\n[dev-dependencies]\ntenantry-testkit.workspace = true\n").len(), 0);
        assert_eq!(findings("[package]\nname = \"tenantry\"\n[dependencies]\ntenantry-testkit.workspace = true\n").len(), 1);
    }

    #[test]
    fn an_arrow_for_one_system_only_is_an_arrow_too() {
        let found =
            findings("[package]\nname = \"tenantry-domain\"\n[target.'cfg(unix)'.dependencies]\ntenantry-http = { workspace = true }\n");
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn a_new_crate_must_be_drawn() {
        assert!(findings("[package]\nname = \"tenantry-console\"\n")[0].contains("not in the table of arrows"));
    }

    #[test]
    fn the_table_has_no_circle() {
        for (index, room) in ROOMS.iter().enumerate() {
            let below: Vec<&str> = ROOMS[..index].iter().map(|room| room.name).collect();
            assert!(room.sees.iter().all(|seen| below.contains(seen)), "{} sees what stands above it", room.name);
        }
    }
}

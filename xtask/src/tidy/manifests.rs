//! How a crate names its dependencies: versions, features and reasons stand once, in the workspace's `Cargo.toml`.

use toml::{Table, Value};

use super::{
    Finding,
    tree::{File, Tree},
};

/// The tables that hold dependencies, at the top and under each `[target.…]`.
pub(super) const DEPENDENCY_TABLES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.manifests().flat_map(of_manifest).collect()
}

fn of_manifest(file: &File) -> Vec<Finding> {
    let manifest = match file.text().parse::<Table>() {
        Ok(manifest) => manifest,
        Err(error) => return vec![Finding::new(file, 1, format!("this is no TOML: {}", error.message()))],
    };
    let mut found: Vec<Finding> = dependency_tables(&manifest)
        .into_iter()
        .flat_map(|(_, dependencies)| dependencies)
        .filter(|(_, spec)| !says_workspace(spec))
        .map(|(name, _)| {
            let advice = format!("write `{name}.workspace = true`, and its version with a word why into the workspace's Cargo.toml");
            Finding::new(file, line_of(file, name), advice)
        })
        .collect();
    if !manifest.get("lints").is_some_and(says_workspace) {
        found.push(Finding::new(file, 1, "take the workspace's lints: `[lints]` with `workspace = true`"));
    }
    found
}

/// Every table of dependencies in a manifest, with the name of its kind.
pub(super) fn dependency_tables(manifest: &Table) -> Vec<(&'static str, &Table)> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let per_target = targets.into_iter().flat_map(Table::values).filter_map(Value::as_table);
    let places: Vec<&Table> = std::iter::once(manifest).chain(per_target).collect();
    let of_kind = |kind| places.iter().filter_map(move |place| Some((kind, place.get(kind)?.as_table()?)));
    DEPENDENCY_TABLES.into_iter().flat_map(of_kind).collect()
}

fn says_workspace(spec: &Value) -> bool {
    spec.get("workspace").and_then(Value::as_bool) == Some(true)
}

/// The first line that begins with a dependency's name; the manifest's first line when it is written in some other way.
pub(super) fn line_of(file: &File, name: &str) -> usize {
    let names = |line: &str| {
        let rest = line.trim_start().strip_prefix(name)?;
        rest.starts_with(['.', ' ', '=']).then_some(())
    };
    file.lines().find(|(_, line)| names(line).is_some()).map_or(1, |(number, _)| number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(manifest: &str) -> Vec<String> {
        check(&Tree::of(&[("crates/x/Cargo.toml", manifest)])).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn a_version_of_its_own_is_refused() {
        let found = findings("[lints]\nworkspace = true\n[dependencies]\nserde.workspace = true\nuuid = \"1\"\n");
        assert_eq!(found.len(), 1);
        assert!(found[0].starts_with("crates/x/Cargo.toml:5: write `uuid.workspace = true`"), "{}", found[0]);
    }

    #[test]
    fn lints_are_shared() {
        assert!(findings("[package]\nname = \"x\"\n")[0].contains("take the workspace's lints"));
    }

    #[test]
    fn the_workspace_s_own_manifest_is_not_a_member_s() {
        assert!(check(&Tree::of(&[("Cargo.toml", "[workspace]\n")])).is_empty());
    }
}

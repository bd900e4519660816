//! What may not be written, and names that say nothing. Words are put together with `concat!` here so that this file keeps its own rules.

use super::{
    Finding,
    tree::{File, Tree},
};

/// A word that may not stand in a Rust file, tests included, and what to do instead.
const BANNED_IN_RUST: &[(&str, &str)] = &[
    (concat!("todo", "!("), "finish it, or leave it out and open an issue"),
    (concat!("unimplemented", "!("), "finish it, or leave it out and open an issue"),
    (concat!("dbg", "!("), "use `tracing`, or a test's own message"),
    (concat!("#[", "allow("), "say `#[expect(…, reason = \"…\")]`: it complains when the reason is gone"),
    (concat!("#![", "allow("), "say `#![expect(…, reason = \"…\")]`: it complains when the reason is gone"),
];

/// Beginnings of paths that exist on one person's machine only.
const MACHINE_PATHS: &[&str] =
    &[concat!("/", "home/"), concat!("/", "root/"), concat!("/", "Users/"), concat!("/", "work/"), concat!("..", "/shared")];

/// File and folder names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "misc", "common"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files().iter().flat_map(of_file).collect()
}

pub(super) fn check_names(tree: &Tree) -> Vec<Finding> {
    let empty = |file: &&File| file.path().split('/').any(|part| EMPTY_NAMES.contains(&part.split('.').next().unwrap_or_default()));
    tree.files()
        .iter()
        .filter(empty)
        .map(|file| Finding::new(file, 1, "name the file by what it holds; `utils` and its like hold anything"))
        .collect()
}

fn of_file(file: &File) -> Vec<Finding> {
    file.lines().flat_map(|(number, line)| of_line(file, line).into_iter().map(move |advice| Finding::new(file, number, advice))).collect()
}

fn of_line(file: &File, line: &str) -> Vec<String> {
    let mut advice = Vec::new();
    if line.ends_with([' ', '\t', '\r']) {
        advice.push("remove the white space at the end of the line".to_owned());
    }
    if let Some(path) = MACHINE_PATHS.iter().find(|path| names_path(line, path)) {
        advice.push(format!("`{path}…` is there on one machine only: use a path relative to the tree, or a setting"));
    }
    if file.is_rust() {
        let banned = BANNED_IN_RUST.iter().filter(|(word, _)| line.contains(word));
        advice.extend(banned.map(|(word, instead)| format!("`{word}` may not stand here: {instead}")));
    }
    advice
}

/// Whether a path with this beginning stands in the line; `target/work/x` or a URL's path is not one.
fn names_path(line: &str, path: &str) -> bool {
    let at_start = |index: usize| line[..index].chars().next_back().is_none_or(|before| " \t\"'`(=:,<[{".contains(before));
    line.match_indices(path).any(|(index, _)| at_start(index))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice(path: &str, text: &str) -> Vec<String> {
        check(&Tree::of(&[(path, text)])).iter().map(Finding::to_string).collect()
    }

    #[test]
    fn banned_words_are_refused_with_a_way_out() {
        for (word, instead) in BANNED_IN_RUST {
            let found = advice("a/src/x.rs", &format!("fn a() {{}}\n{word}x)]\n"));
            assert_eq!(found.len(), 1, "{word}");
            assert!(found[0].starts_with("a/src/x.rs:2: ") && found[0].ends_with(instead), "{}", found[0]);
        }
    }

    #[test]
    fn documents_may_name_what_source_may_not_contain() {
        assert!(advice("CONTRIBUTING.md", concat!("never `todo", "!()`\n")).is_empty());
    }

    #[test]
    fn machine_paths_are_refused_everywhere() {
        for path in MACHINE_PATHS {
            assert_eq!(advice("docs/x.md", &format!("see `{path}x`\n")).len(), 1, "{path}");
        }
        assert!(advice("docs/x.md", concat!("https://example.org/", "work/x and target/", "work/y\n")).is_empty());
    }

    #[test]
    fn white_space_at_the_end_is_refused() {
        assert_eq!(advice("Makefile", "all: \n\tcargo build\n"), ["Makefile:1: remove the white space at the end of the line"]);
    }

    #[test]
    fn names_that_say_nothing_are_refused() {
        let names = [("a/src/utils.rs", ""), ("a/src/helpers/mod.rs", ""), ("a/src/commons.rs", "")];
        assert_eq!(check_names(&Tree::of(&names)).len(), 2);
    }
}

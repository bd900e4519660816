//! Each folder of source says what lives in it.

use super::{
    Finding,
    tree::{File, Tree},
};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let opens_folder = |file: &&File| matches!(file.name(), "mod.rs" | "lib.rs") && !file.is_test();
    tree.rust_files().filter(opens_folder).filter_map(of_file).collect()
}

fn of_file(file: &File) -> Option<Finding> {
    let opening = file.text().lines().next().unwrap_or_default();
    let says_something = opening.strip_prefix("//! ").is_some_and(|sentence| sentence.split_whitespace().count() >= 4);
    let advice = "begin with a sentence behind `//!` that says what lives here, and what may not";
    (!says_something).then(|| Finding::new(file, 1, advice))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_a_sentence_is_refused() {
        let bad = [("a/src/x/mod.rs", "mod y;\n"), ("a/src/lib.rs", "//! Being built.\n"), ("a/src/z/mod.rs", "")];
        assert_eq!(check(&Tree::of(&bad)).len(), 3);
        assert!(
            check(&Tree::of(&[
                ("a/src/lib.rs", "//! The rules; nothing here does I/O.\n"),
                ("a/src/y.rs", "fn y() {}\n"),
                ("a/tests/it/user/mod.rs", "mod edit;\n")
            ]))
            .is_empty()
        );
    }
}

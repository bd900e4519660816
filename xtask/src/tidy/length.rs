//! How long a file may be. Functions are clippy's: `too_many_lines`.

use super::{
    Finding,
    tree::{File, Tree},
};

/// A source file without its tests: what a reader takes in at one sitting. Most should stay under 350.
const SOURCE_LINES: usize = 500;

/// A file of tests: tables of cases are long without being deep.
const TEST_LINES: usize = 800;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust_files().filter_map(of_file).collect()
}

fn of_file(file: &File) -> Option<Finding> {
    let limit = if file.is_test() { TEST_LINES } else { SOURCE_LINES };
    let lines = if file.is_test() { file.lines().count() } else { file.shipped_lines().count() };
    let advice = || format!("{lines} lines, {limit} are allowed: split it by operation, one file each, named by its verb");
    (lines > limit).then(|| Finding::new(file, limit, advice()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, text: &str) -> usize {
        check(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn a_long_file_is_refused_and_its_tests_are_not_counted() {
        let long = "fn a() {}\n".repeat(501);
        let tested = format!("{}#[cfg(test)]\nmod tests {{\n{}}}\n", "fn a() {}\n".repeat(500), "fn t() {}\n".repeat(400));
        assert_eq!(found("crates/a/src/x.rs", &long), 1);
        assert_eq!(found("crates/a/src/x.rs", &tested), 0);
    }

    #[test]
    fn a_file_of_tests_may_be_longer_but_not_endless() {
        assert_eq!(found("crates/a/tests/x.rs", &"fn t() {}\n".repeat(800)), 0);
        assert_eq!(found("crates/a/tests/x.rs", &"fn t() {}\n".repeat(801)), 1);
    }
}

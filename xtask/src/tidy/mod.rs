//! The house rules that neither rustfmt nor clippy can check, one file a rule. A rule belongs here only when it can say what to do
//! instead; taste that cannot be put into such a sentence stays in CONTRIBUTING.md.

use std::fmt;

use tree::{File, Tree};

mod arrows;
mod length;
mod manifests;
mod openings;
mod sql;
pub(crate) mod tree;
mod words;

/// One breach of a house rule, and the way out of it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    line: usize,
    advice: String,
}

impl Finding {
    /// `line` counts from 1, as editors do.
    fn new(file: &File, line: usize, advice: impl Into<String>) -> Self {
        Self { path: file.path().to_owned(), line, advice: advice.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.advice)
    }
}

/// A rule looks at the whole tree, so that it can compare files with one another.
type Check = fn(&Tree) -> Vec<Finding>;

/// Every rule there is.
pub(crate) const CHECKS: &[Check] =
    &[arrows::check, manifests::check, length::check, openings::check, words::check, words::check_names, sql::check];

/// All findings, in the order of the files.
pub(crate) fn findings(tree: &Tree) -> Vec<Finding> {
    let mut all: Vec<Finding> = CHECKS.iter().flat_map(|check| check(tree)).collect();
    all.sort();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `cargo test` alone must not pass on an untidy tree.
    #[test]
    fn this_tree_is_tidy() {
        let tree = Tree::of_workspace().expect("the workspace can be read");
        assert!(tree.files().len() > 50, "the walk went astray: {} files", tree.files().len());
        let found: Vec<String> = findings(&tree).iter().map(Finding::to_string).collect();
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}

//! JSON, read with care: bounded in depth and in number of values, every name once, nothing lost between two readings.

mod fault;
mod read;

pub use fault::{JsonFault, JsonFaultKind};
pub use read::{MAX_DEPTH, MAX_VALUES, read};

/// A JSON value with its members in the order and under the names in which they were written.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the variants are JSON's own")]
pub enum Tree {
    Null,
    Bool(bool),
    Number(serde_json::Number),
    Text(String),
    List(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl From<Tree> for serde_json::Value {
    fn from(tree: Tree) -> Self {
        match tree {
            Tree::Null => Self::Null,
            Tree::Bool(on) => on.into(),
            Tree::Number(number) => number.into(),
            Tree::Text(text) => text.into(),
            Tree::List(items) => items.into_iter().map(Self::from).collect(),
            Tree::Object(members) => members.into_iter().map(|(name, value)| (name, Self::from(value))).collect(),
        }
    }
}

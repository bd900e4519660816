//! The reader: serde_json's tokens, our limits.

use std::cell::Cell;
use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_path_to_error::Segment;

use super::{JsonFault, JsonFaultKind, Tree};

/// Objects and lists within each other: a record needs five; thirty-two leave room and keep recursion shallow.
pub const MAX_DEPTH: usize = 32;
/// Values in one text: a record with every list full has some hundreds.
pub const MAX_VALUES: usize = 4096;
/// The longest path that a fault names: names are the client's, and may be as long as the body.
const MAX_PATH_CHARACTERS: usize = 200;
/// Members from which on an object's names are looked up in a set instead of compared one by one.
const FEW_MEMBERS: usize = 16;

/// Reads a text. White space around it and a byte order mark before it are tolerated.
///
/// # Errors
/// The fault, with the field in which it lies.
pub fn read(text: &[u8]) -> Result<Tree, JsonFault> {
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    if text.trim_ascii().is_empty() {
        let message = "the body is empty".to_owned();
        return Err(JsonFault { path: String::new(), line: 1, column: 1, message, kind: JsonFaultKind::Syntax });
    }
    let counted = Counted::default();
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let seed = Seed { counted: &counted, depth: 0, named_twice: false };
    match seed.deserialize(&mut deserializer).and_then(|tree| deserializer.end().map(|()| tree)) {
        Ok(tree) => Ok(tree),
        Err(error) => Err(fault(text, &error, &counted)),
    }
}

/// Reads once more, slower, for the path: only what is refused pays for it.
fn fault(text: &[u8], error: &serde_json::Error, counted: &Counted) -> JsonFault {
    let again = Counted::default();
    let mut track = serde_path_to_error::Track::new();
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let tracked = serde_path_to_error::Deserializer::new(&mut deserializer, &mut track);
    let read = Seed { counted: &again, depth: 0, named_twice: false }.deserialize(tracked);
    let path = if read.is_err() { written(&track.path()) } else { String::new() };
    let whole = error.to_string();
    JsonFault {
        path,
        line: error.line(),
        column: error.column(),
        message: if error.is_eof() {
            "the body ends before its value is whole".to_owned()
        } else {
            whole.split(" at line ").next().unwrap_or_default().to_owned()
        },
        kind: counted.fault.get().unwrap_or(JsonFaultKind::Syntax),
    }
}

/// A path as a fault has it: nothing at the top, and not longer than a reader reads. Where a name itself is at fault, what is around it is named.
fn written(path: &serde_path_to_error::Path) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => text.push_str(&format!("[{index}]")),
            Segment::Map { key } => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    if let Some((end, _)) = text.char_indices().nth(MAX_PATH_CHARACTERS) {
        text.truncate(end);
        text.push('…');
    }
    text
}

/// What is counted over the whole text.
#[derive(Default)]
struct Counted {
    values: Cell<usize>,
    fault: Cell<Option<JsonFaultKind>>,
}

impl Counted {
    fn refuse<E: Error>(&self, kind: JsonFaultKind, message: impl fmt::Display) -> E {
        self.fault.set(Some(kind));
        E::custom(message)
    }
}

#[derive(Clone, Copy)]
struct Seed<'a> {
    counted: &'a Counted,
    depth: usize,
    /// The value's name stands twice: refused here, within the value, so that the fault has the name in its path.
    named_twice: bool,
}

impl<'a> Seed<'a> {
    fn below<E: Error>(self) -> Result<Seed<'a>, E> {
        if self.depth >= MAX_DEPTH {
            let message = format!("objects and lists are nested more than {MAX_DEPTH} deep; send a flatter body");
            return Err(self.counted.refuse(JsonFaultKind::TooDeep, message));
        }
        Ok(Seed { depth: self.depth + 1, ..self })
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Tree;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        if self.named_twice {
            return Err(self.counted.refuse(JsonFaultKind::Duplicate, "this name stands twice in one object; send it once"));
        }
        let values = self.counted.values.get() + 1;
        self.counted.values.set(values);
        if values > MAX_VALUES {
            return Err(self.counted.refuse(JsonFaultKind::TooMany, format!("there are more than {MAX_VALUES} values; send fewer")));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, on: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(on))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Tree, E> {
        Ok(Tree::Number(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Tree, E> {
        Ok(Tree::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Tree, E> {
        serde_json::Number::from_f64(number).map(Tree::Number).ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Tree, E> {
        Ok(Tree::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let below = self.below()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(below)? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Tree, A::Error> {
        let below = self.below()?;
        let mut object: Vec<(String, Tree)> = Vec::new();
        let mut names = HashSet::new();
        while let Some(name) = members.next_key::<String>()? {
            let twice = if object.len() < FEW_MEMBERS {
                object.iter().any(|(earlier, _)| *earlier == name)
            } else {
                if names.is_empty() {
                    names.extend(object.iter().map(|(earlier, _)| earlier.clone()));
                }
                !names.insert(name.clone())
            };
            object.push((name, members.next_value_seed(Seed { named_twice: twice, ..below })?));
        }
        Ok(Tree::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused(text: &str) -> (JsonFaultKind, String) {
        let fault = read(text.as_bytes()).unwrap_err();
        (fault.kind, fault.path)
    }

    #[test]
    fn faults_name_the_field() {
        assert_eq!(refused(""), (JsonFaultKind::Syntax, String::new()));
        assert_eq!(refused(r#"{"a":{"b":["x","\ud800"]}}"#), (JsonFaultKind::Syntax, "a.b[1]".into()));
        assert_eq!(refused(r#"{"a":{"b":1,"b":2}}"#), (JsonFaultKind::Duplicate, "a.b".into()));
        assert_eq!(refused(r#"{"a":{"b":1,"\u0062":2}}"#).0, JsonFaultKind::Duplicate);
        assert_eq!(refused("{} {}").0, JsonFaultKind::Syntax);
        assert_eq!(refused("{\"a\":\"\u{1}\"}"), (JsonFaultKind::Syntax, "a".into()));
        assert_eq!(refused(r#"{"a":1e999}"#), (JsonFaultKind::Syntax, "a".into()));
        let many: Vec<String> = (0..20).map(|n| format!("\"n{n}\":1")).collect();
        assert_eq!(refused(&format!("{{{},\"n3\":1}}", many.join(","))).0, JsonFaultKind::Duplicate);
    }

    #[test]
    fn bombs_are_refused() {
        assert_eq!(refused(&"[".repeat(1_000_000)).0, JsonFaultKind::TooDeep);
        assert_eq!(refused(&"{\"a\":".repeat(10_000)).0, JsonFaultKind::TooDeep);
        assert_eq!(refused(&format!("[{}1]", "1,".repeat(MAX_VALUES))).0, JsonFaultKind::TooMany);
        let deepest = format!("{}{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH));
        assert!(read(deepest.as_bytes()).is_ok());
    }

    #[test]
    fn a_fault_never_holds_a_value() {
        let fault = read(br#"{"password":"hunter2hunter2","x":nope}"#).unwrap_err();
        assert!(!fault.to_string().contains("hunter2"), "{fault}");
    }

    #[test]
    fn order_and_spelling_are_kept() {
        let tree = read(b"\xEF\xBB\xBF \n{\"b\":1,\"A\":[true,null,-1,1.5,\"\\u00fc\"]}").unwrap();
        let list = vec![
            Tree::Bool(true),
            Tree::Null,
            Tree::Number((-1).into()),
            Tree::Number(serde_json::Number::from_f64(1.5).unwrap()),
            Tree::Text("ü".into()),
        ];
        assert_eq!(tree, Tree::Object(vec![("b".into(), Tree::Number(1.into())), ("A".into(), Tree::List(list))]));
    }

    #[test]
    fn a_path_is_not_as_long_as_the_body() {
        let path = refused(&format!("{{\"{}\":nope}}", "ü".repeat(100_000))).1;
        assert_eq!(path.chars().count(), MAX_PATH_CHARACTERS + 1);
    }

    #[test]
    fn faults_between_fields_name_what_is_around_them() {
        for (text, path) in [
            (r#"{"a":{"b":1,}}"#, "a"),
            (r#"{"a":[1,2"#, "a"),
            (r#"{"a":{1:2}}"#, "a"),
            (r#"{"a":{"b" 1}}"#, "a"),
            ("[[1 2]]", "[0]"),
            ("{", ""),
        ] {
            assert_eq!(refused(text), (JsonFaultKind::Syntax, path.to_owned()), "{text}");
        }
    }

    fn any_value() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<u64>().prop_map(Into::into),
            // Without the feature float_roundtrip the last bit of a long fraction may differ.
            any::<i32>().prop_map(|n| (f64::from(n) / 8.0).into()),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(8, 200, 12, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..12).prop_map(Into::into),
                proptest::collection::btree_map(any::<String>(), inner, 0..24).prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(value in any_value()) {
            prop_assert_eq!(serde_json::Value::from(read(value.to_string().as_bytes()).unwrap()), value);
        }

        #[test]
        fn any_octets_are_read_or_refused(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let ours = read(&octets).is_ok();
            let theirs = serde_json::from_slice::<serde_json::Value>(octets.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&octets)).is_ok();
            prop_assert!(!ours || theirs);
        }
    }
}

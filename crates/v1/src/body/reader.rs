//! Reading a body field by field. Each field is read by a call that also describes it, so that the schema which is published is what is read.

use serde_json::{Map, Value, json};
use tenantry_domain::{Code, Fault, Invalid, Patch, Refusal, Timestamp};
use tenantry_http::json::Tree;

use super::field::Text;
use super::nearest::nearest;

/// Faults that are told at most: more than there are fields, and few enough that an answer stays smaller than its body may be.
pub(crate) const TOLD_MAX: usize = 200;
/// What is told of an unknown member's name at most, in characters.
const NAME_MAX_CHARS: usize = 64;

/// Whether a body makes a record or changes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// What is absent is not set.
    Create,
    /// What is absent stays; `null` empties (RFC 7396).
    Change,
}

/// An object on the way.
pub(crate) struct Reader {
    mode: Mode,
    now: Timestamp,
    /// Where the object stands: empty, or with a dot at its end.
    within: String,
    members: Vec<(String, Option<Tree>)>,
    /// The whole object is to be emptied.
    emptied: bool,
    faults: Vec<Fault>,
    /// The fields that there are, in order, with their schemas where somebody wants them.
    known: Vec<&'static str>,
    described: Option<Map<String, Value>>,
    required: Vec<&'static str>,
}

impl Reader {
    /// Reads the members of a body that was sent at this time.
    pub(crate) fn new(mode: Mode, now: Timestamp, members: Vec<(String, Tree)>) -> Self {
        Self::within(mode, now, String::new(), members, false)
    }

    /// Reads nothing, and describes what would be read.
    pub(crate) fn describing(mode: Mode) -> Self {
        Self { described: Some(Map::new()), ..Self::new(mode, Timestamp::from_micros(0), Vec::new()) }
    }

    fn within(mode: Mode, now: Timestamp, within: String, members: Vec<(String, Tree)>, emptied: bool) -> Self {
        let members = members.into_iter().map(|(name, value)| (name, Some(value))).collect();
        Self { mode, now, within, members, emptied, faults: Vec::new(), known: Vec::new(), described: None, required: Vec::new() }
    }

    /// Whether a record is made.
    pub(crate) fn creates(&self) -> bool {
        self.mode == Mode::Create
    }

    /// A text.
    pub(crate) fn text<T: Text>(&mut self, name: &'static str, about: &str) -> Patch<T> {
        self.describe(name, about, T::schema);
        match self.take(name) {
            None => Patch::Keep,
            Some(Tree::Null) => Patch::Clear,
            Some(Tree::Text(text)) => self.parsed(name, T::parse(text, self.now)),
            Some(_) => self.wrong_type(name, "a text"),
        }
    }

    /// A list of texts.
    pub(crate) fn texts<T: Text>(&mut self, name: &'static str, most: usize, about: &str) -> Patch<Vec<T>> {
        self.describe(name, about, || json!({ "type": "array", "items": T::schema(), "maxItems": most }));
        let items = match self.take(name) {
            None => return Patch::Keep,
            Some(Tree::Null) => return Patch::Clear,
            Some(Tree::List(items)) => items,
            Some(_) => return self.wrong_type(name, "a list of texts"),
        };
        if items.len() > most {
            self.fault(name, Invalid::too_long(format!("there are at most {most} of these")));
            return Patch::Keep;
        }
        let mut read = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            let place = format!("{name}[{index}]");
            match item {
                Tree::Text(text) => match T::parse(text, self.now) {
                    Ok(value) => read.push(value),
                    Err(invalid) => self.fault(&place, invalid),
                },
                _ => self.tell_wrong_type(&place, "a text"),
            }
        }
        Patch::Set(read)
    }

    /// A switch.
    pub(crate) fn switch(&mut self, name: &'static str, about: &str) -> Patch<bool> {
        self.describe(name, about, || json!({ "type": "boolean" }));
        match self.take(name) {
            None => Patch::Keep,
            Some(Tree::Null) => Patch::Clear,
            Some(Tree::Bool(on)) => Patch::Set(on),
            Some(_) => self.wrong_type(name, "true or false"),
        }
    }

    /// A whole number of these bounds, which may become something else.
    pub(crate) fn integer<T>(
        &mut self,
        name: &'static str,
        (least, most): (i64, i64),
        about: &str,
        parse: impl FnOnce(i64) -> Result<T, Invalid>,
    ) -> Patch<T> {
        self.describe(name, about, || json!({ "type": "integer", "format": "int64", "minimum": least, "maximum": most }));
        match self.take(name) {
            None => Patch::Keep,
            Some(Tree::Null) => Patch::Clear,
            Some(Tree::Number(number)) => match number.as_i64().filter(|number| (least..=most).contains(number)) {
                Some(number) => self.parsed(name, parse(number)),
                None => self.parsed(name, Err(Invalid::new(format!("this is a whole number from {least} to {most}")))),
            },
            Some(_) => self.wrong_type(name, "a whole number"),
        }
    }

    /// One of some words.
    pub(crate) fn word<T: Copy>(&mut self, name: &'static str, words: &[(&'static str, T)], about: &str) -> Patch<T> {
        let all: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        self.describe(name, about, || json!({ "type": "string", "enum": all }));
        match self.take(name) {
            None => Patch::Keep,
            Some(Tree::Null) => Patch::Clear,
            Some(Tree::Text(text)) => match words.iter().find(|(word, _)| *word == text) {
                Some((_, value)) => Patch::Set(*value),
                None => self.parsed(name, Err(Invalid::new(format!("this is one of {}", all.join(", "))))),
            },
            Some(_) => self.wrong_type(name, "a text"),
        }
    }

    /// Any value, of a shape that is described beside it.
    pub(crate) fn value<T>(
        &mut self,
        name: &'static str,
        schema: impl FnOnce() -> Value,
        about: &str,
        parse: impl FnOnce(Value) -> Result<T, Invalid>,
    ) -> Patch<T> {
        self.describe(name, about, schema);
        match self.take(name) {
            None => Patch::Keep,
            Some(Tree::Null) => Patch::Clear,
            Some(tree) => self.parsed(name, parse(tree.into())),
        }
    }

    /// An object. `null` empties each of its fields.
    pub(crate) fn group<T>(&mut self, name: &'static str, about: &str, read: impl Fn(&mut Self) -> T) -> T {
        self.describe_group(name, about, &read);
        let (members, emptied) = match self.take(name) {
            None => (Vec::new(), false),
            Some(Tree::Null) => (Vec::new(), true),
            Some(Tree::Object(members)) => (members, false),
            Some(_) => {
                self.tell_wrong_type(name, "an object");
                (Vec::new(), false)
            }
        };
        let mut within = Self::within(self.mode, self.now, [&self.within, name, "."].concat(), members, emptied);
        let value = read(&mut within);
        self.faults.extend(within.finish());
        value
    }

    /// A list of objects, each of which is made anew.
    pub(crate) fn groups<T>(&mut self, name: &'static str, most: usize, about: &str, read: impl Fn(&mut Self) -> T) -> Patch<Vec<T>> {
        self.describe(name, about, || json!({ "type": "array", "items": described(Mode::Create, &read), "maxItems": most }));
        let items = match self.take(name) {
            None => return Patch::Keep,
            Some(Tree::Null) => return Patch::Clear,
            Some(Tree::List(items)) => items,
            Some(_) => return self.wrong_type(name, "a list of objects"),
        };
        if items.len() > most {
            self.fault(name, Invalid::too_long(format!("there are at most {most} of these")));
            return Patch::Keep;
        }
        let mut values = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            let place = format!("{name}[{index}]");
            let Tree::Object(members) = item else {
                self.tell_wrong_type(&place, "an object");
                continue;
            };
            let mut within = Self::within(Mode::Create, self.now, [&self.within, &place, "."].concat(), members, false);
            values.push(read(&mut within));
            self.faults.extend(within.finish());
        }
        Patch::Set(values)
    }

    /// A field that has to be there when a record is made, and that no change can empty.
    pub(crate) fn required<T>(&mut self, name: &'static str, read: Patch<T>) -> Option<T> {
        self.required.push(name);
        let told = self.faults.iter().any(|fault| fault.field.strip_prefix(&self.within) == Some(name));
        match read {
            Patch::Set(value) => Some(value),
            Patch::Keep if told || !self.creates() || self.described.is_some() => None,
            Patch::Keep => {
                self.fault(name, Invalid::required("this field is required"));
                None
            }
            Patch::Clear => {
                self.fault(name, Invalid::required("this field cannot be emptied"));
                None
            }
        }
    }

    /// Fields that records have and that no body sets, with what to do instead.
    pub(crate) fn read_only(&mut self, fields: &[(&'static str, &str)]) {
        for (name, instead) in fields {
            if self.take(name).is_some() {
                self.push(Fault::new([&self.within, *name].concat(), Code::ReadOnly, format!("this field cannot be set here{instead}")));
            }
        }
    }

    /// Whether anything is wrong so far.
    pub(crate) fn is_faulty(&self) -> bool {
        !self.faults.is_empty()
    }

    /// Whether it is only described what would be read.
    pub(crate) fn describes(&self) -> bool {
        self.described.is_some()
    }

    /// Tells a fault of a field.
    pub(crate) fn fault(&mut self, name: &str, invalid: Invalid) {
        let field = [&self.within, name].concat();
        self.push(invalid.at(field));
    }

    /// What was read, when nothing is wrong.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub(crate) fn finished<T>(self, read: Option<T>) -> Result<T, Refusal> {
        let faults = self.finish();
        match read {
            Some(read) if faults.is_empty() => Ok(read),
            _ => Err(Refusal { code: Code::Invalid, ..Refusal::faulty(faults) }),
        }
    }

    /// What is wrong: with the fields that were read, and with those that nobody knows.
    pub(crate) fn finish(mut self) -> Vec<Fault> {
        let unknown: Vec<String> = self.members.iter().filter(|(_, value)| value.is_some()).map(|(name, _)| name.clone()).collect();
        for name in unknown {
            let (cut, more) = name.char_indices().nth(NAME_MAX_CHARS).map_or((&*name, ""), |(end, _)| (&name[..end], "…"));
            let meant = nearest(&name, &self.known).map(|near| format!("; is {near} meant?")).unwrap_or_default();
            self.push(Fault::new([&self.within, cut, more].concat(), Code::UnknownField, format!("there is no such field{meant}")));
        }
        self.faults
    }

    fn take(&mut self, name: &str) -> Option<Tree> {
        if self.emptied {
            return Some(Tree::Null);
        }
        self.members.iter_mut().find(|(member, _)| member == name)?.1.take()
    }

    fn parsed<T>(&mut self, name: &str, parsed: Result<T, Invalid>) -> Patch<T> {
        match parsed {
            Ok(value) => Patch::Set(value),
            Err(invalid) => {
                self.fault(name, invalid);
                Patch::Keep
            }
        }
    }

    fn wrong_type<T>(&mut self, name: &str, wanted: &str) -> Patch<T> {
        self.tell_wrong_type(name, wanted);
        Patch::Keep
    }

    fn tell_wrong_type(&mut self, name: &str, wanted: &str) {
        self.push(Fault::new([&self.within, name].concat(), Code::WrongType, format!("this must be {wanted}")));
    }

    fn push(&mut self, fault: Fault) {
        if self.faults.len() < TOLD_MAX {
            self.faults.push(fault);
        }
    }

    fn describe(&mut self, name: &'static str, about: &str, schema: impl FnOnce() -> Value) {
        self.known.push(name);
        if let Some(described) = &mut self.described {
            let mut schema = schema();
            if self.mode == Mode::Change {
                or_null(&mut schema);
            }
            schema["description"] = about.into();
            described.insert(name.to_owned(), schema);
        }
    }

    fn describe_group<T>(&mut self, name: &'static str, about: &str, read: &impl Fn(&mut Self) -> T) {
        let mode = self.mode;
        self.describe(name, about, || described(mode, read));
    }
}

/// The schema of what a function reads.
pub(crate) fn described<T>(mode: Mode, read: impl Fn(&mut Reader) -> T) -> Value {
    let mut reader = Reader::describing(mode);
    read(&mut reader);
    let mut schema = json!({ "type": "object", "properties": reader.described, "additionalProperties": false });
    if mode == Mode::Create && !reader.required.is_empty() {
        schema["required"] = json!(reader.required);
    }
    schema
}

/// Lets a schema's value be null, too.
fn or_null(schema: &mut Value) {
    match schema.get_mut("type") {
        Some(Value::Array(types)) => types.push("null".into()),
        Some(one) => *one = json!([one, "null"]),
        None => {}
    }
    if let Some(words) = schema.get_mut("enum").and_then(Value::as_array_mut) {
        words.push(Value::Null);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_emptied_may_be_null() {
        let read = |reader: &mut Reader| {
            let _text: Patch<tenantry_domain::value::Name> = reader.text("text", "");
            let _any = reader.value("any", || json!({ "type": ["object", "array"] }), "", Ok);
            reader.word("word", &[("a", 1)], "")
        };
        let types = |mode| ["text", "any", "word"].map(|name| described(mode, read)["properties"][name]["type"].clone());
        assert_eq!(types(Mode::Create), [json!("string"), json!(["object", "array"]), json!("string")]);
        assert_eq!(types(Mode::Change), [json!(["string", "null"]), json!(["object", "array", "null"]), json!(["string", "null"])]);
    }
}

//! Walking through a body: members are found without regard to case, dashes and underscores (the documents mix them); what is faulty and what is
//! unknown is collected on the way.

use tenantry_domain::{Code, Fault, Invalid, Patch};
use tenantry_http::json::Tree;

use super::Mode;

/// What is collected on the way.
pub(super) struct Walk {
    pub(super) mode: Mode,
    pub(super) faults: Vec<Fault>,
    /// Paths of members that nothing reads: clients of this dialect send extra fields.
    pub(super) ignored: Vec<String>,
    pub(super) paths: Paths,
}

/// Where the fields of the domain stand in the body that was read.
#[derive(Default)]
pub(crate) struct Paths(Vec<(&'static str, String)>);

impl Paths {
    /// Gives the faults that the domain found the paths that the client wrote, or else the documents'.
    pub(crate) fn translate(&self, mut faults: Vec<Fault>) -> Vec<Fault> {
        for fault in &mut faults {
            let written = self.0.iter().find(|(name, _)| *name == fault.field).map(|(_, path)| path.as_str());
            fault.field = written.unwrap_or_else(|| documented(&fault.field)).to_owned();
        }
        faults
    }
}

/// Where the documents put a field of the domain.
fn documented(field: &str) -> &str {
    match field {
        "parent_id" => "parentID",
        "kind" => "type",
        "name_servers.mode" => "nameServerType",
        "name_servers.hosts" => "nameServers",
        "name_servers.add" => "addNameServers",
        "name_servers.remove" => "removeNameServers",
        other => other,
    }
}

/// A JSON object on the way; empty where the body has none.
pub(super) struct Object {
    path: String,
    members: Vec<Member>,
}

struct Member {
    name: String,
    folded: String,
    value: Option<Tree>,
}

/// A place where a value may stand.
pub(super) struct Slot {
    pub(super) path: String,
    pub(super) value: Option<Tree>,
}

impl Walk {
    pub(super) fn new(mode: Mode) -> Self {
        Self { mode, faults: Vec::new(), ignored: Vec::new(), paths: Paths::default() }
    }

    pub(super) fn fault(&mut self, path: &str, invalid: Invalid) {
        self.faults.push(invalid.at(path));
    }

    pub(super) fn wrong_type(&mut self, path: &str, wanted: &str) {
        self.faults.push(Fault::new(path, Code::WrongType, format!("this is {wanted}")));
    }

    /// Notes where a field of the domain stands.
    pub(super) fn at(&mut self, field: &'static str, slot: Slot) -> Slot {
        self.paths.0.push((field, slot.path.clone()));
        slot
    }

    /// A text that an added record must have and that no edit can empty.
    pub(super) fn required<T>(&mut self, slot: Slot, parse: impl FnOnce(String) -> Result<T, Invalid>) -> Patch<T> {
        match slot.value {
            None if self.mode == Mode::Edit => Patch::Keep,
            None => {
                self.fault(&slot.path, Invalid::required("this field is required"));
                Patch::Keep
            }
            Some(Tree::Null) => {
                self.fault(&slot.path, Invalid::required("this field cannot be emptied"));
                Patch::Keep
            }
            Some(value) => self.text(&slot.path, value, parse),
        }
    }

    /// A text that may be absent or empty.
    pub(super) fn optional<T>(&mut self, slot: Slot, parse: impl FnOnce(String) -> Result<T, Invalid>) -> Patch<T> {
        match slot.value {
            None => Patch::Keep,
            Some(Tree::Null) => Patch::Clear,
            Some(Tree::Text(text)) if text.is_empty() => Patch::Clear,
            Some(value) => self.text(&slot.path, value, parse),
        }
    }

    fn text<T>(&mut self, path: &str, value: Tree, parse: impl FnOnce(String) -> Result<T, Invalid>) -> Patch<T> {
        let text = match value {
            Tree::Text(text) => text,
            // Clients in loosely typed languages send codes and PINs as numbers.
            Tree::Number(number) if number.is_u64() => number.to_string(),
            _ => {
                self.wrong_type(path, "a text");
                return Patch::Keep;
            }
        };
        match parse(text) {
            Ok(value) => Patch::Set(value),
            Err(invalid) => {
                self.fault(path, invalid);
                Patch::Keep
            }
        }
    }

    /// A switch: 0 or 1, as number or text, or a boolean.
    pub(super) fn switch(&mut self, slot: &Slot) -> Patch<bool> {
        match &slot.value {
            None => Patch::Keep,
            Some(Tree::Null) => Patch::Clear,
            Some(Tree::Text(text)) if text.is_empty() => Patch::Clear,
            Some(Tree::Bool(on)) => Patch::Set(*on),
            Some(Tree::Text(text)) if text == "0" || text == "1" => Patch::Set(text == "1"),
            Some(Tree::Number(number)) if matches!(number.as_u64(), Some(0 | 1)) => Patch::Set(number.as_u64() == Some(1)),
            Some(Tree::Text(_) | Tree::Number(_)) => {
                self.fault(&slot.path, Invalid::new("this is 0 or 1"));
                Patch::Keep
            }
            Some(Tree::List(_) | Tree::Object(_)) => {
                self.wrong_type(&slot.path, "0 or 1");
                Patch::Keep
            }
        }
    }
}

impl Object {
    /// The object at the top of a body.
    pub(super) fn top(members: Vec<(String, Tree)>, walk: &mut Walk) -> Self {
        Self::new(String::new(), members, walk)
    }

    fn new(path: String, members: Vec<(String, Tree)>, walk: &mut Walk) -> Self {
        let mut object = Self { path, members: Vec::with_capacity(members.len()) };
        for (name, value) in members {
            let folded = fold(&name);
            if object.members.iter().any(|earlier| earlier.folded == folded) {
                let path = object.path_of(&name);
                walk.fault(&path, Invalid::new("this field stands twice, spelled differently"));
                continue;
            }
            object.members.push(Member { name, folded, value: Some(value) });
        }
        object
    }

    /// An object in a list.
    pub(super) fn item(path: String, members: Vec<(String, Tree)>, walk: &mut Walk) -> Self {
        Self::new(path, members, walk)
    }

    /// The place of a member under any of its names; the first is the documents', for messages when it is absent.
    pub(super) fn slot(&mut self, names: &[&str]) -> Slot {
        for name in names {
            let folded = fold(name);
            if let Some(member) = self.members.iter_mut().find(|member| member.folded == folded && member.value.is_some()) {
                let value = member.value.take();
                let name = member.name.clone();
                return Slot { path: self.path_of(&name), value };
            }
        }
        Slot { path: self.path_of(names.first().copied().unwrap_or_default()), value: None }
    }

    /// A member that is an object. Absent and null are an empty one, so that every required member below it is named.
    pub(super) fn object(&mut self, names: &[&str], walk: &mut Walk) -> Self {
        let slot = self.slot(names);
        match slot.value {
            Some(Tree::Object(members)) => Self::new(slot.path, members, walk),
            None | Some(Tree::Null) => Self { path: slot.path, members: Vec::new() },
            // PHP writes an empty array for an object without members.
            Some(Tree::List(items)) if items.is_empty() => Self { path: slot.path, members: Vec::new() },
            Some(_) => {
                walk.wrong_type(&slot.path, "an object");
                Self { path: slot.path, members: Vec::new() }
            }
        }
    }

    /// Whether a member is there and null: the whole group is to be emptied.
    pub(super) fn is_null(&self, name: &str) -> bool {
        let folded = fold(name);
        self.members.iter().any(|member| member.folded == folded && member.value == Some(Tree::Null))
    }

    /// Whether any of its members was taken.
    pub(super) fn took_something(&self) -> bool {
        self.members.iter().any(|member| member.value.is_none())
    }

    /// Names what nobody took.
    pub(super) fn finish(self, walk: &mut Walk) {
        for member in self.members.iter().filter(|member| member.value.is_some()) {
            walk.ignored.push(self.path_of(&member.name));
        }
    }

    fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { [&self.path, ".", name].concat() }
    }
}

/// The form in which names are compared.
pub(super) fn fold(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).flat_map(char::to_lowercase).collect()
}

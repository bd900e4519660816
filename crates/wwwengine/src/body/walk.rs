//! Walking through a body: members are found without regard to case, dashes and underscores (the documents mix them); what is faulty and what is
//! unknown is collected on the way.

use std::borrow::Cow;
use std::rc::Rc;

use tenantry_domain::{Code, Fault, Invalid, Patch};
use tenantry_http::json::Tree;

use super::Mode;

/// Characters that make no difference in a name.
const PASSED_OVER: [char; 3] = ['-', '_', ' '];

/// Faults and unknown members that are told at most: more than there are fields, and few enough that an answer stays smaller than its body may be.
const TOLD_MAX: usize = 200;
/// What is told of a member's name at most, in characters: no name of the documents' has more than a third of it.
const NAME_MAX_CHARS: usize = 64;

/// What is collected on the way.
pub(super) struct Walk {
    pub(super) mode: Mode,
    pub(super) faults: Vec<Fault>,
    /// Paths of members that nothing reads: clients of this dialect send extra fields.
    pub(super) ignored: Vec<String>,
    /// Some member was read, a group's own members aside.
    pub(super) names_something: bool,
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
    path: Rc<str>,
    members: Vec<Member>,
}

struct Member {
    name: String,
    folded: String,
    value: Option<Tree>,
    /// It was taken as a group, which says nothing by itself.
    is_group: bool,
}

/// A place where a value may stand.
pub(super) struct Slot {
    /// The object's path. The place's own path is put together when somebody asks: most places of an edit are empty, and nobody does.
    within: Rc<str>,
    name: Cow<'static, str>,
    pub(super) value: Option<Tree>,
}

impl Slot {
    /// The path as the client wrote it, or the documents' where nothing stands.
    pub(super) fn path(&self) -> String {
        joined(&self.within, &self.name)
    }

    /// The place of an item of the list that stood here.
    pub(super) fn item(&self, index: usize, value: Tree) -> Self {
        Self { within: Rc::clone(&self.within), name: format!("{}[{index}]", self.name).into(), value: Some(value) }
    }

    /// The path of an item of the list that stood here.
    pub(super) fn item_path(&self, index: usize) -> String {
        format!("{}[{index}]", self.path())
    }
}

impl Walk {
    pub(super) fn new(mode: Mode) -> Self {
        Self { mode, faults: Vec::new(), ignored: Vec::new(), names_something: false, paths: Paths::default() }
    }

    pub(super) fn push(&mut self, fault: Fault) {
        if self.faults.len() < TOLD_MAX {
            self.faults.push(fault);
        }
    }

    pub(super) fn fault(&mut self, path: &str, invalid: Invalid) {
        self.push(invalid.at(path));
    }

    pub(super) fn wrong_type(&mut self, path: &str, wanted: &str) {
        self.push(Fault::new(path, Code::WrongType, format!("this must be {wanted}")));
    }

    /// Notes where a field of the domain stands.
    pub(super) fn at(&mut self, field: &'static str, slot: Slot) -> Slot {
        self.paths.0.push((field, slot.path()));
        slot
    }

    /// A text that an added record must have and that no edit can empty.
    pub(super) fn required<T>(&mut self, slot: Slot, parse: impl FnOnce(String) -> Result<T, Invalid>) -> Patch<T> {
        match slot.value {
            None if self.mode == Mode::Edit => Patch::Keep,
            None => {
                self.fault(&slot.path(), Invalid::required("this field is required"));
                Patch::Keep
            }
            Some(Tree::Null) => {
                self.fault(&slot.path(), Invalid::required("this field cannot be emptied"));
                Patch::Keep
            }
            Some(_) => self.text(slot, parse),
        }
    }

    /// A text that may be absent or empty.
    pub(super) fn optional<T>(&mut self, slot: Slot, parse: impl FnOnce(String) -> Result<T, Invalid>) -> Patch<T> {
        match &slot.value {
            None => Patch::Keep,
            Some(Tree::Null) => Patch::Clear,
            Some(Tree::Text(text)) if text.is_empty() => Patch::Clear,
            Some(_) => self.text(slot, parse),
        }
    }

    fn text<T>(&mut self, mut slot: Slot, parse: impl FnOnce(String) -> Result<T, Invalid>) -> Patch<T> {
        let text = match slot.value.take() {
            Some(Tree::Text(text)) => text,
            // Clients in loosely typed languages send codes and PINs as numbers.
            Some(Tree::Number(number)) if number.is_u64() => number.to_string(),
            _ => {
                self.wrong_type(&slot.path(), "a text");
                return Patch::Keep;
            }
        };
        match parse(text) {
            Ok(value) => Patch::Set(value),
            Err(invalid) => {
                self.fault(&slot.path(), invalid);
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
                self.fault(&slot.path(), Invalid::new("this must be 0 or 1"));
                Patch::Keep
            }
            Some(Tree::List(_) | Tree::Object(_)) => {
                self.wrong_type(&slot.path(), "0 or 1");
                Patch::Keep
            }
        }
    }
}

impl Object {
    /// The object at the top of a body.
    pub(super) fn top(members: Vec<(String, Tree)>, walk: &mut Walk) -> Self {
        Self::new("".into(), members, walk)
    }

    fn new(path: Rc<str>, members: Vec<(String, Tree)>, walk: &mut Walk) -> Self {
        let mut object = Self { path, members: Vec::with_capacity(members.len()) };
        for (name, value) in members {
            let folded = fold(&name);
            if object.members.iter().any(|earlier| earlier.folded == folded) {
                walk.fault(&joined(&object.path, &name), Invalid::new("this field stands twice, spelled differently"));
                continue;
            }
            object.members.push(Member { name, folded, value: Some(value), is_group: false });
        }
        object
    }

    /// An object in a list.
    pub(super) fn item(list: &Slot, index: usize, members: Vec<(String, Tree)>, walk: &mut Walk) -> Self {
        Self::new(list.item_path(index).into(), members, walk)
    }

    /// The place of a member under any of its names; the first is the documents', for messages when it is absent.
    pub(super) fn slot(&mut self, names: &[&'static str]) -> Slot {
        self.take(names, false)
    }

    fn take(&mut self, names: &[&'static str], is_group: bool) -> Slot {
        let within = Rc::clone(&self.path);
        let here = self.members.iter_mut().filter(|member| member.value.is_some());
        let rank = |member: &Member| names.iter().position(|name| is(name, &member.folded));
        match here.filter_map(|member| Some((rank(member)?, member))).min_by_key(|(rank, _)| *rank) {
            Some((_, member)) => {
                member.is_group = is_group;
                Slot { within, name: member.name.clone().into(), value: member.value.take() }
            }
            None => Slot { within, name: names.first().copied().unwrap_or_default().into(), value: None },
        }
    }

    /// A member that is an object, or null where that empties the group or says nothing.
    pub(super) fn object_or_null(&mut self, names: &[&'static str], walk: &mut Walk) -> Self {
        let is_null = names.iter().any(|name| self.is_null(name));
        if is_null {
            return Self { path: self.slot(names).path().into(), members: Vec::new() };
        }
        self.object(names, walk)
    }

    /// A member that is an object. Where it is absent it is an empty one, so that every required member below it is named.
    pub(super) fn object(&mut self, names: &[&'static str], walk: &mut Walk) -> Self {
        let mut slot = self.take(names, true);
        let path: Rc<str> = slot.path().into();
        match slot.value.take() {
            Some(Tree::Object(members)) => return Self::new(path, members, walk),
            None => {}
            Some(Tree::Null) if walk.mode == Mode::Add => {}
            Some(Tree::Null) => walk.fault(&path, Invalid::required("this group cannot be emptied")),
            // PHP writes an empty array for an object without members.
            Some(Tree::List(items)) if items.is_empty() => {}
            Some(_) => walk.wrong_type(&path, "an object"),
        }
        Self { path, members: Vec::new() }
    }

    /// Whether a member is there and null: the whole group is to be emptied.
    pub(super) fn is_null(&self, name: &str) -> bool {
        self.holds(name, |value| *value == Tree::Null)
    }

    /// Whether a member is there with such a value, which stays where it is.
    pub(super) fn holds(&self, name: &str, such: impl Fn(&Tree) -> bool) -> bool {
        self.members.iter().any(|member| is(name, &member.folded) && member.value.as_ref().is_some_and(&such))
    }

    /// Tells whether something was taken, and names what nobody took.
    pub(super) fn finish(self, walk: &mut Walk) {
        walk.names_something |= self.members.iter().any(|member| member.value.is_none() && !member.is_group);
        for member in self.members.iter().filter(|member| member.value.is_some()) {
            if walk.ignored.len() < TOLD_MAX {
                walk.ignored.push(joined(&self.path, &member.name));
            }
        }
    }
}

/// The path of a member.
fn joined(within: &str, name: &str) -> String {
    let (end, more) = name.char_indices().nth(NAME_MAX_CHARS).map_or((name.len(), ""), |(end, _)| (end, "…"));
    let dot = if within.is_empty() { "" } else { "." };
    [within, dot, &name[..end], more].concat()
}

/// The form in which a client's names are compared with the documents'.
pub(super) fn fold(name: &str) -> String {
    name.chars().filter(|c| !PASSED_OVER.contains(c)).flat_map(char::to_lowercase).collect()
}

/// Whether a name of the documents', which are ASCII, is this folded one.
fn is(documented: &str, folded: &str) -> bool {
    let passed_over = |octet: &u8| PASSED_OVER.contains(&char::from(*octet));
    documented.bytes().filter(|octet| !passed_over(octet)).map(|octet| octet.to_ascii_lowercase()).eq(folded.bytes())
}

//! Reading one property: clients in loosely typed languages send numbers as texts and texts as numbers, and an empty text for nothing.

use tenantry_domain::refusal::quoted;
use tenantry_domain::{Code, Fault, Invalid, Patch};
use tenantry_http::json::Tree;

/// Faults and unknown properties that are told at most: more than there are properties, and few enough that an answer stays smaller than its body may be.
pub(crate) const TOLD_MAX: usize = 200;
/// What is told of a property's name at most, in characters: no name of the document's has more than a third of it.
const NAME_MAX_CHARS: usize = 64;
/// The largest whole number that a double holds exactly.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// What is collected while properties are read.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) faults: Vec<Fault>,
    pub(super) ignored: Vec<String>,
    /// How many properties nothing reads.
    pub(super) passed_over: usize,
}

impl Reader {
    pub(super) fn fault(&mut self, name: &str, invalid: Invalid) {
        if self.faults.len() < TOLD_MAX {
            self.faults.push(invalid.at(told(name)));
        }
    }

    /// Notes a property that nothing reads.
    pub(super) fn ignore(&mut self, name: &str) {
        self.passed_over += 1;
        if self.ignored.len() < TOLD_MAX {
            self.ignored.push(told(name));
        }
    }

    /// What a parse gives, or nothing and a fault.
    pub(super) fn take<T>(&mut self, name: &str, read: Result<T, Invalid>) -> Option<T> {
        read.map_err(|invalid| self.fault(name, invalid)).ok()
    }

    /// A text that may be empty, which clears it.
    pub(super) fn optional<T>(&mut self, name: &str, value: Tree, parse: impl FnOnce(String) -> Result<T, Invalid>) -> Patch<T> {
        match text(value) {
            Ok(text) if text.trim().is_empty() => Patch::Clear,
            Ok(text) => self.take(name, parse(text)).map_or(Patch::Keep, Patch::Set),
            Err(invalid) => {
                self.fault(name, invalid);
                Patch::Keep
            }
        }
    }

    /// A text that cannot be emptied.
    pub(super) fn required<T>(&mut self, name: &str, value: Tree, parse: impl FnOnce(String) -> Result<T, Invalid>) -> Option<T> {
        let read = text(value).and_then(parse);
        self.take(name, read)
    }

    /// A word of which an empty one says nothing.
    pub(super) fn word<T>(&mut self, name: &str, value: Tree, parse: impl FnOnce(&str) -> Result<T, Invalid>) -> Option<T> {
        match text(value) {
            Ok(text) if text.trim().is_empty() => None,
            Ok(text) => self.take(name, parse(&text)),
            Err(invalid) => {
                self.fault(name, invalid);
                None
            }
        }
    }

    /// A whole number; an empty text says nothing.
    pub(super) fn integer<T>(&mut self, name: &str, value: &Tree, parse: impl FnOnce(i64) -> Result<T, Invalid>) -> Option<T> {
        let read = integer(value).transpose()?.and_then(parse);
        self.take(name, read)
    }
}

/// A value as a text. Whole numbers are sent for codes, and null for nothing.
pub(super) fn text(value: Tree) -> Result<String, Invalid> {
    match value {
        Tree::Text(text) => Ok(text),
        Tree::Null => Ok(String::new()),
        Tree::Number(number) if number.is_i64() || number.is_u64() => Ok(number.to_string()),
        Tree::Number(_) | Tree::Bool(_) | Tree::List(_) | Tree::Object(_) => Err(wrong_type("a text")),
    }
}

/// A value as a whole number; `None` for nothing. JSON has one kind of number, so that `10.0` and `1e9` are whole, too; a text is digits alone.
fn integer(value: &Tree) -> Result<Option<i64>, Invalid> {
    match value {
        Tree::Null => Ok(None),
        Tree::Text(text) if text.trim().is_empty() => Ok(None),
        Tree::Text(text) => integer_text(text).map(Some),
        Tree::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Ok(Some(whole)),
            (None, Some(double)) => whole(double).map(Some).ok_or_else(|| not_whole(&number.to_string())),
            (None, None) => Err(not_whole(&number.to_string())),
        },
        Tree::Bool(_) | Tree::List(_) | Tree::Object(_) => Err(wrong_type("a whole number")),
    }
}

/// A double as a whole number, where it is one and names no other.
pub(crate) fn whole(double: f64) -> Option<i64> {
    // Checked to be exact.
    (double.fract() == 0.0 && double.abs() < EXACT_MAX).then_some(double as i64)
}

/// A value with a double that is whole as a whole number.
pub(super) fn with_whole(value: Tree) -> Tree {
    let double = if let Tree::Number(number) = &value { number.as_f64().filter(|_| number.is_f64()) } else { None };
    double.and_then(whole).map_or(value, |whole| Tree::Number(whole.into()))
}

/// A property that cannot be set, as a text to compare; nothing, where nothing was sent.
pub(super) fn claimed(value: Tree) -> Result<Option<String>, Invalid> {
    let value = if value == Tree::Bool(false) { Tree::Text("no".to_owned()) } else { with_whole(value) };
    match text(value) {
        Ok(text) => Ok(Some(text).filter(|text| !text.is_empty())),
        Err(_) => Err(wrong_type("what it was when it was read, or left out")),
    }
}

/// A text as a whole number.
pub(crate) fn integer_text(text: &str) -> Result<i64, Invalid> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(not_whole(text));
    }
    text.parse().map_err(|_| not_whole(text))
}

fn not_whole(text: &str) -> Invalid {
    Invalid::new(format!("{} is not a whole number that can be used here", quoted(text)))
}

pub(super) fn wrong_type(wanted: &str) -> Invalid {
    Invalid { code: Code::WrongType, message: format!("this must be {wanted}").into() }
}

/// As much of a name as is told: names are the client's, and may be as long as the body.
pub(crate) fn told(name: &str) -> String {
    match name.char_indices().nth(NAME_MAX_CHARS) {
        Some((end, _)) => [&name[..end], "…"].concat(),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(json: &str) -> Tree {
        Tree::Number(serde_json::from_str(json).unwrap())
    }

    #[test]
    fn whole_numbers_in_every_spelling() {
        for (value, whole) in [
            (number("10"), 10),
            (number("10.0"), 10),
            (number("1e9"), 1_000_000_000),
            (number("-1"), -1),
            (number("2147483648"), 2_147_483_648),
            (Tree::Text("0010".into()), 10),
            (Tree::Text(" -1 ".into()), -1),
        ] {
            assert_eq!(integer(&value).unwrap(), Some(whole), "{value:?}");
        }
        for value in [Tree::Null, Tree::Text(String::new())] {
            assert_eq!(integer(&value).unwrap(), None);
        }
        for value in [
            number("10.5"),
            number("1e300"),
            number("18446744073709551615"),
            Tree::Text("12x".into()),
            Tree::Text("1e9".into()),
            Tree::Text("10.0".into()),
            Tree::Text("+1".into()),
            Tree::Text("9".repeat(30)),
            Tree::Bool(true),
            Tree::List(vec![]),
        ] {
            assert!(integer(&value).is_err(), "{value:?}");
        }
    }
}

//! What stands in a tag behind its name, and in an XML declaration: `name="value"`, separated by white space.

use crate::xml;

/// An attribute as it is written; references within the value are not resolved.
pub(super) struct Attribute<'a> {
    pub(super) name: &'a str,
    pub(super) value: &'a str,
}

/// Takes the next attribute off a tag's rest: nothing where only white space is left.
///
/// # Errors
/// What stands there is no attribute; the words say why.
pub(super) fn next<'a>(rest: &mut &'a str) -> Result<Option<Attribute<'a>>, &'static str> {
    const MALFORMED: &str = "this tag has something in it that is no attribute";
    let begins = rest.trim_start_matches(xml::is_space);
    if begins.is_empty() {
        return Ok(None);
    }
    if begins.len() == rest.len() {
        return Err("white space is due before an attribute");
    }
    let (name, value) = begins.split_once('=').ok_or(MALFORMED)?;
    let (name, value) = (name.trim_end_matches(xml::is_space), value.trim_start_matches(xml::is_space));
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\'')).ok_or(MALFORMED)?;
    let (value, after) = value[1..].split_once(quote).ok_or(MALFORMED)?;
    if !xml::is_name(name) || value.contains('<') {
        return Err(MALFORMED);
    }
    *rest = after;
    Ok(Some(Attribute { name, value }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(mut rest: &str) -> Result<Vec<(&str, &str)>, &'static str> {
        let mut found = Vec::new();
        while let Some(attribute) = next(&mut rest)? {
            found.push((attribute.name, attribute.value));
        }
        Ok(found)
    }

    #[test]
    fn attributes_are_taken_one_by_one() {
        assert_eq!(all(""), Ok(vec![]));
        assert_eq!(all(" \n"), Ok(vec![]));
        assert_eq!(all(" a='1'\tb = \"'2'\" "), Ok(vec![("a", "1"), ("b", "'2'")]));
        assert_eq!(all(" a='x=y'"), Ok(vec![("a", "x=y")]));
    }

    #[test]
    fn what_is_no_attribute_is_refused() {
        for rest in ["a='1'", " a", " a=", " a=1", " a='1", " a='1'b='2'", " ='1'", " 1='1'", " a b='1'", " a='<'", " /", " \"'=''"] {
            assert!(all(rest).is_err(), "{rest}");
        }
    }
}

//! The reader: XML-RPC's grammar over checked tokens, bounded in octets, depth and number of values, linear in time and memory.

use std::borrow::Cow;
use std::collections::HashSet;

use self::source::Source;
use self::tag::Tag;
use self::tokens::{Token, Tokens};
use crate::limits::{MAX_DEPTH, MAX_METHOD_CHARACTERS, MAX_VALUES};
use crate::{DecodeFault, Fault, MethodCall, Name, Value, xml};

mod attribute;
mod scalar;
mod source;
mod tag;
#[cfg(test)]
mod tests;
mod tokens;

/// Members from which on a struct's names are looked up in a set instead of compared one by one.
const FEW_MEMBERS: usize = 16;

/// Reads a call. `charset` is that of the `Content-Type` header; it counts where the XML declaration names no encoding.
///
/// # Errors
/// The fault, and where it lies.
pub fn decode_call(octets: &[u8], charset: Option<&str>) -> Result<MethodCall, DecodeFault> {
    let source = Source::read(octets, charset)?;
    let mut decoder = Decoder { tokens: Tokens::of(&source), values: 0 };
    decoder.open(Tag::MethodCall, "a call begins with <methodCall>")?;
    decoder.open(Tag::MethodName, "<methodName> is due here")?;
    let method = decoder.method_name()?;
    let params = match decoder.markup()? {
        Markup::Open(Tag::Params) => {
            let params = decoder.params()?;
            decoder.close("nothing may follow <params>")?;
            params
        }
        Markup::Close => Vec::new(),
        Markup::Open(_) | Markup::End => return Err(decoder.refuse("<params> is due here")),
    };
    decoder.end()?;
    Ok(MethodCall { method, params })
}

/// Reads an answer: a value, or a fault.
///
/// # Errors
/// The text is neither; what is wrong, and where it lies.
pub fn decode_response(octets: &[u8], charset: Option<&str>) -> Result<Result<Value, Fault>, DecodeFault> {
    let source = Source::read(octets, charset)?;
    let mut decoder = Decoder { tokens: Tokens::of(&source), values: 0 };
    decoder.open(Tag::MethodResponse, "an answer begins with <methodResponse>")?;
    let response = match decoder.markup()? {
        Markup::Open(Tag::Params) => {
            let at = decoder.tokens.at();
            let mut params = decoder.params()?;
            let value = params.pop().filter(|_| params.is_empty());
            Ok(value.ok_or_else(|| decoder.tokens.not_xml_rpc_at(at, "an answer has exactly one <param>"))?)
        }
        Markup::Open(Tag::Fault) => Err(decoder.fault()?),
        _ => return Err(decoder.refuse("<params> or <fault> is due here")),
    };
    decoder.close("nothing may follow the answer's value")?;
    decoder.end()?;
    Ok(response)
}

/// What may stand between values.
enum Markup {
    Open(Tag),
    Close,
    End,
}

struct Decoder<'a> {
    tokens: Tokens<'a>,
    values: usize,
}

impl<'a> Decoder<'a> {
    fn refuse(&self, message: &'static str) -> DecodeFault {
        self.tokens.not_xml_rpc(message)
    }

    /// The next tag. Only white space may stand before it.
    fn markup(&mut self) -> Result<Markup, DecodeFault> {
        loop {
            match self.tokens.next()? {
                Token::Open(tag) => return Ok(Markup::Open(tag)),
                Token::Close => return Ok(Markup::Close),
                Token::End => return Ok(Markup::End),
                Token::Text(piece) if xml::is_blank(&piece) => {}
                Token::Text(_) => return Err(self.refuse("text between elements")),
            }
        }
    }

    fn open(&mut self, tag: Tag, otherwise: &'static str) -> Result<(), DecodeFault> {
        match self.markup()? {
            Markup::Open(found) if found == tag => Ok(()),
            _ => Err(self.refuse(otherwise)),
        }
    }

    fn close(&mut self, otherwise: &'static str) -> Result<(), DecodeFault> {
        match self.markup()? {
            Markup::Close => Ok(()),
            _ => Err(self.refuse(otherwise)),
        }
    }

    fn end(&mut self) -> Result<(), DecodeFault> {
        match self.markup()? {
            Markup::End => Ok(()),
            // Not reached: behind the root element the tokens refuse everything else themselves.
            _ => Err(self.refuse("nothing may follow the root element")),
        }
    }

    /// The text up to the end of the open element, put together from its pieces.
    fn text(&mut self) -> Result<Cow<'a, str>, DecodeFault> {
        let mut text = Cow::Borrowed("");
        loop {
            match self.tokens.next()? {
                Token::Text(piece) => join(&mut text, piece),
                Token::Close => return Ok(text),
                Token::Open(_) | Token::End => return Err(self.refuse("only text may stand in this element")),
            }
        }
    }

    fn method_name(&mut self) -> Result<String, DecodeFault> {
        let at = self.tokens.at();
        let text = self.text()?;
        let name = xml::trim(&text);
        let in_set = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'_' | b'.' | b':' | b'/');
        if (1..=MAX_METHOD_CHARACTERS).contains(&name.len()) && name.bytes().all(in_set) {
            return Ok(name.to_owned());
        }
        Err(self.tokens.not_xml_rpc_at(at, "a method's name is 1 to 255 of the characters A-Z a-z 0-9 _ . : /"))
    }

    fn params(&mut self) -> Result<Vec<Value>, DecodeFault> {
        const DUE: &str = "<param> is due here";
        let mut params = Vec::new();
        loop {
            match self.markup()? {
                Markup::Open(Tag::Param) => {
                    self.open(Tag::Value, "<value> is due here")?;
                    params.push(self.value(0)?);
                    self.close("a <param> has one <value>")?;
                }
                Markup::Close => return Ok(params),
                Markup::Open(_) | Markup::End => return Err(self.refuse(DUE)),
            }
        }
    }

    fn fault(&mut self) -> Result<Fault, DecodeFault> {
        let at = self.tokens.at();
        self.open(Tag::Value, "<value> is due here")?;
        let value = self.value(0)?;
        self.close("a <fault> has one <value>")?;
        let otherwise = "a <fault> has a struct of faultCode, an <int>, and faultString, a <string>";
        fault_of(value).ok_or_else(|| self.tokens.not_xml_rpc_at(at, otherwise))
    }

    /// What is in a `<value>`, up to its end: one element, or a text that is a string. `depth` is the number of arrays and structs around it.
    fn value(&mut self, depth: usize) -> Result<Value, DecodeFault> {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(self.refuse("there are more than 16384 values; send fewer in one call"));
        }
        let mut text = Cow::Borrowed("");
        loop {
            match self.tokens.next()? {
                Token::Text(piece) => join(&mut text, piece),
                Token::Close => return Ok(Value::String(text.into_owned())),
                Token::Open(_) if !xml::is_blank(&text) => return Err(self.refuse("a <value> has text or an element, not both")),
                Token::Open(tag) => {
                    let value = self.typed(tag, depth)?;
                    self.close("a <value> has one element only")?;
                    return Ok(value);
                }
                Token::End => return Err(self.refuse("a <value> that does not end")),
            }
        }
    }

    fn typed(&mut self, tag: Tag, depth: usize) -> Result<Value, DecodeFault> {
        match tag {
            Tag::String => Ok(Value::String(self.text()?.into_owned())),
            Tag::Int => self.scalar(scalar::int, "this is no integer of at most 64 bits"),
            Tag::Boolean => self.scalar(scalar::boolean, "a boolean is 0 or 1"),
            Tag::Double => self.scalar(scalar::double, "this is no decimal number, or beyond what a double holds"),
            Tag::DateTime => self.scalar(scalar::date_time, "this is no date and time; write it as 19980717T14:08:55"),
            Tag::Base64 => self.scalar(scalar::base64, "this is no base64 with its padding"),
            Tag::Nil => self.close("a <nil/> has nothing in it").map(|()| Value::Nil),
            Tag::Array | Tag::Struct if depth == MAX_DEPTH => {
                Err(self.refuse("arrays and structs are nested more than 32 deep; send a flatter call"))
            }
            Tag::Array => self.array(depth + 1).map(Value::Array),
            Tag::Struct => self.members(depth + 1).map(Value::Struct),
            _ => Err(self.refuse("this element is no type of a value")),
        }
    }

    fn scalar(&mut self, read: fn(&str) -> Option<Value>, otherwise: &'static str) -> Result<Value, DecodeFault> {
        let at = self.tokens.at();
        let text = self.text()?;
        read(&text).ok_or_else(|| self.tokens.not_xml_rpc_at(at, otherwise))
    }

    /// `<data>` must be there, as the specification has it: without it a reader cannot tell an empty array from a broken one.
    fn array(&mut self, depth: usize) -> Result<Vec<Value>, DecodeFault> {
        self.open(Tag::Data, "<data> is due here")?;
        let mut items = Vec::new();
        loop {
            match self.markup()? {
                Markup::Open(Tag::Value) => items.push(self.value(depth)?),
                Markup::Close => break,
                Markup::Open(_) | Markup::End => return Err(self.refuse("<value> is due here")),
            }
        }
        self.close("an <array> has one <data>")?;
        Ok(items)
    }

    fn members(&mut self, depth: usize) -> Result<Vec<(Name, Value)>, DecodeFault> {
        let mut members: Vec<(Name, Value)> = Vec::new();
        let mut names: HashSet<Cow<'a, str>> = HashSet::new();
        loop {
            match self.markup()? {
                Markup::Open(Tag::Member) => {}
                Markup::Close => return Ok(members),
                Markup::Open(_) | Markup::End => return Err(self.refuse("<member> is due here")),
            }
            self.open(Tag::Name, "<name> is due here")?;
            let at = self.tokens.at();
            let name = self.text()?;
            let twice = if members.len() < FEW_MEMBERS {
                members.iter().any(|(earlier, _)| *earlier == name)
            } else {
                if names.is_empty() {
                    names.extend(members.iter().map(|(earlier, _)| earlier.clone()));
                }
                !names.insert(name.clone())
            };
            if twice {
                // Two readers could take different ones.
                return Err(self.tokens.not_xml_rpc_at(at, "this name stands twice in one struct; send it once"));
            }
            self.open(Tag::Value, "<value> is due here")?;
            members.push((Cow::Owned(name.into_owned()), self.value(depth)?));
            self.close("a <member> has one <name> and one <value>")?;
        }
    }
}

/// Appends a piece to a text; the first needs no copy.
fn join<'a>(text: &mut Cow<'a, str>, piece: Cow<'a, str>) {
    if text.is_empty() {
        *text = piece;
    } else {
        text.to_mut().push_str(&piece);
    }
}

/// The fault in an answer. The specification allows no other members.
fn fault_of(value: Value) -> Option<Fault> {
    let Value::Struct(members) = value else { return None };
    let (mut code, mut message) = (None, None);
    for (name, member) in members {
        match (&*name, member) {
            ("faultCode", Value::Int(number)) => code = i32::try_from(number).ok(),
            ("faultString", Value::String(text)) => message = Some(text),
            _ => return None,
        }
    }
    Some(Fault { code: code?, message: message? })
}

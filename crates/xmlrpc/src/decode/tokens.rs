//! Tags and text: quick-xml's tokens, checked for what quick-xml leaves to its caller and rid of what XML-RPC does not have.

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::attribute;
use super::source::Source;
use super::tag::Tag;
use crate::limits::MAX_NAMESPACES;
use crate::{DecodeFault, xml};

/// A piece of a text. An empty element is one that opens and closes.
pub(super) enum Token<'a> {
    Open(Tag),
    /// Closes what was opened last: the names are checked.
    Close,
    /// Text with its references resolved and its line ends normalised (XML 1.0, 2.11). One text may come in several pieces.
    Text(Cow<'a, str>),
    /// The root element is closed and nothing but white space and comments followed.
    End,
}

/// The tokens of one text, from its declaration on.
pub(super) struct Tokens<'a> {
    source: &'a Source<'a>,
    reader: Reader<&'a [u8]>,
    /// Where in the text the reader began.
    body: usize,
    /// Where in the text the last token begins.
    at: usize,
    open: usize,
    root_seen: bool,
    namespaces: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn of(source: &'a Source<'a>) -> Self {
        let (text, body) = source.body();
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Self { source, reader, body, at: body, open: 0, root_seen: false, namespaces: 0 }
    }

    pub(super) fn next(&mut self) -> Result<Token<'a>, DecodeFault> {
        loop {
            self.at = self.body + usize::try_from(self.reader.buffer_position()).unwrap_or_default();
            // What the reader says of its faults has names of the text in it, and is not passed on.
            let event = self.reader.read_event();
            match event.map_err(|error| self.not_well_formed(said(&error)))? {
                Event::Start(tag) | Event::Empty(tag) => return self.opened(&tag).map(Token::Open),
                Event::End(_) => {
                    self.open -= 1;
                    return Ok(Token::Close);
                }
                Event::Text(piece) if self.open == 0 => {
                    if !xml::is_blank(&piece) {
                        return Err(self.not_well_formed("text outside of the root element"));
                    }
                }
                Event::CData(_) | Event::GeneralRef(_) if self.open == 0 => {
                    return Err(self.not_well_formed("text outside of the root element"));
                }
                Event::Text(piece) => {
                    if piece.contains("]]>") {
                        return Err(self.not_well_formed("`]]>` in a text; write `]]&gt;`"));
                    }
                    return Ok(Token::Text(piece.xml10_content()));
                }
                Event::CData(piece) => return Ok(Token::Text(piece.xml10_content())),
                Event::GeneralRef(reference) => return self.resolved(&reference).map(Token::Text),
                Event::Comment(comment) => {
                    if comment.contains("--") || comment.ends_with('-') {
                        return Err(self.not_well_formed("two hyphens within a comment"));
                    }
                }
                Event::Decl(_) => return Err(self.not_well_formed("the XML declaration may stand at the very beginning only")),
                Event::PI(_) => return Err(self.not_xml_rpc("processing instructions are not read")),
                Event::DocType(_) => return Err(self.not_xml_rpc("a document type is not read; leave it out")),
                Event::Eof => return self.ended(),
            }
        }
    }

    /// Where the last token begins.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    pub(super) fn not_xml_rpc(&self, message: &'static str) -> DecodeFault {
        self.not_xml_rpc_at(self.at, message)
    }

    pub(super) fn not_xml_rpc_at(&self, at: usize, message: &'static str) -> DecodeFault {
        DecodeFault::not_xml_rpc(message, self.source.offset(at))
    }

    fn not_well_formed(&self, message: &'static str) -> DecodeFault {
        DecodeFault::not_well_formed(message, self.source.offset(self.at))
    }

    fn ended(&self) -> Result<Token<'a>, DecodeFault> {
        if self.open > 0 {
            return Err(self.not_well_formed("the text ends before its elements are closed"));
        }
        if !self.root_seen {
            return Err(self.not_well_formed("there is no element"));
        }
        Ok(Token::End)
    }

    fn opened(&mut self, tag: &BytesStart<'_>) -> Result<Tag, DecodeFault> {
        if self.open == 0 && self.root_seen {
            return Err(self.not_well_formed("a second root element"));
        }
        self.root_seen = true;
        self.open += 1;
        let name = tag.name();
        let name = name.as_ref();
        let Some(known) = Tag::named(name) else {
            return Err(if xml::is_name(name) {
                self.not_xml_rpc("XML-RPC has no such element")
            } else {
                self.not_well_formed("a tag without a proper name")
            });
        };
        self.check_attributes(tag.attributes_raw())?;
        Ok(known)
    }

    /// Lets declarations of namespaces pass, unread: the elements are known by their usual names. XML-RPC has no attributes.
    fn check_attributes(&mut self, mut rest: &str) -> Result<(), DecodeFault> {
        let mut names = [""; MAX_NAMESPACES];
        let mut count = 0;
        while let Some(attribute) = attribute::next(&mut rest).map_err(|message| self.not_well_formed(message))? {
            let name = attribute.name;
            let prefix = name.strip_prefix("xmlns:");
            if name != "xmlns" && !prefix.is_some_and(|prefix| xml::is_name(prefix) && !prefix.contains(':')) {
                return Err(self.not_xml_rpc("XML-RPC has no attributes"));
            }
            if self.namespaces == MAX_NAMESPACES {
                return Err(self.not_xml_rpc("there are more than 8 declarations of namespaces"));
            }
            if names[..count].contains(&name) {
                return Err(self.not_well_formed("an attribute stands twice in one tag"));
            }
            if attribute.value.contains('&') {
                return Err(self.not_xml_rpc("references in a namespace's name are not read"));
            }
            names[count] = name;
            count += 1;
            self.namespaces += 1;
        }
        Ok(())
    }

    /// The character of `&name;` or `&#number;`.
    fn resolved(&self, reference: &str) -> Result<Cow<'a, str>, DecodeFault> {
        let digits = |digits: &str, radix: u32| {
            let number = digits.chars().all(|digit| digit.is_digit(radix)).then(|| u32::from_str_radix(digits, radix).ok())??;
            char::from_u32(number).filter(|character| xml::is_allowed(*character))
        };
        Ok(match reference {
            "amp" => "&".into(),
            "lt" => "<".into(),
            "gt" => ">".into(),
            "quot" => "\"".into(),
            "apos" => "'".into(),
            _ => {
                let number = reference.strip_prefix('#').ok_or(self.not_well_formed("an entity that is none of the five that XML has"))?;
                let character = number.strip_prefix('x').map_or_else(|| digits(number, 10), |number| digits(number, 16));
                character.ok_or(self.not_well_formed("a reference to a character that XML does not allow"))?.to_string().into()
            }
        })
    }
}

/// The reader's fault in our words.
fn said(error: &quick_xml::Error) -> &'static str {
    use quick_xml::errors::IllFormedError::{MismatchedEndTag, UnclosedReference, UnmatchedEndTag};
    match error {
        quick_xml::Error::IllFormed(MismatchedEndTag { .. } | UnmatchedEndTag(_)) => "an end tag that does not close the last open element",
        quick_xml::Error::IllFormed(UnclosedReference) => "a `&` that begins no reference; write `&amp;`",
        quick_xml::Error::Syntax(_) => "a tag, comment or section that does not end",
        _ => "the text is not well-formed",
    }
}

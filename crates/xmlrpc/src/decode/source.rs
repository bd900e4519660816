//! From octets to text: the encoding, the XML declaration that names it, and the characters that XML allows.

use std::borrow::Cow;

use super::attribute;
use crate::limits::MAX_OCTETS;
use crate::{DecodeFault, xml};

const BYTE_ORDER_MARK: &str = "\u{FEFF}";
const BAD_DECLARATION: &str = "the XML declaration is malformed";
const UNKNOWN_ENCODING: &str = "the encoding is none that is read; send UTF-8, US-ASCII or ISO-8859-1";

/// The encodings that are read. Each has ASCII as its lower half, so that the declaration can be read before it is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    /// Also for US-ASCII, its lower half: Perl's RPC::XML declares that one unless it is told otherwise, and sends UTF-8.
    Utf8,
    Latin1,
}

impl Encoding {
    fn named(name: &str) -> Option<Self> {
        let is = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        if is(&["UTF-8", "UTF8", "US-ASCII", "ASCII"]) {
            Some(Self::Utf8)
        } else if is(&["ISO-8859-1", "ISO_8859-1", "ISO8859-1", "latin1"]) {
            Some(Self::Latin1)
        } else {
            None
        }
    }
}

/// A text whose every character XML allows.
pub(super) struct Source<'a> {
    text: Cow<'a, str>,
    /// Octets before the text: a byte order mark.
    skipped: usize,
    /// Where, in the text, the declaration ends.
    body: usize,
}

impl<'a> Source<'a> {
    /// Reads the octets in the encoding that the declaration names, else the header, else UTF-8. The declaration comes first because clients write
    /// it themselves, while their HTTP libraries make up the header. A byte order mark is UTF-8's, and stronger than a header.
    pub(super) fn read(octets: &'a [u8], charset: Option<&str>) -> Result<Self, DecodeFault> {
        if octets.len() > MAX_OCTETS {
            return Err(DecodeFault::not_xml_rpc("the text is longer than 256 KiB; send less in one call", MAX_OCTETS));
        }
        if [&b"\xFE\xFF"[..], b"\xFF\xFE", b"<\0", b"\0<", b"\0\0"].iter().any(|beginning| octets.starts_with(beginning)) {
            return Err(DecodeFault::not_well_formed("UTF-16 and UTF-32 are not read; send UTF-8", 0));
        }
        let unmarked = octets.strip_prefix(BYTE_ORDER_MARK.as_bytes());
        let (skipped, rest) = unmarked.map_or((0, octets), |rest| (BYTE_ORDER_MARK.len(), rest));
        let declaration = Declaration::read(rest, skipped)?;
        let named = match declaration.encoding {
            Some(name) => Some(name),
            None if unmarked.is_some() => None,
            None => charset.map(|name| name.trim().trim_matches('"')),
        };
        let encoding = named.map_or(Some(Encoding::Utf8), Encoding::named).ok_or(DecodeFault::not_well_formed(UNKNOWN_ENCODING, 0))?;
        if unmarked.is_some() && encoding != Encoding::Utf8 {
            return Err(DecodeFault::not_well_formed("the byte order mark is UTF-8's, the declaration names another encoding", 0));
        }
        let source = Self { text: text(rest, encoding, skipped)?, skipped, body: declaration.length };
        if let Some(at) = first_forbidden(&source.text) {
            return Err(DecodeFault::not_well_formed("a character that XML does not allow", source.offset(at)));
        }
        // Behind the declaration, or a second one: a reader that is given the body alone would take it for the mark.
        if source.body().0.starts_with(BYTE_ORDER_MARK) {
            return Err(DecodeFault::not_well_formed("a byte order mark that is not at the very beginning", source.offset(source.body)));
        }
        Ok(source)
    }

    /// What is behind the declaration, and where in the text it begins.
    pub(super) fn body(&self) -> (&str, usize) {
        (&self.text[self.body..], self.body)
    }

    /// Where a place in the text is in the octets that were sent.
    pub(super) fn offset(&self, at: usize) -> usize {
        let before = match &self.text {
            Cow::Borrowed(_) => at,
            // Out of ISO-8859-1, where each character was one octet.
            Cow::Owned(text) => text.get(..at).map_or(at, |before| before.chars().count()),
        };
        self.skipped + before
    }
}

/// `<?xml version="1.0" encoding="…" standalone="…"?>` (XML 1.0, production 23).
struct Declaration<'a> {
    encoding: Option<&'a str>,
    /// In octets; 0 where there is none.
    length: usize,
}

impl<'a> Declaration<'a> {
    fn read(octets: &'a [u8], skipped: usize) -> Result<Self, DecodeFault> {
        const BEGINS: &[u8] = b"<?xml";
        // Behind the name comes white space: `<?xml-stylesheet` is an instruction, and refused as one.
        let Some(rest) = octets.strip_prefix(BEGINS).filter(|rest| rest.first().is_some_and(|octet| xml::is_space(char::from(*octet))))
        else {
            return Ok(Self { encoding: None, length: 0 });
        };
        let malformed = DecodeFault::not_well_formed(BAD_DECLARATION, skipped);
        let end = rest.windows(2).position(|pair| pair == b"?>").ok_or(malformed.clone())?;
        let inside = std::str::from_utf8(&rest[..end]).ok().filter(|inside| inside.is_ascii()).ok_or(malformed.clone())?;
        let encoding = declared_encoding(inside).map_err(|()| malformed)?;
        Ok(Self { encoding, length: BEGINS.len() + end + 2 })
    }
}

/// The attributes of a declaration come in one order only, so that a name out of its place ends the reading with something left.
fn declared_encoding(inside: &str) -> Result<Option<&str>, ()> {
    let mut rest = inside;
    let version = attribute::next(&mut rest).map_err(drop)?.ok_or(())?;
    // Any 1.x is to be read as 1.0 (XML 1.0, 2.8); what only 1.1 allows is refused where it stands.
    let minor = version.value.strip_prefix("1.").ok_or(())?;
    if version.name != "version" || minor.is_empty() || !minor.bytes().all(|octet| octet.is_ascii_digit()) {
        return Err(());
    }
    let mut found = attribute::next(&mut rest).map_err(drop)?;
    let encoding = found.take_if(|attribute| attribute.name == "encoding").map(|attribute| attribute.value);
    if encoding.is_some() {
        found = attribute::next(&mut rest).map_err(drop)?;
    }
    if found.is_some_and(|attribute| attribute.name != "standalone" || !matches!(attribute.value, "yes" | "no")) {
        return Err(());
    }
    if xml::is_blank(rest) { Ok(encoding) } else { Err(()) }
}

fn text(octets: &[u8], encoding: Encoding, skipped: usize) -> Result<Cow<'_, str>, DecodeFault> {
    let bad = |at: usize| DecodeFault::not_well_formed("octets that are none of the text's encoding", skipped + at);
    match encoding {
        Encoding::Latin1 if !octets.is_ascii() => Ok(octets.iter().copied().map(char::from).collect::<String>().into()),
        Encoding::Utf8 | Encoding::Latin1 => std::str::from_utf8(octets).map(Cow::Borrowed).map_err(|error| bad(error.valid_up_to())),
    }
}

fn first_forbidden(text: &str) -> Option<usize> {
    let control = |octet: u8| octet < 0x20 && !matches!(octet, b'\t' | b'\n' | b'\r');
    if text.is_ascii() { text.bytes().position(control) } else { text.find(|character| !xml::is_allowed(character)) }
}

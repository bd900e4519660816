//! What XML 1.0 says of characters: which it allows, and which are white space.

/// Whether a character may stand in a text at all (XML 1.0, production 2). The surrogates, also forbidden there, are no `char`.
pub(crate) fn is_allowed(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// White space (production 3); Unicode's other spaces are text.
pub(crate) fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

/// A text without the white space around it.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Whether a text has nothing but white space.
pub(crate) fn is_blank(text: &str) -> bool {
    text.chars().all(is_space)
}

/// Whether a text can be a name (production 5). Of the characters beyond ASCII all are taken: no name that is read has one.
pub(crate) fn is_name(text: &str) -> bool {
    let begins = |octet: u8| octet.is_ascii_alphabetic() || matches!(octet, b'_' | b':') || !octet.is_ascii();
    let continues = |octet: u8| begins(octet) || octet.is_ascii_digit() || matches!(octet, b'-' | b'.');
    text.bytes().next().is_some_and(begins) && text.bytes().all(continues)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_allowed_characters_are_those_of_the_standard() {
        for character in char::MIN..=char::MAX {
            let allowed = matches!(u32::from(character), 0x9 | 0xA | 0xD | 0x20..=0xD7FF | 0xE000..=0xFFFD | 0x1_0000..=0x10_FFFF);
            assert_eq!(is_allowed(character), allowed, "{character:?}");
        }
    }

    #[test]
    fn only_four_characters_are_white_space() {
        assert_eq!(trim(" \t\r\n\u{A0}x\u{2003}\n"), "\u{A0}x\u{2003}");
        assert!(is_blank(" \n") && is_blank("") && !is_blank("\u{A0}"));
    }

    #[test]
    fn names_are_told_from_what_is_none() {
        for name in ["value", "ex:i8", "dateTime.iso8601", "_", "a-b", "größe"] {
            assert!(is_name(name), "{name}");
        }
        for text in ["", "1a", "-a", "a/", "a b", "a\"", "a=b"] {
            assert!(!is_name(text), "{text}");
        }
    }
}

//! Cells that a spreadsheet could take for formulas. Written with an apostrophe in front, which spreadsheets do not show; read without it.

/// What a formula begins with, as OWASP's page on CSV injection lists it.
const BEGINNINGS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Whether a text begins like a formula, whatever apostrophes stand before it: those are counted, so that what was written is read again exactly.
fn looks_like_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(BEGINNINGS)
}

/// A text as it stands in a file.
pub fn neutralised(text: String) -> String {
    if looks_like_formula(&text) { ["'", &text].concat() } else { text }
}

/// A text as it was before it was written.
pub fn restored(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if looks_like_formula(text) => text,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for text in ["", "a", "'a", "=1+1", "'=1", "''=1", "+91.22", "-", "@x", "\tx", "\rx", "'", "a=b"] {
            let written = neutralised(text.to_owned());
            assert!(!written.starts_with(BEGINNINGS), "{text:?}");
            assert_eq!(restored(&written), text);
        }
        assert_eq!(neutralised("=1".to_owned()), "'=1");
    }
}

//! Where SQL may stand and how it may be built: in the store, as whole constants. Values are bound, never written into a statement.

use super::{
    Finding,
    tree::{File, Tree},
};

/// Rooms that know SQL: the store, and the bench, which measures plain SQLite beside us.
const ROOMS_WITH_SQL: &[&str] = &["crates/store/", "bench/"];

/// How statements begin. Upper case only, as this tree writes SQL: "select" is also a word of prose.
const STATEMENTS: &[&str] =
    &["SELECT ", "INSERT INTO ", "INSERT OR ", "UPDATE ", "DELETE FROM ", "CREATE TABLE ", "CREATE INDEX ", "ALTER TABLE ", "PRAGMA "];

/// Macros that write values into text.
const BUILDERS: &[&str] = &["format!(", "write!(", "writeln!("];

/// The comment that excuses a built statement; behind it stands why nothing from outside can get in.
const REASON: &str = "// sql: ";

/// A macro call longer than this is not followed further.
const CALL_LINES: usize = 20;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust_files().filter(|file| !file.is_test()).flat_map(|file| if knows_sql(file) { built(file) } else { misplaced(file) }).collect()
}

fn knows_sql(file: &File) -> bool {
    ROOMS_WITH_SQL.iter().any(|room| file.path().starts_with(room))
}

fn misplaced(file: &File) -> Vec<Finding> {
    // This file names the statements that it looks for.
    if file.path() == "xtask/src/tidy/sql.rs" {
        return Vec::new();
    }
    let code = file.shipped_lines().filter(|(_, line)| !is_comment(line));
    let with_sql = code.filter(|(_, line)| begins_statement(line));
    with_sql
        .map(|(number, _)| Finding::new(file, number, "only crates/store knows SQL: give it a read or a save with a name, and call that"))
        .collect()
}

/// A statement at the beginning of a string literal, or of a line within one.
fn begins_statement(line: &str) -> bool {
    let begins = |text: &str| STATEMENTS.iter().any(|statement| text.starts_with(statement));
    begins(line.trim_start()) || line.match_indices('"').any(|(index, _)| begins(&line[index + 1..]))
}

fn built(file: &File) -> Vec<Finding> {
    let lines: Vec<(usize, &str)> = file.shipped_lines().collect();
    let mut found = Vec::new();
    for (index, &(number, line)) in lines.iter().enumerate() {
        let Some(start) = BUILDERS.iter().find_map(|builder| Some(line.find(builder)? + builder.len())) else { continue };
        let above = index.checked_sub(1).map_or("", |above| lines[above].1);
        if is_comment(line) || line.contains(REASON) || above.contains(REASON) {
            continue;
        }
        if STATEMENTS.iter().any(|statement| call(&lines[index..], start).contains(statement)) {
            let advice = "bind values with `?1`. If only constants of ours are put together, say so above it behind `// sql: `";
            found.push(Finding::new(file, number, advice));
        }
    }
    found
}

/// The text of a macro call from behind its opening bracket to the closing one. Brackets in strings are counted too: SQL closes what it opens.
fn call(lines: &[(usize, &str)], start: usize) -> String {
    let mut text = String::new();
    let mut depth = 1_usize;
    for (offset, &(_, line)) in lines.iter().take(CALL_LINES).enumerate() {
        for character in line.chars().skip(if offset == 0 { line[..start].chars().count() } else { 0 }) {
            match character {
                '(' => depth += 1,
                ')' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return text;
            }
            text.push(character);
        }
        text.push('\n');
    }
    text
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(path: &str, text: &str) -> Vec<usize> {
        check(&Tree::of(&[(path, text)])).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn sql_outside_the_store_is_refused() {
        let text = "// SELECT in prose\nlet a = \"SELECT 1\";\nlet b = \"\n    UPDATE t SET a = 1\";\nlet c = \"please UPDATE it\";\n";
        assert_eq!(lines("crates/service/src/x.rs", text), [2, 4]);
        assert_eq!(lines("crates/service/tests/x.rs", text), [0_usize; 0]);
        assert_eq!(lines("crates/store/src/x.rs", text), [0_usize; 0]);
    }

    #[test]
    fn tests_beside_the_code_may_ask_the_database() {
        assert!(lines("crates/service/src/x.rs", "fn a() {}\n#[cfg(test)]\nmod tests {\n  const Q: &str = \"SELECT 1\";\n}\n").is_empty());
    }

    #[test]
    fn built_statements_are_refused_on_one_line_and_on_several() {
        assert_eq!(lines("crates/store/src/x.rs", "let q = format!(\"SELECT {column} FROM t\");\n"), [1]);
        assert_eq!(lines("crates/store/src/x.rs", "let q = format!(\n    \"DELETE FROM t\n     WHERE id = {id}\",\n);\n"), [1]);
        assert_eq!(lines("crates/store/src/x.rs", "let m = format!(\"{}\", count(1));\nlet q = \"SELECT 1\";\n"), [0_usize; 0]);
    }

    #[test]
    fn a_reason_excuses() {
        let text = "// sql: COLUMNS is a constant of this file\nlet q = format!(\"SELECT {COLUMNS} FROM t\");\nlet r = format!(\"SELECT {C}\"); // sql: C is a constant\n";
        assert!(lines("crates/store/src/x.rs", text).is_empty());
    }
}

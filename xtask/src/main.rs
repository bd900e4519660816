//! The workspace's own tools, run as `cargo xtask NAME`. Nothing here is shipped, and nothing here may depend on a server crate:
//! the house rules must be checkable while the house does not compile.

use std::process::ExitCode;

use tidy::tree::Tree;

mod tidy;

const HELP: &str = "\
Usage: cargo xtask COMMAND

Commands:
  tidy    check the house rules (crate arrows, lengths, banned words, where SQL may stand)
  help    print this
";

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line's output")]
fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("tidy") => match Tree::of_workspace() {
            Ok(tree) => report(&tidy::findings(&tree), &tree),
            Err(error) => {
                eprintln!("tidy could not read the tree: {error}");
                ExitCode::FAILURE
            }
        },
        Some("help" | "--help" | "-h") => {
            print!("{HELP}");
            ExitCode::SUCCESS
        }
        _ => {
            eprint!("{HELP}");
            ExitCode::from(2)
        }
    }
}

/// Prints the findings as `file:line: what to do`, which editors turn into links.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line's output")]
fn report(findings: &[tidy::Finding], tree: &Tree) -> ExitCode {
    for finding in findings {
        eprintln!("{finding}");
    }
    let (files, rules) = (tree.files().len(), tidy::CHECKS.len());
    if findings.is_empty() {
        println!("tidy: {files} files keep the {rules} house rules");
        return ExitCode::SUCCESS;
    }
    eprintln!("tidy: {} findings in {files} files", findings.len());
    ExitCode::FAILURE
}

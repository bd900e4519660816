//! `tenantry completions`: what makes a shell complete the commands and flags of this program.

use clap::{Args, Command};
use clap_complete::Shell;

use super::say;
use crate::Failure;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tenantry completions bash > ~/.local/share/bash-completion/completions/tenantry
  tenantry completions zsh > \"${fpath[1]}/_tenantry\"
  tenantry completions fish > ~/.config/fish/completions/tenantry.fish")]
pub(crate) struct CompletionsArgs {
    /// The shell.
    shell: Shell,
}

pub(crate) fn run(args: &CompletionsArgs, command: &mut Command) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, command, "tenantry", &mut script);
    say(String::from_utf8(script)?.trim_end());
    Ok(())
}

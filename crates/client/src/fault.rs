//! What can go wrong between a command and its server, and the exit code that each has.

use std::fmt;
use std::io;

use crate::Problem;

/// Each exit code, and what it says; `--help` and docs/command-line.md show them.
pub const EXIT_CODES: &str = "Exit codes:
  0  done
  1  refused: the server found fault with what was sent, or answered what this program cannot read
  2  the command line, the profile or a file it names will not do; nothing was sent
  3  there is no such record, or it is not yours
  4  not allowed: the key is not let in (401), or may not do this (403)
  5  in conflict with what is: another has the value, the status or version is another, the name of a
     version is demanded, the request is being carried out (409, 412, 428)
  6  the server was not reached, or cannot answer now (429, 500, 503): nothing was done
  7  the outcome is unknown: it may have been done; the message says how to ask again";

/// Why a call did not do what it was to do.
#[derive(Debug)]
pub enum Fault {
    /// What the caller gave will not do: nothing was sent.
    Usage(String),
    /// No connection came about, or it broke before anything could have happened.
    Unreached(String),
    /// The server answered, and refused.
    Refused(Box<Problem>),
    /// A change was sent and no answer came: it may have been made.
    Unknown(String),
    /// The answer is none that this program knows.
    Unreadable(String),
    /// The answer could not be written to where it was to go.
    Output(String),
}

impl Fault {
    /// The exit code of the program: one of [`EXIT_CODES`].
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Unreached(_) => 6,
            Self::Refused(problem) => problem.exit_code(),
            Self::Unknown(_) => 7,
            Self::Unreadable(_) | Self::Output(_) => 1,
        }
    }

    /// The fault of a file that a command names.
    pub fn of_file(path: &std::path::Path, error: &io::Error) -> Self {
        Self::Usage(format!("{} cannot be read: {error}", path.display()))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(said) | Self::Unreached(said) | Self::Unknown(said) | Self::Unreadable(said) | Self::Output(said) => {
                f.write_str(said)
            }
            Self::Refused(problem) => problem.fmt(f),
        }
    }
}

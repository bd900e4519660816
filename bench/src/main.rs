//! The bench: the real server under load, beside yardsticks that are measured in the same minutes. It prints ratios, and no rate without its cost.

mod bare;
mod chance;
mod customer;
mod figures;
mod load;
mod machine;
mod parts;
mod process;
mod quiet;
mod report;
mod seed;
mod yardsticks;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use tenantry::Failure;

use parts::{Bench, Part, Sizes};
use quiet::Quiet;
use seed::Scratch;

/// The server's allocator, for the bare server too: what is compared is not allocators.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures the server and prints a table of ratios.
#[derive(Parser)]
#[command(after_help = "Examples:\n  tenantry-bench\n  tenantry-bench --quick\n  tenantry-bench gets edits")]
struct Arguments {
    /// Which parts; all when none is named.
    parts: Vec<Part>,
    /// A short run over few customers: it shows that the bench works, and its figures are no good.
    #[arg(long)]
    quick: bool,
    /// How many customers the part `scale` grows to, one after the other, between commas.
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',')]
    scale: Vec<u64>,
    /// How many seconds to wait, each time, until other programs leave the processors alone.
    #[arg(long, default_value_t = 300, value_name = "SECONDS")]
    patience: u64,
}

/// The yardstick's own process.
#[derive(Parser)]
struct BareArguments {
    #[command(subcommand)]
    command: Bare,
}

#[derive(Subcommand)]
enum Bare {
    /// Serves a constant JSON of this many octets.
    Bare {
        /// The size of the answer's body.
        #[arg(long)]
        octets: usize,
    },
}

fn main() -> ExitCode {
    let done = if std::env::args().nth(1).is_some_and(|first| first == "bare") {
        let Bare::Bare { octets } = BareArguments::parse().command;
        bare::serve(octets)
    } else {
        run(&Arguments::parse())
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            note(&format!("tenantry-bench: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    process::build()?;
    say(&machine::line());
    let sizes = if arguments.quick { Sizes::quick() } else { Sizes::full() };
    let sizes = if arguments.scale.is_empty() { sizes } else { Sizes { scale: arguments.scale.clone(), ..sizes } };
    let all = [Part::Gets, Part::Edits, Part::Everlytic, Part::Codec, Part::Adds, Part::Postgres, Part::Million, Part::Search];
    let parts = if arguments.parts.is_empty() { &all[..] } else { &arguments.parts };
    let mut bench = Bench::new(sizes, Scratch::make()?, Quiet::new(Duration::from_secs(arguments.patience)));
    let mut lines = Vec::new();
    for part in parts {
        let measured = bench.run(*part)?;
        measured.iter().for_each(|line| note(&line.text()));
        lines.extend(measured);
    }
    say(&report::table(&lines));
    let Quiet { repeated, disturbed, .. } = bench.quiet;
    say(&format!(
        "{repeated} windows were taken again because other programs used the processors; {disturbed} were kept in spite of that."
    ));
    if arguments.quick {
        say("This was a quick run: it shows that the bench works, and its figures are no good.");
    }
    Ok(())
}

/// Prints a line of the result.
#[expect(clippy::print_stdout, reason = "the result of a command goes to standard output")]
fn say(line: &str) {
    println!("{line}");
}

/// Tells what is going on.
#[expect(clippy::print_stderr, reason = "what is going on goes to standard error")]
fn note(line: &str) {
    eprintln!("{line}");
}

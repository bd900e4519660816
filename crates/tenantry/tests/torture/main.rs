//! Nothing acknowledged is lost: the program as it is shipped, killed, cut from power, out of disk, and with a disk that fails.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test that cannot go on ends here, and says what it saw")]

mod disk_full;
mod failing_flush;
mod first_start;
mod imports;
mod kill;
mod power_cut;
mod trace;
mod writers;

/// The program.
const PROGRAM: &str = env!("CARGO_BIN_EXE_tenantry");

/// How often to repeat: what CI does, or what `make torture` says.
fn repeats(in_ci: usize) -> usize {
    std::env::var("TENANTRY_TORTURE").ok().and_then(|count| count.parse().ok()).unwrap_or(in_ci)
}

/// Says that a test cannot run here, and why. In CI that is a failure: a skip there would hide it.
fn skip(why: &str) {
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "cannot run: {why}");
    eprintln!("skipped: {why}");
}

/// A generator for tests (SplitMix64): a failure is repeated with its seed, TENANTRY_TORTURE_SEED.
struct Dice(u64);

impl Dice {
    fn new() -> Self {
        let given = std::env::var("TENANTRY_TORTURE_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| std::process::id().into());
        eprintln!("seed {seed} (repeat with TENANTRY_TORTURE_SEED={seed})");
        Self(seed)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}

//! What the machine is, how busy others keep it, and what a process has used: all read from /proc.

use std::fs;
use std::process::Command;
use std::time::Duration;

use tenantry::Failure;

/// Clock ticks of /proc a second: 100 on every Linux that people run (`getconf CLK_TCK`).
const TICKS_A_SECOND: f64 = 100.0;

/// Time, commit, cores, CPU model, memory, kernel and file system, on one line.
pub(crate) fn line() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ")).map_or("unknown CPU", |(_, model)| model);
    let memory = fs::read_to_string("/proc/meminfo").ok().and_then(|text| field_kib(&text, "MemTotal:")).unwrap_or(0.0) / 1024.0 / 1024.0;
    let date = output("date", &["-u", "+%Y-%m-%dT%H:%MZ"]);
    let commit = output("git", &["describe", "--always", "--dirty"]);
    let disk = output("df", &["--output=fstype", "."]).lines().last().map_or_else(String::new, str::to_owned);
    format!("{date} · commit {commit} · {cores} cores {model} · {memory:.0} GiB · Linux {} · {disk}", kernel.trim())
}

fn output(program: &str, arguments: &[&str]) -> String {
    let run = Command::new(program).args(arguments).output();
    run.ok().map_or_else(|| "unknown".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Processor time that a process has used, user and system, with its ended threads.
pub(crate) fn cpu_of(pid: u32) -> Result<Duration, Failure> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name in brackets may hold anything; behind it, utime and stime are the 12th and 13th fields (proc_pid_stat(5)).
    let behind_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: f64 = behind_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    Ok(Duration::from_secs_f64(ticks / TICKS_A_SECOND))
}

/// Processor time that this process has used.
pub(crate) fn own_cpu() -> Result<Duration, Failure> {
    cpu_of(std::process::id())
}

/// Resident memory of a process, in MiB.
pub(crate) fn resident_mib(pid: u32) -> Result<f64, Failure> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    field_kib(&status, "VmRSS:").map(|kib| kib / 1024.0).ok_or_else(|| Failure("/proc has no VmRSS".to_owned()))
}

fn field_kib(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

/// Processor time that everybody has used since the machine started, and what its host took away. Interrupts are left out: they are our own traffic.
pub(crate) fn cpu_of_all() -> Result<Duration, Failure> {
    let stat = fs::read_to_string("/proc/stat")?;
    let fields: Vec<f64> =
        stat.lines().next().unwrap_or_default().split_whitespace().skip(1).filter_map(|field| field.parse().ok()).collect();
    // user nice system idle iowait irq softirq steal (proc_stat(5)).
    let ticks: f64 = [0, 1, 2, 7].iter().filter_map(|index| fields.get(*index)).sum();
    Ok(Duration::from_secs_f64(ticks / TICKS_A_SECOND))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_uses_memory_and_no_more_than_everybody() {
        assert!(resident_mib(std::process::id()).unwrap() > 1.0);
        assert!(own_cpu().unwrap() <= cpu_of_all().unwrap());
    }

    #[test]
    fn the_line_names_the_kernel() {
        assert!(line().contains("Linux "), "{}", line());
    }
}

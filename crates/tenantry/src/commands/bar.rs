//! How far a long command is: a bar on a terminal; else a line for each thing that it does.

use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressStyle};

/// The way of a long command, on standard error.
pub(crate) struct Bar {
    bar: Option<ProgressBar>,
    /// What was shown last: the thing that is done, and how many of what there are.
    shown: RefCell<(String, u64)>,
}

impl Bar {
    pub(crate) fn new() -> Self {
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            let style = ProgressStyle::with_template("{msg:26} {wide_bar} {human_pos}/{human_len} {prefix} {per_sec:>14} {eta:>5}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self { bar, shown: RefCell::default() }
    }

    /// Shows how far it is. A total of 0: nobody knows.
    pub(crate) fn show(&self, doing: &str, unit: &str, done: u64, total: u64) {
        let mut shown = self.shown.borrow_mut();
        let is_new = shown.0 != doing;
        match &self.bar {
            Some(bar) => {
                if shown.1 != total {
                    bar.reset();
                    bar.set_length(total);
                }
                bar.set_prefix(unit.to_owned());
                bar.set_message(doing.to_owned());
                bar.set_position(done);
            }
            None if is_new => {
                let line = if total == 0 { doing.to_owned() } else { format!("{doing}: {done} of {total} {unit} done") };
                // Nobody reads on: the work goes on all the same.
                let _unread = writeln!(io::stderr(), "{line}");
            }
            None => {}
        }
        *shown = (doing.to_owned(), total);
    }

    pub(crate) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

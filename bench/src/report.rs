//! The table of ratios.

use comfy_table::Table;
use comfy_table::presets::ASCII_MARKDOWN;

use crate::figures::{median, spread};

/// One line of the table.
pub(crate) struct Line {
    /// What was measured.
    pub(crate) what: String,
    /// What came out, with its unit.
    pub(crate) measured: String,
    /// Processor milliseconds for each; empty where that says nothing.
    pub(crate) cpu: String,
    /// What it is compared with.
    pub(crate) against: String,
    /// The ratio, with the spread over the windows.
    pub(crate) ratio: String,
    /// The target.
    pub(crate) target: String,
    /// Whether it was met; `None` where there is no target.
    pub(crate) met: Option<bool>,
}

/// What a ratio has to be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Goal {
    /// This or more.
    AtLeast(f64),
    /// This or less.
    AtMost(f64),
}

impl Goal {
    /// Whether a figure meets it.
    pub(crate) fn is_met(self, figure: f64) -> bool {
        match self {
            Self::AtLeast(least) => figure >= least,
            Self::AtMost(most) => figure <= most,
        }
    }

    /// As it stands in the table.
    pub(crate) fn text(self, unit: &str) -> String {
        match self {
            Self::AtLeast(least) => format!("≥ {least}{unit}"),
            Self::AtMost(most) => format!("≤ {most}{unit}"),
        }
    }
}

impl Line {
    /// A line with a ratio that was taken in each round.
    pub(crate) fn of_ratios(what: &str, measured: String, cpu: &str, against: String, ratios: &[f64], goal: Goal) -> Self {
        let ratio = median(ratios);
        Self {
            what: what.to_owned(),
            measured,
            cpu: cpu.to_owned(),
            against,
            ratio: format!("{ratio:.2} ({})", spread(ratios)),
            target: goal.text(""),
            met: Some(goal.is_met(ratio)),
        }
    }

    /// A line with one figure that has a target of its own.
    pub(crate) fn of_figure(what: &str, figure: f64, unit: &str, decimals: usize, goal: Goal) -> Self {
        Self {
            what: what.to_owned(),
            measured: format!("{figure:.decimals$}{unit}"),
            cpu: String::new(),
            against: String::new(),
            ratio: String::new(),
            target: goal.text(unit),
            met: Some(goal.is_met(figure)),
        }
    }

    /// A line that only tells.
    pub(crate) fn of_note(what: &str, measured: String) -> Self {
        let empty = String::new;
        Self { what: what.to_owned(), measured, cpu: empty(), against: empty(), ratio: empty(), target: empty(), met: None }
    }
}

impl Line {
    /// The line alone, for whoever watches a long run.
    pub(crate) fn text(&self) -> String {
        let parts = [&self.what, &self.measured, &self.cpu, &self.against, &self.ratio, &self.target];
        let told: Vec<&str> = parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        format!("  {}", told.join(" | "))
    }
}

/// The table in Markdown, as `docs/performance.md` keeps it.
pub(crate) fn table(lines: &[Line]) -> String {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(vec!["what", "measured", "CPU ms each", "against", "ratio (spread)", "target", ""]);
    for line in lines {
        let met = match line.met {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "",
        };
        table.add_row(vec![&line.what, &line.measured, &line.cpu, &line.against, &line.ratio, &line.target, met]);
    }
    table.to_string()
}

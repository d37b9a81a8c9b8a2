//! The figures as a table that reads the same in a terminal and in Markdown.

use crate::cli::Subject;
use std::fmt;

use crate::cases::{Case, Quantity};
use crate::measure::Figure;

#[derive(Debug)]
pub(crate) struct Table {
    head: String,
    rows: Vec<(&'static str, Quantity, Vec<Figure>)>,
}

impl Table {
    pub(crate) fn new(valgrind: &str, subjects: &[Subject]) -> Self {
        let mut head = format!("{valgrind}, one worker, loopback, all on one core\n");
        for (number, subject) in (1..).zip(subjects) {
            head.push_str(&format!("#{number}: {subject}\n"));
        }
        Self { head, rows: Vec::new() }
    }

    /// Adds a figure for each binary, in the order of the binaries.
    pub(crate) fn add(&mut self, case: &Case, figures: Vec<Figure>) {
        self.rows.push((case.name, case.quantity(), figures));
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.head)?;
        writeln!(f, "| unit | braid | cost of one | of that the worker | to #1 |")?;
        writeln!(f, "| --- | --- | ---: | ---: | ---: |")?;
        for (name, quantity, figures) in &self.rows {
            let what = match quantity {
                Quantity::Instructions => "instructions",
                Quantity::Heap => "bytes of heap",
            };
            let first = figures.first().map_or(f64::NAN, |figure| figure.per_unit);
            for (number, figure) in (1..).zip(figures) {
                let worker = figure.busiest_thread.map_or(String::new(), |part| format!("{part:.0}"));
                writeln!(
                    f,
                    "| {name} | #{number} | {:.0} {what} | {worker} | {:.3} |",
                    figure.per_unit,
                    figure.per_unit / first
                )?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::CASES;

    #[test]
    fn later_binaries_are_compared_with_the_first() {
        let mut table = Table::new("valgrind-3", &["old", "new"].map(Subject::new));
        let figure = |per_unit, busiest_thread| Figure { per_unit, busiest_thread };
        table.add(&CASES[0], vec![figure(2000.0, Some(1900.0)), figure(2020.4, Some(1950.0))]);
        table.add(&CASES[6], vec![figure(900.0, None), figure(450.0, None)]);
        let text = table.to_string();
        for line in [
            "valgrind-3, one worker, loopback, all on one core\n#1: old\n#2: new\n",
            "| http request | #1 | 2000 instructions | 1900 | 1.000 |",
            "| http request | #2 | 2020 instructions | 1950 | 1.010 |",
            "| idle http client connection | #2 | 450 bytes of heap |  | 0.500 |",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
}

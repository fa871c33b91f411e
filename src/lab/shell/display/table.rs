//! `Format-Table`: columns as wide as what they hold, numbers to the right, the header underlined.

use std::fmt::Write as _;

use super::super::item::Item;
use super::text::shown;
use crate::powershell::Value;

/// A column: its header, and what is fixed about it.
#[derive(Debug, Clone)]
pub struct Column {
    /// The header.
    pub header: String,
    /// Columns, where they do not follow from what it holds.
    pub width: Option<usize>,
    /// To the right; else it follows from the first row's value.
    pub right: Option<bool>,
}

/// A table that is being printed. Rows are kept until the widths are known.
#[derive(Debug)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<Item>>,
    widths: Vec<usize>,
    begun: bool,
    headers: bool,
    wraps: bool,
}

/// Rows that are looked at before the widths are settled. A server takes what comes within 300 ms.
const LOOKED_AT: usize = 500;

impl Table {
    /// A table of those columns.
    pub fn new(columns: Vec<Column>) -> Self {
        Self { columns, rows: Vec::new(), widths: Vec::new(), begun: false, headers: true, wraps: false }
    }

    /// `-HideTableHeaders`, `-Wrap`
    pub fn with(mut self, headers: bool, wraps: bool) -> Self {
        self.headers = headers;
        self.wraps = wraps;
        self
    }

    /// One row, a value for each column.
    pub fn push(&mut self, row: Vec<Item>, width: usize, out: &mut String) {
        self.rows.push(row);
        if self.begun || self.rows.len() >= LOOKED_AT {
            self.flush(width, out);
        }
    }

    /// Prints the rows that are kept; the widths are settled by the first ones.
    pub fn flush(&mut self, width: usize, out: &mut String) {
        if self.rows.is_empty() {
            return;
        }
        if !self.begun {
            self.begin(width, out);
        }
        for row in std::mem::take(&mut self.rows) {
            if self.wraps {
                let cells: Vec<String> = row.iter().map(|item| shown(item).replace(['\r', '\n'], " ")).collect();
                self.wrapped(&cells, out);
            } else {
                let cells: Vec<String> = row.iter().map(cell).collect();
                self.line(&cells, out);
            }
        }
    }

    /// What comes after the last row.
    pub fn finish(mut self, width: usize, out: &mut String) {
        self.flush(width, out);
        if self.begun {
            out.push_str("\n\n");
        }
    }

    fn begin(&mut self, width: usize, out: &mut String) {
        self.begun = true;
        self.settle(width);
        out.push('\n');
        if self.headers {
            let headers: Vec<String> = self.columns.iter().map(|column| column.header.clone()).collect();
            self.line(&headers, out);
            let rules: Vec<String> =
                headers.iter().zip(&self.widths).map(|(header, width)| "-".repeat(header.chars().count().min(*width))).collect();
            self.line(&rules, out);
        }
    }

    /// Widths and sides by the rows that are there; columns that do not fit are left out, the last that fits is cut.
    fn settle(&mut self, width: usize) {
        let mut used = 0;
        let mut widths = Vec::new();
        for (nth, column) in self.columns.iter_mut().enumerate() {
            let cells = self.rows.iter().filter_map(|row| row.get(nth));
            if column.right.is_none() {
                column.right = Some(cells.clone().next().is_some_and(stands_right));
            }
            let content = || cells.map(|item| cell(item).chars().count()).max().unwrap_or(0).max(column.header.chars().count());
            let wanted = column.width.unwrap_or_else(content).max(1);
            let room = width.saturating_sub(used);
            if room == 0 || (wanted > room && room < 5 && nth > 0) {
                break;
            }
            let taken = wanted.min(room);
            widths.push(taken);
            used += taken + 1;
        }
        self.columns.truncate(widths.len());
        self.widths = widths;
    }

    fn line(&self, cells: &[String], out: &mut String) {
        let mut line = String::new();
        for (nth, width) in self.widths.iter().enumerate() {
            if nth > 0 {
                line.push(' ');
            }
            let text = cut(cells.get(nth).map_or("", String::as_str), *width);
            if self.columns.get(nth).and_then(|column| column.right).unwrap_or(false) {
                _ = write!(line, "{text:>width$}");
            } else {
                _ = write!(line, "{text:<width$}");
            }
        }
        out.push_str(&line);
        out.push('\n');
    }

    fn wrapped(&self, cells: &[String], out: &mut String) {
        let columns: Vec<Vec<String>> = self
            .widths
            .iter()
            .enumerate()
            .map(|(nth, width)| super::text::wrap(cells.get(nth).map_or("", String::as_str), *width))
            .collect();
        let height = columns.iter().map(Vec::len).max().unwrap_or(0);
        for row in 0..height {
            let cells: Vec<String> = columns.iter().map(|column| column.get(row).cloned().unwrap_or_default()).collect();
            self.line(&cells, out);
        }
    }
}

/// Numbers, booleans and enums stand to the right; texts, dates and spans to the left.
fn stands_right(item: &Item) -> bool {
    matches!(item, Item::Enum(_) | Item::Value(Value::Int(_) | Value::Double(_) | Value::Bool(_)))
}

/// The text of a cell: its first line, with dots where there are more.
fn cell(item: &Item) -> String {
    let text = shown(item);
    match text.split_once(['\r', '\n']) {
        Some((first, _)) => format!("{first}..."),
        None => text,
    }
}

/// A text that is too long for its cell ends in three dots.
fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let dots = if width > 3 { "..." } else { "" };
    let kept: String = text.chars().take(width - dots.len()).collect();
    kept + dots
}

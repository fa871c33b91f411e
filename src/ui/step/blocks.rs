//! The blocks of a step that are only read: headings, paragraphs, lists, tables, code. What is worked on is in `parts`.

use ratatui::style::Style;

use super::layout::{Lead, Row, holds_values};
use super::{Rows, prose};
use crate::runbook::model::{Block, Prose};
use crate::text::Safe;
use crate::text::width::{pad, width};
use crate::text::wrap::wrap;
use crate::ui::theme::Role;
use crate::ui::view::{Run, View};

impl Rows<'_> {
    /// Rows of blocks in their order.
    pub(super) fn blocks(&mut self, blocks: &[Block]) {
        for (n, block) in blocks.iter().enumerate() {
            let apart = self.loose || matches!(block, Block::Gate(_) | Block::Heading { .. } | Block::Table { .. });
            let tight = n > 0 && matches!((&blocks[n - 1], block), (Block::Checklist(_), Block::Wanted(_)));
            if apart && !tight {
                self.blank();
            }
            self.block(block);
        }
    }

    fn block(&mut self, block: &Block) {
        let view = self.view;
        let text = Style::new();
        match block {
            Block::Heading { text, .. } => self.prose(text, view.style(Role::Strong), "", ""),
            Block::Paragraph(prose) => self.prose(prose, text, "", ""),
            Block::List { start, items } => {
                for (n, item) in items.iter().enumerate() {
                    let mark = start.map_or_else(|| "• ".to_owned(), |first| format!("{}. ", first + n as u64));
                    self.indented(item, &mark);
                }
            }
            Block::Quote(blocks) => self.indented(blocks, "│ "),
            Block::Table { header, rows } => self.table(header, rows),
            Block::Rule => self.add(vec![view.run("─".repeat(self.columns.min(20)), Role::Quiet)]),
            Block::Code { text, .. } => self.code(text),
            Block::Picture { caption, path, .. } => {
                let words = format!("Picture: {} ({})", Safe::line(caption), Safe::line(path));
                for line in wrap(&words, self.columns) {
                    self.add(vec![view.run(line, Role::Quiet)]);
                }
            }
            Block::Checklist(items) => self.items(items, 0),
            Block::Alert(alert) => self.alert(alert),
            Block::Command(command) => self.command(command),
            Block::Form(form) => self.form(form),
            Block::Wanted(wanted) => self.wanted(wanted),
            Block::Gate(gate) => self.gate(gate),
        }
    }

    /// Wrapped inline text: `first` before its first row, `rest` before the others.
    fn prose(&mut self, prose: &Prose, style: Style, first: &str, rest: &str) {
        let columns = self.columns.saturating_sub(width(first));
        let piece = self.kept.prose(prose, || prose::rows(self.view, prose, style, columns));
        let leads = [first, rest].map(|lead| match lead {
            "" => Lead::default(),
            lead => Lead::from([(lead.to_owned(), Style::new())]),
        });
        self.made.extend(Row::of_piece(&piece, None, &leads));
    }

    /// Blocks behind a mark, hanging; parts among them stay parts.
    pub(super) fn indented(&mut self, blocks: &[Block], mark: &str) {
        let indent = width(mark);
        let rest = if mark.starts_with(['│', '┃']) { mark.to_owned() } else { " ".repeat(indent) };
        let (from, loose) = (self.made.len(), std::mem::replace(&mut self.loose, false));
        let columns = self.columns;
        self.columns = columns.saturating_sub(indent).max(1);
        self.blocks(blocks);
        (self.columns, self.loose) = (columns, loose);
        for (n, row) in self.made[from..].iter_mut().enumerate() {
            row.behind((if n == 0 { mark.to_owned() } else { rest.clone() }, Style::new()));
        }
    }

    /// Code as it stands, wrapped hard where it is too long.
    pub(super) fn code(&mut self, text: &str) {
        let (view, columns) = (self.view, self.columns.saturating_sub(4));
        let indent = || ("    ".to_owned(), Style::new());
        let row = |line| vec![indent(), view.run(line, Role::Code)];
        let piece = self.kept.piece(|| code_rows(text, columns).into_iter().map(row).collect());
        self.made.extend(Row::of_piece(&piece, None, &Default::default()));
    }

    fn table(&mut self, header: &[Prose], rows: &[Vec<Prose>]) {
        let (view, columns) = (self.view, self.columns);
        let live = header.iter().chain(rows.iter().flatten()).any(|cell| holds_values(cell));
        let make = || table_rows(view, header, rows, columns);
        let piece = if live { make().into() } else { self.kept.piece(make) };
        self.made.extend(Row::of_piece(&piece, None, &Default::default()));
    }
}

/// A table in its columns, which share the room.
fn table_rows(view: &View, header: &[Prose], rows: &[Vec<Prose>], room: usize) -> Vec<Vec<Run>> {
    let cells = |row: &[Prose]| row.iter().map(|cell| prose::plain(view, cell)).collect::<Vec<String>>();
    let (header, rows): (Vec<String>, Vec<Vec<String>>) = (cells(header), rows.iter().map(|row| cells(row)).collect());
    let columns = header.len().max(1);
    let widest = |n: usize| {
        std::iter::once(&header).chain(&rows).filter_map(|row| row.get(n)).map(|cell| width(cell)).max().unwrap_or_default()
    };
    let room = (room.saturating_sub(2 * (columns - 1)) / columns).max(1);
    // Narrow columns leave their room to the wide ones.
    let spare: usize = (0..columns).map(|n| room.saturating_sub(widest(n))).sum();
    let over = (0..columns).filter(|n| widest(*n) > room).count().max(1);
    let widths: Vec<usize> = (0..columns).map(|n| widest(n).min(room + spare / over)).collect();
    // A cell that is too long goes on below itself.
    let rows_of = |cells: &[String], role: Role| -> Vec<Vec<Run>> {
        let wrapped: Vec<Vec<String>> =
            widths.iter().enumerate().map(|(n, w)| wrap(cells.get(n).map_or("", String::as_str), (*w).max(1))).collect();
        let height = wrapped.iter().map(Vec::len).max().unwrap_or_default();
        let row = |at: usize| {
            let parts = wrapped.iter().zip(&widths).map(|(lines, w)| pad(lines.get(at).map_or("", String::as_str), *w));
            vec![view.run(parts.collect::<Vec<_>>().join("  "), role)]
        };
        (0..height).map(row).collect()
    };
    let body = rows.iter().flat_map(|cells| rows_of(cells, Role::Text));
    rows_of(&header, Role::Strong).into_iter().chain(body).collect()
}

/// Lines of code in rows of that width: never reflowed; a row that goes on in the next ends after a space where one is
/// near its edge, so that no name is torn in two.
pub(super) fn code_rows(text: &str, columns: usize) -> Vec<String> {
    let mut rows = Vec::new();
    for line in Safe::lines(text.trim_end_matches('\n')) {
        let mut rest = line.as_str();
        loop {
            let (mut head, mut tail) = crate::text::width::split_at_width(rest, columns.max(2));
            let space = head.rfind(' ').map(|at| at + 1).filter(|at| !tail.is_empty() && width(&head[*at..]) <= columns / 3);
            if let Some(at) = space {
                (head, tail) = rest.split_at(at);
            }
            rows.push(head.to_owned());
            if tail.is_empty() {
                break;
            }
            rest = tail;
        }
    }
    rows
}

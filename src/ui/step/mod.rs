//! The step: title and server, then what it says and asks, row by row. The rows are made for the step as a whole, so that
//! the selected part can be kept in sight; long steps scroll.

mod blocks;
mod gates;
pub mod layout;
mod parts;
pub mod prose;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::theme::Role;
use super::view::{Run, View, ends, put, row};
use crate::app::{steps, words};
use crate::engine::Purpose;
use crate::runbook::model::{Block, Step};
use crate::session::event::Outcome;
use crate::session::state::StepStatus;
use crate::text::Safe;
use crate::text::age::minute_utc;
use crate::text::wrap::wrap;

pub use gates::{Lay, Place, line_rows};
use layout::{Kept, Row};
pub use parts::{Shown, run_output, run_words};

/// The widest text.
const WIDEST: usize = 110;

/// Rows being made.
pub struct Rows<'a> {
    /// Everything needed
    pub view: &'a View<'a>,
    /// The step
    pub step: &'a Step,
    /// Columns for the text
    pub columns: usize,
    /// Whether there is room for blank rows between blocks
    pub loose: bool,
    made: Vec<Row>,
    /// How many selectable parts came so far
    parts: usize,
    /// What was laid out for the frame before and is still so
    kept: Kept<'a>,
}

impl Rows<'_> {
    /// Adds a row of no part.
    pub fn add(&mut self, runs: Vec<Run>) {
        self.made.push(Row::of(runs, None));
    }

    /// Adds rows of a part.
    pub fn add_part(&mut self, part: usize, rows: impl IntoIterator<Item = Vec<Run>>) {
        self.made.extend(rows.into_iter().map(|runs| Row::of(runs, Some(part))));
    }

    /// The number of the next selectable part.
    pub fn next_part(&mut self) -> usize {
        self.parts += 1;
        self.parts - 1
    }

    /// A blank row, never two and never first.
    pub fn blank(&mut self) {
        if self.made.last().is_some_and(|row| !row.is_blank()) {
            self.made.push(Row::default());
        }
    }
}

/// Blocks that are only read, one column in from the left.
pub fn read_only(view: &View, blocks: &[Block], columns: usize) -> Vec<Vec<Run>> {
    // Prose belongs to no step; the first one lends its name to what asks for one.
    let Some(step) = view.engine.runbook().phases.iter().find_map(|phase| phase.steps.first()) else { return Vec::new() };
    let mut rows = Rows { view, step, columns, loose: true, made: Vec::new(), parts: 0, kept: Kept::nowhere() };
    rows.blocks(blocks);
    rows.made.into_iter().map(|row| std::iter::once(view.run(" ", Role::Text)).chain(row.runs()).collect()).collect()
}

/// Draws the step, or what stands in its place.
pub fn draw(view: &View, area: Rect, buffer: &mut Buffer) {
    let closed = view.engine.session().closed.is_some() && view.app.body.viewing.is_none();
    match view.app.step(view.engine).filter(|_| !closed) {
        Some(step) => draw_step(view, step, area, buffer),
        None => instead(view, area, buffer),
    }
}

fn draw_step(view: &View, step: &Step, area: Rect, buffer: &mut Buffer) {
    put(buffer, row(area, 0), &title(view, step, usize::from(area.width).min(WIDEST + 2)));
    let loose = view.app.size.1 >= 30;
    let top = if loose { 2 } else { 1 };
    let area = Rect { y: area.y + top.min(area.height), height: area.height.saturating_sub(top), ..area };
    // Beyond a hundred columns or so the eye no longer finds the next row.
    let columns = usize::from(area.width).saturating_sub(2).clamp(1, WIDEST);
    let kept = view.layout.of_step(&step.id, columns, loose);
    let mut rows = Rows { view, step, columns, loose, made: Vec::new(), parts: 0, kept };
    rows.state();
    rows.look();
    rows.blocks(&step.blocks);
    rows.links();
    rows.record();
    let (rows, parts) = (rows.made, rows.parts);
    let selected = view.app.body.selected.min(parts.saturating_sub(1));
    let height = usize::from(area.height);
    let from = scrolled(view, &rows, (parts > 0).then_some(selected), height);
    let marked = rows.iter().position(|row| row.part == Some(selected) && parts > 0);
    for (n, item) in rows.iter().skip(from).take(height).enumerate() {
        let place = row(area, n);
        let mark = if marked == Some(from + n) { "›" } else { " " };
        put(buffer, Rect { width: 1.min(place.width), ..place }, &[view.run(mark, Role::Strong)]);
        let inner = Rect { x: place.x + 1, width: place.width.saturating_sub(2), ..place };
        put(buffer, inner, &item.runs());
    }
}

/// The first row shown: as it was, moved no further than the selected part asks for.
fn scrolled(view: &View, rows: &[Row], selected: Option<usize>, height: usize) -> usize {
    let body = &view.app.body;
    let of = |row: &Row| selected.is_some() && row.part == selected;
    let (first, last) = (rows.iter().position(of), rows.iter().rposition(of));
    let mut from = body.top;
    if let (true, Some(first), Some(last)) = (body.follow, first, last) {
        // A part longer than the pane is shown from its beginning.
        from = from.max((last + 1).saturating_sub(height)).min(first);
    }
    from = from.min(rows.len().saturating_sub(height));
    let below = rows.len().saturating_sub(from + height);
    view.measure(|extent| (extent.top, extent.below, extent.page) = (from, below, height));
    from
}

/// `3.1 The active server goes into staging            on old EC01`
fn title(view: &View, step: &Step, columns: usize) -> Vec<Run> {
    let left = [view.run(format!(" {}", steps::title(view.engine, step)), Role::Strong)];
    let (mark, _) = super::list::step_mark(view, step);
    let status = view.engine.session().status(&step.id);
    let mut right = match status {
        StepStatus::Confirmed => vec![view.run(format!("{mark} confirmed  "), Role::Good)],
        StepStatus::Waived => vec![view.run(format!("{mark} waived  "), Role::Doubt)],
        StepStatus::Skipped => vec![view.run(format!("{mark} does not apply  "), Role::Quiet)],
        StepStatus::Reopened => vec![view.run(format!("{mark} reopened  "), Role::Doubt)],
        StepStatus::Open => Vec::new(),
        StepStatus::Pending if view.engine.is_absent(&step.id) => vec![view.run(format!("{mark} does not apply  "), Role::Quiet)],
        StepStatus::Pending if view.app.body.viewing.is_some() => vec![view.run(format!("{mark} to come  "), Role::Quiet)],
        StepStatus::Pending => vec![view.run("not open yet  ", Role::Quiet)],
    };
    if let Some(on) = &step.on {
        right.push(view.run(format!("on {} ", words::server(view.engine, on)), Role::Strong));
    }
    ends(&left, &right, columns)
}

/// What stands where no step is open.
fn instead(view: &View, area: Rect, buffer: &mut Buffer) {
    let session = view.engine.session();
    let text = if let Some(closed) = &session.closed {
        let how = match closed.outcome {
            Outcome::Completed => "completed",
            Outcome::Aborted => "aborted",
            Outcome::RolledBack => "rolled back",
        };
        let report = format!("The report for the ticket: lockstep report {}", Safe::line(&session.opened.session));
        let summary = Safe::lines(&closed.summary).into_iter().map(Safe::into_string).collect::<Vec<_>>().join("\n");
        format!("The session is closed since {} as {how}.\n{summary}\n\n{report}", minute_utc(closed.mark.at))
    } else if view.engine.is_at_end() {
        "Every step is done.\nQ closes the session with its outcome and a summary.".to_owned()
    } else {
        "No step is open.".to_owned()
    };
    for (n, line) in wrap(&text, usize::from(area.width).saturating_sub(2)).into_iter().enumerate() {
        put(buffer, row(area, n), &[view.run(format!(" {line}"), if n == 0 { Role::Strong } else { Role::Text })]);
    }
}

impl Rows<'_> {
    /// What the operator should know before he reads on.
    fn state(&mut self) {
        let view = self.view;
        let session = view.engine.session();
        let state = session.steps.get(&self.step.id);
        let mut say = |text: String, role: Role| {
            for line in wrap(&text, self.columns) {
                self.made.push(Row::of(vec![view.run(line, role)], None));
            }
        };
        if let Some(question) = view.engine.question().filter(|question| question.step == self.step.id) {
            let condition = question.condition.lines.first().map_or("its condition", |line| line.text.as_str());
            say(format!("? Whether this step applies is unknown: {}. Enter answers.", Safe::line(condition)), Role::Doubt);
        }
        for run in session.interrupted().filter(|run| run.approved.step == self.step.id) {
            let began = run.started.map_or_else(|| "was approved".to_owned(), |at| format!("began {}", minute_utc(at)));
            let which = view.engine.command_words(run);
            let which = Safe::line(&which);
            say(format!("! Interrupted: {which} {began}; its end was never seen. s says what became of it."), Role::Bad);
        }
        if let Some((at, reason)) = state.and_then(|state| state.reopened.last()) {
            say(format!("↺ Reopened {}: {}", minute_utc(*at), Safe::line(reason)), Role::Doubt);
        }
        let absent = view.engine.step_of(&self.step.id).and_then(|(phase, step)| view.engine.why_absent(phase, step));
        if let Some(reason) = state.and_then(|state| state.skipped.as_ref()).or(absent.as_ref()) {
            say(format!("- Does not apply: {}", Safe::line(reason)), Role::Quiet);
        }
        let Some((phase, _)) = view.engine.step_of(&self.step.id).filter(|(phase, _)| phase.steps.first() == Some(self.step))
        else {
            return;
        };
        let runbook = view.engine.runbook();
        let opens = runbook.phases.first() == Some(phase) && !runbook.preface.is_empty();
        if self.loose {
            self.blocks(&phase.intro);
            // What the phase says is read here, not worked on: it takes no part's number.
            self.made.iter_mut().for_each(|row| row.part = None);
            self.parts = 0;
        }
        // What there is no room for is one key away, and says so.
        let words = match (opens, !self.loose && !phase.intro.is_empty()) {
            (true, _) => "what the runbook says before it begins",
            (false, true) => "what this phase is about",
            (false, false) => return,
        };
        self.add(vec![view.run("b ", Role::Key), view.run(words, Role::Quiet)]);
    }

    /// The look under way, where it is about this step's beginning.
    fn look(&mut self) {
        let view = self.view;
        let Some(look) = view.engine.look().filter(|look| look.step == self.step.id && look.purpose == Purpose::Begin) else {
            return;
        };
        let heading = if look.passed() { "Before it begins" } else { "Before it begins: Enter shows what can be done" };
        self.add(vec![view.run(heading, Role::Strong)]);
        if look.lines().next().is_none() {
            self.add(vec![view.run("The servers are being asked.", Role::Quiet)]);
        }
        let lay = Lay::of(view, look.lines().map(|line| line.text.as_str()), self.columns, Place::Unsaid);
        for line in look.lines() {
            for runs in line_rows(view, line, lay) {
                self.add(runs);
            }
        }
        self.blank();
    }
}

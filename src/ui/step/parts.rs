//! The parts of a step that are worked on: cautions, items, commands with their last run, forms, wanted evidence.

use ratatui::style::Style;

use super::blocks::code_rows;
use super::layout::{Lead, Row};
use super::{Rows, prose};
use crate::app::parts::links;
use crate::app::words;
use crate::runbook::model::{Alert, AlertKind, Block, Command, Form, Inline, Item, RunMode, Wanted};
use crate::session::event::{EndState, Resolution};
use crate::session::state::{AttachmentState, RunState, RunStatus, StepState};
use crate::text::Safe;
use crate::text::age::{Pace, minute_utc, second_utc, took};
use crate::text::width::{pad, width};
use crate::ui::theme::Role;
use crate::ui::values;
use crate::ui::view::{Run, View, ends};

/// Columns that a form's value has at least, its indents with them.
const VALUE: usize = 26;

impl Rows<'_> {
    fn step_state(&self) -> Option<&StepState> {
        self.view.engine.session().steps.get(&self.step.id)
    }

    /// `[x] text`, nested ones deeper.
    pub(super) fn items(&mut self, items: &[Item], depth: usize) {
        let view = self.view;
        let state = view.engine.session().steps.get(&self.step.id);
        let indent = "    ".repeat(depth);
        let lead = |text: &str, role| Lead::from([(indent.clone(), Style::new()), view.run(text, role)]);
        let rest = lead("    ", Role::Text);
        let open = [lead("[ ] ", Role::Strong), Lead::clone(&rest)];
        let done = [lead("[x] ", Role::Good), rest];
        let columns = self.columns.saturating_sub(4 * depth + 4);
        for item in items {
            let ticked = state.is_some_and(|state| state.ticked.contains_key(&item.id));
            let piece = self.kept.prose(&item.text, || prose::rows(view, &item.text, Style::new(), columns));
            let part = self.next_part();
            self.made.extend(Row::of_piece(&piece, Some(part), if ticked { &done } else { &open }));
            self.items(&item.items, depth + 1);
        }
    }

    /// `┃ CAUTION  text`, and whether it is acknowledged.
    pub(super) fn alert(&mut self, alert: &Alert) {
        let view = self.view;
        let (word, role) = match alert.kind {
            AlertKind::Note => ("NOTE", Role::Strong),
            AlertKind::Tip => ("TIP", Role::Strong),
            AlertKind::Important => ("IMPORTANT", Role::Strong),
            AlertKind::Warning => ("WARNING", Role::Doubt),
            AlertKind::Caution => ("CAUTION", Role::Bad),
        };
        let part = (alert.kind == AlertKind::Caution).then(|| self.next_part());
        let from = self.made.len();
        let columns = self.columns;
        self.columns = columns.saturating_sub(2).max(1);
        // The word stands before the first paragraph; before anything else it has a row of its own.
        let mut rest = alert.blocks.as_slice();
        if let Some((Block::Paragraph(first), after)) = alert.blocks.split_first() {
            let mut worded = vec![Inline::Strong(vec![Inline::Text(format!("{word}  "))])];
            worded.extend(first.iter().cloned());
            for mut runs in prose::rows(view, &worded, Style::new(), self.columns) {
                if let Some(first) = runs.first_mut().filter(|(text, _)| text.starts_with(word)) {
                    first.1 = view.style(role);
                }
                self.add(runs);
            }
            rest = after;
        } else {
            self.add(vec![view.run(word, role)]);
        }
        let loose = std::mem::replace(&mut self.loose, false);
        self.blocks(rest);
        (self.columns, self.loose) = (columns, loose);
        let mut rows = self.made.split_off(from);
        for row in &mut rows {
            row.behind(view.run("┃ ", role));
            row.part = row.part.or(part);
        }
        if part.is_some() {
            let acknowledged = self.step_state().is_some_and(|state| state.acknowledged.contains_key(&alert.id));
            let said = if acknowledged {
                view.run(format!("{:>18}", "acknowledged ✓"), Role::Good)
            } else {
                view.run("Space acknowledges", Role::Key)
            };
            right_of_last(view, &mut rows, part, said, columns, role);
        }
        self.made.append(&mut rows);
    }

    /// The text of a command, its key, its last run.
    pub(super) fn command(&mut self, command: &Command) {
        let view = self.view;
        let part = self.next_part();
        let number =
            crate::engine::Engine::commands_of(self.step).position(|other| other.id == command.id).unwrap_or_default() + 1;
        let on = command.on.as_ref().map(|on| words::machine(view.engine, on)).unwrap_or_default();
        let offer = match command.run {
            RunMode::Manual => "by hand, r shows it".to_owned(),
            RunMode::Auto => format!("by itself on {on}"),
            RunMode::Ask | RunMode::Type => format!("r run on {on}"),
        };
        let mut rows: Vec<Vec<Run>> = Vec::new();
        let room = self.columns.saturating_sub(4);
        for (n, line) in code_rows(&command.text, room).into_iter().enumerate() {
            let lead = if n == 0 { format!(" {number}  ") } else { "    ".to_owned() };
            rows.push(vec![view.run(lead, Role::Strong), view.run(line, Role::Code)]);
        }
        let offer = view.run(offer, Role::Quiet);
        match rows.iter_mut().find(|row| fits(row, &offer, self.columns)) {
            Some(row) => *row = ends(row, std::slice::from_ref(&offer), self.columns),
            None => rows.push(ends(&[], std::slice::from_ref(&offer), self.columns)),
        }
        let last = view.engine.session().runs_of(&self.step.id, &command.id).last();
        if let Some(run) = last {
            let (lines, hidden) = output(view, run, if self.loose { 6 } else { 2 });
            let more = hidden.map_or_else(|| "o output".to_owned(), |all| format!("o all {all} lines"));
            rows.push(ends(&[view.run("    ", Role::Text), run_words(view, run)], &[view.run(more, Role::Quiet)], self.columns));
            for line in lines {
                rows.push(vec![view.run(format!("    {line}"), Role::Text)]);
            }
            if let Some(way) = way_back(view, command, run) {
                rows.push(vec![view.run(format!("    {way}"), Role::Doubt)]);
            }
        } else if let Some(sample) = command.sample.as_ref().filter(|_| self.loose) {
            rows.push(vec![view.run("    Expected, for example:", Role::Quiet)]);
            rows.extend(
                code_rows(sample, room).into_iter().take(6).map(|line| vec![view.run(format!("    {line}"), Role::Quiet)]),
            );
        }
        self.add_part(part, rows);
    }

    /// The fields of a form with what was saved.
    pub(super) fn form(&mut self, form: &Form) {
        let view = self.view;
        let part = self.next_part();
        let saved = view.engine.session().forms.get(&form.id);
        let head = saved.map_or_else(
            || vec![view.run("[ ] ", Role::Strong), view.run("Form, not filled in", Role::Text)],
            |saved| {
                let when = format!("Form, filled in {} by {}", minute_utc(saved.mark.at), Safe::line(&saved.mark.by));
                vec![view.run("[x] ", Role::Good), view.run(when, Role::Text)]
            },
        );
        let mut rows = vec![ends(&head, &[view.run("e fill in", Role::Quiet)], self.columns)];
        // A label is cut only where its value would have no room.
        let widest = form.fields.iter().map(|field| width(&Safe::line(&field.label))).max().unwrap_or_default();
        let labels = widest.min(self.columns.saturating_sub(VALUE));
        for field in &form.fields {
            let value = saved.and_then(|saved| saved.values.get(&field.name));
            let text = match (value, &field.kind) {
                (Some(_), crate::runbook::model::FieldKind::Secret) => "given".to_owned(),
                (Some(value), _) => values::words(value),
                (None, _) if field.required => "-".to_owned(),
                (None, _) => "- (optional)".to_owned(),
            };
            let label = pad(&Safe::line(&field.label), labels);
            rows.push(vec![view.run(format!("    {label}  "), Role::Quiet), view.run(text, Role::Text)]);
        }
        self.add_part(part, rows);
    }

    /// `[ ] Evidence: caption`, or what was attached.
    pub(super) fn wanted(&mut self, wanted: &Wanted) {
        let view = self.view;
        let part = self.next_part();
        let kept: Vec<&AttachmentState> = view
            .engine
            .session()
            .attachments_of(&self.step.id)
            .filter(|kept| kept.attachment.wanted.as_ref() == Some(&wanted.id))
            .collect();
        let (mark, role) = if kept.is_empty() { ("[ ] ", Role::Strong) } else { ("[x] ", Role::Good) };
        let optional = if wanted.optional { " (optional)" } else { "" };
        let left = [view.run(mark, role), view.run(format!("Evidence: {}{optional}", Safe::line(&wanted.caption)), Role::Text)];
        let mut rows = vec![ends(&left, &[view.run("a attach", Role::Quiet)], self.columns)];
        rows.extend(kept.into_iter().map(|kept| attached(view, kept)));
        self.add_part(part, rows);
    }

    /// Where the prose leads to: a row each.
    pub(super) fn links(&mut self) {
        let view = self.view;
        for (n, link) in links(&self.step.blocks).into_iter().enumerate() {
            if n == 0 && self.loose {
                self.blank();
            }
            let part = self.next_part();
            let words = format!("→ {}", prose::plain(view, link.text));
            let row = ends(&[view.run(words, Role::Text)], &[view.run("l go there", Role::Quiet)], self.columns);
            self.add_part(part, [row]);
        }
    }

    /// What was recorded here besides: attachments of no wanted evidence, notes.
    pub(super) fn record(&mut self) {
        let view = self.view;
        let session = view.engine.session();
        let others: Vec<Vec<Run>> = session
            .attachments_of(&self.step.id)
            .filter(|kept| kept.attachment.wanted.is_none())
            .map(|kept| attached(view, kept))
            .collect();
        if !others.is_empty() {
            self.blank();
            self.add(vec![view.run("Attached", Role::Strong)]);
            for row in others {
                self.add(row);
            }
        }
        let notes = session.notes.iter().filter(|note| note.step.as_ref() == Some(&self.step.id) && note.withdrawn.is_none());
        for (n, note) in notes.enumerate() {
            if n == 0 {
                self.blank();
            }
            let who = format!("{} {}: ", note.mark.at.format("%H:%M"), Safe::line(&note.mark.by));
            let lead = if n == 0 { "Notes  " } else { "       " };
            let text: Vec<String> = Safe::lines(&note.text).into_iter().map(Safe::into_string).collect();
            for (n, line) in crate::text::wrap::wrap(&format!("{who}{}", text.join("\n")), self.columns.saturating_sub(7))
                .into_iter()
                .enumerate()
            {
                self.add(vec![view.run(if n == 0 { lead } else { "       " }, Role::Strong), view.run(line, Role::Text)]);
            }
        }
    }
}

/// What the runbook offers where a command did not end well.
fn way_back(view: &View, command: &Command, run: &RunState) -> Option<String> {
    let bad = matches!(run.status(), RunStatus::Ended(EndState::Failed | EndState::Stopped) | RunStatus::Interrupted);
    let target = command.rollback.as_ref().filter(|_| bad)?.trim_start_matches('#');
    let engine = view.engine;
    if let Some(phase) = engine.phase_of(&target.into()) {
        return Some(format!("Way back: {} (: palette, Aside)", Safe::line(&phase.title)));
    }
    let step = engine.step_of(&target.into()).map(|(_, step)| crate::app::steps::title(engine, step));
    Some(format!("Way back: {}", step.unwrap_or_else(|| format!("the command {}", Safe::line(target)))))
}

fn fits(left: &[Run], right: &Run, columns: usize) -> bool {
    crate::ui::view::runs_width(left) + crate::text::width::width(&right.0) + 2 <= columns
}

/// Words at the right end of the last row, or on a row of their own.
fn right_of_last(view: &View, rows: &mut Vec<Row>, part: Option<usize>, said: Run, columns: usize, bar: Role) {
    if let Some(last) = rows.last_mut().filter(|last| fits(&last.runs(), &said, columns)) {
        *last = Row::of(ends(&last.runs(), &[said], columns), last.part);
    } else {
        rows.push(Row::of(ends(&[view.run("┃ ", bar)], &[said], columns), part));
    }
}

/// `stage_old.png, 12 KiB, 22:37 UTC anna`
fn attached(view: &View, kept: &AttachmentState) -> Vec<Run> {
    let file = &kept.attachment;
    let words = format!(
        "    {}, {}, {} {}",
        Safe::line(&file.name),
        values::bytes(file.bytes),
        minute_utc(kept.mark.at),
        Safe::line(&kept.mark.by)
    );
    vec![view.run(words, Role::Quiet)]
}

/// How a run stands, in words.
pub fn run_words(view: &View, run: &RunState) -> Run {
    let at = second_utc(run.mark.at);
    let (words, role) = match run.status() {
        RunStatus::Approved => (format!("{at}  about to begin"), Role::Strong),
        RunStatus::Running => {
            let since = run.started.unwrap_or(run.mark.at);
            (format!("{at}  running, {}", view.clock.elapsed(since, Pace::Waiting)), Role::Strong)
        }
        RunStatus::Interrupted => (format!("{at}  ! interrupted: its end was never seen"), Role::Bad),
        RunStatus::Resolved(Resolution::Finished) => {
            (format!("{at}  interrupted; it finished, as the operator says"), Role::Doubt)
        }
        RunStatus::Resolved(Resolution::DidNotRun) => {
            (format!("{at}  interrupted; it did not run, as the operator says"), Role::Doubt)
        }
        RunStatus::Ended(state) => ended_words(&at, state, run),
    };
    view.run(words, role)
}

fn ended_words(at: &str, state: EndState, run: &RunState) -> (String, Role) {
    let Some((_, end)) = &run.ended else { return (at.to_owned(), Role::Text) };
    let took = took(end.ms);
    let errors = match end.errors {
        0 => String::new(),
        1 => ", 1 error".to_owned(),
        many => format!(", {many} errors"),
    };
    let exit = end.exit.map(|code| format!(", exit {code}")).unwrap_or_default();
    let why = end.why.as_ref().map(|why| format!(": {}", Safe::line(why))).unwrap_or_default();
    match state {
        EndState::Completed if end.errors == 0 => (format!("{at}  ended in {took}{exit}"), Role::Text),
        EndState::Completed => (format!("{at}  ended in {took}{exit}{errors}"), Role::Doubt),
        EndState::Failed => (format!("{at}  failed after {took}{exit}{errors}{why}"), Role::Bad),
        EndState::Stopped => (format!("{at}  stopped after {took}{why}"), Role::Doubt),
        EndState::Refused => (format!("{at}  refused{why}"), Role::Bad),
        EndState::Interrupted => (format!("{at}  ! interrupted{why}"), Role::Bad),
    }
}

/// The last lines of a run's output that say something; and how many there are in all, where some are not shown.
fn output(view: &View, run: &RunState, lines: usize) -> (Vec<String>, Option<usize>) {
    let Shown { lines: mut last, all, .. } = run_output(view, run, lines + 10, 0);
    let above = all > last.len();
    // Nor does the rule below a table's headings say anything: it would push the headings out of two lines. Of an error
    // its words do, not where in the text it came about.
    let errors = run.ended.as_ref().is_some_and(|(_, end)| end.errors > 0);
    let about = |line: &str| errors && (line.trim_start().starts_with("+ ") || line.starts_with("At line:"));
    last.retain(|line| line.contains(|c| c != ' ' && c != '-') && !about(line));
    let shown = last.split_off(last.len().saturating_sub(lines));
    (shown, (above || !last.is_empty()).then_some(all))
}

/// Lines of an output.
#[derive(Debug, Default)]
pub struct Shown {
    /// Those asked for
    pub lines: Vec<String>,
    /// How many can be scrolled through
    pub kept: usize,
    /// How many there are in all
    pub all: usize,
}

/// At most `count` lines of a run's output, leaving out the newest `skip`. Live where this run of the program has seen it,
/// else as the journal has it.
pub fn run_output(view: &View, run: &RunState, count: usize, skip: usize) -> Shown {
    if let Some(tail) = view.outputs.tail(&run.approved.run).filter(|tail| !tail.is_empty()) {
        let lines = tail.lines(count, skip).into_iter().map(Safe::into_string).collect();
        return Shown { lines, kept: tail.kept_lines(), all: usize::try_from(tail.line_count()).unwrap_or(usize::MAX) };
    }
    let Some((_, end)) = &run.ended else { return Shown::default() };
    let mut all: Vec<String> = end.output.head.iter().map(|line| Safe::line(line).into_string()).collect();
    if end.output.omitted > 0 {
        all.push(format!("⟨{} more lines in the transcript⟩", end.output.omitted));
    }
    all.extend(end.output.tail.iter().map(|line| Safe::line(line).into_string()));
    let to = all.len().saturating_sub(skip);
    Shown { lines: all[to.saturating_sub(count)..to].to_vec(), kept: all.len(), all: all.len() }
}

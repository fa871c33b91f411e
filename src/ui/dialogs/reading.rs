//! Dialogs to read: the help, the output of a run, the findings, what happened while the session was away.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::{ORDINARY, keys, open, paragraphs, widest};
use crate::app::command::{Scope, in_scope};
use crate::app::dialog::{About, Output};
use crate::app::{steps, words};
use crate::engine::ResumeReport;
use crate::gate::Truth;
use crate::text::Safe;
use crate::text::age::{minute_utc, second_utc};
use crate::text::width::{pad, split_at_width, width};
use crate::text::wrap::wrap;
use crate::ui::step::{Lay, Place, Shown, line_rows, read_only, run_output};
use crate::ui::theme::Role;
use crate::ui::values;
use crate::ui::view::{Run, View, put, row};

/// Rows in a box that fills the screen, scrolled.
pub(super) fn scrolled(view: &View, title: &str, rows: &[Vec<Run>], scroll: usize, area: Rect, buffer: &mut Buffer) {
    let inner = open(view, title, rows.len() + 1, area.width.min(100), area, area, buffer);
    let shown = usize::from(inner.height).saturating_sub(1);
    let greatest = rows.len().saturating_sub(shown);
    view.measure(|extent| (extent.dialog, extent.page) = (greatest, shown));
    let from = scroll.min(greatest);
    for (n, runs) in rows.iter().skip(from).take(shown).enumerate() {
        put(buffer, row(inner, n), runs);
    }
    keys(view, inner, buffer);
}

/// Columns of the keys in the help.
const KEYS: usize = 17;

/// What the signs on the screen say.
const SIGNS: [(&str, &str); 10] = [
    ("✓", "passed, done, true"),
    ("▶", "current"),
    ("·", "to come"),
    ("✗", "false"),
    ("?", "unknown, which never passes"),
    ("!", "interrupted, or a finding"),
    ("~", "waived with a reason"),
    ("↺", "opened again"),
    ("-", "does not apply"),
    ("≠", "not as on the server to the left"),
];

/// All keys, by where they work.
pub fn help(view: &View, scroll: usize, area: Rect, buffer: &mut Buffer) {
    let columns = usize::from(area.width.min(100)).saturating_sub(4);
    let mut rows = Vec::new();
    for scope in Scope::ALL {
        if !rows.is_empty() {
            rows.push(Vec::new());
        }
        rows.push(vec![view.run(format!(" {}", scope.title()), Role::Strong)]);
        for command in in_scope(scope) {
            let names: Vec<String> = command.keys.iter().map(ToString::to_string).collect();
            let names = if names.is_empty() { format!(": {}", command.name) } else { names.join(", ") };
            // A name that is too long for its column has a row of its own.
            let beside = width(&names) <= KEYS;
            if !beside {
                rows.push(vec![view.run(format!(" {names}"), Role::Key)]);
            }
            for (n, line) in wrap(command.help, columns.saturating_sub(KEYS + 3)).into_iter().enumerate() {
                let lead = if n == 0 && beside { format!(" {}  ", pad(&names, KEYS)) } else { " ".repeat(KEYS + 3) };
                rows.push(vec![view.run(lead, Role::Key), view.run(line, Role::Text)]);
            }
        }
    }
    rows.extend([Vec::new(), vec![view.run(" Signs", Role::Strong)]]);
    let signs = SIGNS
        .iter()
        .map(|(sign, words)| vec![view.run(format!(" {}  ", pad(sign, KEYS)), Role::Key), view.run(*words, Role::Text)]);
    rows.extend(signs);
    scrolled(view, "Help", &rows, scroll, area, buffer);
}

/// What the runbook says before its first step, and a phase before its own.
pub fn about(view: &View, about: &About, area: Rect, buffer: &mut Buffer) {
    let runbook = view.engine.runbook();
    let columns = usize::from(area.width.min(100)).saturating_sub(4);
    let heading = |title: &str| vec![view.run(format!(" {}", Safe::line(title)), Role::Strong)];
    let mut rows: Vec<Vec<Run>> = Vec::new();
    let phase = about.phase.as_ref().and_then(|id| view.engine.phase_of(id)).filter(|phase| !phase.intro.is_empty());
    if let Some(phase) = phase {
        rows.extend([heading(&phase.title), Vec::new()]);
        rows.extend(read_only(view, &phase.intro, columns));
        rows.push(Vec::new());
    }
    if !runbook.preface.is_empty() {
        rows.extend([heading(&runbook.title), Vec::new()]);
        rows.extend(read_only(view, &runbook.preface, columns));
        rows.push(Vec::new());
    }
    for role in view.engine.absent_roles() {
        let words = format!("No server in the role {}, {}: its steps do not apply.", role.name, Safe::line(&role.title));
        rows.extend(wrap(&words, columns).into_iter().map(|line| vec![view.run(format!(" {line}"), Role::Text)]));
    }
    if let Some(version) = &runbook.version {
        rows.push(vec![view.run(format!(" Version {}", Safe::line(version)), Role::Quiet)]);
    }
    if !runbook.sources.is_empty() {
        rows.push(vec![view.run(" Made from", Role::Quiet)]);
    }
    for source in &runbook.sources {
        // An address has a row of its own, so that it can be copied.
        for line in wrap(&Safe::line(source), columns) {
            rows.push(vec![view.run(format!(" {line}"), Role::Quiet)]);
        }
    }
    scrolled(view, "About", &rows, about.scroll.0, area, buffer);
}

/// The output of a run, its end first in sight.
pub fn output(view: &View, output: &Output, area: Rect, buffer: &mut Buffer) {
    let Some(run) = view.engine.session().runs.iter().find(|run| run.approved.run == output.run) else { return };
    let place = Rect { y: area.y + 1.min(area.height), height: area.height.saturating_sub(2), ..area };
    let title = format!("Output on {}", words::server(view.engine, &run.approved.server));
    let inner = open(view, &title, usize::from(place.height), area.width, area, place, buffer);
    put(buffer, row(inner, 0), &[view.run(" ", Role::Text), crate::ui::step::run_words(view, run)]);
    let shown = usize::from(inner.height).saturating_sub(3);
    let Shown { lines, kept, all } = run_output(view, run, shown, output.back);
    let greatest = kept.saturating_sub(shown);
    let columns = usize::from(inner.width).saturating_sub(2);
    let wide = widest(lines.iter().map(String::as_str)).saturating_sub(columns);
    view.measure(|extent| (extent.dialog, extent.page, extent.wide) = (greatest, shown, wide));
    if lines.is_empty() {
        put(buffer, row(inner, 1), &[view.run(" Nothing was printed.", Role::Quiet)]);
    }
    for (n, line) in lines.iter().enumerate() {
        let (_, line) = split_at_width(line, output.right);
        let (head, rest) = split_at_width(line, columns);
        let more = if rest.is_empty() { "" } else { "…" };
        put(buffer, row(inner, n + 1), &[view.run(format!(" {head}{more}"), Role::Text)]);
    }
    let back = output.back.min(greatest);
    let where_ = if back == 0 { "at the end, following".to_owned() } else { format!("{back} lines before the end") };
    // Said by the frame that finds out, not by the keys' row, which only the next one could tell.
    let mut aside = if output.right > 0 { format!(", from column {}", output.right + 1) } else { String::new() };
    if wide > output.right {
        aside.push_str(", → shows how long lines go on");
    }
    let place = row(inner, usize::from(inner.height).saturating_sub(2));
    put(buffer, place, &[view.run(format!(" {}, {where_}{aside}", values::count(all, "line")), Role::Quiet)]);
    keys(view, inner, buffer);
}

/// Findings, the worst first, and the recovery of the selected one.
pub fn findings(view: &View, selected: usize, area: Rect, room: Rect, buffer: &mut Buffer) {
    let findings = view.engine.findings();
    let selected = selected.min(findings.len().saturating_sub(1));
    let (mut rows, mut first) = (Vec::new(), 0);
    for (n, (id, state)) in findings.iter().enumerate() {
        let role = match state.severity.as_str() {
            "critical" => Role::Bad,
            "warning" => Role::Doubt,
            _ => Role::Text,
        };
        let mark = if n == selected { "›" } else { " " };
        let seen = match (&state.acknowledged, state.expected) {
            (_, true) => ", expected here".to_owned(),
            (Some(mark), _) => format!(", acknowledged {} by {}", minute_utc(mark.at), Safe::line(&mark.by)),
            (None, _) => String::new(),
        };
        if n == selected {
            first = rows.len();
        }
        rows.push(vec![
            view.run(format!("{mark}{}  ", state.severity), role),
            view.run(format!("{}, since {}{seen}", Safe::line(id), minute_utc(state.since)), Role::Quiet),
        ]);
        rows.extend(hanging(view, 3, &Safe::line(&state.text), usize::from(ORDINARY.min(area.width)).saturating_sub(4)));
    }
    let mut below = vec![Vec::new()];
    if let Some((id, _)) = findings.get(selected) {
        let asides: Vec<String> = view.engine.asides_for(id).map(|phase| Safe::line(&phase.title).into_string()).collect();
        let words = if asides.is_empty() {
            "The runbook has no recovery for it.".to_owned()
        } else {
            format!("Enter goes to: {}", asides.join(", "))
        };
        below.extend(paragraphs(view, &words, Role::Text));
        below.push(Vec::new());
    }
    if findings.is_empty() {
        rows.extend(paragraphs(view, "Nothing fires any more.", Role::Text));
    }
    let inner = open(view, "Findings", rows.len() + below.len() + 1, ORDINARY, area, room, buffer);
    // Where not all fit, the selected one is in sight, and what Enter does.
    let shown = usize::from(inner.height).saturating_sub(below.len() + 1);
    let from = first.min(rows.len().saturating_sub(shown));
    for (n, runs) in rows.iter().skip(from).take(shown).chain(&below).enumerate() {
        put(buffer, row(inner, n), runs);
    }
    keys(view, inner, buffer);
}

/// A text whose rows all begin at the same column.
fn hanging(view: &View, indent: usize, text: &str, columns: usize) -> Vec<Vec<Run>> {
    let lead = " ".repeat(indent);
    let lines = wrap(text, columns.saturating_sub(indent)).into_iter();
    lines.map(|line| vec![view.run(format!("{lead}{line}"), Role::Text)]).collect()
}

/// What is said first on coming back.
pub fn resume(view: &View, scroll: usize, area: Rect, buffer: &mut Buffer) {
    let Some(report) = view.engine.resume_report() else { return };
    scrolled(view, "Resumed", &resume_rows(view, report, area), scroll, area, buffer);
}

fn resume_rows(view: &View, report: &ResumeReport, area: Rect) -> Vec<Vec<Run>> {
    let columns = usize::from(area.width.min(100)).saturating_sub(4);
    let engine = view.engine;
    // A step of an aside has no number: its title says more than its id.
    let title = |id| engine.step_of(id).map_or_else(|| Safe::line(id.as_str()), |(_, step)| Safe::line(&step.title));
    let number = |id| steps::number(engine, id).unwrap_or_else(|| format!("'{}'", title(id)));
    let mut rows: Vec<Vec<Run>> = Vec::new();
    let text = |rows: &mut Vec<Vec<Run>>, words: &str, role: Role| {
        // What is indented goes on below itself.
        let indent = words.len() - words.trim_start_matches([' ', '!', '+', '-']).len();
        for (n, line) in wrap(&words[indent..], columns.saturating_sub(indent)).into_iter().enumerate() {
            let lead = if n == 0 { words[..indent].to_owned() } else { " ".repeat(indent) };
            rows.push(vec![view.run(format!(" {lead}{line}"), role)]);
        }
    };
    // Whether it was left or killed, nobody wrote down.
    let at = report.step.as_ref().map_or_else(|| "between steps".to_owned(), |step| format!("at {}", number(step)));
    let events = values::count(usize::try_from(report.events).unwrap_or_default(), "event");
    let ago = view.clock.ago(report.since);
    text(&mut rows, &format!("It stood {at}; the last event was {ago}. {events}, chain intact."), Role::Strong);
    rows.push(Vec::new());
    text(&mut rows, "While you were away", Role::Strong);
    for server in &report.asking {
        text(&mut rows, &format!("  {}  is being asked", words::machine(engine, server)), Role::Quiet);
    }
    let names =
        widest(report.changes.iter().flat_map(|(_, changes)| changes).map(|change| change.path.as_str())).min(columns / 2);
    for (server, changes) in &report.changes {
        for change in changes {
            let from = change.from.as_ref().map_or_else(|| "not read before".to_owned(), values::words);
            let line = format!(
                "  {}  {}  {from} -> {}",
                words::machine(engine, server),
                pad(&Safe::line(&change.path), names),
                values::words(&change.to)
            );
            text(&mut rows, &line, Role::Text);
        }
    }
    if report.asking.is_empty() && report.changes.iter().all(|(_, changes)| changes.is_empty()) {
        text(&mut rows, "  Nothing changed on the servers.", Role::Text);
    }
    if !report.kept.is_empty() {
        rows.push(Vec::new());
        text(&mut rows, "Gates that must keep holding, looked at again", Role::Strong);
        let numbers: Vec<String> = report.kept.iter().map(|(step, _)| number(step)).collect();
        let widest = widest(numbers.iter().map(String::as_str));
        let texts = report.kept.iter().map(|(_, line)| line.text.as_str());
        let lay = Lay::of(view, texts, columns.saturating_sub(widest + "  ".len() + "  still True  ".len()), Place::Unsaid);
        for ((_, line), number) in report.kept.iter().zip(&numbers) {
            let still = match line.truth {
                Truth::True => "still True",
                Truth::False => "now False ",
                Truth::Unknown => "unknown   ",
            };
            let mut lead = format!("  {}  {still}  ", pad(number, widest));
            for mut runs in line_rows(view, line, lay) {
                let blank = " ".repeat(width(&lead));
                runs.insert(0, view.run(std::mem::replace(&mut lead, blank), Role::Quiet));
                rows.push(runs);
            }
        }
    }
    if !report.interrupted.is_empty() {
        rows.push(Vec::new());
        text(&mut rows, "Interrupted", Role::Strong);
        for run in engine.session().runs.iter().filter(|run| report.interrupted.contains(&run.approved.run)) {
            let began = run.started.map_or_else(|| "was approved".to_owned(), |at| format!("began {}", second_utc(at)));
            let words = format!(
                "  ! {} {} {began}; its end was never seen. It is not run again by itself.",
                number(&run.approved.step),
                Safe::line(&engine.command_words(run))
            );
            text(&mut rows, &words, Role::Bad);
        }
    }
    if !report.runbook.is_empty() {
        rows.push(Vec::new());
        text(&mut rows, "The runbook's file was changed; the session stays on its own copy", Role::Strong);
        for line in &report.runbook {
            // The author's indentation stays, the sign stands apart from it.
            let (sign, rest) = line.split_at(line.chars().next().map_or(0, char::len_utf8));
            text(&mut rows, &format!("  {sign} {}", Safe::line(rest)), if sign == "-" { Role::Quiet } else { Role::Text });
        }
    }
    rows.push(Vec::new());
    rows
}

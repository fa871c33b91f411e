//! Inline text to styled runs: strong, code, links, and live values in their places.

use ratatui::style::{Modifier, Style};

use crate::app::words;
use crate::powershell::Value;
use crate::runbook::model::Inline;
use crate::text::Safe;
use crate::text::age::minute_utc;
use crate::text::wrap::wrap_runs;
use crate::ui::theme::Role;
use crate::ui::values;
use crate::ui::view::{Run, View, runs_width};

/// Wrapped rows of inline text, in that style where it says nothing else.
pub fn rows(view: &View, prose: &[Inline], base: Style, columns: usize) -> Vec<Vec<Run>> {
    let mut lines: Vec<Vec<Run>> = vec![Vec::new()];
    inline(view, prose, base, &mut lines);
    // Most items of a long list fit: those need no breaking into words.
    if lines.len() == 1 && runs_width(&lines[0]) <= columns {
        return lines;
    }
    let wrapped = lines.iter().flat_map(|line| {
        let runs: Vec<(&str, Style)> = line.iter().map(|(text, style)| (text.as_str(), *style)).collect();
        wrap_runs(&runs, columns)
    });
    wrapped.collect()
}

/// The plain words of inline text, on one line.
pub fn plain(view: &View, prose: &[Inline]) -> String {
    let mut lines = vec![Vec::new()];
    inline(view, prose, Style::new(), &mut lines);
    lines.into_iter().map(|line| line.into_iter().map(|(text, _)| text).collect::<String>()).collect::<Vec<_>>().join(" ")
}

fn inline(view: &View, prose: &[Inline], base: Style, lines: &mut Vec<Vec<Run>>) {
    let put = |lines: &mut Vec<Vec<Run>>, text: String, style: Style| {
        if let Some(line) = lines.last_mut() {
            line.push((text, style));
        }
    };
    for piece in prose {
        match piece {
            Inline::Text(text) => put(lines, Safe::line(&text.replace('\n', " ")).into_string(), base),
            Inline::Strong(inner) => inline(view, inner, base.add_modifier(Modifier::BOLD), lines),
            Inline::Emphasis(inner) => inline(view, inner, base.add_modifier(Modifier::ITALIC), lines),
            Inline::Struck(inner) => inline(view, inner, base.add_modifier(Modifier::CROSSED_OUT), lines),
            Inline::Code(text) => put(lines, Safe::line(text).into_string(), base.patch(view.style(Role::Code))),
            Inline::Link { text, target } => {
                inline(view, text, base.add_modifier(Modifier::UNDERLINED), lines);
                if !target.starts_with('#') {
                    put(lines, format!(" ({})", Safe::line(target)), base.patch(view.style(Role::Quiet)));
                }
            }
            Inline::Placeholder { path, .. } => put_value(view, path, base, lines),
            Inline::Break => lines.push(Vec::new()),
        }
    }
}

/// A live or captured value; a captured one says when, an unknown one keeps its name.
fn put_value(view: &View, path: &str, base: Style, lines: &mut [Vec<Run>]) {
    let value = match (view.engine.value(path), recorded_host(view, path)) {
        (Value::Unknown(_), Some(host)) => Value::Text(host),
        (value, _) => value,
    };
    let root = path.split('.').next().unwrap_or_default();
    let run = match &value {
        Value::Unknown(why) if view.engine.absent_roles().any(|role| role.name.as_str().eq_ignore_ascii_case(root)) => {
            (format!("{{{{ {} }}}} ({})", Safe::line(path), Safe::line(why)), base.patch(view.style(Role::Quiet)))
        }
        Value::Unknown(_) => (format!("{{{{ {} }}}} unknown", Safe::line(path)), base.patch(view.style(Role::Doubt))),
        value => (values::words_at(value, view.clock.now), base.add_modifier(Modifier::BOLD)),
    };
    let captured = captured_at(view, path).map(|at| (format!(" ({at})"), base.patch(view.style(Role::Quiet))));
    if let Some(line) = lines.last_mut() {
        line.push(run);
        line.extend(captured);
    }
}

/// A server's name where it has not answered yet: as the journal or its target has it. A name does not change while nobody
/// looks.
fn recorded_host(view: &View, path: &str) -> Option<String> {
    let role = path.strip_suffix(".Host")?;
    let server = view.engine.servers().iter().find(|server| server.name.as_str().eq_ignore_ascii_case(role))?;
    let machine = words::machine(view.engine, &server.name);
    (machine != server.name.as_str()).then_some(machine)
}

/// When a form's value or a command's result was captured, and where.
fn captured_at(view: &View, path: &str) -> Option<String> {
    let session = view.engine.session();
    let mut names = path.split('.');
    match (names.next()?, names.next()?) {
        ("forms", form) => {
            let saved = session.forms.iter().find(|(id, _)| id.as_str().eq_ignore_ascii_case(form))?.1;
            Some(format!("{}, {}", minute_utc(saved.mark.at), Safe::line(&saved.mark.by)))
        }
        ("results", name) => {
            let kept = session.results.get(name)?;
            Some(format!("{}, {}", minute_utc(kept.at), words::machine(view.engine, &kept.server)))
        }
        _ => None,
    }
}

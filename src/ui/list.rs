//! The list of steps: beside the step from 100 columns on, over it below that.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::header::phase_mark;
use super::theme::Role;
use super::view::{View, ends, put, row};
use crate::app::Pane;
use crate::app::steps::{self, Row};
use crate::runbook::model::Step;
use crate::session::state::StepStatus;
use crate::text::Safe;
use crate::text::width::width;

/// Draws the list.
pub fn draw(view: &View, area: Rect, buffer: &mut Buffer) {
    let focused = view.app.pane == Pane::Steps;
    let rows = steps::rows(view.engine, &view.app.list);
    let mut area = area;
    if let Some(search) = &view.app.list.search {
        let cursor = if search.typing { "_" } else { "" };
        let found = rows.iter().filter(|row| matches!(row, Row::Step(_))).count();
        let left = [view.run(format!(" / {}{cursor}", Safe::line(&search.text)), Role::Strong)];
        let right = [view.run(format!("{} ", super::values::count(found, "step")), Role::Quiet)];
        put(buffer, row(area, 0), &ends(&left, &right, area.width.into()));
        area = Rect { y: area.y + area.height.min(1), height: area.height.saturating_sub(1), ..area };
    }
    let shown = view.app.step(view.engine).map(|step| &step.id);
    let on_screen = rows.iter().position(|row| matches!(row, Row::Step(step) if Some(&step.id) == shown));
    let selected = if focused { Some(view.app.list.selected.min(rows.len().saturating_sub(1))) } else { on_screen };
    let height = usize::from(area.height);
    let from = selected.unwrap_or_default().saturating_sub(height / 2).min(rows.len().saturating_sub(height));
    for (n, item) in rows.iter().skip(from).take(height).enumerate() {
        let place = row(area, n);
        draw_row(view, item, place, buffer);
        if selected == Some(from + n) && focused {
            buffer.set_style(place, view.style(Role::Selected));
        }
    }
}

/// Columns in which every title has room; the runbook's own, so that the list never changes its width.
pub fn wanted_columns(view: &View) -> u16 {
    let wanted = view.engine.runbook().phases.iter().flat_map(|phase| {
        let around = if phase.aside.is_some() { "   aside: " } else { " · 1  10/10 " };
        let steps = phase.steps.iter().map(|step| width("   · ") + width(&Safe::line(&step.title)) + 1);
        steps.chain([width(around) + width(&Safe::line(&phase.title))])
    });
    u16::try_from(wanted.max().unwrap_or_default()).unwrap_or(u16::MAX)
}

fn draw_row(view: &View, item: &Row, place: Rect, buffer: &mut Buffer) {
    let columns = usize::from(place.width);
    match item {
        Row::Phase(phase, number) => {
            let progress = view.engine.progress(phase);
            let (symbol, role) = phase_mark(progress);
            let left = [view.run(format!(" {symbol} {number} {}", Safe::line(&phase.title)), role)];
            let right = [view.run(format!("{}/{} ", progress.done, progress.total), Role::Quiet)];
            put(buffer, place, &ends(&left, &right, columns));
        }
        Row::Aside(phase) => {
            let entered = view.engine.session().aside.as_ref().is_some_and(|aside| aside.phase == phase.id);
            let (symbol, role) = if entered { ("▶", Role::Strong) } else { (" ", Role::Quiet) };
            put(buffer, place, &[view.run(format!(" {symbol} aside: {}", Safe::line(&phase.title)), role)]);
        }
        Row::Step(step) => {
            let (symbol, role) = step_mark(view, step);
            put(buffer, place, &[view.run(format!("   {symbol} {}", Safe::line(&step.title)), role)]);
        }
    }
}

/// The symbol and role of a step.
pub fn step_mark(view: &View, step: &Step) -> (&'static str, Role) {
    let current = view.engine.current_step().is_some_and(|current| current.id == step.id);
    match view.engine.session().status(&step.id) {
        _ if view.engine.session().interrupted().any(|run| run.approved.step == step.id) => ("!", Role::Bad),
        StepStatus::Confirmed => ("✓", Role::Text),
        StepStatus::Waived => ("~", Role::Doubt),
        StepStatus::Skipped => ("-", Role::Quiet),
        _ if current => ("▶", Role::Strong),
        StepStatus::Reopened => ("↺", Role::Doubt),
        StepStatus::Open => ("▶", Role::Text),
        StepStatus::Pending if view.engine.is_absent(&step.id) => ("-", Role::Quiet),
        StepStatus::Pending => ("·", Role::Quiet),
    }
}

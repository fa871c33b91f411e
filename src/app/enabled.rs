//! Whether a command can be done now, and if not, why: the words the operator reads when he presses its key.

use super::App;
use super::dialog::Dialog;
use super::parts::{self, Part};
use crate::engine::look::Purpose;
use crate::engine::{Engine, Hold, LookState};
use crate::runbook::model::{Command, Form, RunMode};
use crate::session::state::{RunState, StepStatus};

type Answer = Result<(), String>;

fn no(why: &str) -> Answer {
    Err(why.to_owned())
}

#[allow(clippy::unnecessary_wraps, reason = "one signature for the whole table")]
pub(super) fn always(_: &App, _: &Engine) -> Answer {
    Ok(())
}

/// Whether anything can be recorded.
pub(super) fn write(_: &App, engine: &Engine) -> Answer {
    if let Some(why) = engine.read_only() {
        return Err(format!("Read-only: {why}."));
    }
    if engine.session().closed.is_some() {
        return no("The session is closed.");
    }
    Ok(())
}

/// Whether something can be recorded at the step on the screen.
pub(super) fn write_at_step(app: &App, engine: &Engine) -> Answer {
    write(app, engine)?;
    if app.zoomed {
        return no("The servers hide the step: z shows it again.");
    }
    if app.is_open_step(engine) {
        return Ok(());
    }
    match (app.step(engine), engine.session().current.is_some()) {
        (Some(_), true) => no("This step is not the open one: Esc goes to it."),
        (Some(_), false) => no("The step is not open yet: the servers are asked first."),
        (None, _) => no("No step is open."),
    }
}

pub(super) fn tick(app: &App, engine: &Engine) -> Answer {
    write_at_step(app, engine)?;
    match app.part(engine) {
        Some(Part::Item(_)) => Ok(()),
        Some(Part::Caution(alert)) => {
            let state = engine.session().current.as_ref().and_then(|step| engine.session().steps.get(step));
            let done = state.is_some_and(|state| state.acknowledged.contains_key(&alert.id));
            if done { no("The CAUTION is acknowledged already.") } else { Ok(()) }
        }
        Some(Part::Command(_)) => no("A command is run with r, not ticked."),
        Some(Part::Form(_)) => no("A form is filled in with e, not ticked."),
        Some(Part::Wanted(_)) => no("Evidence is attached with a, not ticked."),
        Some(Part::Link(_)) => no("A link is followed with l, not ticked."),
        None => no("The step has nothing to tick."),
    }
}

/// The command that `r` means: the selected one, else the step's only one.
pub(super) fn meant_command<'a>(app: &App, engine: &'a Engine) -> Option<&'a Command> {
    if let Some(Part::Command(command)) = app.part(engine) {
        return Some(command);
    }
    let mut commands = Engine::commands_of(app.step(engine)?);
    commands.next().filter(|_| commands.next().is_none())
}

pub(super) fn run(app: &App, engine: &Engine) -> Answer {
    if meant_command(app, engine).is_some() {
        return write_at_step(app, engine);
    }
    match app.step(engine).map(|step| Engine::commands_of(step).count()) {
        Some(0) | None => no("The step has no command."),
        Some(_) => no("The step has several commands: select one with j and k."),
    }
}

pub(super) fn run_it(app: &App, engine: &Engine) -> Answer {
    write_at_step(app, engine)?;
    let Some(Dialog::Run(dialog)) = &app.dialog else { return no("No command is shown.") };
    let Some(command) = engine.command(&dialog.command) else { return no("The command is not of the open step.") };
    if command.run == RunMode::Manual {
        return no("This one is done by hand: copy it with c.");
    }
    let open = engine.session().runs.iter().any(|run| run.is_open() && Some(&run.approved.server) == command.on.as_ref());
    if open { no("A command is running on this server: wait for its end, or cancel it with c.") } else { Ok(()) }
}

pub(super) fn confirm(app: &App, engine: &Engine) -> Answer {
    write(app, engine)?;
    if engine.question().is_some() {
        return Ok(());
    }
    if engine.current_step().is_none() {
        return if engine.is_at_end() { no("Every step is done: Q closes the session.") } else { no("No step is open.") };
    }
    if app.body.viewing.is_some() && !app.is_open_step(engine) {
        return no("This step is not the open one: Esc goes to it.");
    }
    let holds = engine.holds();
    if holds.is_empty() { Ok(()) } else { Err(format!("Not yet: {}.", hold_words(&holds))) }
}

/// A kind of hold: which it is, one of it in words, several in words.
type Kind = (fn(&Hold) -> bool, &'static str, &'static str);

/// `2 items to tick, a CAUTION to acknowledge`
fn hold_words(holds: &[Hold]) -> String {
    let kinds: [Kind; 6] = [
        (|hold| matches!(hold, Hold::Caution(_)), "a CAUTION to acknowledge", "CAUTIONs to acknowledge"),
        (|hold| matches!(hold, Hold::Item(_)), "an item to tick", "items to tick"),
        (|hold| matches!(hold, Hold::Form(_)), "a form to fill in", "forms to fill in"),
        (|hold| matches!(hold, Hold::Evidence(_)), "evidence to attach", "pieces of evidence to attach"),
        (|hold| matches!(hold, Hold::Running(_)), "a command is running", "commands are running"),
        (|hold| matches!(hold, Hold::Interrupted(_)), "an interrupted command to resolve", "interrupted commands to resolve"),
    ];
    let said = kinds.iter().filter_map(|(is, one, many)| match holds.iter().filter(|hold| is(hold)).count() {
        0 => None,
        1 => Some((*one).to_owned()),
        count => Some(format!("{count} {many}")),
    });
    said.collect::<Vec<_>>().join(", ")
}

/// The form that `e` means: the selected one, else the step's only one.
pub(super) fn meant_form<'a>(app: &App, engine: &'a Engine) -> Option<&'a Form> {
    if let Some(Part::Form(form)) = app.part(engine) {
        return Some(form);
    }
    let parts = parts::of(app.step(engine)?);
    let mut forms = parts.into_iter().filter_map(|part| if let Part::Form(form) = part { Some(form) } else { None });
    forms.next().filter(|_| forms.next().is_none())
}

pub(super) fn form(app: &App, engine: &Engine) -> Answer {
    if meant_form(app, engine).is_some() {
        write_at_step(app, engine)
    } else {
        no("The step has no form, or several: select one.")
    }
}

/// The run that `o` means: of the selected command, else the newest of the step on the screen, else the newest of all.
pub(super) fn meant_run<'a>(app: &App, engine: &'a Engine) -> Option<&'a RunState> {
    let step = app.step(engine);
    let runs = &engine.session().runs;
    let of_command = match (step, app.part(engine)) {
        (Some(step), Some(Part::Command(command))) => engine.session().runs_of(&step.id, &command.id).last(),
        _ => None,
    };
    of_command
        .or_else(|| runs.iter().rev().find(|run| step.is_some_and(|step| step.id == run.approved.step)))
        .or_else(|| runs.last())
}

pub(super) fn output(app: &App, engine: &Engine) -> Answer {
    if meant_run(app, engine).is_some() { Ok(()) } else { no("No command was run yet.") }
}

/// The run that `c` stops: the newest one under way.
pub(super) fn running(engine: &Engine) -> Option<&RunState> {
    engine.session().runs.iter().rev().find(|run| run.is_open())
}

/// Whether the servers are being watched.
pub(super) fn watch(_: &App, engine: &Engine) -> Answer {
    if engine.session().closed.is_some() { no("The session is closed: the servers are not asked any more.") } else { Ok(()) }
}

pub(super) fn right(app: &App, _: &Engine) -> Answer {
    let shown = matches!(&app.dialog, Some(Dialog::Output(output)) if output.right < app.extent.wide);
    if shown { Ok(()) } else { no("The lines that are shown end here.") }
}

pub(super) fn left(app: &App, _: &Engine) -> Answer {
    let moved = matches!(&app.dialog, Some(Dialog::Output(output)) if output.right > 0);
    if moved { Ok(()) } else { no("The lines are shown from their beginning.") }
}

pub(super) fn cancel(_: &App, engine: &Engine) -> Answer {
    if running(engine).is_some() {
        Ok(())
    } else {
        no("No command is running. q leaves the program; the session can be resumed.")
    }
}

pub(super) fn resolve(_: &App, engine: &Engine) -> Answer {
    if engine.session().interrupted().next().is_some() { Ok(()) } else { no("No command was interrupted.") }
}

pub(super) fn findings(_: &App, engine: &Engine) -> Answer {
    if engine.findings().is_empty() { no("There is no finding.") } else { Ok(()) }
}

pub(super) fn follow(app: &App, engine: &Engine) -> Answer {
    match app.part(engine) {
        Some(Part::Link(_)) => Ok(()),
        _ => no("No link is selected: those of a step stand at its end."),
    }
}

pub(super) fn about(_: &App, engine: &Engine) -> Answer {
    let runbook = engine.runbook();
    let silent = runbook.preface.is_empty() && runbook.phases.iter().all(|phase| phase.intro.is_empty());
    if silent { no("The runbook says nothing before its steps.") } else { Ok(()) }
}

fn selected_finding<'a>(app: &App, engine: &'a Engine) -> Option<(&'a str, bool)> {
    let Some(Dialog::Findings(selected)) = app.dialog else { return None };
    engine.findings().get(selected).map(|(id, state)| (*id, state.acknowledged.is_some()))
}

pub(super) fn recovery(app: &App, engine: &Engine) -> Answer {
    write(app, engine)?;
    if engine.session().aside.is_some() {
        return no("An aside is entered already.");
    }
    let Some((id, _)) = selected_finding(app, engine) else { return no("There is no finding.") };
    if engine.asides_for(id).next().is_some() { Ok(()) } else { no("The runbook has no recovery for it.") }
}

pub(super) fn acknowledge(app: &App, engine: &Engine) -> Answer {
    write(app, engine)?;
    match selected_finding(app, engine) {
        Some((_, false)) => Ok(()),
        Some((_, true)) => no("It is acknowledged already."),
        None => no("There is no finding."),
    }
}

pub(super) fn reopen(app: &App, engine: &Engine) -> Answer {
    write(app, engine)?;
    let status = app.step(engine).map(|step| engine.session().status(&step.id));
    match status {
        Some(StepStatus::Confirmed | StepStatus::Waived | StepStatus::Skipped) => Ok(()),
        _ => no("Only a step that is done can be opened again: show it from the list of steps."),
    }
}

pub(super) fn leave_aside(app: &App, engine: &Engine) -> Answer {
    write(app, engine)?;
    if engine.session().aside.is_some() { Ok(()) } else { no("No aside is entered.") }
}

pub(super) fn withdraw(app: &App, engine: &Engine) -> Answer {
    write(app, engine)?;
    if newest_note(app, engine).is_some() { Ok(()) } else { no("The step has no note.") }
}

/// The newest note of the step on the screen that was not withdrawn.
pub(super) fn newest_note<'a>(app: &App, engine: &'a Engine) -> Option<&'a str> {
    let step = app.step(engine)?;
    let mut notes = engine.session().notes.iter().rev();
    notes.find(|note| note.withdrawn.is_none() && note.step.as_ref() == Some(&step.id)).map(|note| note.id.as_str())
}

pub(super) fn resume_report(_: &App, engine: &Engine) -> Answer {
    if engine.resume_report().is_some() { Ok(()) } else { no("This session was not interrupted.") }
}

pub(super) fn lab(_: &App, engine: &Engine) -> Answer {
    if engine.session().opened.rehearsal.is_some() { Ok(()) } else { no("The servers are real: there is no lab.") }
}

pub(super) fn several_fields(app: &App, _: &Engine) -> Answer {
    let several = app.dialog.as_ref().and_then(Dialog::fields).is_some_and(|fields| fields.entries.len() > 1);
    if several { Ok(()) } else { no("There is only one field.") }
}

pub(super) fn editor(app: &App, _: &Engine) -> Answer {
    if matches!(app.dialog, Some(Dialog::Note(_))) { Ok(()) } else { no("Only a note is written in an editor.") }
}

fn done(engine: &Engine) -> Result<&crate::engine::Look, String> {
    let look = engine.look().ok_or_else(|| "Nothing is being looked at.".to_owned())?;
    match look.state {
        LookState::Asking(_) => Err("The servers are being asked.".to_owned()),
        LookState::Done { .. } => Ok(look),
    }
}

pub(super) fn record(app: &App, engine: &Engine) -> Answer {
    write(app, engine)?;
    let look = done(engine)?;
    match look.purpose {
        Purpose::Confirm if look.passed() => Ok(()),
        Purpose::Confirm => no("Not every line is true: the step stays open."),
        Purpose::Begin => no("The step begins by itself once every line is true."),
    }
}

pub(super) fn look_again(app: &App, engine: &Engine) -> Answer {
    write(app, engine)?;
    done(engine).map(|_| ())
}

pub(super) fn wait(app: &App, engine: &Engine) -> Answer {
    let look = done(engine)?;
    write(app, engine)?;
    if look.waiting.is_some() {
        return no("It is being waited for.");
    }
    if look.passed() { no("Every line is true already.") } else { Ok(()) }
}

pub(super) fn waive(app: &App, engine: &Engine) -> Answer {
    write(app, engine)?;
    let look = done(engine)?;
    if look.passed() {
        return no("Every line is true: nothing is to be waived.");
    }
    if look.waivable { Ok(()) } else { no("The runbook does not let this gate be waived.") }
}

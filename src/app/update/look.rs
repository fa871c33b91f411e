//! The look at the gates, the findings, and interrupted commands: short dialogs whose keys are acts.

use super::super::command::Id;
use super::super::dialog::{Dialog, Purpose};
use super::super::{App, Effect};
use super::{TOO_FAST, act};
use crate::engine::{Act, Engine};
use crate::rb1::Group;
use crate::session::event::Resolution;

pub(super) fn perform(app: &mut App, id: Id) -> Vec<Effect> {
    match id {
        Id::Record if app.rhythm.is_pasted() => app.refuse(TOO_FAST),
        Id::Record => return act(app, Act::Confirm),
        Id::LookAgain => return act(app, Act::Look),
        Id::Wait => return act(app, Act::Wait),
        Id::Waive => app.dialog = Some(Dialog::reason(Purpose::Waive)),
        Id::Back => {
            app.dialog = None;
            return act(app, Act::StopLooking);
        }
        _ => {}
    }
    Vec::new()
}

pub(super) fn findings(app: &mut App, engine: &Engine, id: Id) -> Vec<Effect> {
    let Some(Dialog::Findings(selected)) = &mut app.dialog else { return Vec::new() };
    let findings = engine.findings();
    let last = findings.len().saturating_sub(1);
    *selected = (*selected).min(last);
    let finding = findings.get(*selected).map(|(id, _)| *id);
    match id {
        Id::Down => *selected = (*selected + 1).min(last),
        Id::Up => *selected = selected.saturating_sub(1),
        Id::EnterAside => {
            let aside = finding.and_then(|id| engine.asides_for(id).next());
            if let Some(phase) = aside {
                app.dialog = Some(Dialog::reason(Purpose::Aside(phase.id.clone())));
            }
        }
        Id::Acknowledge => {
            if let Some(id) = finding {
                return act(app, Act::AcknowledgeFinding(id.to_owned()));
            }
        }
        _ => app.dialog = None,
    }
    Vec::new()
}

pub(super) fn resolve(app: &mut App, id: Id) -> Vec<Effect> {
    let Some(Dialog::Resolve(resolve)) = &mut app.dialog else { return Vec::new() };
    match id {
        Id::Finished => resolve.how = Some(Resolution::Finished),
        Id::DidNotRun => resolve.how = Some(Resolution::DidNotRun),
        Id::LookFirst => {
            app.dialog = None;
            app.say("Every server is asked; s says what became of the command.");
            return vec![Effect::Act(Act::AskNow(Group::ALL.to_vec()))];
        }
        _ => app.dialog = None,
    }
    Vec::new()
}

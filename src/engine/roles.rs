//! Role changes: which server should be active now follows from `starts` and the confirmed steps with `makes=`. The
//! promotion is guarded: it begins and is confirmed only while every other server cannot export.

use std::collections::BTreeSet;

use super::confirm::LOOK_LASTS;
use super::look::{Look, Purpose};
use super::{Effect, Engine, Moment};
use crate::Time;
use crate::facts::{Activity, ServerName};
use crate::gate::Truth;
use crate::powershell::Value;
use crate::runbook::model::{Makes, Starts, Step};
use crate::session::event::{Body, LineRecord, SeenFact};
use crate::session::state::StepStatus;

impl Engine {
    /// Servers that export by what the runbook says, after every confirmed role change in the order of confirmation.
    pub fn intended(&self) -> BTreeSet<ServerName> {
        let mut active: BTreeSet<ServerName> =
            self.runbook.roles.iter().filter(|role| role.starts == Starts::Active).map(|role| role.name.clone()).collect();
        for (_, server, makes) in self.role_changes() {
            match makes {
                Makes::Active => active.insert(server.clone()),
                _ => active.remove(server),
            };
        }
        active
    }

    pub(super) fn intends_active(&self, name: &ServerName) -> bool {
        self.intended().contains(name)
    }

    /// Confirmed role changes, oldest first.
    fn role_changes(&self) -> Vec<(Time, &ServerName, Makes)> {
        let steps = self.runbook.phases.iter().flat_map(|phase| &phase.steps);
        let mut changes: Vec<_> = steps
            .filter_map(|step| {
                let (on, makes) = (step.on.as_ref()?, step.makes?);
                let confirmed = self.session.steps.get(&step.id)?.confirmed.as_ref()?;
                Some((confirmed.mark.at, on, makes))
            })
            .collect();
        changes.sort_by_key(|(at, ..)| *at);
        changes
    }

    /// When a confirmed step last put this server into staging, by the session's own record.
    pub(super) fn staged_since(&self, name: &ServerName) -> Option<Time> {
        let changes = self.role_changes();
        let (at, _, makes) = changes.into_iter().rfind(|(_, server, _)| *server == name)?;
        matches!(makes, Makes::Staging | Makes::Installed).then_some(at)
    }

    /// Whether no active server is normal now: from the opening of the step that takes the active one out to the
    /// confirmation of the next promotion. The moment since when, where it is so.
    pub fn expects_none_active(&self) -> Option<Time> {
        let intended = self.intended();
        let declares_active = self.runbook.roles.iter().any(|role| role.starts == Starts::Active);
        if intended.is_empty() && declares_active {
            return self.role_changes().last().map(|(at, ..)| *at);
        }
        let here = self.session.aside.as_ref().map(|aside| &aside.phase);
        let on_the_way = self.runbook.phases.iter().filter(|phase| phase.aside.is_none() || Some(&phase.id) == here);
        let takes_out = |step: &&Step| {
            step.makes.is_some_and(|makes| makes != Makes::Active) && step.on.as_ref().is_some_and(|on| intended.contains(on))
        };
        let begun =
            on_the_way.flat_map(|phase| &phase.steps).filter(takes_out).filter_map(|step| self.session.steps.get(&step.id));
        begun.filter(|state| state.status == StepStatus::Open).filter_map(|state| state.opened).min()
    }

    /// The guard of a promotion: every other server freshly read in staging, stopped, absent, or isolated; and no `never`
    /// condition Unknown or True. Empty for any other step.
    /// `tree`: the answers that count for the look.
    pub(super) fn guard_lines(&self, look: &Look, moment: Moment, tree: &Value) -> Vec<LineRecord> {
        let Some((_, step)) = self.step_of(&look.step) else { return Vec::new() };
        if !Self::promotes(step) {
            return Vec::new();
        }
        // However long the look stands, the servers were read a moment ago.
        let recently = look.asked.max(moment.now - LOOK_LASTS.max(self.wait_pace() * 3));
        let others = self.servers.iter().filter(|server| Some(&server.name) != step.on.as_ref());
        let mut lines: Vec<LineRecord> = others
            .map(|server| {
                let activity = server.activity(moment.now, &self.since(recently));
                let (truth, why) = match &activity {
                    Activity::Active => (Truth::False, "it is ACTIVE: put it into staging first".to_owned()),
                    Activity::Unknown(why) => (Truth::Unknown, why.clone()),
                    quiet => (Truth::True, format!("it is {}", quiet.word())),
                };
                let read =
                    server.groups.get(&crate::rb1::Group::Core).and_then(|core| core.last.as_ref()).map(|last| last.answered);
                LineRecord {
                    text: format!("{} cannot export", server.name),
                    truth,
                    why,
                    seen: vec![SeenFact { path: format!("${}", server.name), value: activity.word().into(), read }],
                }
            })
            .collect();
        lines.extend(self.runbook.never.iter().map(|never| {
            let line = self.line_on(never, tree);
            LineRecord { text: format!("never: {}", line.text), truth: !line.truth, ..line }
        }));
        lines
    }

    /// Records that a server cannot export.
    pub(super) fn isolate(&mut self, moment: Moment, server: ServerName, how: String, checked: String, out: &mut Vec<Effect>) {
        if self.server(&server).is_none() {
            out.push(Effect::Refuse(format!("no server has the role '{server}'")));
        } else if how.trim().is_empty() || checked.trim().is_empty() {
            out.push(Effect::Refuse("say how it was isolated and how that was checked".into()));
        } else {
            self.append(moment, Body::ServerIsolated { server, how, checked }, out);
        }
    }

    /// Whether a look is about a promotion.
    pub fn is_promotion(&self, look: &Look) -> bool {
        self.step_of(&look.step).is_some_and(|(_, step)| Self::promotes(step))
            && matches!(look.purpose, Purpose::Begin | Purpose::Confirm)
    }
}

//! What becomes of each observation: the servers' state changes, and what is worth telling is recorded.

use super::{Effect, Engine, Moment, Observed};
use crate::Time;
use crate::facts::changes::is_change;
use crate::facts::{Freshness, Link, Server, ServerName};
use crate::powershell::{Record, Value};
use crate::rb1::{Frame, Group};
use crate::session::event::{Body, Change, CommandEnded};

impl Engine {
    pub(super) fn observe(&mut self, moment: Moment, observed: Observed, out: &mut Vec<Effect>) {
        match observed {
            Observed::Durable(seq) => self.on_durable(seq, out),
            Observed::JournalFailed(why) => self.on_journal_failed(why, out),
            Observed::Link { server, link } => self.on_link(moment, &server, link),
            Observed::Reading { server, asked, frame } => self.on_reading(moment, &server, asked, &frame),
            Observed::ReadFailed { server, groups, why } => self.on_read_failed(moment, &server, &groups, &why),
            Observed::Parsed { server, script, problem } => self.on_parsed(server, script, problem, out),
            Observed::Started { run, sha256 } => self.on_started(moment, run, sha256, out),
            Observed::Ended { run, state, errors, exit, why, transcript, output, results } => {
                let end = CommandEnded { run, state, ms: 0, errors, exit, why, transcript, output, results };
                self.on_ended(moment, end, out);
            }
        }
    }

    fn on_link(&mut self, moment: Moment, name: &ServerName, link: Link) {
        let gone = matches!(link, Link::Lost { .. } | Link::Refused { .. });
        let Some(server) = self.servers.iter_mut().find(|server| &server.name == name) else { return };
        if gone {
            let why = match &link {
                Link::Lost { why, .. } | Link::Refused { why, .. } => why.clone(),
                _ => String::new(),
            };
            server.not_answered(Group::Core, moment.now, why);
            self.asking.watch_lost(name);
        }
        server.link = link;
        self.stale = true;
        self.news.insert(name.clone());
    }

    fn on_reading(&mut self, moment: Moment, name: &ServerName, asked: Time, frame: &Frame) {
        let Frame::Reading { group, .. } = frame else { return };
        self.asking.answered(name, *group);
        let policy = self.watching();
        let Some(server) = self.servers.iter_mut().find(|server| &server.name == name) else { return };
        let was_cycling = is_cycling(server);
        let was_fresh = matches!(server.freshness(*group, moment.now, &policy), Freshness::Fresh(_));
        let before = values_of(server, *group).filter(|_| was_fresh);
        if let Err(why) = server.answered(frame, asked, moment.now) {
            server.not_answered(*group, moment.now, why);
        }
        if *group == Group::Core {
            if was_cycling == Some(true) && is_cycling(server) == Some(false) {
                for group in [Group::Runs, Group::Statistics, Group::Events] {
                    self.asking.want(name, group, moment.now);
                }
            }
            self.news.insert(name.clone());
        }
        // The slower groups mostly say the same again, in time; then the next reading of `core` brings their age up to date.
        let again = before.is_some() && before == values_of(server, *group);
        self.stale |= *group == Group::Core || !again;
    }

    fn on_read_failed(&mut self, moment: Moment, name: &ServerName, groups: &[Group], why: &str) {
        for group in groups {
            self.asking.answered(name, *group);
            if let Some(server) = self.servers.iter_mut().find(|server| &server.name == name) {
                server.not_answered(*group, moment.now, why);
            }
        }
        if groups.contains(&Group::Core) {
            self.news.insert(name.clone());
        }
        self.stale = true;
    }

    /// Tells what changed on the servers that answered: role, scheduler, service, wizard, version, connection.
    /// Whether any server's `core` group was read, or was not answered, since this was last told.
    pub(super) fn tell_changes(&mut self, moment: Moment, out: &mut Vec<Effect>) -> bool {
        let news = std::mem::take(&mut self.news);
        let any = !news.is_empty();
        for name in news {
            let Some(server) = self.server(&name) else { continue };
            let known = self.session.observed.get(&name);
            // Against a server that nothing is known of, everything worth telling is a change.
            let now = crate::facts::changes(&Server::new(name.clone(), ""), server);
            let changes: Vec<Change> = now
                .into_iter()
                .filter_map(|(path, _, to)| {
                    let from = known.and_then(|known| known.get(&path)).map(|seen| seen.value.clone());
                    let changed = from.as_ref().is_none_or(|from| is_change(&path, from, &to));
                    changed.then_some(Change { path, from, to })
                })
                .collect();
            let runs_again = self.seen_running_again(&name);
            if !changes.is_empty() {
                if self.resume.is_some() {
                    self.told_since_resume.push((name.clone(), changes.clone()));
                }
                self.append(moment, Body::ServerObserved { server: name.clone(), changes }, out);
            }
            if let Some(reason) = runs_again {
                self.append(moment, Body::IsolationEnded { server: name, reason }, out);
            }
        }
        any
    }

    /// An isolated server that runs now, and whose service did not run or that was not reachable at any time since it was
    /// recorded as isolated.
    fn seen_running_again(&self, name: &ServerName) -> Option<String> {
        let isolated = self.session.isolated.get(name)?;
        let server = self.server(name)?;
        let core = server.groups.get(&Group::Core)?.last.as_ref()?;
        let running = core.values.get("Service").and_then(|service| service.at("Status")).and_then(Value::as_text);
        let known = self.session.observed.get(name);
        let came_back =
            [("Reachable", Value::Bool(true)), ("Service.Status", Value::from("Running"))].iter().any(|(path, up)| {
                known.and_then(|known| known.get(*path)).is_some_and(|seen| &seen.value != up || seen.since > isolated.mark.at)
            });
        (core.answered > isolated.mark.at && came_back && running == Some("Running"))
            .then(|| format!("it answered again with its service {}", running.unwrap_or_default()))
    }
}

/// What a group says, where its last request was answered.
fn values_of(server: &Server, group: Group) -> Option<Record> {
    let state = server.groups.get(&group).filter(|state| state.failed.is_none())?;
    Some(state.last.as_ref()?.values.clone())
}

/// Whether the last answer said that a cycle is in progress.
fn is_cycling(server: &Server) -> Option<bool> {
    let core = server.groups.get(&Group::Core)?.last.as_ref()?;
    core.values.get("Scheduler")?.at("SyncCycleInProgress").and_then(Value::as_bool)
}

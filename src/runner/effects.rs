//! Carrying effects out: the engine's towards journal and agents, the screen's towards files, clipboard and the lab.

use std::sync::Arc;
use std::time::Duration;

use super::live::Live;
use crate::app::lab::LabServer;
use crate::app::{self, Msg};
use crate::engine::{self, Act, Effect};
use crate::io::agent::RunOrder;
use crate::io::attachments::{self, Kept, NotKept};
use crate::io::session_dir::SessionDir;
use crate::io::storage::Storage;
use crate::io::{clipboard, transcript};
use crate::lab::Verb;
use crate::lab::panel::{Panel, ServerPanel};
use crate::rb1::Group;
use crate::runbook::ids::{PartId, StepId};
use crate::runbook::parse_duration;
use crate::session::event::Body;

use super::clock::{CLOCK_VERBS, FASTEST};
use super::lab::thread::LabNews;
use super::news::News;

/// How long a group may take on its server.
pub(super) const CORE_DEADLINE: Duration = Duration::from_secs(15);
/// The scheduler cmdlet alone may need a minute where the cloud does not answer.
pub(super) const SURVEY_DEADLINE: Duration = Duration::from_secs(90);
/// Lines of an old transcript that are loaded.
const LOADED: usize = 2_000;
/// The longest jump of a world's clock.
const FURTHEST: chrono::TimeDelta = chrono::TimeDelta::days(400);

impl Live {
    pub(super) fn carry_engine(&mut self, effect: Effect) {
        match effect {
            Effect::Append(event) => {
                let done = matches!(event.body, Body::CommandEnded(_) | Body::StepConfirmed(_) | Body::StepWaived { .. });
                if let Some(lab) = self.lab.as_ref().filter(|_| done) {
                    lab.save();
                }
                if let Some(journal) = &self.journal {
                    journal.append(event);
                }
            }
            Effect::Read { server, groups, since } => {
                let deadline = if groups.contains(&Group::Core) { CORE_DEADLINE } else { SURVEY_DEADLINE };
                self.agents.read(&server, &groups, since, deadline);
            }
            Effect::Parse { server, script } => self.agents.parse(&server, script),
            Effect::Run { run, server, script, vars, timeout_ms, into } => {
                if let Some(words) = transcript::low_space(&self.dir.transcripts()) {
                    self.tell_app(Msg::Said(words));
                }
                let transcript = self.dir.transcripts().join(format!("{run}.log"));
                let order = RunOrder { run: run.clone(), server, script, vars, timeout_ms, into, transcript };
                let tail = self.agents.run(order);
                self.tails.insert(run, tail);
            }
            Effect::Cancel { run } => self.agents.cancel(&run),
            Effect::Refuse(why) => self.tell_app(Msg::Refused(why)),
            Effect::Say(words) => self.tell_app(Msg::Said(words)),
        }
    }

    pub(super) fn carry_app(&mut self, effect: app::Effect) {
        match effect {
            app::Effect::Act(act) => self.act(act),
            app::Effect::Copy(text) => match clipboard::copy(&text) {
                Ok(sequence) => {
                    self.to_terminal = Some(sequence);
                    self.tell_app(Msg::Said(format!("copied {} characters to the clipboard", text.chars().count())));
                }
                Err(why) => self.tell_app(Msg::Refused(why)),
            },
            app::Effect::AttachFile { path, wanted } => {
                let path = attachments::typed_path(&path);
                self.keep(wanted, move |storage, dir| attachments::keep_file(storage, dir, &path));
            }
            app::Effect::AttachText { text, wanted } => {
                self.keep(wanted, move |storage, dir| attachments::keep_text(storage, dir, &text));
            }
            app::Effect::LoadOutput(run) => self.load_output(run),
            app::Effect::OpenEditor(text) => self.editing = Some(text),
            app::Effect::Lab(text) => self.play(&text),
            app::Effect::Redraw => self.redraw = true,
            app::Effect::Quit => self.quit = true,
        }
    }

    fn act(&mut self, act: Act) {
        self.tell_engine(engine::Input::Act(act));
        self.tell_app(Msg::Changed);
    }
}

impl Live {
    /// Keeps a file or a text, off the loop: it may be large, and the disk slow.
    fn keep<K>(&self, wanted: Option<PartId>, keep: K)
    where
        K: FnOnce(&dyn Storage, &SessionDir) -> Result<Kept, NotKept> + Send + 'static,
    {
        let (storage, dir, tell) = (Arc::clone(&self.storage), self.dir.clone(), self.tell.clone());
        let step = self.engine.session().current.clone();
        tokio::task::spawn_blocking(move || {
            let kept = keep(storage.as_ref(), &dir);
            // Nobody is left to hear it where the session was left meanwhile: nothing was said to be attached.
            let _ = tell.send(News::Kept { kept, wanted, step });
        });
    }

    /// Tells the engine of what was kept, for the step that was open then.
    pub(super) fn attach(&mut self, kept: Result<Kept, NotKept>, wanted: Option<PartId>, step: Option<&StepId>) {
        match kept {
            Ok(_) if self.engine.session().current.as_ref() != step => {
                self.tell_app(Msg::Refused("The step that the file was for is not open any more: attach it again.".into()));
            }
            Ok(Kept { sha256, bytes, kind, name }) => {
                // What the engine refuses, it says after this.
                self.tell_app(Msg::Said(format!("Attached: {}.", crate::text::Safe::line(&name))));
                self.act(Act::Attach { wanted, sha256, bytes, kind: kind.to_owned(), name });
            }
            Err(why) => self.tell_app(Msg::Refused(why.to_string())),
        }
    }

    /// The end of a transcript, for a run of an earlier part of the session.
    fn load_output(&mut self, run: String) {
        if self.tails.contains_key(&run) || self.outputs.tail(&run).is_some() {
            return;
        }
        let (path, tell) = (self.dir.transcripts().join(format!("{run}.log")), self.tell.clone());
        tokio::task::spawn_blocking(move || {
            let loaded = transcript::last_lines(&path, LOADED);
            let loaded = loaded.map_err(|error| format!("the transcript {} cannot be read: {error}", path.display()));
            let _ = tell.send(News::Loaded { run, loaded });
        });
    }

    /// What the operator tells the lab: its clock here, everything else the world.
    fn play(&mut self, text: &str) {
        if let Some(said) = self.clock_verb(text) {
            return self.tell_played(said);
        }
        match (text.parse::<Verb>(), &self.lab) {
            (Ok(verb), Some(lab)) => lab.play(verb),
            (Ok(_), None) => self.tell_played(Err("this is no rehearsal: there is no lab".into())),
            (Err(why), _) => self.tell_played(Err(why)),
        }
    }

    fn tell_played(&mut self, said: Result<String, String>) {
        self.tell_app(match said {
            Ok(words) => Msg::Said(format!("lab: {words}")),
            Err(why) => Msg::Refused(format!("lab: {why}")),
        });
    }

    /// What the world tells.
    pub(super) fn on_lab(&mut self, news: LabNews) {
        match news {
            LabNews::Did(said) => self.tell_played(said),
            LabNews::Panel(panel) => self.show_lab(*panel),
            LabNews::NotSaved(error) => {
                self.tell_app(Msg::Refused(format!("the rehearsal's world cannot be saved: {error}")));
            }
        }
    }

    /// `speed 60`, `pause`, `go`, `ahead 30m`: the session's clock, which is the world's.
    fn clock_verb(&mut self, text: &str) -> Option<Result<String, String>> {
        let (verb, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let said = match verb {
            "speed" => match rest.trim_end_matches('x').parse::<f64>() {
                Ok(speed) if (1.0..=FASTEST).contains(&speed) => {
                    self.clock.set_speed(speed);
                    self.set_pace();
                    Ok(format!("the world runs at {speed}x"))
                }
                _ => Err(format!("speed takes a number from 1 to {FASTEST}, found '{rest}'")),
            },
            "pause" => {
                self.clock.set_paused(true);
                Ok("the world stands still; `go` lets it go on".into())
            }
            "go" => {
                self.clock.set_paused(false);
                Ok("the world goes on".into())
            }
            "ahead" => match parse_duration(rest).and_then(|span| chrono::TimeDelta::from_std(span).ok()) {
                Some(span) if span <= FURTHEST => {
                    self.clock.leap(span);
                    Ok(format!("it is {rest} later: {}", self.clock.now().format("%-d %b %H:%M UTC")))
                }
                _ => Err(format!("ahead takes a span such as 10m, 2h or 30d, at most 400d, found '{rest}'")),
            },
            _ => return None,
        };
        if let (Ok(_), Some(lab)) = (&said, &self.lab) {
            lab.set_clock(&self.clock);
        }
        Some(said)
    }

    /// The world's clock in words: its day, too, which nothing else on the screen needs to say.
    fn world_clock(&self, now: crate::Time) -> String {
        let runs = if self.clock.is_paused() { "stands still".to_owned() } else { format!("runs at {}x", self.clock.speed()) };
        format!("{}, the world {runs}", now.format("%a %-d %b %Y %H:%M UTC"))
    }

    /// Shows the simulated servers as they are now.
    fn show_lab(&mut self, panel: Panel) {
        let clock = CLOCK_VERBS.iter().map(|(form, help)| ((*form).to_owned(), (*help).to_owned()));
        let faults = panel.faults.iter().map(|(name, help)| (format!("fault {name} on ROLE"), help.clone()));
        let server = |server: ServerPanel| LabServer {
            host: server.host,
            state: server.state,
            wizard: server.wizard,
            cycle: server.cycle,
            faults: server.faults,
            offers: server.offers,
        };
        self.app.lab = app::lab::Lab {
            verbs: clock.chain(panel.verbs.clone()).chain(faults).collect(),
            servers: panel.servers.into_iter().map(server).collect(),
            alarms: panel.alarms,
            around: vec![self.world_clock(panel.now), panel.directory, panel.tenant],
        };
        self.dirty |= self.shows_lab();
    }

    /// In a fast rehearsal no server is asked more than ten times a real second.
    pub(super) fn set_pace(&mut self) {
        let millis = (self.clock.speed() * 100.0).round();
        #[allow(clippy::cast_possible_truncation, reason = "the speed is at most 600")]
        self.engine.set_pace(chrono::TimeDelta::milliseconds(millis as i64));
    }
}

//! The screen's own state. What the session is, the engine knows; this is only where the operator looks.

use std::collections::BTreeMap;

use super::dialog::{About, Dialog, Scroll};
use super::keys::Rhythm;
use super::lab::Lab;
use super::parts::{self, Part};
use super::steps::{self, List};
use crate::Time;
use crate::engine::Engine;
use crate::facts::{ConnectionLog, Server, ServerName};
use crate::powershell::Value;
use crate::runbook::ids::StepId;
use crate::runbook::model::Step;
use crate::session::state::StepStatus;

/// Columns from which the list of steps stands beside the step.
pub const WIDE: u16 = 100;

/// The smallest terminal that shows a session.
pub const SMALLEST: (u16, u16) = (60, 15);

/// The screen.
#[derive(Debug, Clone)]
pub struct App {
    /// Columns and rows
    pub size: (u16, u16),
    /// Which pane has the keys
    pub pane: Pane,
    /// The step that is looked at
    pub body: Body,
    /// The list of steps
    pub list: List,
    /// The open dialog
    pub dialog: Option<Dialog>,
    /// What was said last
    pub message: Option<Message>,
    /// The servers as they were when the operator stopped the picture
    pub frozen: Option<Frozen>,
    /// Whether the servers have the whole screen
    pub zoomed: bool,
    /// The simulated servers, in a rehearsal
    pub lab: Lab,
    /// How the connections went, by server
    pub connections: BTreeMap<ServerName, ConnectionLog>,
    /// SHA-256 of the newest event on disk, in hexadecimal
    pub head: Option<String>,
    /// What the last frame measured
    pub extent: Extent,
    pub(super) rhythm: Rhythm,
    pub(super) note_draft: String,
    followed: Option<StepId>,
    resume_seen: bool,
}

/// Panes of the main view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pane {
    /// The step.
    Body,
    /// The list of steps.
    Steps,
}

/// Where in a step the operator is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Body {
    /// Another step than the open one, to be read
    pub viewing: Option<StepId>,
    /// The selected part
    pub selected: usize,
    /// The first row shown
    pub top: usize,
    /// Whether the selected part is kept in sight: yes after it was moved to, not after scrolling
    pub follow: bool,
}

/// One line that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What
    pub text: String,
    /// Whether something could not be done
    pub refused: bool,
}

/// The servers at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Frozen {
    /// When
    pub at: Time,
    /// Their facts
    pub tree: Value,
    /// Themselves
    pub servers: Vec<Server>,
}

/// What a frame measured: how far scrolling can go. Told back after drawing, so that a scrolled pane never runs past its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    /// The first row of the step that was shown
    pub top: usize,
    /// Greatest sensible scroll of the open dialog
    pub dialog: usize,
    /// Rows of the body, or of the open dialog's content
    pub page: usize,
    /// Rows of the step out of sight below
    pub below: usize,
}

impl App {
    /// A screen of that size at the start of a session.
    pub fn new(size: (u16, u16)) -> Self {
        Self {
            size,
            pane: Pane::Body,
            body: Body::default(),
            list: List::default(),
            dialog: None,
            message: None,
            frozen: None,
            zoomed: false,
            lab: Lab::default(),
            connections: BTreeMap::new(),
            head: None,
            extent: Extent::default(),
            rhythm: Rhythm::default(),
            note_draft: String::new(),
            followed: None,
            resume_seen: false,
        }
    }

    /// The same screen on a terminal of another size.
    #[must_use]
    pub fn at_size(&self, size: (u16, u16)) -> Self {
        Self { size, ..self.clone() }
    }

    /// Whether the terminal is too small for a session.
    pub fn is_too_small(&self) -> bool {
        self.size.0 < SMALLEST.0 || self.size.1 < SMALLEST.1
    }

    /// Whether the list of steps is on the screen.
    pub fn shows_list(&self) -> bool {
        self.size.0 >= WIDE || self.pane == Pane::Steps
    }

    /// Whether the keys are the words of a search.
    pub fn is_searching(&self) -> bool {
        self.dialog.is_none() && self.pane == Pane::Steps && self.list.search.as_ref().is_some_and(|search| search.typing)
    }

    /// The step on the screen.
    pub fn step<'a>(&self, engine: &'a Engine) -> Option<&'a Step> {
        match &self.body.viewing {
            Some(id) => engine.step_of(id).map(|(_, step)| step),
            None => engine.current_step(),
        }
    }

    /// Whether the step on the screen is the open one.
    pub fn is_open_step(&self, engine: &Engine) -> bool {
        let open = engine.session().current.as_ref();
        open.is_some() && self.step(engine).map(|step| &step.id) == open
    }

    /// The selected part of the step on the screen.
    pub fn part<'a>(&self, engine: &'a Engine) -> Option<Part<'a>> {
        parts::at(self.step(engine)?, self.body.selected)
    }

    /// Takes what the last frame measured.
    pub fn measured(&mut self, extent: Extent) {
        self.extent = extent;
        self.body.top = extent.top;
        match &mut self.dialog {
            Some(
                Dialog::Help(scroll) | Dialog::Connections(scroll) | Dialog::Resume(scroll) | Dialog::About(About { scroll, .. }),
            ) => {
                scroll.0 = scroll.0.min(extent.dialog);
            }
            Some(Dialog::Output(output)) => output.back = output.back.min(extent.dialog),
            _ => {}
        }
    }

    /// When the keys are worth a second look, in milliseconds of this run of the program: a line for the lab that came in one
    /// burst with its Enter is said if nothing follows it.
    pub fn rests_at(&self) -> Option<u64> {
        matches!(self.dialog, Some(Dialog::Lab(_))).then(|| self.rhythm.one_line_at()).flatten()
    }

    /// Goes along with the engine: another step opened, a look is over, the session came back.
    pub(super) fn follow(&mut self, engine: &Engine) {
        let current = engine.current_step().map(|step| step.id.clone());
        if current != self.followed {
            if let Some(words) = self.followed.take().and_then(|left| left_words(engine, &left)) {
                self.say(words);
            }
            self.followed = current;
            self.body = Body::default();
            self.pane = Pane::Body;
            if matches!(self.dialog, Some(Dialog::Run(_) | Dialog::Form(_) | Dialog::Look)) {
                self.dialog = None;
            }
        }
        if matches!(self.dialog, Some(Dialog::Look)) && engine.look().is_none() {
            self.dialog = None;
        }
        if engine.resume_report().is_some() && !self.resume_seen {
            self.resume_seen = true;
            self.dialog.get_or_insert(Dialog::Resume(Scroll::default()));
        }
    }

    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.message = Some(Message { text: text.into(), refused: false });
    }

    pub(super) fn refuse(&mut self, text: impl Into<String>) {
        self.message = Some(Message { text: text.into(), refused: true });
    }
}

/// What became of a step that is not the current one any more.
fn left_words(engine: &Engine, left: &StepId) -> Option<String> {
    let (_, step) = engine.step_of(left)?;
    let title = steps::title(engine, step);
    match engine.session().status(left) {
        StepStatus::Confirmed => Some(format!("{title}: confirmed.")),
        StepStatus::Waived => Some(format!("{title}: confirmed with a waiver.")),
        _ => None,
    }
}

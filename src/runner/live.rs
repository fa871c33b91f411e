//! A session on the screen. One `select!`: a due frame first, then keys, then everything else. What a key changed is drawn
//! at once, what the background changed at most every 16 ms; what changes with time asks for its next moment.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use color_eyre::eyre::WrapErr;
use crossterm::event::{Event as Input, EventStream, KeyEventKind};
use futures_util::StreamExt;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::time::Instant;

use super::clock::Clock;
use super::lab::thread::LabThread;
use super::news::{News, Told, keep, translate};
use crate::Time;
use crate::app::{self, App, Msg, Outputs};
use crate::engine::{self, Engine};
use crate::io::agent::{Agents, SharedTail};
use crate::io::editor::Editor;
use crate::io::journal::JournalWriter;
use crate::io::lock::Lock;
use crate::io::session_dir::SessionDir;
use crate::io::storage::Storage;
use crate::io::terminal::{self, Terminal};
use crate::ui::Painter;

/// What the background changed is drawn at most so often.
const FRAME: Duration = Duration::from_millis(16);
/// The newest lines of an output that a step may show.
const TAIL_ROWS: usize = 16;

/// Everything a session on the screen has.
#[allow(clippy::struct_excessive_bools, reason = "independent wishes of one turn of the loop")]
pub struct Live {
    pub(super) engine: Engine,
    pub(super) app: App,
    pub(super) outputs: Outputs,
    pub(super) tails: BTreeMap<String, SharedTail>,
    pub(super) changed: BTreeSet<String>,
    pub(super) agents: Agents,
    pub(super) journal: Option<JournalWriter>,
    pub(super) lab: Option<LabThread>,
    /// The world tells its panel as it changes
    pub(super) lab_looked_at: bool,
    pub(super) clock: Clock,
    pub(super) dir: SessionDir,
    pub(super) storage: std::sync::Arc<dyn Storage>,
    pub(super) news: UnboundedReceiver<News>,
    /// For what is done beside the loop
    pub(super) tell: UnboundedSender<News>,
    pub(super) painter: Painter,
    /// Held while the session is ours
    pub(super) lock: Option<Lock>,
    /// When a shown word changes by time alone
    pub(super) until: Option<Time>,
    pub(super) dirty: bool,
    /// The editor is to be opened on this text
    pub(super) editing: Option<String>,
    /// SHA-256 of the journal's last durable line
    pub(super) head: Option<String>,
    pub(super) redraw: bool,
    /// A sequence for the terminal itself: what goes on the clipboard
    pub(super) to_terminal: Option<String>,
    pub(super) quit: bool,
}

/// Runs a session until the operator leaves it. The number is the exit code: 1 where something could not be recorded, or
/// the program failed.
pub async fn run(mut live: Live, terminal: &mut Terminal) -> color_eyre::Result<u8> {
    terminal::restore_on_panic();
    let shown = show(&mut live, terminal).await;
    // Whatever became of the screen, what was done is on the disk before the program ends.
    let left = live.leave();
    Ok(shown?.max(left))
}

/// The loop, until the session is to be left.
async fn show(live: &mut Live, terminal: &mut Terminal) -> color_eyre::Result<u8> {
    let mut input = EventStream::new();
    let mut panicked = false;
    let mut signals = Signals::new()?;
    let mut next_frame = Instant::now();
    live.draw(terminal)?;
    live.begin()?;
    while !live.quit {
        let wake = live.wake_in();
        tokio::select! {
            biased;
            () = terminal::panicked() => (live.quit, panicked) = (true, true),
            () = tokio::time::sleep_until(next_frame), if live.dirty => {
                live.draw(terminal)?;
                next_frame = Instant::now() + FRAME;
            }
            event = input.next() => match event {
                Some(Ok(event)) => {
                    if live.on_input(event) {
                        live.draw(terminal)?;
                        next_frame = Instant::now() + FRAME;
                    }
                }
                // The terminal is gone: the session stays as it is.
                Some(Err(_)) | None => live.quit = true,
            },
            () = signals.recv() => live.quit = true,
            Some(news) = live.news.recv() => {
                live.on_news(news);
                // Whatever else is there belongs to the same frame; keys are not kept waiting for it.
                for _ in 0..64 {
                    let Ok(news) = live.news.try_recv() else { break };
                    live.on_news(news);
                }
            }
            () = sleep(wake) => live.on_woke(),
        }
        if let Some(text) = live.editing.take() {
            drop(input);
            live.edit(terminal, &text)?;
            input = EventStream::new();
        }
        if let Some(sequence) = live.to_terminal.take() {
            terminal.write(&sequence)?;
        }
        if std::mem::take(&mut live.redraw) {
            terminal.clear()?;
            live.dirty = true;
        }
    }
    Ok(u8::from(panicked))
}

/// Sleeps so long; without a span, for ever.
async fn sleep(span: Option<Duration>) {
    match span {
        Some(span) => tokio::time::sleep(span).await,
        None => std::future::pending().await,
    }
}

impl Live {
    /// Takes an input of the terminal. Whether the screen may have changed.
    fn on_input(&mut self, event: Input) -> bool {
        let msg = match event {
            Input::Key(key) if key.kind != KeyEventKind::Release => Msg::Key(key),
            Input::Paste(text) => Msg::Paste(text),
            Input::Resize(width, height) => Msg::Resized(width, height),
            _ => return false,
        };
        self.tell_app(msg);
        true
    }

    /// Whether the lab's panel is on the screen.
    pub(super) fn shows_lab(&self) -> bool {
        matches!(self.app.dialog, Some(app::Dialog::Lab(_)))
    }

    /// Tells the screen, and carries out what it asks for.
    pub(super) fn tell_app(&mut self, msg: Msg) {
        let effects = app::update(&mut self.app, &self.engine, msg, self.clock.moment());
        self.dirty = true;
        for effect in effects {
            self.carry_app(effect);
        }
        if let Some(app::Dialog::Output(output)) = &self.app.dialog {
            self.changed.insert(output.run.clone());
        }
        let looks = self.shows_lab();
        if let (true, Some(lab)) = (looks != self.lab_looked_at, &self.lab) {
            self.lab_looked_at = looks;
            lab.look(looks);
        }
    }

    /// Tells the engine, and carries out what it asks for.
    pub(super) fn tell_engine(&mut self, input: engine::Input) {
        let effects = self.engine.step(self.clock.moment(), input);
        self.dirty = true;
        for effect in effects {
            self.carry_engine(effect);
        }
    }

    fn on_news(&mut self, news: News) {
        keep(&mut self.app.connections, &news, &self.clock);
        match translate(news, &self.clock) {
            Told::Engine(observed) => {
                self.tell_engine(engine::Input::Observed(observed));
                self.tell_app(Msg::Changed);
            }
            Told::Connected { observed, server, limits } => {
                self.tell_engine(engine::Input::Observed(observed));
                self.tell_app(Msg::Said(format!(
                    "{server}: {}",
                    limits.iter().map(|limit| limit.sentence()).collect::<Vec<_>>().join("; ")
                )));
            }
            Told::Durable(seq, head) => {
                self.head = Some(head);
                self.tell_engine(engine::Input::Observed(engine::Observed::Durable(seq)));
                self.tell_app(Msg::Changed);
            }
            Told::Output(run) => {
                self.changed.insert(run);
                self.dirty = true;
            }
            Told::Here(news) => self.on_own_news(news),
            Told::Nothing => {}
        }
    }

    /// What concerns neither the servers nor the journal.
    fn on_own_news(&mut self, news: News) {
        match news {
            News::Lab(news) => self.on_lab(news),
            News::Kept { kept, wanted, step } => self.attach(kept, wanted, step.as_ref()),
            News::Loaded { run, loaded } => match loaded {
                Ok((lines, total)) => {
                    let kept = lines.len();
                    self.outputs.show(&run, lines, total, kept);
                    self.dirty = true;
                }
                Err(why) => self.tell_app(Msg::Refused(why)),
            },
            News::Agent(_) | News::Journal(_) => {}
        }
    }

    fn on_woke(&mut self) {
        if self.engine.next_wake().is_some_and(|at| at <= self.clock.now()) {
            self.tell_engine(engine::Input::Woke);
            self.tell_app(Msg::Changed);
        }
        self.tell_app(Msg::Rested);
    }

    /// How long until the engine, a shown word or the keys need the time.
    fn wake_in(&self) -> Option<Duration> {
        let engine = self.engine.next_wake().and_then(|at| self.clock.until(at));
        // While a frame is due anyway, it will say anew when it changes.
        let shown = self.until.filter(|_| !self.dirty).and_then(|at| self.clock.until(at));
        let keys = self.app.rests_at().map(|at| Duration::from_millis(at.saturating_sub(self.clock.moment().mono)));
        [engine, shown, keys].into_iter().flatten().min()
    }

    /// Starts what works beside the loop, once the first frame is on the screen: nothing of it could be in that frame.
    fn begin(&mut self) -> color_eyre::Result<()> {
        if let Some(lab) = &mut self.lab {
            lab.begin().wrap_err("the lab's thread cannot be started")?;
        }
        self.agents.begin().wrap_err("the agents cannot be started")
    }

    fn draw(&mut self, terminal: &mut Terminal) -> std::io::Result<()> {
        for run in std::mem::take(&mut self.changed) {
            if let Some(tail) = self.tails.get(&run) {
                let wanted = self.rows_of(&run);
                let mut tail = tail.lock();
                let (total, kept) = (tail.total_lines(), tail.kept_lines());
                let lines = tail.last(wanted);
                drop(tail);
                let kept = usize::try_from(kept).unwrap_or(usize::MAX).max(lines.len());
                self.outputs.show(&run, lines.into_iter().map(|line| line.text).collect(), total, kept);
            }
        }
        self.app.head.clone_from(&self.head);
        let now = self.clock.now();
        let (painter, app, engine, outputs) = (&self.painter, &self.app, &self.engine, &self.outputs);
        let mut drawn = None;
        terminal.draw(|frame| drawn = Some(painter.draw(frame, app, engine, outputs, now)))?;
        self.dirty = false;
        if let Some(drawn) = drawn {
            self.until = drawn.until;
            self.app.measured(drawn.extent);
        }
        Ok(())
    }

    /// How many of the newest lines of an output a frame may show: making them safe is what a flood costs.
    fn rows_of(&self, run: &str) -> usize {
        match &self.app.dialog {
            Some(app::Dialog::Output(output)) if output.run == run => usize::from(self.app.size.1) + output.back,
            _ => TAIL_ROWS,
        }
    }

    /// Lends the terminal to the operator's editor.
    fn edit(&mut self, terminal: &mut Terminal, text: &str) -> color_eyre::Result<()> {
        terminal.lend();
        let edited = Editor::of_the_operator().edit(self.dir.path(), text);
        terminal.take_back()?;
        match edited {
            Ok(text) => self.tell_app(Msg::EditorClosed(text)),
            Err(why) => self.tell_app(Msg::Refused(format!("the editor could not be used: {why}"))),
        }
        Ok(())
    }

    /// Leaves the session resumable: the world saved, the agents ended, every event durable.
    fn leave(mut self) -> u8 {
        // The world goes first: an agent of its would wait for an answer that never comes.
        if let Some(lab) = self.lab.take() {
            lab.stop();
        }
        self.agents.stop();
        let recorded = self.journal.take().is_none_or(|journal| journal.finish().is_ok());
        drop(self.lock.take());
        u8::from(!recorded)
    }
}

/// The system's wishes that the program end.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hang_up: tokio::signal::unix::Signal,
    #[cfg(windows)]
    close: tokio::signal::windows::CtrlClose,
    #[cfg(windows)]
    shutdown: tokio::signal::windows::CtrlShutdown,
}

impl Signals {
    #[cfg(unix)]
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, hang_up: signal(SignalKind::hangup())? })
    }

    #[cfg(windows)]
    fn new() -> std::io::Result<Self> {
        Ok(Self { close: tokio::signal::windows::ctrl_close()?, shutdown: tokio::signal::windows::ctrl_shutdown()? })
    }

    #[cfg(unix)]
    async fn recv(&mut self) {
        tokio::select! { _ = self.terminate.recv() => {}, _ = self.hang_up.recv() => {} }
    }

    #[cfg(windows)]
    async fn recv(&mut self) {
        tokio::select! { _ = self.close.recv() => {}, _ = self.shutdown.recv() => {} }
    }
}

//! The terminal, on and off. One symmetric pair is used at start, at the end, by the panic hook and around an editor.
//! Optional modes that a terminal does not have are no error; a frame reaches it as one write.

use std::io::{self, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crossterm::event::{DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange};
use crossterm::terminal::{self, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen};
use crossterm::{Command, cursor, execute, style};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Position, Rect};
use ratatui::{CompletedFrame, Frame};
use tokio::sync::Notify;

mod quiet;

use quiet::Quiet;

/// Whether the terminal is ours right now: the panic hook gives back only what was taken.
static ON: AtomicBool = AtomicBool::new(false);

/// The screen while the program has it. Dropping it gives the terminal back.
pub struct Terminal {
    screen: ratatui::Terminal<Quiet<CrosstermBackend<OneWrite>>>,
}

impl Terminal {
    /// Takes the terminal. An error says what could not be set; nothing stays half set then.
    pub fn on() -> io::Result<Self> {
        // crossterm 0.29 answers NO_COLOR by dropping bold and reverse too, and the selection with them; the theme
        // leaves the colours out itself.
        style::force_color_output(true);
        enter()?;
        let screen = ratatui::Terminal::new(Quiet::new(CrosstermBackend::new(OneWrite::default())));
        let screen = screen.inspect_err(|_| restore())?;
        let mut terminal = Self { screen };
        terminal.clear()?;
        Ok(terminal)
    }

    /// Draws a frame.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame)) -> io::Result<CompletedFrame<'_>> {
        self.screen.draw(render)
    }

    /// Gives the terminal to another program, such as an editor. The event stream must be dropped before.
    pub fn lend(&mut self) {
        restore();
    }

    /// Takes it back and forgets what was drawn, so that the next frame is whole.
    pub fn take_back(&mut self) -> io::Result<()> {
        enter()?;
        self.clear()
    }

    /// Forgets what was drawn: after a resize, and when the operator asks.
    ///
    /// ratatui's own `clear` asks the terminal where its cursor is and fails where no answer comes in two seconds, as
    /// over a slow line or while keys are being read. A resize to the same size clears without asking.
    pub fn clear(&mut self) -> io::Result<()> {
        self.screen.backend_mut().forget();
        let size = self.screen.size()?;
        self.screen.resize(Rect::from((Position::ORIGIN, size)))
    }

    /// Writes a sequence that is no drawing, such as what goes on the clipboard.
    pub fn write(&mut self, sequence: &str) -> io::Result<()> {
        let mut out = io::stdout();
        out.write_all(sequence.as_bytes())?;
        out.flush()
    }

    /// Columns and rows.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        self.screen.size().map(|size| (size.width, size.height))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        restore();
    }
}

/// Told when anything panics, on whatever thread.
static PANICKED: Notify = Notify::const_new();

/// Restores the terminal before a panic is reported, so that the report can be read; the screen has to end then, which
/// [`panicked`] tells. Call it after other panic hooks were installed.
pub fn restore_on_panic() {
    let report = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        restore();
        report(info);
        PANICKED.notify_one();
    }));
}

/// Waits until something panics. A thread that does takes nothing else down with it: without this the screen would go on
/// over a terminal that was given back.
pub async fn panicked() {
    PANICKED.notified().await;
}

/// Gives the terminal back, if it was taken: cooked mode, main screen, cursor, no modes. Never fails: what does not work
/// cannot be mended here.
pub fn restore() {
    if ON.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        optional(&mut out, EndSynchronizedUpdate);
        optional(&mut out, DisableFocusChange);
        optional(&mut out, DisableBracketedPaste);
        let _ =
            execute!(out, style::ResetColor, style::SetAttribute(style::Attribute::Reset), LeaveAlternateScreen, cursor::Show);
        let _ = terminal::disable_raw_mode();
    }
}

fn enter() -> io::Result<()> {
    terminal::enable_raw_mode()?;
    ON.store(true, Ordering::SeqCst);
    let mut out = io::stdout();
    execute!(out, EnterAlternateScreen).inspect_err(|_| restore())?;
    optional(&mut out, EnableBracketedPaste);
    optional(&mut out, EnableFocusChange);
    Ok(())
}

/// A mode that Windows or an old terminal may not have.
fn optional(out: &mut Stdout, mode: impl Command) {
    let _ = execute!(out, mode);
}

/// The synchronized update of DEC private mode 2026; a terminal without it ignores both.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Collects what a frame draws and sends it as one synchronized update; nothing drawn, nothing sent.
#[derive(Default)]
struct OneWrite {
    frame: Vec<u8>,
}

impl Write for OneWrite {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.frame.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.frame.is_empty() {
            return Ok(());
        }
        // Written by hand around the frame: stdout is line-buffered, a queued command would be a write of its own.
        let frame = [BEGIN, &std::mem::take(&mut self.frame), END].concat();
        let mut out = io::stdout().lock();
        out.write_all(&frame)?;
        out.flush()
    }
}

//! A backend that says nothing where nothing changed. ratatui hides the cursor and resets the style with every frame, so
//! that a frame that is the one before it would still reach the terminal, and over a slow line be waited for.

use std::io;

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};

/// What the terminal knows of the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cursor {
    Unknown,
    Hidden,
    /// It is shown; where, once that was said
    Shown(Option<Position>),
}

/// A backend, and what it was told last.
#[derive(Debug)]
pub(super) struct Quiet<B> {
    backend: B,
    cursor: Cursor,
}

impl<B> Quiet<B> {
    pub(super) fn new(backend: B) -> Self {
        Self { backend, cursor: Cursor::Unknown }
    }

    /// Another program had the terminal: nothing is known of it.
    pub(super) fn forget(&mut self) {
        self.cursor = Cursor::Unknown;
    }
}

impl<B: Backend<Error = io::Error>> Backend for Quiet<B> {
    type Error = io::Error;

    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Cell)>>(&mut self, content: I) -> io::Result<()> {
        let mut content = content.peekable();
        if content.peek().is_none() {
            return Ok(());
        }
        if let Cursor::Shown(at) = &mut self.cursor {
            // Drawing moves it.
            *at = None;
        }
        self.backend.draw(content)
    }

    fn append_lines(&mut self, lines: u16) -> io::Result<()> {
        self.backend.append_lines(lines)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.cursor != Cursor::Hidden {
            self.backend.hide_cursor()?;
            self.cursor = Cursor::Hidden;
        }
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        if !matches!(self.cursor, Cursor::Shown(_)) {
            self.backend.show_cursor()?;
            self.cursor = Cursor::Shown(None);
        }
        Ok(())
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.backend.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let position = position.into();
        if self.cursor != Cursor::Shown(Some(position)) {
            self.backend.set_cursor_position(position)?;
            if let Cursor::Shown(at) = &mut self.cursor {
                *at = Some(position);
            }
        }
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.backend.clear()
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        self.backend.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        self.backend.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.backend.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        self.backend.flush()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::io::Write;
    use std::rc::Rc;

    use ratatui::backend::CrosstermBackend;
    use ratatui::layout::Rect;
    use ratatui::{Terminal, TerminalOptions, Viewport};

    use super::*;

    #[derive(Clone, Default)]
    struct Sent(Rc<RefCell<Vec<u8>>>);

    impl Write for Sent {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What reaches the terminal of a frame with those words and the cursor there.
    fn frame(
        terminal: &mut Terminal<Quiet<CrosstermBackend<Sent>>>,
        sent: &Sent,
        words: &str,
        cursor: Option<(u16, u16)>,
    ) -> usize {
        sent.0.borrow_mut().clear();
        let drawn = terminal.draw(|frame| {
            frame.render_widget(words, frame.area());
            if let Some(cursor) = cursor {
                frame.set_cursor_position(cursor);
            }
        });
        drawn.unwrap();
        sent.0.borrow().len()
    }

    #[test]
    fn a_frame_like_the_one_before_it_sends_nothing() {
        let sent = Sent::default();
        let options = TerminalOptions { viewport: Viewport::Fixed(Rect::new(0, 0, 20, 2)) };
        let mut terminal = Terminal::with_options(Quiet::new(CrosstermBackend::new(sent.clone())), options).unwrap();
        assert!(frame(&mut terminal, &sent, "EC01  ACTIVE", None) > 0);
        assert_eq!(frame(&mut terminal, &sent, "EC01  ACTIVE", None), 0);
        assert!(frame(&mut terminal, &sent, "EC01  STAGING", None) > 0);
        assert!(frame(&mut terminal, &sent, "EC01  STAGING", Some((3, 1))) > 0, "the cursor appears");
        assert_eq!(frame(&mut terminal, &sent, "EC01  STAGING", Some((3, 1))), 0);
        assert!(frame(&mut terminal, &sent, "EC01  STAGING", Some((4, 1))) > 0, "the cursor moves");
        let moved = frame(&mut terminal, &sent, "EC02  STAGING", Some((4, 1)));
        let placed = String::from_utf8_lossy(&sent.0.borrow()).into_owned();
        assert!(moved > 0 && placed.contains("\u{1b}[2;5H"), "drawing moved it, so it is put back: {placed:?}");
        assert!(frame(&mut terminal, &sent, "EC02  STAGING", None) > 0, "the cursor goes");
        assert_eq!(frame(&mut terminal, &sent, "EC02  STAGING", None), 0);
    }
}

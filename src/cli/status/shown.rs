//! How a look at the servers is written: once; again and again in place on a terminal; or, where nobody looks, the whole
//! once and then a block for every change. As JSON: one value tree, or one a line.

use std::fmt::Write as _;
use std::io::{IsTerminal, Write};

use crate::facts::Link;
use crate::facts::connection_log::Entry;
use crate::io::config::{Config, Look};
use crate::report::status::Status;
use crate::runner::watching::Watching;
use crate::text::Safe;
use crate::text::age::second_utc;
use crate::text::wrap::wrap;
use crate::ui::Theme;

use super::StatusArgs;
use super::news::Seen;

/// Columns of the text where there is no terminal to ask.
const COLUMNS: usize = 100;

/// How looks are written, and what the last one was.
pub(super) struct Shown {
    form: Form,
    connections: bool,
    ascii: bool,
    seen: Option<Seen>,
}

enum Form {
    /// The value tree, for people
    Tree,
    /// The value tree, one a line
    Trees,
    /// The text once, then what changes
    Text,
    /// The text, always in the same place
    InPlace { drawn: String },
}

impl Shown {
    pub(super) fn of(args: &StatusArgs, config: &Config) -> Self {
        let variable = |name: &str| std::env::var(name).ok();
        Self {
            form: match (args.json, args.watch) {
                (true, false) => Form::Tree,
                (true, true) => Form::Trees,
                (false, true) if std::io::stdout().is_terminal() => Form::InPlace { drawn: String::new() },
                (false, _) => Form::Text,
            },
            connections: args.verbose,
            ascii: config.theme.value == Look::Ascii || Theme::from_environment(variable).is_ascii(),
            seen: None,
        }
    }

    /// Writes a look, or what is new since the last one.
    pub(super) fn show(&mut self, watching: &Watching, out: &mut dyn Write) -> color_eyre::Result<()> {
        let status = Status::of(watching.servers(), watching.now(), watching.policy());
        let seen = Seen::of(watching.servers(), &status);
        let news = self.seen.as_ref().map(|before| seen.since(before));
        let (columns, rows) = size();
        match &mut self.form {
            Form::InPlace { drawn } => {
                let text = in_view(&text(watching, &status, columns, self.ascii, self.connections), rows);
                if text != *drawn {
                    out.write_all(again(drawn, &text).as_bytes())?;
                    *drawn = text;
                }
            }
            // Nothing is new.
            _ if news.as_ref().is_some_and(Vec::is_empty) => {}
            Form::Tree => writeln!(out, "{}", serde_json::to_string_pretty(&status.to_json())?)?,
            Form::Trees => writeln!(out, "{}", status.to_json())?,
            Form::Text => match news {
                None => out.write_all(text(watching, &status, columns, self.ascii, self.connections).as_bytes())?,
                Some(lines) => {
                    writeln!(out, "\n{}", second_utc(watching.now()))?;
                    for line in lines {
                        writeln!(out, "  {}", Safe::line(&line))?;
                    }
                }
            },
        }
        out.flush()?;
        self.seen = Some(seen);
        Ok(())
    }
}

/// Columns and, on a terminal, rows.
fn size() -> (usize, Option<usize>) {
    let terminal = std::io::stdout().is_terminal().then(crossterm::terminal::size).and_then(Result::ok);
    terminal.map_or((COLUMNS, None), |(columns, rows)| (usize::from(columns).max(40), Some(usize::from(rows))))
}

/// The look, with what the agents work without, and the connections where they are asked for.
fn text(watching: &Watching, status: &Status<'_>, columns: usize, ascii: bool, connections: bool) -> String {
    let mut text = status.render(columns, ascii);
    for server in watching.servers() {
        let Link::Live { limits, .. } = &server.link else { continue };
        for limit in limits {
            let note = format!("{}: {}", server.title(), limit.sentence());
            for (n, line) in wrap(Safe::line(&note).as_str(), columns.saturating_sub(6)).into_iter().enumerate() {
                let _ = writeln!(text, "{}{line}", if n == 0 { "note: " } else { "      " });
            }
        }
    }
    if connections {
        for (server, log) in watching.connections() {
            let _ = writeln!(text, "\nConnections of {server}");
            for logged in log.entries() {
                let (sign, words) = match &logged.entry {
                    Entry::State(words) => (' ', words),
                    Entry::Text(line) => ('|', line),
                };
                let _ = writeln!(text, "  {} {:<6} {sign} {words}", second_utc(logged.at), logged.agent);
            }
        }
    }
    text
}

/// As much of a text as a terminal can hold, with a word about the rest.
fn in_view(text: &str, rows: Option<usize>) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let Some(room) = rows.map(|rows| rows.saturating_sub(1).max(2)).filter(|room| lines.len() > *room) else {
        return text.to_owned();
    };
    let (shown, rest) = lines.split_at(room - 1);
    format!("{}\n… {} more lines; a taller terminal shows them\n", shown.join("\n"), rest.len())
}

/// What puts a text in the place of the one before it. Each line is cleared behind its end, so that nothing flickers.
fn again(before: &str, text: &str) -> String {
    let up = before.lines().count();
    let mut written = if up > 0 { format!("\x1b[{up}A\r") } else { String::new() };
    for line in text.lines() {
        let _ = write!(written, "{line}\x1b[K\r\n");
    }
    written + "\x1b[J"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_look_takes_the_place_of_the_one_before() {
        let cells = |n: u16| std::num::NonZeroU16::new(n).expect("not 0");
        let mut terminal = vt100::Parser::new(cells(10), cells(40), 0);
        terminal.process(b"$ lockstep status --watch\r\n");
        terminal.process(again("", "one\ntwo and more\nthree\n").as_bytes());
        terminal.process(again("one\ntwo and more\nthree\n", "ONE\ntwo\n").as_bytes());
        assert_eq!(terminal.screen().contents(), "$ lockstep status --watch\nONE\ntwo");
    }

    #[test]
    fn what_has_no_room_is_counted() {
        assert_eq!(in_view("1\n2\n3\n4\n5\n", Some(4)), "1\n2\n… 3 more lines; a taller terminal shows them\n");
        assert_eq!(in_view("1\n2\n3\n", Some(4)), "1\n2\n3\n");
        assert_eq!(in_view("1\n2\n", None), "1\n2\n");
    }
}

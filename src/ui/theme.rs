//! Looks: roles to the terminal's own sixteen colours, never to fixed ones; with NO_COLOR only weight and reverse video;
//! and symbols in ASCII where a terminal has no others.

use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier, Style};

/// What a piece of text is to the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Ordinary text.
    Text,
    /// What can be read over.
    Quiet,
    /// What the eye should find.
    Strong,
    /// The word ACTIVE.
    Active,
    /// The word STAGING.
    Staging,
    /// Unknown, stopped, absent, late: look twice.
    Doubt,
    /// True, passed.
    Good,
    /// False, failed, CAUTION.
    Bad,
    /// Names, code.
    Code,
    /// A key in a footer.
    Key,
    /// Something must be done now.
    Alarm,
    /// The selected row.
    Selected,
}

/// The looks of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    colour: bool,
    ascii: bool,
}

impl Theme {
    /// With or without colour, with or without symbols beyond ASCII.
    pub fn new(colour: bool, ascii: bool) -> Self {
        Self { colour, ascii }
    }

    /// As the environment asks: `NO_COLOR` (not empty) for no colour; `LOCKSTEP_ASCII=1`, or a `TERM` of `linux`, `dumb`
    /// or `vt…`, for ASCII.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let term = variable("TERM").unwrap_or_default();
        Self {
            colour: variable("NO_COLOR").is_none_or(|value| value.is_empty()) && term != "dumb",
            ascii: variable("LOCKSTEP_ASCII")
                .map_or_else(|| matches!(term.as_str(), "linux" | "dumb") || term.starts_with("vt"), |value| value == "1"),
        }
    }

    /// Whether only ASCII may be shown.
    pub fn is_ascii(self) -> bool {
        self.ascii
    }

    /// The style of a role.
    pub fn style(self, role: Role) -> Style {
        let plain = Style::new();
        let weight = match role {
            Role::Text | Role::Code | Role::Staging | Role::Good => plain,
            Role::Quiet => plain.add_modifier(Modifier::DIM),
            Role::Strong | Role::Active | Role::Key | Role::Bad | Role::Doubt => plain.add_modifier(Modifier::BOLD),
            Role::Alarm => plain.add_modifier(Modifier::BOLD | Modifier::REVERSED),
            Role::Selected => plain.add_modifier(Modifier::REVERSED),
        };
        if !self.colour {
            return weight;
        }
        match role {
            Role::Active | Role::Good => weight.fg(Color::Green),
            Role::Staging | Role::Code => weight.fg(Color::Cyan),
            Role::Doubt => weight.fg(Color::Magenta),
            Role::Bad | Role::Alarm => weight.fg(Color::Red),
            Role::Text | Role::Quiet | Role::Strong | Role::Key | Role::Selected => weight,
        }
    }

    /// The last hand on a frame: where the terminal has only ASCII, our own symbols become it.
    pub(super) fn finish(self, buffer: &mut Buffer) {
        if !self.ascii {
            return;
        }
        for cell in &mut buffer.content {
            if let Some(ascii) = ascii(cell.symbol()) {
                cell.set_symbol(ascii);
            }
        }
    }
}

/// The ASCII form of a symbol that this program draws.
fn ascii(symbol: &str) -> Option<&'static str> {
    Some(match symbol {
        "✓" | "┌" | "┐" | "└" | "┘" | "┬" | "┴" | "├" | "┤" | "┼" => "+",
        "▶" | "›" | "⟩" | "→" => ">",
        "·" => ".",
        "✗" => "x",
        "↺" => "r",
        "≠" => "#",
        "─" => "-",
        "│" | "┃" => "|",
        "…" => "~",
        "↑" => "^",
        "↓" => "v",
        "␛" | "␀" => "?",
        "⟨" | "←" => "<",
        "•" => "*",
        "⏎" => "/",
        _ => return None,
    })
}

//! The table of everything the operator can do. The footer, the help, the palette and the keys page of the documentation
//! are made from it; a key that does nothing now says why.

use crossterm::event::{KeyCode, KeyEvent};

use super::dialog::Dialog;
use super::enabled as can;
use super::entry::Fields;
use super::keys::{Key, char, ctrl, named};
use super::{App, Pane};
use crate::engine::Engine;

/// Where a command's keys work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// The main view.
    Main,
    /// The list of steps.
    Steps,
    /// The words of a search in it.
    Search,
    /// The look at the gates.
    Look,
    /// A command about to be run.
    Run,
    /// Findings.
    Findings,
    /// An interrupted command.
    Resolve,
    /// The output of a run.
    Output,
    /// Fields being filled in.
    Fields,
    /// What happened meanwhile.
    Resume,
    /// The help.
    Help,
    /// What the runbook says first.
    About,
    /// The palette.
    Palette,
    /// Leaving while a command runs.
    Leave,
}

impl Scope {
    /// Every scope, in the order of the help.
    pub const ALL: [Self; 14] = [
        Self::Main,
        Self::Steps,
        Self::Search,
        Self::Look,
        Self::Run,
        Self::Findings,
        Self::Resolve,
        Self::Output,
        Self::Fields,
        Self::Resume,
        Self::About,
        Self::Help,
        Self::Palette,
        Self::Leave,
    ];

    /// Its heading in the help.
    pub fn title(self) -> &'static str {
        match self {
            Self::Main => "Main view",
            Self::Steps => "List of steps",
            Self::Search => "Searching",
            Self::Look => "Confirming",
            Self::Run => "Running a command",
            Self::Findings => "Findings",
            Self::Resolve => "An interrupted command",
            Self::Output => "Output",
            Self::Fields => "Filling in",
            Self::Resume => "Resuming",
            Self::About => "About the runbook",
            Self::Help => "Help",
            Self::Palette => "Palette",
            Self::Leave => "Leaving",
        }
    }

    /// Where the keys go now.
    pub fn of(app: &App) -> Self {
        match &app.dialog {
            None if app.is_searching() => Self::Search,
            None if app.pane == Pane::Steps => Self::Steps,
            None => Self::Main,
            Some(Dialog::Look) => Self::Look,
            Some(Dialog::Run(run)) if run.typed.is_none() => Self::Run,
            Some(Dialog::Findings(_)) => Self::Findings,
            Some(Dialog::Resolve(resolve)) if resolve.how.is_none() => Self::Resolve,
            Some(Dialog::Output(_)) => Self::Output,
            Some(Dialog::Resume(_)) => Self::Resume,
            Some(Dialog::About(_)) => Self::About,
            Some(Dialog::Help(_) | Dialog::Connections(_)) => Self::Help,
            Some(Dialog::Palette(_)) => Self::Palette,
            Some(Dialog::Leave) => Self::Leave,
            Some(_) => Self::Fields,
        }
    }
}

/// What a command is, whatever its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the table says in words what each one does")]
pub enum Id {
    Tick,
    Run,
    Confirm,
    Attach,
    Note,
    OtherPane,
    Palette,
    Help,
    Output,
    Form,
    Search,
    Follow,
    About,
    AskNow,
    Freeze,
    Zoom,
    Connections,
    Recovery,
    Resolve,
    Cancel,
    Reopen,
    Isolate,
    LeaveAside,
    Withdraw,
    Report,
    Lab,
    Close,
    Quit,
    Redraw,
    Up,
    Down,
    PageUp,
    PageDown,
    Top,
    Bottom,
    OpenRow,
    LookAgain,
    Wait,
    Waive,
    Record,
    RunIt,
    Copy,
    Acknowledge,
    EnterAside,
    Finished,
    DidNotRun,
    LookFirst,
    Save,
    NextField,
    Editor,
    Continue,
    Pick,
    Back,
}

/// One row of the table.
#[derive(Debug)]
pub struct Command {
    /// What it is
    pub id: Id,
    /// Its name: in the palette
    pub name: &'static str,
    /// One line of help
    pub help: &'static str,
    /// A word or two for the footer; empty: it is not in the footer
    pub short: &'static str,
    /// Its keys, the first one is shown
    pub keys: &'static [Key],
    /// Where its keys work
    pub scope: Scope,
    /// Whether it can be done now, else why not
    pub enabled: fn(&App, &Engine) -> Result<(), String>,
}

macro_rules! table {
    ($($scope:ident { $($id:ident [$($key:expr),*] $short:literal, $name:literal, $help:literal, $enabled:path;)* })*) => {
        &[$($(Command {
            id: Id::$id, name: $name, help: $help, short: $short,
            keys: &[$($key),*], scope: Scope::$scope, enabled: $enabled,
        },)*)*]
    };
}

/// The table. Within a scope the order is that of the footer: what does not fit there is left out from the end.
pub const TABLE: &[Command] = table! {
    Main {
        Tick [char(' ')] "tick", "Tick", "Tick or untick the selected item, acknowledge the selected CAUTION", can::tick;
        Run [char('r')] "run", "Run", "Show the selected or only command with its server; r there runs it", can::run;
        Form [char('e')] "fill in", "Fill in", "Fill in the selected or only form", can::form;
        Resolve [char('s')] "say what became of it", "Resolve", "Say what became of an interrupted command", can::resolve;
        Confirm [named(KeyCode::Enter)] "confirm", "Confirm the step", "Ask the servers anew and look at the gates; records nothing yet", can::confirm;
        Attach [char('a')] "attach", "Attach", "Attach a file or a pasted text, for the selected wanted evidence", can::write_at_step;
        Note [char('n')] "note", "Note", "Write a note at this step", can::write;
        OtherPane [named(KeyCode::Tab), named(KeyCode::BackTab)] "pane", "Other pane", "Go to the list of steps and back", can::always;
        Output [char('o')] "output", "Output", "Open the output of the selected command, or of the newest run", can::output;
        Cancel [char('c'), ctrl('c')] "cancel", "Cancel", "Stop the running command; asks nothing", can::cancel;
        Search [char('/')] "search", "Search", "Search in the titles of the steps", can::always;
        Follow [char('l')] "go there", "Follow the link", "Go where the selected link leads: a step, a phase, an aside", can::follow;
        AskNow [named(KeyCode::F(5))] "ask now", "Ask now", "Ask every server for everything now", can::always;
        Freeze [char('f')] "freeze", "Freeze", "Stop and start the picture of the servers; alarms go on", can::always;
        Zoom [char('z')] "servers", "Servers", "Show the servers with all scheduler properties, and back", can::always;
        Connections [char('C')] "", "Connections", "Show how the connections went, and what the servers said besides", can::always;
        Recovery [char('!')] "findings", "Findings", "Show findings, acknowledge them, enter their recovery", can::findings;
        About [char('b')] "about", "About the runbook", "Read what the runbook and this phase say first", can::about;
        Reopen [char('R')] "reopen", "Reopen", "Open the confirmed step on the screen again, with a reason", can::reopen;
        Isolate [char('i')] "isolate", "Isolate a server", "Record that a server cannot export, and how that was checked", can::write;
        LeaveAside [] "", "Leave the aside", "Go back to the main path", can::leave_aside;
        Withdraw [] "", "Withdraw the newest note of this step", "It stays in the journal, marked", can::withdraw;
        Report [] "", "What happened meanwhile", "Show the report of the resumption again", can::resume_report;
        Lab [char('L')] "lab", "Lab", "Stand before the simulated servers, tell the lab something (rehearsals only)", can::lab;
        Close [char('Q')] "close", "Close the session", "End the session with its outcome and a summary", can::write;
        Quit [char('q')] "quit", "Quit", "Leave the program; the session can be resumed", can::always;
        Redraw [ctrl('l')] "", "Draw anew", "Draw the whole screen again", can::always;
        Palette [char(':')] "palette", "Palette", "All commands by name", can::always;
        Help [char('?'), named(KeyCode::F(1))] "help", "Help", "All keys", can::always;
        Down [named(KeyCode::Down), char('j')] "", "Next part", "Select the next part of the step", can::always;
        Up [named(KeyCode::Up), char('k')] "", "Part before", "Select the part before", can::always;
        PageDown [named(KeyCode::PageDown), ctrl('d')] "", "Page down", "Scroll down", can::always;
        PageUp [named(KeyCode::PageUp), ctrl('u')] "", "Page up", "Scroll up", can::always;
        Top [named(KeyCode::Home), char('g')] "", "First part", "Select the first part", can::always;
        Bottom [named(KeyCode::End), char('G')] "", "Last part", "Select the last part", can::always;
        Back [named(KeyCode::Esc)] "", "Back", "Go back to the open step", can::always;
    }
    Steps {
        OpenRow [named(KeyCode::Enter)] "show", "Show", "Show the selected step, or the steps of the selected phase; enter an aside", can::always;
        About [char('b')] "about", "About the phase", "Read what the selected phase and the runbook say first", can::about;
        Search [char('/')] "search", "Search", "Search in the titles of the steps", can::always;
        OtherPane [named(KeyCode::Tab), named(KeyCode::BackTab)] "step", "To the step", "Go back to the step", can::always;
        Back [named(KeyCode::Esc)] "back", "Back", "End the search, then go back to the open step", can::always;
        Down [named(KeyCode::Down), char('j')] "", "Next row", "Select the next row", can::always;
        Up [named(KeyCode::Up), char('k')] "", "Row before", "Select the row before", can::always;
        PageDown [named(KeyCode::PageDown), ctrl('d')] "", "Page down", "Ten rows down", can::always;
        PageUp [named(KeyCode::PageUp), ctrl('u')] "", "Page up", "Ten rows up", can::always;
        Top [named(KeyCode::Home), char('g')] "", "First row", "Select the first row", can::always;
        Bottom [named(KeyCode::End), char('G')] "", "Last row", "Select the last row", can::always;
        Quit [char('q')] "", "Quit", "Leave the program; the session can be resumed", can::always;
        Help [char('?')] "help", "Help", "All keys", can::always;
    }
    Search {
        Pick [named(KeyCode::Enter), named(KeyCode::Down)] "to what was found", "To what was found", "Go to the steps whose titles have these words; Enter there shows one", can::always;
        Back [named(KeyCode::Esc)] "end the search", "End the search", "Show every step again", can::always;
    }
    Look {
        Record [named(KeyCode::Enter)] "record", "Record", "Record the confirmation and open the next step", can::record;
        LookAgain [char('l')] "look again", "Look again", "Ask the servers and look at the gates again", can::look_again;
        Wait [char('w')] "wait", "Wait", "Look again and again until every line is true, or the time is over", can::wait;
        Waive [char('v')] "waive with a reason", "Waive", "Go on although a line is not true; the reason is in the report", can::waive;
        Back [named(KeyCode::Esc)] "back", "Back", "Go back to the step; a wait ends", can::always;
    }
    Run {
        RunIt [char('r')] "run", "Run it", "Run exactly this text on this server", can::run_it;
        Copy [char('c')] "copy", "Copy", "Copy the text, byte for byte, without a line end", can::always;
        Back [named(KeyCode::Esc)] "back", "Back", "Run nothing", can::always;
    }
    Findings {
        EnterAside [named(KeyCode::Enter)] "recovery", "Recovery", "Enter the recovery that the runbook has for it", can::recovery;
        Acknowledge [char('x')] "acknowledge", "Acknowledge", "Say that it was seen; the words stay while it is true", can::acknowledge;
        Down [named(KeyCode::Down), char('j')] "", "Next finding", "Select the next finding", can::always;
        Up [named(KeyCode::Up), char('k')] "", "Finding before", "Select the finding before", can::always;
        Back [named(KeyCode::Esc)] "back", "Back", "Go back", can::always;
    }
    Resolve {
        Finished [char('1')] "it finished", "It finished", "It ran to its end; say how you know", can::always;
        DidNotRun [char('2')] "it did not run", "It did not run", "It changed nothing; say how you know", can::always;
        LookFirst [char('3')] "look at the server first", "Look first", "Ask every server for everything, and decide later", can::always;
        Back [named(KeyCode::Esc)] "back", "Back", "Decide later", can::always;
    }
    Output {
        Down [named(KeyCode::Down), char('j')] "", "Down", "One line down", can::always;
        Up [named(KeyCode::Up), char('k')] "", "Up", "One line up", can::always;
        PageDown [named(KeyCode::PageDown), char(' '), ctrl('d')] "page", "Page down", "One page down", can::always;
        PageUp [named(KeyCode::PageUp), ctrl('u')] "page", "Page up", "One page up", can::always;
        Top [named(KeyCode::Home), char('g')] "begin", "Beginning", "To the first line that is kept", can::always;
        Bottom [named(KeyCode::End), char('G')] "end", "End", "To the end, and follow it", can::always;
        Cancel [char('c'), ctrl('c')] "cancel", "Cancel", "Stop the running command; asks nothing", can::cancel;
        Back [named(KeyCode::Esc), char('o'), char('q')] "back", "Back", "Go back to the step", can::always;
    }
    Fields {
        Save [ctrl('s')] "save", "Save", "Save what was entered; Enter does it in the last line of one-line fields", can::always;
        NextField [named(KeyCode::Tab)] "next field", "Next field", "Go to the next field", can::several_fields;
        Editor [ctrl('o')] "editor", "Editor", "Write the text in the editor of VISUAL or EDITOR", can::editor;
        Back [named(KeyCode::Esc)] "back", "Back", "Save nothing; a note's text is kept for the next try", can::always;
    }
    Resume {
        Continue [named(KeyCode::Enter), named(KeyCode::Esc)] "go on", "Go on", "Go on at the open step", can::always;
        Resolve [char('s')] "say what became of it", "Resolve", "Say what became of the interrupted command", can::resolve;
        Down [named(KeyCode::Down), char('j')] "", "Down", "Scroll down", can::always;
        Up [named(KeyCode::Up), char('k')] "", "Up", "Scroll up", can::always;
        Quit [char('q')] "quit", "Quit", "Leave the program; the session can be resumed", can::always;
    }
    Help {
        Back [named(KeyCode::Esc), char('?'), char('q')] "back", "Back", "Close the help", can::always;
        Down [named(KeyCode::Down), char('j')] "down", "Down", "Scroll down", can::always;
        Up [named(KeyCode::Up), char('k')] "up", "Up", "Scroll up", can::always;
        PageDown [named(KeyCode::PageDown), char(' '), ctrl('d')] "page", "Page down", "One page down", can::always;
        PageUp [named(KeyCode::PageUp), ctrl('u')] "", "Page up", "One page up", can::always;
    }
    About {
        Back [named(KeyCode::Esc), char('b'), char('q')] "back", "Back", "Go back to the step", can::always;
        Down [named(KeyCode::Down), char('j')] "down", "Down", "Scroll down", can::always;
        Up [named(KeyCode::Up), char('k')] "up", "Up", "Scroll up", can::always;
        PageDown [named(KeyCode::PageDown), char(' '), ctrl('d')] "page", "Page down", "One page down", can::always;
        PageUp [named(KeyCode::PageUp), ctrl('u')] "", "Page up", "One page up", can::always;
    }
    Palette {
        Pick [named(KeyCode::Enter)] "do it", "Do it", "Do the selected command", can::always;
        Down [named(KeyCode::Down), ctrl('n')] "", "Next", "Select the next command", can::always;
        Up [named(KeyCode::Up), ctrl('p')] "", "Before", "Select the command before", can::always;
        Back [named(KeyCode::Esc)] "back", "Back", "Do nothing", can::always;
    }
    Leave {
        Quit [char('q')] "leave all the same", "Leave all the same", "The command is stopped; its end may not be seen", can::always;
        Back [named(KeyCode::Esc)] "back", "Back", "Stay", can::always;
    }
};

/// The command of a key in a scope.
pub fn for_key(scope: Scope, key: &KeyEvent) -> Option<&'static Command> {
    in_scope(scope).find(|command| command.keys.iter().any(|k| k.is(key)))
}

/// The command that a key has on the main view, with the key as it is written: for saying where a key works.
pub fn of_main_view(key: &KeyEvent) -> Option<(Key, &'static Command)> {
    in_scope(Scope::Main).find_map(|command| Some((*command.keys.iter().find(|k| k.is(key))?, command)))
}

/// The rows of a scope, in their order.
pub fn in_scope(scope: Scope) -> impl Iterator<Item = &'static Command> {
    TABLE.iter().filter(move |command| command.scope == scope)
}

/// What the footer offers now: key and words, the most useful first.
pub fn offers(app: &App, engine: &Engine, scope: Scope) -> Vec<(String, &'static str)> {
    in_scope(scope)
        .filter(|command| !command.short.is_empty() && (command.enabled)(app, engine).is_ok())
        .filter_map(|command| {
            let enter =
                command.id == Id::Save && app.dialog.as_ref().and_then(Dialog::fields).is_some_and(Fields::saves_on_enter);
            let key = if enter { named(KeyCode::Enter) } else { *command.keys.first()? };
            let words = match (command.id, &app.dialog) {
                (Id::Save, Some(Dialog::Lab(_))) => "tell it",
                // The way back is never left out.
                (Id::Zoom, _) if app.zoomed => "back",
                _ => command.short,
            };
            Some((key.to_string(), words))
        })
        .collect()
}

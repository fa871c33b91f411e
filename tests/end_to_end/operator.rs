//! An operator who reads the screen and does what the open step still asks for, whatever the runbook.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::terminal::{Home, Terminal};

/// Big enough for a whole step, so that nothing is scrolled away.
pub const SIZE: (u16, u16) = (120, 90);
/// `Ctrl-S`
pub const SAVE: &str = "\x13";
/// Between a key and the look at what it did.
const GLANCE: Duration = Duration::from_millis(60);

/// What the steps of the bundled runbook want done at the servers.
const HANDIWORK: &[(&str, &[&str])] = &[
    ("The active server goes into staging", &["wizard old open", "wizard old stage on start on", "wizard old exit"]),
    ("The standby becomes active", &["wizard new open", "wizard new stage off start on", "wizard new exit"]),
    ("Run the installer", &["upgrade old start on", "wizard old exit"]),
    ("The acting server goes into staging", &["wizard new open", "wizard new stage on start on", "wizard new exit"]),
    ("The upgraded server becomes active", &["wizard old open", "wizard old stage off start on", "wizard old exit"]),
];

/// The operator at a terminal.
pub struct Operator<'a> {
    pub terminal: &'a mut Terminal,
    home: &'a Home,
    /// Steps whose handiwork is done.
    worked: BTreeSet<String>,
}

impl<'a> Operator<'a> {
    pub fn new(terminal: &'a mut Terminal, home: &'a Home) -> Self {
        Self { terminal, home, worked: BTreeSet::new() }
    }

    /// Does what is to be done until the screen is as wanted.
    pub fn until(&mut self, what: &str, is: impl Fn(&str) -> bool) {
        let limit = Instant::now() + Duration::from_secs(240);
        loop {
            let screen = self.terminal.screen();
            if is(&screen) {
                return;
            }
            assert!(Instant::now() < limit, "the operator did not reach {what}; the screen:\n{screen}");
            self.next(&screen);
            std::thread::sleep(GLANCE);
        }
    }

    /// One act.
    fn next(&mut self, screen: &str) {
        if screen.contains("Enter record") || screen.contains("Enter go on") {
            self.terminal.press("\r");
        } else if screen.contains("w wait") {
            self.terminal.press("w");
        } else if screen.contains('┌') {
            // The servers are being asked, or waited for.
        } else if let Some(words) = self.handiwork(screen) {
            for word in words {
                self.tell_lab(word);
            }
            self.terminal.press("\x1b");
            self.terminal.wait_gone("Tell the lab");
        } else if let Some(open) = open_part(screen) {
            self.work_at(&open, screen);
        } else {
            self.terminal.press("\r");
        }
    }

    fn handiwork(&mut self, screen: &str) -> Option<&'static [&'static str]> {
        let title = title(screen)?;
        let (_, words) = HANDIWORK.iter().find(|(step, _)| title.contains(step))?;
        if screen.contains("not open yet") || !self.worked.insert(title) {
            return None;
        }
        self.terminal.press("L");
        self.terminal.wait("Tell the lab");
        Some(words)
    }

    /// Says a word to the lab; what a running cycle forbids is said again.
    fn tell_lab(&mut self, word: &str) {
        for _ in 0..400 {
            self.terminal.paste(word);
            self.terminal.wait(&format!("Tell the lab  {word}"));
            std::thread::sleep(GLANCE);
            self.terminal.press("\r");
            let screen = self.terminal.wait_for("the lab's word", |screen| {
                screen.contains("lab: ") && !screen.contains(&format!("Tell the lab  {word}"))
            });
            let opens = word.ends_with(" open") || word.starts_with("upgrade");
            let said = screen.lines().find(|line| line.contains("lab: ")).unwrap_or_default();
            if !opens || !(said.contains("cycle") || said.contains("busy")) {
                return;
            }
        }
        panic!("the lab never took '{word}':\n{}", self.terminal.screen());
    }

    fn work_at(&mut self, open: &Open, screen: &str) {
        let selected = screen.lines().position(|line| part_of(line).starts_with('›'));
        match selected {
            Some(row) if row < open.row => self.terminal.press("j"),
            Some(row) if row > open.row => self.terminal.press("k"),
            None => self.terminal.press("g"),
            Some(_) => match open.kind {
                Kind::Space => self.terminal.press(" "),
                Kind::Command => {
                    self.terminal.press("r");
                    self.terminal.wait("r run  c copy");
                    self.terminal.press("r");
                    self.terminal.wait_gone("r run  c copy");
                }
                Kind::Form => {
                    self.terminal.press("e");
                    self.terminal.wait("Ctrl-S save");
                    self.terminal.press(" ");
                    std::thread::sleep(GLANCE);
                    self.terminal.press(SAVE);
                    self.terminal.wait_gone("Ctrl-S save");
                }
                Kind::Evidence => {
                    let file = self.home.file("last page.txt", b"Configuration complete");
                    self.terminal.press("a");
                    self.terminal.wait("Path of a file");
                    self.terminal.paste(&file.display().to_string());
                    std::thread::sleep(GLANCE);
                    self.terminal.press(SAVE);
                    self.terminal.wait_gone("Path of a file");
                }
            },
        }
    }
}

/// A part of the step that is still open, where it begins.
struct Open {
    row: usize,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Space,
    Command,
    Form,
    Evidence,
}

/// The step's side of a line.
fn part_of(line: &str) -> &str {
    line.split_once('│').map_or("", |(_, part)| part)
}

/// `3.1 The active server goes into staging`, from the step's side.
pub fn title(screen: &str) -> Option<String> {
    let is_title = |part: &&str| {
        part.trim_start()
            .split_once(' ')
            .is_some_and(|(number, _)| number.contains('.') && number.chars().all(|c| c.is_ascii_digit() || c == '.'))
    };
    screen.lines().map(part_of).find(is_title).map(|part| part.trim().to_owned())
}

fn open_part(screen: &str) -> Option<Open> {
    let lines: Vec<&str> = screen.lines().map(part_of).collect();
    let begin = |row: usize, is: &dyn Fn(&str) -> bool| (0..=row).rev().find(|row| is(lines[*row])).unwrap_or(row);
    lines.iter().enumerate().find_map(|(row, line)| {
        let kind = if line.contains("Space acknowledges") {
            return Some(Open { row: begin(row, &|line| line.contains("CAUTION")), kind: Kind::Space });
        } else if line.contains("r run on") && !lines.get(row + 1).is_some_and(|next| next.contains("UTC")) {
            let numbered =
                |line: &str| line.trim_start_matches(['›', ' ']).split_once("  ").is_some_and(|(n, _)| n.parse::<u8>().is_ok());
            return Some(Open { row: begin(row, &numbered), kind: Kind::Command });
        } else if line.contains("[ ] Form") {
            Kind::Form
        } else if line.contains("[ ] Evidence") {
            Kind::Evidence
        } else if line.contains("[ ]") {
            Kind::Space
        } else {
            return None;
        };
        Some(Open { row, kind })
    })
}

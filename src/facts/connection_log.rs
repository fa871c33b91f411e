//! The connection log of one server: every state of its agents' connections with its time and reason, and the text that
//! came and was no answer (banners, profiles, standard error). Bounded: of a flood of text the newest is kept.

use std::collections::VecDeque;

use crate::Time;
use crate::text::Safe;

/// How much text is kept, in bytes.
const TEXT: usize = 64 * 1024;

/// How many states are kept.
const STATES: usize = 500;

/// What one entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// A connection changed.
    State(Safe),
    /// A line that was no answer.
    Text(Safe),
}

/// An entry with its moment and the agent's purpose (`watch`, `survey`, `step`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// On the session's clock
    pub at: Time,
    /// Which of the server's agents
    pub agent: &'static str,
    /// What
    pub entry: Entry,
}

/// The log, oldest entry first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConnectionLog {
    entries: VecDeque<Logged>,
    text: usize,
    states: usize,
    left_out: u64,
}

impl ConnectionLog {
    /// A connection changed.
    pub fn state(&mut self, at: Time, agent: &'static str, words: &str) {
        self.entries.push_back(Logged { at, agent, entry: Entry::State(Safe::line(words)) });
        self.states += 1;
        if self.states > STATES {
            self.states -= 1;
            self.drop_first(|entry| matches!(entry, Entry::State(_)));
        }
    }

    /// Text came that is no answer.
    pub fn text(&mut self, at: Time, agent: &'static str, text: &str) {
        for line in Safe::lines(text.trim_end()) {
            self.text += line.as_str().len();
            self.entries.push_back(Logged { at, agent, entry: Entry::Text(line) });
        }
        while self.text > TEXT {
            let Some(Entry::Text(line)) = self.drop_first(|entry| matches!(entry, Entry::Text(_))) else { break };
            self.text -= line.as_str().len();
            self.left_out += line.as_str().len() as u64;
        }
    }

    fn drop_first(&mut self, is: impl Fn(&Entry) -> bool) -> Option<Entry> {
        let at = self.entries.iter().position(|logged| is(&logged.entry))?;
        self.entries.remove(at).map(|logged| logged.entry)
    }

    /// Oldest first.
    pub fn entries(&self) -> impl DoubleEndedIterator<Item = &Logged> {
        self.entries.iter()
    }

    /// Bytes of text that are not kept any more.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_text_keeps_its_end_and_every_state() {
        let mut log = ConnectionLog::default();
        let at = Time::UNIX_EPOCH;
        log.state(at, "watch", "starting");
        for n in 0..2_000 {
            log.text(at, "watch", &format!("{n} {}\n\u{1b}[31mred", "x".repeat(100)));
        }
        log.state(at, "watch", "live");
        let states = log.entries().filter(|logged| matches!(logged.entry, Entry::State(_))).count();
        let last = log.entries().rev().find_map(|logged| if let Entry::Text(text) = &logged.entry { Some(text) } else { None });
        assert_eq!((states, last.map(Safe::as_str)), (2, Some("red")));
        let kept: usize =
            log.entries().map(|logged| if let Entry::Text(text) = &logged.entry { text.as_str().len() } else { 0 }).sum();
        assert!(kept <= TEXT && log.left_out() > 100_000, "{kept}");
    }

    #[test]
    fn of_many_states_the_newest_are_kept() {
        let mut log = ConnectionLog::default();
        for n in 0..2 * STATES {
            log.state(Time::UNIX_EPOCH, "step", &n.to_string());
        }
        assert_eq!(log.entries().count(), STATES);
        assert_eq!(log.entries().next_back().map(|logged| &logged.entry), Some(&Entry::State(Safe::line("999"))));
    }
}

//! Recording: an event is folded and shown at once, and done when it is durable. What reaches outside waits for that.

use super::{Effect, Engine, Moment};
use crate::session::event::{Body, Event};

impl Engine {
    /// Appends an event: folds it and asks for its line. Nothing is recorded once the session is read-only or closed.
    pub(super) fn append(&mut self, moment: Moment, body: Body, out: &mut Vec<Effect>) {
        if self.read_only.is_some() || self.session.closed.is_some() {
            return;
        }
        let event = Event {
            seq: self.session.events,
            at: moment.now.max(self.session.last_at),
            wall: moment.wall,
            mono: moment.mono,
            by: self.by.clone(),
            body,
        };
        self.session.apply(&event);
        self.stale = true;
        out.push(Effect::Append(event));
    }

    /// Lets an effect go once every event up to now is on disk.
    pub(super) fn when_durable(&mut self, effect: Effect) {
        self.held.push_back((self.session.events, effect));
    }

    /// Events up to and with `seq` are on disk.
    pub(super) fn on_durable(&mut self, seq: u64, out: &mut Vec<Effect>) {
        self.durable = self.durable.max(seq + 1);
        while self.held.front().is_some_and(|(needs, _)| *needs <= self.durable) {
            out.extend(self.held.pop_front().map(|(_, effect)| effect));
        }
    }

    /// The journal cannot be written any more: what waited for it never happens.
    pub(super) fn on_journal_failed(&mut self, why: String, out: &mut Vec<Effect>) {
        self.held.clear();
        self.look = None;
        out.push(Effect::Say(format!("nothing can be recorded any more: {why}")));
        self.read_only = Some(why);
    }
}

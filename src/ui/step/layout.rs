//! Rows of a step, and what of them stays from frame to frame. Breaking text into rows costs far more than drawing the
//! forty that are seen: text that does not change is laid out once for a step and a width.

use std::cell::{RefCell, RefMut};
use std::rc::Rc;

use crate::runbook::ids::StepId;
use crate::runbook::model::{Inline, Prose};
use crate::ui::view::Run;

/// Rows of one piece of text.
pub type Piece = Rc<[Vec<Run>]>;

/// What stands before a row.
pub type Lead = Rc<[Run]>;

/// A row of the step.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// What stands before its text: bars, marks, indents; the same for many rows
    lead: Lead,
    text: Text,
    /// Which selectable part it belongs to
    pub part: Option<usize>,
}

#[derive(Debug, Clone)]
enum Text {
    Own(Vec<Run>),
    /// That row of a piece
    Of(Piece, usize),
}

impl Default for Text {
    fn default() -> Self {
        Self::Own(Vec::new())
    }
}

impl Row {
    /// A row of its own.
    pub fn of(runs: Vec<Run>, part: Option<usize>) -> Self {
        Self { lead: Lead::default(), text: Text::Own(runs), part }
    }

    /// The rows of a piece: the first behind its lead, the rest behind theirs.
    pub fn of_piece<'a>(piece: &'a Piece, part: Option<usize>, [first, rest]: &'a [Lead; 2]) -> impl Iterator<Item = Self> + 'a {
        let lead = move |n| Rc::clone(if n == 0 { first } else { rest });
        (0..piece.len()).map(move |n| Self { lead: lead(n), text: Text::Of(Rc::clone(piece), n), part })
    }

    /// Whether nothing stands in it.
    pub fn is_blank(&self) -> bool {
        self.lead.is_empty() && self.text().is_empty()
    }

    /// Puts something before it.
    pub fn behind(&mut self, run: Run) {
        self.lead = std::iter::once(run).chain(self.lead.iter().cloned()).collect();
    }

    /// What stands in it.
    pub fn runs(&self) -> Vec<Run> {
        self.lead.iter().chain(self.text()).cloned().collect()
    }

    fn text(&self) -> &[Run] {
        match &self.text {
            Text::Own(runs) => runs,
            Text::Of(piece, n) => piece.get(*n).map_or(&[], Vec::as_slice),
        }
    }
}

/// What was laid out of the step on the screen.
#[derive(Debug, Default)]
pub struct Layout(RefCell<Laid>);

#[derive(Debug, Default)]
struct Laid {
    of: Option<(StepId, usize, bool)>,
    /// In the order in which the step asks for them, which is the same in every frame
    pieces: Vec<Piece>,
}

impl Layout {
    /// The pieces of a step at that width; those of another are forgotten.
    pub fn of_step(&self, step: &StepId, columns: usize, loose: bool) -> Kept<'_> {
        let mut laid = self.0.borrow_mut();
        let same = matches!(&laid.of, Some((id, wide, room)) if id == step && (*wide, *room) == (columns, loose));
        if !same {
            *laid = Laid { of: Some((step.clone(), columns, loose)), pieces: Vec::new() };
        }
        Kept { laid: Some(laid), next: 0 }
    }
}

/// The pieces of one step, taken one after the other.
pub struct Kept<'a> {
    laid: Option<RefMut<'a, Laid>>,
    next: usize,
}

impl Kept<'_> {
    /// For what is laid out once.
    pub fn nowhere() -> Self {
        Self { laid: None, next: 0 }
    }

    /// The next piece: as it was laid out, else as it is made now.
    pub fn piece(&mut self, make: impl FnOnce() -> Vec<Vec<Run>>) -> Piece {
        let Some(laid) = &mut self.laid else { return make().into() };
        if laid.pieces.len() == self.next {
            laid.pieces.push(make().into());
        }
        self.next += 1;
        Rc::clone(&laid.pieces[self.next - 1])
    }

    /// The next piece of inline text; one that holds values is made for each frame.
    pub fn prose(&mut self, prose: &Prose, make: impl FnOnce() -> Vec<Vec<Run>>) -> Piece {
        if holds_values(prose) { make().into() } else { self.piece(make) }
    }
}

/// Whether a text has placeholders.
pub fn holds_values(prose: &[Inline]) -> bool {
    prose.iter().any(|piece| match piece {
        Inline::Placeholder { .. } => true,
        Inline::Strong(inner) | Inline::Emphasis(inner) | Inline::Struck(inner) | Inline::Link { text: inner, .. } => {
            holds_values(inner)
        }
        Inline::Text(_) | Inline::Code(_) | Inline::Break => false,
    })
}

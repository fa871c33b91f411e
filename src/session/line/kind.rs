//! The names of event types as they stand in `type`.

use crate::session::event::Body;

macro_rules! kinds {
    ($($variant:ident => $name:literal),* $(,)?) => {
        /// Every type this program writes and reads.
        pub const KINDS: &[&str] = &[$($name),*];

        impl Body {
            /// Its `type` in the journal.
            pub fn kind(&self) -> &str {
                match self {
                    $(Self::$variant { .. } => $name,)*
                    Self::Unknown { kind, .. } => kind,
                }
            }
        }
    };
}

kinds! {
    SessionOpened => "session_opened",
    SessionResumed => "session_resumed",
    JournalRecovered => "journal_recovered",
    SessionClosed => "session_closed",
    StepOpened => "step_opened",
    StepConfirmed => "step_confirmed",
    StepWaived => "step_waived",
    StepReopened => "step_reopened",
    StepSkipped => "step_skipped",
    ItemTicked => "item_ticked",
    ItemUnticked => "item_unticked",
    CautionAcknowledged => "caution_acknowledged",
    NoteWritten => "note_written",
    NoteWithdrawn => "note_withdrawn",
    AttachmentAdded => "attachment_added",
    AttachmentWithdrawn => "attachment_withdrawn",
    FormSaved => "form_saved",
    CommandApproved => "command_approved",
    CommandStarted => "command_started",
    CommandEnded => "command_ended",
    CommandResolved => "command_resolved",
    GateNotPassed => "gate_not_passed",
    ServerObserved => "server_observed",
    FindingRaised => "finding_raised",
    FindingCleared => "finding_cleared",
    FindingAcknowledged => "finding_acknowledged",
    ServerIsolated => "server_isolated",
    IsolationEnded => "isolation_ended",
    AsideEntered => "aside_entered",
    AsideLeft => "aside_left",
}

/// Whether this program knows the type.
pub(super) fn is_known(kind: &str) -> bool {
    KINDS.contains(&kind)
}

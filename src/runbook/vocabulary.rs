//! The words of the runbook format as data: keys of the front matter, of roles, inputs and forms, and attributes of headings and
//! fences. Parser, lint, JSON Schema and the reference page are held against these tables.

use super::model::{FieldKind, Makes, RunMode, Starts};

/// A key or an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// As written
    pub name: &'static str,
    /// What follows it
    pub takes: Takes,
    /// What it is for, in one line
    pub about: &'static str,
}

/// What a word takes as its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Takes {
    /// Nothing: it is there or not.
    Nothing,
    /// Text
    Text,
    /// `true` or `false`
    Bool,
    /// A whole number
    Number,
    /// A list of texts (comma-separated in an attribute)
    List,
    /// A mapping of names
    Map,
    /// `30m`, `1h30m`, `90s`, `2d`
    Duration,
    /// The name of a role
    Role,
    /// `#id`, which may be left out where [`Takes::Nothing`] is meant too
    OptionalTarget,
    /// `#id`
    Target,
    /// One of these
    OneOf(&'static [&'static str]),
}

const fn word(name: &'static str, takes: Takes, about: &'static str) -> Word {
    Word { name, takes, about }
}

macro_rules! values {
    ($($list:ident $read:ident $of:ident { $($variant:ident $word:literal),* })*) => {$(
        #[doc = concat!("Values of `", stringify!($read), "`.")]
        pub const $list: &[&str] = &[$($word),*];

        #[doc = concat!("Reads a value of `", stringify!($read), "`.")]
        pub fn $read(word: &str) -> Option<$of> {
            match word { $($word => Some($of::$variant),)* _ => None }
        }

        impl $of {
            /// As a runbook writes it.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }
    )*};
}

values! {
    STARTS starts Starts { Active "active", Staging "staging", Absent "absent", Any "any" }
    MAKES makes Makes { Staging "staging", Active "active", Stopped "stopped", Installed "installed", Removed "removed" }
    RUN run RunMode { Ask "ask", Type "type", Auto "auto", Manual "manual" }
}

/// Values of a field's `type`.
pub const FIELD_TYPES: &[&str] = &["text", "bool", "choice", "number", "datetime", "secret"];
/// Names that roles, forms, fields, inputs and results cannot have.
pub const RESERVED: &[&str] =
    &["servers", "pair", "tenant", "findings", "inputs", "forms", "results", "step", "run", "true", "false", "null"];

/// Keys of the front matter.
pub const FRONT_MATTER: &[Word] = &[
    word("lockstep", Takes::Number, "The format's number: 1. Without it the file is any Markdown how-to."),
    word("title", Takes::Text, "What the runbook does; else the first `#` heading."),
    word("id", Takes::Text, "A short name that stays when the title changes."),
    word("version", Takes::Text, "The author's version, shown in the report."),
    word("roles", Takes::Map, "The servers by their part in the runbook."),
    word("inputs", Takes::Map, "What is asked when a session starts."),
    word("never", Takes::List, "Conditions that must not be True at any time; `dual-active` always is one."),
    word("sources", Takes::List, "Where the text comes from."),
];

/// Keys of a role.
pub const ROLE: &[Word] = &[
    word("title", Takes::Text, "In words."),
    word("starts", Takes::OneOf(STARTS), "What the server must be when a session starts."),
    word("optional", Takes::Bool, "A session may have no server in this role: steps and phases `on=` it do not apply there."),
];

/// Keys of an input or of a form's field.
pub const FIELD: &[Word] = &[
    word("label", Takes::Text, "What the operator reads."),
    word("type", Takes::OneOf(FIELD_TYPES), "What may be entered; `text` where it is not said."),
    word("choices", Takes::List, "The values of a `choice`."),
    word("required", Takes::Bool, "Whether it must be filled."),
    word("match", Takes::Text, "A regular expression that the text must match."),
    word("example", Takes::Text, "Shown as an example; fills the field in a rehearsal."),
];

/// Attributes of a `##` heading (beside `#id`).
pub const PHASE: &[Word] = &[
    word(".aside", Takes::Nothing, "Off the main path: opened by a link, a finding or the palette."),
    word("for", Takes::List, "Findings that offer this aside."),
    word("reopens", Takes::List, "Steps of the main path that are open again when this aside is done."),
    word("on", Takes::Role, "The server of its steps."),
    word("expects", Takes::List, "Findings that are normal here."),
];

/// Attributes of a `###` heading (beside `#id`).
pub const STEP: &[Word] = &[
    word("on", Takes::Role, "Its server."),
    word("makes", Takes::OneOf(MAKES), "What the step does to its server."),
    word("expects", Takes::List, "Findings that are normal here."),
];

/// Attributes of a command (beside `#id`).
pub const COMMAND: &[Word] = &[
    word("on", Takes::Role, "The server it runs on."),
    word("run", Takes::OneOf(RUN), "How it may be run."),
    word("timeout", Takes::Duration, "Stopped after this long; without it, never."),
    word("into", Takes::Text, "Keeps what the pipeline returned as `$results.NAME`."),
    word("rollback", Takes::Target, "What is offered when it fails: an aside, a step or a command."),
];

/// Attributes of a gate (beside `#id`).
pub const GATE: &[Word] = &[
    word("gate", Takes::Nothing, "Every line must be True before the step can be confirmed."),
    word("before", Takes::Nothing, "Evaluated before the step may begin."),
    word("within", Takes::Duration, "How long waiting may make sense."),
    word("keep", Takes::OptionalTarget, "Must go on holding to the end of the session, or until that step."),
    word("no-waiver", Takes::Nothing, "Nobody passes it with a reason."),
];

/// Attributes of a condition.
pub const WHEN: &[Word] = &[word("when", Takes::Nothing, "The step or phase applies only where it is True.")];

/// Attributes of a form (beside `#id`).
pub const FORM: &[Word] = &[word("form", Takes::Nothing, "The fence is a form of fields.")];

impl FieldKind {
    /// As a runbook writes it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Bool => "bool",
            Self::Choice(_) => "choice",
            Self::Number => "number",
            Self::DateTime => "datetime",
            Self::Secret => "secret",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_value_is_read() {
        assert!(STARTS.iter().all(|word| starts(word).is_some_and(|value| value.word() == *word)));
        assert!(MAKES.iter().all(|word| makes(word).is_some_and(|value| value.word() == *word)));
        assert!(RUN.iter().all(|word| run(word).is_some_and(|value| value.word() == *word)));
    }
}

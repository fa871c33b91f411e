//! One row of the table: what a fact is called, what it holds and where it comes from.

use std::fmt;

use crate::rb1::Group;

/// What a fact holds. An array is told by its path (`Scope[].Inclusions[]`), not by its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `[bool]`
    Bool,
    /// `[int]` or `[long]`
    Int,
    /// `[double]`
    Double,
    /// `[string]`; enums and Guids too
    Text,
    /// `[version]`
    Version,
    /// `[timespan]`
    TimeSpan,
    /// `[datetime]`, UTC
    DateTime,
    /// An object with rows of its own below it
    Object,
    /// Untyped: what a command returned, or a field whose type the runbook declares
    Any,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Double => "double",
            Self::Text => "string",
            Self::Version => "version",
            Self::TimeSpan => "timespan",
            Self::DateTime => "datetime",
            Self::Object => "object",
            Self::Any => "any",
        })
    }
}

/// Who makes a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The agent sends it in this group.
    Read(Group),
    /// The client makes it out of readings; the reference page files it under this group.
    Derived(Group),
    /// The client knows it by itself (a target's text, a clock difference).
    Local,
    /// It is made out of all servers, or captured by the session.
    Session,
}

impl Origin {
    /// The word of the reference page's column `group`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read(group) | Self::Derived(group) => group.name(),
            Self::Local => "local",
            Self::Session => "session",
        }
    }
}

/// What a fact is a fact of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One server: below `$old`, `$new`, any role, `$servers`
    Server,
    /// Two servers compared: `$pair`
    Pair,
    /// The tenant: `$tenant`
    Tenant,
    /// The health rules that fire: `$findings`
    Findings,
    /// What the session captured: `$inputs`, `$forms`, `$results`, `$step`
    Captured,
}

/// A row of the table.
#[derive(Debug, Clone, PartialEq)]
pub struct Fact {
    /// Its name: dotted, `[]` after an array, with a leading `$root` where it is not of one server.
    pub path: &'static str,
    /// What it holds (of an array: each element)
    pub kind: Kind,
    /// Whether the server may say that there is none (`$null`)
    pub nullable: bool,
    /// Who makes it
    pub origin: Origin,
    /// The groups that must be fresh for it to be fresh
    pub needs: &'static [Group],
    /// What it is a fact of
    pub scope: Scope,
    /// The cmdlet, registry key or rule it comes from
    pub source: &'static str,
    /// One line of text
    pub text: &'static str,
    /// Of a time: whether it is of the server's clock, and so is moved onto the session's when a reading comes in
    pub moved: bool,
}

impl Fact {
    const fn new(path: &'static str, kind: Kind, origin: Origin, needs: &'static [Group], source: &'static str) -> Self {
        Self {
            path,
            kind,
            nullable: false,
            origin,
            needs,
            scope: Scope::Server,
            source,
            text: "",
            moved: matches!(kind, Kind::DateTime),
        }
    }

    /// A fact that the agent sends.
    pub(super) const fn read(
        group: Group,
        needs: &'static [Group],
        path: &'static str,
        kind: Kind,
        source: &'static str,
        text: &'static str,
    ) -> Self {
        Self { text, ..Self::new(path, kind, Origin::Read(group), needs, source) }
    }

    /// A fact that the client makes out of readings.
    pub(super) const fn derived(
        group: Group,
        needs: &'static [Group],
        path: &'static str,
        kind: Kind,
        source: &'static str,
        text: &'static str,
    ) -> Self {
        Self { text, ..Self::new(path, kind, Origin::Derived(group), needs, source) }
    }

    /// A fact that the client knows by itself, resting on these groups.
    pub(super) const fn local(
        needs: &'static [Group],
        path: &'static str,
        kind: Kind,
        source: &'static str,
        text: &'static str,
    ) -> Self {
        Self { text, ..Self::new(path, kind, Origin::Local, needs, source) }
    }

    /// A fact of the whole session.
    pub(super) const fn session(
        scope: Scope,
        needs: &'static [Group],
        path: &'static str,
        kind: Kind,
        source: &'static str,
        text: &'static str,
    ) -> Self {
        Self { text, scope, moved: false, ..Self::new(path, kind, Origin::Session, needs, source) }
    }

    /// The same, where the server may say that there is none.
    pub(super) const fn or_null(mut self) -> Self {
        self.nullable = true;
        self
    }

    /// The same, a time that is not moved: the server's own clock itself, or a date that no clock of the server made.
    pub(super) const fn unmoved(mut self) -> Self {
        self.moved = false;
        self
    }

    /// Whether it is an array itself (a member of an array's elements is not).
    pub fn is_array(&self) -> bool {
        self.path.ends_with("[]")
    }
}

//! How the shell reaches a server: the commands a server knows, and a call of one of them.
//! The shell parses, binds parameters (names, abbreviations, types, pipeline) and prints; a host only acts and answers.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Item;
use crate::Time;
use crate::powershell::Value;

/// A server as the shell sees it.
pub trait Host {
    /// What the server knows under that name (any case; aliases of the shell such as `?` never arrive here).
    /// `None`: CommandNotFoundException. The shell's own commands (Select-Object, Format-List, Get-Date, …) are not asked for.
    fn command(&self, name: &str) -> Option<&'static Command>;

    /// Runs a command whose parameters are bound. Called again with [`Invocation::resumed`] after a [`Reply::Pending`].
    fn call(&mut self, invocation: &Invocation) -> Reply;

    /// The server's own clock, UTC.
    fn now(&self) -> Time;

    /// `$env:NAME`, such as `COMPUTERNAME` or `USERNAME`; `None`: there is none, which reads as `$null`.
    fn environment(&self, name: &str) -> Option<String>;
}

/// What a server knows of one cmdlet or program: enough to bind and to print errors as 5.1 does.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// The name as it is spelled in error messages: `Start-ADSyncSyncCycle`.
    pub name: &'static str,
    /// The .NET class, which ends every FullyQualifiedErrorId:
    /// `Microsoft.IdentityManagement.PowerShell.Cmdlet.StartADSyncSyncCycle`. Empty for a program.
    pub class: &'static str,
    /// Parameters in their order. Empty for a program: its arguments arrive in [`Arguments::positional`] as written.
    pub parameters: &'static [Parameter],
    /// A native program (`w32tm`, `csexport`): no parameters are bound, `$LASTEXITCODE` is set.
    pub program: bool,
}

/// One parameter of a cmdlet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Parameter {
    /// The name without its hyphen.
    pub name: &'static str,
    /// Other names, such as `Name` of `ConnectorName`.
    pub aliases: &'static [&'static str],
    /// What it takes.
    pub kind: Kind,
    /// Its place among arguments without a name, from 0.
    pub position: Option<usize>,
    /// Where it is missing the shell fails as a non-interactive 5.1 does.
    pub mandatory: bool,
    /// Whether the pipeline can fill it: the command is then called once per object.
    pub pipeline: Pipeline,
}

/// The type of a parameter. A value that cannot be converted is the shell's error, in PowerShell's words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// `-Force`: true where given.
    Switch,
    /// `[bool]`: takes `$true`, `$false`, numbers; a text is refused.
    Bool,
    /// `[bool?]`, also `$null`
    NullableBool,
    /// `[string]`
    Text,
    /// `[string[]]`
    Texts,
    /// `[int]`
    Int,
    /// `[timespan]`: `0.00:30:00`, `03:00:00`; a bare number is ticks, as in .NET.
    TimeSpan,
    /// `[timespan?]`, also `$null`
    NullableTimeSpan,
    /// `[datetime]`
    DateTime,
    /// `[guid]`
    Guid,
    /// `[version]`
    Version,
    /// An enum: its .NET name and its members with their numbers. Arrives as [`Item::Enum`].
    Enum(&'static str, &'static [(&'static str, i64)]),
    /// `[scriptblock]`
    Block,
    /// Anything, as it is.
    Any,
    /// Anything, always as an array.
    Many,
}

/// How the pipeline fills a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pipeline {
    /// It does not.
    No,
    /// The object itself (ByValue).
    Value,
    /// The object's property of this name (ByPropertyName).
    Property,
    /// Either: the property of this name where there is one, else the object itself.
    Either,
    /// All objects at once, as an array, after the last one: for what writes a file.
    Whole,
}

impl Parameter {
    /// Takes whatever is written, unbound: the one parameter of a command that is refused whatever its arguments are.
    pub const UNBOUND: Self = Self::new("*", Kind::Many);

    /// An optional, named parameter that the pipeline does not fill.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, aliases: &[], kind, position: None, mandatory: false, pipeline: Pipeline::No }
    }

    /// Other names for it.
    #[must_use]
    pub const fn alias(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Also taken without its name, at that place (from 0).
    #[must_use]
    pub const fn at(mut self, position: usize) -> Self {
        self.position = Some(position);
        self
    }

    /// Must be given.
    #[must_use]
    pub const fn mandatory(mut self) -> Self {
        self.mandatory = true;
        self
    }

    /// Can be filled by the pipeline.
    #[must_use]
    pub const fn from_pipeline(mut self, pipeline: Pipeline) -> Self {
        self.pipeline = pipeline;
        self
    }
}

/// One call of a server's command.
#[derive(Debug, Clone, PartialEq)]
pub struct Invocation {
    /// [`Command::name`].
    pub name: &'static str,
    /// Bound and converted arguments.
    pub arguments: Arguments,
    /// When the call began, on the server's clock.
    pub began: Time,
    /// Set where the host answered [`Reply::Pending`] before: what it asked to be reminded of.
    pub resumed: Option<Value>,
}

/// Bound arguments: by parameter name, converted to the parameter's kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Arguments {
    /// By the declared name of the parameter.
    pub named: BTreeMap<&'static str, Item>,
    /// For a program: its arguments as text, in order. Empty for a cmdlet.
    pub positional: Vec<String>,
}

impl Arguments {
    /// The argument of that parameter (declared spelling), where it was given.
    pub fn get(&self, name: &str) -> Option<&Item> {
        self.named.get(name)
    }

    /// Whether a switch was given and is true.
    pub fn switch(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Item::Value(Value::Bool(true))))
    }

    /// The text of a Text, Guid or Enum parameter.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Item::as_text)
    }

    /// The plain value of an argument; a Guid and an enum as text.
    pub fn value(&self, name: &str) -> Option<Value> {
        self.get(name).map(Item::to_value)
    }
}

/// What a server answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Reply {
    /// It is done; these objects go down the pipeline.
    Done(Vec<Item>),
    /// It is done, with more than objects: warnings, text of a program, errors that do not end it.
    Emitted(Vec<Emission>),
    /// It failed: an error record, `$?` false. The script goes on.
    Failed(Failure),
    /// Not over before `until` (the server's clock). What came so far is shown; the same call is made again then, with
    /// `memo` in [`Invocation::resumed`].
    Pending {
        /// When to ask again.
        until: Time,
        /// What came so far.
        emitted: Vec<Emission>,
        /// What the host wants to be reminded of.
        memo: Value,
    },
    /// The real server knows this and the lab does not play it: the words are the message. It ends the script.
    NotPlayed(String),
    /// The server has no such command after all.
    NotFound,
}

/// One thing a command emits besides or among its objects.
#[derive(Debug, Clone, PartialEq)]
pub enum Emission {
    /// An object for the pipeline; a line of a program's output is a text.
    Object(Item),
    /// An error that does not end the command.
    Error(Failure),
    /// Write-Warning
    Warning(String),
    /// Write-Verbose; shown with `-Verbose`.
    Verbose(String),
    /// Write-Host
    Information(String),
    /// A line of a program's standard error.
    NativeError(String),
    /// A program's exit code, which `$LASTEXITCODE` then holds.
    Exit(i64),
}

/// What an error record is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The message, as printed after the command's name.
    pub message: Arc<str>,
    /// The exception's full .NET name: `System.InvalidOperationException`.
    pub exception: Arc<str>,
    /// The first part of the FullyQualifiedErrorId; the shell appends `,` and the command's class.
    pub id: Arc<str>,
    /// The category: `ReadError`, `WriteError`, `InvalidArgument`, …
    pub category: Arc<str>,
    /// What stands in the parentheses of CategoryInfo before the colon: `Microsoft.Ident...ConnectorCmdlet`.
    pub target: Arc<str>,
    /// The target's type there, after the colon: `GetADSyncConnectorCmdlet`.
    pub target_type: Arc<str>,
    /// A terminating error ends the statement (ThrowTerminatingError) unless it is caught; a non-terminating one (WriteError) is
    /// printed and the pipeline goes on.
    pub terminating: bool,
}

impl Failure {
    /// A non-terminating error whose id is its message, as ADSync's own cmdlets report.
    pub fn new(message: impl Into<Arc<str>>, exception: impl Into<Arc<str>>, category: impl Into<Arc<str>>) -> Self {
        let message = message.into();
        Self {
            id: Arc::clone(&message),
            message,
            exception: exception.into(),
            category: category.into(),
            target: "".into(),
            target_type: "".into(),
            terminating: false,
        }
    }

    /// Another FullyQualifiedErrorId than the message.
    #[must_use]
    pub fn id(mut self, id: impl Into<Arc<str>>) -> Self {
        self.id = id.into();
        self
    }

    /// The target of CategoryInfo: `(target:type)`; a long target is shortened when it is printed, as PowerShell does.
    #[must_use]
    pub fn target(mut self, target: impl Into<Arc<str>>, target_type: impl Into<Arc<str>>) -> Self {
        self.target = target.into();
        self.target_type = target_type.into();
        self
    }

    /// Ends the statement unless it is caught.
    #[must_use]
    pub fn terminating(mut self) -> Self {
        self.terminating = true;
        self
    }
}

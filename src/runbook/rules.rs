//! The one table of everything that can be wrong with a runbook: each rule's name, severity and one line about it.
//! `lockstep check --rules` and the reference page print this table.

use super::diagnostic::{Diagnostic, Severity};
use super::model::Span;

/// A rule of lint.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name, in brackets after `error`
    pub name: &'static str,
    /// How bad a finding of it is
    pub severity: Severity,
    /// What it finds, in one line
    pub about: &'static str,
}

impl Rule {
    /// A finding of this rule.
    pub fn at(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic { rule: self.name, severity: self.severity, span, message: message.into(), label: None, help: None }
    }
}

macro_rules! rules {
    ($($constant:ident $name:literal $severity:ident $about:literal;)*) => {
        $(#[doc = $about] pub const $constant: Rule = Rule { name: $name, severity: Severity::$severity, about: $about };)*
        /// All rules in the order of the reference page.
        pub const ALL: &[&Rule] = &[$(&$constant),*];
    };
}

rules! {
    // The file and its front matter.
    UNREADABLE "unreadable" Error "The file is larger than 4 MiB, not UTF-8, or holds a NUL.";
    NESTING "nesting" Error "Lists or quotes are nested deeper than 64 levels.";
    YAML "yaml" Error "Front matter or a form is not the YAML that is expected there.";
    FORMAT_VERSION "format-version" Error "`lockstep:` names a format this program does not read.";
    UNKNOWN_KEY "unknown-key" Error "A key of the front matter, a role, an input or a form that does not exist.";
    MISSING_KEY "missing-key" Error "A key that must be there is not.";
    BAD_VALUE "bad-value" Error "A key's or attribute's value is not one of those it takes.";
    PLAIN_HOW_TO "plain-how-to" Info "The file does not say `lockstep: 1`: it is loaded as a how-to, with nothing to run and no gates.";
    FRONT_MATTER_LOST "front-matter-lost" Warning "The file says `lockstep:` where it is not read, and is taken for a how-to.";
    // Names.
    RESERVED_NAME "reserved-name" Error "A role, form, field, input or result has a name that facts use.";
    BAD_NAME "bad-name" Error "A role, form, field, input or result has a name that no variable can have (a hyphen is an operator).";
    DUPLICATE_ID "duplicate-id" Error "Two headings, fences or forms have one id.";
    // Headings and attributes.
    UNKNOWN_ATTRIBUTE "unknown-attribute" Error "An attribute in braces that does not exist there.";
    UNKNOWN_ROLE "unknown-role" Error "`on=` names a role that the front matter does not.";
    UNKNOWN_TARGET "unknown-target" Error "`rollback=`, `reopens=`, `keep=` or a link names an id that does not exist, or one of the wrong kind.";
    UNKNOWN_FINDING "unknown-finding" Error "`for=`, `expects=` or `never:` names a finding that no health rule raises.";
    OUTSIDE_PHASE "outside-phase" Error "Something to do stands before the first `##`, where no step holds it.";
    SECOND_WHEN "second-when" Error "A step or phase has two `when` fences, or one with no line.";
    EMPTY_FENCE "empty-fence" Error "A gate, form or command without a line.";
    UNCLOSED_FENCE "unclosed-fence" Error "A fence that is never closed swallows the rest of the document.";
    READ_AS_TEXT "read-as-text" Error "A box, an alert or a heading's braces that are written so that they are only text.";
    SECOND_TITLE "second-title" Warning "A second `#` heading: phases are `##`, steps are `###`.";
    UNREACHABLE_ASIDE "unreachable-aside" Warning "No link leads to an aside and no finding offers it: only the palette opens it.";
    // Gates and facts.
    GATE_SYNTAX "gate-syntax" Error "A line of a gate that is not in the language of gates.";
    UNKNOWN_FACT "unknown-fact" Error "A gate, a placeholder or `$Run` names a fact that does not exist.";
    IMPOSSIBLE_COMPARISON "impossible-comparison" Error "A comparison that can only be an error, always True or always False.";
    DOUBTFUL_COMPARISON "doubtful-comparison" Warning "A comparison or a bare value that PowerShell takes differently than it reads.";
    CONSTANT_CONDITION "constant-condition" Warning "A condition that reads no fact.";
    TEXT_ORDER "text-order" Warning "An order of text: numbers and versions order as letters, and beyond ASCII the order may differ from PowerShell's.";
    CONTRADICTION "contradiction" Error "Two lines that must both be True never are, so the step is never confirmed.";
    NEVER_TRUE "never-true" Error "No values that the facts can have make a condition True.";
    ALWAYS_TRUE "always-true" Warning "All values that the facts can have make a condition True: it checks nothing.";
    REPEATED_LINE "repeated-line" Warning "A line stands twice in a gate.";
    CAPTURED_LATER "captured-later" Warning "A condition reads a form or a result that only a later step captures: it is Unknown there.";
    // Role changes.
    MAKES_WITHOUT_SERVER "makes-without-server" Error "A step says what it makes, and not of which server.";
    MAKES_WITHOUT_GATE "makes-without-gate" Error "A step changes a server's role and no gate checks that it happened.";
    PROMOTES_TOO_EARLY "promotes-too-early" Error "A step makes a server active while another one still is: two would be active.";
    ENDS_WITHOUT_ACTIVE "ends-without-active" Warning "At the end of the main path no server is active.";
    // Roles that a session may have no server in.
    NEEDED_ROLE "needed-role" Error "A role is optional that no session can do without: every one, or the one that starts active.";
    OPTIONAL_ROLE "optional-role" Warning "Something names an optional role outside the steps and phases on it: where a session has no server in it, that is Unknown.";
    // Commands.
    COMMAND_WITHOUT_SERVER "command-without-server" Error "A command that no `on=` gives a server.";
    COMMAND_SYNTAX "command-syntax" Error "PowerShell would refuse the text of a command.";
    POWERSHELL_SYNTAX "powershell-syntax" Error "PowerShell's own parser refuses the text of a command: found where a PowerShell is at hand.";
    UNKNOWN_PARAMETER "unknown-parameter" Error "A known cmdlet has no such parameter.";
    UNKNOWN_CMDLET "unknown-cmdlet" Warning "The ADSync modules have no cmdlet of that name.";
    UNSUPPORTED_CHANGE "unsupported-change" Error "What PowerShell may not set: the staging switch and the suspended scheduler.";
    AUTO_CHANGES "auto-changes" Error "`run=auto` on a command that changes something.";
    AUTO_UNKNOWN "auto-unknown" Warning "`run=auto` on a command of which nobody knows that it only reads.";
    CHANGE_WITHOUT_GATE "change-without-gate" Warning "A command changes something and no gate of the step comes after it.";
    EXIT_IN_COMMAND "exit-in-command" Error "`exit` ends the agent, not the command.";
    RUN_IN_STRING "run-in-string" Error "`$Run.…` within a double-quoted string or a bare word: only `$Run` is expanded there.";
    BARE_TIMESPAN "bare-timespan" Error "A bare number is read as a TimeSpan of ticks or days, not of minutes.";
    SIGN_IN_WINDOW "sign-in-window" Warning "The cmdlet opens a sign-in window, which the agent has none for.";
    FENCE_NOT_RUN "fence-not-run" Warning "A fence that looks like PowerShell and that lockstep will not run.";
    // Pictures.
    PICTURE_PATH "picture-path" Error "A picture's path that is not relative and below the runbook's folder.";
    MISSING_PICTURE "missing-picture" Warning "A reference picture that is not there.";
    // Text.
    PLACEHOLDER_SYNTAX "placeholder-syntax" Error "A placeholder that is not closed or is no path of facts.";
    PLACEHOLDER_IN_CODE "placeholder-in-code" Warning "Braces within code are shown as written.";
    CREDENTIAL "credential" Error "A password or secret stands in the text of the runbook.";
    HIDDEN_CHARACTER "hidden-character" Error "A control, bidirectional or zero-width character: what is read is not what is run.";
    HIDDEN_IN_TEXT "hidden-in-text" Warning "The same in running text.";
}

/// A rule by name.
pub fn find(name: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.name == name)
}

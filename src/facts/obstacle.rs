//! What stands between an agent and its work, each a state of its own: an [`Obstacle`] keeps it from working at all, a
//! [`Loss`] ended it, a [`Limit`] leaves it working with less. The words are for the screen, the names for reports.

/// Why a server cannot be used as it is. Nothing changes by itself there: trying again is slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Obstacle {
    /// Application control holds PowerShell in constrained (or restricted) language mode.
    LanguageMode,
    /// 32-bit PowerShell, where the ADSync module does not load.
    Bits,
    /// Not Windows PowerShell 5.1.
    Edition,
    /// The agent that is installed there is of another version.
    Protocol,
    /// The execution policy does not let the agent's file run.
    ExecutionPolicy,
    /// No Windows PowerShell there, or it cannot be started.
    NoPowerShell,
    /// No ssh here, or it cannot be started.
    NoSsh,
    /// The host key is not known here.
    HostKeyUnknown,
    /// The host key is not the one that is known here.
    HostKeyChanged,
    /// The sign-in was not accepted.
    SignIn,
    /// The ssh configuration of this machine.
    SshConfiguration,
    /// WinRM does not trust the name.
    Trust,
    /// This machine itself.
    Machine,
}

impl Obstacle {
    /// Every obstacle.
    pub const ALL: [Self; 13] = [
        Self::LanguageMode,
        Self::Bits,
        Self::Edition,
        Self::Protocol,
        Self::ExecutionPolicy,
        Self::NoPowerShell,
        Self::NoSsh,
        Self::HostKeyUnknown,
        Self::HostKeyChanged,
        Self::SignIn,
        Self::SshConfiguration,
        Self::Trust,
        Self::Machine,
    ];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::LanguageMode => "language-mode",
            Self::Bits => "32-bit",
            Self::Edition => "wrong-edition",
            Self::Protocol => "other-protocol",
            Self::ExecutionPolicy => "execution-policy",
            Self::NoPowerShell => "no-powershell",
            Self::NoSsh => "no-ssh",
            Self::HostKeyUnknown => "host-key-unknown",
            Self::HostKeyChanged => "host-key-changed",
            Self::SignIn => "sign-in-refused",
            Self::SshConfiguration => "ssh-configuration",
            Self::Trust => "name-not-trusted",
            Self::Machine => "this-machine",
        }
    }
}

/// How a connection ended that may come back by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loss {
    /// It never came up.
    NotUp,
    /// It ended.
    Ended,
    /// No sign of life: a frozen machine, or a network that lost it.
    Silent,
    /// It did not stop what it was doing, and was ended.
    Stuck,
    /// What it sent cannot be trusted: something is missing or doubled.
    Broken,
}

impl Loss {
    /// Every loss.
    pub const ALL: [Self; 5] = [Self::NotUp, Self::Ended, Self::Silent, Self::Stuck, Self::Broken];

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::NotUp => "not-up",
            Self::Ended => "ended",
            Self::Silent => "silent",
            Self::Stuck => "stuck",
            Self::Broken => "broken",
        }
    }

    /// What to do besides waiting for the next try.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::NotUp => "check the target's name, and that the server runs and is reached from here",
            Self::Ended => "if it comes again, look at the server and at the network between",
            Self::Silent => "look at the server by another way: it hangs, or the network lost it",
            Self::Stuck => "something on the server does not return: look at what runs there",
            Self::Broken => "something else writes into the agent's output: look at the connection log",
        }
    }
}

/// What an agent works without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limit {
    /// ADSync's cmdlets will answer Access Denied.
    NotElevated,
    /// The ADSync module was not found.
    NoModule,
    /// Native programs can read the agent's input.
    SharedInput,
    /// An endpoint without language (JEA): commands only, no script.
    NoLanguage,
}

impl Limit {
    /// Every limit.
    pub const ALL: [Self; 4] = [Self::NotElevated, Self::NoModule, Self::SharedInput, Self::NoLanguage];

    /// A few words for a cell.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotElevated => "not elevated",
            Self::NoModule => "no ADSync module",
            Self::SharedInput => "input shared",
            Self::NoLanguage => "JEA",
        }
    }

    /// What it means and what to do, in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NotElevated => {
                "the agent is not elevated: ADSync cmdlets will answer Access Denied; start lockstep as administrator, or sign in as one"
            }
            Self::NoModule => {
                "the ADSync module was not found: either Entra Connect is not installed there, or this is another server"
            }
            Self::SharedInput => {
                "native programs can read the agent's input there: a command that starts one that reads may end the connection"
            }
            Self::NoLanguage => {
                "the endpoint takes no scripts (JEA): facts are read where it offers Read-LockstepGroup; of commands only single ones with plain arguments run"
            }
        }
    }
}

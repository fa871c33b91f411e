//! What a server is to the tenant: the one word that the screen shows first and the guards go by.

/// Whether a server exports. An absent, stopped or isolated server is not active.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Activity {
    /// Out of staging with its service running: it exports.
    Active,
    /// In staging mode.
    Staging,
    /// Out of staging, but its ADSync service does not run.
    Stopped,
    /// The product is not installed.
    Absent,
    /// The operator has recorded that it cannot export.
    Isolated,
    /// It cannot be told; the words say why.
    Unknown(String),
}

impl Activity {
    /// The word on the screen.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Staging => "STAGING",
            Self::Stopped => "STOPPED",
            Self::Absent => "ABSENT",
            Self::Isolated => "ISOLATED",
            Self::Unknown(_) => "UNKNOWN",
        }
    }
}

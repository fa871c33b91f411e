//! What a server is to the tenant: the one word that the screen shows first and the guards go by.

use super::fresh::Policy;
use super::server::Server;
use crate::Time;
use crate::powershell::Value;
use crate::rb1::Group;

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

impl Server {
    /// What the server is at this moment, by what counts as fresh.
    ///
    /// Only a service that is wholly stopped keeps a server out of staging from counting as active: one that is starting
    /// or stopping may still export.
    pub fn activity(&self, now: Time, policy: &Policy) -> Activity {
        if self.isolated.is_some() {
            return Activity::Isolated;
        }
        let core = match self.freshness(Group::Core, now, policy).known() {
            Ok(reading) => &reading.values,
            Err(why) => return Activity::Unknown(why),
        };
        if core.get("Installed") == Some(&Value::Bool(false)) {
            return Activity::Absent;
        }
        let at = |path: &str| core.at(path).cloned().unwrap_or_default();
        let stopped = match at("Service.Status") {
            Value::Text(status) => Ok(status.eq_ignore_ascii_case("Stopped")),
            Value::Unknown(why) => Err(why),
            _ => Err("the service's state was not read".to_owned()),
        };
        match (at("Scheduler.StagingModeEnabled"), stopped) {
            (Value::Bool(true), _) => Activity::Staging,
            (Value::Bool(false), Ok(false)) => Activity::Active,
            (_, Ok(true)) => Activity::Stopped,
            (Value::Bool(false), Err(why)) | (Value::Unknown(why), _) => Activity::Unknown(why),
            _ => Activity::Unknown("the staging mode was not read".to_owned()),
        }
    }
}

//! A server: the Windows machine, and the product on it where it is installed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::connector::{Connector, Copy, Kind, Synced};
use super::cycle::{Active, Cycle};
use super::eventlog::EventLog;
use super::generator::Generator;
use super::history::History;
use super::network::Network;
use super::passwords::Passwords;
use super::rules::Rule;
use super::settings::{Options, SchedulerSettings};
use super::wire;
use super::wizard::Wizard;
use crate::Time;
use crate::lab::fault::Fault;
use crate::powershell::Version;

/// A machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Server {
    /// Its role in the scenario
    pub role: String,
    /// The machine
    pub host: Host,
    /// The product; none: not installed
    pub product: Option<Product>,
    /// AzureADConnect.exe: the wizard, the installer, the upgrade
    pub wizard: Option<Wizard>,
    /// miisclient.exe, and who has it open
    pub service_manager: Option<String>,
    /// Files on its disk, by path
    pub files: BTreeMap<String, String>,
    /// When each of them was written
    #[serde(default)]
    pub written: BTreeMap<String, Time>,
    /// What is wrong with it
    pub faults: BTreeSet<Fault>,
    /// A killed wizard left the configuration mutex abandoned: the scheduler recovers it at its next start
    #[serde(default)]
    pub abandoned: bool,
    /// Some builds raise SchedulerSuspended while the wizard is open: a switch of the scenario
    #[serde(default)]
    pub wizard_suspends: bool,
    /// Its own chance
    pub chance: Generator,
}

/// The Windows machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Host {
    /// `EC01`
    pub name: String,
    /// `contoso.com`
    pub domain: String,
    /// `Microsoft Windows Server 2022 Standard`
    pub os: String,
    /// `10.0.20348`
    pub os_version: String,
    /// Power
    pub power: Power,
    /// The machine's clock minus the world's, in milliseconds
    pub skew_ms: i64,
    /// When it was started
    pub booted: Time,
    /// .NET Framework `Release`
    pub dot_net: i64,
    /// Registry values, by `KEY\name`
    pub registry: BTreeMap<String, i64>,
    /// Its ways to the directory, to the tenant and to the console
    #[serde(default)]
    pub network: Network,
    /// Free disk space in bytes
    pub disk_free: i64,
    /// The event log
    pub log: EventLog,
    /// Whether a pass-through authentication agent runs on it
    pub authentication_agent: Option<bool>,
    /// Whether the Health agent runs on it
    pub health_agent: Option<bool>,
}

/// Power of a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Power {
    /// It runs.
    On,
    /// The hypervisor holds it since then.
    Paused(Time),
    /// It is off.
    Off,
    /// It starts and is there at that time.
    Starting(Time),
}

/// The product.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Product {
    /// File version
    #[serde(with = "wire::version")]
    pub version: Version,
    /// When it was installed
    pub installed: Time,
    /// When it went into staging, while it is there
    pub staging_since: Option<Time>,
    /// Windows service ADSync
    pub service: Service,
    /// The scheduler's values
    pub scheduler: SchedulerSettings,
    /// Why no cycle starts although one is due
    pub blocked: Option<Blocked>,
    /// The virtual machine was held: no cycle starts until the service is restarted
    pub frozen: bool,
    /// A cycle that was asked for and begins shortly
    pub requested: Option<Requested>,
    /// The cycle under way
    pub cycle: Option<Cycle>,
    /// The run under way: a step of the cycle, or a single run profile
    pub active: Option<Active>,
    /// The wizard's options
    pub options: Options,
    /// Connectors, forests first
    pub connectors: Vec<Connector>,
    /// The metaverse, by container
    pub synced: BTreeMap<String, Synced>,
    /// Containers that were once in the metaverse and are no longer: what they left in the cloud is to be deleted
    pub left: BTreeSet<String>,
    /// Objects that are kept one by one, by number
    pub kept: BTreeMap<u32, Copy>,
    /// Synchronization rules
    pub rules: Vec<Rule>,
    /// Run history
    pub history: History,
    /// Cycles that ended: start, end, policy, whether all steps succeeded
    pub last_cycle: Option<LastCycle>,
    /// Password hash synchronization
    pub passwords: Passwords,
    /// The password writeback listener
    #[serde(default)]
    pub listener: Listener,
    /// How it signs in to the cloud
    pub identity: Identity,
    /// SyncMachineIdentifier
    pub machine_id: String,
    /// Space in MB of a run history that no purge reached, beside the rows that are kept
    #[serde(default)]
    pub unpurged_mb: i64,
    /// SQL LocalDB, or a SQL Server
    pub local_db: bool,
}

/// The password writeback listener of a server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Listener {
    /// Closed: in staging, not ticked, or the service does not run
    #[default]
    Closed,
    /// It was opened just now, and disturbs those of other servers
    Opened,
    /// It listens.
    Open,
    /// Another server's took its connection: it is opened again then
    Lost(Time),
}

/// A Windows service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// State
    pub status: ServiceStatus,
    /// Start type
    pub start_type: StartType,
    /// When a pending state is over
    pub due: Option<Time>,
    /// It was asked to restart: it starts again once it has stopped
    pub again: bool,
}

/// ServiceControllerStatus
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ServiceStatus {
    /// Stopped
    Stopped,
    /// StartPending
    StartPending,
    /// StopPending
    StopPending,
    /// Running
    Running,
}

impl ServiceStatus {
    /// As printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stopped => "Stopped",
            Self::StartPending => "StartPending",
            Self::StopPending => "StopPending",
            Self::Running => "Running",
        }
    }
}

/// ServiceStartMode
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StartType {
    /// Automatic
    Automatic,
    /// Manual
    Manual,
    /// Disabled
    Disabled,
}

impl StartType {
    /// As printed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Automatic => "Automatic",
            Self::Manual => "Manual",
            Self::Disabled => "Disabled",
        }
    }
}

/// A cycle is due and cannot start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocked {
    /// Since when
    pub since: Time,
    /// By what
    pub by: Blocker,
    /// When it is tried again
    pub retry: Time,
    /// How often it was tried
    #[serde(default)]
    pub tries: u32,
}

/// What holds a cycle back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Blocker {
    /// The wizard holds the mutex
    Wizard,
    /// SchedulerSuspended
    Suspended,
    /// The tenant does not say which interval it allows
    Cloud,
}

/// A cycle that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requested {
    /// When it begins
    pub at: Time,
    /// With which policy
    pub policy: super::settings::Policy,
}

/// The newest cycle that ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastCycle {
    /// Start
    pub start: Time,
    /// End
    pub end: Time,
    /// Policy
    pub policy: super::settings::Policy,
    /// Whether every step succeeded
    pub succeeded: bool,
}

/// The identity that signs in to the cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// An application with a certificate, or a service account
    pub application: bool,
    /// Its name: `ConnectSyncProvisioning_EC01_…` or `Sync_EC01_…@…`
    pub name: String,
    /// When the certificate ends
    pub expires: Option<Time>,
    /// When maintenance last looked at it
    pub checked: Option<Time>,
}

impl Server {
    /// The machine's own clock.
    pub fn clock(&self, moment: Time) -> Time {
        moment + TimeDelta::milliseconds(self.host.skew_ms)
    }

    /// A moment of the machine's own clock on the world's.
    pub fn from_clock(&self, moment: Time) -> Time {
        moment - TimeDelta::milliseconds(self.host.skew_ms)
    }

    /// Whether it runs.
    pub fn is_on(&self) -> bool {
        self.host.power == Power::On
    }

    /// Whether it has that fault.
    pub fn has(&self, fault: Fault) -> bool {
        self.faults.contains(&fault)
    }

    /// Whether its ADSync service runs.
    pub fn service_runs(&self) -> bool {
        self.is_on() && self.product.as_ref().is_some_and(|product| product.service.status == ServiceStatus::Running)
    }

    /// Whether it exports by itself: installed, running, out of staging.
    pub fn is_active(&self) -> bool {
        self.service_runs() && self.product.as_ref().is_some_and(|product| !product.scheduler.staging)
    }
}

impl Product {
    /// A connector by its name, without regard to case.
    pub fn connector(&self, name: &str) -> Option<&Connector> {
        self.connectors.iter().find(|connector| connector.name.eq_ignore_ascii_case(name))
    }

    /// The Entra connector.
    pub fn entra(&self) -> Option<&Connector> {
        self.connectors.iter().find(|connector| connector.kind == Kind::Entra)
    }

    /// The Entra connector, for writing.
    pub fn entra_mut(&mut self) -> Option<&mut Connector> {
        self.connectors.iter_mut().find(|connector| connector.kind == Kind::Entra)
    }

    /// The forests' connectors.
    pub fn forests(&self) -> impl Iterator<Item = &Connector> {
        self.connectors.iter().filter(|connector| connector.kind == Kind::Forest)
    }

    /// SyncCycleInProgress: the scheduler's cycle runs and holds the configuration mutex.
    pub fn in_progress(&self) -> bool {
        self.cycle.is_some()
    }
}

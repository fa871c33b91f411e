//! A server with a few cmdlets, whose clock stands still until a run waits.

use chrono::{TimeDelta, TimeZone, Utc};
use lockstep::Time;
use lockstep::lab::shell::{
    Arguments, Command, Emission, Execution, Failure, Host, Invocation, Item, Kind, Next, Object, Output, Parameter, Pipeline,
    Reply,
};
use lockstep::powershell::{Record, Value};

pub const SCHEDULER: &str = "Microsoft.IdentityManagement.PowerShell.ObjectModel.SchedulerSettings";
const POLICY: &str = "Microsoft.IdentityManagement.PowerShell.ObjectModel.SynchronizationPolicyType";
const POLICIES: &[(&str, i64)] = &[("Unspecified", 0), ("Delta", 1), ("Initial", 2)];
pub const ENTRA: &str = "b891884f-051e-4a83-95af-2544101c9083";

macro_rules! cmdlet {
    ($name:ident, $text:literal, $class:literal, [$($parameter:expr),* $(,)?]) => {
        static $name: Command = Command { name: $text, class: concat!("Microsoft.IdentityManagement.PowerShell.Cmdlet.", $class), parameters: &[$($parameter),*], program: false };
    };
}

cmdlet!(GET_SCHEDULER, "Get-ADSyncScheduler", "GetADSyncScheduler", []);
cmdlet!(
    SET_SCHEDULER,
    "Set-ADSyncScheduler",
    "SetADSyncScheduler",
    [
        Parameter::new("CustomizedSyncCycleInterval", Kind::NullableTimeSpan),
        Parameter::new("SyncCycleEnabled", Kind::NullableBool),
        Parameter::new("NextSyncCyclePolicyType", Kind::Enum(POLICY, POLICIES)),
        Parameter::new("Force", Kind::Switch),
    ]
);
cmdlet!(
    START,
    "Start-ADSyncSyncCycle",
    "StartADSyncSyncCycle",
    [Parameter::new("PolicyType", Kind::Enum(POLICY, POLICIES)).at(0)]
);
cmdlet!(STATUS, "Get-ADSyncConnectorRunStatus", "GetADSyncConnectorRunStatus", []);
cmdlet!(OVERRIDES, "Get-ADSyncSchedulerConnectorOverride", "GetADSyncSchedulerConnectorOverride", []);
cmdlet!(
    SET_OVERRIDE,
    "Set-ADSyncSchedulerConnectorOverride",
    "SetADSyncSchedulerConnectorOverride",
    [
        Parameter::new("ConnectorIdentifier", Kind::Guid).from_pipeline(Pipeline::Property),
        Parameter::new("ConnectorName", Kind::Text),
        Parameter::new("FullImportRequired", Kind::NullableBool),
        Parameter::new("FullSyncRequired", Kind::NullableBool),
    ]
);
cmdlet!(
    CONNECTOR,
    "Get-ADSyncConnector",
    "GetADSyncConnectorCmdlet",
    [Parameter::new("Identifier", Kind::Guid), Parameter::new("Name", Kind::Text).at(0),]
);
cmdlet!(
    RUN_PROFILE,
    "Invoke-ADSyncRunProfile",
    "InvokeADSyncRunProfile",
    [Parameter::new("ConnectorName", Kind::Text).mandatory(), Parameter::new("RunProfileName", Kind::Text).mandatory(),]
);
cmdlet!(REGISTRY, "Get-ItemProperty", "GetItemProperty", [Parameter::new("Path", Kind::Texts).at(0).mandatory()]);
cmdlet!(UNPLAYED, "Get-ADSyncRule", "GetADSyncRule", []);
static W32TM: Command = Command { name: "w32tm", class: "", parameters: &[], program: true };

const COMMANDS: [&Command; 11] = [
    &GET_SCHEDULER,
    &SET_SCHEDULER,
    &START,
    &STATUS,
    &OVERRIDES,
    &SET_OVERRIDE,
    &CONNECTOR,
    &RUN_PROFILE,
    &REGISTRY,
    &UNPLAYED,
    &W32TM,
];

pub fn morning() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 21, 3, 0, 0).unwrap()
}

pub struct Server {
    pub now: Time,
    pub enabled: bool,
    pub calls: Vec<String>,
}

impl Server {
    pub fn new() -> Self {
        Self { now: morning(), enabled: true, calls: Vec::new() }
    }

    fn scheduler(&self) -> Item {
        Object::new(SCHEDULER)
            .with("AllowedSyncCycleInterval", TimeDelta::minutes(30))
            .with("CurrentlyEffectiveSyncCycleInterval", TimeDelta::minutes(30))
            .with("CustomizedSyncCycleInterval", Value::Null)
            .with("NextSyncCyclePolicyType", Item::member(POLICY, "Delta", 1))
            .with("NextSyncCycleStartTimeInUTC", self.now + TimeDelta::minutes(12))
            .with("PurgeRunHistoryInterval", TimeDelta::days(7))
            .with("SyncCycleEnabled", self.enabled)
            .with("MaintenanceEnabled", true)
            .with("StagingModeEnabled", false)
            .with("SchedulerSuspended", false)
            .with("SyncCycleInProgress", false)
            .into()
    }
}

fn show(arguments: &Arguments) -> String {
    let named =
        arguments.named.iter().map(|(name, item)| format!("{name}={}", lockstep::powershell::format::to_text(&item.to_value())));
    named.chain(arguments.positional.iter().cloned()).collect::<Vec<_>>().join(" ")
}

fn over(id: &str) -> Item {
    Object::new("Microsoft.IdentityManagement.PowerShell.ObjectModel.SchedulerConnectorOverride")
        .with("ConnectorIdentifier", Item::guid(id))
        .with("FullImportRequired", true)
        .with("FullSyncRequired", true)
        .into()
}

impl Host for Server {
    fn command(&self, name: &str) -> Option<&'static Command> {
        COMMANDS.into_iter().find(|command| command.name.eq_ignore_ascii_case(name))
    }

    fn call(&mut self, invocation: &Invocation) -> Reply {
        let arguments = &invocation.arguments;
        self.calls.push(format!("{} {}", invocation.name, show(arguments)).trim().to_owned());
        match invocation.name {
            "Get-ADSyncScheduler" => Reply::Done(vec![self.scheduler()]),
            "Set-ADSyncScheduler" => {
                if let Some(Value::Bool(enabled)) = arguments.value("SyncCycleEnabled") {
                    self.enabled = enabled;
                }
                Reply::Done(vec![])
            }
            "Set-ADSyncSchedulerConnectorOverride" => Reply::Done(vec![]),
            "Start-ADSyncSyncCycle" if arguments.text("PolicyType") == Some("Initial") => Reply::Failed(
                Failure::new(
                    "System.InvalidOperationException: Connector: contoso.onmicrosoft.com - AAD is busy.",
                    "System.InvalidOperationException",
                    "WriteError",
                )
                .target("Microsoft.IdentityManagement.PowerShell.Cmdlet.StartADSyncSyncCycle", "StartADSyncSyncCycle"),
            ),
            "Start-ADSyncSyncCycle" => Reply::Done(vec![
                Object::new("SchedulerOperationStatus").with("Result", Item::member("Status", "Success", 0)).into(),
            ]),
            "Get-ADSyncConnectorRunStatus" => Reply::Done(vec![
                Object::new("ConnectorRunStatus")
                    .with("RunState", Item::member("RunState", "Busy", 0))
                    .with("ConnectorName", "contoso.onmicrosoft.com - AAD")
                    .into(),
            ]),
            "Get-ADSyncSchedulerConnectorOverride" => {
                Reply::Done(vec![over(ENTRA), over("7f2c1d9e-0000-4a83-95af-2544101c9083")])
            }
            "Get-ADSyncConnector" => Reply::Failed(
                Failure::new(
                    "Operation failed because the specified MA could not be found.",
                    "Microsoft.IdentityManagement.PowerShell.ConnectorNotFoundException",
                    "ReadError",
                )
                .target("Microsoft.IdentityManagement.PowerShell.Cmdlet.GetADSyncConnectorCmdlet", "GetADSyncConnectorCmdlet"),
            ),
            "Invoke-ADSyncRunProfile" => match &invocation.resumed {
                None => Reply::Pending {
                    until: self.now + TimeDelta::seconds(20),
                    emitted: vec![Emission::Warning("it takes a while".to_owned())],
                    memo: Value::Int(1),
                },
                Some(_) => Reply::Done(vec![Item::from("success")]),
            },
            "Get-ItemProperty" => Reply::Done(vec![
                Object::custom()
                    .with("DisplayName", "Microsoft Entra Connect Sync")
                    .with("DisplayVersion", "2.6.92.0")
                    .with("Publisher", "Microsoft")
                    .into(),
                Object::custom().with("DisplayName", "Notepad++").with("DisplayVersion", "8.6").into(),
                Object::custom().with("PSChildName", "nothing else").into(),
            ]),
            "w32tm" => Reply::Emitted(vec![
                Emission::Object(Item::from("Sending resync command to local computer")),
                Emission::NativeError("no answer".to_owned()),
                Emission::Exit(5),
            ]),
            _ => Reply::NotPlayed("The lab does not play the rules of this server.".to_owned()),
        }
    }

    fn now(&self) -> Time {
        self.now
    }

    fn environment(&self, name: &str) -> Option<String> {
        name.eq_ignore_ascii_case("COMPUTERNAME").then(|| "EC01".to_owned())
    }
}

/// Everything that a run put out, and how it ended.
pub struct Ran {
    pub output: Vec<Output>,
    pub end: lockstep::lab::shell::End,
    pub server: Server,
}

impl Ran {
    /// Standard output alone.
    pub fn text(&self) -> String {
        self.output.iter().filter_map(|output| if let Output::Text(text) = output { Some(text.as_str()) } else { None }).collect()
    }

    /// Everything as on a console.
    pub fn console(&self) -> String {
        self.output
            .iter()
            .map(|output| match output {
                Output::Text(text) | Output::Error { text, .. } => text.clone(),
                Output::Warning(text) => format!("WARNING: {text}\n"),
                Output::Verbose(text) => format!("VERBOSE: {text}\n"),
                Output::Information(text) | Output::NativeError(text) => format!("{text}\n"),
                Output::Progress { activity, status, percent, .. } => format!("[{activity} {status} {percent}]\n"),
                Output::Record(record) => format!("{record:?}\n"),
            })
            .collect()
    }

    pub fn errors(&self) -> Vec<&lockstep::rb1::ErrorRecord> {
        self.output
            .iter()
            .filter_map(|output| if let Output::Error { record, .. } = output { Some(record) } else { None })
            .collect()
    }
}

pub fn run_with(script: &str, variables: &Record, into: bool) -> Ran {
    let mut server = Server::new();
    let mut execution = Execution::new(script, variables, into, server.now);
    let mut output = Vec::new();
    loop {
        let progress = execution.poll(&mut server);
        output.extend(progress.output);
        match progress.next {
            Next::Again => {}
            Next::At(until) => server.now = until,
            Next::Finished(end) => return Ran { output, end, server },
        }
    }
}

pub fn run(script: &str) -> Ran {
    run_with(script, &Record::new(), false)
}

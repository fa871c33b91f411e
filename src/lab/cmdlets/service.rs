//! Services: Windows' cmdlets, and `net start` and `net stop`.

use chrono::TimeDelta;

use super::object::text;
use super::{Call, Entry, Needs, entries};
use crate::lab::shell::{Command, Emission, Failure, Item, Kind, Object, Parameter, Pipeline, Reply};
use crate::lab::world::server::ServiceStatus;
use crate::powershell::Value;

const fn names() -> Parameter {
    Parameter::new("Name", Kind::Texts).at(0).from_pipeline(Pipeline::Either)
}

const DISPLAY_NAME: Parameter = Parameter::new("DisplayName", Kind::Texts);
const PASS_THRU: Parameter = Parameter::new("PassThru", Kind::Switch);
/// Of these cmdlets it is known what they say that they would do.
pub(super) const WHAT_IF: Parameter = Parameter::new("WhatIf", Kind::Switch).alias(&["wi"]);

/// `net start NAME` and `net stop NAME`
pub(super) static PROGRAMS: &[Entry] = &[Entry {
    command: Command { name: "net.exe", class: "", parameters: &[], program: true },
    needs: Needs::Windows,
    play: net,
}];

pub(super) static ENTRIES: &[Entry] = entries! {
    Windows "Get-Service" "Microsoft.PowerShell.Commands.GetServiceCommand" get => [names(), DISPLAY_NAME];
    Windows "Start-Service" "Microsoft.PowerShell.Commands.StartServiceCommand" start => [names(), DISPLAY_NAME, PASS_THRU, WHAT_IF];
    Windows "Stop-Service" "Microsoft.PowerShell.Commands.StopServiceCommand" stop => [
        names(), DISPLAY_NAME, Parameter::new("Force", Kind::Switch), PASS_THRU, WHAT_IF,
    ];
    Windows "Restart-Service" "Microsoft.PowerShell.Commands.RestartServiceCommand" restart => [
        names(), DISPLAY_NAME, Parameter::new("Force", Kind::Switch), PASS_THRU, WHAT_IF,
    ];
    Windows "Set-Service" "Microsoft.PowerShell.Commands.SetServiceCommand" set => [
        names(),
        Parameter::new("StartupType", Kind::Enum("System.ServiceProcess.ServiceStartMode", &[("Automatic", 2), ("Manual", 3), ("Disabled", 4)])),
    ];
};

/// A service as the lab knows it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    pub(super) name: &'static str,
    pub(super) display_name: &'static str,
    pub(super) status: &'static str,
    pub(super) start_type: &'static str,
    /// The account that it runs as, where the lab knows it
    pub(super) account: Option<&'static str>,
}

/// The services that the lab knows on this server, by name.
pub(super) fn services(call: &Call) -> Vec<Known> {
    let server = call.server();
    let mut list = Vec::new();
    let state = |runs: bool| if runs { "Running" } else { "Stopped" };
    if let Some(product) = &server.product {
        list.push(Known {
            name: "ADSync",
            display_name: "Microsoft Azure AD Sync",
            status: product.service.status.name(),
            start_type: product.service.start_type.name(),
            account: Some("NT SERVICE\\ADSync"),
        });
    }
    if let Some(runs) = server.host.authentication_agent {
        list.push(Known {
            name: "AzureADConnectAuthenticationAgent",
            display_name: "Microsoft Azure AD Connect Authentication Agent",
            status: state(runs),
            start_type: "Automatic",
            account: Some("NT AUTHORITY\\NETWORK SERVICE"),
        });
    }
    if let Some(runs) = server.host.health_agent {
        list.push(Known {
            name: "AzureADConnectHealthAgent",
            display_name: "Microsoft Entra Connect Health Agent",
            status: state(runs),
            start_type: "Automatic",
            account: None,
        });
    }
    list.push(Known {
        name: "W32Time",
        display_name: "Windows Time",
        status: "Running",
        start_type: "Automatic",
        account: Some("NT AUTHORITY\\LocalService"),
    });
    list
}

/// Said where everything was asked for that a server has.
pub(super) fn not_the_whole(what: &str) -> Emission {
    Emission::Warning(format!("The lab knows only these {what}; a real server lists many more."))
}

/// Names as given, alone or many.
pub(super) fn given(call: &Call, parameter: &str) -> Vec<String> {
    match call.invocation.arguments.get(parameter) {
        Some(Item::Array(items)) => items.iter().filter_map(Item::as_text).map(str::to_owned).collect(),
        Some(item) => item.as_text().map(str::to_owned).into_iter().collect(),
        None => Vec::new(),
    }
}

/// Whether a name is like a pattern with `*` and `?`, without regard to case.
pub(super) fn like(name: &str, pattern: &str) -> bool {
    fn matches(name: &[char], pattern: &[char]) -> bool {
        match pattern.split_first() {
            None => name.is_empty(),
            Some(('*', rest)) => (0..=name.len()).any(|skip| matches(&name[skip..], rest)),
            Some(('?', rest)) => !name.is_empty() && matches(&name[1..], rest),
            Some((c, rest)) => name.first() == Some(c) && matches(&name[1..], rest),
        }
    }
    let chars = |text: &str| text.to_lowercase().chars().collect::<Vec<_>>();
    matches(&chars(name), &chars(pattern))
}

fn status_item(name: &str) -> Item {
    let number = match name {
        "Stopped" => 1,
        "StartPending" => 2,
        "StopPending" => 3,
        _ => 4,
    };
    Item::member("System.ServiceProcess.ServiceControllerStatus", name, number)
}

fn service_object(call: &Call, row: Known) -> Item {
    let Known { name, display_name: display, status, start_type: start, .. } = row;
    let number = match start {
        "Automatic" => 2,
        "Manual" => 3,
        _ => 4,
    };
    Object::new("System.ServiceProcess.ServiceController")
        .with("Name", text(name))
        .with("RequiredServices", Item::array(Vec::new()))
        .with("CanPauseAndContinue", false)
        .with("CanShutdown", status == "Running")
        .with("CanStop", status == "Running")
        .with("DisplayName", text(display))
        .with("DependentServices", Item::array(Vec::new()))
        .with("MachineName", text("."))
        .with("ServiceName", text(name))
        .with("Status", status_item(status))
        .with("ServiceType", Item::member("System.ServiceProcess.ServiceType", "Win32OwnProcess", 16))
        .with("StartType", Item::member("System.ServiceProcess.ServiceStartMode", start, number))
        .with("Site", Item::NULL)
        .shown_as(call.invocation.arguments.text("Name").unwrap_or(name).to_owned())
        .into()
}

fn unknown_service(name: &str) -> Failure {
    Failure::new(
        format!("Cannot find any service with service name '{name}'."),
        "Microsoft.PowerShell.Commands.ServiceCommandException",
        "ObjectNotFound",
    )
    .id("NoServiceFoundForGivenName")
    .target(name, "String")
}

fn get(call: &mut Call) -> Reply {
    let (names, display_names) = (given(call, "Name"), given(call, "DisplayName"));
    let known = services(call);
    let object = |row: Known| Emission::Object(service_object(call, row));
    if names.is_empty() && display_names.is_empty() {
        return Reply::Emitted(known.into_iter().map(object).chain([not_the_whole("services")]).collect());
    }
    let mut emitted = Vec::new();
    for name in names.iter().chain(&display_names) {
        let rows: Vec<Known> = known.iter().copied().filter(|row| like(row.name, name) || like(row.display_name, name)).collect();
        if rows.is_empty() && !name.contains(['*', '?']) {
            emitted.push(Emission::Error(unknown_service(name)));
        }
        emitted.extend(rows.into_iter().map(object));
        if name == "*" {
            emitted.push(not_the_whole("services"));
        }
    }
    Reply::Emitted(emitted)
}

fn start(call: &mut Call) -> Reply {
    change(call, ServiceStatus::Running, false)
}

fn stop(call: &mut Call) -> Reply {
    change(call, ServiceStatus::Stopped, false)
}

fn restart(call: &mut Call) -> Reply {
    change(call, ServiceStatus::Running, true)
}

/// The service with its display name, as Windows writes it in messages.
const ADSYNC: &str = "Microsoft Azure AD Sync (ADSync)";

fn is_adsync(name: &str) -> bool {
    name.eq_ignore_ascii_case("ADSync") || name.eq_ignore_ascii_case("Microsoft Azure AD Sync")
}

/// What `-WhatIf` prints.
pub(super) fn what_if(words: &str) -> Reply {
    Reply::Emitted(vec![Emission::Information(format!("What if: {words}"))])
}

/// Starts, stops or restarts ADSync and waits until it is so.
fn change(call: &mut Call, wanted: ServiceStatus, anew: bool) -> Reply {
    let names: Vec<String> = given(call, "Name").into_iter().chain(given(call, "DisplayName")).collect();
    let adsync = names.iter().all(|name| is_adsync(name));
    if names.is_empty() || !adsync {
        let missing =
            names.iter().find(|name| !services(call).iter().any(|row| like(row.name, name) || like(row.display_name, name)));
        return match missing {
            Some(name) => Reply::Failed(unknown_service(name)),
            None => Reply::NotPlayed("the lab starts and stops the service ADSync only".to_owned()),
        };
    }
    let now = call.world.now;
    let at = call.at;
    if call.product().is_none() {
        return Reply::Failed(unknown_service("ADSync"));
    }
    let mut emitted = Vec::new();
    if call.invocation.arguments.switch("WhatIf") {
        return what_if(&format!("Performing the operation \"{}\" on target \"{ADSYNC}\".", call.invocation.name));
    }
    if call.invocation.resumed.is_none() {
        let server = &mut call.world.servers[at];
        let asked = if anew {
            server.stop_service(now, true)
        } else if wanted == ServiceStatus::Running {
            server.start_service(now)
        } else {
            server.stop_service(now, false)
        };
        if let Err(message) = asked {
            return Reply::Failed(Failure::new(message, "Microsoft.PowerShell.Commands.ServiceCommandException", "OpenError"));
        }
        let verb = if wanted == ServiceStatus::Running && !anew { "start" } else { "stop" };
        emitted.push(Emission::Warning(format!("Waiting for service '{ADSYNC}' to {verb}...")));
    }
    let Some(product) = call.product() else { return Reply::NotFound };
    match (product.service.status, product.service.due) {
        (status, None) if status == wanted => {
            if call.invocation.arguments.switch("PassThru") {
                let row = services(call).into_iter().find(|row| row.name == "ADSync");
                return Reply::Done(row.map(|row| service_object(call, row)).into_iter().collect());
            }
            Call::quiet()
        }
        (_, Some(due)) => Reply::Pending {
            until: call.server().clock(due.max(now) + TimeDelta::milliseconds(1)),
            emitted,
            memo: Value::Bool(true),
        },
        (_, None) => Reply::Failed(
            Failure::new(
                "Failed to start service 'Microsoft Azure AD Sync (ADSync)'.",
                "Microsoft.PowerShell.Commands.ServiceCommandException",
                "OpenError",
            )
            .id("StartServiceFailed")
            .target("System.ServiceProcess.ServiceController", "ServiceController"),
        ),
    }
}

fn set(call: &mut Call) -> Reply {
    use crate::lab::world::server::StartType;
    let names = given(call, "Name");
    if names.is_empty() || !names.iter().all(|name| name.eq_ignore_ascii_case("ADSync")) || call.product().is_none() {
        return Reply::Failed(unknown_service(names.first().map_or("", String::as_str)));
    }
    let start = match call.text("StartupType") {
        Some("Automatic") => StartType::Automatic,
        Some("Manual") => StartType::Manual,
        Some("Disabled") => StartType::Disabled,
        _ => return Call::quiet(),
    };
    if let Some(product) = call.product_mut() {
        product.service.start_type = start;
    }
    Call::quiet()
}

/// `net start NAME`, `net stop NAME`: of ADSync, until it is so.
fn net(call: &mut Call) -> Reply {
    let words = call.invocation.arguments.positional.clone();
    let starts = words.first().is_some_and(|word| word.eq_ignore_ascii_case("start"));
    let stops = words.first().is_some_and(|word| word.eq_ignore_ascii_case("stop"));
    let Some(name) = words.get(1).filter(|name| (starts || stops) && (is_adsync(name) || !known_service(call, name))) else {
        return Reply::NotPlayed("net: the lab plays net start ADSync and net stop ADSync".to_owned());
    };
    let failed = |lines: &[&str]| {
        let lines = lines.iter().map(|line| Emission::NativeError((*line).to_owned()));
        Reply::Emitted(lines.chain([Emission::Exit(2)]).collect())
    };
    let Some(status) = call.product().map(|product| product.service.status).filter(|_| is_adsync(name)) else {
        return failed(&["The service name is invalid.", "", "More help is available by typing NET HELPMSG 2185."]);
    };
    let (now, at) = (call.world.now, call.at);
    let wanted = if starts { ServiceStatus::Running } else { ServiceStatus::Stopped };
    let (doing, done) = if starts { ("starting", "started") } else { ("stopping", "stopped") };
    let line = |text: String| Emission::Object(Item::from(text));
    if call.invocation.resumed.is_none() {
        match (starts, status) {
            (true, ServiceStatus::Running) => {
                let words = "The requested service has already been started.";
                return failed(&[words, "", "More help is available by typing NET HELPMSG 2182."]);
            }
            (false, ServiceStatus::Stopped) => {
                let words = "The Microsoft Azure AD Sync service is not started.";
                return failed(&[words, "", "More help is available by typing NET HELPMSG 3521."]);
            }
            _ => {}
        }
        let server = &mut call.world.servers[at];
        let asked = if starts { server.start_service(now) } else { server.stop_service(now, false) };
        if let Err(message) = asked {
            return failed(&[&message]);
        }
    }
    let Some(product) = call.product() else { return Reply::NotFound };
    match (product.service.status, product.service.due) {
        (status, None) if status == wanted => Reply::Emitted(vec![
            line(format!("The Microsoft Azure AD Sync service is {doing}.")),
            line(format!("The Microsoft Azure AD Sync service was {done} successfully.")),
            line(String::new()),
            Emission::Exit(0),
        ]),
        (_, Some(due)) => Reply::Pending {
            until: call.server().clock(due.max(now) + TimeDelta::milliseconds(1)),
            emitted: Vec::new(),
            memo: Value::Bool(true),
        },
        (_, None) => failed(&["The Microsoft Azure AD Sync service could not be started."]),
    }
}

fn known_service(call: &Call, name: &str) -> bool {
    services(call).iter().any(|row| row.name.eq_ignore_ascii_case(name) || row.display_name.eq_ignore_ascii_case(name))
}

//! Services and processes.

use chrono::TimeDelta;

use super::object::text;
use super::{Call, Entry, entries};
use crate::lab::shell::{Emission, Failure, Item, Kind, Object, Parameter, Pipeline, Reply};
use crate::lab::world::server::ServiceStatus;
use crate::powershell::Value;

const fn names() -> Parameter {
    Parameter::new("Name", Kind::Texts).at(0).from_pipeline(Pipeline::Either)
}

pub(super) static ENTRIES: &[Entry] = entries! {
    Windows "Get-Service" "Microsoft.PowerShell.Commands.GetServiceCommand" get => [names()];
    Windows "Start-Service" "Microsoft.PowerShell.Commands.StartServiceCommand" start => [names(), Parameter::new("PassThru", Kind::Switch)];
    Windows "Stop-Service" "Microsoft.PowerShell.Commands.StopServiceCommand" stop => [
        names(), Parameter::new("Force", Kind::Switch), Parameter::new("PassThru", Kind::Switch),
    ];
    Windows "Restart-Service" "Microsoft.PowerShell.Commands.RestartServiceCommand" restart => [
        names(), Parameter::new("Force", Kind::Switch), Parameter::new("PassThru", Kind::Switch),
    ];
    Windows "Set-Service" "Microsoft.PowerShell.Commands.SetServiceCommand" set => [
        names(),
        Parameter::new("StartupType", Kind::Enum("System.ServiceProcess.ServiceStartMode", &[("Automatic", 2), ("Manual", 3), ("Disabled", 4)])),
    ];
    Windows "Get-Process" "Microsoft.PowerShell.Commands.GetProcessCommand" process => [
        names(), Parameter::new("IncludeUserName", Kind::Switch),
    ];
    Windows "Stop-Process" "Microsoft.PowerShell.Commands.StopProcessCommand" stop_process => [
        Parameter::new("Name", Kind::Texts), Parameter::new("Id", Kind::Int).at(0).from_pipeline(Pipeline::Property), Parameter::new("Force", Kind::Switch),
    ];
};

/// Names and display names of the services that the lab knows on this server, with their states.
fn services(call: &Call) -> Vec<(&'static str, &'static str, &'static str, &'static str)> {
    let server = call.server();
    let mut list = Vec::new();
    let state = |runs: bool| if runs { "Running" } else { "Stopped" };
    if let Some(product) = &server.product {
        list.push(("ADSync", "Microsoft Azure AD Sync", product.service.status.name(), product.service.start_type.name()));
    }
    if let Some(runs) = server.host.authentication_agent {
        list.push((
            "AzureADConnectAuthenticationAgent",
            "Microsoft Azure AD Connect Authentication Agent",
            state(runs),
            "Automatic",
        ));
    }
    if let Some(runs) = server.host.health_agent {
        list.push(("AzureADConnectHealthAgent", "Microsoft Entra Connect Health Agent", state(runs), "Automatic"));
    }
    list.push(("W32Time", "Windows Time", "Running", "Automatic"));
    list
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

fn service_object(call: &Call, row: (&str, &str, &str, &str)) -> Item {
    let (name, display, status, start) = row;
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
    let wanted = given(call, "Name");
    let known = services(call);
    if wanted.is_empty() {
        return Reply::NotPlayed(
            "Get-Service without a name: the lab knows only the services of the product and W32Time".to_owned(),
        );
    }
    let mut emitted = Vec::new();
    for name in &wanted {
        let rows: Vec<_> = known.iter().filter(|row| like(row.0, name) || like(row.1, name)).collect();
        if rows.is_empty() && !name.contains('*') {
            emitted.push(Emission::Error(unknown_service(name)));
        }
        emitted.extend(rows.into_iter().map(|row| Emission::Object(service_object(call, *row))));
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

/// Starts, stops or restarts ADSync and waits until it is so.
fn change(call: &mut Call, wanted: ServiceStatus, anew: bool) -> Reply {
    let names = given(call, "Name");
    let adsync =
        names.iter().all(|name| name.eq_ignore_ascii_case("ADSync") || name.eq_ignore_ascii_case("Microsoft Azure AD Sync"));
    if names.is_empty() || !adsync {
        let missing = names.iter().find(|name| !services(call).iter().any(|row| like(row.0, name)));
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
        emitted.push(Emission::Warning(format!("Waiting for service 'Microsoft Azure AD Sync (ADSync)' to {verb}...")));
    }
    let Some(product) = call.product() else { return Reply::NotFound };
    match (product.service.status, product.service.due) {
        (status, None) if status == wanted => {
            if call.invocation.arguments.switch("PassThru") {
                let row = services(call).into_iter().find(|row| row.0 == "ADSync");
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

/// Processes that the lab knows on this server: name, id, user, start.
fn processes(call: &Call) -> Vec<(&'static str, u32, String, crate::Time)> {
    let server = call.server();
    let mut list = Vec::new();
    if let Some(wizard) = &server.wizard {
        list.push(("AzureADConnect", wizard.pid, wizard.user.clone(), wizard.since));
    }
    if let Some(user) = &server.service_manager {
        list.push(("miisclient", 6_120, user.clone(), call.world.now));
    }
    if server.service_runs() {
        list.push(("miiserver", 2_304, "NT SERVICE\\ADSync".to_owned(), server.host.booted));
    }
    list
}

fn process(call: &mut Call) -> Reply {
    let wanted = given(call, "Name");
    if wanted.is_empty() {
        return Reply::NotPlayed("Get-Process without a name: the lab knows only the product's processes".to_owned());
    }
    let user = call.invocation.arguments.switch("IncludeUserName");
    let known = processes(call);
    let mut emitted = Vec::new();
    for name in &wanted {
        let found: Vec<_> = known.iter().filter(|process| like(process.0, name)).collect();
        if found.is_empty() && !name.contains('*') {
            let message =
                format!("Cannot find a process with the name \"{name}\". Verify the process name and call the cmdlet again.");
            emitted.push(Emission::Error(
                Failure::new(message, "Microsoft.PowerShell.Commands.ProcessCommandException", "ObjectNotFound")
                    .id("NoProcessFoundForGivenName")
                    .target(name.as_str(), "String"),
            ));
        }
        for (name, id, owner, since) in found {
            let mut object = Object::new("System.Diagnostics.Process")
                .with("Id", i64::from(*id))
                .with("ProcessName", text(*name))
                .with("Name", text(*name))
                .with("SessionId", if *name == "miiserver" { 0 } else { 2 })
                .with("SI", if *name == "miiserver" { 0 } else { 2 })
                .with("StartTime", call.clock(*since))
                .shown_as(format!("System.Diagnostics.Process ({name})"));
            if user {
                object = object.with("UserName", text(owner.as_str()));
            }
            emitted.push(Emission::Object(object.into()));
        }
    }
    Reply::Emitted(emitted)
}

fn stop_process(call: &mut Call) -> Reply {
    let names = given(call, "Name");
    let id = call.invocation.arguments.value("Id").and_then(|value| value.as_int());
    let wizard = call.server().wizard.as_ref().map(|wizard| i64::from(wizard.pid));
    let meant = wizard.is_some_and(|pid| id == Some(pid) || names.iter().any(|name| like("AzureADConnect", name)));
    if !meant {
        let message = names.first().map_or_else(
            || format!("Cannot find a process with the process identifier {}.", id.unwrap_or(0)),
            |name| format!("Cannot find a process with the name \"{name}\". Verify the process name and call the cmdlet again."),
        );
        return Reply::Failed(
            Failure::new(message, "Microsoft.PowerShell.Commands.ProcessCommandException", "ObjectNotFound")
                .id("NoProcessFoundForGivenName"),
        );
    }
    let at = call.at;
    let (server, mut around) = call.world.split(at);
    match server.kill_wizard(&mut around) {
        Ok(_) => Call::quiet(),
        Err(why) => Reply::Failed(Failure::new(why, "System.InvalidOperationException", "CloseError")),
    }
}

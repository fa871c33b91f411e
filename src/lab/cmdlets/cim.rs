//! Get-CimInstance: of the machine, its services and its processes, what the lab knows of them.

use super::object::text;
use super::processes::{SERVICE, processes};
use super::service::{like, not_the_whole, services};
use super::{Call, Entry, entries};
use crate::lab::shell::{Emission, Failure, Item, Kind, Object, Parameter, Reply};

pub(super) static ENTRIES: &[Entry] = entries! {
    Windows "Get-CimInstance" "Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand" get => [
        Parameter::new("ClassName", Kind::Text).at(0),
        Parameter::new("Filter", Kind::Text),
        Parameter::new("Property", Kind::Texts),
        Parameter::new("Query", Kind::Text),
        Parameter::new("Namespace", Kind::Text),
        Parameter::new("ComputerName", Kind::Texts),
    ];
};

fn instance(class: &str) -> Object {
    Object::new(format!("Microsoft.Management.Infrastructure.CimInstance#root/cimv2/{class}")).shown_as(class.to_owned())
}

fn get(call: &mut Call) -> Reply {
    let class = call.text("ClassName").unwrap_or_default().to_owned();
    let elsewhere = ["Query", "Namespace", "ComputerName"].iter().any(|name| call.has(name));
    let objects = match class.to_ascii_lowercase().as_str() {
        _ if elsewhere => None,
        "win32_operatingsystem" => Some(vec![operating_system(call)]),
        "win32_computersystem" => Some(vec![computer_system(call)]),
        "win32_service" => Some(service_instances(call)),
        "win32_process" => Some(process_instances(call)),
        _ => None,
    };
    let Some(mut objects) = objects else {
        return Reply::NotPlayed(
            "Get-CimInstance: the lab plays the classes Win32_OperatingSystem, Win32_ComputerSystem, Win32_Service and Win32_Process of the machine itself"
                .to_owned(),
        );
    };
    let of_many = class.eq_ignore_ascii_case("Win32_Service") || class.eq_ignore_ascii_case("Win32_Process");
    let mut emitted = Vec::new();
    if let Some(filter) = call.text("Filter").map(str::to_owned) {
        match condition(&filter) {
            Some(Ok((name, pattern))) => objects.retain(|object| fits(object, &name, &pattern)),
            Some(Err(failure)) => return Reply::Failed(failure),
            None => {
                return Reply::NotPlayed(format!(
                    "Get-CimInstance -Filter {filter}: the lab takes Name = 'value' and Name LIKE 'value%'"
                ));
            }
        }
    } else if of_many {
        emitted.push(not_the_whole("instances"));
    }
    emitted.splice(0..0, objects.into_iter().map(|object| Emission::Object(object.into())));
    Reply::Emitted(emitted)
}

/// `Name = 'value'`, `Name LIKE 'value%'`: the property, and a pattern with `*`. None: more than that.
fn condition(filter: &str) -> Option<Result<(String, String), Failure>> {
    let filter = filter.trim();
    let end = filter.find(|c: char| !c.is_alphanumeric() && c != '_')?;
    let (name, rest) = (&filter[..end], filter[end..].trim());
    let (value, is_like) = match rest.strip_prefix('=') {
        Some(value) => (value, false),
        None => (rest.get(..4).filter(|word| word.eq_ignore_ascii_case("like")).and_then(|_| rest.get(4..))?, true),
    };
    let value = value.trim();
    let bare = value.strip_prefix(['\'', '"']).and_then(|value| value.strip_suffix(['\'', '"']));
    let Some(bare) = bare.filter(|bare| !bare.contains(['\'', '"'])) else {
        let plain = !value.is_empty() && value.chars().all(|c| c.is_ascii_digit());
        return if plain {
            Some(Ok((name.to_owned(), value.to_owned())))
        } else if value.contains(' ') {
            None
        } else {
            let exception = "Microsoft.Management.Infrastructure.CimException";
            let failure = Failure::new("Invalid query ", exception, "InvalidArgument").id("HRESULT 0x80041017");
            Some(Err(failure))
        };
    };
    let pattern = if is_like { bare.replace('%', "*").replace('_', "?") } else { bare.to_owned() };
    Some(Ok((name.to_owned(), pattern)))
}

fn fits(object: &Object, name: &str, pattern: &str) -> bool {
    let value = object.get(name).map(|item| crate::powershell::format::to_text(&item.to_value()));
    value.is_some_and(|value| like(&value, pattern))
}

fn operating_system(call: &Call) -> Object {
    let host = &call.server().host;
    instance("Win32_OperatingSystem")
        .with("Caption", text(host.os.as_str()))
        .with("Version", text(host.os_version.as_str()))
        .with("BuildNumber", text(host.os_version.rsplit('.').next().unwrap_or_default()))
        .with("CSName", text(host.name.as_str()))
        .with("LastBootUpTime", call.clock(host.booted))
        .with("LocalDateTime", call.clock(call.world.now))
}

fn computer_system(call: &Call) -> Object {
    let host = &call.server().host;
    instance("Win32_ComputerSystem")
        .with("Name", text(host.name.as_str()))
        .with("DNSHostName", text(host.name.as_str()))
        .with("Domain", text(host.domain.as_str()))
        .with("PartOfDomain", true)
        .with("UserName", text(call.world.user.as_str()))
}

fn service_instances(call: &Call) -> Vec<Object> {
    let row = |known: super::service::Known| {
        let runs = known.status == "Running";
        let (state, start_mode) = match (known.status, known.start_type) {
            (status, "Automatic") => (status, "Auto"),
            (status, other) => (status, other),
        };
        let state = match state {
            "StartPending" => "Start Pending",
            "StopPending" => "Stop Pending",
            other => other,
        };
        let id = match (runs, known.name) {
            (false, _) => Item::from(0),
            (true, "ADSync") => Item::from(i64::from(SERVICE)),
            (true, _) => Item::NULL,
        };
        instance("Win32_Service")
            .with("ProcessId", id)
            .with("Name", text(known.name))
            .with("StartMode", text(start_mode))
            .with("State", text(state))
            .with("Status", text("OK"))
            .with("ExitCode", 0)
            .with("DisplayName", text(known.display_name))
            .with("StartName", known.account.map_or(Item::NULL, text))
            .with("Started", runs)
    };
    services(call).into_iter().map(row).collect()
}

fn process_instances(call: &Call) -> Vec<Object> {
    let row = |known: super::processes::Known| {
        instance("Win32_Process")
            .with("ProcessId", i64::from(known.id))
            .with("Name", text(format!("{}.exe", known.name)))
            .with("SessionId", known.session)
    };
    processes(call).into_iter().map(row).collect()
}

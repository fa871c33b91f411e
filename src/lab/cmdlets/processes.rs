//! Processes: those of the product that the lab knows.

use super::object::text;
use super::service::{given, like, not_the_whole};
use super::{Call, Entry, entries};
use crate::Time;
use crate::lab::shell::{Emission, Failure, Kind, Object, Parameter, Pipeline, Reply};

const fn names() -> Parameter {
    Parameter::new("Name", Kind::Texts).alias(&["ProcessName"]).at(0).from_pipeline(Pipeline::Either)
}

pub(super) static ENTRIES: &[Entry] = entries! {
    Windows "Get-Process" "Microsoft.PowerShell.Commands.GetProcessCommand" get => [
        names(), Parameter::new("Id", Kind::Int).alias(&["PID"]), Parameter::new("IncludeUserName", Kind::Switch),
    ];
    Windows "Stop-Process" "Microsoft.PowerShell.Commands.StopProcessCommand" stop => [
        Parameter::new("Name", Kind::Texts).alias(&["ProcessName"]),
        Parameter::new("Id", Kind::Int).at(0).from_pipeline(Pipeline::Property),
        Parameter::new("Force", Kind::Switch),
    ];
};

/// A process as the lab knows it.
pub(super) struct Known {
    pub(super) name: &'static str,
    pub(super) id: u32,
    pub(super) session: i64,
    user: String,
    started: Time,
}

/// The processes that the lab knows on this server, by name.
pub(super) fn processes(call: &Call) -> Vec<Known> {
    let server = call.server();
    let mut list = Vec::new();
    if let Some(wizard) = &server.wizard {
        let (user, started) = (wizard.user.clone(), wizard.since);
        list.push(Known { name: "AzureADConnect", id: wizard.pid, session: 2, user, started });
    }
    if let Some(user) = &server.service_manager {
        list.push(Known { name: "miisclient", id: 6_120, session: 2, user: user.clone(), started: call.world.now });
    }
    if server.service_runs() {
        let user = "NT SERVICE\\ADSync".to_owned();
        list.push(Known { name: "miiserver", id: SERVICE, session: 0, user, started: server.host.booted });
    }
    list
}

/// The number of miiserver.exe.
pub(super) const SERVICE: u32 = 2_304;

fn unknown(message: String, target: &str, kind: &str) -> Failure {
    let id = if kind == "String" { "NoProcessFoundForGivenName" } else { "NoProcessFoundForGivenId" };
    Failure::new(message, "Microsoft.PowerShell.Commands.ProcessCommandException", "ObjectNotFound").id(id).target(target, kind)
}

fn unknown_name(name: &str) -> Failure {
    let message = format!("Cannot find a process with the name \"{name}\". Verify the process name and call the cmdlet again.");
    unknown(message, name, "String")
}

fn unknown_id(id: i64) -> Failure {
    unknown(format!("Cannot find a process with the process identifier {id}."), &id.to_string(), "Int32")
}

/// Handles, memory and processor time the lab does not know: these columns stay empty.
fn object(call: &Call, process: &Known, with_user: bool) -> Emission {
    let mut object = Object::new("System.Diagnostics.Process")
        .with("Name", text(process.name))
        .with("SI", process.session)
        .with("Id", i64::from(process.id))
        .with("ProcessName", text(process.name))
        .with("SessionId", process.session)
        .with("StartTime", call.clock(process.started))
        .shown_as(format!("System.Diagnostics.Process ({})", process.name));
    if with_user {
        object.type_name = "System.Diagnostics.Process#IncludeUserName".into();
        object = object.with("UserName", text(process.user.as_str()));
    }
    Emission::Object(object.into())
}

fn get(call: &mut Call) -> Reply {
    let (wanted, user) = (given(call, "Name"), call.invocation.arguments.switch("IncludeUserName"));
    let id = call.invocation.arguments.value("Id").and_then(|value| value.as_int());
    let known = processes(call);
    let mut emitted = Vec::new();
    match (id, wanted.as_slice()) {
        (Some(id), _) => {
            let found = known.iter().find(|process| i64::from(process.id) == id);
            emitted.push(found.map_or_else(|| Emission::Error(unknown_id(id)), |process| object(call, process, user)));
        }
        (None, []) => {
            emitted.extend(known.iter().map(|process| object(call, process, user)));
            emitted.push(not_the_whole("processes"));
        }
        (None, names) => {
            for name in names {
                let found: Vec<&Known> = known.iter().filter(|process| like(process.name, name)).collect();
                if found.is_empty() && !name.contains(['*', '?']) {
                    emitted.push(Emission::Error(unknown_name(name)));
                }
                emitted.extend(found.into_iter().map(|process| object(call, process, user)));
            }
        }
    }
    Reply::Emitted(emitted)
}

fn stop(call: &mut Call) -> Reply {
    let names = given(call, "Name");
    let id = call.invocation.arguments.value("Id").and_then(|value| value.as_int());
    let wizard = call.server().wizard.as_ref().map(|wizard| i64::from(wizard.pid));
    let meant = wizard.is_some_and(|pid| id == Some(pid) || names.iter().any(|name| like("AzureADConnect", name)));
    if !meant {
        let known = processes(call);
        let fits = |process: &&Known| id == Some(i64::from(process.id)) || names.iter().any(|name| like(process.name, name));
        if let Some(process) = known.iter().find(fits) {
            return Reply::NotPlayed(format!("ending {}: the lab ends AzureADConnect only", process.name));
        }
        let failure = names.first().map_or_else(|| unknown_id(id.unwrap_or(0)), |name| unknown_name(name));
        return Reply::Failed(failure);
    }
    let at = call.at;
    let (server, mut around) = call.world.split(at);
    match server.kill_wizard(&mut around) {
        Ok(_) => Call::quiet(),
        Err(why) => Reply::Failed(Failure::new(why, "System.InvalidOperationException", "CloseError")),
    }
}

//! Restarting and turning off machines: the cmdlets, and `shutdown`.

use super::service::{WHAT_IF, given, what_if};
use super::{Call, Entry, Needs, entries};
use crate::lab::shell::{Command, Failure, Kind, Parameter, Reply};

const NAMES: Parameter = Parameter::new("ComputerName", Kind::Texts).alias(&["CN", "Server"]).at(0);

pub(super) static ENTRIES: &[Entry] = entries! {
    Windows "Restart-Computer" "Microsoft.PowerShell.Commands.RestartComputerCommand" restart => [
        NAMES, Parameter::new("Force", Kind::Switch), Parameter::new("Wait", Kind::Switch), WHAT_IF,
    ];
    Windows "Stop-Computer" "Microsoft.PowerShell.Commands.StopComputerCommand" stop => [
        NAMES, Parameter::new("Force", Kind::Switch), WHAT_IF,
    ];
};

/// `shutdown /r`, `shutdown /s`
pub(super) static PROGRAMS: &[Entry] = &[Entry {
    command: Command { name: "shutdown.exe", class: "", parameters: &[], program: true },
    needs: Needs::Windows,
    play: shutdown,
}];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Restart,
    Stop,
}

fn restart(call: &mut Call) -> Reply {
    if call.invocation.arguments.switch("Wait") {
        return Reply::NotPlayed("Restart-Computer -Wait: the lab restarts and does not wait".to_owned());
    }
    end(call, Ending::Restart)
}

fn stop(call: &mut Call) -> Reply {
    end(call, Ending::Stop)
}

/// Ends this machine, or others of the lab by their names.
fn end(call: &mut Call, ending: Ending) -> Reply {
    let mut places = Vec::new();
    for name in given(call, "ComputerName") {
        let host = name.split('.').next().unwrap_or(&name).to_owned();
        let here = ["localhost", ""].contains(&host.as_str());
        match call.world.servers.iter().position(|server| server.host.name.eq_ignore_ascii_case(&host)) {
            _ if here => places.push(call.at),
            Some(place) => places.push(place),
            None => return Reply::NotPlayed(format!("the machine {name}: the lab has its own servers only")),
        }
    }
    if places.is_empty() {
        places.push(call.at);
    }
    for place in places {
        let host = call.world.servers[place].host.name.clone();
        if call.invocation.arguments.switch("WhatIf") {
            let operation = match ending {
                Ending::Restart => "Enable the Local shutdown access rights and restart the computer.",
                Ending::Stop => "Enable the Local shutdown access rights and shut down the computer.",
            };
            let target = if place == call.at { format!("localhost ({host})") } else { host };
            return what_if(&format!("Performing the operation \"{operation}\" on target \"{target}\"."));
        }
        if !call.invocation.arguments.switch("Force") && others_are_signed_in(call, place) {
            return Reply::Failed(others(&host, ending));
        }
        power(call, place, ending);
    }
    Call::quiet()
}

/// Whether somebody else has a session there: who opened the wizard or the Synchronization Service Manager.
fn others_are_signed_in(call: &Call, place: usize) -> bool {
    let server = &call.world.servers[place];
    let users = server.wizard.iter().map(|wizard| &wizard.user).chain(&server.service_manager);
    users.into_iter().any(|user| !user.eq_ignore_ascii_case(&call.world.user))
}

fn others(host: &str, ending: Ending) -> Failure {
    let (verb, id) = match ending {
        Ending::Restart => ("restart", "RestartcomputerFailed"),
        Ending::Stop => ("stop", "StopComputerException"),
    };
    Failure::new(
        format!(
            "Failed to {verb} the computer {host} with the following error message: The system shutdown cannot be initiated because there are other users logged on to the computer."
        ),
        "System.InvalidOperationException",
        "OperationStopped",
    )
    .id(id)
    .target(host, "String")
}

fn power(call: &mut Call, place: usize, ending: Ending) {
    let (server, mut around) = call.world.split(place);
    match ending {
        Ending::Restart => server.power_on(&mut around),
        Ending::Stop => server.power_off(&mut around),
    }
}

fn shutdown(call: &mut Call) -> Reply {
    let words: Vec<String> = call.invocation.arguments.positional.iter().map(|word| word.to_ascii_lowercase()).collect();
    let ending = match words.iter().find(|word| ["/r", "-r", "/s", "-s"].contains(&word.as_str())).map(String::as_str) {
        Some("/r" | "-r") => Ending::Restart,
        Some(_) => Ending::Stop,
        None => return Reply::NotPlayed("shutdown: the lab plays /r and /s".to_owned()),
    };
    let place = call.at;
    power(call, place, ending);
    Reply::Emitted(vec![crate::lab::shell::Emission::Exit(0)])
}

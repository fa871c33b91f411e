//! Test-NetConnection: to the domain controllers and to Entra ID, whose reachability the lab knows.

use super::object::text;
use super::{Call, Entry, entries};
use crate::lab::shell::{Emission, Item, Kind, Object, Parameter, Reply};

pub(super) static ENTRIES: &[Entry] = entries! {
    Windows "Test-NetConnection" "Test-NetConnection" test => [
        Parameter::new("ComputerName", Kind::Text).alias(&["RemoteAddress", "cn"]).at(0),
        Parameter::new("Port", Kind::Int).alias(&["RemotePort"]),
        Parameter::new("CommonTCPPort", Kind::Text).at(1),
        Parameter::new("InformationLevel", Kind::Text),
    ];
};

/// Ports of a domain controller that a synchronization server needs.
const OF_A_DOMAIN_CONTROLLER: [i64; 8] = [53, 88, 135, 389, 445, 636, 3_268, 3_269];

/// Names that end so are Entra ID's.
const OF_ENTRA: [&str; 7] = [
    ".microsoftonline.com",
    ".windows.net",
    ".microsoft.com",
    ".msappproxy.net",
    ".servicebus.windows.net",
    ".microsoftonline-p.com",
    ".msftauth.net",
];

/// Whether a port answers; none: the lab does not know it.
fn answers(call: &Call, host: &str, port: i64) -> Option<bool> {
    let server = call.server();
    let host = host.to_ascii_lowercase();
    if port == 443 && OF_ENTRA.iter().any(|end| host.ends_with(end)) {
        return Some(server.reaches_cloud());
    }
    let domain = server.host.domain.to_ascii_lowercase();
    let controller = host == domain || host == "dc01" || host == format!("dc01.{domain}");
    if controller && OF_A_DOMAIN_CONTROLLER.contains(&port) {
        return Some(server.reaches_directory());
    }
    None
}

fn test(call: &mut Call) -> Reply {
    let port = call.invocation.arguments.value("Port").and_then(|value| value.as_int());
    let host = call.text("ComputerName").unwrap_or("internetbeacon.msedge.net").to_owned();
    let known = port.filter(|_| !call.has("CommonTCPPort")).and_then(|port| Some((port, answers(call, &host, port)?)));
    let Some((port, succeeds)) = known else {
        return Reply::NotPlayed(format!(
            "Test-NetConnection to {host}: the lab knows dc01.{} with the ports of a domain controller, and Entra ID's names with -Port 443",
            call.server().host.domain
        ));
    };
    let mut emitted = Vec::new();
    if !succeeds {
        emitted.push(Emission::Warning(format!("TCP connect to ({host} : {port}) failed")));
    }
    emitted.push(Emission::Object(match call.text("InformationLevel") {
        Some(level) if level.eq_ignore_ascii_case("Quiet") => Item::from(succeeds),
        // Addresses the lab does not have.
        _ => Object::new("TestNetConnectionResult")
            .with("ComputerName", text(host))
            .with("RemoteAddress", Item::NULL)
            .with("RemotePort", port)
            .with("InterfaceAlias", Item::NULL)
            .with("SourceAddress", Item::NULL)
            .with("TcpTestSucceeded", succeeds)
            .into(),
    }));
    Reply::Emitted(emitted)
}

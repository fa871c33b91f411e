//! The commands that the servers of the lab know: ADSync's cmdlets, Windows' own that a runbook needs, and a few programs. Each entry
//! binds a [`Command`] to what it does in the world; the shell parses, binds and prints.

mod cim;
mod configuration;
mod connectors;
mod csexport;
mod events;
mod export;
mod files;
mod network;
mod object;
mod passwords;
mod power;
mod processes;
mod programs;
mod refused;
mod registry;
mod rules;
mod runs;
mod scheduler;
mod service;
mod settings;
mod space;
#[cfg(test)]
mod tests;
mod writing;

pub use self::refused::MODAL;

use super::fault::Fault;
use super::shell::{Command, Failure, Host, Invocation, Item, Reply};
use super::world::World;
use super::world::server::{Product, Server, ServiceStatus};
use crate::Time;

/// A command and what it does.
#[derive(Debug)]
struct Entry {
    command: Command,
    /// What must be there for the server to know it
    needs: Needs,
    play: fn(&mut Call) -> Reply,
}

/// What a command needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// Windows
    Windows,
    /// The product
    Product,
    /// The product with its service running
    Service,
}

macro_rules! entries {
    ($($needs:ident $name:literal $class:literal $play:path => [$($parameter:expr),* $(,)?];)*) => {
        &[$(crate::lab::cmdlets::Entry {
            command: crate::lab::shell::Command { name: $name, class: $class, parameters: &[$($parameter),*], program: false },
            needs: crate::lab::cmdlets::Needs::$needs,
            play: $play,
        }),*]
    };
}
use entries;

static TABLES: &[&[Entry]] = &[
    scheduler::ENTRIES,
    connectors::ENTRIES,
    space::ENTRIES,
    configuration::ENTRIES,
    runs::ENTRIES,
    settings::ENTRIES,
    passwords::ENTRIES,
    rules::ENTRIES,
    export::ENTRIES,
    service::ENTRIES,
    service::PROGRAMS,
    processes::ENTRIES,
    power::ENTRIES,
    power::PROGRAMS,
    network::ENTRIES,
    cim::ENTRIES,
    events::ENTRIES,
    registry::ENTRIES,
    files::ENTRIES,
    writing::ENTRIES,
    programs::ENTRIES,
    csexport::ENTRIES,
    refused::ENTRIES,
];

fn find(name: &str) -> Option<&'static Entry> {
    let name = name.rsplit('\\').next().unwrap_or(name);
    let bare = name.strip_suffix(".exe").unwrap_or(name);
    TABLES.iter().flat_map(|table| table.iter()).find(|entry| {
        entry.command.name.eq_ignore_ascii_case(name)
            || entry.command.program && entry.command.name.trim_end_matches(".exe").eq_ignore_ascii_case(bare)
    })
}

/// Names of all commands that are played or refused by name.
pub fn names() -> impl Iterator<Item = &'static str> {
    TABLES.iter().flat_map(|table| table.iter()).map(|entry| entry.command.name)
}

/// A server as the shell sees it.
#[derive(Debug)]
pub struct ServerHost<'a> {
    /// The world
    pub world: &'a mut World,
    /// Which server
    pub at: usize,
}

impl Host for ServerHost<'_> {
    fn command(&self, name: &str) -> Option<&'static Command> {
        let entry = find(name)?;
        let installed = self.world.servers[self.at].product.is_some();
        (installed || entry.needs == Needs::Windows).then_some(&entry.command)
    }

    fn call(&mut self, invocation: &Invocation) -> Reply {
        let Some(entry) = find(invocation.name) else { return Reply::NotFound };
        let mut call = Call { world: self.world, at: self.at, invocation, class: entry.command.class };
        match (entry.needs, call.server().product.as_ref().map(|product| product.service.status)) {
            (Needs::Product | Needs::Service, None) => Reply::NotFound,
            // While it goes down it still answers.
            (Needs::Service, Some(ServiceStatus::Stopped | ServiceStatus::StartPending)) => {
                call.fails("Synchronization Service is not running.", "System.InvalidOperationException", "ConnectionError")
            }
            _ if entry.needs == Needs::Service && call.server().has(Fault::ModalDialog) => refused::modal_dialog(&call),
            _ => (entry.play)(&mut call),
        }
    }

    fn now(&self) -> Time {
        self.world.servers[self.at].clock(self.world.now)
    }

    fn environment(&self, name: &str) -> Option<String> {
        let server = &self.world.servers[self.at];
        let (domain, user) = self.world.user.split_once('\\').unwrap_or(("", &self.world.user));
        Some(match name.to_ascii_uppercase().as_str() {
            "COMPUTERNAME" => server.host.name.clone(),
            "USERNAME" => user.to_owned(),
            "USERDOMAIN" => domain.to_owned(),
            "USERDNSDOMAIN" => server.host.domain.to_uppercase(),
            "PROGRAMDATA" | "ALLUSERSPROFILE" => "C:\\ProgramData".to_owned(),
            "PROGRAMFILES" => "C:\\Program Files".to_owned(),
            "SYSTEMROOT" | "WINDIR" => "C:\\Windows".to_owned(),
            "TEMP" | "TMP" => format!("C:\\Users\\{user}\\AppData\\Local\\Temp"),
            "USERPROFILE" => format!("C:\\Users\\{user}"),
            _ => return None,
        })
    }
}

/// One call under way.
struct Call<'a> {
    world: &'a mut World,
    at: usize,
    invocation: &'a Invocation,
    class: &'static str,
}

impl Call<'_> {
    fn server(&self) -> &Server {
        &self.world.servers[self.at]
    }

    fn server_mut(&mut self) -> &mut Server {
        &mut self.world.servers[self.at]
    }

    /// The product; commands that need it are only called where it is.
    fn product(&self) -> Option<&Product> {
        self.server().product.as_ref()
    }

    fn product_mut(&mut self) -> Option<&mut Product> {
        self.world.servers[self.at].product.as_mut()
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.invocation.arguments.text(name)
    }

    fn has(&self, name: &str) -> bool {
        self.invocation.arguments.get(name).is_some()
    }

    fn boolean(&self, name: &str) -> Option<bool> {
        self.invocation.arguments.value(name).and_then(|value| value.as_bool())
    }

    /// A moment of the world as the server's own clock has it.
    fn clock(&self, moment: Time) -> Item {
        Item::from(self.server().clock(moment))
    }

    fn maybe_clock(&self, moment: Option<Time>) -> Item {
        moment.map_or(Item::NULL, |moment| self.clock(moment))
    }

    /// An error as ADSync's cmdlets report theirs.
    fn fails(&self, message: &str, exception: &str, category: &str) -> Reply {
        let target_type = self.class.rsplit('.').next().unwrap_or_default().to_owned();
        Reply::Failed(Failure::new(message, exception, category).target(self.class, target_type))
    }

    /// Nothing comes out of it.
    fn quiet() -> Reply {
        Reply::Done(Vec::new())
    }
}

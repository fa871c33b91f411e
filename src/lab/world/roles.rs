//! Role changes (lab.md 8.5): staging mode, and what works only outside it: password hash synchronization and the writeback listener.

use super::Around;
use super::World;
use super::eventlog::{Level, Source};
use super::server::{Listener, Server};
use super::settings::Feature;
use crate::lab::fault::Fault;

impl Server {
    /// Switches staging mode; what was pending stays pending.
    pub fn set_staging(&mut self, enable: bool, around: &Around) {
        let Some(product) = self.product.as_mut() else { return };
        if product.scheduler.staging != enable {
            product.scheduler.staging = enable;
            product.staging_since = enable.then_some(around.now);
        }
        self.settle_passwords(around);
    }

    /// Starts or stops password hash synchronization and the writeback listener as the server's state has it.
    pub(super) fn settle_passwords(&mut self, around: &Around) {
        let may_run = self.is_active();
        let hindered =
            [Fault::CloudBlocked, Fault::DomainControllerDown, Fault::DirectoryConnection].iter().any(|f| self.has(*f));
        let Some(product) = self.product.as_mut() else { return };
        let features = &product.options.features;
        let users = || product.synced.iter().map(|(dn, synced)| around.directory.users(dn, synced.as_of)).sum();
        let hashes = may_run && features.contains(&Feature::PasswordHashSync);
        if hashes != product.passwords.since.is_some() {
            let users = users();
            product.passwords.set(hashes, users, around.now, &mut self.host.log);
        }
        if hindered != product.passwords.failing {
            let users = users();
            product.passwords.hinder(hindered, users, around.now, &mut self.host.log);
        }
        let listens = may_run && features.contains(&Feature::PasswordWriteback);
        let (id, text) = match (product.listener, listens) {
            (Listener::Closed, true) => (31_015, "ServiceHost started: the password writeback listener is open."),
            (Listener::Open | Listener::Opened, false) => {
                (31_016, "ServiceHost stopped: the password writeback listener was closed.")
            }
            _ => return,
        };
        product.listener = if listens { Listener::Opened } else { Listener::Closed };
        self.host.log.write(around.now, Source::PasswordReset, id, Level::Information, text);
    }
}

impl World {
    /// What one server's change does to the others.
    pub(in crate::lab) fn settle(&mut self) {
        self.share_scheduler_settings();
        let opened = |server: &Server| server.product.as_ref().is_some_and(|product| product.listener == Listener::Opened);
        let Some(at) = self.servers.iter().position(opened) else { return };
        let now = self.now;
        let host = self.servers[at].host.name.clone();
        for (other, server) in self.servers.iter_mut().enumerate() {
            let Some(product) = server.product.as_mut() else { continue };
            if product.listener == Listener::Closed {
                continue;
            }
            if other != at && product.listener == Listener::Open {
                let text = format!(
                    "The connection of the password writeback listener to the service bus was lost: {host} opened a listener for the same tenant. It is opened again."
                );
                server.host.log.write(now, Source::PasswordReset, 32_002, Level::Error, text);
            }
            product.listener = Listener::Open;
        }
    }
}

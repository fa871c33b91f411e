//! Role changes (lab.md 8.5): staging mode, and what works only outside it: password hash synchronization and the writeback listener.

use chrono::TimeDelta;

use super::Around;
use super::World;
use super::eventlog::{Level, Source};
use super::server::{Listener, Server};
use super::settings::Feature;
use crate::Time;

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
        let fails = !self.reaches_directory() || self.refusal(around.cloud, around.now).is_some();
        let Some(product) = self.product.as_mut() else { return };
        let features = &product.options.features;
        let users = || product.synced.iter().map(|(dn, synced)| around.directory.users(dn, synced.as_of)).sum();
        let hashes = may_run && features.contains(&Feature::PasswordHashSync);
        if hashes != product.passwords.since.is_some() {
            let users = users();
            product.passwords.set(hashes, users, around.now, &mut self.host.log);
        }
        if product.passwords.since.is_some() && fails != product.passwords.failing {
            let users = users();
            product.passwords.hinder(fails, users, around.now, &mut self.host.log);
        }
        let listens = may_run && features.contains(&Feature::PasswordWriteback);
        match (product.listener, listens) {
            (Listener::Closed, true) => self.open_listener(around.now),
            (Listener::Open | Listener::Opened | Listener::Lost(_), false) => {
                product.listener = Listener::Closed;
                let text = "ServiceHost stopped: the password writeback listener was closed.";
                self.host.log.write(around.now, Source::PasswordReset, 31_016, Level::Information, text);
            }
            _ => {}
        }
    }

    /// Opens the writeback listener, or opens it again.
    pub(super) fn open_listener(&mut self, now: Time) {
        let Some(product) = self.product.as_mut() else { return };
        product.listener = Listener::Opened;
        let text = "ServiceHost started: the password writeback listener is open.";
        self.host.log.write(now, Source::PasswordReset, 31_015, Level::Information, text);
    }
}

/// How long a listener that lost its connection waits before it opens it again, and takes it from the other.
const RECONNECT: TimeDelta = TimeDelta::minutes(10);

impl World {
    /// What one server's change does to the others.
    pub(in crate::lab) fn settle(&mut self) {
        self.share_scheduler_settings();
        for at in 0..self.servers.len() {
            let (server, around) = self.split(at);
            server.settle_passwords(&around);
        }
        let opened = |server: &Server| server.product.as_ref().is_some_and(|product| product.listener == Listener::Opened);
        let Some(at) = self.servers.iter().position(opened) else { return };
        let now = self.now;
        let host = self.servers[at].host.name.clone();
        for (other, server) in self.servers.iter_mut().enumerate() {
            let Some(product) = server.product.as_mut() else { continue };
            match product.listener {
                Listener::Opened if other == at => product.listener = Listener::Open,
                Listener::Open | Listener::Opened => {
                    product.listener = Listener::Lost(now + RECONNECT);
                    let text = format!(
                        "The connection of the password writeback listener to the service bus was lost: {host} opened a listener for the same tenant. It is opened again."
                    );
                    server.host.log.write(now, Source::PasswordReset, 32_002, Level::Error, text);
                }
                Listener::Closed | Listener::Lost(_) => {}
            }
        }
    }
}

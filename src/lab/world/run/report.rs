//! What the event log says of a run's end (structures.md 5.6).

use super::Outcome;
use crate::Time;
use crate::lab::world::Around;
use crate::lab::world::access::Refusal;
use crate::lab::world::cycle::Active;
use crate::lab::world::eventlog::{EventLog, Level, Source};
use crate::lab::world::generator::mix;
use crate::lab::world::history::Profile;
use crate::lab::world::pending::pending_count;
use crate::lab::world::server::Server;

impl EventLog {
    /// What is written where the tenant, or the way to it, refused the sign-in.
    fn refused(&mut self, now: Time, what: &str, refusal: Option<Refusal>) {
        let old = "This version of Microsoft Entra Connect can no longer synchronize. Upgrade to a supported version.";
        let why = refusal.map_or(old, Refusal::message);
        self.write(now, Source::DirectorySynchronization, 906, Level::Error, format!("{what} failed. {why}"));
        if refusal.is_some_and(Refusal::is_of_a_policy) {
            let text = format!("Access to Microsoft Entra ID has been denied. {why}");
            self.write(now, Source::DirectorySynchronization, 115, Level::Error, text);
        }
    }
}

impl Server {
    /// Writes what the event log says of a run's end.
    pub(in crate::lab::world) fn report(&mut self, active: &Active, outcome: &Outcome, around: &Around) {
        let now = around.now;
        let name = &active.connector;
        let profile = active.profile.name();
        let connector = self.product.as_ref().and_then(|product| product.connector(name));
        let rules_changed = connector.is_some_and(|connector| connector.full_sync_required);
        let refusal = self.refusal(around.cloud, now);
        let log = &mut self.host.log;
        let deletes = || self.product.as_ref().map_or(0, |product| pending_count(product, around.directory).deletes);
        match outcome.result.as_str() {
            "success" if active.profile == Profile::Export && name.ends_with(" - AAD") => log.write(
                now,
                Source::DirectorySynchronization,
                114,
                Level::Information,
                format!("Export cycle completed. Tracking id: {:016x}.", mix(active.number)),
            ),
            "success" if active.profile == Profile::DeltaSynchronization && rules_changed => log.write(
                now,
                Source::AdSync,
                6127,
                Level::Warning,
                format!("The rules of the management agent \"{name}\" have changed since its last full synchronization."),
            ),
            "success" => {}
            "stopped-deletion-threshold-exceeded" => log.write(
                now,
                Source::DirectorySynchronization,
                116,
                Level::Warning,
                format!(
                    "Prevent Accidental Deletes: The number of deletions for this sync cycle ({} pending deletes) has exceeded the current threshold of {} objects. Deletions will be suppressed for this sync cycle.",
                    deletes(),
                    around.cloud.deletion_threshold
                ),
            ),
            "completed-export-errors" => log.write(
                now,
                Source::AdSync,
                6100,
                Level::Warning,
                format!("The management agent \"{name}\" completed run profile \"{profile}\" with errors. {} objects failed.", outcome.errors.len()),
            ),
            "no-start-connection" => log.write(
                now,
                Source::AdSync,
                6001,
                Level::Error,
                format!("The management agent \"{name}\" failed on run profile \"{profile}\" because of connectivity issues: failed-connection, Server Down (0x51)."),
            ),
            "no-start-no-domain-controller" => log.write(
                now,
                Source::AdSync,
                6007,
                Level::Error,
                format!("The management agent \"{name}\" failed on run profile \"{profile}\" because no domain controller could be reached."),
            ),
            "no-start-credentials" => log.write(
                now,
                Source::AdSync,
                6000,
                Level::Error,
                format!("The management agent \"{name}\" failed on run profile \"{profile}\" because the credentials were refused: the clocks differ too much."),
            ),
            "stopped-database-disk-full" => log.write(
                now,
                Source::AdSync,
                6073,
                Level::Error,
                format!("The management agent \"{name}\" run profile \"{profile}\" was stopped: the database is full."),
            ),
            "stopped-user-termination-from-wmi-or-ui" => log.write(
                now,
                Source::AdSync,
                6051,
                Level::Warning,
                format!("The management agent \"{name}\" run profile \"{profile}\" was stopped by a user."),
            ),
            "stopped-extension-dll-file-not-found" => log.write(
                now,
                Source::AdSync,
                6947,
                Level::Warning,
                super::OLD_ASSEMBLY,
            ),
            "stopped-extension-dll-exception" | "stopped-connectivity" => {
                log.refused(now, &format!("{profile} on {name}"), refusal);
            }
            other => log.write(
                now,
                Source::AdSync,
                6803,
                Level::Error,
                format!("The management agent \"{name}\" failed on run profile \"{profile}\": {other}."),
            ),
        }
    }
}

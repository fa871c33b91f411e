//! A synchronization cycle: its plan, the steps one after another with a pause between, its end. Single run profiles run here too.

use std::collections::VecDeque;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Around;
use super::connector::{Connector, Kind};
use super::history::{Counters, Profile, SERVICE_ACCOUNT};
use super::server::{LastCycle, Product, Server};
use super::settings::Policy;
use crate::Time;

/// A cycle under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cycle {
    /// Policy
    pub policy: Policy,
    /// Start
    pub started: Time,
    /// What is left to do
    pub plan: VecDeque<Step>,
    /// Between two steps: when the next begins
    pub resume_at: Option<Time>,
    /// It was asked to stop
    pub stopping: bool,
    /// Every step so far succeeded
    pub succeeded: bool,
    /// The stage of the narrative
    pub stage: String,
}

/// A step of a cycle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Connector
    pub connector: String,
    /// Run profile
    pub profile: Profile,
    /// The stage it belongs to, in the narrative's words
    pub stage: String,
}

/// A run under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Active {
    /// Its row in the history
    pub number: u64,
    /// Connector
    pub connector: String,
    /// Run profile
    pub profile: Profile,
    /// Start
    pub started: Time,
    /// End
    pub ends: Time,
    /// It does not come to its end: the result it gets instead
    pub cut: Option<String>,
}

/// The plan of a cycle (lab.md 8.4): all forests' imports, the cloud's, synchronizations in the same order, then the exports.
fn plan(product: &Product, policy: Policy) -> VecDeque<Step> {
    // Whatever is no tenant is a source: forests, and LDAP directories.
    let sources: Vec<&Connector> = product.connectors.iter().filter(|c| c.kind != Kind::Entra).collect();
    let all = || sources.iter().copied().chain(product.entra());
    let initial = policy == Policy::Initial;
    let import = |c: &Connector| if initial || c.full_import_required { Profile::FullImport } else { Profile::DeltaImport };
    let sync = |c: &Connector| {
        if initial || c.full_sync_required { Profile::FullSynchronization } else { Profile::DeltaSynchronization }
    };
    let step = |c: &Connector, profile, stage: &str| Step { connector: c.name.clone(), profile, stage: stage.to_owned() };
    let mut steps = VecDeque::new();
    steps.extend(all().map(|c| step(c, import(c), "Importing")));
    steps.extend(all().map(|c| {
        step(c, sync(c), if c.kind == Kind::Entra { "Synchronizing from Target" } else { "Synchronizing from all Sources" })
    }));
    if !product.scheduler.staging {
        steps.extend(product.entra().map(|c| step(c, Profile::Export, "Exporting to Target")));
        steps.extend(sources.iter().map(|c| step(c, Profile::Export, "Exporting to all Sources")));
    }
    steps
}

impl Cycle {
    /// Begins a cycle.
    pub(super) fn begin(server: &mut Server, policy: Policy, around: &mut Around) {
        let now = around.now;
        let wait = server.chance.between(500, 1_500);
        let Some(product) = server.product.as_mut() else { return };
        let plan = plan(product, policy);
        if product.forests().next().is_none() || product.entra().is_none() {
            let what = if product.entra().is_none() { "AAD connector" } else { "source connectors" };
            product.scheduler.next_start = now + product.scheduler.effective();
            server.host.log.narrate(now, format!("Could not execute run profile cycle because of missing {what}."));
            return;
        }
        product.cycle = Some(Self {
            policy,
            started: now,
            plan,
            resume_at: Some(now + wait),
            stopping: false,
            succeeded: true,
            stage: String::new(),
        });
        server.host.log.narrate(now, format!("Import/Sync/Export cycle started ({}).", policy.name()));
        server.host.log.narrate(now, "Initializing");
    }
}

impl Product {
    /// When the run or the cycle under way goes on.
    pub(super) fn run_due(&self) -> Option<Time> {
        self.active.as_ref().map(|active| active.ends).or_else(|| self.cycle.as_ref().and_then(|cycle| cycle.resume_at))
    }
}

impl Server {
    /// The end of a run, or of the pause between two.
    pub(super) fn run_tick(&mut self, around: &mut Around) {
        let now = around.now;
        let Some(product) = self.product.as_mut() else { return };
        if let Some(active) = product.active.take() {
            let succeeded = self.finish(&active, around);
            let pause = self.chance.between(500, 3_000);
            if let Some(cycle) = self.product.as_mut().and_then(|product| product.cycle.as_mut()) {
                cycle.succeeded &= succeeded;
                cycle.resume_at = Some(now + pause);
                if cycle.stopping {
                    cycle.plan.clear();
                    cycle.resume_at = Some(now);
                }
            }
            return;
        }
        let Some(cycle) = product.cycle.as_mut() else { return };
        cycle.resume_at = None;
        if cycle.stopping {
            cycle.plan.clear();
        }
        match cycle.plan.pop_front() {
            Some(step) => {
                if step.stage != cycle.stage {
                    cycle.stage.clone_from(&step.stage);
                    self.host.log.narrate(now, step.stage);
                }
                self.begin_run(&step.connector, step.profile, SERVICE_ACCOUNT, around);
            }
            None => self.end_cycle(around),
        }
    }

    fn end_cycle(&mut self, around: &mut Around) {
        let now = around.now;
        let Some(product) = self.product.as_mut() else { return };
        let Some(cycle) = product.cycle.take() else { return };
        let next = cycle.started + product.scheduler.effective();
        product.scheduler.next_policy = Policy::Delta;
        product.scheduler.next_start = if next <= now { now + TimeDelta::seconds(5) } else { next };
        product.last_cycle = Some(LastCycle {
            start: cycle.started,
            end: now,
            policy: cycle.policy,
            succeeded: cycle.succeeded && !cycle.stopping,
        });
        self.maintain(around);
        self.host.log.narrate(now, "Finished");
        self.host.log.narrate(now, format!("Import/Sync/Export cycle completed ({}).", cycle.policy.name()));
    }

    /// Begins a run: opens its row and knows when it will be over.
    pub(super) fn begin_run(&mut self, connector: &str, profile: Profile, user: &str, around: &Around) {
        let id = self.chance.guid();
        let span = self.duration(connector, profile, around);
        let Some(product) = self.product.as_mut() else { return };
        let number = product.history.open(id, connector, profile, user, around.now);
        product.active = Some(Active {
            number,
            connector: connector.to_owned(),
            profile,
            started: around.now,
            ends: around.now + span,
            cut: None,
        });
    }

    /// Starts a single run profile, as the Synchronization Service Manager or Invoke-ADSyncRunProfile does; answers its number.
    pub fn start_run(&mut self, connector: &str, profile: Profile, user: &str, around: &Around) -> Result<u64, String> {
        let product = self.product.as_ref().ok_or("Synchronization Service is not running.")?;
        let name =
            product.connector(connector).ok_or("Operation failed because the specified MA could not be found.")?.name.clone();
        if let Some(active) = &product.active {
            return Err(format!("Connector: {} is busy.", active.connector));
        }
        if product.cycle.is_some() || product.requested.is_some() {
            return Err(
                "The Synchronization Engine is busy. Retry this operation after this synchronization session is complete."
                    .to_owned(),
            );
        }
        self.begin_run(&name, profile, user, around);
        Ok(self.product.as_ref().and_then(|product| product.active.as_ref()).map_or(0, |active| active.number))
    }

    fn finish(&mut self, active: &Active, around: &mut Around) -> bool {
        let outcome = match &active.cut {
            Some(result) => super::run::Outcome { result: result.clone(), counters: Counters::default(), errors: Vec::new() },
            None => self.run(active, around),
        };
        let succeeded = outcome.result == "success";
        self.report(active, &outcome, around);
        if let Some(product) = self.product.as_mut() {
            product.history.close(active.number, around.now, &outcome.result, outcome.counters, outcome.errors);
        }
        succeeded
    }
}

//! The value tree: one form of everything that is known, for gates, `status --json` and facts files. What is not known
//! is in it too, as Unknown with its reason.

use super::derived;
use super::differ;
use super::fresh::Policy;
use super::server::Server;
use super::snapshot::NOT_INSTALLED;
use super::table::{Shape, shape_of_group};
use crate::Time;
use crate::powershell::{Record, Value};
use crate::rb1::Group;

/// What a tree is made of.
#[derive(Debug, Clone)]
pub struct View<'a> {
    /// The servers, in the runbook's order
    pub servers: &'a [Server],
    /// The session's clock
    pub now: Time,
    /// What counts as fresh
    pub policy: &'a Policy,
    /// Ids of the findings that fire, from the health rules
    pub findings: Value,
    /// `$inputs`, Unknown where not given
    pub inputs: Record,
    /// `$forms`: an object a form, Unknown where not saved
    pub forms: Record,
    /// `$results`, Unknown where not captured
    pub results: Record,
    /// When the step was last opened
    pub step_started: Option<Time>,
}

impl<'a> View<'a> {
    /// Of servers alone, with nothing captured and no findings looked for.
    pub fn of(servers: &'a [Server], now: Time, policy: &'a Policy) -> Self {
        let none = Record::new;
        let findings = Value::unknown("the health rules were not asked");
        Self { servers, now, policy, findings, inputs: none(), forms: none(), results: none(), step_started: None }
    }
}

/// The whole tree: the roles, `servers`, `pair`, `tenant`, `findings`, `inputs`, `forms`, `results`, `step`.
pub fn tree(view: &View<'_>) -> Value {
    let facts: Vec<Record> = view.servers.iter().map(|server| server_facts(server, view.now, view.policy)).collect();
    tree_of(view, facts)
}

/// The same out of facts that are already there, one record a server.
pub fn tree_of(view: &View<'_>, facts: Vec<Record>) -> Value {
    let started = view.step_started.map_or_else(|| Value::unknown("no step is open"), Value::DateTime);
    let (pair, tenant) = (differ::pair(view.servers, &facts), differ::tenant(view.servers, &facts));
    let mut tree: Record =
        view.servers.iter().zip(&facts).map(|(server, facts)| (server.name.0.clone(), Value::Object(facts.clone()))).collect();
    tree.set("servers", facts.into_iter().map(Value::Object).collect::<Vec<_>>());
    tree.set("pair", pair);
    tree.set("tenant", tenant);
    tree.set("findings", view.findings.clone());
    tree.set("inputs", view.inputs.clone());
    tree.set("forms", view.forms.clone());
    tree.set("results", view.results.clone());
    tree.set("step", Record::new().with("StartedAt", started));
    tree.into()
}

/// One server's facts, every row of the table, and `$read` with each group's time.
pub fn server_facts(server: &Server, now: Time, policy: &Policy) -> Record {
    let core = server.freshness(Group::Core, now, policy);
    let absent = core.reading().is_some_and(|core| core.values.get("Installed") == Some(&Value::Bool(false)));
    let mut read = Record::new();
    let mut of_group = |group: Group| {
        let known = server.freshness(group, now, policy).known();
        read.set(group.name(), known.as_ref().map_or_else(|why| Value::unknown(why.clone()), |r| Value::DateTime(r.answered)));
        match known {
            _ if absent && is_of_the_product(group) => unknown(shape_of_group(group), NOT_INSTALLED),
            Ok(reading) => reading.values.clone(),
            Err(why) => unknown(shape_of_group(group), &why),
        }
    };
    let mut groups = derived::Groups {
        core: of_group(Group::Core),
        runs: of_group(Group::Runs),
        statistics: of_group(Group::Statistics),
        events: of_group(Group::Events),
        passwords: of_group(Group::Passwords),
        configuration: of_group(Group::Configuration),
        host: of_group(Group::Host),
    };
    derived::staging_since(server, &mut groups);
    let local = local(server, policy);
    let (of_core, of_runs) = (derived::of_core(server, now, policy), derived::of_runs(server, now, policy, &groups));
    let of_connectors = derived::of_connectors(&groups);
    let spans = derived::spans(now, &groups, &of_runs);
    let parts = [
        local,
        groups.core,
        of_core,
        groups.runs,
        of_runs,
        spans,
        groups.statistics,
        groups.events,
        groups.passwords,
        groups.configuration,
        groups.host,
        of_connectors,
    ];
    let mut facts: Record = parts.iter().flat_map(Record::iter).map(|(name, value)| (name.to_owned(), value.clone())).collect();
    facts.set("$read", read);
    facts
}

/// Whether a group tells only of the product, and so has nothing to tell where it is not installed.
fn is_of_the_product(group: Group) -> bool {
    matches!(group, Group::Runs | Group::Statistics | Group::Passwords | Group::Configuration)
}

fn local(server: &Server, policy: &Policy) -> Record {
    let skew = server.skew.map_or_else(|| Value::unknown("the clock was not measured yet"), |skew| skew.offset.into());
    Record::new()
        .with("Role", server.name.as_str())
        .with("Target", server.target.as_str())
        .with("Reachable", server.reachable(policy))
        .with("Isolated", server.isolated.is_some())
        .with("ClockSkew", skew)
}

/// A group of which nothing is known: every leaf says why.
pub(super) fn unknown(shape: &Shape, why: &str) -> Record {
    let value = |member: &Shape| {
        if member.array || member.members.is_empty() { Value::unknown(why) } else { unknown(member, why).into() }
    };
    shape.members.iter().map(|member| (member.name, value(member))).collect()
}

//! The bundled runbooks: each is clean to the lint, every one of its rehearsals comes out as its script says, and no step,
//! aside or command of it is left that no rehearsal plays.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::{TimeZone, Utc};
use lockstep::cli::test::plan::{Rehearsed, beside};
use lockstep::engine::view::parts;
use lockstep::lab::Scenario;
use lockstep::lab::scenario::DEFAULT;
use lockstep::runbook::load;
use lockstep::runbook::model::{Block, RunMode, Runbook, Step};
use lockstep::runner::rehearsal::script::Expect;
use lockstep::runner::rehearsal::{Outcome, Script, StepOutcome, rehearse};
use lockstep::session::event::{Body, EndState};

/// What no script can play, with the reason: runbook, step or command, why.
const NOT_PLAYED: &[(&str, &str, &str)] = &[(
    "in-place-upgrade",
    "find-connector",
    "its answer is the error that the step is about: the specified MA could not be found",
)];

fn runbooks() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("runbooks")
}

/// Files of a folder with this ending, in order.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| path.extension().is_some_and(|known| known == ending))
        .collect();
    found.sort();
    found
}

fn stem(path: &Path) -> String {
    path.file_stem().expect("a file has a name").to_string_lossy().into_owned()
}

/// What the rehearsals of one runbook have played, all together.
#[derive(Default)]
struct Played {
    /// Steps that were confirmed, on a gate that passed or with a waiver
    steps: BTreeSet<String>,
    /// Commands that ran to their end without an error
    commands: BTreeSet<String>,
}

impl Played {
    fn take(&mut self, outcome: &Outcome) {
        let confirmed = outcome.steps.iter().filter(|step| matches!(step.came, Ok(Expect::Passed | Expect::Waived)));
        self.steps.extend(confirmed.map(|step| step.step.clone()));
        let mut approved = BTreeSet::new();
        for event in &outcome.events {
            match &event.body {
                Body::CommandApproved(command) => {
                    approved.insert((command.run.clone(), command.command.to_string()));
                }
                Body::CommandEnded(end) if end.state == EndState::Completed && end.errors == 0 => {
                    let run = approved.iter().find(|(run, _)| *run == end.run);
                    self.commands.extend(run.map(|(_, command)| command.clone()));
                }
                _ => {}
            }
        }
    }

    /// Steps, of asides too, and commands of a runbook that nothing has played.
    fn missing(&self, runbook: &Runbook) -> Vec<String> {
        let steps: Vec<&Step> = runbook.phases.iter().flat_map(|phase| &phase.steps).collect();
        let steps_missing = steps.iter().map(|step| step.id.to_string()).filter(|id| !self.steps.contains(id));
        let runs = steps.iter().flat_map(|step| parts(&step.blocks)).filter_map(|block| match block {
            Block::Command(command) if command.run != RunMode::Manual => Some(command.id.to_string()),
            _ => None,
        });
        steps_missing.chain(runs.filter(|id| !self.commands.contains(id))).collect()
    }
}

/// Plays every script of one runbook; together they play all of it.
fn rehearse_all(name: &str) {
    let path = runbooks().join(format!("{name}.md"));
    let rehearsed = Rehearsed::read(&path).expect("the runbook can be used");
    let runbook = rehearsed.runbook.clone();
    let mut played = Played::default();
    for script in beside(&path) {
        let planned = rehearsed.with_file(&script).unwrap_or_else(|why| panic!("{why:#}"));
        let scenario = planned.script.scenario.as_deref().unwrap_or(DEFAULT);
        let scenario = Scenario::bundled(scenario).unwrap_or_else(|why| panic!("{why}"));
        let begin = Utc.with_ymd_and_hms(2026, 11, 21, 22, 0, 0).single().expect("a moment");
        let outcomes = rehearse(&planned, &scenario, begin);
        for outcome in &outcomes {
            let lines: Vec<String> =
                outcome.steps.iter().map(StepOutcome::line).chain(outcome.problems.iter().cloned()).collect();
            let script = stem(&script);
            assert!(outcome.is_ok(), "{name} / {script}:\n{}\n{}", lines.join("\n"), outcome.summary());
        }
        played.take(&outcomes[0]);
    }
    let excused: Vec<&str> = NOT_PLAYED.iter().filter(|(runbook, ..)| *runbook == name).map(|(_, id, _)| *id).collect();
    let missing = played.missing(&runbook);
    let left: Vec<&String> = missing.iter().filter(|id| !excused.contains(&id.as_str())).collect();
    assert!(left.is_empty(), "{name}: no rehearsal confirms these steps or runs these commands: {left:?}");
    let idle: Vec<&&str> = excused.iter().filter(|id| !missing.iter().any(|missing| missing == *id)).collect();
    assert!(idle.is_empty(), "{name}: these are played and need no excuse: {idle:?}");
}

macro_rules! rehearsed {
    ($($test:ident $name:literal,)*) => {
        const REHEARSED: &[&str] = &[$($name),*];
        $(#[test] fn $test() { rehearse_all($name); })*
    };
}

rehearsed! {
    decommission "decommission",
    dual_active_recovery "dual-active-recovery",
    in_place_upgrade "in-place-upgrade",
    migrate_to_new_server "migrate-to-new-server",
    scheduler_operations "scheduler-operations",
    swing_migration "swing-migration",
    upgrade_by_staging_swap "upgrade-by-staging-swap",
}

#[test]
fn every_runbook_is_rehearsed_here() {
    let bundled: Vec<String> = files(&runbooks(), "md").iter().map(|path| stem(path)).collect();
    assert_eq!(bundled, REHEARSED);
}

#[test]
fn every_runbook_is_clean_to_the_lint() {
    for path in files(&runbooks(), "md") {
        let loaded = load(&stem(&path), &std::fs::read(&path).expect("the runbook can be read"));
        let found: Vec<&str> = loaded.diagnostics.iter().map(|found| found.message.as_str()).collect();
        assert!(found.is_empty(), "{}: {found:?}", path.display());
    }
}

#[test]
fn every_runbook_has_a_clean_rehearsal_and_two_with_troubles() {
    for path in files(&runbooks(), "md") {
        let scripts: Vec<String> =
            files(&runbooks().join("rehearsals").join(stem(&path)), "yaml").iter().map(|path| stem(path)).collect();
        assert!(scripts.iter().any(|name| name == "clean"), "{}: no clean.yaml among {scripts:?}", path.display());
        assert!(scripts.len() >= 3, "{}: two scripts with troubles are wanted, there are {scripts:?}", path.display());
    }
}

/// The standard scenarios, as the domain names them.
const STANDARD: &[(&str, &str)] = &[
    ("a clean swap with 2,000 users", "clean-swap"),
    ("a swap with OU drift", "ou-drift"),
    ("a swing upgrade with overrides", "swing-overrides"),
    ("the old server unreachable", "old-unreachable"),
    ("a rollback within 15 minutes", "rollback"),
    ("a forgotten wizard", "forgotten-wizard"),
    ("long staging with a password backlog", "long-staging"),
    ("a rogue third server", "rogue-third"),
    ("the version floor", "version-floor"),
    ("flaky WinRM", "flaky-connection"),
    ("a deletion threshold stop after promotion", "deletion-threshold"),
    ("permission errors after promotion", "permission-errors"),
    ("migration to a server where nothing is installed yet", "migrate-to-new-server"),
    ("installed without the import tick", "installed-without-import"),
    ("staging unticked by accident", "staging-unticked"),
    ("a new account without rights", "account-without-rights"),
    ("a clock six minutes off", "clock-off"),
    ("custom rules with foreign Guids", "foreign-rules"),
    ("four servers", "four-servers"),
    ("a missing connector", "connector-missing"),
    ("an upgrade below the floor", "upgrade-below-floor"),
];

/// Scenarios that no script needs, with the reason.
const NOT_REHEARSED: &[(&str, &str)] = &[("large-tenant", "it is clean-swap with more objects, to see how long things take")];

#[test]
fn every_scenario_is_rehearsed_by_name() {
    let scripts = files(&runbooks(), "md").into_iter().flat_map(|path| beside(&path));
    let used: BTreeSet<String> = scripts
        .filter_map(|path| Script::parse(&std::fs::read_to_string(path).expect("a script")).expect("YAML").scenario)
        .collect();
    for (words, name) in STANDARD {
        assert!(Scenario::names().any(|known| known == *name), "{words}: there is no scenario {name}");
        assert!(used.contains(*name), "{words}: no script of a bundled runbook rehearses {name}");
    }
    let excused = |name: &str| NOT_REHEARSED.iter().any(|(known, _)| *known == name);
    let idle: Vec<&str> = Scenario::names().filter(|name| !used.contains(*name) && !excused(name)).collect();
    assert!(idle.is_empty(), "nothing rehearses {idle:?}");
}

#[test]
fn every_scenario_in_the_folder_comes_with_the_program_and_is_described() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/scenarios");
    let known: BTreeSet<String> = Scenario::names().map(str::to_owned).collect();
    assert_eq!(files(&folder, "yaml").iter().map(|path| stem(path)).collect::<BTreeSet<_>>(), known);
    for (name, title, description) in Scenario::list() {
        assert!(!title.is_empty() && description.ends_with('.'), "{name}: {title}: {description}");
    }
    assert_eq!(Scenario::list().len(), known.len());
}

#[test]
fn the_migration_goes_through_its_seven_phases_and_thirty_days_to_the_removal() {
    let path = runbooks().join("migrate-to-new-server.md");
    let rehearsed = Rehearsed::read(&path).expect("the runbook can be used");
    let clean = rehearsed.with_file(&runbooks().join("rehearsals/migrate-to-new-server/clean.yaml")).expect("a script");
    let scenario = Scenario::bundled("migrate-to-new-server").expect("a scenario");
    let begin = Utc.with_ymd_and_hms(2026, 11, 21, 22, 0, 0).single().expect("a moment");
    let outcomes = rehearse(&clean, &scenario, begin);
    let [migration, removal] = outcomes.as_slice() else { panic!("two sessions: {outcomes:?}") };
    assert!(migration.is_ok() && removal.is_ok());
    let passed = |outcome: &Outcome| -> Vec<String> {
        outcome.steps.iter().filter(|step| step.came == Ok(Expect::Passed)).map(|step| step.step.clone()).collect()
    };
    // A step of every phase of the seed: prepare, export, note, install, verify, swing, check.
    for step in ["tls", "export-settings", "note-sign-in", "install", "first-cycle", "stage-old", "promote", "test-object"] {
        assert!(passed(migration).iter().any(|known| known == step), "{step}");
    }
    for step in ["staging-period", "uninstall", "machine"] {
        assert!(passed(removal).iter().any(|known| known == step), "{step}");
    }
    let staged = migration.steps.iter().find(|step| step.step == "stage-old").expect("the swing").ended;
    let removed = removal.steps.iter().find(|step| step.step == "uninstall").expect("the removal").began;
    assert!((removed - staged).num_days() >= 30, "from {staged} to {removed}");
}

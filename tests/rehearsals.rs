//! The bundled runbooks: each is clean to the lint, and every one of its rehearsals comes out as its script says.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{TimeZone, Utc};
use lockstep::lab::Scenario;
use lockstep::lab::scenario::DEFAULT;
use lockstep::runbook::load;
use lockstep::runbook::model::Runbook;
use lockstep::runner::rehearsal::{Script, rehearse};
use lockstep::session::event::PinnedRunbook;

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

/// Plays every script of one runbook.
fn rehearse_all(name: &str) {
    let path = runbooks().join(format!("{name}.md"));
    let loaded = load(name, &std::fs::read(&path).expect("the runbook can be read"));
    let runbook: Arc<Runbook> = Arc::new(loaded.runbook.expect("the runbook can be loaded"));
    for path in files(&runbooks().join("rehearsals").join(name), "yaml") {
        let text = std::fs::read_to_string(&path).expect("the script can be read");
        let script = Script::parse(&text).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        let scenario = Scenario::bundled(script.scenario.as_deref().unwrap_or(DEFAULT)).unwrap_or_else(|why| panic!("{why}"));
        let pinned = PinnedRunbook {
            title: runbook.title.clone(),
            id: runbook.id.clone(),
            version: runbook.version.clone(),
            path: format!("{name}.md"),
            sha256: String::new(),
        };
        let begin = Utc.with_ymd_and_hms(2026, 11, 21, 22, 0, 0).single().expect("a moment");
        let outcome = rehearse(runbook.clone(), pinned, &script, &scenario, begin);
        let lines: Vec<String> = outcome
            .steps
            .iter()
            .map(lockstep::runner::rehearsal::StepOutcome::line)
            .chain(outcome.problems.iter().cloned())
            .collect();
        assert!(outcome.is_ok(), "{name} / {}:\n{}\n{}", stem(&path), lines.join("\n"), outcome.summary());
    }
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

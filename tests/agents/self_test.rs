//! `lockstep self-test`: against a server that is not what it should be, one that cannot be used, and, where there is a
//! PowerShell, the real agent.

use std::path::PathBuf;
use std::sync::Arc;

use crate::fake::fake;
use lockstep::cli::self_test::{SelfTestArgs, examine, run};
use lockstep::io::agent::local::Local;

#[test]
fn a_server_that_does_not_do_what_it_is_told_fails() {
    let mut out = Vec::new();
    let code = examine("ssh://anna@EC01", fake(&[]), &mut out).expect("report");
    let report = String::from_utf8(out).expect("text");
    assert_eq!(code, 1, "{report}");
    assert!(report.contains("EC01 as CONTOSO\\anna"), "{report}");
    assert!(report.contains("FAILED  text beyond ASCII comes back"), "{report}");
    assert!(report.contains("passed  no stale exit code"), "{report}");
    assert!(report.contains("Not seen by this run either: a remote runspace over WinRM"), "{report}");
}

#[test]
fn a_server_that_cannot_be_used_is_told_with_what_to_do() {
    let mut out = Vec::new();
    assert_eq!(examine("ssh://EC01", fake(&["constrained"]), &mut out).expect("report"), 2);
    let report = String::from_utf8(out).expect("text");
    assert!(report.contains("REFUSED") && report.contains("?agent=PATH"), "{report}");
}

/// The PowerShell to try the real agent on: the one that is named, else one on the path.
pub fn powershell() -> Option<PathBuf> {
    let chosen = std::env::var_os("LOCKSTEP_TEST_POWERSHELL").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = chosen.or_else(|| {
        let names = ["powershell.exe", "pwsh", "pwsh.exe"];
        std::env::split_paths(&path).flat_map(|dir| names.map(|name| dir.join(name))).find(|program| program.is_file())
    });
    if found.is_none() {
        crate::fake::skipped("there is no PowerShell on the path, and LOCKSTEP_TEST_POWERSHELL names none");
    }
    found
}

#[test]
fn the_real_agent_passes_on_a_stub_of_the_module() {
    let Some(found) = powershell() else { return };
    let dir = tempfile::tempdir().expect("folder");
    let program = with_stub(&found, dir.path());
    let mut out = Vec::new();
    let code = examine("local", Arc::new(Local::with_program(program)), &mut out).expect("report");
    let report = String::from_utf8(out).expect("text");
    assert_eq!(code, 0, "{report}");
    assert!(report.contains("StagingModeEnabled false"), "{report}");
}

/// A program that starts PowerShell with the stub on its module path, which our own start removes.
#[cfg(unix)]
pub fn with_stub(program: &std::path::Path, dir: &std::path::Path) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let wrapper = dir.join("powershell");
    let stub = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/stub_adsync");
    let text = format!("#!/bin/sh\nPSModulePath='{stub}' exec '{}' \"$@\"\n", program.display());
    std::fs::write(&wrapper, text).expect("wrapper");
    std::fs::set_permissions(&wrapper, std::fs::Permissions::from_mode(0o755)).expect("mode");
    wrapper
}

/// On Windows the module path of the user is the stub's.
#[cfg(windows)]
pub fn with_stub(program: &std::path::Path, dir: &std::path::Path) -> PathBuf {
    let wrapper = dir.join("powershell.cmd");
    let stub = concat!(env!("CARGO_MANIFEST_DIR"), "\\tests\\stub_adsync");
    std::fs::write(&wrapper, format!("@set PSModulePath={stub};%PSModulePath%\r\n@\"{}\" %*\r\n", program.display()))
        .expect("wrapper");
    wrapper
}

#[test]
fn the_lab_plays_the_whole_self_test() {
    let args = SelfTestArgs { target: "lab:clean-swap/old".to_owned() };
    let mut out = Vec::new();
    let code = run(&args, &mut out).expect("report");
    let report = String::from_utf8(out).expect("text");
    assert_eq!(code, 0, "{report}");
    assert!(!report.contains("the lab does not play this"), "{report}");
    assert!(report.contains("This is a simulated server"), "{report}");
}

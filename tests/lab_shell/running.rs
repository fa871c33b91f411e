//! Runs over time: waiting, stopping, floods.

use chrono::TimeDelta;
use lockstep::lab::shell::{Execution, Next, Output, State};
use lockstep::powershell::Record;
use proptest::prelude::*;

use crate::server::{Server, morning, run};

fn start(script: &str) -> (Execution, Server) {
    let server = Server::new();
    (Execution::new(script, &Record::new(), false, server.now), server)
}

#[test]
fn a_sleep_waits_for_the_servers_clock() {
    let (mut execution, mut server) = start("'before'; Start-Sleep -Seconds 90; 'after'");
    let progress = execution.poll(&mut server);
    assert_eq!(progress.output, [Output::Text("before\n".to_owned())]);
    let until = morning() + TimeDelta::seconds(90);
    assert_eq!(progress.next, Next::At(until));
    assert_eq!(execution.poll(&mut server).next, Next::At(until));
    server.now = until;
    let progress = execution.poll(&mut server);
    assert_eq!(progress.output, [Output::Text("after\n".to_owned())]);
    assert!(matches!(progress.next, Next::Finished(end) if end.state == State::Completed && !end.errors));
}

#[test]
fn a_cmdlet_that_takes_time_is_asked_again() {
    let ran = run("Invoke-ADSyncRunProfile -ConnectorName a -RunProfileName b");
    assert_eq!(ran.console(), "WARNING: it takes a while\nsuccess\n");
    assert_eq!(ran.server.now, morning() + TimeDelta::seconds(20));
}

#[test]
fn a_run_can_be_stopped_while_it_waits_and_while_it_loops() {
    for script in ["Start-Sleep -Seconds 90; 'after'", "while ($true) { }", "while ($true) { 'x' }", "1..1000000000 | Out-Null"] {
        let (mut execution, mut server) = start(script);
        assert!(!matches!(execution.poll(&mut server).next, Next::Finished(_)), "{script}");
        execution.stop();
        let progress = execution.poll(&mut server);
        assert!(matches!(progress.next, Next::Finished(end) if end.state == State::Stopped), "{script}");
    }
}

#[test]
fn a_flood_comes_in_pieces() {
    let (mut execution, mut server) = start("1..100000 | % { \"line $_\" }");
    let (mut lines, mut largest, mut polls) = (0, 0, 0);
    loop {
        let progress = execution.poll(&mut server);
        polls += 1;
        let size: usize = progress.output.iter().map(|output| if let Output::Text(text) = output { text.len() } else { 0 }).sum();
        largest = largest.max(size);
        lines += progress
            .output
            .iter()
            .map(|output| if let Output::Text(text) = output { text.lines().count() } else { 0 })
            .sum::<usize>();
        if let Next::Finished(end) = progress.next {
            assert_eq!(end.state, State::Completed);
            break;
        }
    }
    assert_eq!(lines, 100_000);
    assert!(polls > 50, "{polls}");
    assert!(largest < 256 * 1024, "{largest}");
}

#[test]
fn depth_is_refused_not_recursed_into() {
    for script in [
        "$b = { & $b }; & $b",
        "$b = { 1 | % $b }; & $b",
        "$b = { $(& $b) }; & $b",
        "$b = { -not -not -not -not -not -not -not -not $(& $b) }; & $b",
    ] {
        let ran = run(script);
        assert_eq!(ran.end.state, State::Failed, "{script}");
        assert_eq!(ran.end.error.map(|error| error.fqid), Some("CallDepthOverflow".to_owned()), "{script}");
    }
    assert_eq!(run(&format!("{}1{}", "(".repeat(15), ")".repeat(15))).text(), "1\n");
    assert_eq!(run(&format!("{}$true", "-not ".repeat(60))).text(), "True\n");
}

#[test]
fn a_program_sets_its_exit_code() {
    let ran = run("w32tm /resync; $LASTEXITCODE; $?");
    assert_eq!(ran.console(), "Sending resync command to local computer\nno answer\n5\nTrue\n");
    assert_eq!(ran.end.exit, Some(5));
    assert!(!ran.end.errors);
}

#[test]
fn other_streams_keep_their_order() {
    let ran = run(
        "'a'; Write-Warning 'w'; Write-Host 'h' 1; Write-Verbose 'v' -Verbose; Write-Verbose 'silent'; Write-Progress -Activity 'act' -PercentComplete 50; 'b'",
    );
    assert_eq!(ran.console(), "a\nWARNING: w\nh 1\nVERBOSE: v\n[act Processing 50]\nb\n");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn no_script_panics_and_every_script_ends(words in proptest::collection::vec(proptest::sample::select(vec![
        "Get-ADSyncScheduler", " | ", "fl", "ft", " select ", "%", " { ", " } ", "$_", "$x", " = ", "1", "..", "3", "'a'", "\"$x\"", "@(", ")", "(", ";", "\n",
        " -eq ", " -f ", ".Count", "[0]", "[version]", "'2.6'", " Sort-Object ", " ConvertTo-Json ", " @{a=1}", "if (", "foreach ($x in ", ", ", " + ", " - ", " -Property ", "SyncCycleEnabled",
        " -First ", "try ", "catch ", "throw ", ".ToString('", "yyyy", "')", " Measure-Object ", " Group-Object ", " -ErrorAction Stop", "$null", "Start-Sleep 1",
    ]), 0..25)) {
        let script = words.concat();
        let (mut execution, mut server) = start(&script);
        let mut polls = 0;
        loop {
            match execution.poll(&mut server).next {
                Next::Finished(_) => break,
                Next::At(until) => server.now = until,
                Next::Again => {}
            }
            polls += 1;
            prop_assert!(polls < 10_000, "{script}");
        }
    }
}

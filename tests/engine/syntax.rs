//! Whether PowerShell can read the commands: asked once a server that comes up, told before they are run.

use lockstep::engine::{Effect, Observed};
use lockstep::runbook::ids::PartId;

use crate::bench::Bench;

const BODY: &str = "## A\n\n### One {#one on=old}\n\n```powershell {#c}\nif (\n```\n\n### Two {#two on=new}\n\n```powershell\nGet-Date\n```\n\n### Three {#three on=old}\n\n```powershell\nif (\n```\n\n```powershell {run=manual}\nGet-Host\n```\n";

/// What was asked, as server and text.
fn asked(bench: &Bench) -> Vec<(String, String)> {
    let parse = |effect: &Effect| match effect {
        Effect::Parse { server, script } => Some((server.to_string(), script.clone())),
        _ => None,
    };
    bench.effects.iter().filter_map(parse).collect()
}

fn pair(server: &str, script: &str) -> (String, String) {
    (server.to_owned(), script.to_owned())
}

#[test]
fn each_server_is_asked_once_for_its_own_commands() {
    let mut bench = Bench::open(BODY);
    assert_eq!(asked(&bench), [pair("old", "if ("), pair("old", "Get-Host"), pair("new", "Get-Date")]);
    bench.pass(120);
    assert_eq!(asked(&bench).len(), 3);
}

#[test]
fn what_cannot_be_read_is_told_before_it_is_run() {
    let mut bench = Bench::open(BODY);
    let problem = Some("line 1: Missing condition".to_owned());
    bench.observe(Observed::Parsed { server: "old".into(), script: "if (".into(), problem });
    bench.observe(Observed::Parsed { server: "new".into(), script: "Get-Date".into(), problem: None });
    assert!(bench.said("PowerShell on old cannot read a command of 'One': line 1: Missing condition"));
    let command = bench.engine.command(&PartId::from("c")).unwrap();
    assert_eq!(bench.engine.syntax_problem(command), Some("line 1: Missing condition"));
    assert_eq!(bench.engine.why_not_run(command), None, "the operator decides");
    assert_eq!(bench.events.len(), Bench::open(BODY).events.len(), "nothing of it is recorded");
}

#[test]
fn a_server_that_comes_back_is_asked_for_what_it_did_not_answer() {
    let mut bench = Bench::open(BODY);
    bench.observe(Observed::Parsed { server: "old".into(), script: "if (".into(), problem: None });
    bench.link("old", false);
    bench.link("old", true);
    assert_eq!(asked(&bench)[3..], [pair("old", "Get-Host")]);
}

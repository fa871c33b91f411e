//! The real agent on a real PowerShell, against the stand-in for the module ADSync: skipped, with a word, where there is no
//! PowerShell. What cannot be told from here (5.1 on a server, WinRM, JEA itself) `lockstep self-test` tells there.

use std::io::{BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crate::fake::{Watched, options};
use crate::self_test::{powershell, with_stub};
use lockstep::io::agent::local::Local;
use lockstep::io::agent::{AGENT, AgentEvent, Options, Purpose};
use lockstep::powershell::Value;
use lockstep::rb1::client::STAGE_ZERO;
use lockstep::rb1::request::{Command as Plain, CommandArgument};
use lockstep::rb1::{Client, Frame, Group, Request, Stream, Turn};
use lockstep::session::event::EndState;
use serde_json::{Map, Value as Json, json};

/// None where it is to be skipped.
fn start(options: Options) -> Option<(Watched, tempfile::TempDir)> {
    let found = powershell()?;
    let dir = tempfile::tempdir().expect("folder");
    let program = with_stub(&found, dir.path());
    Some((Watched::start(Arc::new(Local::with_program(program)), options), dir))
}

fn read(watched: &mut Watched, wanted: Group) -> (Map<String, Json>, Vec<String>) {
    watched.agents.read(&"old".into(), &[wanted], None, Duration::from_secs(60));
    watched.until(|event| match event {
        AgentEvent::Reading { frame: Frame::Reading { group, values, errors, .. }, .. } if *group == wanted => {
            Some((values.clone(), errors.iter().map(|(path, error)| format!("{path}: {}", error.message)).collect()))
        }
        _ => None,
    })
}

#[test]
fn facts_are_projected_in_their_kinds() {
    let Some((mut watched, _dir)) = start(options()) else { return };
    let (core, _) = read(&mut watched, Group::Core);
    let scheduler = &core["Scheduler"];
    assert_eq!(scheduler["AllowedSyncCycleInterval"], "00:30:00");
    assert_eq!(scheduler["PurgeRunHistoryInterval"], "7.00:00:00");
    assert_eq!(scheduler["CustomizedSyncCycleInterval"], Json::Null);
    assert_eq!(scheduler["NextSyncCyclePolicyType"], "Delta");
    assert_eq!(scheduler["NextSyncCycleStartTimeInUTC"], "2026-11-21T03:30:00.000Z");
    assert_eq!((&scheduler["SyncCycleEnabled"], &scheduler["StagingModeEnabled"]), (&json!(true), &json!(false)));
    assert_eq!(core["ConnectorRunStatus"], json!([]), "nothing runs: an empty array");
    let (runs, errors) = read(&mut watched, Group::Runs);
    let history = runs["RunHistory"].as_array().unwrap_or_else(|| panic!("one run is an array of one: {runs:?} {errors:?}"));
    assert_eq!(history.len(), 1);
    assert_eq!(history[0]["StartDate"], "2026-11-21T02:58:00.000Z", "without a kind: UTC");
    assert_eq!(history[0]["EndDate"], "2026-11-21T02:59:00.000Z", "local: moved to UTC");
    assert_eq!((&history[0]["Adds"], &history[0]["Updates"]), (&json!(1), &json!(2)));
    assert_eq!(history[0]["ErrorTypes"], json!(["permission-issue"]), "each reason once, an array of one");
    let (statistics, errors) = read(&mut watched, Group::Statistics);
    assert_eq!(statistics["Connectors"].as_array().map(Vec::len), Some(2), "{errors:?}");
    assert_eq!(statistics["Connectors"][1]["Identifier"], "b891884f-051e-4a83-95af-2544101c9083");
    assert_eq!(statistics["Connectors"][1]["Override"]["FullSyncRequired"], false);
    let (passwords, errors) = read(&mut watched, Group::Passwords);
    assert_eq!(passwords["PasswordHashSync"]["LastStatus"], "Successful", "{errors:?}");
    let (configuration, errors) = read(&mut watched, Group::Configuration);
    assert_eq!(configuration["Rules"][0]["Direction"], "Inbound", "{errors:?}");
    assert_eq!(configuration["Rules"][0]["Fingerprint"].as_str().map(str::len), Some(64));
    assert_eq!(configuration["Scope"][0]["Inclusions"], json!(["OU=People,DC=contoso,DC=com"]), "an array of one");
    assert_eq!(configuration["Scope"][0]["Exclusions"], json!([]));
    assert_eq!(configuration["DeletionThreshold"], 500);
    watched.agents.stop();
}

#[test]
fn records_keep_their_kinds_and_run_is_data() {
    let Some((mut watched, _dir)) = start(options()) else { return };
    watched.agents.run(lockstep::io::agent::RunOrder {
        run: "r1".into(),
        server: "old".into(),
        script: "[pscustomobject]@{ Text = $Run.Text; Since = $Run.Since; Later = $Run.Since -gt [datetime]'2020-01-01'; Span = $Run.Span; \
                 One = @('x'); None = $null; Nested = @{ a = 1 }; Kind = [DateTimeKind]::Local }"
            .into(),
        vars: Map::from_iter([
            ("Text".to_owned(), json!("gr\u{fc}\u{df}e '; exit 9 # \u{1f600}")),
            ("Since".to_owned(), json!({ "$datetime": "2026-11-21T03:00:00Z" })),
            ("Span".to_owned(), json!({ "$timespan": "1.02:03:04" })),
        ]),
        timeout_ms: Some(30_000),
        into: Some("found".into()),
        transcript: watched.dir.path().join("r1.log"),
    });
    let ended = watched.ended("r1");
    assert_eq!(ended.state, EndState::Completed, "{:?}", ended.why);
    let record = &ended.results.expect("results").records[0];
    assert_eq!(record.at("Text").and_then(Value::as_text), Some("gr\u{fc}\u{df}e '; exit 9 # \u{1f600}"));
    assert_eq!(record.at("Later"), Some(&Value::Bool(true)));
    assert!(matches!(record.at("Since"), Some(Value::DateTime(_))) && matches!(record.at("Span"), Some(Value::TimeSpan(_))));
    assert_eq!((record.at("One"), record.at("None")), (Some(&Value::Array(vec!["x".into()])), Some(&Value::Null)));
    assert_eq!((record.at("Nested"), record.at("Kind").and_then(Value::as_text)), (None, Some("Local")));
    watched.agents.stop();
}

#[test]
fn streams_are_told_apart_and_keep_their_order() {
    let Some((mut watched, _dir)) = start(options()) else { return };
    let script = "'one'; Write-Warning 'two'; Write-Host 'three'; Write-Error 'four' -ErrorAction Continue; 'five'; $global:LASTEXITCODE = 0";
    let tail = watched.run("r1", script);
    let ended = watched.ended("r1");
    assert_eq!((ended.state, ended.errors), (EndState::Completed, 1));
    let lines = tail.lock().last(100);
    let place = |stream: Stream, word: &str| {
        lines
            .iter()
            .position(|line| line.stream == stream && line.text.as_str().contains(word))
            .unwrap_or_else(|| panic!("{word}"))
    };
    let places = [
        place(Stream::Stdout, "one"),
        place(Stream::Warning, "two"),
        place(Stream::Info, "three"),
        place(Stream::Error, "four"),
        place(Stream::Stdout, "five"),
    ];
    assert!(places.is_sorted(), "{lines:?}");
    watched.agents.stop();
}

#[test]
fn what_does_not_stop_is_stuck_and_its_process_is_ended_with_its_children() {
    let Some((mut watched, _dir)) = start(options()) else { return };
    watched.run("r1", "[System.Threading.Thread]::Sleep(120000)");
    watched.until(|event| matches!(event, AgentEvent::Started { .. }).then_some(()));
    watched.agents.cancel("r1");
    let ended = watched.ended("r1");
    assert_eq!(ended.state, EndState::Interrupted);
    watched.run("r2", "'again'");
    assert_eq!(watched.ended("r2").state, EndState::Completed);
    watched.link(Purpose::Step, |_| true);
    watched.agents.stop();
}

/// An agent that is spoken to directly.
struct Raw {
    child: Child,
    /// None once it was taken away
    input: Option<ChildStdin>,
    output: BufReader<std::process::ChildStdout>,
    client: Client,
    _dir: tempfile::TempDir,
}

impl Raw {
    fn start() -> Option<Self> {
        let found = powershell()?;
        let dir = tempfile::tempdir().expect("folder");
        let mut child = Command::new(with_stub(&found, dir.path()))
            .args(STAGE_ZERO)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("PowerShell");
        let (input, output) = (child.stdin.take(), child.stdout.take().expect("output"));
        let client = Client::new("0123456789abcdef".to_owned(), AGENT);
        let mut raw = Self { child, input, output: BufReader::new(output), client, _dir: dir };
        let opening = raw.client.opening();
        raw.say(&opening);
        raw.until(|frame| matches!(frame, Frame::Hello(_)));
        Some(raw)
    }

    fn say(&mut self, bytes: &[u8]) {
        self.input.as_mut().expect("an input").write_all(bytes).expect("input");
    }

    /// Every frame up to the one that is waited for.
    fn until(&mut self, last: impl Fn(&Frame) -> bool) -> Vec<Frame> {
        let mut frames = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let count = self.output.read(&mut buffer).expect("output");
            assert!(count > 0, "the agent ended: {frames:?}");
            for turn in self.client.feed(&buffer[..count]) {
                match turn {
                    Turn::Send(bytes) => self.say(&bytes),
                    Turn::Frame(frame) => frames.push(frame),
                    Turn::Noise(text) => assert!(!text.contains("a frame"), "{text}"),
                    Turn::OtherProtocol(found) => panic!("protocol {found}"),
                    Turn::Broken(why) => panic!("{why}"),
                }
            }
            if frames.last().is_some_and(&last) {
                return frames;
            }
        }
    }

    fn ask(&mut self, request: &Request) -> Vec<Frame> {
        let bytes = self.client.request(request);
        self.say(&bytes);
        self.until(|frame| matches!(frame, Frame::End { .. } | Frame::Pong { .. }))
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_text_is_parsed_by_the_engine_and_nothing_runs() {
    let Some(mut raw) = Raw::start() else { return };
    let parse = |script: &str| Request::Parse { id: "p".into(), script: script.into() };
    let good = raw.ask(&parse("Get-ADSyncScheduler | Select-Object *"));
    assert!(matches!(good.last(), Some(Frame::End { state, .. }) if state == "Completed"), "{good:?}");
    let bad = raw.ask(&parse("if ($true) { 'open"));
    assert!(
        matches!(bad.last(), Some(Frame::End { state, err: Some(err), .. }) if state == "Failed" && err.line == Some(1)),
        "{bad:?}"
    );
}

#[test]
fn a_command_and_its_arguments_run_apart_from_any_script() {
    let Some(mut raw) = Raw::start() else { return };
    let argument = |name: Option<&str>, value: Option<Json>| CommandArgument { name: name.map(str::to_owned), value };
    let frames = raw.ask(&Request::Run {
        id: "r".into(),
        script: "Get-ADSyncConnectorStatistics -ConnectorName 'a; b'".into(),
        command: Some(Plain {
            name: "Get-ADSyncConnectorStatistics".into(),
            arguments: vec![argument(Some("ConnectorName"), Some(json!("a; b")))],
        }),
        vars: Map::new(),
        timeout_ms: None,
        into: true,
    });
    assert!(frames.iter().any(|frame| matches!(frame, Frame::Record { v, .. } if v["TotalConnectors"] == 2000)), "{frames:?}");
    assert!(matches!(frames.last(), Some(Frame::End { state, .. }) if state == "Completed"), "{frames:?}");
    let pong = raw.ask(&Request::Ping { id: "x".into() });
    assert!(matches!(pong.last(), Some(Frame::Pong { .. })));
}

#[test]
fn the_agents_end_is_its_inputs_end() {
    let Some(mut raw) = Raw::start() else { return };
    // What a killed client does.
    drop(raw.input.take());
    raw.until(|frame| matches!(frame, Frame::Bye));
    assert!(raw.child.wait().expect("an end").success());
}

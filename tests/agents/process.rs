//! Agents as real processes that behave, and that do not.

use std::time::Duration;

use crate::fake::{Watched, fake, options};
use lockstep::facts::Obstacle;
use lockstep::io::agent::{AgentEvent, LinkState, Options, Purpose};
use lockstep::powershell::Value;
use lockstep::rb1::{Frame, Group};
use lockstep::session::event::EndState;

fn live(link: &LinkState) -> bool {
    matches!(link, LinkState::Live { .. })
}

#[test]
fn facts_are_read_by_two_agents_and_a_banner_disturbs_nothing() {
    let mut watched = Watched::start(fake(&["banner", "clixml", "slow-hello=200"]), options());
    watched.agents.read(&"old".into(), &[Group::Runs, Group::Core, Group::Host], None, Duration::from_secs(5));
    let mut groups = Vec::new();
    let mut noise = String::new();
    watched.until(|event| {
        match event {
            AgentEvent::Reading { frame: Frame::Reading { group, .. }, .. } => groups.push(*group),
            AgentEvent::Noise { text, .. } => noise.push_str(text),
            _ => {}
        }
        (groups.len() == 3).then_some(())
    });
    groups.sort_unstable();
    assert_eq!(groups, [Group::Core, Group::Runs, Group::Host]);
    assert!(noise.contains("Authorised use only") && noise.contains("odd") && !noise.contains("Preparing"), "{noise}");
    watched.agents.stop();
}

#[test]
fn a_run_has_a_transcript_a_tail_and_results() {
    let mut watched = Watched::start(fake(&[]), options());
    let tail = watched.run("r1", "say one \u{1b}[31m\u{e9}\nwarn careful\nnative usage\nerror soft\nrecord\nexit 3");
    let ended = watched.ended("r1");
    assert_eq!((ended.state, ended.errors, ended.exit), (EndState::Completed, 1, Some(3)));
    let text = watched.transcript("r1");
    assert!(text.starts_with("one \u{1b}[31m\u{e9}\nWARNING: careful\nusage\nsoft\n"), "{text}");
    assert_eq!(ended.transcript.bytes, text.len() as u64);
    assert_eq!(tail.lock().last(10)[0].text.as_str(), "one \u{e9}");
    let results = ended.results.expect("results");
    assert_eq!((results.name.as_str(), results.records.len()), ("found", 1));
    assert!(matches!(results.records[0].at("Since"), Some(Value::DateTime(_))));
    watched.agents.stop();
}

#[test]
fn a_terminating_error_is_failed_with_its_words() {
    let mut watched = Watched::start(fake(&[]), options());
    watched.run("r1", "fail no such connector");
    let ended = watched.ended("r1");
    assert_eq!((ended.state, ended.why.as_deref(), ended.errors), (EndState::Failed, Some("no such connector"), 1));
    assert!(ended.output.head.iter().any(|line| line == "no such connector"));
    watched.agents.stop();
}

#[test]
fn a_cancelled_run_stops_and_one_that_waits_for_it_never_begins() {
    let mut watched = Watched::start(fake(&[]), options());
    watched.run("r1", "say here\nwait");
    watched.until(|event| matches!(event, AgentEvent::Started { run, .. } if run == "r1").then_some(()));
    watched.run("r2", "say never");
    watched.agents.cancel("r2");
    let refused = watched.ended("r2");
    assert_eq!((refused.state, refused.transcript.bytes), (EndState::Refused, 0));
    watched.agents.cancel("r1");
    let ended = watched.ended("r1");
    assert_eq!((ended.state, ended.why.as_deref()), (EndState::Stopped, Some("cancelled by the operator")));
    watched.agents.stop();
}

#[test]
fn a_command_that_ignores_cancelling_is_ended_alone_and_the_next_one_runs() {
    let mut watched = Watched::start(fake(&[]), options());
    watched.link(Purpose::Watch, live);
    watched.run("r1", "ignore");
    watched.until(|event| matches!(event, AgentEvent::Started { .. }).then_some(()));
    watched.agents.cancel("r1");
    assert_eq!(watched.ended("r1").state, EndState::Interrupted);
    watched.run("r2", "say again");
    assert_eq!(watched.ended("r2").state, EndState::Completed);
    watched.agents.read(&"old".into(), &[Group::Core], None, Duration::from_secs(5));
    watched.until(|event| {
        assert!(!matches!(event, AgentEvent::Link { purpose: Purpose::Watch, .. }), "the watch agent was touched: {event:?}");
        matches!(event, AgentEvent::Reading { .. }).then_some(())
    });
    watched.agents.stop();
}

#[test]
fn an_agent_lost_in_a_run_leaves_it_interrupted() {
    for deed in ["die", "gap"] {
        let mut watched = Watched::start(fake(&[]), options());
        watched.run("r1", &format!("say before\n{deed}\nsay after"));
        let ended = watched.ended("r1");
        assert_eq!(ended.state, EndState::Interrupted, "{deed}");
        assert!(ended.why.is_some() && ended.results.is_none());
        assert_eq!(watched.transcript("r1"), "before\n");
        watched.agents.stop();
    }
}

#[test]
fn a_frozen_agent_is_noticed_and_started_again() {
    let options = Options { ping_after: Duration::from_millis(200), silence: Duration::from_millis(900), ..options() };
    let mut watched = Watched::start(fake(&[]), options);
    watched.run("r1", "freeze");
    let ended = watched.ended("r1");
    assert_eq!(ended.state, EndState::Interrupted);
    assert!(ended.why.is_some_and(|why| why.contains("sign of life")));
    watched.run("r2", "say again");
    assert_eq!(watched.ended("r2").state, EndState::Completed);
    watched.agents.stop();
}

#[test]
fn a_survey_that_hangs_delays_no_look_at_the_scheduler() {
    let mut watched = Watched::start(fake(&["slow-events"]), options());
    watched.link(Purpose::Survey, live);
    watched.agents.read(&"old".into(), &[Group::Events], None, Duration::from_secs(60));
    for _ in 0..20 {
        watched.agents.read(&"old".into(), &[Group::Core], None, Duration::from_secs(5));
        watched.until(|event| match event {
            AgentEvent::Reading { frame: Frame::Reading { group, .. }, .. } => {
                assert_eq!(*group, Group::Core, "the survey hangs");
                Some(())
            }
            AgentEvent::ReadFailed { .. } => panic!("{event:?}"),
            _ => None,
        });
    }
    watched.agents.stop();
}

#[test]
fn an_agent_that_said_it_would_print_is_not_taken_for_dead() {
    let options = Options { ping_after: Duration::from_millis(200), silence: Duration::from_millis(900), ..options() };
    let mut watched = Watched::start(fake(&[]), options);
    watched.run("r1", "busy 4000\nsleep 2500\nsay printed");
    let ended = watched.ended("r1");
    assert_eq!((ended.state, watched.transcript("r1").as_str()), (EndState::Completed, "printed\n"));
    watched.agents.stop();
}

#[test]
fn a_group_that_never_answers_fails_and_its_agent_begins_again() {
    let options = Options { stop_grace: Duration::from_millis(300), ..options() };
    let mut watched = Watched::start(fake(&["slow-events"]), options);
    watched.link(Purpose::Survey, live);
    watched.agents.read(&"old".into(), &[Group::Runs, Group::Events], None, Duration::from_millis(200));
    let mut answered = Vec::new();
    let failed = watched.until(|event| match event {
        AgentEvent::Reading { frame: Frame::Reading { group, .. }, .. } => {
            answered.push(*group);
            None
        }
        AgentEvent::ReadFailed { groups, .. } => Some(groups.clone()),
        _ => None,
    });
    assert_eq!((answered, failed), (vec![Group::Runs], vec![Group::Events]));
    watched.link(Purpose::Survey, live);
    watched.agents.stop();
}

#[test]
fn another_protocol_is_refused_and_said() {
    let mut watched = Watched::start(fake(&["proto=2"]), options());
    let link = watched.link(Purpose::Watch, |link| matches!(link, LinkState::Refused { .. }));
    let LinkState::Refused { what, why, remedy, .. } = link else { panic!("refused") };
    assert_eq!(what, Obstacle::Protocol);
    assert!(why.contains("protocol 2") && remedy.contains("lockstep agent"), "{why}: {remedy}");
    watched.agents.stop();
}

#[test]
fn an_agent_that_says_nothing_is_given_up() {
    let options = Options { start_warn: Duration::from_millis(100), start_fail: Duration::from_millis(400), ..options() };
    let mut watched = Watched::start(fake(&["mute"]), options);
    watched.until(|event| matches!(event, AgentEvent::Noise { text, .. } if text.contains("has not answered")).then_some(()));
    watched.link(Purpose::Watch, |link| matches!(link, LinkState::Lost { .. }));
    watched.agents.stop();
}

#[test]
fn a_server_that_floods_its_error_output_is_read_all_the_same() {
    let mut watched = Watched::start(fake(&["shout"]), options());
    watched.link(Purpose::Watch, live);
    watched.agents.read(&"old".into(), &[Group::Core], None, Duration::from_secs(30));
    watched.until(|event| matches!(event, AgentEvent::Reading { .. }).then_some(()));
    watched.agents.stop();
}

#[test]
fn a_server_that_floods_and_says_nothing_is_given_up() {
    for words in [["mute", "shout"], ["mute", "chatter"]] {
        let options = Options { start_warn: Duration::from_millis(100), start_fail: Duration::from_millis(400), ..options() };
        let mut watched = Watched::start(fake(&words), options);
        watched.link(Purpose::Watch, |link| matches!(link, LinkState::Lost { .. }));
        watched.agents.stop();
    }
}

#[test]
fn an_installed_agent_needs_no_bootstrap() {
    let mut watched = Watched::start(fake(&["installed=NONCE"]), options());
    let link = watched.link(Purpose::Watch, live);
    let LinkState::Live { hello, .. } = link else { unreachable!("live") };
    assert_eq!(hello.machine, "EC01", "escape sequences do not come through");
    watched.agents.stop();
}

#[test]
fn a_flood_comes_whole_and_the_tail_stays_small() {
    let mut watched = Watched::start(fake(&[]), Options { transcript_cap: 8 << 20, ..options() });
    let tail = watched.run("r1", "flood 24\nsay end");
    let ended = watched.ended("r1");
    assert_eq!(ended.state, EndState::Completed);
    assert!(ended.transcript.dropped_bytes > 15 << 20, "{:?}", ended.transcript);
    let file = std::fs::metadata(watched.dir.path().join("r1.log")).expect("file").len();
    assert_eq!(file, ended.transcript.bytes);
    assert!(watched.transcript("r1").ends_with("end\n"));
    assert_eq!(tail.lock().last(1)[0].text.as_str(), "end");
    assert_eq!(tail.lock().total_lines(), ended.transcript.lines);
    watched.agents.stop();
}

#[test]
fn a_disk_without_room_holds_a_command_back_and_says_so() {
    let mut watched = Watched::start(fake(&[]), Options { free_space: u64::MAX, ..options() });
    watched.run("r1", "say never");
    let ended = watched.ended("r1");
    assert_eq!(ended.state, EndState::Refused);
    let why = ended.why.expect("a reason");
    assert!(why.contains("MiB are free where transcripts are kept") && why.contains("before a command runs"), "{why}");
    assert!(!watched.dir.path().join("r1.log").exists());
    watched.agents.stop();
}

#[test]
fn a_hundred_thousand_lines_come_complete() {
    let mut watched = Watched::start(fake(&[]), options());
    let tail = watched.run("r1", "lines 100000");
    let ended = watched.ended("r1");
    assert_eq!((ended.state, ended.transcript.lines, ended.transcript.dropped_bytes), (EndState::Completed, 100_000, 0));
    let text = watched.transcript("r1");
    assert!(text.lines().enumerate().all(|(n, line)| line == format!("line {n} of the output of a command")));
    assert_eq!(tail.lock().total_lines(), 100_000);
    watched.agents.stop();
}

#[test]
fn a_transcript_that_cannot_be_made_holds_the_command_back() {
    let mut watched = Watched::start(fake(&[]), options());
    std::fs::write(watched.dir.path().join("r1.log"), "an older run").expect("file");
    watched.run("r1", "say never");
    let ended = watched.ended("r1");
    assert_eq!(ended.state, EndState::Refused);
    assert!(ended.why.is_some_and(|why| why.contains("cannot be made")));
    watched.agents.stop();
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_is_left_behind() {
    use crate::fake::{alive, eventually, processes};
    let dir = tempfile::tempdir().expect("folder");
    let pids = dir.path().join("pids");
    let mut watched = Watched::start(fake(&[&format!("pids={}", pids.display()), "child", "deaf"]), options());
    watched.run("r1", "ignore");
    watched.until(|event| matches!(event, AgentEvent::Started { .. }).then_some(()));
    let all = processes(&pids, 3);
    assert!(all.len() == 6 && all.iter().all(|one| alive(one)), "three agents with a child each: {all:?}");
    watched.agents.stop();
    eventually("the agents and their children are gone", || !all.iter().any(|one| alive(one)));
}

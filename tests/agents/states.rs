//! Every state that an engineer has to tell from the others, each by an agent that is in it.

use std::time::Duration;

use crate::fake::{Watched, fake, options};
use lockstep::facts::{Limit, Loss, Obstacle, Server};
use lockstep::io::agent::{AgentEvent, LinkState, Options, Purpose};
use lockstep::rb1::{Frame, Group};
use lockstep::session::event::EndState;

#[test]
fn what_cannot_work_is_refused_with_a_remedy_of_its_own() {
    let mut remedies = std::collections::BTreeSet::new();
    for (word, obstacle, said) in [
        ("constrained", Obstacle::LanguageMode, "ConstrainedLanguage"),
        ("32-bit", Obstacle::Bits, "32-bit"),
        ("core", Obstacle::Edition, "Windows PowerShell 5.1"),
        ("policy", Obstacle::ExecutionPolicy, "execution policy"),
        ("no-powershell", Obstacle::NoPowerShell, "no Windows PowerShell"),
    ] {
        let mut watched = Watched::start(fake(&[word]), options());
        let link = watched.link(Purpose::Watch, |link| matches!(link, LinkState::Refused { .. } | LinkState::Lost { .. }));
        let LinkState::Refused { what, why, remedy, .. } = link else { panic!("{word}: {link:?}") };
        assert_eq!(what, obstacle, "{word}");
        assert!(why.contains(said), "{word}: {why}");
        assert!(remedies.insert(remedy), "{word} has the remedy of another");
        watched.agents.stop();
    }
}

#[test]
fn what_ends_a_connection_is_told_apart() {
    let quick = || Options {
        start_warn: Duration::from_millis(100),
        start_fail: Duration::from_millis(500),
        ping_after: Duration::from_millis(200),
        silence: Duration::from_millis(900),
        stop_grace: Duration::from_secs(1),
        ..options()
    };
    let mut watched = Watched::start(fake(&["mute"]), quick());
    let lost = |link: &LinkState| matches!(link, LinkState::Lost { .. });
    let link = watched.link(Purpose::Watch, lost);
    assert!(matches!(link, LinkState::Lost { what: Loss::NotUp, .. }), "{link:?}");
    watched.agents.stop();
    for (deed, loss) in [("freeze", Loss::Silent), ("ignore", Loss::Stuck), ("die", Loss::Ended), ("gap", Loss::Broken)] {
        let mut watched = Watched::start(fake(&[]), quick());
        watched.run("r1", deed);
        watched.until(|event| matches!(event, AgentEvent::Started { .. }).then_some(()));
        if deed == "ignore" {
            watched.agents.cancel("r1");
        }
        let mut ended = None;
        let link = watched.until(|event| match event {
            AgentEvent::Ended(of) => {
                ended = Some(of.state);
                None
            }
            AgentEvent::Link { purpose: Purpose::Step, link, .. } if lost(link) => Some(link.clone()),
            _ => None,
        });
        assert!(matches!(link, LinkState::Lost { what, .. } if what == loss), "{deed}: {link:?}");
        assert_eq!(ended, Some(EndState::Interrupted), "{deed}");
        watched.agents.stop();
    }
}

#[test]
fn an_agent_that_works_with_less_says_with_what() {
    for (word, limit) in [
        ("not-elevated", Limit::NotElevated),
        ("no-module", Limit::NoModule),
        ("shared-input", Limit::SharedInput),
        ("jea", Limit::NoLanguage),
    ] {
        let mut watched = Watched::start(fake(&[word]), options());
        let link = watched.link(Purpose::Watch, |link| matches!(link, LinkState::Live { .. }));
        assert!(matches!(&link, LinkState::Live { limits, .. } if *limits == [limit]), "{word}: {link:?}");
        assert!(link.words().contains(limit.sentence()), "{}", link.words());
        watched.agents.stop();
    }
}

/// The core facts that an agent with this word answers.
fn core(word: &str) -> Server {
    let mut watched = Watched::start(fake(&[word]), options());
    watched.agents.read(&"old".into(), &[Group::Core], None, Duration::from_secs(5));
    let at = chrono::Utc::now();
    let server = watched.until(|event| match event {
        AgentEvent::Reading { frame: frame @ Frame::Reading { .. }, .. } => {
            let mut server = Server::new("old".into(), "local".to_owned());
            server.answered(frame, at, at).expect("a reading");
            Some(server)
        }
        _ => None,
    });
    watched.agents.stop();
    server
}

#[test]
fn a_stopped_service_and_a_module_that_does_not_load_are_facts_of_their_own() {
    let stopped = core("service-stopped");
    let values = &stopped.groups[&Group::Core].last.as_ref().expect("read").values;
    assert_eq!(values.get("Service").and_then(|service| service.at("Status")?.as_text()), Some("Stopped"));
    let broken = core("module-broken");
    let at = chrono::Utc::now();
    let policy = lockstep::facts::Policy::watching(lockstep::facts::Intervals::default());
    let facts = lockstep::facts::server_facts(&broken, at, &policy);
    let installed = facts.get("Installed").expect("the fact").to_json().to_string();
    assert!(installed.contains("cannot be loaded: bad image"), "{installed}");
}

#[test]
fn an_endpoint_without_language_gets_the_command_and_its_arguments_apart() {
    let mut watched = Watched::start(fake(&["jea"]), options());
    watched.link(Purpose::Watch, |link| matches!(link, LinkState::Live { .. }));
    watched.run("r1", "Set-ADSyncScheduler -SyncCycleEnabled $false  # off");
    assert_eq!(watched.ended("r1").state, EndState::Completed);
    assert_eq!(
        watched.transcript("r1"),
        "{\"name\":\"Set-ADSyncScheduler\",\"arguments\":[{\"name\":\"SyncCycleEnabled\",\"value\":false}]}\n"
    );
    watched.run("r2", "Get-ADSyncScheduler | Select-Object StagingModeEnabled");
    let ended = watched.ended("r2");
    assert_eq!(ended.state, EndState::Refused);
    assert!(ended.why.is_some_and(|why| why.contains("JEA") && why.contains("pipeline")));
    assert!(!watched.dir.path().join("r2.log").exists(), "nothing was begun");
    watched.agents.stop();
}

#[test]
fn an_agent_that_received_another_text_is_ended() {
    let mut watched = Watched::start(fake(&["wrong-sha"]), options());
    watched.run("r1", "say harmless");
    let ended = watched.ended("r1");
    assert_eq!(ended.state, EndState::Interrupted);
    assert!(ended.why.is_some_and(|why| why.contains("another text")));
    watched.agents.stop();
}

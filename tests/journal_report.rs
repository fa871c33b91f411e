//! The report: everything that happened is in it, a rehearsal is marked everywhere, and nothing from outside is more than text.

mod journal_support;

use std::collections::BTreeMap;

use journal_support::story;
use lockstep::report::names::Names;
use lockstep::report::{Source, json, markdown, summary};
use lockstep::runbook::model::Runbook;
use lockstep::session::Session;
use lockstep::session::event::{Body, Event, Rehearsal};
use lockstep::session::line::Digest;
use proptest::prelude::*;
use pulldown_cmark::{Event as Part, Options, Parser, Tag};

fn with_source<T>(runbook: &Runbook, events: &[Event], write: impl FnOnce(&Source<'_>) -> T) -> T {
    let session = Session::fold(events).expect("a session");
    let damaged = BTreeMap::from([(Digest::of(b"pasted.txt").to_string(), "pasted.txt: the file is missing".to_owned())]);
    write(&Source { runbook, events, session: &session, head: Some(Digest::of(b"the last line")), damaged: &damaged })
}

fn markdown_of(runbook: &Runbook, events: &[Event]) -> String {
    with_source(runbook, events, markdown::write)
}

#[test]
fn the_whole_story_as_markdown() {
    insta::assert_snapshot!(markdown_of(&story::runbook(), &story::events()));
}

#[test]
fn the_whole_story_in_few_words() {
    let names = Names::of(&story::runbook());
    let lines: Vec<String> = story::events().iter().map(|event| summary::line(event, &names).into_string()).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_rehearsal_is_marked_in_every_heading() {
    let mut events = story::events();
    let Body::SessionOpened(opened) = &mut events[0].body else { panic!("it opens") };
    opened.rehearsal = Some(Rehearsal { scenario: "clean-swap".into(), seed: 7 });
    let text = markdown_of(&story::runbook(), &events);
    let headings: Vec<&str> = text.lines().filter(|line| line.starts_with('#')).collect();
    assert!(headings.len() > 8);
    assert!(headings.iter().all(|line| line.ends_with("(REHEARSAL)")), "{headings:?}");
    assert!(text.contains("No real server took part."));
    assert!(!markdown_of(&story::runbook(), &story::events()).contains("REHEARSAL"));
}

#[test]
fn a_simulated_server_makes_a_rehearsal_of_any_session() {
    let mut events = story::events();
    let Body::SessionOpened(opened) = &mut events[0].body else { panic!("it opens") };
    opened.rehearsal = None;
    opened.servers[1].target = "lab:clean-swap/new".into();
    let session = Session::fold(&events).expect("a session");
    assert_eq!(session.opened.rehearsal.as_ref().map(|rehearsal| rehearsal.scenario.as_str()), Some("clean-swap"));
    assert!(markdown_of(&story::runbook(), &events).contains("No real server took part."));
}

#[test]
fn a_session_that_only_began_is_a_report_too() {
    let events = &story::events()[..1];
    let text = markdown_of(&story::runbook(), events);
    assert!(text.contains("**Not closed.**") && text.contains("1.1 The standby is ready: **not begun**"));
}

#[test]
fn json_has_every_event_with_its_meaning() {
    let text = with_source(&story::runbook(), &story::events(), json::write);
    assert!(!text.contains('<') && text.ends_with("}\n") && text.lines().count() == 1);
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let events = report["events"].as_array().expect("events");
    assert_eq!(events.len(), story::events().len());
    assert_eq!(events[9]["type"], "item_ticked");
    assert_eq!(events[9]["meaning"], "1.1 ticked: The pending exports of {{ new.Host }} were reviewed");
    assert_eq!(report["journal"]["events"], events.len());
    assert_eq!(report["outcome"]["outcome"], "rolled_back");
    assert_eq!(report["steps"][0]["status"], "confirmed");
}

/// What a renderer with GitHub's extensions makes of a report, as far as it is more than text.
fn shape(text: &str) -> Vec<String> {
    let parts = Parser::new_ext(text, Options::all());
    parts
        .filter_map(|part| match part {
            Part::Text(_) | Part::Code(_) | Part::SoftBreak | Part::End(_) => None,
            Part::Start(Tag::CodeBlock(_)) => Some("fence".to_owned()),
            Part::Start(tag) => Some(format!("{tag:?}")),
            other => Some(format!("{other:?}")),
        })
        .collect()
}

/// Puts a text into every place of an event that holds text from outside.
fn poisoned(events: &[Event], poison: &str) -> Vec<Event> {
    fn walk(value: &mut serde_json::Value, key: &str, poison: &str) {
        match value {
            serde_json::Value::String(text) if !KEPT.contains(&key) => *text = format!("{text}{poison}"),
            serde_json::Value::Array(items) => items.iter_mut().for_each(|item| walk(item, key, poison)),
            serde_json::Value::Object(map) => map.iter_mut().for_each(|(key, item)| walk(item, key, poison)),
            _ => {}
        }
    }
    // Ids tie events together, words of enumerations and times are read by the program itself.
    const KEPT: [&str; 21] = [
        "session",
        "step",
        "item",
        "caution",
        "note",
        "attachment",
        "attachments",
        "items",
        "wanted",
        "run",
        "command",
        "form",
        "gate",
        "phase",
        "from",
        "state",
        "how",
        "truth",
        "outcome",
        "read",
        "$datetime",
    ];
    let mut poisoned = events.to_vec();
    for event in &mut poisoned {
        event.by.user.push_str(poison);
        let Ok(mut body) = serde_json::to_value(&event.body) else { continue };
        walk(&mut body["data"], "", poison);
        event.body = serde_json::from_value(body).expect("the same kind");
    }
    poisoned
}

/// One-line poisons keep the shape; those of several lines may make a note or an output longer, never anything else.
fn check(poison: &str) -> Result<(), String> {
    let (runbook, events) = (story::runbook(), story::events());
    // A calm poison, so that what differs is what the hostile one did.
    let calm = shape(&markdown_of(&runbook, &poisoned(&events, "x")));
    let text = markdown_of(&runbook, &poisoned(&events, poison));
    let hostile = shape(&text);
    let only_text = |part: &String| !matches!(part.as_str(), "Start(Paragraph)") && part != "Paragraph";
    let (calm, hostile): (Vec<_>, Vec<_>) =
        (calm.iter().filter(|p| only_text(p)).collect(), hostile.iter().filter(|p| only_text(p)).collect());
    if let Some(place) = calm.iter().zip(&hostile).position(|(calm, hostile)| calm != hostile) {
        return Err(format!("{poison:?} made {} of {}", hostile[place], calm[place]));
    }
    if calm.len() != hostile.len() {
        return Err(format!("{poison:?} made {} parts of {}", hostile.len(), calm.len()));
    }
    let control = text.chars().find(|c| c.is_control() && *c != '\n' && *c != '\t');
    control.map_or(Ok(()), |c| Err(format!("{poison:?} left {c:?}")))
}

#[test]
fn hostile_texts_stay_texts() {
    for poison in [
        "`",
        "``",
        "```",
        "~~~",
        "**x**",
        "_x_",
        "~~x~~",
        "|",
        "\\|",
        "<script>",
        "<!--",
        "![x](http://x/y.png)",
        "[x](javascript:1)",
        "http://x.example",
        "@anna",
        "#12",
        "/close",
        "- x",
        "1. x",
        "> x",
        "# x",
        "$x$",
        "&lt;",
        "\u{1b}[31m",
        "\u{1b}]52;c;eA==\u{7}",
        "\u{202e}",
        "\u{9b}1m",
        "\0",
        "[^1]",
        "[x]: http://y",
        "$$",
        "---",
        "+++",
        "\\",
        ":::x",
        "{#id}",
        "[[x]]",
        "||x||",
        "^x^",
    ] {
        check(poison).unwrap_or_else(|why| panic!("{why}"));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_of_one_line_stays_text(poison in "[ -~\u{80}-\u{a0}\u{2028}\u{202e}]{1,12}") {
        if let Err(why) = check(&poison) {
            return Err(TestCaseError::fail(why));
        }
    }
}

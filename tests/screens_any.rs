//! Whatever is pressed, pasted or observed, at whatever size: the screen never panics, and nothing runs on a server
//! without `r`.

mod screens_support;

use chrono::TimeDelta;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use lockstep::app::Msg;
use lockstep::engine::Act;
use lockstep::ui::Theme;
use proptest::prelude::*;
use screens_support::Bench;

#[derive(Debug, Clone)]
enum Happens {
    Message(Msg),
    Passes(u8),
    Staging(bool, bool),
    Silent(bool),
    Output(Vec<u8>),
}

fn key() -> impl Strategy<Value = KeyEvent> {
    let code = prop_oneof![
        8 => any::<char>().prop_map(KeyCode::Char),
        30 => prop::sample::select(" rarnjkjk:?/!osefczRiLQqlwvx123gG".chars().collect::<Vec<_>>()).prop_map(KeyCode::Char),
        12 => prop::sample::select(vec![
            KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::BackTab, KeyCode::Up, KeyCode::Down, KeyCode::PageUp,
            KeyCode::PageDown, KeyCode::Home, KeyCode::End, KeyCode::Backspace, KeyCode::Delete, KeyCode::Left, KeyCode::F(5),
        ]),
    ];
    (code, prop::bool::weighted(0.1))
        .prop_map(|(code, ctrl)| KeyEvent::new(code, if ctrl { KeyModifiers::CONTROL } else { KeyModifiers::NONE }))
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        40 => key().prop_map(|key| Happens::Message(Msg::Key(key))),
        3 => ".{0,30}".prop_map(|text| Happens::Message(Msg::Paste(text))),
        4 => (1_u16..130, 1_u16..60).prop_map(|(w, h)| Happens::Message(Msg::Resized(w, h))),
        1 => ".{0,200}".prop_map(|text| Happens::Message(Msg::Said(text))),
        1 => proptest::option::of(".{0,30}").prop_map(|text| Happens::Message(Msg::EditorClosed(text))),
        2 => any::<u8>().prop_map(Happens::Passes),
        1 => any::<(bool, bool)>().prop_map(|(old, new)| Happens::Staging(old, new)),
        1 => any::<bool>().prop_map(Happens::Silent),
        1 => proptest::collection::vec(any::<u8>(), 0..200).prop_map(Happens::Output),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics_and_nothing_runs_by_itself(ascii: bool, all in proptest::collection::vec(happens(), 1..60)) {
        let mut bench = Bench::open((80, 24));
        bench.theme = Theme::new(!ascii, ascii);
        for event in all {
            let (before, mut asked) = (bench.acts.len(), false);
            match event {
                Happens::Message(msg) => {
                    asked = matches!(&msg, Msg::Key(key) if matches!(key.code, KeyCode::Char('r' | 's') | KeyCode::Enter));
                    bench.moment.mono += 40;
                    bench.message(msg);
                }
                Happens::Passes(seconds) => bench.leap(TimeDelta::seconds(seconds.into())),
                Happens::Staging(old, new) => {
                    for (name, staging) in [("old", old), ("new", new)] {
                        bench.answers(name).staging = staging;
                    }
                }
                Happens::Silent(silent) => bench.answers("new").silent = silent,
                Happens::Output(bytes) => {
                    let run = bench.engine.session().runs.last().map(|run| run.approved.run.clone());
                    bench.outputs.push(&run.unwrap_or_default(), &bytes);
                }
            }
            prop_assert!(asked || !bench.acts[before..].iter().any(|act| matches!(act, Act::Run(_))));
            let frame = bench.frame();
            prop_assert!(!frame.chars().any(|c| c.is_control() && c != '\n'));
        }
    }
}

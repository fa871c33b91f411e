//! The journal's format: what is written is read again as it was, and nothing that was changed is taken for intact.

mod journal_support;

use journal_support::{Filling, event, every_body, every_event, journal_of, opened, time};
use lockstep::powershell::{Record, Value};
use lockstep::session::event::{Body, Event};
use lockstep::session::line::{Chain, Digest, Ending, Fault, Journal, KINDS, decode, encode};
use proptest::prelude::*;

fn short_session(events: u64) -> Vec<Event> {
    let filling = Filling::plain();
    let notes = (1..events).map(|seq| {
        event(
            seq,
            Body::NoteWritten { note: format!("n{seq}"), step: Some("stage-old".into()), text: "the window is open".into() },
        )
    });
    std::iter::once(event(0, opened("s1", &filling))).chain(notes).collect()
}

/// The bytes of one line with its checksum made right again, as a forger would.
fn resummed(line: &[u8]) -> Vec<u8> {
    let head = &line[..line.len() - 17];
    [head, format!("\"sum\":\"{:08x}\"}}", crc32c::crc32c(head)).as_bytes()].concat()
}

fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
    bytes.split_inclusive(|byte| *byte == b'\n').map(|line| line[..line.len() - 1].to_vec()).collect()
}

fn joined(lines: &[Vec<u8>]) -> Vec<u8> {
    lines.iter().flat_map(|line| line.iter().copied().chain([b'\n'])).collect()
}

fn damage(bytes: &[u8]) -> (u64, String) {
    match Journal::read(bytes).ending {
        Ending::Damaged(damage) => (damage.line, damage.to_string()),
        other => panic!("taken for {other:?}"),
    }
}

#[test]
fn a_line_has_these_bytes() {
    let body = Body::NoteWithdrawn { note: "n1".into() };
    let line = encode(&event(3, body), Digest::of(b"before")).expect("a line");
    let text = String::from_utf8(line.clone()).expect("UTF-8");
    let before_prev = concat!(
        r#"{"v":1,"seq":3,"at":"2026-11-21T03:00:03Z","wall":"2026-11-21T03:00:03Z","mono":3000,"#,
        r#""by":{"user":"anna","host":"PAW7","program":"lockstep 0.1.0"},"type":"note_withdrawn","data":{"note":"n1"},"#,
    );
    assert!(text.starts_with(before_prev), "{text}");
    assert_eq!(text[before_prev.len()..], format!("\"prev\":\"{}\",{}", Digest::of(b"before"), &text[text.len() - 17..]));
    assert_eq!(resummed(&line), line);
}

#[test]
fn the_first_line_is_tied_to_its_session() {
    let events = short_session(1);
    let line = &lines(&journal_of(&events))[0];
    assert_eq!(decode(line).expect("a line").prev, Digest::of(b"lockstep/session/v1\ns1"));
}

#[test]
fn every_kind_is_named_and_covered() {
    let bodies = every_body("s1", &Filling::plain());
    let named: Vec<&str> = bodies.iter().map(Body::kind).filter(|kind| *kind != "planet_aligned").collect();
    assert_eq!(named, KINDS);
    for body in bodies.iter().filter(|body| !matches!(body, Body::Unknown { .. })) {
        assert_eq!(serde_json::to_value(body).expect("JSON")["type"], body.kind());
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<i32>().prop_map(|n| Value::Double(f64::from(n) / 4.0)),
        any::<String>().prop_map(Value::Text),
        any::<String>().prop_map(Value::Unknown),
        (0i64..4_000_000_000).prop_map(|s| Value::DateTime(chrono::DateTime::from_timestamp(s, 0).expect("a time"))),
        (-1_000_000i64..1_000_000).prop_map(|ms| Value::TimeSpan(chrono::TimeDelta::milliseconds(ms))),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec(("[a-zA-Z \"\\\\]{0,6}", inner), 0..4)
                .prop_map(|pairs| Value::Object(Record::from_iter(pairs))),
        ]
    })
}

fn any_filling() -> impl Strategy<Value = Filling> {
    (any::<String>(), any_value(), 0i64..4_000_000_000, 0u32..1_000_000_000, any::<u64>()).prop_map(
        |(text, value, seconds, nanos, number)| Filling {
            text,
            value,
            time: chrono::DateTime::from_timestamp(seconds, nanos).expect("a time"),
            number,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_again(filling in any_filling(), session in any::<String>()) {
        let events = every_event(&session, &filling);
        let bytes = journal_of(&events);
        let journal = Journal::read(&bytes);
        prop_assert_eq!(&journal.ending, &Ending::Intact);
        prop_assert_eq!(journal.length, bytes.len());
        prop_assert_eq!(journal.chain.head(), lines(&bytes).last().map(|line| Digest::of(line)));
        prop_assert!(journal.events == events);
    }

    #[test]
    fn anything_is_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), at in 0usize..2000) {
        let mut journal = journal_of(&short_session(4));
        let at = at % journal.len();
        journal.splice(at..at, bytes.clone());
        let read = Journal::read(&journal);
        prop_assert!(bytes.is_empty() || read.ending != Ending::Intact);
        Journal::read(&bytes);
    }
}

#[test]
fn no_flipped_bit_is_taken_for_intact() {
    let events = short_session(5);
    let bytes = journal_of(&events);
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            let journal = Journal::read(&flipped);
            assert_ne!(journal.ending, Ending::Intact, "byte {at}, bit {bit}");
            assert!(events.starts_with(&journal.events), "byte {at}, bit {bit}: a wrong event");
            if let Ending::Torn { .. } = journal.ending {
                assert_eq!(at, bytes.len() - 1, "byte {at}, bit {bit}: an acknowledged line would be cut");
            }
        }
    }
}

#[test]
fn a_cut_anywhere_leaves_a_shorter_journal() {
    let events = short_session(5);
    let bytes = journal_of(&events);
    for length in 0..bytes.len() {
        let journal = Journal::read(&bytes[..length]);
        let whole = bytes[..length].split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n")).count();
        assert_eq!(journal.events, events[..whole], "cut at {length}");
        let torn = length - journal.length;
        assert_eq!(journal.ending, if torn == 0 { Ending::Intact } else { Ending::Torn { bytes: torn } }, "cut at {length}");
    }
}

#[test]
fn a_forged_line_is_found_with_its_number() {
    let original = lines(&journal_of(&short_session(6)));
    for victim in 0..5 {
        let mut forged = original.clone();
        let text = String::from_utf8(forged[victim].clone()).expect("UTF-8").replace("anna", "otto");
        forged[victim] = resummed(text.as_bytes());
        let (line, words) = damage(&joined(&forged));
        assert_eq!(line, victim as u64 + 1, "{words}");
        assert!(words.contains(&Digest::of(&forged[victim]).to_string()), "{words}");
    }
}

#[test]
fn a_line_taken_out_put_in_or_moved_is_found() {
    let original = lines(&journal_of(&short_session(6)));
    let mut without = original.clone();
    without.remove(3);
    assert_eq!(
        damage(&joined(&without)),
        (4, "line 4 is damaged: expected event 3, found event 4: lines were taken out, put in or moved".into())
    );
    let mut twice = original.clone();
    twice.insert(3, original[2].clone());
    assert_eq!(damage(&joined(&twice)).0, 4);
    let mut swapped = original.clone();
    swapped.swap(2, 3);
    assert_eq!(damage(&joined(&swapped)).0, 3);
    assert_eq!(damage(&joined(&original[1..])).0, 1);
}

#[test]
fn a_line_of_another_session_is_found() {
    let mut mixed = lines(&journal_of(&short_session(4)));
    let filling = Filling { text: "another".into(), ..Filling::plain() };
    let other: Vec<Event> = every_event("s2", &filling).into_iter().take(4).collect();
    mixed[2] = lines(&journal_of(&other))[2].clone();
    assert_eq!(damage(&joined(&mixed)).0, 3);
    let renamed = String::from_utf8(mixed[0].clone()).expect("UTF-8").replace(r#""session":"s1""#, r#""session":"s3""#);
    mixed[0] = resummed(renamed.as_bytes());
    let (line, words) = damage(&joined(&mixed));
    assert_eq!(line, 1);
    assert!(words.contains("anchor"), "{words}");
}

#[test]
fn unwritten_sectors_at_the_end_are_torn_and_elsewhere_damage() {
    let bytes = journal_of(&short_session(400));
    let from = bytes.len() - 2000;
    let sector = from.next_multiple_of(512);
    let mut near = bytes.clone();
    near[sector..sector + 512].fill(0);
    let journal = Journal::read(&near);
    assert_eq!(journal.ending, Ending::Torn { bytes: bytes.len() - journal.length });
    assert!(journal.length <= sector && sector - journal.length < 1024);

    let mut far = bytes.clone();
    far[5120..5632].fill(0);
    assert!(matches!(Journal::read(&far).ending, Ending::Damaged(_)));

    let extended = [bytes.clone(), vec![0; 3000]].concat();
    assert_eq!(Journal::read(&extended).ending, Ending::Torn { bytes: 3000 });
}

#[test]
fn a_later_format_is_said_and_not_called_damage() {
    let mut original = lines(&journal_of(&short_session(3)));
    original.push(br#"{"v":2,"sequence":3,"anything":"else"}"#.to_vec());
    let journal = Journal::read(&joined(&original));
    assert_eq!(journal.ending, Ending::Newer { line: 4, v: 2 });
    assert_eq!(journal.events.len(), 3);
}

#[test]
fn what_two_readers_could_read_differently_is_refused() {
    let line = String::from_utf8(lines(&journal_of(&short_session(2)))[1].clone()).expect("UTF-8");
    let cases = [
        (line.replace(r#""data":{"#, r#""data":{"note":"other","#), "twice"),
        (line.replace(r#""data":{"#, r#""data":{"n\u006fte":"other","#), "twice"),
        (line.replace(r#"{"v":1,"#, r#"{"v":1,"v":1,"#), "twice"),
        (line.replace(r#","seq""#, r#", "seq""#), "white space"),
        (line.replace(r#"{"v":1"#, r#"{"v":01"#), "format 01"),
        (line.replace(r#""mono":1000,"#, ""), "the fields v seq at"),
        (line.replace(r#""mono":1000"#, r#""mono":-1"#), "mono"),
        (line.replace(r#""mono":1000"#, r#""mono":1000,"more":1"#), "the fields v seq at"),
        (line.replace("2026-11-21T03:00:01Z", "yesterday"), "a UTC time"),
        (line.replace(r#""text":"the window is open""#, r#""text":7"#), "the data of \"note_written\""),
    ];
    for (forged, words) in cases {
        assert_ne!(forged, line);
        match decode(&resummed(forged.as_bytes())) {
            Err(fault @ Fault::Broken { .. }) => assert!(fault.to_string().contains(words), "{fault}"),
            other => panic!("{words}: {other:?}"),
        }
    }
    for appended in [" ", "\r", "x"] {
        assert!(decode(format!("{line}{appended}").as_bytes()).is_err());
    }
    let mut latin = line.clone().into_bytes();
    latin[100] = 0xe4;
    assert!(decode(&latin).expect_err("no UTF-8").to_string().contains("0xe4 at column 101"));
}

#[test]
fn an_unknown_type_is_kept_as_it_is() {
    let line = String::from_utf8(lines(&journal_of(&short_session(2)))[1].clone()).expect("UTF-8");
    let later = resummed(line.replace("note_written", "moon_phase").as_bytes());
    let Body::Unknown { kind, data } = decode(&later).expect("a line").event.body else { panic!("not kept") };
    assert_eq!(kind, "moon_phase");
    assert_eq!(data.to_string(), r#"{"note":"n1","step":"stage-old","text":"the window is open"}"#);
}

#[test]
fn a_chain_takes_only_the_next_event() {
    let mut chain = Chain::new();
    assert!(chain.append(&event(0, Body::NoteWithdrawn { note: "n1".into() })).is_err());
    assert!(chain.append(&event(1, opened("s1", &Filling::plain()))).is_err());
    assert_eq!(chain, Chain::new());
    chain.append(&event(0, opened("s1", &Filling::plain()))).expect("the first event");
    assert_eq!((chain.events(), chain.head().is_some()), (1, true));
}

#[test]
fn a_clock_set_back_does_not_break_a_chain() {
    let mut events = short_session(3);
    events[2].at = time("2020-01-01T00:00:00Z");
    assert_eq!(Journal::read(&journal_of(&events)).ending, Ending::Intact);
}

#[test]
fn a_long_journal_that_is_read_in_shares_is_judged_line_by_line_all_the_same() {
    let events = short_session(5_000);
    let bytes = journal_of(&events);
    let whole = Journal::read(&bytes);
    assert_eq!((whole.ending, whole.chain.events(), whole.length), (Ending::Intact, 5_000, bytes.len()));
    assert_eq!(whole.events, events);

    let mut changed = lines(&bytes);
    let place = changed[3_700].len() / 2;
    changed[3_700][place] ^= 1;
    assert_eq!(damage(&joined(&changed)).0, 3_701);
    changed[3_700][place] ^= 1;
    changed.remove(4_100);
    assert_eq!(damage(&joined(&changed)).0, 4_101);

    let torn = Journal::read(&bytes[..bytes.len() - 20]);
    assert_eq!(torn.chain.events(), 4_999);
    assert_eq!(torn.ending, Ending::Torn { bytes: bytes.len() - 20 - torn.length });
}

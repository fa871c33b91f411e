//! The codec against cut, dirty and hostile bytes, and a whole conversation between both sides.

use proptest::prelude::*;
use serde_json::{Map, json};

use super::decode::{MAX_LINE, MAX_NOISE};
use super::encode::{MAX_TEXT, request_line};
use super::*;

const NONCE: &str = "0123456789abcdef";

fn out(text: &str) -> Frame {
    Frame::Out(Out { id: "r1".into(), s: Stream::Stdout, d: text.into(), err: None, a: None, pct: None, done: None })
}

fn all(bytes: &[u8]) -> Vec<Incoming> {
    Decoder::new(NONCE).feed(bytes)
}

fn frames(incoming: &[Incoming]) -> Vec<&Frame> {
    incoming.iter().filter_map(|i| if let Incoming::Frame(frame) = i { Some(frame) } else { None }).collect()
}

#[test]
fn a_recorded_session_decodes() {
    let session = include_str!("../../tests/fixtures/rb1/session.jsonl");
    let mut decoder = Decoder::new(NONCE);
    let mut ends = 0;
    for line in session.lines() {
        let line: serde_json::Value = serde_json::from_str(line).expect("fixture");
        if line["from"] != "agent" {
            continue;
        }
        let found = decoder.feed(format!("{}\n", line["line"].as_str().expect("line")).as_bytes());
        assert!(matches!(found.as_slice(), [Incoming::Frame(_)]), "{found:?}");
        ends += usize::from(matches!(found[0], Incoming::Frame(Frame::End { .. })));
    }
    assert_eq!(ends, 18);
}

#[test]
fn noise_stands_around_frames_and_a_forged_nonce_is_noise() {
    let mut writer = FrameWriter::new(NONCE);
    let mut bytes = b"Welcome\r\n\r\n@RB1 ffffffffffffffff {\"t\":\"bye\",\"n\":1}\nPS C:\\> ".to_vec();
    bytes.extend(writer.write(&out("a")));
    bytes.extend(b"nul \0 byte\n");
    bytes.extend(writer.write(&Frame::Bye));
    let found = all(&bytes);
    assert_eq!(frames(&found), [&out("a"), &Frame::Bye]);
    let noise: Vec<_> = found.iter().filter(|i| matches!(i, Incoming::Noise(_))).collect();
    assert_eq!(noise.len(), 4, "{found:?}");
    assert_eq!(noise[2], &Incoming::Noise("PS C:\\> ".into()));
}

#[test]
fn a_gap_a_double_and_a_missing_number_break_the_stream_for_good() {
    for second in [r#"{"t":"bye","n":3}"#, r#"{"t":"bye","n":1}"#, r#"{"t":"bye"}"#, "{\"t\":\"bye\",\"n\":2"] {
        let bytes = format!("@RB1 {NONCE} {{\"t\":\"bye\",\"n\":1}}\n@RB1 {NONCE} {second}\nlater\n");
        let found = all(bytes.as_bytes());
        assert!(matches!(found.as_slice(), [Incoming::Frame(Frame::Bye), Incoming::Broken(_)]), "{second}: {found:?}");
    }
}

#[test]
fn what_a_later_agent_adds_is_ignored_but_counted() {
    let bytes = format!(
        "@RB1 {NONCE} {{\"t\":\"weather\",\"n\":1}}\n@RB1 {NONCE} {{\"t\":\"out\",\"id\":\"r\",\"s\":\"json\",\"v\":1,\"n\":2}}\n\
         @RB1 {NONCE} {{\"t\":\"pong\",\"id\":\"p\",\"mood\":\"good\",\"n\":3}}\n"
    );
    assert_eq!(frames(&all(bytes.as_bytes())), [&Frame::Other, &Frame::Other, &Frame::Pong { id: "p".into() }]);
}

#[test]
fn half_a_surrogate_pair_becomes_the_replacement_character() {
    let bytes = format!(
        "@RB1 {NONCE} {{\"t\":\"out\",\"id\":\"r1\",\"s\":\"stdout\",\"d\":\"\\\\\\ud83d\\ude00 \\ud800x \\udc00\",\"n\":1}}\n"
    );
    assert_eq!(frames(&all(bytes.as_bytes())), [&out("\\\u{1f600} \u{fffd}x \u{fffd}")]);
}

#[test]
fn overlong_lines_are_cut_as_noise_and_broken_as_frames() {
    let long = "x".repeat(MAX_LINE + 10);
    let mut bytes = format!("{long}{long}\n").into_bytes();
    bytes.extend(FrameWriter::new(NONCE).write(&Frame::Bye));
    let found = chunked(&bytes, 4096);
    assert!(matches!(&found[0], Incoming::Noise(text) if text.len() == MAX_NOISE));
    assert_eq!(found[1..], [Incoming::Frame(Frame::Bye)]);

    let frame = format!("@RB1 {NONCE} {{\"t\":\"out\",\"d\":\"{long}\"");
    assert!(matches!(chunked(frame.as_bytes(), 4096).as_slice(), [Incoming::Broken(_)]));
}

#[test]
fn the_end_of_the_stream_inside_a_frame_is_told() {
    let mut decoder = Decoder::new(NONCE);
    decoder.feed(format!("@RB1 {NONCE} {{\"t\":\"b").as_bytes());
    assert!(matches!(decoder.finish(), Some(Incoming::Broken(_))));
    let mut decoder = Decoder::new(NONCE);
    decoder.feed(b"no newline");
    assert_eq!(decoder.finish(), Some(Incoming::Noise("no newline".into())));
}

#[test]
fn long_text_is_split_between_characters() {
    let text = "\u{20ac}".repeat(MAX_TEXT);
    let bytes = FrameWriter::new(NONCE).write(&out(&text));
    assert!(bytes.split(|b| *b == b'\n').all(|line| line.len() < 64 * 1024));
    let found = all(&bytes);
    let joined: String =
        frames(&found).iter().map(|frame| if let Frame::Out(out) = frame { out.d.as_str() } else { "" }).collect();
    assert_eq!(joined, text);
}

fn chunked(bytes: &[u8], size: usize) -> Vec<Incoming> {
    let mut decoder = Decoder::new(NONCE);
    bytes.chunks(size).flat_map(|chunk| decoder.feed(chunk)).collect()
}

fn any_frame() -> impl Strategy<Value = Frame> {
    let text = "(?s).{0,40}";
    prop_oneof![
        text.prop_map(|d| out(&d)),
        (text, any::<Option<i64>>(), any::<bool>()).prop_map(|(why, exit, errors)| Frame::End {
            id: "r1".into(),
            state: "Completed".into(),
            why: Some(why),
            errors,
            exit,
            ms: 3,
            err: None,
            dropped: 0,
        }),
        (text, any::<i64>()).prop_map(|(key, n)| Frame::Reading {
            id: "r1".into(),
            group: Group::Core,
            server_utc: "2026-11-21T03:00:00Z".into(),
            ms: 1,
            values: Map::from_iter([(key, json!({ "a": [n, null, true] }))]),
            errors: std::collections::BTreeMap::new(),
        }),
        Just(Frame::Bye),
    ]
}

proptest! {
    #[test]
    fn frames_come_back_whatever_the_cut(list in prop::collection::vec(any_frame(), 1..6), size in 1usize..50) {
        let mut writer = FrameWriter::new(NONCE);
        let bytes: Vec<u8> = list.iter().flat_map(|frame| writer.write(frame)).collect();
        prop_assert!(bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n')));
        let found = chunked(&bytes, size);
        prop_assert_eq!(frames(&found), list.iter().collect::<Vec<_>>());
        prop_assert_eq!(found.len(), list.len());
    }

    #[test]
    fn any_bytes_are_borne(bytes in prop::collection::vec(any::<u8>(), 0..300), size in 1usize..20) {
        let found = chunked(&bytes, size);
        prop_assert!(found.iter().all(|incoming| matches!(incoming, Incoming::Noise(_))));
    }

    #[test]
    fn requests_come_back_and_are_ascii(script in "(?s).{0,80}", value in "(?s).{0,20}", timeout_ms: Option<u64>, into: bool) {
        let vars = Map::from_iter([("Text".to_owned(), json!(value))]);
        let request = Request::Run { id: "r1".into(), script, command: None, vars, timeout_ms, into };
        let line = request_line(&request);
        prop_assert!(line[..line.len() - 1].iter().all(|byte| matches!(byte, b' '..=b'~')));
        prop_assert_eq!(parse_request(std::str::from_utf8(&line).expect("ASCII")), Ok(request));
    }
}

/// Both sides, wired: what the client sends the agent hears, byte by byte where `size` is 1.
fn converse(client: &mut Client, agent: &mut AgentSide, size: usize, mut to_agent: Vec<u8>) -> Vec<Turn> {
    let mut writer = None;
    let mut seen = Vec::new();
    while !to_agent.is_empty() {
        let mut to_client = Vec::new();
        for heard in std::mem::take(&mut to_agent).chunks(size).flat_map(|chunk| agent.feed(chunk)).collect::<Vec<_>>() {
            let frame = match heard {
                Heard::StageOne { nonce } => {
                    writer = Some(FrameWriter::new(&nonce));
                    Frame::Ready
                }
                Heard::Script(text) => {
                    assert_eq!(text, "one\n. not the end\ntwo\n");
                    Frame::Hello(Hello { proto: 1, ..Hello::default() })
                }
                Heard::Request(Ok(Request::Ping { id })) => Frame::Pong { id },
                Heard::Request(other) => Frame::Oops { message: other.err(), err: None },
                Heard::Nonsense(why) => panic!("{why}"),
            };
            to_client.extend(writer.as_mut().expect("nonce").write(&frame));
        }
        for turn in to_client.chunks(size).flat_map(|chunk| client.feed(chunk)).collect::<Vec<_>>() {
            match turn {
                Turn::Send(bytes) => to_agent.extend(bytes),
                turn => seen.push(turn),
            }
        }
    }
    seen
}

#[test]
fn the_bootstrap_of_both_sides_fits() {
    for size in [1, 7, 100_000] {
        let mut client = Client::new(NONCE.into(), "one\r\n. not the end\r\ntwo");
        let mut agent = AgentSide::new();
        let opening = client.opening();
        assert_eq!(opening.iter().position(|byte| *byte == b'\n'), Some(opening.len() - 1), "stage 1 is one line");
        let seen = converse(&mut client, &mut agent, size, opening);
        assert!(matches!(seen.as_slice(), [Turn::Frame(Frame::Hello(_))]), "{seen:?}");
        assert!(client.is_live());
    }
}

#[test]
fn another_protocol_is_refused() {
    let mut client = Client::installed(NONCE.into());
    let hello = Frame::Hello(Hello { proto: 2, ..Hello::default() });
    let turns = client.feed(&FrameWriter::new(NONCE).write(&hello));
    assert!(matches!(turns.as_slice(), [Turn::OtherProtocol(2)]), "{turns:?}");
}

#[test]
fn answers_to_another_request_are_noise() {
    let mut client = Client::installed(NONCE.into());
    let mut writer = FrameWriter::new(NONCE);
    client.feed(&writer.write(&Frame::Hello(Hello { proto: 1, ..Hello::default() })));
    client.request(&Request::Run {
        id: "r1".into(),
        script: String::new(),
        command: None,
        vars: Map::new(),
        timeout_ms: None,
        into: false,
    });
    let stray = Frame::Started { id: "r0".into(), sha256: String::new() };
    assert!(matches!(client.feed(&writer.write(&stray)).as_slice(), [Turn::Noise(_)]));
    assert_eq!(client.feed(&writer.write(&out("x"))), [Turn::Frame(out("x"))]);
    assert_eq!(client.open(), Some("r1"));
    let end = r#"{"t":"end","id":"r1","state":"Completed","n":4}"#;
    client.feed(format!("@RB1 {NONCE} {end}\n").as_bytes());
    assert_eq!(client.open(), None);
}

#[test]
fn a_banner_without_end_is_given_up() {
    let mut client = Client::new(NONCE.into(), "x");
    let line = format!("{}\n", "b".repeat(60_000));
    let turns: Vec<_> = (0..20).flat_map(|_| client.feed(line.as_bytes())).collect();
    assert!(matches!(turns.last(), Some(Turn::Broken(_))));
}

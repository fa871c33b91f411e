//! What must hold for any text from outside.

use proptest::prelude::*;

use super::sanitize::{LINE_CAP, LineSanitizer, Safe};
use super::width::{pad, split_at_width, truncate, truncate_start, width};
use super::wrap::{wrap, wrap_runs};

fn lines(bytes: &[u8]) -> (Vec<String>, u64) {
    let (mut out, mut sanitizer) = (Vec::new(), LineSanitizer::new());
    sanitizer.push(bytes, |line| out.push(line.into_string()));
    out.extend(sanitizer.finish().map(Safe::into_string));
    (out, sanitizer.removed())
}

fn one(text: &str) -> String {
    Safe::line(text).into_string()
}

#[test]
fn controls_are_shown_and_not_obeyed() {
    assert_eq!(one("a\u{0}b\u{7}c\u{7f}"), "a␀b␇c␡");
    assert_eq!(one("user\u{202e}gpj.exe"), "user⟨U+202E⟩gpj.exe");
    assert_eq!(one("a\u{200b}b\u{e0041}c\u{2028}d\u{e000}\u{9b}31m"), "a⟨U+200B⟩b⟨U+E0041⟩c⟨U+2028⟩d⟨U+E000⟩⟨U+009B⟩31m");
    assert_eq!(one("two\nlines"), "two ⏎ lines");
}

#[test]
fn colours_vanish_and_other_sequences_leave_a_mark() {
    assert_eq!(lines(b"\x1b[31;1mred\x1b[0m"), (vec!["red".to_owned()], 0));
    assert_eq!(lines(b"a\x1b]52;c;ZXZpbA==\x07b\x1b[2Jc\x1bP+q544e\x1b\\d"), (vec!["a␛b␛c␛d".to_owned()], 3));
    assert_eq!(lines(b"a \x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\ b"), (vec!["a ␛link␛ b".to_owned()], 2));
}

#[test]
fn a_line_end_ends_every_sequence() {
    assert_eq!(lines(b"a\x1b]0;title\nnext\n"), (vec!["a␛".to_owned(), "next".to_owned()], 1));
    assert_eq!(lines(b"tail\x1b["), (vec!["tail␛".to_owned()], 1));
    let flood = [b"\x1b]0;".as_slice(), &b"x".repeat(9_000)].concat();
    assert!(lines(&flood).0[0].len() > 4_000, "a string sequence is given up after its cap");
}

#[test]
fn a_carriage_return_overwrites_and_a_tab_goes_to_its_stop() {
    assert_eq!(lines(b"50%\r100%\r\nend\r\n").0, ["100%", "end"]);
    assert_eq!(one("ab\tc\t\td"), "ab      c               d");
    assert_eq!(lines("\u{feff}first".as_bytes()).0, ["first"]);
    assert_eq!(lines(b"caf\xe9!").0, ["caf\u{fffd}!"]);
}

#[test]
fn marks_are_bounded_and_never_stand_alone() {
    assert_eq!(one(&format!("e{}x", "\u{301}".repeat(9))), format!("e{}⟨+5 marks⟩x", "\u{301}".repeat(4)));
    assert_eq!(one("\u{301}"), "\u{25cc}\u{301}");
}

#[test]
fn a_long_line_is_cut_and_says_so() {
    let line = one(&"x".repeat(LINE_CAP + 10));
    assert!(line.ends_with(" ⟨10 more characters⟩"));
}

#[test]
fn wrapping_keeps_words_whole_where_it_can() {
    assert_eq!(wrap("Never promote the other server first", 14), ["Never promote", "the other", "server first"]);
    assert_eq!(wrap("abcdefghij kl", 4), ["abcd", "efgh", "ij", "kl"]);
    assert_eq!(wrap("", 4), [""]);
    assert_eq!(wrap("  code", 10), ["  code"]);
    assert_eq!(wrap("Connect-MsolService $old.Scheduler", 20), ["Connect-MsolService", "$old.Scheduler"]);
    let styled = wrap_runs(&[("one ", 1), ("two", 2), (", three", 1)], 8);
    assert_eq!(styled, vec![vec![("one ".into(), 1), ("two".into(), 2), (",".into(), 1)], vec![("three".into(), 1)]]);
}

/// Bytes a hostile server would send: text, controls, sequences, broken UTF-8.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        ".*".prop_map(String::into_bytes),
        proptest::collection::vec(any::<u8>(), 0..20),
        prop_oneof![
            Just(b"\x1b[31m".to_vec()),
            Just(b"\x1b]0;x".to_vec()),
            Just(b"\x1b\\".to_vec()),
            Just(b"\x1bP".to_vec()),
            Just(b"\x9b2J".to_vec()),
            Just(b"\r".to_vec()),
            Just(b"\n".to_vec()),
            Just(b"\t".to_vec()),
            Just("\u{202e}\u{301}\u{301}\u{301}\u{301}\u{301}".as_bytes().to_vec()),
        ],
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_control_character_survives(bytes in hostile()) {
        for line in lines(&bytes).0 {
            for c in line.chars() {
                prop_assert!(!c.is_control() && !super::suspect::is_suspect(c), "{:?} in {:?}", c, line);
            }
        }
    }

    #[test]
    fn the_answer_does_not_depend_on_the_cuts(bytes in hostile(), cut in 1_usize..9) {
        let (mut out, mut sanitizer) = (Vec::new(), LineSanitizer::new());
        for piece in bytes.chunks(cut) {
            sanitizer.push(piece, |line| out.push(line.into_string()));
        }
        out.extend(sanitizer.finish().map(Safe::into_string));
        prop_assert_eq!((out, sanitizer.removed()), lines(&bytes));
    }

    #[test]
    fn nothing_printable_is_lost(text in "[a-zA-Z0-9 $'äöüß漢字→✓]{0,200}") {
        prop_assert_eq!(one(&text), text.clone());
        prop_assert_eq!(Safe::line(&one(&text)).into_string(), text);
    }

    #[test]
    fn widths_are_kept(text in "[a-z äé漢字✓👍🏽]{0,40}", columns in 0_usize..30) {
        prop_assert!(width(&truncate(&text, columns)) <= columns);
        prop_assert!(width(&truncate_start(&text, columns)) <= columns);
        prop_assert_eq!(width(&pad(&text, columns)), columns);
        let (head, tail) = split_at_width(&text, columns);
        prop_assert_eq!(format!("{head}{tail}"), text.clone());
    }

    #[test]
    fn wrapped_lines_fit_and_hold_every_word(text in "[a-z漢字 ]{0,80}", columns in 2_usize..30) {
        let lines = wrap(&text, columns);
        for line in &lines {
            prop_assert!(width(line) <= columns);
        }
        let squeeze = |text: &str| text.chars().filter(|c| *c != ' ').collect::<String>();
        prop_assert_eq!(squeeze(&lines.concat()), squeeze(&text));
    }
}

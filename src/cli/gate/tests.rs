use std::io::Write as _;

use clap::Parser;

use super::*;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    gate: GateArgs,
}

const FACTS: &str = r#"{ "old": { "Host": "EC01", "Idle": true, "Version": {"$version": "2.5.190.0"} },
  "new": { "Host": "EC02", "Idle": {"$unknown": "EC02 did not answer"} } }"#;

/// The verb's exit code and what it says.
fn gate(facts: &str, arguments: &[&str], stdin: &str) -> (u8, String) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(facts.as_bytes()).unwrap();
    let path = file.path().to_str().unwrap();
    let args = Cli::parse_from(["gate", "--facts", path].iter().chain(arguments)).gate;
    let mut out = Vec::new();
    let code = run(&args, &mut out, &mut stdin.as_bytes()).unwrap();
    (code, String::from_utf8(out).unwrap().replace(path, "FACTS"))
}

#[test]
fn every_line_is_answered_with_its_reason() {
    let (code, out) = gate(FACTS, &["$old.Idle", "-not $old.Idle", "$new.Idle"], "");
    assert_eq!(code, 1);
    assert_eq!(
        out,
        "True     $old.Idle\n         $old.Idle is True\n\
         False    -not $old.Idle\n         $old.Idle is True\n\
         Unknown  $new.Idle\n         $new.Idle is unknown: EC02 did not answer\n"
    );
    assert_eq!(gate(FACTS, &["$old.Idle"], "").0, 0);
}

#[test]
fn lines_come_from_stdin_and_answers_as_json() {
    let (code, out) = gate(FACTS, &["-", "--json"], "\u{feff}# ready?\r\n\r\n$old.Version -ge '2.5'\r\n$old.idel\n");
    assert_eq!(code, 1);
    assert_eq!(
        out,
        "{\"expr\":\"$old.Version -ge '2.5'\",\"result\":\"True\",\"why\":\"$old.Version is 2.5.190.0\"}\n\
         {\"expr\":\"$old.idel\",\"result\":\"Unknown\",\"why\":\"$old.idel is unknown: no such name $old.idel; did you mean Idle?\"}\n"
    );
}

#[test]
fn a_line_that_does_not_read_is_underlined() {
    let (code, out) = gate(FACTS, &["$old.Idle == $true"], "");
    assert_eq!(code, 1);
    assert_eq!(out, "Unknown  $old.Idle == $true\n                   ^^ PowerShell compares with -eq, not with ==; write -eq\n");
}

#[test]
fn bad_facts_say_where_and_what_to_do() {
    for (facts, words) in [
        (
            "{ \"old\": {\n  \"Idle\": tru } }",
            "FACTS:2:14: this is not JSON: expected ident; expected the output of lockstep status --json",
        ),
        ("[1]", "FACTS:1:1: expected an object with old, new, servers, …: the variables of gates"),
        (
            "{ \"old\": {\n  \"A\": {\"$timespan\": \"00:30:00\"},\n  \"Version\": {\"$version\": \"two\"} } }",
            "FACTS:3:15: $version takes a version such as 2.6.92.0, found 'two'",
        ),
    ] {
        assert_eq!(gate(facts, &["$true"], ""), (2, format!("error: {words}\n")));
    }
    let args = Cli::parse_from(["gate", "--facts", "no/such/file.json", "$true"]).gate;
    let mut out = Vec::new();
    assert_eq!(run(&args, &mut out, &mut io::empty()).unwrap(), 2);
    assert!(out.starts_with(b"error: no/such/file.json: cannot be read: "));
}

#[test]
fn what_a_file_says_cannot_move_the_terminal() {
    let (_, out) = gate(r#"{ "old": { "Host": "\u001b[2J" } }"#, &["$old.Host -eq ''"], "");
    assert!(!out.contains('\u{1b}'), "{out:?}");
}

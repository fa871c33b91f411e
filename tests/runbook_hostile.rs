//! Hostile files: whatever the bytes are, loading ends soon, never panics, and every place is within the text.

use lockstep::runbook::diagnostic::Style;
use lockstep::runbook::source::Lines;
use lockstep::runbook::{Loaded, load};
use proptest::prelude::*;

/// What holds for every file.
fn sound(bytes: &[u8]) -> Loaded {
    let loaded = load("x.md", bytes);
    let lines = Lines::of(&loaded.text);
    for diagnostic in loaded.diagnostics.iter().take(50) {
        let span = diagnostic.span.clone();
        assert!(span.start <= span.end && span.end <= loaded.text.len().max(bytes.len()), "{diagnostic:?}");
        assert!(!diagnostic.message.is_empty() && !diagnostic.message.contains('\n'), "{diagnostic:?}");
        let shown = diagnostic.render("x.md", &loaded.text, Style::Plain);
        assert!(shown.chars().all(|c| c == '\n' || !c.is_control()), "{shown:?}");
        assert!(lines.place(&loaded.text, span.start).0 >= 1);
    }
    if let Some(runbook) = &loaded.runbook {
        assert!(runbook.phases.iter().all(|phase| !phase.steps.is_empty()));
        for (_, step) in runbook.steps() {
            for command in step.commands() {
                assert!(loaded.text.get(command.span.clone()).is_some(), "{command:?}");
            }
            for line in step.gates().flat_map(|gate| &gate.lines) {
                assert_eq!(loaded.text.get(line.span.clone()), Some(line.text.as_str()));
            }
        }
    }
    loaded
}

const HEAD: &str = "---\nlockstep: 1\nroles: { old: { starts: active }, new: { starts: staging } }\n---\n";

#[test]
fn deep_and_long_input_is_an_error_or_text_and_never_a_hang() {
    let repeated = [
        "> ".repeat(200_000),
        "- ".repeat(200_000),
        (0..2_000).map(|depth| "  ".repeat(depth) + "- [ ] x\n").collect::<String>(),
        "[".repeat(500_000),
        "![".repeat(300_000),
        "*a_ ".repeat(250_000),
        "**".repeat(500_000),
        "`".repeat(1_000_000),
        "{{ ".repeat(300_000),
        "{{ a }} ".repeat(100_000),
        "<".repeat(500_000),
        "<!--".repeat(200_000),
        "|".repeat(500_000),
        format!("|a|\n|-|\n{}", "|x|\n".repeat(100_000)),
        "## A\n".repeat(100_000),
        "### {#a}\n".repeat(50_000),
        "a".repeat(1_000_000),
        "\u{202e}".repeat(100_000),
        "#".repeat(1_000_000),
        "&amp;".repeat(200_000),
        "[a]: b\n".repeat(100_000),
        "[a](#b) ".repeat(50_000),
    ];
    for text in repeated {
        sound(text.as_bytes());
        sound(format!("{HEAD}## A {{#a on=old}}\n\n{text}").as_bytes());
    }
}

#[test]
fn hostile_front_matter_and_forms() {
    for yaml in [
        "a: &a [*a]".to_owned(),
        "roles: ".to_owned() + &"[".repeat(100_000),
        "roles: ".to_owned() + &"{a: ".repeat(100_000),
        "? ".repeat(50_000),
        "<<: *x".to_owned(),
        "roles: !!binary x".to_owned(),
        "roles: !secret { old: {} }".to_owned(),
        "inputs: { a: { match: '(((((((((((((((x{1000}){1000}){1000})))))))))))))' } }".to_owned(),
        "never: [\"\\u202e\", '', ' ', \"a\\nb\"]".to_owned(),
        "title: \"\\x1b]0;x\\x07\"".to_owned(),
        "a: b\n".repeat(60_000),
        "roles:\n".to_owned()
            + &(0..20_000).map(|n| ["  r", &n.to_string(), ": { starts: active }\n"].concat()).collect::<String>(),
    ] {
        sound(format!("---\nlockstep: 1\n{yaml}\n---\n## A\n").as_bytes());
        sound(format!("---\n{yaml}\n---\n## A\n").as_bytes());
        sound(format!("{HEAD}## A\n\n```yaml {{form #f}}\n{yaml}\n```\n").as_bytes());
    }
}

#[test]
fn a_tab_in_a_name_does_not_reach_the_terminal_through_a_suggestion() {
    let form = "```yaml {form #f}\nb\tecomes: { label: What becomes of it }\n```\n\n";
    let loaded = sound(format!("{HEAD}## A\n\n{form}```powershell {{gate}}\n$forms.f.becomes -eq 'x'\n```\n").as_bytes());
    assert!(loaded.has_errors(), "{:?}", loaded.diagnostics);
}

/// Pieces that mean something to the format, to be put together at random.
fn piece() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "## A",
        "### B",
        "#### C",
        "# T",
        "\n",
        "\n\n",
        "\r\n",
        "- [ ] ",
        "- ",
        "1. ",
        "  ",
        "> ",
        "> [!CAUTION]\n> ",
        "```powershell",
        "```",
        "~~~",
        " {gate}",
        " {when}",
        " {gate keep=#a within=5m}",
        " {#a on=old}",
        "{form #f}",
        "```yaml {form #f}\n",
        "{{ new.Host }}",
        "{{",
        "}}",
        "![x](evidence:a)",
        "![x](y.png)",
        "[x](#a)",
        "$old.Idle",
        "-eq",
        "$null",
        "Get-Date -X",
        "---\n",
        "lockstep: 1\n",
        "`",
        "**",
        "_",
        "|",
        "|-|",
        "<br>",
        "<!--",
        "-->",
        "\u{feff}",
        "\u{202e}",
        "é",
        "😀",
        "\t",
        "(optional) ",
        ".aside",
        "makes=active",
        "\"",
        "'",
        "$Run.Inputs.x",
        "$(",
        ")",
        "#",
    ])
    .prop_map(str::to_owned);
    prop_oneof![8 => fixed, 1 => "\\PC{0,6}", 1 => any::<char>().prop_map(String::from)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        sound(&bytes);
    }

    #[test]
    fn any_arrangement_of_what_means_something(pieces in prop::collection::vec(piece(), 0..80), strict in any::<bool>()) {
        let head = if strict { HEAD } else { "" };
        let loaded = sound(format!("{head}{}", pieces.concat()).as_bytes());
        if !loaded.runbook.as_ref().is_some_and(|runbook| runbook.strict) && !loaded.text.contains('\0') {
            prop_assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
        }
    }

    #[test]
    fn carriage_returns_change_nothing(pieces in prop::collection::vec(piece(), 0..60)) {
        let text = format!("{HEAD}{}", pieces.concat().replace(['\r', '\0'], ""));
        let one = load("x.md", text.as_bytes());
        let other = load("x.md", text.replace('\n', "\r\n").as_bytes());
        let shape = |loaded: &Loaded| -> Vec<(String, Vec<String>, Vec<String>)> {
            let runbook = loaded.runbook.as_ref().expect("text");
            let one = |step: &lockstep::runbook::model::Step| {
                let commands = step.commands().map(|command| command.text.clone()).collect();
                (step.id.0.clone(), commands, step.items().iter().map(|item| item.id.0.clone()).collect())
            };
            runbook.steps().map(|(_, step)| one(step)).collect()
        };
        prop_assert_eq!(shape(&one), shape(&other));
    }
}

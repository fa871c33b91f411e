//! Runbooks from files: everything the format names, plain how-tos, and places in the text.

use lockstep::facts::ServerName;
use lockstep::runbook::ids::StepId;
use lockstep::runbook::model::{AlertKind, Block, FieldKind, Inline, Keep, Makes, RunMode, Runbook, Starts};
use lockstep::runbook::{Loaded, load, walk::plain};

fn read(text: &str) -> Loaded {
    load("test.md", text.as_bytes())
}

/// A runbook with two roles around a body.
fn runbook(body: &str) -> Loaded {
    let head = "---\nlockstep: 1\nroles:\n  old: { starts: active }\n  new: { starts: staging }\n---\n";
    read(&format!("{head}{body}"))
}

fn model(loaded: &Loaded) -> &Runbook {
    loaded.runbook.as_ref().expect("a runbook")
}

fn rules(loaded: &Loaded) -> Vec<&str> {
    loaded.diagnostics.iter().map(|diagnostic| diagnostic.rule).collect()
}

fn at<'a>(loaded: &'a Loaded, rule: &str) -> &'a str {
    let found = loaded.diagnostics.iter().find(|diagnostic| diagnostic.rule == rule);
    let span = found.unwrap_or_else(|| panic!("no {rule} among {:?}", loaded.diagnostics)).span.clone();
    &loaded.text[span]
}

#[test]
fn the_example_of_the_format_loads_clean() {
    let loaded = load("swap.md", include_bytes!("fixtures/runbooks/swap.md"));
    assert_eq!(loaded.diagnostics, []);
    let runbook = model(&loaded);
    assert!(runbook.strict);
    assert_eq!(runbook.title, "Swap the active role");
    assert_eq!(
        runbook.roles.iter().map(|role| (role.name.as_str(), role.starts)).collect::<Vec<_>>(),
        [("old", Starts::Active), ("new", Starts::Staging)]
    );
    assert_eq!(runbook.inputs[0].matches.as_deref(), Some(r"^CHG\d{7}$"));
    assert_eq!(runbook.phases.iter().map(|phase| phase.id.as_str()).collect::<Vec<_>>(), ["before", "swap"]);
    let promote = runbook.step(&StepId::from("promote")).expect("promote").1;
    assert_eq!((promote.makes, promote.on.as_ref().map(ServerName::as_str)), (Some(Makes::Active), Some("new")));
    let gate = promote.gates().next().expect("a gate");
    assert_eq!((gate.lines.len(), gate.keep.clone(), gate.within.map(|d| d.as_secs())), (2, Keep::ToTheEnd, Some(1_800)));
    let stage = runbook.step(&StepId::from("stage-old")).expect("stage-old").1;
    assert_eq!(stage.alerts().next().map(|alert| alert.kind), Some(AlertKind::Caution));
    assert_eq!(stage.wanted().next().map(|wanted| wanted.id.as_str()), Some("evidence:stage_old"));
    assert_eq!(stage.items().len(), 2);
}

#[test]
fn every_condition_is_where_it_stands() {
    let loaded = load("swap.md", include_bytes!("fixtures/runbooks/swap.md"));
    for (_, step) in model(&loaded).steps() {
        for gate in step.gates() {
            for line in &gate.lines {
                assert_eq!(loaded.text[line.span.clone()], line.text);
            }
        }
    }
}

#[test]
fn commands_take_the_nearest_server_and_their_attributes() {
    let body = "## P {on=old}\n\n### S {#s on=new}\n\n```powershell {#c run=type timeout=1h30m into=found rollback=#s}\n\
        Get-Item $Run.Inputs.share\n```\n\n```Output\nMode\n```\n\n```powershell {on=old}\nGet-Date\n```\n\n### T\n\n```powershell\nGet-Date\n```\n";
    let loaded = runbook(body);
    let steps: Vec<_> = model(&loaded).steps().map(|(_, step)| step).collect();
    let first: Vec<_> = steps[0].commands().collect();
    assert_eq!(first[0].id.as_str(), "c");
    assert_eq!(first[0].run, RunMode::Type);
    assert_eq!(first[0].timeout.map(|d| d.as_secs()), Some(5_400));
    assert_eq!((first[0].into.as_deref(), first[0].rollback.as_deref()), (Some("found"), Some("s")));
    assert_eq!(first[0].wants, ["Inputs.share"]);
    assert_eq!(first[0].sample.as_deref(), Some("Mode"));
    assert_eq!(first[0].text, "Get-Item $Run.Inputs.share");
    assert_eq!(loaded.text[first[0].span.clone()], first[0].text);
    let servers: Vec<_> = steps.iter().flat_map(|step| step.commands()).map(|c| c.on.as_ref().map(ServerName::as_str)).collect();
    assert_eq!(servers, [Some("new"), Some("old"), Some("old")]);
}

#[test]
fn an_introduction_with_work_is_a_step_and_its_when_is_the_phases() {
    let body = "## One {#one}\n\n```powershell {when}\n$old.Reachable\n```\n\n- [ ] do it\n\n## Two {#two}\n\nwords\n\n### S {#s}\n\n- [ ] x\n\n## Three {#three}\n\nwords\n";
    let loaded = runbook(body);
    let phases = &model(&loaded).phases;
    assert_eq!(phases[0].steps[0].id.as_str(), "one");
    assert!(phases[0].when.is_some() && phases[0].steps[0].when.is_none());
    assert_eq!(phases[1].steps.len(), 1);
    assert_eq!(phases[1].intro.len(), 1);
    assert_eq!(phases[2].steps[0].title, "Three", "a phase without a step is one step to read");
}

#[test]
fn asides_say_what_offers_them_and_what_they_reopen() {
    let body = "## A {#a}\n\n### S {#s}\n\n- [ ] x\n\n## Back {#back .aside for=dual-active,none-active reopens=s}\n\n- [ ] y\n";
    let loaded = runbook(body);
    let aside = model(&loaded).phases[1].aside.as_ref().expect("an aside");
    assert_eq!(aside.for_findings, ["dual-active", "none-active"]);
    assert_eq!(aside.reopens, [StepId::from("s")]);
}

#[test]
fn work_within_lists_and_quotes_moves_to_the_steps_level() {
    let body = "## A {#a on=old}\n\n1. First\n2. Second\n\n   ```powershell\n   Get-Date\n     -Indented\n   ```\n3. Third\n   - [ ] box\n   - [ ] box\n     - [ ] nested\n\n> [!WARNING]\n> Careful\n> - [ ] inner\n";
    let loaded = runbook(body);
    let step = &model(&loaded).phases[0].steps[0];
    let kinds: Vec<_> = step
        .blocks
        .iter()
        .map(|block| match block {
            Block::List { start, items } => format!("list {start:?} {}", items.len()),
            Block::Command(command) => format!("command {:?}", command.text),
            Block::Checklist(items) => format!("checklist {}", items.len()),
            Block::Alert(_) => "alert".to_owned(),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(
        kinds,
        ["list Some(1) 2", "command \"Get-Date\\n  -Indented\"", "list Some(3) 1", "checklist 2", "alert", "checklist 1"]
    );
    let ids: Vec<_> = step.items().iter().map(|item| item.id.0.clone()).collect();
    assert_eq!(ids, ["item:box:1", "item:box:2", "item:nested:1", "item:inner:1"]);
}

#[test]
fn moving_or_inserting_a_part_disturbs_no_other() {
    let ids = |body: &str| -> Vec<String> {
        let loaded = runbook(&format!("## A {{#a on=old}}\n\n{body}"));
        model(&loaded).phases[0].steps[0].items().iter().map(|item| item.id.0.clone()).collect()
    };
    let before = ids("- [ ] one\n- [ ] two {#second}\n- [ ] three\n");
    let after = ids("- [ ] new\n- [ ] three\n- [ ] two, said better {#second}\n- [ ] one\n");
    assert_eq!(before, ["item:one:1", "second", "item:three:1"]);
    assert!(before.iter().all(|id| after.contains(id)), "{after:?}");
}

#[test]
fn forms_have_typed_fields() {
    let body = "## A {#a}\n\n```yaml {form #signin}\nmethod: { label: Method, type: choice, choices: [PHS, PTA], required: true }\n\
        agents: { type: number }\nsso:\n  type: bool\n  example: yes\n```\n";
    let loaded = runbook(body);
    let form = model(&loaded).phases[0].steps[0].forms().next().expect("a form");
    assert_eq!(form.id.as_str(), "signin");
    assert_eq!(form.fields[0].kind, FieldKind::Choice(vec!["PHS".into(), "PTA".into()]));
    assert!(form.fields[0].required && !form.fields[1].required);
    assert_eq!((form.fields[1].label.as_str(), &form.fields[1].kind), ("agents", &FieldKind::Number));
    assert_eq!(form.fields[2].example.as_deref(), Some("yes"), "scalars stay as written");
    assert_eq!(&loaded.text[form.fields[1].span.clone()], "agents");
}

/// Placeholders with their places, those within strong text among them.
fn walk<'a>(prose: &'a [Inline], found: &mut Vec<(&'a str, std::ops::Range<usize>)>) {
    for inline in prose {
        match inline {
            Inline::Placeholder { path, span } => found.push((path, span.clone())),
            Inline::Strong(inner) => walk(inner, found),
            _ => {}
        }
    }
}

#[test]
fn placeholders_are_found_however_markdown_cuts_the_text() {
    let body = "## A {#a}\n\nOn **{{ new.Host }}** use {{ inputs.my_share_name }} and {{forms.signin.method}}.\n";
    let loaded = runbook(body);
    let Block::Paragraph(prose) = &model(&loaded).phases[0].steps[0].blocks[0] else { panic!("a paragraph") };
    let mut found = Vec::new();
    walk(prose, &mut found);
    let shown: Vec<_> = found.into_iter().map(|(path, span)| (path, &loaded.text[span])).collect();
    assert_eq!(
        shown,
        [
            ("new.Host", "{{ new.Host }}"),
            ("inputs.my_share_name", "{{ inputs.my_share_name }}"),
            ("forms.signin.method", "{{forms.signin.method}}")
        ]
    );
}

#[test]
fn headings_keep_their_words_and_lose_their_braces() {
    let loaded = runbook("## Stage *now* {#stage_old_1 on=old}\n\n### Prepare {{ new.Host }}\n\n- [ ] x\n");
    let phase = &model(&loaded).phases[0];
    assert_eq!((phase.title.as_str(), phase.id.as_str()), ("Stage now", "stage_old_1"));
    assert_eq!(phase.steps[0].title, "Prepare {{ new.Host }}");
}

#[test]
fn what_is_unknown_is_underlined() {
    let loaded = read("---\nlockstep: 1\nrols: {}\n---\n## A {#a colour=red}\n\n- [ ] x\n");
    assert_eq!(at(&loaded, "unknown-key"), "rols");
    assert_eq!(at(&loaded, "unknown-attribute"), "colour");
    let help = loaded.diagnostics.iter().find_map(|diagnostic| diagnostic.help.clone());
    assert_eq!(help.as_deref(), Some("did you mean 'roles'?"));
    let loaded = runbook("## A {#a on=old}\n\n```powershell {timout=3m run=never}\nGet-Date\n```\n");
    assert_eq!(at(&loaded, "unknown-attribute"), "timout");
    assert_eq!(at(&loaded, "bad-value"), "never");
}

#[test]
fn places_hold_behind_a_byte_order_mark_and_with_carriage_returns() {
    let text = "\u{feff}---\nlockstep: 1\nroles: { old: {} }\n---\n## A {#a on=old}\n\n> ```powershell {gate}\n> $old.Idle\n> $old.Reachable\n> ```\n";
    let loaded = read(&text.replace('\n', "\r\n"));
    assert!(loaded.text.starts_with("---"));
    let gate = model(&loaded).phases[0].steps[0].gates().next().expect("a gate");
    assert_eq!(gate.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>(), ["$old.Idle", "$old.Reachable"]);
    for line in &gate.lines {
        assert_eq!(loaded.text[line.span.clone()], line.text);
    }
}

#[test]
fn a_how_to_loads_as_it_is() {
    let text = include_str!("fixtures/runbooks/upgrade-how-to.md");
    let loaded = read(text);
    assert!(!loaded.has_errors(), "{:?}", loaded.diagnostics);
    let runbook = model(&loaded);
    assert!(!runbook.strict);
    assert_eq!(runbook.title, "How to upgrade by staging mode");
    assert!(runbook.phases.len() >= 3);
    assert!(runbook.phases.iter().all(|phase| !phase.steps.is_empty()));
    let commands: Vec<_> = runbook.steps().flat_map(|(_, step)| step.commands()).collect();
    assert!(!commands.is_empty() && commands.iter().all(|command| command.run == RunMode::Manual && command.on.is_none()));
}

#[test]
fn texts_without_markdown_headings_are_one_phase_and_one_step() {
    for text in [
        include_str!("fixtures/runbooks/staging-post.txt"),
        include_str!("fixtures/runbooks/migration-post.txt"),
        include_str!("fixtures/runbooks/scheduler-page.txt"),
        include_str!("fixtures/runbooks/upgrade-page.txt"),
        "",
        "one line",
    ] {
        let loaded = load("notes/how to.txt", text.as_bytes());
        let runbook = model(&loaded);
        assert_eq!(rules(&loaded), [""; 0]);
        assert_eq!((runbook.phases.len(), runbook.phases[0].steps.len()), (1, 1));
        assert_eq!(runbook.title, "how to");
        assert!(runbook.preface.is_empty());
    }
}

#[test]
fn equal_headings_of_a_how_to_are_numbered_as_github_does() {
    let loaded = read("# T\n\n## A\n\n### X\n\n## A\n\n### X\n\n### X\n");
    let runbook = model(&loaded);
    assert_eq!(runbook.phases.iter().map(|phase| phase.id.as_str()).collect::<Vec<_>>(), ["a", "a-1"]);
    assert_eq!(runbook.steps().map(|(_, step)| step.id.as_str()).collect::<Vec<_>>(), ["x", "x-1", "x-2"]);
}

#[test]
fn plain_text_of_items_keeps_placeholders() {
    let loaded = runbook("## A {#a}\n\n- [ ] (optional) See {{ new.Host }} and `x`\n");
    let items = model(&loaded).phases[0].steps[0].items();
    assert!(items[0].optional);
    assert_eq!(plain(&items[0].text), "(optional) See {{ new.Host }} and x");
}

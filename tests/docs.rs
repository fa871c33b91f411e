//! The reference pages in `docs/`, made from the tables that the code itself uses, so that they cannot tell anything else.

#![allow(clippy::unwrap_used, reason = "test code")]

use std::fmt::Write as _;
use std::path::Path;

use lockstep::facts::Intervals;
use lockstep::facts::table::{self, Fact, Origin, Scope};
use lockstep::health::{Rule, rules as health};
use lockstep::lab::{Fault, Scenario, scenario, verb};
use lockstep::powershell::operator::Comparison;
use lockstep::rb1::Group;
use lockstep::runbook::vocabulary::{self as words, Takes, Word};
use lockstep::runbook::{Severity, rules};
use lockstep::runner::clock::CLOCK_VERBS;
use lockstep::text::age::duration;

/// Compares a page with the file, or writes it.
fn hold(page: &str, text: &str) {
    let text = format!("{}\n", text.trim_end());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(page);
    if std::env::var_os("LOCKSTEP_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
        return;
    }
    let known = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    let place = known.lines().zip(text.lines()).position(|(known, made)| known != made);
    assert!(
        known == text,
        "docs/{page} differs from the tables, first at line {}: run LOCKSTEP_BLESS=1 cargo test --test docs",
        place.unwrap_or_else(|| known.lines().count().min(text.lines().count())) + 1
    );
}

/// A table. What would end a cell or a line is written so that it does not.
fn table<const N: usize>(page: &mut String, heads: [&str; N], rows: impl IntoIterator<Item = [String; N]>) {
    let line = |cells: [String; N]| format!("| {} |", cells.map(|cell| cell.replace('|', "\\|").replace('\n', " ")).join(" | "));
    writeln!(page, "{}\n{}", line(heads.map(str::to_owned)), line(heads.map(|_| "---".to_owned()))).unwrap();
    for row in rows {
        writeln!(page, "{}", line(row)).unwrap();
    }
    page.push('\n');
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn list(items: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    items.into_iter().map(|item| code(item.as_ref())).collect::<Vec<_>>().join(", ")
}

#[test]
fn facts() {
    let mut page = String::from(include_str!("fixtures/docs/facts.md"));
    page.push_str("\n## Groups\n\n");
    let intervals = Intervals::default();
    let about = |group| match group {
        Group::Core => "scheduler, service, wizard, version; never queued behind another group",
        Group::Runs => "run history",
        Group::Statistics => "connectors and what they hold",
        Group::Events => "event log since the session began",
        Group::Passwords => "password hash synchronization",
        Group::Configuration => "settings, rules, scope, credentials",
        Group::Host => "operating system, .NET, TLS, disk, database, other agents",
    };
    let rows = Group::ALL.map(|group| [code(group.name()), duration(intervals.get(group)), about(group).to_owned()]);
    table(&mut page, ["group", "asked every", "what it holds"], rows);
    let origin = |fact: &Fact| match fact.origin {
        Origin::Read(group) => group.name().to_owned(),
        Origin::Derived(_) | Origin::Local | Origin::Session => {
            let needs: Vec<&str> = fact.needs.iter().map(|group| group.name()).collect();
            if needs.len() == Group::ALL.len() { "all".to_owned() } else { needs.join(", ") }
        }
    };
    let row = |fact: &Fact| {
        let kind = format!("{}{}", fact.kind, if fact.nullable { " or null" } else { "" });
        [code(fact.path), kind, origin(fact), fact.text.to_owned(), fact.source.to_owned()]
    };
    let heads = ["fact", "holds", "groups", "what it is", "from"];
    let of = |scope: Scope| table::all().filter(move |fact| fact.scope == scope);
    page.push_str("## Of a server\n\nBelow `$old`, `$new` or any other role; `$servers` is the array of all of them.\n\n");
    for group in [None].into_iter().chain(Group::ALL.map(Some)) {
        let here = |fact: &&Fact| match fact.origin {
            Origin::Read(of) | Origin::Derived(of) => group == Some(of),
            Origin::Local | Origin::Session => group.is_none(),
        };
        let name = group.map_or("Known by lockstep itself".to_owned(), |group| format!("Group `{}`", group.name()));
        writeln!(page, "### {name}\n").unwrap();
        table(&mut page, heads, of(Scope::Server).filter(here).map(row));
    }
    page.push_str("## Of all servers and of the session\n\n");
    let rest = [Scope::Pair, Scope::Tenant, Scope::Findings, Scope::Captured];
    table(&mut page, heads, rest.into_iter().flat_map(of).map(row));
    page.push_str("## Findings\n\nWhat `$findings`, `expects=` and `for=` name. A finding fires after two looks in a row; those marked *at once* after one.\n\n");
    let finding = |rule: &Rule| [code(rule.id), rule.title.to_owned(), if rule.at_once { "at once" } else { "" }.to_owned()];
    table(&mut page, ["finding", "what it looks for", ""], health::all().map(finding));
    hold("facts.md", &page);
}

#[test]
fn format() {
    let mut page = String::from(include_str!("fixtures/docs/format.md"));
    let takes = |takes: &Takes| match takes {
        Takes::Nothing => "nothing".to_owned(),
        Takes::Text => "text".to_owned(),
        Takes::Bool => "`true` or `false`".to_owned(),
        Takes::Number => "a whole number".to_owned(),
        Takes::List => "a list".to_owned(),
        Takes::Map => "a mapping of names".to_owned(),
        Takes::Duration => "a duration such as `30m`, `1h30m`, `90s`, `2d`".to_owned(),
        Takes::Role => "a role".to_owned(),
        Takes::OptionalTarget => "nothing, or `#id`".to_owned(),
        Takes::Target => "`#id`".to_owned(),
        Takes::OneOf(values) => list(*values),
    };
    let tables: [(&str, &[Word]); 9] = [
        ("Front matter", words::FRONT_MATTER),
        ("A role", words::ROLE),
        ("An input, or a field of a form", words::FIELD),
        ("A phase: attributes of a `##` heading, beside `#id`", words::PHASE),
        ("A step: attributes of a `###` heading, beside `#id`", words::STEP),
        ("A command: attributes of a `powershell` fence, beside `#id`", words::COMMAND),
        ("A gate: attributes of a `powershell` fence, beside `#id`", words::GATE),
        ("A condition: a `powershell` fence", words::WHEN),
        ("A form: a `yaml` fence, beside `#id`", words::FORM),
    ];
    page.push_str("\n## Keys and attributes\n\n");
    for (title, of) in tables {
        writeln!(page, "### {title}\n").unwrap();
        let rows = of.iter().map(|word| [code(word.name), takes(&word.takes), word.about.to_owned()]);
        table(&mut page, ["word", "takes", "what it is for"], rows);
    }
    writeln!(
        page,
        "Names of roles, forms, fields, inputs and results are letters, digits and `_`, and none of {}.\n",
        list(words::RESERVED)
    )
    .unwrap();
    page.push_str("## Operators of a condition\n\n");
    let compares = Comparison::ALL.iter().map(|(_, name)| format!("-{name}"));
    writeln!(page, "{}, `-and`, `-or`, `-not`, `!`. With `c` in front the case of letters counts (`-ceq`), with `i` it does not, as without.\n", list(compares)).unwrap();
    page.push_str("## What `lockstep check` finds\n\nAn error keeps the runbook from being used; a warning does not, unless `--deny warnings` is given.\n\n");
    for (severity, name) in [(Severity::Error, "Errors"), (Severity::Warning, "Warnings"), (Severity::Info, "Information")] {
        writeln!(page, "### {name}\n").unwrap();
        let rows =
            rules::ALL.iter().filter(|rule| rule.severity == severity).map(|rule| [code(rule.name), rule.about.to_owned()]);
        table(&mut page, ["rule", "what it finds"], rows);
    }
    page.push_str("## A runbook to start from\n\n`lockstep new` writes this one.\n\n````markdown\n");
    page.push_str(include_str!("../assets/new-runbook.md"));
    page.push_str("````\n");
    hold("format.md", &page);
}

#[test]
fn lab() {
    let mut page = String::from(include_str!("fixtures/docs/lab.md"));
    page.push_str(
        "\n## What the operator of the lab does\n\nIn the lab panel, in a rehearsal script and in a scenario's `script`.\n\n",
    );
    table(&mut page, ["verb", "what it does"], verb::HELP.iter().map(|(form, about)| [code(form), (*about).to_owned()]));
    page.push_str("## The world's clock\n\nIn the lab panel.\n\n");
    table(&mut page, ["verb", "what it does"], CLOCK_VERBS.map(|(form, about)| [code(form), about.to_owned()]));
    page.push_str("## Faults\n\n`fault NAME on ROLE` injects one, `cure NAME on ROLE` cures it; a scenario's server has them from the beginning. A fault that shows otherwise than by a finding names none.\n\n");
    let shows = |fault: &Fault| match fault.finding() {
        "" => String::new(),
        id => code(id),
    };
    table(
        &mut page,
        ["fault", "what it is", "finding"],
        Fault::ALL.iter().map(|fault| [code(fault.name()), fault.description().to_owned(), shows(fault)]),
    );
    page.push_str("## Scenarios\n\n");
    writeln!(page, "Without `--scenario`, `lockstep test` takes {}.\n", code(scenario::DEFAULT)).unwrap();
    table(
        &mut page,
        ["scenario", "title", "what can be rehearsed in it"],
        Scenario::list().into_iter().map(|(name, title, about)| [code(&name), title, about]),
    );
    hold("lab.md", &page);
}

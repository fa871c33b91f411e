//! Sections to phases and steps: ids, introductions that are steps, and where there is no heading at all.

use std::collections::HashMap;

use super::anchor::anchor;
use super::markdown::{Rank, Section, Sections};
use super::notes::{Defines, Notes, Refers};
use crate::runbook::ids::{PhaseId, StepId};
use crate::runbook::model::{Aside, Block, Phase, Runbook, Step};
use crate::runbook::rules;
use crate::runbook::vocabulary::makes;

/// Puts the runbook together: what the front matter said, and the document's sections.
pub fn runbook(file: &str, front: Runbook, sections: Sections, notes: Notes) -> (Runbook, Notes) {
    let file = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let given = Some(front.title.clone()).filter(|title| !title.is_empty());
    let title = given.or(sections.title).unwrap_or_else(|| stem.to_owned());
    let mut assembly =
        Assembly { strict: front.strict, title, notes, taken: HashMap::new(), phases: Vec::new(), preface: Vec::new() };
    for section in sections.list {
        assembly.add(section);
    }
    if !assembly.strict && assembly.phases.is_empty() {
        assembly.preface_as_phase();
    }
    for phase in &mut assembly.phases {
        introduction_as_step(phase);
    }
    let runbook = Runbook { title: assembly.title, preface: assembly.preface, phases: assembly.phases, ..front };
    (runbook, assembly.notes)
}

struct Assembly {
    strict: bool,
    title: String,
    notes: Notes,
    /// Anchors given so far, and how often: a how-to may repeat a heading.
    taken: HashMap<String, usize>,
    preface: Vec<Block>,
    phases: Vec<Phase>,
}

impl Assembly {
    fn add(&mut self, section: Section) {
        match section.rank {
            Rank::Preface => self.preface(section),
            Rank::Phase => self.phase(section),
            Rank::Step => self.step(section),
        }
    }

    fn preface(&mut self, section: Section) {
        let work = section.blocks.iter().any(Block::is_work);
        self.preface = section.blocks;
        if !work && section.when.is_none() {
            return;
        }
        if !self.strict {
            self.preface_as_phase();
            return;
        }
        let place = self.preface.iter().find(|block| block.is_work()).map_or(section.span, place_of);
        let help = "put it under a ## phase";
        self.notes.report(rules::OUTSIDE_PHASE.at(place, "something to do stands before the first phase").help(help));
    }

    /// In a how-to without headings, or with work before the first one, that part is a phase of its own.
    fn preface_as_phase(&mut self) {
        let id = self.unique(anchor(&self.title));
        let intro = std::mem::take(&mut self.preface);
        self.phases.insert(0, Phase { id: PhaseId(id), intro, ..new_phase(self.title.clone(), 0..0) });
    }

    fn phase(&mut self, section: Section) {
        let attributes = &section.attributes;
        let is_aside = self.strict && attributes.has(".aside");
        let defines = if is_aside { Defines::Aside } else { Defines::Phase };
        let id = self.id(&section, defines);
        let mut phase = new_phase(section.title.clone(), section.span.clone());
        phase.id = PhaseId(id);
        phase.on.clone_from(&section.on);
        phase.when = section.when;
        phase.intro = section.blocks;
        if self.strict {
            phase.expects = self.notes.refer_all(Refers::Finding, attributes.value("expects"));
            let for_findings = self.notes.refer_all(Refers::Finding, attributes.value("for"));
            let reopens = self.notes.refer_all(Refers::Step, attributes.value("reopens"));
            if is_aside {
                phase.aside = Some(Aside { for_findings, reopens: reopens.into_iter().map(StepId).collect() });
            } else if let Some(word) = attributes.get("for").or_else(|| attributes.get("reopens")) {
                let message = format!("'{}' belongs to an aside", word.key.text);
                self.notes.report(rules::UNKNOWN_ATTRIBUTE.at(word.key.span.clone(), message).help("add .aside"));
            }
        }
        self.phases.push(phase);
    }

    fn step(&mut self, section: Section) {
        if self.phases.is_empty() {
            if self.strict {
                let help = "begin the phase with a ## heading before it";
                self.notes.report(rules::OUTSIDE_PHASE.at(section.span.clone(), "a step before the first phase").help(help));
            }
            let id = self.unique(anchor(&self.title));
            self.phases.push(Phase { id: PhaseId(id), ..new_phase(self.title.clone(), section.span.clone()) });
        }
        let id = self.id(&section, Defines::Step);
        let attributes = &section.attributes;
        let expects = if self.strict { self.notes.refer_all(Refers::Finding, attributes.value("expects")) } else { Vec::new() };
        let makes = attributes.value("makes").filter(|_| self.strict).and_then(|value| makes(&value.text));
        let step = Step {
            id: StepId(id),
            title: section.title,
            on: section.on,
            makes,
            expects,
            when: section.when,
            blocks: section.blocks,
            span: section.span,
        };
        if let Some(phase) = self.phases.last_mut() {
            phase.steps.push(step);
        }
    }

    /// The id in the braces, else the heading's anchor. In a how-to equal ones are numbered, as GitHub does.
    fn id(&mut self, section: &Section, defines: Defines) -> String {
        let written = section.attributes.id.as_ref().filter(|id| !id.text.is_empty());
        let id = written.map_or_else(|| anchor(&section.title), |id| id.text.clone());
        let span = written.map_or_else(|| section.span.clone(), |id| id.span.clone());
        if self.strict {
            self.notes.define(&id, defines, written.is_some(), span);
            return id;
        }
        self.unique(id)
    }

    fn unique(&mut self, id: String) -> String {
        let count = self.taken.entry(id.clone()).and_modify(|count| *count += 1).or_insert(0);
        if *count == 0 { id } else { format!("{id}-{count}") }
    }
}

fn new_phase(title: String, span: crate::runbook::model::Span) -> Phase {
    Phase {
        id: PhaseId(String::new()),
        title,
        aside: None,
        on: None,
        expects: Vec::new(),
        when: None,
        intro: Vec::new(),
        steps: Vec::new(),
        span,
    }
}

/// An introduction with something to do is the phase's first step; a phase without any step is one step to read.
fn introduction_as_step(phase: &mut Phase) {
    if !phase.steps.is_empty() && !phase.intro.iter().any(Block::is_work) {
        return;
    }
    let step = Step {
        id: StepId(phase.id.0.clone()),
        title: phase.title.clone(),
        on: phase.on.clone(),
        makes: None,
        expects: Vec::new(),
        when: None,
        blocks: std::mem::take(&mut phase.intro),
        span: phase.span.clone(),
    };
    phase.steps.insert(0, step);
}

/// Where a block of work stands.
fn place_of(block: &Block) -> crate::runbook::model::Span {
    match block {
        Block::Checklist(items) => items.first().map_or(0..0, |item| item.span.clone()),
        Block::Command(command) => command.span.clone(),
        Block::Form(form) => form.span.clone(),
        Block::Gate(gate) => gate.span.clone(),
        Block::Wanted(wanted) => wanted.span.clone(),
        _ => 0..0,
    }
}

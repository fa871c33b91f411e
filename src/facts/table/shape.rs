//! The rows as a tree of names, so that a path is followed segment by segment and a reading is typed along it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::fact::{Fact, Origin, Scope};
use crate::rb1::Group;

/// A name in the tree: a fact, an object of facts, or an array of either.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shape {
    /// Its segment, as the table spells it
    pub name: &'static str,
    /// Its own row; none for an object that is only a prefix of others
    pub fact: Option<&'static Fact>,
    /// Whether the table writes `[]` after it
    pub array: bool,
    /// What is below it, in the table's order
    pub members: Vec<Shape>,
}

impl Shape {
    fn named(name: &'static str) -> Self {
        Self { name, fact: None, array: false, members: Vec::new() }
    }

    /// The rows' tree.
    fn of(facts: impl Iterator<Item = &'static Fact>) -> Self {
        let mut root = Self::named("");
        for fact in facts {
            let mut at = &mut root;
            for segment in fact.path.trim_start_matches('$').split('.') {
                at = at.grow(segment);
            }
            at.fact = Some(fact);
        }
        root
    }

    fn grow(&mut self, segment: &'static str) -> &mut Self {
        let (name, array) = segment.strip_suffix("[]").map_or((segment, false), |name| (name, true));
        let place = self.members.iter().position(|shape| shape.name == name).unwrap_or_else(|| {
            self.members.push(Self::named(name));
            self.members.len() - 1
        });
        let shape = &mut self.members[place];
        shape.array |= array;
        shape
    }

    /// The member of that name, without regard to case.
    pub fn member(&self, name: &str) -> Option<&Self> {
        self.members.iter().find(|shape| shape.name.eq_ignore_ascii_case(name))
    }

    /// Every path below, with the shape it leads to.
    pub fn paths(&self) -> Vec<(String, &Self)> {
        let mut found = Vec::new();
        for member in &self.members {
            found.push((member.name.to_owned(), member));
            found.extend(member.paths().into_iter().map(|(path, shape)| (format!("{}.{path}", member.name), shape)));
        }
        found
    }

    /// The groups that this and everything below it needs.
    pub fn needs(&self) -> impl Iterator<Item = Group> + '_ {
        let own = self.fact.map_or(&[][..], |fact| fact.needs).iter().copied();
        // An object's own row says what it rests on; only a bare prefix or an array of objects rests on its members.
        let below: Vec<Group> = if self.fact.is_some() && !self.array { Vec::new() } else { self.below() };
        own.chain(below)
    }

    fn below(&self) -> Vec<Group> {
        self.members.iter().filter(|member| member.is_read_with_parent()).flat_map(Self::needs).collect()
    }

    /// Whether asking for the parent means this one too: `$new.Connectors.Count` does not need the run history.
    fn is_read_with_parent(&self) -> bool {
        !matches!(self.fact, Some(Fact { origin: Origin::Derived(_), .. })) || self.members.is_empty()
    }
}

/// The tree of one server's facts.
pub(super) fn server() -> &'static Shape {
    static SERVER: LazyLock<Shape> = LazyLock::new(|| Shape::of(super::all().filter(|fact| fact.scope == Scope::Server)));
    &SERVER
}

/// The tree of everything that begins with a root of its own (`pair`, `tenant`, `findings`, `step`, …).
pub(super) fn session() -> &'static Shape {
    static SESSION: LazyLock<Shape> = LazyLock::new(|| Shape::of(super::all().filter(|fact| fact.scope != Scope::Server)));
    &SESSION
}

/// The tree of what an agent sends for a group.
pub(crate) fn shape_of_group(group: Group) -> &'static Shape {
    static GROUPS: LazyLock<BTreeMap<Group, Shape>> = LazyLock::new(|| {
        let sent = |group| Shape::of(super::all().filter(move |fact| fact.origin == Origin::Read(group)).chain(key_of(group)));
        Group::ALL.into_iter().map(|group| (group, sent(group))).collect()
    });
    &GROUPS[&group]
}

/// `configuration` sends accounts by connector: its rows need the key of the merge.
fn key_of(group: Group) -> Option<&'static Fact> {
    (group == Group::Configuration).then(|| super::find("Connectors.Identifier")).flatten()
}

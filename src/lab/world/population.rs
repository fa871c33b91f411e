//! The population of a container: which of its objects were there at a moment, which were changed between two moments, and what one of
//! them was like. All of it is worked out from numbers: nothing is kept, and 200,000 objects cost as much as two.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use chrono::TimeDelta;

use super::container::{Class, Container};
use super::directory::{Changes, Churn, domain_of};
use super::generator::{hash, mix};
use super::object::{Anchor, Link, Object, Password};
use super::shuffle::Shuffle;
use crate::Time;

/// A container's population. Objects come with rising numbers and go in the same order.
#[derive(Debug)]
pub struct Population<'a> {
    container: &'a Container,
    churn: &'a [Churn],
    /// Numbers that were taken out of it, because somebody touched the object: they are kept one by one
    taken: BTreeSet<u64>,
    /// Objects there at any moment
    size: u64,
    /// Objects are changed in the middle of their life only: this many of the newest and of the oldest are not
    margin: u64,
    order: Shuffle,
}

/// One modification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Modification {
    /// The object
    pub number: u64,
    /// When
    pub at: Time,
    /// Objects that were gone by then
    gone: u64,
}

/// Thousandths of an object a day, a second at a time.
const WHOLE: u64 = 86_400 * 1_000;
/// How long a user keeps a password: one in a hundred changes it each day.
const PASSWORD_LIFE: TimeDelta = TimeDelta::days(100);

const DEPARTMENTS: &[&str] = &["Sales", "Finance", "Production", "Research", "Purchasing", "Legal", "Logistics", "Service"];
const TITLES: &[&str] = &["Clerk", "Engineer", "Consultant", "Team lead", "Analyst", "Technician", "Head of department"];
const OFFICES: &[&str] = &["A 1.12", "A 2.07", "B 0.31", "B 3.20", "C 1.05", "Home"];
const SYSTEMS: &[&str] = &["10.0 (19045)", "10.0 (22621)", "10.0 (22631)", "10.0 (26100)"];

impl<'a> Population<'a> {
    /// The population of a container without the numbers that are kept one by one.
    pub fn new(container: &'a Container, churn: &'a [Churn], taken: BTreeSet<u64>) -> Self {
        let size = container.held.objects();
        let margin = size / 8;
        Self { container, churn, taken, size, margin, order: Shuffle::new(size - 2 * margin, hash(&container.dn)) }
    }

    /// What had happened by a moment, since the world began.
    fn by(&self, moment: Time) -> Changes {
        let mut thousandths = [0_u64; 3];
        for (churn, until) in self.spans(moment) {
            let seconds = u64::try_from((until - churn.since).num_seconds()).unwrap_or(0);
            for (sum, rate) in thousandths.iter_mut().zip([churn.created, churn.modified, churn.deleted]) {
                *sum += seconds * rate * self.size;
            }
        }
        let [adds, updates, deletes] = thousandths.map(|sum| sum / WHOLE);
        Changes { adds, updates, deletes: deletes.min(self.size + adds) }
    }

    /// Rates with the moment at which each ends, the last at `moment`.
    fn spans(&self, moment: Time) -> impl Iterator<Item = (&Churn, Time)> {
        let until = move |at: usize| self.churn.get(at + 1).map_or(moment, |next| next.since.min(moment));
        self.churn.iter().enumerate().map(move |(at, churn)| (churn, until(at)))
    }

    /// Numbers that are there at a moment, those included that are kept one by one.
    fn alive(&self, moment: Time) -> Range<u64> {
        let by = self.by(moment);
        by.deletes..self.size + by.adds
    }

    /// Whether the object with a number was there at a moment, and is not kept one by one.
    pub fn has(&self, number: u64, moment: Time) -> bool {
        self.alive(moment).contains(&number) && !self.taken.contains(&number)
    }

    /// Whether the object with a number was there at a moment, or would have been had nobody touched it.
    pub fn had(&self, number: u64, moment: Time) -> bool {
        self.alive(moment).contains(&number)
    }

    /// Whether the object with a number is kept one by one.
    pub fn is_taken(&self, number: u64) -> bool {
        self.taken.contains(&number)
    }

    /// A moment by which the object with a number was there: the world's beginning, or when it was created; none where it never was.
    pub fn created_at(&self, number: u64) -> Option<Time> {
        let begun = self.churn.first()?.since;
        if number < self.size {
            return Some(begun);
        }
        let target = (number - self.size + 1) * WHOLE;
        let mut adds = 0;
        for (at, churn) in self.churn.iter().enumerate() {
            let rate = churn.created * self.size;
            let until = self.churn.get(at + 1).map(|next| u64::try_from((next.since - churn.since).num_seconds()).unwrap_or(0));
            let needed = (rate > 0).then(|| (target - adds).div_ceil(rate));
            match (needed, until) {
                (Some(seconds), until) if until.is_none_or(|until| seconds <= until) => {
                    return Some(churn.since + TimeDelta::seconds(i64::try_from(seconds).ok()?));
                }
                (_, Some(until)) => adds += until * rate,
                (_, None) => return None,
            }
        }
        None
    }

    /// How many of those that were taken out satisfy a condition.
    fn taken_of(&self, range: &Range<u64>, condition: impl Fn(u64) -> bool) -> u64 {
        let found = self.taken.range(range.clone()).filter(|number| condition(**number)).count();
        u64::try_from(found).unwrap_or(0)
    }

    /// The class of the object with a number.
    pub fn class(&self, number: u64) -> Class {
        self.container.class(number)
    }

    /// How many objects there were at a moment.
    pub fn count(&self, moment: Time) -> u64 {
        let alive = self.alive(moment);
        alive.end - alive.start - self.taken_of(&alive, |_| true)
    }

    /// How many of them were users: classes keep their shares exactly, while there are as many as there were.
    pub fn users(&self, moment: Time) -> u64 {
        let alive = self.alive(moment);
        let all = (alive.end - alive.start) * self.container.held.users / self.size.max(1);
        all - self.taken_of(&alive, |number| self.container.class(number) == Class::User).min(all)
    }

    /// Numbers at a moment, ascending.
    pub fn numbers(&self, moment: Time) -> impl Iterator<Item = u64> {
        self.alive(moment).filter(|number| !self.taken.contains(number))
    }

    /// Numbers that were there at both of two moments, the earlier first.
    pub fn staying(&self, from: Time, to: Time) -> impl Iterator<Item = u64> {
        (self.alive(to).start..self.alive(from).end).filter(|number| !self.taken.contains(number))
    }

    /// Numbers that came between two moments.
    pub fn created(&self, from: Time, to: Time) -> impl Iterator<Item = u64> {
        (self.alive(from).end..self.alive(to).end).filter(|number| !self.taken.contains(number))
    }

    /// Numbers that went between two moments.
    pub fn deleted(&self, from: Time, to: Time) -> impl Iterator<Item = u64> {
        (self.alive(from).start..self.alive(to).start).filter(|number| !self.taken.contains(number))
    }

    /// What changed between two moments; nothing where the second is the earlier. An object that was changed twice counts once.
    pub fn between(&self, from: Time, to: Time) -> Changes {
        if from >= to {
            return Changes::default();
        }
        let (a, b) = (self.by(from), self.by(to));
        let came = self.size + a.adds..self.size + b.adds;
        let went = a.deletes..b.deletes;
        let events = a.updates..b.updates.min(a.updates + self.core());
        let touched = self.taken.iter().filter(|number| self.is_hit(**number, &events)).count();
        Changes {
            adds: came.end - came.start - self.taken_of(&came, |_| true),
            updates: events.end - events.start - u64::try_from(touched).unwrap_or(0),
            deletes: went.end - went.start - self.taken_of(&went, |_| true),
        }
    }

    /// Numbers of the objects that were changed between two moments, each once.
    pub fn modified(&self, from: Time, to: Time) -> impl Iterator<Item = u64> {
        let (a, b) = (self.by(from).updates, self.by(to).updates);
        let events = a..b.min(a + self.core());
        events.filter_map(|k| self.modification(k)).map(|event| event.number).filter(|number| !self.taken.contains(number))
    }

    /// Objects that are changed one after another before one is changed again.
    fn core(&self) -> u64 {
        self.size - 2 * self.margin
    }

    /// The modification with a number since the world began; none where it has not happened and, at today's rates, never will.
    fn modification(&self, k: u64) -> Option<Modification> {
        let target = (k + 1) * WHOLE;
        let (mut updates, mut deletes) = (0_u64, 0_u64);
        for (at, churn) in self.churn.iter().enumerate() {
            let (rate, gone) = (churn.modified * self.size, churn.deleted * self.size);
            let until = self.churn.get(at + 1).map(|next| u64::try_from((next.since - churn.since).num_seconds()).unwrap_or(0));
            let needed = (rate > 0).then(|| (target - updates).div_ceil(rate));
            match (needed, until) {
                (Some(seconds), until) if until.is_none_or(|until| seconds <= until) => {
                    let gone = (deletes + seconds * gone) / WHOLE;
                    let base = gone + self.margin;
                    let place = self.order.place(k);
                    let number = base + (place + self.core() - base % self.core()) % self.core();
                    let at = churn.since + TimeDelta::seconds(i64::try_from(seconds).unwrap_or(0));
                    return Some(Modification { number, at, gone });
                }
                (_, Some(until)) => {
                    updates += until * rate;
                    deletes += until * gone;
                }
                (_, None) => return None,
            }
        }
        None
    }

    /// The modifications of one object by a moment, oldest first.
    pub fn modifications(&self, number: u64, moment: Time) -> Vec<Modification> {
        if self.core() == 0 {
            return Vec::new();
        }
        self.hits(number, &(0..self.by(moment).updates)).collect()
    }

    fn hits(&self, number: u64, events: &Range<u64>) -> impl Iterator<Item = Modification> {
        let core = self.core().max(1);
        let first = self.order.number(number % core);
        let skipped = events.start.saturating_sub(first).div_ceil(core);
        let step = usize::try_from(core).unwrap_or(usize::MAX);
        let all = (first + skipped * core..events.end).step_by(step);
        all.filter_map(|k| self.modification(k)).filter(move |event| event.number == number)
    }

    fn is_hit(&self, number: u64, events: &Range<u64>) -> bool {
        self.hits(number, events).next().is_some()
    }

    /// The object with a number at a moment, taken out or not; none where it was not there.
    pub fn object(&self, number: u64, moment: Time) -> Option<Object> {
        self.had(number, moment).then(|| self.describe(number, moment))
    }

    fn describe(&self, number: u64, moment: Time) -> Object {
        let (dn, class, name) = (&self.container.dn, self.container.class(number), self.container.name(number));
        let hits = self.modifications(number, moment);
        let own = mix(hash(dn).rotate_left(11) ^ number);
        let changing: &[&str] = match class {
            Class::User => &["department", "title", "telephoneNumber", "physicalDeliveryOfficeName"],
            Class::Group if self.members_of(number) > 0 => &[],
            Class::Group => &["description"],
            Class::Contact => &["telephoneNumber", "title"],
            Class::Device => &["operatingSystemVersion"],
        };
        // Each modification takes one attribute a step on.
        let mut steps: BTreeMap<&str, u64> = changing.iter().map(|attribute| (*attribute, 0)).collect();
        for round in 0..u64::try_from(hits.len()).unwrap_or(0) {
            let Some(which) = mix(own ^ round).checked_rem(u64::try_from(changing.len()).unwrap_or(0)) else { break };
            if let Some(step) = steps.get_mut(changing[usize::try_from(which).unwrap_or(0)]) {
                *step += 1;
            }
        }
        let mut attributes: BTreeMap<String, String> =
            steps.into_iter().map(|(attribute, step)| (attribute.to_owned(), value(attribute, own, step))).collect();
        let (local, domain) = (name.trim_end_matches(" (contact)").to_lowercase().replace(' ', "."), domain_of(dn));
        let mut set = |attribute: &str, value: String| attributes.insert(attribute.to_owned(), value);
        set("displayName", name.clone());
        match class {
            Class::User => {
                let mut words = name.split(' ');
                set("givenName", words.next().unwrap_or_default().to_owned());
                set("sn", words.next().unwrap_or_default().to_owned());
                set("userPrincipalName", format!("{local}@{domain}"));
                set("sAMAccountName", local.clone());
                set("mail", format!("{local}@{domain}"));
            }
            Class::Group => drop(set("sAMAccountName", name.clone())),
            Class::Contact => drop(set("mail", format!("{local}@partner.example"))),
            Class::Device => drop(set("operatingSystem", "Windows 11 Enterprise".to_owned())),
        }
        let signs_in = class == Class::User;
        Object {
            anchor: Anchor::of_member(dn, number),
            members: if class == Class::Group { self.members(number, &hits, moment) } else { BTreeSet::new() },
            inheritance_off: self.container.inheritance_off(number),
            enabled: class != Class::User || !own.is_multiple_of(50),
            password: signs_in.then(|| self.password(own, moment)),
            container: dn.clone(),
            name,
            class,
            attributes,
        }
    }

    /// How many members a group has: none where the container is not one of users.
    fn members_of(&self, number: u64) -> u64 {
        let held = &self.container.held;
        if held.users * 2 < self.size {
            return 0;
        }
        if self.container.is_largest_group(number) && held.largest_group > 0 {
            return held.largest_group.min(held.users / 2);
        }
        (3 + mix(number ^ 0x6D65_6D62) % 18).min(held.users / 4)
    }

    /// The members of a group: users of the same container. Each modification takes the place of one with another.
    fn members(&self, number: u64, hits: &[Modification], moment: Time) -> BTreeSet<Link> {
        let dn = &self.container.dn;
        let many = self.members_of(number);
        let own = mix(hash(dn) ^ number.rotate_left(32));
        let (mut places, mut known): (Vec<u64>, BTreeSet<u64>) = (Vec::new(), BTreeSet::new());
        // The oldest are left alone: they go soon, and whoever came and went would have changed nothing.
        let pick = |known: &BTreeSet<u64>, gone: u64, draw: u64| {
            let young = self.size - self.size / 4;
            let from = mix(own ^ draw) % young;
            let mut around = (0..young).map(|step| gone + self.size / 4 + (from + step) % young);
            around.find(|n| self.container.class(*n) == Class::User && !known.contains(n))
        };
        // Who was there when the group came.
        let gone = (number + 1).saturating_sub(self.size);
        for draw in 0..many {
            if let Some(member) = pick(&known, gone, draw) {
                places.push(member);
                known.insert(member);
            }
        }
        for (round, hit) in hits.iter().enumerate() {
            let Some(place) = round.checked_rem(places.len()) else { break };
            let draw = many + u64::try_from(round).unwrap_or(0);
            if let Some(member) = pick(&known, hit.gone, draw) {
                known.remove(&places[place]);
                known.insert(member);
                places[place] = member;
            }
        }
        let gone = self.alive(moment).start;
        let is_there = |member: &u64| *member >= gone || self.taken.contains(member);
        known.into_iter().filter(is_there).map(|member| Link::Member(dn.clone(), member)).collect()
    }

    fn password(&self, own: u64, moment: Time) -> Password {
        let begun = self.churn.first().map_or(moment, |churn| churn.since);
        let life = PASSWORD_LIFE.num_seconds();
        let offset = i64::try_from(mix(own ^ 0x7077_6400) % u64::try_from(life).unwrap_or(1)).unwrap_or(0);
        let first = begun - TimeDelta::seconds(offset);
        let times = (moment - first).num_seconds().div_euclid(life).max(0);
        Password { version: u32::try_from(times + 1).unwrap_or(u32::MAX), set: first + TimeDelta::seconds(times * life) }
    }

    /// Users whose inheritance of rights is switched off, at a moment.
    pub fn without_inheritance(&self, moment: Time) -> Vec<u64> {
        let alive = self.alive(moment);
        let places = 0..self.container.held.inheritance_off.min(self.container.held.users);
        let here = places.map(|place| {
            let number = self.container.number_at(place);
            alive.start + (number + self.size - alive.start % self.size) % self.size
        });
        here.filter(|number| alive.contains(number) && !self.taken.contains(number)).collect()
    }
}

/// The value that an attribute has after so many changes; no two that follow each other are the same.
fn value(attribute: &str, own: u64, step: u64) -> String {
    let list = match attribute {
        "department" => DEPARTMENTS,
        "title" => TITLES,
        "physicalDeliveryOfficeName" => OFFICES,
        "operatingSystemVersion" => SYSTEMS,
        "telephoneNumber" => return format!("+49 30 {:05} {:02}", mix(own) % 100_000, step % 100),
        _ => return format!("Changed {step} times"),
    };
    let place = (mix(own ^ hash(attribute)).wrapping_add(step)) % u64::try_from(list.len()).unwrap_or(1);
    list[usize::try_from(place).unwrap_or(0)].to_owned()
}

/// The department that follows another: what a change by hand of nothing in particular does.
pub fn next_department(now: Option<&str>) -> &'static str {
    let at = DEPARTMENTS.iter().position(|known| Some(*known) == now);
    DEPARTMENTS[at.map_or(0, |at| (at + 1) % DEPARTMENTS.len())]
}

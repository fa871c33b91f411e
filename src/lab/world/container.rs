//! Organizational units: how many objects of each class they hold, and the class and name of the object with a given number.

use serde::{Deserialize, Serialize};

use super::generator::{hash, mix};
use super::shuffle::Shuffle;

/// An organizational unit and what it held when the world began.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// Distinguished name
    pub dn: String,
    /// Its objects when the world began, by class
    #[serde(flatten)]
    pub held: Held,
}

/// What an organizational unit holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// Users
    #[serde(default)]
    pub users: u64,
    /// Groups
    #[serde(default, skip_serializing_if = "is_zero")]
    pub groups: u64,
    /// Contacts
    #[serde(default, skip_serializing_if = "is_zero")]
    pub contacts: u64,
    /// Devices
    #[serde(default, skip_serializing_if = "is_zero")]
    pub devices: u64,
    /// Members of the largest group: full synchronizations take longer
    #[serde(default, skip_serializing_if = "is_zero")]
    pub largest_group: u64,
    /// Users with inheritance switched off: an account without rights fails on them (8344)
    #[serde(default, skip_serializing_if = "is_zero")]
    pub inheritance_off: u64,
}

impl Held {
    /// All objects.
    pub fn objects(&self) -> u64 {
        self.users + self.groups + self.contacts + self.devices
    }
}

/// Classes of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// user
    User,
    /// group
    Group,
    /// contact
    Contact,
    /// device
    Device,
}

impl Class {
    /// `object-type` in the connector space.
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Contact => "contact",
            Self::Device => "device",
        }
    }
}

impl Container {
    /// Classes, and who has inheritance switched off, by place: as many numbers in a row as there are objects take each place once, so that
    /// shares stay the same while objects come and go.
    fn places(&self) -> Shuffle {
        Shuffle::new(self.held.objects(), hash(&self.dn).rotate_left(17))
    }

    /// The class of the object with that number.
    pub(super) fn class(&self, number: u64) -> Class {
        let (held, place) = (&self.held, self.places().place(number));
        if place < held.users {
            Class::User
        } else if place < held.users + held.groups {
            Class::Group
        } else if place < held.users + held.groups + held.contacts {
            Class::Contact
        } else {
            Class::Device
        }
    }

    /// The number, less than that of objects, that has a place.
    pub(super) fn number_at(&self, place: u64) -> u64 {
        self.places().number(place)
    }

    /// Whether the object with that number has inheritance of rights switched off.
    pub(super) fn inheritance_off(&self, number: u64) -> bool {
        self.places().place(number) < self.held.inheritance_off.min(self.held.users)
    }

    /// Whether it is the group with the most members.
    pub(super) fn is_largest_group(&self, number: u64) -> bool {
        self.held.groups > 0 && self.places().place(number) == self.held.users
    }

    /// The name of the object with that number: always the same, never twice in one container.
    pub(super) fn name(&self, number: u64) -> String {
        match self.class(number) {
            Class::User => name_of(&self.dn, number),
            Class::Group => format!("Group {number:05}"),
            Class::Contact => format!("{} (contact)", name_of(&self.dn, number)),
            Class::Device => format!("DESKTOP-{number:05}"),
        }
    }
}

/// The name of the object with this number in a container: always the same, never twice in one container.
fn name_of(dn: &str, number: u64) -> String {
    const GIVEN: [&str; 24] = [
        "Ada", "Bruno", "Carla", "Dmitri", "Elif", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Katja", "Luca", "Mira", "Nils",
        "Olga", "Pavel", "Rosa", "Samir", "Tessa", "Umut", "Vera", "Wim", "Yara", "Zoltan",
    ];
    const FAMILY: [&str; 24] = [
        "Abel", "Berg", "Costa", "Dahl", "Eder", "Fischer", "Grant", "Haas", "Ivanov", "Jansen", "Keller", "Lopez", "Moser",
        "Novak", "Okafor", "Peters", "Quist", "Rossi", "Schmid", "Tanaka", "Ullman", "Vogel", "Weber", "Zeller",
    ];
    let scrambled = mix(hash(dn) ^ number);
    let pick = |list: &'static [&'static str; 24], bits: u64| list[usize::try_from(bits % 24).unwrap_or(0)];
    format!("{} {} {number:05}", pick(&GIVEN, scrambled), pick(&FAMILY, scrambled >> 16))
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde's skip_serializing_if hands a reference")]
fn is_zero(value: &u64) -> bool {
    *value == 0
}

//! An object of the directory, as every part of the world sees it: members of a population, worked out from their number and a moment, and
//! objects that are kept one by one give the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::container::Class;
use super::generator::{hash, mix};
use super::rules::Effect;
use crate::Time;

/// An object of the directory at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// objectGUID, and with it the source anchor
    pub anchor: Anchor,
    /// Common name, also the display name of an object that nobody renamed
    pub name: String,
    /// The container it is in
    pub container: String,
    /// Its class
    pub class: Class,
    /// Whether the account is enabled; of users and devices
    pub enabled: bool,
    /// Attributes of one text each, by their LDAP name
    pub attributes: BTreeMap<String, String>,
    /// Members of a group
    pub members: BTreeSet<Link>,
    /// Inheritance of rights is switched off: an account without rights of its own fails on it (8344)
    pub inheritance_off: bool,
    /// Its password; none of what does not sign in
    pub password: Option<Password>,
}

/// How often a password was set, and when for the last time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Password {
    /// The first is 1
    pub version: u32,
    /// pwdLastSet
    pub set: Time,
}

/// One object, wherever it is: a member of a population by its number, or one that is kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Link {
    /// The container whose population it is of, and its number there
    Member(String, u64),
    /// The number of a kept object
    Kept(u32),
}

/// Sixteen bytes that an object has for ever: its objectGUID, its mS-DS-ConsistencyGuid, its source anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Anchor(u64, u64);

impl Anchor {
    /// Of a member of a population.
    pub fn of_member(container: &str, number: u64) -> Self {
        let home = hash(container);
        Self(mix(home ^ mix(number)), mix(home.rotate_left(23) ^ number))
    }

    /// Of an object that was made by hand.
    pub fn of_kept(id: u32) -> Self {
        Self::of_member("made by hand", u64::from(id))
    }

    fn bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.0.to_be_bytes());
        bytes[8..].copy_from_slice(&self.1.to_be_bytes());
        bytes[7] = bytes[7] & 0x0F | 0x40;
        bytes[8] = bytes[8] & 0x3F | 0x80;
        bytes
    }

    /// The objectGUID as text. Its first three groups are little-endian in the bytes, as .NET has them.
    pub fn guid(self) -> String {
        let b = self.bytes();
        let hex = |order: &[usize]| order.iter().map(|at| format!("{:02x}", b[*at])).collect::<Vec<_>>().concat();
        [hex(&[3, 2, 1, 0]), hex(&[5, 4]), hex(&[7, 6]), hex(&[8, 9]), hex(&[10, 11, 12, 13, 14, 15])].join("-")
    }

    /// What its object in a connector space or in the metaverse is known by there.
    #[must_use]
    pub fn within(self, space: &str) -> Self {
        let space = hash(space);
        Self(mix(self.0 ^ space), mix(self.1 ^ space.rotate_left(31)))
    }

    /// Whether a Guid is this one.
    pub fn is_guid(self, text: &str) -> bool {
        // Most that are compared differ in the last byte already.
        text.trim_matches(['{', '}']).get(34..).and_then(|last| u8::from_str_radix(last, 16).ok()) == self.bytes().last().copied()
            && text.trim_matches(['{', '}']).eq_ignore_ascii_case(&self.guid())
    }

    /// Whether a distinguished name in the Entra connector space is of it.
    pub fn is_entra_dn(self, dn: &str) -> bool {
        let [a, b, c] = [0, 1, 2].map(|at| self.bytes()[at]);
        let first = base64(&[a, b, c]).bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        dn.get(4..12).is_some_and(|found| found.eq_ignore_ascii_case(&first)) && dn.eq_ignore_ascii_case(&self.entra_dn())
    }

    /// The source anchor as Entra ID shows it: the bytes in base64.
    pub fn source_anchor(self) -> String {
        base64(&self.bytes())
    }

    /// `CN={hex of the base64 source anchor}`: the distinguished name in the Entra connector space (structures.md 5.2).
    pub fn entra_dn(self) -> String {
        let hex = self.source_anchor().bytes().fold(String::new(), |mut hex, byte| {
            // Writing into a String cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        format!("CN={{{hex}}}")
    }
}

/// Whether an object of the directory can be called so: the lab writes distinguished names without escapes. The error says so.
pub fn check_name(name: &str) -> Result<(), String> {
    let wrong = |c: char| c.is_control() || r#",+"\<>;=/#"#.contains(c);
    if !name.is_empty() && name.trim() == name && !name.contains(wrong) {
        return Ok(());
    }
    let shown = name.escape_debug();
    Err(format!(
        "'{shown}' is no name that the lab plays: some text without a blank at its ends and without , + \" \\ < > ; = / #"
    ))
}

fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bytes
        .chunks(3)
        .flat_map(|chunk| {
            let triple = chunk.iter().fold(0_usize, |n, b| n << 8 | usize::from(*b)) << (8 * (3 - chunk.len()));
            (0..4).map(move |at| if at <= chunk.len() { char::from(ALPHABET[(triple >> (18 - 6 * at)) & 63]) } else { '=' })
        })
        .collect()
}

impl Object {
    /// Distinguished name in the directory.
    pub fn dn(&self) -> String {
        format!("CN={},{}", self.name, self.container)
    }

    /// One attribute.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// The user principal name, or of what has none its name.
    pub fn upn(&self) -> &str {
        self.value("userPrincipalName").unwrap_or(&self.name)
    }

    /// Its attributes in the connector space of its forest; `member_dn` gives members' distinguished names there.
    pub fn in_forest(&self, member_dn: impl Fn(&Link) -> Option<String>) -> Values {
        let mut values = self.attributes.clone();
        values.insert("objectGUID".to_owned(), self.anchor.guid());
        if matches!(self.class, Class::User | Class::Device) {
            let control = if self.enabled { "512" } else { "514" };
            values.insert("userAccountControl".to_owned(), control.to_owned());
        }
        Values { texts: values, members: self.members.iter().filter_map(member_dn).collect() }
    }

    /// Its attributes in the Entra connector space after rules whose doing is `effects`.
    pub fn in_cloud(&self, effects: &[Effect], member_dn: impl Fn(&Link) -> Option<String>) -> Values {
        let mut texts = BTreeMap::from([("sourceAnchor".to_owned(), self.anchor.source_anchor())]);
        let inner = ["sn", "givenName", "sAMAccountName", "adminDescription"];
        texts.extend(
            self.attributes.iter().filter(|(name, _)| !inner.contains(&name.as_str())).map(|(n, v)| (n.clone(), v.clone())),
        );
        for (from, to) in [("sn", "surname"), ("givenName", "givenName"), ("sAMAccountName", "onPremisesSamAccountName")] {
            if let Some(value) = self.value(from) {
                texts.insert(to.to_owned(), value.to_owned());
            }
        }
        if self.class == Class::User {
            let mail = self.value("mail").unwrap_or_else(|| self.upn());
            texts.insert("accountEnabled".to_owned(), if self.enabled { "true" } else { "false" }.to_owned());
            texts.insert("onPremisesDistinguishedName".to_owned(), self.dn());
            texts.insert("proxyAddresses".to_owned(), format!("SMTP:{mail}"));
            texts.insert("mailNickname".to_owned(), mail.split('@').next().unwrap_or_default().to_owned());
            texts.insert("msRTCSIP-PrimaryUserAddress".to_owned(), format!("sip:{mail}"));
            texts.insert("msExchHideFromAddressLists".to_owned(), "false".to_owned());
            for effect in effects {
                effect.apply(self, &mut texts);
            }
        }
        Values { texts, members: self.members.iter().filter_map(member_dn).collect() }
    }
}

/// Attributes with their values in one connector space.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    /// Attributes of one value, by name
    pub texts: BTreeMap<String, String>,
    /// Distinguished names of members
    pub members: BTreeSet<String>,
}

/// What becomes of one attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeChange {
    /// Name
    pub name: String,
    /// Values that go
    pub removed: Vec<String>,
    /// Values that come
    pub added: Vec<String>,
}

impl AttributeChange {
    /// Whether its values are distinguished names of other objects.
    pub fn is_reference(&self) -> bool {
        self.name == "member"
    }
}

impl Values {
    /// All values as they come with a new object.
    pub fn all(&self) -> Vec<AttributeChange> {
        Self::default().changes_to(self)
    }

    /// What leads from these to those.
    pub fn changes_to(&self, other: &Self) -> Vec<AttributeChange> {
        let names: BTreeSet<&String> = self.texts.keys().chain(other.texts.keys()).collect();
        let texts = names.into_iter().filter(|name| self.texts.get(*name) != other.texts.get(*name)).map(|name| {
            let one = |texts: &BTreeMap<String, String>| texts.get(name).cloned().into_iter().collect();
            AttributeChange { name: name.clone(), removed: one(&self.texts), added: one(&other.texts) }
        });
        let members = (self.members != other.members).then(|| AttributeChange {
            name: "member".to_owned(),
            removed: self.members.difference(&other.members).cloned().collect(),
            added: other.members.difference(&self.members).cloned().collect(),
        });
        texts.chain(members).collect()
    }
}

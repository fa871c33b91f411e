//! Variables: scopes of named items, and those that the shell itself keeps.

use std::collections::HashMap;

use super::super::item::{Item, Object};
use crate::powershell::{Value, Version};

/// All variables of a run.
#[derive(Debug)]
pub struct Variables {
    /// The innermost last; names in lower case.
    scopes: Vec<HashMap<String, Item>>,
    /// `$_`, the innermost last.
    current: Vec<Item>,
    /// `$Error`, the newest first.
    errors: Vec<Item>,
    /// `$?`
    pub succeeded: bool,
    /// `$LASTEXITCODE`
    pub exit: Option<i64>,
}

/// `$Error` keeps so many (`$MaximumErrorCount`).
const ERRORS: usize = 256;

impl Variables {
    pub fn new(preset: Vec<(String, Item)>) -> Self {
        let mut first = HashMap::from([
            ("erroractionpreference".to_owned(), Item::from("Continue")),
            ("warningpreference".to_owned(), Item::from("Continue")),
            ("verbosepreference".to_owned(), Item::from("SilentlyContinue")),
            ("informationpreference".to_owned(), Item::from("SilentlyContinue")),
            ("progresspreference".to_owned(), Item::from("Continue")),
            ("confirmpreference".to_owned(), Item::from("High")),
            ("psculture".to_owned(), Item::from("en-US")),
            ("psversiontable".to_owned(), version_table()),
        ]);
        first.extend(preset.into_iter().map(|(name, item)| (name.to_lowercase(), item)));
        Self { scopes: vec![first], current: Vec::new(), errors: Vec::new(), succeeded: true, exit: None }
    }

    /// The value of a variable; one that was never set is `$null`.
    pub fn get(&self, name: &str) -> Item {
        let name = name.to_lowercase();
        match name.as_str() {
            "true" => Item::from(true),
            "false" => Item::from(false),
            "null" => Item::NULL,
            "_" | "psitem" => self.current.last().cloned().unwrap_or(Item::NULL),
            "?" => Item::from(self.succeeded),
            "lastexitcode" => Item::from(self.exit),
            "error" => Item::array(self.errors.clone()),
            _ => self.scopes.iter().rev().find_map(|scope| scope.get(&name)).cloned().unwrap_or(Item::NULL),
        }
    }

    /// Sets a variable in the innermost scope. Whether it may be set.
    pub fn set(&mut self, name: &str, item: Item) -> bool {
        let name = name.to_lowercase();
        if matches!(name.as_str(), "true" | "false" | "null" | "?" | "error" | "psversiontable") {
            return name == "null";
        }
        if name == "_" || name == "psitem" {
            self.current.pop();
            self.current.push(item);
        } else if let Some(scope) = self.scopes.last_mut() {
            scope.insert(name, item);
        }
        true
    }

    /// Adds to a variable that is an array, or makes it one.
    pub fn append(&mut self, name: &str, item: Item) {
        let mut items = match self.get(name) {
            Item::Array(items) => items.as_ref().clone(),
            one if one.is_null() => Vec::new(),
            one => vec![one],
        };
        items.push(item);
        self.set(name, Item::array(items));
    }

    /// A preference such as `ErrorActionPreference`, as text.
    pub fn preference(&self, name: &str) -> String {
        self.get(name).as_text().unwrap_or_default().to_owned()
    }

    pub fn enter(&mut self) {
        self.scopes.push(HashMap::new());
    }

    pub fn leave(&mut self) {
        if self.scopes.len() > 1 {
            self.scopes.pop();
        }
    }

    pub fn push_current(&mut self, item: Item) {
        self.current.push(item);
    }

    pub fn pop_current(&mut self) {
        self.current.pop();
    }

    pub fn remember_error(&mut self, error: Item) {
        self.errors.insert(0, error);
        self.errors.truncate(ERRORS);
    }
}

fn version_table() -> Item {
    let version = Version { major: 5, minor: 1, build: Some(20348), revision: Some(2849) };
    Object::new(Object::HASHTABLE)
        .with("PSVersion", Value::Version(version))
        .with("PSEdition", "Desktop")
        .with("CLRVersion", Value::Version(Version { major: 4, minor: 0, build: Some(30319), revision: Some(42000) }))
        .into()
}

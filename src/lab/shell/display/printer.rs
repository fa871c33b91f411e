//! The end of a pipeline: groups of objects as 5.1 prints them to a console.

use std::fmt::Write as _;
use std::sync::Arc;

use super::super::error::{ERROR_RECORD, render_item};
use super::super::evaluate::convert::full_type_name;
use super::super::item::{Item, Object};
use super::List;
use super::table::{Column, Table};
use super::text::text_of;
use super::time;
use super::view::{View, heading, properties_shown, shown_with, value_in_view};
use crate::powershell::Value;

/// The type of what the formatting commands put out: text that is ready.
pub const READY: &str = "Microsoft.PowerShell.Commands.Internal.Format.FormatEntryData";
/// The width of what a script prints: the agent sends it through `Out-String -Width 200`.
pub const PRINTED: usize = 200;
/// What Select-String finds: printed as lines.
pub const MATCH: &str = "Microsoft.PowerShell.Commands.MatchInfo";
/// Up to so many properties make a table.
const TABLE: usize = 4;

/// Prints objects one after another; what it holds back comes with `finish`.
#[derive(Debug)]
pub struct Printer {
    width: usize,
    group: Group,
    /// The heading of the group, where the type divides its tables.
    heading: Option<String>,
}

#[derive(Debug)]
enum Group {
    None,
    /// Lines that Select-String found.
    Lines,
    /// A list of a type.
    List(Arc<str>, List),
    /// A table of a type, the properties of its columns.
    Table(Arc<str>, Vec<Arc<str>>, Table),
}

impl Printer {
    /// A printer of that many columns.
    pub fn new(width: usize) -> Self {
        Self { width, group: Group::None, heading: None }
    }

    /// Prints one object.
    pub fn push(&mut self, item: &Item, out: &mut String) {
        match item {
            Item::Nothing | Item::Value(Value::Null) => {}
            Item::Value(Value::DateTime(moment)) => {
                self.finish(out);
                _ = write!(out, "\n{}\n\n\n", time::long(*moment));
            }
            Item::Object(object) if object.is(READY) => {
                self.finish(out);
                out.push_str(object.text.as_deref().unwrap_or_default());
            }
            Item::Object(object) if object.is(Object::HASHTABLE) => {
                for (name, value) in object.iter() {
                    let entry = Object::new("System.Collections.DictionaryEntry")
                        .with("Name", name.to_string())
                        .with("Value", value.clone());
                    self.object(&entry.into(), out);
                }
            }
            Item::Object(object) if object.is(MATCH) => {
                if !matches!(self.group, Group::Lines) {
                    self.finish(out);
                    out.push('\n');
                    self.group = Group::Lines;
                }
                _ = writeln!(out, "{}", text_of(item));
            }
            Item::Object(object) if object.is(ERROR_RECORD) => {
                self.finish(out);
                out.push_str(&render_item(object));
            }
            Item::Object(object) if object.text.is_some() && object.is_empty() => self.line(&text_of(item), out),
            Item::Object(_) | Item::Guid(_) | Item::Value(Value::TimeSpan(_) | Value::Version(_)) => self.object(item, out),
            Item::Array(items) => {
                for item in items.iter() {
                    self.push(item, out);
                }
            }
            other => self.line(&text_of(other), out),
        }
    }

    /// Prints what is held back and ends the group.
    pub fn finish(&mut self, out: &mut String) {
        match std::mem::replace(&mut self.group, Group::None) {
            Group::None => {}
            Group::Lines => out.push_str("\n\n"),
            Group::List(_, list) => list.finish(out),
            Group::Table(_, _, table) => table.finish(self.width, out),
        }
    }

    fn line(&mut self, text: &str, out: &mut String) {
        self.finish(out);
        // A text keeps its lines as they are, however long; the agent does not send it through Out-String.
        for line in text.strip_suffix('\n').unwrap_or(text).split('\n') {
            out.push_str(line.trim_end_matches('\r'));
            out.push('\n');
        }
    }

    fn object(&mut self, item: &Item, out: &mut String) {
        let type_name: Arc<str> = shown_with(&full_type_name(item)).into();
        let same = match &self.group {
            Group::None | Group::Lines => false,
            Group::List(of, _) | Group::Table(of, ..) => *of == type_name,
        };
        let heading = heading(&type_name, item);
        if !same || heading != self.heading {
            self.finish(out);
            if let Some(heading) = &heading {
                _ = write!(out, "\n\n{heading}");
            }
            self.heading = heading;
            self.group = begun(&type_name, item);
        }
        match &mut self.group {
            Group::None | Group::Lines => {}
            Group::List(_, list) => list.push(&properties_shown(item, true), self.width, out),
            Group::Table(_, names, table) => {
                let row = names.iter().map(|name| value_in_view(item, name)).collect();
                table.push(row, self.width, out);
            }
        }
    }
}

fn begun(type_name: &Arc<str>, item: &Item) -> Group {
    let view = View::of(type_name);
    if let Some(columns) = view.and_then(View::columns) {
        let names = properties_shown(item, false).into_iter().map(|(name, _)| name).collect();
        return Group::Table(Arc::clone(type_name), names, Table::new(columns));
    }
    let properties = properties_shown(item, true);
    let as_list = matches!(view, Some(View::List(_))) || properties.len() > TABLE;
    if as_list {
        return Group::List(Arc::clone(type_name), List::default());
    }
    let names: Vec<Arc<str>> = properties.into_iter().map(|(name, _)| name).collect();
    let columns = names.iter().map(|name| Column { header: name.to_string(), width: None, right: None }).collect();
    Group::Table(Arc::clone(type_name), names, Table::new(columns))
}

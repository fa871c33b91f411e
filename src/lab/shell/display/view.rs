//! The views that types bring, as PowerShell's and Windows' own format files define them. A type without a view is shown by
//! its properties.

use std::sync::Arc;

use super::super::evaluate::property;
use super::super::item::{Item, Object};
use super::table::Column;
use crate::powershell::Value;

/// How an object is shown when nothing was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    /// Columns: header, property, width (0: as wide as needed), to the right.
    Table(&'static [(&'static str, &'static str, usize, bool)]),
    /// The named properties as a list.
    List(&'static [&'static str]),
}

const VIEWS: &[(&str, View)] = &[
    (
        "System.ServiceProcess.ServiceController",
        View::Table(&[("Status", "Status", 8, false), ("Name", "Name", 18, false), ("DisplayName", "DisplayName", 38, false)]),
    ),
    (
        "System.IO.FileInfo",
        View::Table(&[
            ("Mode", "Mode", 7, false),
            ("LastWriteTime", "LastWritten", 25, true),
            ("Length", "LengthOfFile", 14, true),
            ("Name", "Name", 0, false),
        ]),
    ),
    (
        "Microsoft.Management.Infrastructure.CimInstance#root/cimv2/Win32_Service",
        View::Table(&[
            ("ProcessId", "ProcessId", 0, false),
            ("Name", "Name", 0, false),
            ("StartMode", "StartMode", 0, false),
            ("State", "State", 0, false),
            ("Status", "Status", 0, false),
            ("ExitCode", "ExitCode", 0, false),
        ]),
    ),
    ("Microsoft.Win32.RegistryKey", View::Table(&[("Name", "PSChildName", 30, false), ("Property", "Property", 0, false)])),
    (
        "System.Diagnostics.Process",
        View::Table(&[
            ("Handles", "Handles", 7, true),
            ("NPM(K)", "NPM", 7, true),
            ("PM(K)", "PM", 8, true),
            ("WS(K)", "WS", 10, true),
            ("CPU(s)", "CPU", 10, true),
            ("Id", "Id", 6, true),
            ("SI", "SI", 3, true),
            ("ProcessName", "ProcessName", 0, false),
        ]),
    ),
    (
        "System.Diagnostics.Process#IncludeUserName",
        View::Table(&[
            ("Handles", "Handles", 7, true),
            ("WS(K)", "WS", 10, true),
            ("CPU(s)", "CPU", 8, true),
            ("Id", "Id", 6, true),
            ("UserName", "UserName", 22, false),
            ("ProcessName", "ProcessName", 0, false),
        ]),
    ),
    (
        "System.Diagnostics.Eventing.Reader.EventLogRecord",
        View::Table(&[
            ("TimeCreated", "TimeCreated", 26, false),
            ("Id", "Id", 8, true),
            ("LevelDisplayName", "LevelDisplayName", 16, false),
            ("Message", "Message", 0, false),
        ]),
    ),
    (
        "System.Version",
        View::Table(&[
            ("Major", "Major", 6, false),
            ("Minor", "Minor", 6, false),
            ("Build", "Build", 6, false),
            ("Revision", "Revision", 8, false),
        ]),
    ),
    ("System.Collections.DictionaryEntry", View::Table(&[("Name", "Name", 30, false), ("Value", "Value", 0, false)])),
    ("System.Guid", View::Table(&[("Guid", "Guid", 0, false)])),
    (
        "System.TimeSpan",
        View::List(&[
            "Days",
            "Hours",
            "Minutes",
            "Seconds",
            "Milliseconds",
            "Ticks",
            "TotalDays",
            "TotalHours",
            "TotalMinutes",
            "TotalSeconds",
            "TotalMilliseconds",
        ]),
    ),
    (
        "System.Management.Automation.CmdletInfo",
        View::Table(&[
            ("CommandType", "CommandType", 15, false),
            ("Name", "Name", 50, false),
            ("Version", "Version", 10, false),
            ("Source", "Source", 0, false),
        ]),
    ),
    (
        "Microsoft.PowerShell.Commands.MemberDefinition",
        View::Table(&[
            ("Name", "Name", 0, false),
            ("MemberType", "MemberType", 0, false),
            ("Definition", "Definition", 0, false),
        ]),
    ),
    (
        "Microsoft.PowerShell.Commands.GroupInfo",
        View::Table(&[("Count", "Count", 5, true), ("Name", "Name", 25, false), ("Group", "Group", 0, false)]),
    ),
    (
        "Microsoft.PowerShell.Commands.GroupInfoNoElement",
        View::Table(&[("Count", "Count", 5, true), ("Name", "Name", 25, false)]),
    ),
];

/// How the tables of a type are divided.
struct Division {
    type_name: &'static str,
    /// The property whose value stands in the heading.
    property: &'static str,
    /// What stands before it.
    label: &'static str,
    /// What stands behind it.
    end: &'static str,
}

const DIVISIONS: &[Division] = &[
    Division {
        type_name: "System.Diagnostics.Eventing.Reader.EventLogRecord",
        property: "ProviderName",
        label: "   ProviderName: ",
        end: "\n",
    },
    Division { type_name: FILE, property: "DirectoryName", label: "    Directory: ", end: "\n\n" },
];

/// The type whose view files and folders share.
const FILE: &str = "System.IO.FileInfo";

/// The type in whose view a type is shown.
pub fn shown_with(type_name: &str) -> &str {
    if type_name.eq_ignore_ascii_case("System.IO.DirectoryInfo") { FILE } else { type_name }
}

/// The heading above an object's table, where its type divides them.
pub fn heading(type_name: &str, item: &Item) -> Option<String> {
    let division = DIVISIONS.iter().find(|division| division.type_name.eq_ignore_ascii_case(type_name))?;
    let value = property(item, division.property).or_else(|| property(item, "Parent"));
    let value = value.map_or_else(String::new, |value| super::text_of(&value));
    Some(format!("{}{value}{}", division.label, division.end))
}

impl View {
    /// The view of a type, where it brings one.
    pub fn of(type_name: &str) -> Option<&'static Self> {
        VIEWS.iter().find(|(name, _)| name.eq_ignore_ascii_case(type_name)).map(|(_, view)| view)
    }

    /// The columns of a table view.
    pub fn columns(&self) -> Option<Vec<Column>> {
        let Self::Table(columns) = self else { return None };
        Some(
            columns
                .iter()
                .map(|(header, _, width, right)| Column {
                    header: (*header).to_owned(),
                    width: (*width > 0).then_some(*width),
                    right: Some(*right),
                })
                .collect(),
        )
    }
}

/// The properties that a table of an object without a view shows at most.
const COLUMNS: usize = 10;

/// The properties of an object that are shown when none are named: those of its view, else all (a hashtable's are rows of
/// their own, see the printer).
pub fn properties_shown(item: &Item, list: bool) -> Vec<(Arc<str>, Item)> {
    let type_name = super::super::evaluate::convert::full_type_name(item);
    let named = match View::of(shown_with(&type_name)) {
        Some(View::List(names)) => names.to_vec(),
        Some(View::Table(columns)) if !list => columns.iter().map(|(_, name, ..)| *name).collect(),
        _ => Vec::new(),
    };
    if !named.is_empty() {
        return named.into_iter().map(|name| (name.into(), value_in_view(item, name))).collect();
    }
    let all = item.as_object().into_iter().flat_map(Object::iter).map(|(name, value)| (Arc::clone(name), value.clone()));
    if list { all.collect() } else { all.take(COLUMNS).collect() }
}

/// What a view shows under a name: mostly the property; of a file two columns are worked out by its format file.
pub fn value_in_view(item: &Item, name: &str) -> Item {
    let own = |name: &str| item.as_object().and_then(|object| object.get(name)).cloned();
    match name {
        "LengthOfFile" => own("Length").unwrap_or(Item::NULL),
        "LastWritten" => match own("LastWriteTime").map(|item| item.to_value()) {
            Some(Value::DateTime(time)) => {
                let (date, at) = (time.format("%-m/%-d/%Y").to_string(), time.format("%-I:%M %p").to_string());
                Item::from(format!("{date:>10}  {at:>8}"))
            }
            _ => Item::NULL,
        },
        _ => property(item, name).unwrap_or(Item::NULL),
    }
}

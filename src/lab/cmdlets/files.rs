//! Files on a server's disk and on shares: the few that the product writes and runbooks look at.

use super::object::text;
use super::registry::{key_exists, key_of, keys_like, no_path};
use super::service::{given, like};
use super::{Call, Entry, entries};
use crate::lab::operate::is_share;
use crate::lab::shell::{Item, Kind, Object, Parameter, Pipeline, Reply};

const fn path() -> Parameter {
    Parameter::new("Path", Kind::Texts).alias(&["LiteralPath", "PSPath", "FullName"]).at(0).from_pipeline(Pipeline::Either)
}

pub(super) static ENTRIES: &[Entry] = entries! {
    Windows "Test-Path" "Microsoft.PowerShell.Commands.TestPathCommand" test => [path(), Parameter::new("PathType", Kind::Text)];
    Windows "Get-Item" "Microsoft.PowerShell.Commands.GetItemCommand" get_item => [path()];
    Windows "Get-ChildItem" "Microsoft.PowerShell.Commands.GetChildItemCommand" children => [
        path(),
        Parameter::new("Filter", Kind::Text).at(1),
        Parameter::new("Recurse", Kind::Switch),
        Parameter::new("File", Kind::Switch),
        Parameter::new("Force", Kind::Switch),
    ];
    Windows "Get-Content" "Microsoft.PowerShell.Commands.GetContentCommand" content => [
        path(),
        Parameter::new("Raw", Kind::Switch),
        Parameter::new("Encoding", Kind::Text),
        Parameter::new("TotalCount", Kind::Int).alias(&["First", "Head"]),
        Parameter::new("Tail", Kind::Int).alias(&["Last"]),
    ];
};

/// The folder of the product's programs.
pub(super) const BIN: &str = "C:\\Program Files\\Microsoft Azure AD Sync\\Bin";
const WIZARD: &str = "C:\\Program Files\\Microsoft Azure Active Directory Connect\\AzureADConnect.exe";

/// All files that a server sees: its own and those of shares.
fn files<'a>(call: &'a Call) -> impl Iterator<Item = (&'a String, &'a String)> {
    call.server().files.iter().chain(&call.world.shares)
}

/// A file by its path, whatever its case.
pub(super) fn find<'a>(call: &'a Call, path: &str) -> Option<(&'a String, &'a String)> {
    files(call).find(|(known, _)| known.eq_ignore_ascii_case(path))
}

fn programs(call: &Call) -> Vec<(String, String)> {
    call.product().map_or_else(Vec::new, |product| {
        let version = product.version.to_string();
        ["miiserver.exe", "miisclient.exe", "csexport.exe", "CSExportAnalyzer.exe"]
            .iter()
            .map(|name| (format!("{BIN}\\{name}"), version.clone()))
            .chain([(WIZARD.to_owned(), version.clone())])
            .collect()
    })
}

pub(super) fn folder_exists(call: &Call, path: &str) -> bool {
    let below = format!("{}\\", path.trim_end_matches('\\').to_lowercase());
    let inside = |known: &str| known.to_lowercase().starts_with(&below);
    files(call).any(|(known, _)| inside(known)) || programs(call).iter().any(|(known, _)| inside(known))
}

/// A file as Get-Item shows it.
pub(super) fn item(call: &Call, path: &str) -> Option<Item> {
    let base = |full: &str| {
        let (folder, name) = full.rsplit_once('\\').unwrap_or(("", full));
        Object::new("System.IO.FileInfo")
            .with("FullName", text(full))
            .with("Name", text(name))
            .with("DirectoryName", text(folder))
            .shown_as(full.to_owned())
    };
    if let Some((full, content)) = find(call, path) {
        return Some(base(full).with("Length", i64::try_from(content.len()).unwrap_or(0)).into());
    }
    let (full, version) = programs(call).into_iter().find(|(known, _)| known.eq_ignore_ascii_case(path))?;
    let info = Object::new("System.Diagnostics.FileVersionInfo")
        .with("ProductVersion", text(version.as_str()))
        .with("FileVersion", text(version.as_str()))
        .with("FileName", text(full.as_str()));
    Some(base(&full).with("VersionInfo", info).into())
}

/// Makes a file or a folder.
pub(super) fn make(call: &mut Call, path: &str, folder: bool, content: &str) -> Item {
    let known = if folder { format!("{}\\", path.trim_end_matches('\\')) } else { path.to_owned() };
    let files = if is_share(path) { &mut call.world.shares } else { &mut call.world.servers[call.at].files };
    files.insert(known, content.to_owned());
    let kind = if folder { "System.IO.DirectoryInfo" } else { "System.IO.FileInfo" };
    let name = path.trim_end_matches('\\').rsplit('\\').next().unwrap_or(path);
    Object::new(kind).with("FullName", text(path)).with("Name", text(name)).shown_as(path.to_owned()).into()
}

fn test(call: &mut Call) -> Reply {
    let there = |path: &String| match key_of(path) {
        Some(key) => key_exists(call, &key),
        None => item(call, path).is_some() || folder_exists(call, path) || files(call).any(|(known, _)| like(known, path)),
    };
    Reply::Done(given(call, "Path").iter().map(|path| Item::from(there(path))).collect())
}

/// The folders right within a folder, by the files below them.
fn folders_in(call: &Call, below: &str, pattern: &str) -> Vec<String> {
    let inside = files(call).filter(|(known, _)| known.to_lowercase().starts_with(below));
    let mut names: Vec<String> = inside
        .filter_map(|(known, _)| known[below.len()..].split_once('\\'))
        .map(|(name, _)| name.to_owned())
        .filter(|name| !name.is_empty() && like(name, pattern))
        .collect();
    names.sort();
    names.dedup();
    names
}

fn folder_item(path: &str) -> Item {
    let (parent, name) = path.rsplit_once('\\').unwrap_or(("", path));
    Object::new("System.IO.DirectoryInfo")
        .with("FullName", text(path))
        .with("Name", text(name))
        .with("Parent", text(parent))
        .shown_as(path.to_owned())
        .into()
}

fn get_item(call: &mut Call) -> Reply {
    let mut items = Vec::new();
    for path in given(call, "Path") {
        if let Some(key) = key_of(&path) {
            let found = keys_like(call, &key);
            if found.is_empty() && !key.contains('*') {
                return Reply::Failed(no_path(&path, "String"));
            }
            items.extend(found);
            continue;
        }
        match item(call, &path) {
            Some(found) => items.push(found),
            None if path.contains('*') => {
                items.extend(files(call).filter(|(known, _)| like(known, &path)).filter_map(|(known, _)| item(call, known)));
            }
            None => return Reply::Failed(no_path(&path, "String")),
        }
    }
    Reply::Done(items)
}

fn children(call: &mut Call) -> Reply {
    let filter = call.text("Filter").unwrap_or("*").to_owned();
    let recurse = call.invocation.arguments.switch("Recurse");
    let mut items = Vec::new();
    for path in given(call, "Path") {
        if let Some(key) = key_of(&path) {
            if !key.contains('*') && !key_exists(call, &key) {
                return Reply::Failed(no_path(&path, "String"));
            }
            items.extend(keys_like(call, &format!("{key}\\*")));
            continue;
        }
        let (folder, pattern) = match path.rsplit_once('\\') {
            Some((folder, last)) if last.contains('*') => (folder.to_owned(), last.to_owned()),
            _ => (path.trim_end_matches('\\').to_owned(), "*".to_owned()),
        };
        let below = format!("{}\\", folder.to_lowercase());
        let found: Vec<Item> = files(call)
            .filter(|(known, _)| known.to_lowercase().starts_with(&below) && known.len() > below.len())
            .filter(|(known, _)| recurse || !known[below.len()..].contains('\\'))
            .filter(|(known, _)| {
                let name = known.rsplit('\\').next().unwrap_or_default();
                like(name, &pattern) && like(name, &filter)
            })
            .filter_map(|(known, _)| item(call, known))
            .collect();
        let folders = if recurse { Vec::new() } else { folders_in(call, &below, &pattern) };
        items.extend(folders.iter().map(|name| folder_item(&format!("{folder}\\{name}"))));
        if found.is_empty() && !folder_exists(call, &folder) {
            return Reply::Failed(no_path(&path, "String"));
        }
        items.extend(found);
    }
    Reply::Done(items)
}

fn content(call: &mut Call) -> Reply {
    let raw = call.invocation.arguments.switch("Raw");
    let number = |name: &str| {
        let value = call.invocation.arguments.value(name).and_then(|value| value.as_int());
        value.and_then(|n| usize::try_from(n).ok())
    };
    let (head, tail) = (number("TotalCount"), number("Tail"));
    let mut items = Vec::new();
    for path in given(call, "Path") {
        let Some((_, content)) = find(call, &path) else { return Reply::Failed(no_path(&path, "String")) };
        if raw {
            items.push(text(content.as_str()));
            continue;
        }
        let lines: Vec<&str> = content.lines().collect();
        let from = tail.map_or(0, |n| lines.len().saturating_sub(n));
        items.extend(lines[from..].iter().take(head.unwrap_or(usize::MAX)).map(|line| text(*line)));
    }
    Reply::Done(items)
}

//! Files on a server's disk and on shares: the few that the product writes and runbooks look at.

use super::object::text;
use super::registry::{key_exists, key_of, keys_like, no_key, no_path};
use super::service::{given, like};
use super::{Call, Entry, entries};
use crate::Time;
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
        Parameter::new("Directory", Kind::Switch).alias(&["ad"]),
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
/// The module's manifest.
const MODULE: &str = "C:\\Program Files\\Microsoft Azure AD Sync\\Bin\\ADSync\\ADSync.psd1";
const WIZARD: &str = "C:\\Program Files\\Microsoft Azure Active Directory Connect\\AzureADConnect.exe";

/// All files that a server sees: its own and those of shares.
pub(super) fn all<'a>(call: &'a Call) -> impl Iterator<Item = (&'a String, &'a String)> {
    call.server().files.iter().chain(&call.world.shares)
}

/// A file by its path, whatever its case.
pub(super) fn find<'a>(call: &'a Call, path: &str) -> Option<(&'a String, &'a String)> {
    all(call).find(|(known, _)| known.eq_ignore_ascii_case(path))
}

fn programs(call: &Call) -> Vec<(String, String)> {
    call.product().map_or_else(Vec::new, |product| {
        let version = product.version.to_string();
        ["miiserver.exe", "miisclient.exe", "csexport.exe", "CSExportAnalyzer.exe"]
            .iter()
            .map(|name| (format!("{BIN}\\{name}"), version.clone()))
            .chain([(MODULE.to_owned(), "1.0.0.0".to_owned()), (WIZARD.to_owned(), version.clone())])
            .collect()
    })
}

pub(super) fn folder_exists(call: &Call, path: &str) -> bool {
    let below = format!("{}\\", path.trim_end_matches('\\').to_lowercase());
    let inside = |known: &str| known.to_lowercase().starts_with(&below);
    all(call).any(|(known, _)| inside(known)) || programs(call).iter().any(|(known, _)| inside(known))
}

/// The folder of a path, and its name in it. A drive's own folder keeps its backslash.
fn parent(path: &str) -> (String, &str) {
    let (folder, name) = path.rsplit_once('\\').unwrap_or(("", path));
    (if folder.ends_with(':') { format!("{folder}\\") } else { folder.to_owned() }, name)
}

/// A file as Get-Item shows it.
pub(super) fn item(call: &Call, path: &str) -> Option<Item> {
    let base = |full: &str, written: Time| {
        let (folder, name) = parent(full);
        Object::new("System.IO.FileInfo")
            .with("Mode", text("-a----"))
            .with("Name", text(name))
            .with("FullName", text(full))
            .with("DirectoryName", text(folder))
            .with("Extension", text(name.rfind('.').map_or("", |dot| &name[dot..])))
            .with("LastWriteTime", call.clock(written))
            .with("LastWriteTimeUtc", call.clock(written))
            .shown_as(full.to_owned())
    };
    if let Some((full, content)) = find(call, path) {
        let written = call.world.file_written(call.at, full);
        return Some(base(full, written).with("Length", i64::try_from(content.len()).unwrap_or(0)).into());
    }
    let (full, version) = programs(call).into_iter().find(|(known, _)| known.eq_ignore_ascii_case(path))?;
    let info = Object::new("System.Diagnostics.FileVersionInfo")
        .with("ProductVersion", text(version.as_str()))
        .with("FileVersion", text(version.as_str()))
        .with("FileName", text(full.as_str()));
    // How large the product's programs are the lab does not know.
    let installed = call.product().map(|product| product.installed)?;
    Some(base(&full, installed).with("VersionInfo", info).into())
}

/// Makes a file or a folder.
pub(super) fn make(call: &mut Call, path: &str, folder: bool, content: &str) -> Item {
    if folder {
        call.world.write_file(call.at, &format!("{}\\", path.trim_end_matches('\\')), String::new());
        return folder_item(path.trim_end_matches('\\'));
    }
    call.world.write_file(call.at, path, content.to_owned());
    item(call, path).unwrap_or(Item::NULL)
}

fn test(call: &mut Call) -> Reply {
    let there = |path: &String| match key_of(path) {
        Some(key) if key_exists(call, &key) => Ok(true),
        Some(key) => match no_key(call, path, &key) {
            Reply::NotPlayed(why) => Err(why),
            _ => Ok(false),
        },
        None => Ok(item(call, path).is_some() || folder_exists(call, path) || all(call).any(|(known, _)| like(known, path))),
    };
    match given(call, "Path").iter().map(|path| there(path).map(Item::from)).collect() {
        Ok(answers) => Reply::Done(answers),
        Err(why) => Reply::NotPlayed(why),
    }
}

/// The folders right within a folder, by the files below them.
fn folders_in(call: &Call, below: &str, pattern: &str) -> Vec<String> {
    let programs = programs(call).into_iter().map(|(known, _)| known);
    let known: Vec<String> = all(call).map(|(known, _)| known.clone()).chain(programs).collect();
    let inside = known.iter().filter(|known| known.to_lowercase().starts_with(below));
    let mut names: Vec<String> = inside
        .filter_map(|known| known[below.len()..].split_once('\\'))
        .map(|(name, _)| name.to_owned())
        .filter(|name| !name.is_empty() && like(name, pattern))
        .collect();
    names.sort();
    names.dedup();
    names
}

/// A folder. The lab knows no moments of folders, only of files.
fn folder_item(path: &str) -> Item {
    let (parent, name) = parent(path);
    Object::new("System.IO.DirectoryInfo")
        .with("Mode", text("d-----"))
        .with("Name", text(name))
        .with("FullName", text(path))
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
                return no_key(call, &path, &key);
            }
            items.extend(found);
            continue;
        }
        match item(call, &path) {
            Some(found) => items.push(found),
            None if folder_exists(call, &path) => items.push(folder_item(path.trim_end_matches('\\'))),
            None if path.contains('*') => {
                items.extend(all(call).filter(|(known, _)| like(known, &path)).filter_map(|(known, _)| item(call, known)));
            }
            None => return Reply::Failed(no_path(&path, "String")),
        }
    }
    Reply::Done(items)
}

fn children(call: &mut Call) -> Reply {
    let filter = call.text("Filter").unwrap_or("*").to_owned();
    let switch = |name: &str| call.invocation.arguments.switch(name);
    let recurse = switch("Recurse");
    let mut items = Vec::new();
    for path in given(call, "Path") {
        if let Some(key) = key_of(&path) {
            if !key.contains('*') && !key_exists(call, &key) {
                return no_key(call, &path, &key);
            }
            items.extend(keys_like(call, &format!("{key}\\*")));
            continue;
        }
        let (folder, pattern) = match path.rsplit_once('\\') {
            Some((folder, last)) if last.contains('*') => (folder.to_owned(), last.to_owned()),
            _ => (path.trim_end_matches('\\').to_owned(), "*".to_owned()),
        };
        let below = format!("{}\\", folder.to_lowercase());
        let programs = programs(call).into_iter().map(|(known, _)| known);
        let known: Vec<String> = all(call).map(|(known, _)| known.clone()).chain(programs).collect();
        let found: Vec<Item> = known
            .iter()
            .filter(|known| known.to_lowercase().starts_with(&below) && known.len() > below.len())
            .filter(|known| recurse || !known[below.len()..].contains('\\'))
            .filter(|known| {
                let name = known.rsplit('\\').next().unwrap_or_default();
                like(name, &pattern) && like(name, &filter)
            })
            .filter_map(|known| item(call, known))
            .collect();
        let (files_only, folders_only) = (switch("File"), switch("Directory"));
        let folders = if recurse || files_only { Vec::new() } else { folders_in(call, &below, &pattern) };
        items.extend(folders.iter().map(|name| folder_item(&format!("{folder}\\{name}"))));
        if found.is_empty() && !folder_exists(call, &folder) {
            return Reply::Failed(no_path(&path, "String"));
        }
        items.extend(found.into_iter().filter(|_| !folders_only));
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

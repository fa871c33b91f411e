//! Writing, copying and removing files: on a server's disk and on shares that every server sees.

use super::files::{find, folder_exists};
use super::registry::{key_of, no_path};
use super::service::{given, like};
use super::{Call, Entry, entries};
use crate::lab::shell::{Item, Kind, Parameter, Pipeline, Reply};

const fn path() -> Parameter {
    Parameter::new("Path", Kind::Texts).alias(&["LiteralPath", "PSPath", "FullName"]).at(0).mandatory()
}

pub(super) static ENTRIES: &[Entry] = entries! {
    Windows "Set-Content" "Microsoft.PowerShell.Commands.SetContentCommand" set => [
        path(),
        Parameter::new("Value", Kind::Many).at(1).mandatory().from_pipeline(Pipeline::Whole),
        Parameter::new("Encoding", Kind::Text),
        Parameter::new("NoNewline", Kind::Switch),
        Parameter::new("Force", Kind::Switch),
    ];
    Windows "Add-Content" "Microsoft.PowerShell.Commands.AddContentCommand" add => [
        path(),
        Parameter::new("Value", Kind::Many).at(1).mandatory().from_pipeline(Pipeline::Whole),
        Parameter::new("Encoding", Kind::Text),
        Parameter::new("NoNewline", Kind::Switch),
        Parameter::new("Force", Kind::Switch),
    ];
    Windows "Copy-Item" "Microsoft.PowerShell.Commands.CopyItemCommand" copy => [
        path().from_pipeline(Pipeline::Property),
        Parameter::new("Destination", Kind::Text).at(1).mandatory(),
        Parameter::new("Force", Kind::Switch),
        Parameter::new("Recurse", Kind::Switch),
    ];
    Windows "Remove-Item" "Microsoft.PowerShell.Commands.RemoveItemCommand" remove => [
        path().from_pipeline(Pipeline::Property),
        Parameter::new("Force", Kind::Switch),
        Parameter::new("Recurse", Kind::Switch),
    ];
};

/// Writes a file under the spelling that it has already.
fn write(call: &mut Call, path: &str, content: String) {
    let known = find(call, path).map_or_else(|| path.to_owned(), |(known, _)| known.clone());
    call.world.write_file(call.at, &known, content);
}

fn text(call: &Call) -> String {
    let lines = match call.invocation.arguments.get("Value") {
        Some(Item::Array(items)) => items.iter().map(line).collect(),
        Some(item) => vec![line(item)],
        None => Vec::new(),
    };
    if call.invocation.arguments.switch("NoNewline") {
        return lines.concat();
    }
    lines.into_iter().map(|line| line + "\r\n").collect::<Vec<_>>().concat()
}

fn line(item: &Item) -> String {
    match (item.as_text(), item) {
        (Some(text), _) => text.to_owned(),
        (None, Item::Object(object)) => object.text.as_ref().map_or_else(|| object.type_name.to_string(), ToString::to_string),
        (None, other) => crate::powershell::format::to_text(&other.to_value()),
    }
}

fn registry(path: &str) -> Reply {
    Reply::NotPlayed(format!("changing {path}: of the registry the lab sets values only"))
}

fn set(call: &mut Call) -> Reply {
    let content = text(call);
    for path in given(call, "Path") {
        if key_of(&path).is_some() {
            return registry(&path);
        }
        write(call, &path, content.clone());
    }
    Call::quiet()
}

fn add(call: &mut Call) -> Reply {
    let content = text(call);
    for path in given(call, "Path") {
        if key_of(&path).is_some() {
            return registry(&path);
        }
        let before = find(call, &path).map(|(_, content)| content.clone()).unwrap_or_default();
        write(call, &path, before + &content);
    }
    Call::quiet()
}

/// The files that a path means: itself, those that fit its wildcards, with `-Recurse` those below it.
fn meant(call: &Call, path: &str) -> Vec<(String, String)> {
    let below = format!("{}\\", path.trim_end_matches('\\').to_lowercase());
    let recurse = call.invocation.arguments.switch("Recurse");
    let fits = |known: &str| {
        like(known, path) && known.matches('\\').count() == path.matches('\\').count()
            || recurse && known.to_lowercase().starts_with(&below)
    };
    let files = call.server().files.iter().chain(&call.world.shares);
    files.filter(|(known, _)| fits(known)).map(|(known, content)| (known.clone(), content.clone())).collect()
}

fn copy(call: &mut Call) -> Reply {
    let destination = call.text("Destination").unwrap_or_default().trim_end_matches('\\').to_owned();
    for path in given(call, "Path") {
        let from = meant(call, &path);
        if from.is_empty() && !path.contains('*') {
            return Reply::Failed(no_path(&path, "String"));
        }
        let into_folder = folder_exists(call, &destination) || from.len() > 1;
        let folder = path.rsplit_once('\\').map_or("", |(folder, _)| folder).len() + 1;
        for (known, content) in from {
            let target =
                if into_folder { format!("{destination}\\{}", &known[folder.min(known.len())..]) } else { destination.clone() };
            write(call, &target, content);
        }
    }
    Call::quiet()
}

fn remove(call: &mut Call) -> Reply {
    for path in given(call, "Path") {
        if key_of(&path).is_some() {
            return registry(&path);
        }
        let gone = meant(call, &path);
        if gone.is_empty() && !path.contains('*') {
            return Reply::Failed(no_path(&path, "String"));
        }
        for (known, _) in gone {
            call.world.remove_file(call.at, &known);
        }
    }
    Call::quiet()
}

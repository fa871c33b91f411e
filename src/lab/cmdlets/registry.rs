//! The registry: what is installed, .NET, TLS, the machine's identifier. Reading, and setting the TLS values that a runbook sets.

use super::object::text;
use super::service::{given, like};
use super::{Call, Entry, entries};
use crate::lab::shell::{Failure, Item, Kind, Object, Parameter, Pipeline, Reply};
use crate::lab::world::host::{DOT_NET_32, DOT_NET_64, SCHANNEL};

const fn path() -> Parameter {
    Parameter::new("Path", Kind::Texts).alias(&["LiteralPath", "PSPath"]).at(0).from_pipeline(Pipeline::Either)
}

pub(super) static ENTRIES: &[Entry] = entries! {
    Windows "Get-ItemProperty" "Microsoft.PowerShell.Commands.GetItemPropertyCommand" get => [path(), Parameter::new("Name", Kind::Texts).at(1)];
    Windows "Get-ItemPropertyValue" "Microsoft.PowerShell.Commands.GetItemPropertyValueCommand" get_value => [
        path(), Parameter::new("Name", Kind::Texts).at(1).mandatory(),
    ];
    Windows "New-Item" "Microsoft.PowerShell.Commands.NewItemCommand" new_item => [
        path(),
        Parameter::new("Name", Kind::Text),
        Parameter::new("ItemType", Kind::Text).alias(&["Type"]),
        Parameter::new("Value", Kind::Any),
        Parameter::new("Force", Kind::Switch),
    ];
    Windows "New-ItemProperty" "Microsoft.PowerShell.Commands.NewItemPropertyCommand" set => [
        path(),
        Parameter::new("Name", Kind::Text).at(1).mandatory(),
        Parameter::new("Value", Kind::Any),
        Parameter::new("PropertyType", Kind::Text).alias(&["Type"]),
        Parameter::new("Force", Kind::Switch),
    ];
    Windows "Set-ItemProperty" "Microsoft.PowerShell.Commands.SetItemPropertyCommand" set => [
        path(),
        Parameter::new("Name", Kind::Text).at(1).mandatory(),
        Parameter::new("Value", Kind::Any).at(2),
        Parameter::new("Type", Kind::Text),
        Parameter::new("Force", Kind::Switch),
    ];
};

/// `HKLM\…`, whatever way the key was written; none: it is no registry path.
pub(super) fn key_of(path: &str) -> Option<String> {
    let path = path.strip_prefix("Microsoft.PowerShell.Core\\").unwrap_or(path);
    let path = path.strip_prefix("Registry::").unwrap_or(path).trim_end_matches('\\');
    let upper = path.to_ascii_uppercase();
    ["HKLM:\\", "HKEY_LOCAL_MACHINE\\", "HKLM:", "HKLM\\"]
        .iter()
        .find(|prefix| upper.starts_with(**prefix))
        .map(|prefix| format!("HKLM\\{}", &path[prefix.len()..]))
}

/// A key with its values.
struct Key {
    path: String,
    values: Vec<(String, Item)>,
}

/// Below these the lab knows every key and what is not there; elsewhere a real server has keys that the lab knows nothing of.
const PLAYED: [&str; 7] = [
    UNINSTALL,
    "HKLM\\SOFTWARE\\WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\Uninstall",
    "HKLM\\SOFTWARE\\Microsoft\\Azure AD Connect",
    "HKLM\\SOFTWARE\\Microsoft\\NET Framework Setup\\NDP\\v4\\Full",
    SCHANNEL,
    DOT_NET_64,
    DOT_NET_32,
];

const UNINSTALL: &str = "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall";

/// Every key that the lab knows on this server.
fn keys(call: &Call) -> Vec<Key> {
    let server = call.server();
    let host = &server.host;
    let mut keys = Vec::new();
    let mut uninstall = |guid: &str, name: &str, version: &str| {
        keys.push(Key {
            path: format!("{UNINSTALL}\\{{{guid}}}"),
            values: vec![
                ("DisplayName".to_owned(), text(name)),
                ("DisplayVersion".to_owned(), text(version)),
                ("Publisher".to_owned(), text("Microsoft Corporation")),
            ],
        });
    };
    if let Some(product) = &server.product {
        let name = if product.version.major == 2 && product.version.minor >= 4 {
            "Microsoft Entra Connect Sync"
        } else {
            "Microsoft Azure AD Connect"
        };
        uninstall("D2B2F5D1-5A5E-4B5C-8B8A-3C8C9C0A7B11", name, &product.version.to_string());
        if product.local_db {
            uninstall("6DC1D5B3-7F7C-4D5A-9E9E-2A2F0A1C4E22", "Microsoft SQL Server 2022 LocalDB ", "16.0.1000.6");
        }
    }
    if host.authentication_agent.is_some() {
        uninstall("A1C4E5B7-9D4E-4C1B-8B53-5D1F5B6E7F33", "Microsoft Azure AD Connect Authentication Agent", "1.5.2482.0");
    }
    if host.health_agent.is_some() {
        uninstall("F0E3B7A4-1B2C-4D3E-8F4A-6B7C8D9E0F44", "Microsoft Entra Connect Health Agent", "4.5.2520.0");
    }
    if let Some(product) = &server.product {
        keys.push(Key {
            path: "HKLM\\SOFTWARE\\Microsoft\\Azure AD Connect".to_owned(),
            values: vec![
                ("SyncMachineIdentifier".to_owned(), text(product.machine_id.as_str())),
                ("WizardVersion".to_owned(), text(product.version.to_string())),
            ],
        });
    }
    // Every Windows has them; the values of TLS come only when somebody sets them.
    keys.extend([DOT_NET_64, DOT_NET_32].map(|path| Key { path: path.to_owned(), values: Vec::new() }));
    keys.push(Key {
        path: "HKLM\\SOFTWARE\\Microsoft\\NET Framework Setup\\NDP\\v4\\Full".to_owned(),
        values: vec![("Release".to_owned(), Item::from(host.dot_net)), ("Version".to_owned(), text("4.8.04161"))],
    });
    for (path, value) in &host.registry {
        let Some((key, name)) = path.rsplit_once('\\') else { continue };
        let values = if name.is_empty() { Vec::new() } else { vec![(name.to_owned(), Item::from(*value))] };
        match keys.iter_mut().find(|known| known.path.eq_ignore_ascii_case(key)) {
            Some(known) => known.values.extend(values),
            None => keys.push(Key { path: key.to_owned(), values }),
        }
    }
    keys
}

/// Whether a key is there, in full or as the parent of another.
pub(super) fn key_exists(call: &Call, key: &str) -> bool {
    let below = format!("{}\\", key.to_lowercase());
    keys(call).iter().any(|known| known.path.eq_ignore_ascii_case(key) || known.path.to_lowercase().starts_with(&below))
}

/// Whether the lab can tell that a key is not there.
fn is_played(call: &Call, key: &str) -> bool {
    let below = |parent: &str| {
        key.get(..parent.len()).is_some_and(|head| head.eq_ignore_ascii_case(parent))
            && (key.len() == parent.len() || key.as_bytes()[parent.len()] == b'\\')
    };
    PLAYED.iter().any(|root| below(root)) || key_exists(call, key)
}

/// Why a key is not shown: it is not there, or it is none that the lab plays.
pub(super) fn no_key(call: &Call, path: &str, key: &str) -> Reply {
    if is_played(call, key) {
        return Reply::Failed(no_path(path, "String"));
    }
    let known = "what is installed, .NET, TLS and the machine's identifier";
    Reply::NotPlayed(format!("the registry key {path}: the lab knows {known} only"))
}

/// The keys that a path means, wildcards among it, as Get-Item and Get-ChildItem show them. What the lab knows of a key is
/// its values; a key that is only the parent of others has none.
pub(super) fn keys_like(call: &Call, path: &str) -> Vec<Item> {
    let depth = path.matches('\\').count();
    let known = keys(call);
    let mut paths: Vec<String> = known
        .iter()
        .filter_map(|key| {
            let parts: Vec<&str> = key.path.split('\\').collect();
            (parts.len() > depth).then(|| parts[..=depth].join("\\"))
        })
        .filter(|key| like(key, path))
        .collect();
    paths.sort();
    paths.dedup_by(|a, b| a.eq_ignore_ascii_case(b));
    let shown = |path: &String| {
        let values = known.iter().find(|key| key.path.eq_ignore_ascii_case(path)).map(|key| key.values.as_slice());
        let names: Vec<String> = values.unwrap_or_default().iter().map(|(name, _)| name.clone()).collect();
        let full = path.replacen("HKLM", "HKEY_LOCAL_MACHINE", 1);
        Object::new("Microsoft.Win32.RegistryKey")
            .with("Name", text(full.as_str()))
            .with("Property", super::object::texts(&names))
            .with("PSChildName", text(path.rsplit('\\').next().unwrap_or(path)))
            .with("PSPath", text(format!("Microsoft.PowerShell.Core\\Registry::{full}")))
            .shown_as(full)
            .into()
    };
    paths.iter().map(shown).collect()
}

pub(super) fn no_path(path: &str, class: &str) -> Failure {
    Failure::new(
        format!("Cannot find path '{path}' because it does not exist."),
        "System.Management.Automation.ItemNotFoundException",
        "ObjectNotFound",
    )
    .id("PathNotFound")
    .target(path, class)
}

fn key_object(key: &Key, names: &[String]) -> Item {
    let mut object = Object::new("System.Management.Automation.PSCustomObject");
    for (name, value) in &key.values {
        if names.is_empty() || names.iter().any(|wanted| like(name, wanted)) {
            object.set(name.as_str(), value.clone());
        }
    }
    let (parent, child) = key.path.rsplit_once('\\').unwrap_or(("HKLM", &key.path));
    let full = |path: &str| {
        format!("Microsoft.PowerShell.Core\\Registry::HKEY_LOCAL_MACHINE{}", path.strip_prefix("HKLM").unwrap_or(path))
    };
    object
        .with("PSPath", text(full(&key.path)))
        .with("PSParentPath", text(full(parent)))
        .with("PSChildName", text(child))
        .with("PSDrive", text("HKLM"))
        .with("PSProvider", text("Microsoft.PowerShell.Core\\Registry"))
        .into()
}

fn get(call: &mut Call) -> Reply {
    let names = given(call, "Name");
    let mut objects = Vec::new();
    for path in given(call, "Path") {
        let Some(key) = key_of(&path) else {
            match super::files::item(call, &path) {
                Some(item) => objects.push(item),
                None => return Reply::Failed(no_path(&path, "String")),
            }
            continue;
        };
        let depth = key.matches('\\').count();
        let all = keys(call);
        let found: Vec<&Key> =
            all.iter().filter(|known| known.path.matches('\\').count() == depth && like(&known.path, &key)).collect();
        if found.is_empty() && !(key_exists(call, &key) || key.contains('*') && is_played(call, &key)) {
            return no_key(call, &path, &key);
        }
        for key in found {
            if let Some(missing) = names
                .iter()
                .find(|name| !name.contains('*') && !key.values.iter().any(|(known, _)| known.eq_ignore_ascii_case(name)))
            {
                let message =
                    format!("Property {missing} does not exist at path {}.", key.path.replacen("HKLM", "HKEY_LOCAL_MACHINE", 1));
                return Reply::Failed(
                    Failure::new(message, "System.Management.Automation.PSArgumentException", "InvalidArgument")
                        .id("System.Management.Automation.PSArgumentException")
                        .target(missing.as_str(), "String"),
                );
            }
            objects.push(key_object(key, &names));
        }
    }
    Reply::Done(objects)
}

fn get_value(call: &mut Call) -> Reply {
    let names = given(call, "Name");
    match get(call) {
        Reply::Done(objects) => Reply::Done(
            objects
                .iter()
                .filter_map(Item::as_object)
                .flat_map(|object| names.iter().filter_map(|name| object.get(name).cloned()).collect::<Vec<_>>())
                .collect(),
        ),
        other => other,
    }
}

fn new_item(call: &mut Call) -> Reply {
    let paths = given(call, "Path");
    let content = call.invocation.arguments.get("Value").and_then(Item::as_text).unwrap_or_default().to_owned();
    let mut objects = Vec::new();
    for path in paths {
        let path = call.text("Name").map_or(path.clone(), |name| format!("{}\\{name}", path.trim_end_matches('\\')));
        if let Some(key) = key_of(&path) {
            let marker = format!("{key}\\");
            call.server_mut().host.registry.entry(marker).or_insert(0);
            objects.push(
                Object::new("Microsoft.Win32.RegistryKey")
                    .with("Name", text(key.replacen("HKLM", "HKEY_LOCAL_MACHINE", 1)))
                    .into(),
            );
        } else {
            let folder = call.text("ItemType").is_some_and(|kind| kind.eq_ignore_ascii_case("Directory"));
            objects.push(super::files::make(call, &path, folder, &content));
        }
    }
    Reply::Done(objects)
}

fn set(call: &mut Call) -> Reply {
    let name = call.text("Name").unwrap_or_default().to_owned();
    let value = match call.invocation.arguments.value("Value") {
        Some(crate::powershell::Value::Int(value)) => value,
        Some(crate::powershell::Value::Text(word)) if word.parse::<i64>().is_ok() => word.parse().unwrap_or(0),
        _ => {
            return Reply::NotPlayed(format!("a registry value '{name}' that is no number: the lab keeps numbers only"));
        }
    };
    let creates = call.invocation.name.starts_with("New");
    let mut objects = Vec::new();
    for path in given(call, "Path") {
        let Some(key) = key_of(&path) else {
            return Reply::NotPlayed(format!("properties of {path}: the lab sets values of the registry only"));
        };
        if !key_exists(call, &key) {
            return no_key(call, &path, &key);
        }
        call.server_mut().host.registry.insert(format!("{key}\\{name}"), value);
        if creates {
            objects.push(key_object(&Key { path: key, values: vec![(name.clone(), Item::from(value))] }, &[]));
        }
    }
    Reply::Done(objects)
}

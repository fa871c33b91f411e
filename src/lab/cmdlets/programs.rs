//! Programs: `w32tm`, `csexport`, `CSExportAnalyzer`, `query user`, `shutdown`.

use chrono::TimeDelta;

use super::{Call, Entry, Needs};
use crate::lab::fault::Fault;
use crate::lab::operate::is_share;
use crate::lab::shell::{Command, Emission, Item, Reply};
use crate::lab::world::connector::Kind;
use crate::lab::world::pending::{PendingObject, pending_objects};

macro_rules! program {
    ($needs:ident $name:literal $play:path) => {
        Entry { command: Command { name: $name, class: "", parameters: &[], program: true }, needs: Needs::$needs, play: $play }
    };
}

pub(super) static ENTRIES: &[Entry] = &[
    program!(Windows "w32tm.exe" w32tm),
    program!(Windows "quser.exe" quser),
    program!(Windows "query.exe" quser),
    program!(Windows "hostname.exe" hostname),
    program!(Windows "shutdown.exe" shutdown),
    program!(Product "csexport.exe" csexport),
    program!(Product "CSExportAnalyzer.exe" analyzer),
];

fn lines(lines: impl IntoIterator<Item = String>, exit: i64) -> Reply {
    let printed = lines.into_iter().map(|line| Emission::Object(Item::from(line)));
    Reply::Emitted(printed.chain([Emission::Exit(exit)]).collect())
}

fn argument(call: &Call, prefix: &str) -> Option<String> {
    call.invocation.arguments.positional.iter().find_map(|word| {
        let lower = word.to_ascii_lowercase();
        lower.strip_prefix(prefix).map(|rest| word[word.len() - rest.len()..].trim_start_matches([':', '=']).to_owned())
    })
}

fn hostname(call: &mut Call) -> Reply {
    lines([call.server().host.name.clone()], 0)
}

fn w32tm(call: &mut Call) -> Reply {
    if argument(call, "/resync").is_some() {
        if !call.server().reaches_directory() {
            return lines(
                [
                    "Sending resync command to local computer".to_owned(),
                    "The computer did not resync because no time data was available.".to_owned(),
                ],
                1,
            );
        }
        let server = call.server_mut();
        server.faults.remove(&Fault::ClockSkew);
        server.host.skew_ms = 0;
        return lines(
            ["Sending resync command to local computer".to_owned(), "The command completed successfully.".to_owned()],
            0,
        );
    }
    if argument(call, "/stripchart").is_none() {
        return Reply::NotPlayed("w32tm: the lab plays /stripchart and /resync".to_owned());
    }
    let computer = argument(call, "/computer").unwrap_or_else(|| format!("dc01.{}", call.server().host.domain));
    if !call.server().reaches_directory() {
        return lines([format!("Tracking {computer}."), "error: 0x800705B4".to_owned()], 1);
    }
    let samples = argument(call, "/samples").and_then(|n| n.parse::<i32>().ok()).unwrap_or(4).clamp(1, 30);
    let skew = call.server().host.skew_ms;
    let data_only = argument(call, "/dataonly").is_some();
    let mut printed = vec![
        format!("Tracking {computer} [10.0.0.10:123]."),
        format!("Collecting {samples} samples."),
        format!("The current time is {}.", call.server().clock(call.world.now).format("%-m/%-d/%Y %-I:%M:%S %p")),
    ];
    for sample in 0..samples {
        let at = call.server().clock(call.world.now) + TimeDelta::seconds(i64::from(sample) * 2);
        let (sign, size) = if skew > 0 { ('-', skew) } else { ('+', -skew) };
        let offset = format!("{sign}{:02}.{:03}{:04}s", size / 1_000, size % 1_000, 1_200 + sample * 37);
        let at = at.format("%H:%M:%S");
        printed.push(if data_only {
            format!("{at}, {offset}")
        } else {
            let mark = if size < 1_000 {
                "[                           *                           ]"
            } else {
                "[                  *        |                           ]"
            };
            format!("{at}, d:+00.0009{sample:03}s o:{offset}  {mark}")
        });
    }
    lines(printed, 0)
}

fn quser(call: &mut Call) -> Reply {
    let Some(wizard) = &call.server().wizard else {
        return Reply::Emitted(vec![Emission::NativeError("No User exists for *".to_owned()), Emission::Exit(1)]);
    };
    let user = wizard.user.rsplit('\\').next().unwrap_or(&wizard.user);
    let since = call.server().clock(wizard.since).format("%-m/%-d/%Y %-I:%M %p");
    lines(
        [
            " USERNAME              SESSIONNAME        ID  STATE   IDLE TIME  LOGON TIME".to_owned(),
            format!(" {user:<20}  {:<17}  {:>3}  {:<6}  {:>9}  {since}", "rdp-tcp#1", 2, wizard.session.name(), "none"),
        ],
        0,
    )
}

fn shutdown(call: &mut Call) -> Reply {
    if argument(call, "/r").is_none() {
        return Reply::NotPlayed("shutdown: the lab plays /r".to_owned());
    }
    let at = call.at;
    let (server, mut around) = call.world.split(at);
    server.power_on(&mut around);
    lines([], 0)
}

fn write(call: &mut Call, path: &str, content: String) -> bool {
    let files = if is_share(path) { &mut call.world.shares } else { &mut call.world.servers[call.at].files };
    if files.keys().any(|known| known.eq_ignore_ascii_case(path)) {
        return false;
    }
    files.insert(path.to_owned(), content);
    true
}

/// Objects that csexport writes of each kind and container.
const LISTED: u64 = 2_000;

fn csexport(call: &mut Call) -> Reply {
    let words = call.invocation.arguments.positional.clone();
    let (Some(name), Some(path)) = (words.first(), words.get(1)) else {
        return lines(
            ["Usage: CSEXPORT ma_name [filename] [/f[:]{d=\"DN\"|r=\"rdn\"|g=\"guid\"|s|i|e|m|x}] [/o[:]{[e][b][h][d][p]}]"
                .to_owned()],
            1,
        );
    };
    let Some(product) = call.product() else { return Reply::NotFound };
    let Some(connector) = product.connector(name) else {
        return lines([format!("Failed to export connector space. Error: The management agent '{name}' could not be found.")], 1);
    };
    let filter = argument(call, "/f").unwrap_or_default().to_ascii_lowercase();
    if connector.kind != Kind::Entra || filter != "x" {
        return Reply::NotPlayed("csexport: the lab exports the pending exports of the Entra connector (/f:x)".to_owned());
    }
    let objects = pending_objects(product, &call.world.directory, LISTED);
    let body: String = objects.iter().map(cs_object).collect();
    let document = format!("<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<cs-objects>\r\n{body}</cs-objects>\r\n");
    if write(call, path, document) {
        lines(
            [
                format!("[{}/{}]", objects.len(), objects.len()),
                format!("Successfully exported connector space to file '{path}'."),
            ],
            0,
        )
    } else {
        lines([format!("The file '{path}' already exists. Please specify another filename. Operation cancelled.")], 1)
    }
}

fn cs_object(object: &PendingObject) -> String {
    let attribute = |name: &str, value: &str| {
        format!(
            "    <attr name=\"{name}\" operation=\"{}\" type=\"string\" multivalued=\"false\"><value>{value}</value></attr>\r\n",
            if object.operation == "update" { "update" } else { "add" }
        )
    };
    let attributes = match object.operation {
        "delete" => String::new(),
        "update" => attribute("department", "Changed"),
        _ => attribute("displayName", &object.name) + &attribute("accountEnabled", "true"),
    };
    format!(
        "  <cs-object id=\"{{{}}}\" object-type=\"{}\" cs-dn=\"{}\">\r\n   <unapplied-export><delta operation=\"{}\" dn=\"{}\">\r\n{attributes}   </delta></unapplied-export>\r\n  </cs-object>\r\n",
        crate::lab::world::generator::Generator::new(3, &object.dn).guid().to_uppercase(),
        object.class.name(),
        object.dn,
        object.operation,
        object.dn
    )
}

fn analyzer(call: &mut Call) -> Reply {
    let Some(path) = call.invocation.arguments.positional.first().cloned() else {
        return lines(["csea exportfile.xml [unapplied-export|pending-import|unconfirmed-export|…-hologram]".to_owned()], 1);
    };
    let found = call.server().files.iter().chain(&call.world.shares).find(|(known, _)| known.eq_ignore_ascii_case(&path));
    let Some((_, content)) = found else { return lines([format!("The file '{path}' could not be found.")], 1) };
    let mut printed = vec![
        "ObjectType,DN,OMODT,ChangedAttrCount,AttrName,AMODT,ATYPE,IsMultiValued,ValueChangeCount,ValueAdds,ValueDeletes,OldValue,NewValue".to_owned(),
    ];
    let mut counts: Vec<(&str, usize)> = vec![("add", 0), ("update", 0), ("delete", 0)];
    for object in content.split("<cs-object ").skip(1) {
        let field =
            |name: &str| object.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split('"').next()).unwrap_or("?");
        let (dn, operation) = (field("cs-dn"), field("delta operation"));
        let attributes: Vec<&str> = object.split("<attr ").skip(1).collect();
        if let Some(slot) = counts.iter_mut().find(|(word, _)| *word == operation) {
            slot.1 += 1;
        }
        if attributes.is_empty() {
            printed.push(format!("user,\"{dn}\",{operation},0,,,,,,,,,"));
        }
        for attribute in &attributes {
            let of = |name: &str| {
                attribute.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split('"').next()).unwrap_or("?")
            };
            let value = attribute.split_once("<value>").and_then(|(_, rest)| rest.split('<').next()).unwrap_or("");
            printed.push(format!(
                "user,\"{dn}\",{operation},{},{},{},string,False,1,1,0,,\"{value}\"",
                attributes.len(),
                of("name"),
                of("operation")
            ));
        }
    }
    printed.push("Summary:".to_owned());
    printed.extend(counts.into_iter().filter(|(_, n)| *n > 0).map(|(word, n)| format!("OMODT {word}: Count {n}")));
    lines(printed, 0)
}

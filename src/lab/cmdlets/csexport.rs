//! `csexport`, which writes objects of a connector space into a file, and `CSExportAnalyzer`, which reads it (structures.md 5.2).

use super::programs::{lines, program};
use super::space::space_of;
use super::{Call, Entry};
use crate::lab::shell::Reply;
use crate::lab::world::connector::Kind;
use crate::lab::world::object::{AttributeChange, Values};
use crate::lab::world::space::{self, Delta, Space};

pub(super) static ENTRIES: &[Entry] =
    &[program!(Product "csexport.exe" csexport), program!(Product "CSExportAnalyzer.exe" analyzer)];

/// Objects that csexport writes of each kind and container.
const LISTED: usize = 2_000;
/// Objects that it writes where all of a space are asked for.
const WHOLE: usize = 10_000;

const USAGE: &str =
    "Usage: CSEXPORT ma_name [filename] [/f[:]{d=\"DN\"|r=\"rdn\"|g=\"guid\"|s|i|e|m|x}] [/o[:]{[e][b][h][d][p]}]";

/// Writes into a file; false where it exists.
fn write(call: &mut Call, path: &str, content: String) -> bool {
    if super::files::find(call, path).is_some() {
        return false;
    }
    call.world.write_file(call.at, path, content);
    true
}

fn csexport(call: &mut Call) -> Reply {
    let words = call.invocation.arguments.positional.clone();
    let flag = |letter: char| {
        let found = words.iter().skip(2).find(|word| word.to_ascii_lowercase().starts_with(&format!("/{letter}")));
        found.map(|word| word[2..].trim_start_matches(':').to_owned())
    };
    let (Some(name), Some(path)) = (words.first(), words.get(1).filter(|path| !path.starts_with('/'))) else {
        return lines([USAGE.to_owned()], 1);
    };
    let (filter, options) = (flag('f').unwrap_or_default(), flag('o').unwrap_or_default().to_ascii_lowercase());
    let Some(product) = call.product() else { return Reply::NotFound };
    let Some(connector) = product.connector(name) else {
        return lines([format!("Failed to export connector space. Error: The management agent '{name}' could not be found.")], 1);
    };
    if connector.kind == Kind::GenericLdap {
        return Reply::NotPlayed(format!("csexport of {name}: the lab plays the spaces of forests and of Entra"));
    }
    if let Some(option) = options.chars().find(|option| *option != 'e') {
        return Reply::NotPlayed(format!("csexport /o:{option}: the lab plays /o:e"));
    }
    let Some(space) = space_of(call, connector) else { return Reply::NotFound };
    let entries = match chosen(space, &filter) {
        Ok(entries) => entries,
        Err(why) => return Reply::NotPlayed(why),
    };
    let count = entries.len();
    let identifier = connector.identifier.clone();
    let body: String = entries.iter().map(|entry| cs_object(entry, &identifier)).collect();
    let document = format!("<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n<cs-objects>\r\n{body}</cs-objects>\r\n");
    if write(call, path, document) {
        let printed = [format!("[{count}/{count}]"), format!("Successfully exported connector space to file '{path}'.")];
        lines(printed, 0)
    } else {
        lines([format!("The file '{path}' already exists. Please specify another filename. Operation cancelled.")], 1)
    }
}

/// The objects that a filter lets through. The error says what the lab does not play.
fn chosen(space: Space, filter: &str) -> Result<Vec<space::Entry>, String> {
    if let Some((letter, value)) = filter.split_once('=') {
        let value = value.trim_matches(['"', '{', '}']);
        return match letter.to_ascii_lowercase().as_str() {
            // An Entra name is in braces itself.
            "d" => Ok(space.by_dn(filter[2..].trim_matches('"')).into_iter().collect()),
            "g" => Ok(space.by_guid(value).into_iter().collect()),
            _ => Err(format!("csexport /f:{letter}=: the lab plays /f:d= and /f:g=")),
        };
    }
    match filter.to_ascii_lowercase().as_str() {
        "x" => Ok(space.exports(LISTED)),
        "e" => Ok(space.errors()),
        "m" => Ok(space.imports(LISTED)),
        // Nothing fails while it is imported here.
        "i" => Ok(Vec::new()),
        "s" => Ok(space.disconnectors()),
        "" if space.all().take(WHOLE + 1).count() > WHOLE => {
            Err(format!("csexport of a whole connector space: the lab plays it up to {WHOLE} objects"))
        }
        "" => Ok(space.all().filter_map(|link| space.entry(&link)).collect()),
        other => Err(format!("csexport /f:{other}: the lab plays x, e, m, i, s, d= and g=")),
    }
}

/// Text inside XML.
fn xml(value: &str) -> String {
    value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The text that XML stands for.
fn plain(value: &str) -> String {
    value.replace("&quot;", "\"").replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
}

fn cs_object(entry: &space::Entry, identifier: &str) -> String {
    let delta = |name: &str, delta: &Option<Delta>| {
        delta.as_ref().map_or(String::new(), |found| {
            let attributes: String = found.attributes.iter().map(|change| attribute(found, change)).collect();
            format!(
                "   <{name}><delta operation=\"{}\" dn=\"{}\">\r\n{attributes}   </delta></{name}>\r\n",
                found.operation,
                xml(&entry.dn)
            )
        })
    };
    let error = entry.error.as_ref().map_or(String::new(), |error| {
        format!(
            "   <export-errordetail><error-type>{}</error-type><date>{}</date><error-literal>{}</error-literal></export-errordetail>\r\n",
            xml(&error.kind),
            error.first.format("%Y-%m-%d %H:%M:%S"),
            xml(&error.message)
        )
    });
    let link = if entry.connected {
        format!("   <mv-link>{{{}}}</mv-link>\r\n", entry.anchor.within("metaverse").guid().to_uppercase())
    } else {
        String::new()
    };
    format!(
        "  <cs-object id=\"{{{}}}\" object-type=\"{}\" cs-dn=\"{}\">\r\n{}{}   <synchronized-hologram>{}</synchronized-hologram>\r\n{error}{link}  </cs-object>\r\n",
        entry.anchor.within(identifier).guid().to_uppercase(),
        entry.class.name(),
        xml(&entry.dn),
        delta("unapplied-export", &entry.export),
        delta("pending-import", &entry.import),
        hologram(entry),
    )
}

/// One attribute of a change: its values, each with what becomes of it where the object is changed.
fn attribute(delta: &Delta, change: &AttributeChange) -> String {
    let added = if delta.operation == "add" || change.removed.is_empty() { "add" } else { "update" };
    let operation = if change.added.is_empty() { "delete" } else { added };
    let marked = |word: &str| if operation == "add" { String::new() } else { format!(" operation=\"{word}\"") };
    let all = change.removed.iter().map(|value| ("delete", value)).chain(change.added.iter().map(|value| ("add", value)));
    let values = |tag: &str| -> String {
        let one = |(word, value): (&str, &String)| format!("<{tag}{}>{}</{tag}>", marked(word), xml(value));
        all.clone().map(one).collect()
    };
    if change.is_reference() {
        return format!(
            "    <dn-attr name=\"member\" operation=\"{operation}\" multivalued=\"true\">{}</dn-attr>\r\n",
            values("dn-value")
        );
    }
    format!(
        "    <attr name=\"{}\" operation=\"{operation}\" type=\"{}\" multivalued=\"false\">{}</attr>\r\n",
        xml(&change.name),
        kind_of(&change.name),
        values("value")
    )
}

fn kind_of(name: &str) -> &'static str {
    match name {
        "accountEnabled" | "msExchHideFromAddressLists" => "boolean",
        "userAccountControl" => "integer",
        "mS-DS-ConsistencyGuid" | "objectGUID" => "binary",
        _ => "string",
    }
}

fn hologram(entry: &space::Entry) -> String {
    let Values { texts, members } = &entry.values;
    let one = |(name, value): (&String, &String)| format!("<attr name=\"{}\"><value>{}</value></attr>", xml(name), xml(value));
    let texts: String = texts.iter().map(one).collect();
    let one = |dn: &String| format!("<dn-value>{}</dn-value>", xml(dn));
    let members: String = members.iter().map(one).collect();
    let members = if members.is_empty() { members } else { format!("<dn-attr name=\"member\">{members}</dn-attr>") };
    format!("<entry dn=\"{}\">{texts}{members}</entry>", xml(&entry.dn))
}

const HEADER: &str = "ObjectType,DN,OMODT,ChangedAttrCount,AttrName,AMODT,ATYPE,IsMultiValued,ValueChangeCount,ValueAdds,ValueDeletes,OldValue,NewValue";

fn analyzer(call: &mut Call) -> Reply {
    let words = call.invocation.arguments.positional.clone();
    let Some(path) = words.first() else {
        return lines(["csea exportfile.xml [unapplied-export|pending-import|unconfirmed-export|…-hologram]".to_owned()], 1);
    };
    let part = words.get(1).map_or("unapplied-export", String::as_str).to_ascii_lowercase();
    if !["unapplied-export", "pending-import"].contains(&part.as_str()) {
        return Reply::NotPlayed(format!("CSExportAnalyzer {part}: the lab plays unapplied-export and pending-import"));
    }
    let found = call.server().files.iter().chain(&call.world.shares).find(|(known, _)| known.eq_ignore_ascii_case(path));
    let Some((_, content)) = found else { return lines([format!("The file '{path}' could not be found.")], 1) };
    let mut printed = vec![HEADER.to_owned()];
    let mut counts: Vec<(&str, usize)> = vec![("add", 0), ("update", 0), ("delete", 0)];
    for object in content.split("<cs-object ").skip(1) {
        let Some(delta) = within(object, &part) else { continue };
        let (class, dn, operation) = (field(object, "object-type"), field(object, "cs-dn"), field(delta, "operation"));
        if let Some(slot) = counts.iter_mut().find(|(word, _)| *word == operation) {
            slot.1 += 1;
        }
        let texts = delta.split("<attr ").skip(1);
        let references = delta.split("<dn-attr ").skip(1);
        let attributes: Vec<&str> = texts.chain(references).map(|rest| rest.split("attr>\r\n").next().unwrap_or(rest)).collect();
        let head = format!("{class},{},{operation},{}", quoted(&dn), attributes.len());
        if attributes.is_empty() {
            printed.push(format!("{head},,,,,,,,,"));
        }
        printed.extend(attributes.into_iter().map(|attribute| format!("{head},{}", columns(attribute))));
    }
    printed.push("Summary:".to_owned());
    printed.extend(counts.into_iter().filter(|(_, n)| *n > 0).map(|(word, n)| format!("OMODT {word}: Count {n}")));
    lines(printed, 0)
}

/// What stands inside an element.
fn within<'a>(text: &'a str, element: &str) -> Option<&'a str> {
    text.split_once(&format!("<{element}>"))?.1.split(&format!("</{element}>")).next()
}

fn field(text: &str, name: &str) -> String {
    let found = text.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split('"').next());
    plain(found.unwrap_or("?"))
}

fn quoted(value: &str) -> String {
    format!("\"{}\"", value.replace('"', "\"\""))
}

/// The columns of one attribute, from AttrName on.
fn columns(attribute: &str) -> String {
    let several = field(attribute, "multivalued") == "true";
    let tag = if several { "<dn-value" } else { "<value" };
    let values: Vec<(bool, String)> = attribute
        .split(tag)
        .skip(1)
        .filter_map(|part| part.split_once('>'))
        .map(|(mark, rest)| (mark.contains("\"delete\""), plain(rest.split('<').next().unwrap_or_default())))
        .collect();
    let of =
        |deleted: bool| values.iter().filter(|(gone, _)| *gone == deleted).map(|(_, value)| value.clone()).collect::<Vec<_>>();
    let (old, new) = (of(true), of(false));
    let (old_text, new_text) = if several {
        ("<not-available-for-multivalue>".to_owned(), new.iter().chain(&old).cloned().collect::<Vec<_>>().join(";"))
    } else {
        (old.concat(), new.concat())
    };
    let kind = if several { "reference".to_owned() } else { field(attribute, "type") };
    [
        field(attribute, "name"),
        field(attribute, "operation"),
        kind,
        if several { "True" } else { "False" }.to_owned(),
        values.len().to_string(),
        new.len().to_string(),
        old.len().to_string(),
        quoted(&old_text),
        quoted(&new_text),
    ]
    .join(",")
}

//! The file's tables to a [`Config`]: every problem is found in one go, with its line.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::{Config, Environment, Look, Origin, Setting};
use crate::facts::ServerName;
use crate::io::agent::Target;
use crate::rb1::Group;
use crate::runbook::parse_duration;

/// The most often and the most seldom a group may be asked for.
const INTERVALS: (TimeDelta, TimeDelta) = (TimeDelta::seconds(1), TimeDelta::days(1));

type Key<'i> = Spanned<DeString<'i>>;
type Node<'i> = Spanned<DeValue<'i>>;

/// The defaults with what the file says; or all that is wrong with it.
pub(super) fn config(defaults: Config, environment: &Environment, text: &str) -> Result<Config, Vec<(usize, String)>> {
    let folder = defaults.file.as_deref().and_then(Path::parent).map(Path::to_owned).unwrap_or_default();
    let mut reader = Reader { text, folder, problems: Vec::new() };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let line = error.span().map_or(0, |span| reader.line(span.start));
        reader.problems.push((line, error.message().to_owned()));
    }
    // What a broken file means is anybody's guess: its mistakes in writing come first.
    if !reader.problems.is_empty() {
        return Err(reader.problems);
    }
    let mut config = defaults;
    reader.root(&mut config, environment, table.get_ref());
    reader.problems.sort();
    if reader.problems.is_empty() { Ok(config) } else { Err(reader.problems) }
}

struct Reader<'a> {
    text: &'a str,
    /// The file's own folder: relative paths are relative to it
    folder: PathBuf,
    problems: Vec<(usize, String)>,
}

impl Reader<'_> {
    fn root(&mut self, config: &mut Config, environment: &Environment, table: &DeTable<'_>) {
        for (key, value) in table {
            match key.get_ref().as_ref() {
                // The environment has the last word.
                "data_dir" => {
                    let path = self.path(key, value);
                    if environment.data_dir.is_none() {
                        set(&mut config.data_dir, path);
                    }
                }
                "signing_key" => set(&mut config.signing_key, self.path(key, value)),
                "baselines" => set(&mut config.baselines, self.paths(key, value)),
                "theme" => set(&mut config.theme, self.look(value)),
                "transcript" => self.table(key, value, |reader, key, value| {
                    if reader.is_known(key, &["cap"], "transcript.") {
                        set(&mut config.transcript_cap, reader.size(value));
                    }
                }),
                "intervals" => self.table(key, value, |reader, key, value| {
                    let names = Group::ALL.map(Group::name);
                    if reader.is_known(key, &names, "intervals.") {
                        let group = Group::ALL.into_iter().find(|group| group.name() == key.get_ref().as_ref());
                        if let Some((group, interval)) = group.zip(reader.interval(key, value)) {
                            config.intervals.insert(group, interval);
                        }
                    }
                }),
                "pairs" => self.table(key, value, |reader, name, value| {
                    let (mut servers, before) = (Vec::new(), reader.problems.len());
                    if !matches!(value.get_ref(), DeValue::Table(_)) {
                        let (name, found) = (name.get_ref(), value.get_ref().type_str());
                        let text = format!(
                            "a pair has a name and its servers, found {found}; write [pairs.NAME] and below it {name} = \"TARGET\""
                        );
                        return reader.problem(value.span().start, text);
                    }
                    reader.table(name, value, |reader, role, value| servers.extend(reader.server(role, value)));
                    // A server that could not be read was one all the same.
                    if servers.is_empty() && reader.problems.len() == before {
                        reader.problem(name.span().start, format!("the pair '{}' names no server", name.get_ref()));
                    }
                    // The parser sorts; the file's order is the order of the screen.
                    servers.sort_by_key(|(_, target): &(ServerName, Setting<String>)| match target.from {
                        Origin::File(line) => line,
                        _ => 0,
                    });
                    config.pairs.insert(name.get_ref().to_string(), servers);
                }),
                _ => {
                    self.is_known(
                        key,
                        &["data_dir", "theme", "signing_key", "baselines", "transcript", "intervals", "pairs"],
                        "",
                    );
                }
            }
        }
    }

    fn line(&self, byte: usize) -> usize {
        self.text.as_bytes().iter().take(byte).filter(|byte| **byte == b'\n').count() + 1
    }

    fn problem(&mut self, byte: usize, text: String) {
        let line = self.line(byte);
        self.problems.push((line, text));
    }

    fn found<T>(&self, node: &Node<'_>, value: T) -> Setting<T> {
        Setting { value, from: Origin::File(self.line(node.span().start)) }
    }

    /// Whether a key is one of those; if not, that is a problem with what may have been meant.
    fn is_known(&mut self, key: &Key<'_>, known: &[&str], prefix: &str) -> bool {
        let name = key.get_ref();
        if known.contains(&name.as_ref()) {
            return true;
        }
        let near = known
            .iter()
            .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
            .filter(|(alike, _)| *alike > 0.8)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let meant = near.map_or_else(
            || format!("the keys are {}", known.iter().map(|key| format!("{prefix}{key}")).collect::<Vec<_>>().join(", ")),
            |(_, candidate)| format!("did you mean '{prefix}{candidate}'?"),
        );
        self.problem(key.span().start, format!("unknown key '{prefix}{name}'; {meant}"));
        false
    }

    fn table(&mut self, key: &Key<'_>, value: &Node<'_>, mut each: impl FnMut(&mut Self, &Key<'_>, &Node<'_>)) {
        match value.get_ref() {
            DeValue::Table(table) => table.iter().for_each(|(key, value)| each(self, key, value)),
            other => {
                let text = format!("'{}' is a table, found {}; write [{}]", key.get_ref(), other.type_str(), key.get_ref());
                self.problem(value.span().start, text);
            }
        }
    }

    /// A text, or a problem that says what was expected.
    fn text<'v>(&mut self, value: &'v Node<'_>, expected: &str) -> Option<&'v str> {
        if let DeValue::String(text) = value.get_ref() {
            return Some(text.as_ref());
        }
        let found = value.get_ref().type_str();
        self.problem(value.span().start, format!("expected {expected} between quotes, found {found}"));
        None
    }

    fn path(&mut self, key: &Key<'_>, value: &Node<'_>) -> Option<Setting<Option<PathBuf>>> {
        let text = self.text(value, "a path")?;
        if text.trim().is_empty() {
            self.problem(value.span().start, format!("'{}' names no path", key.get_ref()));
            return None;
        }
        Some(self.found(value, Some(self.folder.join(text))))
    }

    fn paths(&mut self, key: &Key<'_>, value: &Node<'_>) -> Option<Setting<Vec<PathBuf>>> {
        let DeValue::Array(items) = value.get_ref() else {
            let (name, found) = (key.get_ref(), value.get_ref().type_str());
            self.problem(value.span().start, format!("'{name}' is a list of paths, found {found}; write {name} = [\"PATH\"]"));
            return None;
        };
        let read: Vec<Option<PathBuf>> = items.iter().map(|item| self.path(key, item).and_then(|path| path.value)).collect();
        let paths = read.into_iter().collect::<Option<Vec<_>>>()?;
        Some(self.found(value, paths))
    }

    fn look(&mut self, value: &Node<'_>) -> Option<Setting<Look>> {
        let text = self.text(value, "a look")?;
        let Some((_, look)) = Look::ALL.into_iter().find(|(name, _)| *name == text) else {
            let names = Look::ALL.map(|(name, _)| name).join(", ");
            self.problem(value.span().start, format!("'{text}' is no theme; the themes are {names}"));
            return None;
        };
        Some(self.found(value, look))
    }

    fn interval(&mut self, key: &Key<'_>, value: &Node<'_>) -> Option<Setting<TimeDelta>> {
        let text = self.text(value, "a duration such as \"5s\"")?;
        let Some(span) = parse_duration(text).and_then(|span| TimeDelta::from_std(span).ok()) else {
            self.problem(value.span().start, format!("'{text}' is no duration; write it as 5s, 90s, 15m or 1h30m"));
            return None;
        };
        if span < INTERVALS.0 || span > INTERVALS.1 {
            let (least, most) = (interval_words(INTERVALS.0), interval_words(INTERVALS.1));
            self.problem(value.span().start, format!("intervals.{} is '{text}', it may be {least} to {most}", key.get_ref()));
            return None;
        }
        Some(self.found(value, span))
    }

    fn size(&mut self, value: &Node<'_>) -> Option<Setting<u64>> {
        let text = match value.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().to_owned(),
            _ => self.text(value, "a size such as \"256MiB\"")?.to_owned(),
        };
        let size = parse_size(&text);
        if size.is_none() {
            let text = format!("'{text}' is no size; write it as 256MiB, 1GiB, or 0 for no limit");
            self.problem(value.span().start, text);
        }
        size.map(|size| self.found(value, size))
    }

    fn server(&mut self, role: &Key<'_>, value: &Node<'_>) -> Option<(ServerName, Setting<String>)> {
        let name = role.get_ref().as_ref();
        let is_name = !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !is_name {
            let text = format!("'{name}' is no role's name: letters, digits and _, not beginning with a digit");
            self.problem(role.span().start, text);
            return None;
        }
        let target = self.text(value, "a target")?;
        if let Err(why) = Target::parse(target) {
            self.problem(value.span().start, why);
            return None;
        }
        Some((ServerName::from(name), self.found(value, target.to_owned())))
    }
}

fn set<T>(slot: &mut Setting<T>, found: Option<Setting<T>>) {
    if let Some(found) = found {
        *slot = found;
    }
}

/// Units of a size, the largest first.
const UNITS: [(&str, u64); 7] =
    [("GiB", 1 << 30), ("GB", 1_000_000_000), ("MiB", 1 << 20), ("MB", 1_000_000), ("KiB", 1 << 10), ("KB", 1_000), ("B", 1)];

/// Reads `256MiB`, `1 GB`, `1048576`, `0`.
pub(super) fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim().replace('_', "");
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = (text[..digits].parse::<u64>().ok()?, text[digits..].trim());
    let factor = if unit.is_empty() { 1 } else { UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?.1 };
    number.checked_mul(factor)
}

/// A size as the file would have it, in the largest unit that loses nothing.
pub(super) fn size_words(bytes: u64) -> String {
    let binary = UNITS.iter().filter(|(name, _)| name.ends_with("iB") || *name == "B");
    binary
        .into_iter()
        .find(|(_, factor)| bytes.is_multiple_of(*factor))
        .map_or_else(String::new, |(name, factor)| format!("{}{name}", bytes / factor))
}

/// An interval as the file would have it.
pub(super) fn interval_words(interval: TimeDelta) -> String {
    let mut rest = interval.num_seconds();
    let words = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)].map(|(unit, seconds)| {
        let number = rest / seconds;
        rest %= seconds;
        if number == 0 { String::new() } else { format!("{number}{unit}") }
    });
    words.concat()
}

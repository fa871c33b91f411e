//! `lockstep gate`: answers gate lines over a file of facts, for trying a line out before it stands in a runbook.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use super::NOT_DONE;
use crate::gate::{self, ParseError, ReadTimes, Truth};
use crate::powershell::Value;
use crate::text::Safe;
use crate::text::width::width;

/// The largest file of facts, and the most text from stdin, that are read, in bytes.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Answer gate lines over a file of facts
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Exit code: 0 when every line is True, 1 when one is not, 2 when nothing could be evaluated.")]
pub struct GateArgs {
    /// The facts, as `lockstep status --json` writes them
    #[arg(long, value_name = "FACTS.json")]
    pub facts: PathBuf,
    /// Write one JSON object a line: expr, result, why
    #[arg(long)]
    pub json: bool,
    /// Conditions such as '$new.Idle'; `-` reads them from stdin, one a line
    #[arg(value_name = "EXPRESSION", required = true, allow_hyphen_values = true)]
    pub expressions: Vec<String>,
}

/// Answers every line to `out`. The exit code is 0 when all of them are True, 1 when one is not, and 2 when the facts or
/// the lines cannot be used: then `out` has where, what was found and what to do.
pub fn run(args: &GateArgs, out: &mut dyn Write, input: &mut dyn Read) -> io::Result<u8> {
    // Once an expression was read, clap takes `--json` for one too, since expressions may begin with a dash.
    let json = args.json || args.expressions.iter().any(|text| text == "--json");
    let (tree, lines) = match read_facts(&args.facts).and_then(|tree| Ok((tree, lines(args, input)?))) {
        Ok(read) => read,
        Err(Unusable(words)) if json => {
            writeln!(out, "{}", json!({ "error": words }))?;
            return Ok(NOT_DONE);
        }
        Err(Unusable(words)) => {
            writeln!(out, "error: {}", Safe::line(&words).as_str())?;
            return Ok(NOT_DONE);
        }
    };
    let mut all_true = true;
    for line in &lines {
        let answer = answer(line, &tree);
        all_true &= answer.truth.passes();
        if json { answer.write_json(out)? } else { answer.write_text(out)? }
    }
    Ok(u8::from(!all_true))
}

/// Why the facts or the lines cannot be used: where, what was found, what to do.
struct Unusable(String);

/// The lines to answer, those of stdin in the place of `-`.
fn lines(args: &GateArgs, input: &mut dyn Read) -> Result<Vec<String>, Unusable> {
    let mut lines = Vec::new();
    for argument in args.expressions.iter().filter(|text| *text != "--json") {
        if argument == "-" {
            lines.extend(read_lines(input)?);
        } else {
            lines.push(argument.clone());
        }
    }
    Ok(lines)
}

/// What is said of one line.
struct Answer<'l> {
    line: &'l str,
    truth: Truth,
    why: String,
    error: Option<ParseError>,
}

fn answer<'l>(line: &'l str, tree: &Value) -> Answer<'l> {
    match gate::parse(line) {
        Ok(expr) => {
            let times = ReadTimes::of(tree);
            let outcome = expr.evaluate(tree, &|path| times.read_at(path));
            Answer { line, truth: outcome.truth, why: outcome.why, error: None }
        }
        Err(error) => Answer { line, truth: Truth::Unknown, why: error.to_string(), error: Some(error) },
    }
}

impl Answer<'_> {
    fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", json!({ "expr": self.line, "result": self.truth.to_string(), "why": self.why }))
    }

    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{:<8} {}", self.truth.to_string(), Safe::line(self.line).as_str())?;
        let mark = self.error.as_ref().map(|error| self.underline(error)).unwrap_or_default();
        writeln!(out, "         {mark}{}", Safe::line(&self.why).as_str())
    }

    /// Carets below what is wrong.
    fn underline(&self, error: &ParseError) -> String {
        let shown = |range| self.line.get(range).map_or(0, |part| width(Safe::line(part).as_str()));
        let (before, wrong) = (shown(0..error.span.start), shown(error.span.clone()));
        format!("{}{} ", " ".repeat(before), "^".repeat(wrong.max(1)))
    }
}

/// One condition a line; blank lines and comments are left out.
fn read_lines(input: &mut dyn Read) -> Result<Vec<String>, Unusable> {
    let mut text = String::new();
    let read = input.take(MAX_BYTES + 1).read_to_string(&mut text);
    read.map_err(|error| Unusable(format!("stdin: {error}; expected UTF-8 text, one condition a line")))?;
    if text.len() as u64 > MAX_BYTES {
        return Err(Unusable(format!("stdin: more than {MAX_BYTES} bytes; give fewer lines")));
    }
    let lines = text.trim_start_matches('\u{feff}').lines().map(str::trim);
    Ok(lines.filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect())
}

fn read_facts(path: &Path) -> Result<Value, Unusable> {
    let shown = path.display();
    let cannot = |error: io::Error| Unusable(format!("{shown}: cannot be read: {error}"));
    let mut bytes = Vec::new();
    File::open(path).map_err(cannot)?.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(cannot)?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Unusable(format!("{shown}: larger than {MAX_BYTES} bytes; keep only the facts that the lines read")));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        let remedy = "write it again as UTF-8, in Windows PowerShell with Out-File -Encoding utf8";
        return Err(Unusable(format!("{shown}:1:1: found UTF-16, expected UTF-8; {remedy}")));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Unusable(format!("{shown}: byte {at} is not UTF-8; write the file again as UTF-8"))
    })?;
    facts(text.trim_start_matches('\u{feff}'))
        .map_err(|(line, column, words)| Unusable(format!("{shown}:{line}:{column}: {words}")))
}

/// The tree of a facts file, or the line, the column and the words of what is wrong with it.
fn facts(text: &str) -> Result<Value, (usize, usize, String)> {
    let json: Json = serde_json::from_str(text).map_err(|error| {
        let words = error.to_string();
        let what = words.split(" at line ").next().unwrap_or_default();
        (error.line(), error.column(), format!("this is not JSON: {what}; expected the output of lockstep status --json"))
    })?;
    match Value::from_json(&json) {
        Ok(tree @ Value::Object(_)) => Ok(tree),
        Ok(_) => Err((1, 1, "expected an object with old, new, servers, …: the variables of gates".to_owned())),
        Err(words) => {
            let mut tags = 0;
            first_wrong_tag(&json, &mut tags);
            let (line, column) = place_of_tag(text, tags);
            Err((line, column, words))
        }
    }
}

/// Counts the tags (`{"$version": …}`) up to the first one that does not read; true when it was found.
fn first_wrong_tag(json: &Json, tags: &mut usize) -> bool {
    match json {
        Json::Array(items) => items.iter().any(|item| first_wrong_tag(item, tags)),
        Json::Object(map) => {
            *tags += map.keys().filter(|key| TAGS.contains(&key.as_str())).count();
            let is_tag = map.len() == 1 && map.keys().all(|key| TAGS.contains(&key.as_str()));
            if is_tag { Value::from_json(json).is_err() } else { map.values().any(|value| first_wrong_tag(value, tags)) }
        }
        _ => false,
    }
}

const TAGS: [&str; 4] = ["$version", "$timespan", "$datetime", "$unknown"];

/// Line and column of the tag that is the `count`-th in the text.
fn place_of_tag(text: &str, count: usize) -> (usize, usize) {
    let mut places: Vec<usize> =
        TAGS.iter().flat_map(|tag| text.match_indices(&format!("\"{tag}\"")).map(|(at, _)| at).collect::<Vec<_>>()).collect();
    places.sort_unstable();
    let at = count.checked_sub(1).and_then(|index| places.get(index)).copied().unwrap_or_default();
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests;

//! Export-Csv, ConvertTo-Csv, Import-Csv, ConvertFrom-Csv: rows as 5.1 quotes and reads them.

use super::super::display::shown;
use super::super::evaluate::convert::full_type_name;
use super::super::evaluate::{Boxed, Call, Evaluator, Flow, Sink};
use super::super::host::{Command, Failure, Kind, Parameter, Pipeline};
use super::super::item::{Item, Object};
use super::filter::failed;
use super::{Builtin, Filter, command, gather};

pub const COMMANDS: &[Builtin] = &[
    Builtin { command: &EXPORT, make: |call| Box::new(Write { call, items: Vec::new() }) },
    Builtin { command: &TO, make: |call| Box::new(Write { call, items: Vec::new() }) },
    Builtin { command: &IMPORT, make: |call| Box::new(Read { call, lines: String::new() }) },
    Builtin { command: &FROM, make: |call| Box::new(Read { call, lines: String::new() }) },
];

const DELIMITER: Parameter = Parameter::new("Delimiter", Kind::Text);
const UNTYPED: Parameter = Parameter::new("NoTypeInformation", Kind::Switch).alias(&["NTI"]);
const HEADER: Parameter = Parameter::new("Header", Kind::Texts);
const ENCODING: Parameter = Parameter::new("Encoding", Kind::Text);

static EXPORT: Command = command(
    "Export-Csv",
    "Microsoft.PowerShell.Commands.ExportCsvCommand",
    &[
        Parameter::new("InputObject", Kind::Any).from_pipeline(Pipeline::Value),
        Parameter::new("Path", Kind::Text).alias(&["LiteralPath", "PSPath"]).at(0).mandatory(),
        DELIMITER,
        UNTYPED,
        ENCODING,
        Parameter::new("Append", Kind::Switch),
        Parameter::new("Force", Kind::Switch),
        Parameter::new("NoClobber", Kind::Switch).alias(&["NoOverwrite"]),
    ],
);
static TO: Command = command(
    "ConvertTo-Csv",
    "Microsoft.PowerShell.Commands.ConvertToCsvCommand",
    &[Parameter::new("InputObject", Kind::Any).at(0).from_pipeline(Pipeline::Value), DELIMITER, UNTYPED],
);
static IMPORT: Command = command(
    "Import-Csv",
    "Microsoft.PowerShell.Commands.ImportCsvCommand",
    &[Parameter::new("Path", Kind::Texts).alias(&["LiteralPath", "PSPath"]).at(0).mandatory(), DELIMITER, HEADER, ENCODING],
);
static FROM: Command = command(
    "ConvertFrom-Csv",
    "Microsoft.PowerShell.Commands.ConvertFromCsvCommand",
    &[Parameter::new("InputObject", Kind::Texts).at(0).mandatory().from_pipeline(Pipeline::Value), DELIMITER, HEADER],
);

fn delimiter(call: &Call) -> char {
    call.arguments.text("Delimiter").and_then(|text| text.chars().next()).unwrap_or(',')
}

struct Write {
    call: Call,
    items: Vec<Item>,
}

impl Write {
    /// The lines: the type, the names of the first object's properties, one line an object.
    fn lines(&self, headed: bool) -> Vec<String> {
        let Some(first) = self.items.first() else { return Vec::new() };
        let delimiter = delimiter(&self.call);
        let row = |cells: Vec<String>| cells.join(&delimiter.to_string());
        let names: Vec<String> = properties(first).into_iter().map(|(name, _)| name).collect();
        let mut lines = Vec::new();
        if headed {
            if !self.call.arguments.switch("NoTypeInformation") {
                lines.push(format!("#TYPE {}", full_type_name(first)));
            }
            lines.push(row(names.iter().map(|name| quoted(name)).collect()));
        }
        for item in &self.items {
            let properties = properties(item);
            let cell = |name: &String| {
                let value = properties.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value);
                match value {
                    None | Some(Item::Nothing) => String::new(),
                    Some(value) if value.is_null() => String::new(),
                    Some(value @ Item::Array(_)) => quoted(&full_type_name(value)),
                    Some(value) => quoted(&shown(value)),
                }
            };
            lines.push(row(names.iter().map(cell).collect()));
        }
        lines
    }
}

/// What is written of an object: its properties; of a text, as .NET has it, its length.
fn properties(item: &Item) -> Vec<(String, Item)> {
    match item {
        Item::Object(object) => object.iter().map(|(name, value)| (name.to_string(), value.clone())).collect(),
        other => {
            let length = other.as_text().map_or(0, |text| text.chars().count());
            vec![("Length".to_owned(), Item::from(i64::try_from(length).unwrap_or(i64::MAX)))]
        }
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

impl Filter for Write {
    fn process<'a>(&'a mut self, _shell: &'a mut Evaluator, input: Item, _out: Sink) -> Boxed<'a, ()> {
        gather(&mut self.items, input)
    }

    fn finish<'a>(&'a mut self, shell: &'a mut Evaluator, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            self.items.extend(self.call.input());
            let append = self.call.arguments.switch("Append");
            let lines = self.lines(!append);
            let Some(path) = self.call.arguments.text("Path").map(str::to_owned) else {
                for line in lines {
                    shell.emit(Item::from(line), out).await?;
                }
                return Ok(());
            };
            let text = lines.into_iter().map(|line| line + "\r\n").collect::<Vec<_>>().concat();
            shell.write_file(&self.call, &path, text, append).await
        })
    }
}

struct Read {
    call: Call,
    lines: String,
}

impl Read {
    async fn rows(&self, shell: &mut Evaluator, text: &str, out: Sink) -> Result<(), Flow> {
        let mut rows = parse(text, delimiter(&self.call)).into_iter().filter(|row| row.len() > 1 || !row[0].is_empty());
        let given = match self.call.arguments.get("Header") {
            Some(Item::Array(names)) => Some(names.iter().filter_map(Item::as_text).map(str::to_owned).collect::<Vec<_>>()),
            Some(name) => name.as_text().map(|name| vec![name.to_owned()]),
            None => None,
        };
        let names = match given {
            Some(names) => names,
            None => match rows.find(|row| !row[0].starts_with("#TYPE ")) {
                Some(names) => names,
                None => return Ok(()),
            },
        };
        if let Some(twice) = names
            .iter()
            .enumerate()
            .find_map(|(at, name)| names[..at].iter().any(|before| before.eq_ignore_ascii_case(name)).then(|| name.clone()))
        {
            let message = format!("The member \"{twice}\" is already present.");
            let failure = Failure::new(message, "System.Management.Automation.ExtendedTypeSystemException", "NotSpecified")
                .id("AlreadyPresentPSMemberInfoInternalCollectionAdd");
            return Err(failed(shell, &self.call, failure));
        }
        for row in rows {
            let mut object = Object::custom();
            for (at, name) in names.iter().enumerate() {
                object.set(name.as_str(), row.get(at).map_or(Item::NULL, |cell| Item::from(cell.as_str())));
            }
            shell.emit(object.into(), out).await?;
        }
        Ok(())
    }
}

/// Rows of cells. A quoted cell may hold delimiters, doubled quotes and line ends.
fn parse(text: &str, delimiter: char) -> Vec<Vec<String>> {
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.next_if_eq(&'"').is_some() => cell.push('"'),
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            '\r' if !quoted => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            c if c == delimiter && !quoted => row.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    if !row.is_empty() || !cell.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    rows
}

impl Filter for Read {
    fn process<'a>(&'a mut self, _shell: &'a mut Evaluator, input: Item, _out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            self.lines.push_str(&shown(&input));
            self.lines.push('\n');
            Ok(())
        })
    }

    fn finish<'a>(&'a mut self, shell: &'a mut Evaluator, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            let listed = |name: &str| match self.call.arguments.get(name) {
                Some(Item::Array(items)) => items.iter().filter_map(Item::as_text).map(str::to_owned).collect(),
                Some(item) => item.as_text().map(str::to_owned).into_iter().collect::<Vec<_>>(),
                None => Vec::new(),
            };
            if !self.call.has_input {
                self.lines.push_str(&listed("InputObject").join("\n"));
            }
            for path in listed("Path") {
                if let Some(text) = shell.read_file(&self.call, &path).await? {
                    self.rows(shell, &text, out).await?;
                }
            }
            let lines = std::mem::take(&mut self.lines);
            self.rows(shell, &lines, out).await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_quoted_cell_keeps_what_divides_others() {
        let rows = parse("a,b\r\n\"1,\"\"2\"\"\n3\",4\n", ',');
        assert_eq!(rows, [["a", "b"], ["1,\"2\"\n3", "4"]]);
    }
}

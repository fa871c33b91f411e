//! Runs the tree. Written as async functions that are polled by hand: a script waits for the server's clock without a thread
//! and without a runtime.

mod arguments;
mod bind;
mod calling;
pub(super) mod convert;
mod expression;
mod files;
mod function;
mod member;
mod method;
mod operator;
mod pipeline;
mod redirect;
mod statement;
mod switch;
mod variables;

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

pub(super) use function::Called;
pub(super) use member::property;
pub(super) use operator::{compare_items, equal_items, truthy};
pub(super) use pipeline::{Call, Sink};

use self::pipeline::Pipelines;
use self::redirect::Redirected;
use self::variables::Variables;
use super::Item;
use super::display::Printer;
use super::error::{self, ErrorRecord};
use super::execution::{End, Output, State};
use super::host::Failure;
use super::port::Port;
use crate::powershell::syntax::{Parsed, ScriptBlock};
use crate::powershell::token::Span;
use crate::powershell::{Record, Value};

/// What leaves the ordinary course of a script.
#[derive(Debug)]
pub(super) enum Flow {
    Error(Box<ErrorRecord>),
    Break,
    Continue,
    Return,
    Exit(i64),
    /// A command has all it wants (`Select-Object -First`): what stands before it in that pipeline stops.
    Enough {
        pipeline: usize,
        stage: usize,
    },
}

pub(super) type Boxed<'a, T> = Pin<Box<dyn Future<Output = Result<T, Flow>> + Send + 'a>>;

/// A session of the shell while it runs one script.
pub(super) struct Evaluator {
    pub port: Port,
    /// The script's text, for positions.
    pub source: Arc<str>,
    pub variables: Variables,
    /// Functions by their names in lower case.
    functions: HashMap<String, Arc<ScriptBlock>>,
    pipelines: Pipelines,
    redirected: Redirected,
    pub printer: Printer,
    /// How many `try` blocks are open.
    tries: usize,
    had_errors: bool,
    exit: Option<i64>,
    turns: usize,
    /// The weight of the statements and expressions that are open within one another.
    depth: usize,
    records: Option<Records>,
}

/// What `into` keeps.
#[derive(Debug, Default)]
struct Records {
    sent: usize,
    dropped: u64,
}

/// What is open within one another at most, blocks that call themselves included: deeper is refused as PowerShell refuses it.
/// A statement weighs as much as three expressions, by the stack that it takes.
const DEPTH: usize = 72;
const STATEMENT: usize = 3;
/// Objects that `into` keeps at most.
const RECORDS: usize = 1_000;
/// Turns of loops and objects between two chances to be stopped.
const TURNS: usize = 1_000;

impl Evaluator {
    pub fn new(port: Port, source: Arc<str>, variables: Vec<(String, Item)>, into: bool) -> Self {
        Self {
            port,
            source,
            variables: Variables::new(variables),
            functions: HashMap::new(),
            pipelines: Pipelines::default(),
            redirected: Redirected::default(),
            printer: Printer::new(super::display::PRINTED),
            tries: 0,
            had_errors: false,
            exit: None,
            turns: 0,
            depth: 0,
            records: into.then(Records::default),
        }
    }

    /// The whole run, from the parsed script to its end.
    pub async fn run(mut self, parsed: Parsed) -> End {
        let refused = if let Some(error) = parsed.errors.first() {
            Some((error::syntax(error), error.span.clone()))
        } else {
            parsed.beyond.first().map(|beyond| (error::not_played(&beyond.what), beyond.span.clone()))
        };
        if let Some((failure, span)) = refused {
            let record = ErrorRecord::of_language(failure, &self.source, span);
            return self.failed(&record);
        }
        let result = self.statements(&parsed.script.statements, Sink::Printer).await;
        self.flush();
        match result {
            Err(Flow::Error(record)) => self.failed(&record),
            Err(Flow::Exit(code)) => {
                self.exit = Some(code);
                self.ended(State::Completed, None)
            }
            _ => self.ended(State::Completed, None),
        }
    }

    fn failed(&mut self, record: &ErrorRecord) -> End {
        self.had_errors = true;
        self.port.write(Output::Error { record: record.to_frame(), text: record.render() });
        let frame = record.to_frame();
        self.ended(State::Failed, Some(frame))
    }

    fn ended(&self, state: State, error: Option<crate::rb1::ErrorRecord>) -> End {
        let dropped = self.records.as_ref().map_or(0, |records| records.dropped);
        End { state, errors: self.had_errors, exit: self.exit, error, dropped }
    }

    /// Goes deeper, unless it is too deep.
    fn enter(&mut self, weight: usize, span: &Span) -> Result<(), Flow> {
        if self.depth + weight > DEPTH {
            return Err(self.refused(error::runtime("CallDepthOverflow", "The script failed due to call depth overflow."), span));
        }
        self.depth += weight;
        Ok(())
    }

    /// Prints what the printer still holds.
    pub fn flush(&mut self) {
        let mut text = String::new();
        self.printer.finish(&mut text);
        if !text.is_empty() {
            self.port.write(Output::Text(text));
        }
    }

    /// Prints one object of the script's output, and keeps it where records are wanted.
    pub async fn print(&mut self, item: &Item) {
        let mut soon = false;
        if let Some(records) = &mut self.records {
            if records.sent < RECORDS {
                records.sent += 1;
                soon |= self.port.write(Output::Record(flat(item)));
            } else {
                records.dropped += 1;
            }
        }
        let mut text = String::new();
        self.printer.push(item, &mut text);
        if !text.is_empty() {
            soon |= self.port.write(Output::Text(text));
        }
        if soon {
            self.port.breathe().await;
        }
        self.turn().await;
    }

    /// Counts a turn of a loop; now and then the poller gets its chance.
    pub async fn turn(&mut self) {
        self.turns += 1;
        if self.turns >= TURNS {
            self.turns = 0;
            self.port.breathe().await;
        }
    }

    /// Writes to another stream than the pipeline's; what was printed before comes first.
    pub fn write(&mut self, output: Output) {
        self.flush();
        self.port.write(output);
    }

    /// Waits for a moment of the server's clock; what was printed so far is seen meanwhile.
    pub async fn sleep(&mut self, until: crate::Time) {
        self.flush();
        self.port.sleep(until).await;
    }

    /// Reports an error that does not end the script.
    pub fn report(&mut self, record: &ErrorRecord) {
        self.had_errors = true;
        self.variables.succeeded = false;
        self.variables.remember_error(record.to_item());
        let plain = Output::Error { record: record.to_frame(), text: record.render() };
        self.divert(self.redirected.targets.errors, plain, || (record.to_item(), record.render()));
    }

    /// An error of the language at a place.
    pub fn error(&self, failure: Failure, span: &Span) -> Flow {
        Flow::Error(Box::new(ErrorRecord::of_language(failure, &self.source, span.clone())))
    }

    /// What the lab does not play: ends the script, whatever the script would do about errors.
    pub fn not_played(&self, what: &str, span: &Span) -> Flow {
        self.refused(error::not_played(what), span)
    }

    /// An error that ends the script.
    fn refused(&self, failure: Failure, span: &Span) -> Flow {
        let mut record = ErrorRecord::of_language(failure, &self.source, span.clone());
        record.ends_script = true;
        Flow::Error(Box::new(record))
    }
}

/// A record of an object's properties that are scalars or arrays of scalars; a scalar by itself is its `Value`.
fn flat(item: &Item) -> Record {
    let scalar = |item: &Item| !matches!(item, Item::Object(_) | Item::Array(_) | Item::Block(_));
    match item {
        Item::Object(object) => object
            .iter()
            .filter(|(_, value)| match value {
                Item::Array(items) => items.iter().all(scalar),
                other => scalar(other),
            })
            .map(|(name, value)| (name.to_string(), value.to_value()))
            .collect(),
        Item::Array(items) if items.iter().all(scalar) => Record::new().with("Value", item.to_value()),
        Item::Array(_) => Record::new().with("Value", Value::Null),
        other => Record::new().with("Value", other.to_value()),
    }
}

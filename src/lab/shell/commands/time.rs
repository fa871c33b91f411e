//! Get-Date, Start-Sleep, New-TimeSpan, Measure-Command.

use chrono::{Datelike, TimeDelta, Timelike};

use super::super::display::format_value;
use super::super::evaluate::convert::representable;
use super::super::evaluate::{Boxed, Call, Evaluator, Flow, Sink};
use super::super::host::{Command, Failure, Kind, Parameter, Pipeline};
use super::super::item::Item;
use super::filter::failed;
use super::{Builtin, Filter, command};
use crate::powershell::Value;

pub const COMMANDS: &[Builtin] = &[
    Builtin { command: &DATE, make: |call| Box::new(Time { call }) },
    Builtin { command: &SLEEP, make: |call| Box::new(Time { call }) },
    Builtin { command: &SPAN, make: |call| Box::new(Time { call }) },
    Builtin { command: &MEASURE, make: |call| Box::new(Measured { call }) },
];

static DATE: Command = command(
    "Get-Date",
    "Microsoft.PowerShell.Commands.GetDateCommand",
    &[
        Parameter::new("Date", Kind::DateTime).alias(&["LastWriteTime"]).at(0).from_pipeline(Pipeline::Value),
        Parameter::new("Format", Kind::Text),
        Parameter::new("UFormat", Kind::Text),
        Parameter::new("DisplayHint", Kind::Text),
        Parameter::new("Year", Kind::Int),
        Parameter::new("Month", Kind::Int),
        Parameter::new("Day", Kind::Int),
        Parameter::new("Hour", Kind::Int),
        Parameter::new("Minute", Kind::Int),
        Parameter::new("Second", Kind::Int),
    ],
);
static SLEEP: Command = command(
    "Start-Sleep",
    "Microsoft.PowerShell.Commands.StartSleepCommand",
    &[Parameter::new("Seconds", Kind::Int).at(0), Parameter::new("Milliseconds", Kind::Int).alias(&["m"])],
);
static SPAN: Command = command(
    "New-TimeSpan",
    "Microsoft.PowerShell.Commands.NewTimeSpanCommand",
    &[
        Parameter::new("Start", Kind::DateTime).at(0),
        Parameter::new("End", Kind::DateTime).at(1),
        Parameter::new("Days", Kind::Int),
        Parameter::new("Hours", Kind::Int),
        Parameter::new("Minutes", Kind::Int),
        Parameter::new("Seconds", Kind::Int),
    ],
);

static MEASURE: Command = command(
    "Measure-Command",
    "Microsoft.PowerShell.Commands.MeasureCommandCommand",
    &[
        Parameter::new("Expression", Kind::Block).at(0).mandatory(),
        Parameter::new("InputObject", Kind::Any).from_pipeline(Pipeline::Value),
    ],
);

type Set = fn(&crate::Time, u32) -> Option<crate::Time>;

struct Time {
    call: Call,
}

impl Time {
    fn number(&self, name: &str) -> Option<i64> {
        self.call.arguments.value(name).and_then(|value| value.as_int())
    }

    fn date(&self, shell: &Evaluator, given: Option<crate::Time>) -> Result<Item, Flow> {
        let mut time = given
            .or_else(|| self.call.arguments.value("Date").and_then(|value| value.as_time()))
            .unwrap_or_else(|| shell.port.now());
        let part = |name: &str| self.number(name).and_then(|value| u32::try_from(value).ok());
        let parts: [(&str, Set); 5] = [
            ("Day", crate::Time::with_day),
            ("Month", crate::Time::with_month),
            ("Hour", crate::Time::with_hour),
            ("Minute", crate::Time::with_minute),
            ("Second", crate::Time::with_second),
        ];
        for (name, set) in parts {
            if let Some(value) = part(name) {
                time = set(&time, value).unwrap_or(time);
            }
        }
        if let Some(year) = self.number("Year").and_then(|year| i32::try_from(year).ok()) {
            time = time.with_year(year).and_then(representable).unwrap_or(time);
        }
        if self.call.arguments.get("UFormat").is_some() {
            return Err(shell.not_played("Get-Date -UFormat", &self.call.span));
        }
        let item = Item::from(time);
        match self.call.arguments.text("Format") {
            None => Ok(item),
            Some(format) => format_value(&item, format).map(Item::from).map_err(|message| {
                failed(
                    shell,
                    &self.call,
                    Failure::new(message, "System.FormatException", "InvalidArgument").id("System.FormatException"),
                )
            }),
        }
    }

    fn span(&self, shell: &Evaluator) -> Item {
        let time = |name: &str| self.call.arguments.value(name).and_then(|value| value.as_time());
        if time("Start").is_some() || time("End").is_some() {
            let now = shell.port.now();
            return Item::from(time("End").unwrap_or(now) - time("Start").unwrap_or(now));
        }
        let seconds = [("Days", 86_400), ("Hours", 3_600), ("Minutes", 60), ("Seconds", 1)]
            .iter()
            .map(|(name, unit)| self.number(name).unwrap_or(0).saturating_mul(*unit))
            .fold(0_i64, i64::saturating_add);
        Item::Value(TimeDelta::try_seconds(seconds).map_or(Value::Null, Value::TimeSpan))
    }
}

impl Filter for Time {
    fn process<'a>(&'a mut self, shell: &'a mut Evaluator, input: Item, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            let given = crate::powershell::convert::cast(crate::powershell::convert::Type::DateTime, &input.to_value());
            let given = given.ok().and_then(|value| value.as_time());
            let date = self.date(shell, given)?;
            shell.emit(date, out).await
        })
    }

    fn finish<'a>(&'a mut self, shell: &'a mut Evaluator, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            if self.call.has_input {
                return Ok(());
            }
            match self.call.command.name {
                "Get-Date" => {
                    let date = self.date(shell, None)?;
                    shell.emit(date, out).await
                }
                "New-TimeSpan" => {
                    let span = self.span(shell);
                    shell.emit(span, out).await
                }
                _ => {
                    let span = match (self.number("Seconds"), self.number("Milliseconds")) {
                        (Some(seconds), _) => TimeDelta::try_seconds(seconds),
                        (None, Some(milliseconds)) => TimeDelta::try_milliseconds(milliseconds),
                        (None, None) => Some(TimeDelta::zero()),
                    };
                    let until = span.and_then(|span| shell.port.now().checked_add_signed(span));
                    match until {
                        Some(until) => {
                            shell.sleep(until).await;
                            Ok(())
                        }
                        None => Err(shell.not_played("a sleep of that length", &self.call.span)),
                    }
                }
            }
        })
    }
}

/// `Measure-Command { … }`: how long it took on the server's clock; what it puts out goes nowhere.
struct Measured {
    call: Call,
}

impl Filter for Measured {
    fn process<'a>(&'a mut self, shell: &'a mut Evaluator, _input: Item, _out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move { Err(shell.not_played("Measure-Command of a pipeline", &self.call.span)) })
    }

    fn finish<'a>(&'a mut self, shell: &'a mut Evaluator, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            let Some(Item::Block(block)) = self.call.arguments.get("Expression").cloned() else { return Ok(()) };
            let began = shell.port.now();
            shell.statements(&block.statements, Sink::Nothing).await?;
            let took = shell.port.now() - began;
            shell.emit(Item::from(took), out).await
        })
    }
}

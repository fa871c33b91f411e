//! Sort-Object, Group-Object, Measure-Object.

use super::super::display::{shown, text_of};
use super::super::evaluate::{Boxed, Call, Evaluator, Flow, Sink, compare_items, equal_items, property};
use super::super::host::{Command, Failure, Kind, Parameter, Pipeline};
use super::super::item::{Item, Object};
use super::select::{Wanted, chosen, wanted};
use super::{Builtin, Filter, command, gather};
use crate::powershell::{Case, Value};

pub const COMMANDS: &[Builtin] = &[
    Builtin { command: &SORT, make: |call| Box::new(Gathering { call, items: Vec::new() }) },
    Builtin { command: &GROUP, make: |call| Box::new(Gathering { call, items: Vec::new() }) },
    Builtin { command: &MEASURE, make: |call| Box::new(Gathering { call, items: Vec::new() }) },
];

const INPUT: Parameter = Parameter::new("InputObject", Kind::Any).from_pipeline(Pipeline::Value);

static SORT: Command = command(
    "Sort-Object",
    "Microsoft.PowerShell.Commands.SortObjectCommand",
    &[
        Parameter::new("Property", Kind::Many).at(0),
        Parameter::new("Descending", Kind::Switch),
        Parameter::new("Unique", Kind::Switch),
        Parameter::new("CaseSensitive", Kind::Switch),
        INPUT,
    ],
);
static GROUP: Command = command(
    "Group-Object",
    "Microsoft.PowerShell.Commands.GroupObjectCommand",
    &[
        Parameter::new("Property", Kind::Many).at(0),
        Parameter::new("NoElement", Kind::Switch),
        Parameter::new("CaseSensitive", Kind::Switch),
        INPUT,
    ],
);
static MEASURE: Command = command(
    "Measure-Object",
    "Microsoft.PowerShell.Commands.MeasureObjectCommand",
    &[
        Parameter::new("Property", Kind::Texts).at(0),
        Parameter::new("Average", Kind::Switch),
        Parameter::new("Sum", Kind::Switch),
        Parameter::new("Maximum", Kind::Switch),
        Parameter::new("Minimum", Kind::Switch),
        INPUT,
    ],
);

struct Gathering {
    call: Call,
    items: Vec<Item>,
}

impl Gathering {
    /// What each object is ordered or grouped by.
    async fn keyed(&mut self, shell: &mut Evaluator) -> Result<Vec<(Vec<Item>, Item)>, Flow> {
        let wanted: Vec<Wanted> = wanted(self.call.arguments.get("Property")).unwrap_or_default();
        let mut keyed = Vec::with_capacity(self.items.len());
        for item in std::mem::take(&mut self.items) {
            let key = if wanted.is_empty() {
                vec![item.clone()]
            } else {
                chosen(shell, &wanted, &item, true).await?.into_iter().map(|(_, value)| value).collect()
            };
            keyed.push((key, item));
        }
        Ok(keyed)
    }

    fn case(&self) -> Case {
        if self.call.arguments.switch("CaseSensitive") { Case::Sensitive } else { Case::Default }
    }

    async fn sort(&mut self, shell: &mut Evaluator, out: Sink) -> Result<(), Flow> {
        let case = self.case();
        let mut keyed = self.keyed(shell).await?;
        let descending = self.call.arguments.switch("Descending");
        let compare = |left: &[Item], right: &[Item]| {
            left.iter()
                .zip(right)
                .map(|(left, right)| compare_items(left, right, case))
                .find(|order| order.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        };
        keyed.sort_by(|(left, _), (right, _)| if descending { compare(right, left) } else { compare(left, right) });
        if self.call.arguments.switch("Unique") {
            keyed.dedup_by(|(later, _), (earlier, _)| compare(later, earlier).is_eq());
        }
        for (_, item) in keyed {
            shell.emit(item, out).await?;
        }
        Ok(())
    }

    async fn group(&mut self, shell: &mut Evaluator, out: Sink) -> Result<(), Flow> {
        let case = self.case();
        let mut groups: Vec<(Vec<Item>, Vec<Item>)> = Vec::new();
        for (key, item) in self.keyed(shell).await? {
            let same = |other: &[Item]| {
                key.len() == other.len() && key.iter().zip(other).all(|(left, right)| equal_items(left, right, case))
            };
            match groups.iter_mut().find(|(other, _)| same(other)) {
                Some((_, items)) => items.push(item),
                None => groups.push((key, vec![item])),
            }
        }
        for (key, items) in groups {
            let name = key.iter().map(shown).collect::<Vec<_>>().join(", ");
            let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
            let no_element = self.call.arguments.switch("NoElement");
            let type_name = if no_element {
                "Microsoft.PowerShell.Commands.GroupInfoNoElement"
            } else {
                "Microsoft.PowerShell.Commands.GroupInfo"
            };
            let mut group = Object::new(type_name).with("Count", count).with("Name", name);
            if !no_element {
                group = group.with("Group", Item::array(items)).with("Values", Item::array(key));
            }
            shell.emit(group.into(), out).await?;
        }
        Ok(())
    }

    async fn measure(&mut self, shell: &mut Evaluator, out: Sink) -> Result<(), Flow> {
        let names: Vec<Option<String>> = match self.call.arguments.get("Property") {
            Some(Item::Array(names)) => names.iter().map(|name| Some(text_of(name))).collect(),
            _ => vec![None],
        };
        let items = std::mem::take(&mut self.items);
        for name in names {
            let values: Vec<Item> = match &name {
                Some(name) => items.iter().filter_map(|item| property(item, name)).collect(),
                None => items.clone(),
            };
            if let Some(name) = &name
                && values.is_empty()
                && !items.is_empty()
            {
                let failure = Failure::new(
                    format!("The property \"{name}\" cannot be found in the input for any objects."),
                    "System.Management.Automation.PSArgumentException",
                    "InvalidArgument",
                )
                .id("GenericMeasurePropertyNotFound");
                shell.command_failed(&self.call, failure)?;
                continue;
            }
            let result = self.measured(shell, &values, name)?;
            shell.emit(result, out).await?;
        }
        Ok(())
    }

    fn measured(&self, shell: &Evaluator, values: &[Item], name: Option<String>) -> Result<Item, Flow> {
        let asked = |switch: &str| self.call.arguments.switch(switch);
        let count = i64::try_from(values.len()).unwrap_or(i64::MAX);
        let mut sum = Item::from(0);
        if asked("Sum") || asked("Average") {
            for value in values {
                sum = shell.binary("+", &sum, value, &self.call.span)?;
            }
        }
        let extreme = |greatest: bool| {
            let ordered = |left: &&Item, right: &&Item| compare_items(left, right, Case::Default);
            let found = if greatest { values.iter().max_by(ordered) } else { values.iter().min_by(ordered) };
            found.cloned().unwrap_or(Item::NULL)
        };
        let average = if asked("Average") && count > 0 {
            shell.binary("/", &sum, &Item::from(count), &self.call.span)?
        } else {
            Item::NULL
        };
        Ok(Object::new("Microsoft.PowerShell.Commands.GenericMeasureInfo")
            .with("Count", count)
            .with("Average", average)
            .with("Sum", if asked("Sum") { sum } else { Item::NULL })
            .with("Maximum", if asked("Maximum") { extreme(true) } else { Item::NULL })
            .with("Minimum", if asked("Minimum") { extreme(false) } else { Item::NULL })
            .with("Property", name.map_or(Value::Null, Value::Text))
            .into())
    }
}

impl Filter for Gathering {
    fn process<'a>(&'a mut self, _shell: &'a mut Evaluator, input: Item, _out: Sink) -> Boxed<'a, ()> {
        gather(&mut self.items, input)
    }

    fn finish<'a>(&'a mut self, shell: &'a mut Evaluator, out: Sink) -> Boxed<'a, ()> {
        Box::pin(async move {
            match self.call.command.name {
                "Sort-Object" => self.sort(shell, out).await,
                "Group-Object" => self.group(shell, out).await,
                _ => self.measure(shell, out).await,
            }
        })
    }
}

//! The lab's commands beside the table that lint stands on: the same names, the same parameters.

use crate::lab::shell::Command;
use crate::powershell::cmdlets::{Cmdlet, TABLE};

fn command(cmdlet: &Cmdlet) -> &'static Command {
    &super::find(cmdlet.name).unwrap_or_else(|| panic!("{} is neither played nor refused", cmdlet.name)).command
}

#[test]
fn every_cmdlet_of_the_table_has_its_parameters() {
    for cmdlet in TABLE {
        let command = command(cmdlet);
        // What is refused takes its arguments unbound, whatever they are.
        if command.program {
            continue;
        }
        for parameter in cmdlet.parameters {
            let known = command.parameters.iter().any(|known| known.name == *parameter);
            assert!(known, "{} -{parameter}", cmdlet.name);
        }
    }
}

#[test]
fn no_command_is_there_twice() {
    let mut names: Vec<String> = super::names().map(str::to_ascii_lowercase).collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all);
}

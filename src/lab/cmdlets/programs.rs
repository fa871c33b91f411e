//! Programs: `w32tm`, `query user`, `whoami`, and the two of Windows that a self-test calls.

use chrono::TimeDelta;

use super::{Call, Entry};
use crate::lab::fault::Fault;
use crate::lab::shell::{Emission, Item, Reply};

/// An entry for a program.
macro_rules! program {
    ($needs:ident $name:literal $play:path) => {
        crate::lab::cmdlets::Entry {
            command: crate::lab::shell::Command { name: $name, class: "", parameters: &[], program: true },
            needs: crate::lab::cmdlets::Needs::$needs,
            play: $play,
        }
    };
}
pub(super) use program;

pub(super) static ENTRIES: &[Entry] = &[
    program!(Windows "w32tm.exe" w32tm),
    program!(Windows "quser.exe" quser),
    program!(Windows "query.exe" quser),
    program!(Windows "hostname.exe" hostname),
    program!(Windows "whoami.exe" whoami),
    program!(Windows "sort.exe" sort),
    program!(Windows "cmd.exe" cmd),
];

/// What a program prints, and its exit code.
pub(super) fn lines(lines: impl IntoIterator<Item = String>, exit: i64) -> Reply {
    let printed = lines.into_iter().map(|line| Emission::Object(Item::from(line)));
    Reply::Emitted(printed.chain([Emission::Exit(exit)]).collect())
}

/// The rest of the argument that begins with a prefix.
pub(super) fn argument(call: &Call, prefix: &str) -> Option<String> {
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

fn whoami(call: &mut Call) -> Reply {
    if !call.invocation.arguments.positional.is_empty() {
        return Reply::NotPlayed("whoami with arguments: the lab knows the user's name only".to_owned());
    }
    lines([call.world.user.to_lowercase()], 0)
}

/// Without a file it sorts its standard input, which is empty in an agent's session.
fn sort(call: &mut Call) -> Reply {
    if call.invocation.arguments.positional.is_empty() {
        return lines([], 0);
    }
    Reply::NotPlayed("sort: the lab plays it without arguments".to_owned())
}

/// `cmd /c exit N`
fn cmd(call: &mut Call) -> Reply {
    let words: Vec<String> = call.invocation.arguments.positional.iter().map(|word| word.to_ascii_lowercase()).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["/c", "exit"] => lines([], 0),
        ["/c", "exit", code] if code.parse::<i64>().is_ok() => lines([], code.parse().unwrap_or(0)),
        _ => Reply::NotPlayed("cmd: the lab plays cmd /c exit".to_owned()),
    }
}

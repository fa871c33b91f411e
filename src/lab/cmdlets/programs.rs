//! Programs: `w32tm`, `query user`, `whoami`, and the two of Windows that a self-test calls.

use chrono::TimeDelta;

use super::{Call, Entry};
use crate::Time;
use crate::lab::fault::Fault;
use crate::lab::shell::{Emission, Item, Reply};
use crate::powershell::Value;

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
    stripchart(call)
}

/// How often `w32tm /stripchart` takes a sample.
const SAMPLE: TimeDelta = TimeDelta::seconds(2);

/// One sample at a time, as long as it takes; without `/samples` until it is stopped.
fn stripchart(call: &mut Call) -> Reply {
    let computer = argument(call, "/computer").unwrap_or_else(|| format!("dc01.{}", call.server().host.domain));
    match serves_time(call, &computer) {
        Some(true) => {}
        Some(false) => return lines(["The following error occurred: No such host is known. (0x80072AF9)".to_owned()], 1),
        None => return Reply::NotPlayed(format!("w32tm: the lab plays the domain controllers' time, not that of {computer}")),
    }
    if !call.server().reaches_directory() {
        return lines([format!("Tracking {computer}."), "error: 0x800705B4".to_owned()], 1);
    }
    let samples = match argument(call, "/samples").map(|n| n.parse::<u32>()) {
        None => None,
        Some(Ok(samples)) => Some(i64::from(samples)),
        Some(Err(_)) => return lines(["The parameter is incorrect. (0x80070057)".to_owned()], 1),
    };
    let now = call.server().clock(call.world.now);
    let mut printed = Vec::new();
    let taken = if let Some(Value::Int(taken)) = call.invocation.resumed {
        taken
    } else {
        printed.push(format!("Tracking {computer} [10.0.0.10:123]."));
        printed.extend(samples.map(|samples| format!("Collecting {samples} samples.")));
        printed.push(format!("The current time is {}.", now.format("%-m/%-d/%Y %-I:%M:%S %p")));
        0
    };
    let left = samples.map(|samples| samples - taken);
    if left != Some(0) {
        printed.push(sample(call, now, taken));
    }
    if left.is_some_and(|left| left <= 1) {
        return lines(printed, 0);
    }
    let emitted = printed.into_iter().map(|line| Emission::Object(Item::from(line))).collect();
    Reply::Pending { until: now + SAMPLE, emitted, memo: Value::Int(taken + 1) }
}

/// Whether a computer is a domain controller of the lab; none where it is outside of the forests.
fn serves_time(call: &Call, computer: &str) -> Option<bool> {
    let is = |name: &str| name.eq_ignore_ascii_case(computer);
    let forests = &call.world.directory.forests;
    let serves = forests.iter().any(|forest| {
        let of_forest = |dc: &String| is(dc) || is(&format!("{dc}.{}", forest.name));
        is(&forest.name) || forest.domain_controllers.iter().any(of_forest)
    });
    let lower = computer.to_ascii_lowercase();
    let inside = !lower.contains('.') || forests.iter().any(|forest| lower.ends_with(&format!(".{}", forest.name)));
    (serves || inside).then_some(serves)
}

fn sample(call: &Call, now: Time, number: i64) -> String {
    let skew = call.server().host.skew_ms;
    let (sign, size) = if skew > 0 { ('-', skew) } else { ('+', -skew) };
    let jitter = number % 100;
    let offset = format!("{sign}{:02}.{:03}{:04}s", size / 1_000, size % 1_000, 1_200 + jitter * 37);
    let at = now.format("%H:%M:%S");
    if argument(call, "/dataonly").is_some() {
        return format!("{at}, {offset}");
    }
    let mark = if size < 1_000 {
        "[                           *                           ]"
    } else {
        "[                  *        |                           ]"
    };
    format!("{at}, d:+00.0009{jitter:03}s o:{offset}  {mark}")
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

//! The scheduler's state machine as somebody at a console and at a wizard meets it: a table, a situation a row, played in order.

#[path = "lab_commands/console.rs"]
#[allow(dead_code, reason = "the console is shared with other tests")]
mod console;

use console::Console;
use lockstep::Time;
use lockstep::lab::world::server::{Product, Server, ServiceStatus};
use lockstep::rb1::Group;

/// What is done and what must come of it, by its first word:
/// `say VERB` · `run COMMAND => TEXT` in what it prints · `wait SECONDS` · `until STATE` · `told TEXT` in event 904 since the beginning of
/// the row, `untold TEXT` · `last RESULT` of the newest run · `rows NUMBER` that the history got since the beginning of the row.
type Row = (&'static str, &'static [&'static str]);

const START: &str = "run Start-ADSyncSyncCycle -PolicyType Delta";

const TABLE: &[Row] = &[
    (
        "a start is answered at once and shows later; a second one finds it requested, then a connector busy",
        &[
            "START => Success",
            "run (Get-ADSyncScheduler).SyncCycleInProgress => False",
            "START => A sync cycle has already being requested.",
            "until busy",
            "run (Get-ADSyncScheduler).SyncCycleInProgress => True",
            "run Get-ADSyncConnectorRunStatus => Busy",
            "START => contoso.com is busy.",
            "until gap",
            "START => Sync is already running.",
            "until idle",
            "told Import/Sync/Export cycle completed (Delta).",
            "run (Get-ADSyncScheduler).SyncCycleInProgress => False",
        ],
    ),
    (
        "a stop inside a step ends it and leaves the others out; a start during that finds the connector busy",
        &[
            "START => Success",
            "until busy",
            "run Stop-ADSyncSyncCycle => Success",
            "START => is busy.",
            "until idle",
            "last stopped-user-termination-from-wmi-or-ui",
            "rows 1",
            "START => Success",
            "until busy",
            "until idle",
            "last success",
        ],
    ),
    (
        "a stop in the gap between two steps leaves the later ones out",
        &[
            "START => Success",
            "until gap",
            "run Stop-ADSyncSyncCycle => Success",
            "until idle",
            "last success",
            "rows 1",
            "told cycle completed",
        ],
    ),
    (
        "a stop before the cycle shows withdraws it",
        &["START => Success", "run Stop-ADSyncSyncCycle => Success", "wait 10", "untold cycle started", "rows 0"],
    ),
    ("a stop where nothing runs is no error", &["run Stop-ADSyncSyncCycle => Success", "rows 0"]),
    (
        "a start works with the scheduler off, and the timer does not",
        &[
            "run Set-ADSyncScheduler -SyncCycleEnabled $false",
            "wait 4000",
            "rows 0",
            "START => Success",
            "until busy",
            "until idle",
            "told cycle completed (Delta)",
            "run (Get-ADSyncScheduler).SyncCycleEnabled => False",
        ],
    ),
    (
        "off while a cycle runs: it comes to its end, and none follows",
        &[
            "START => Success",
            "until busy",
            "run Set-ADSyncScheduler -SyncCycleEnabled $false",
            "until idle",
            "told cycle completed (Delta)",
            "last success",
            "rows 6",
            "wait 4000",
            "rows 6",
        ],
    ),
    (
        "suspended while a cycle runs: it comes to its end, none follows, and a start is refused with that before all else",
        &[
            "START => Success",
            "until busy",
            "run Set-ADSyncScheduler -SchedulerSuspended $true",
            "START => Scheduler is already suspended via global parameters.",
            "until idle",
            "rows 6",
            "wait 4000",
            "rows 6",
            "told Scheduler is already suspended",
            "run (Get-ADSyncScheduler).NextSyncCycleStartTimeInUTC -lt (Get-Date).ToUniversalTime() => True",
            "run Set-ADSyncScheduler -SchedulerSuspended $false",
            "until busy",
        ],
    ),
    (
        "an initial cycle: full runs, and delta is next again",
        &[
            "run Start-ADSyncSyncCycle -PolicyType Initial => Success",
            "until busy",
            "until idle",
            "told cycle completed (Initial)",
            "run (Get-ADSyncRunProfileResult -NumberRequested 6).RunProfileName => Full Synchronization",
            "run (Get-ADSyncScheduler).NextSyncCyclePolicyType => Delta",
        ],
    ),
    (
        "overrides make the next delta cycle do full runs, once",
        &[
            "run Set-ADSyncSchedulerConnectorOverride -ConnectorName contoso.com -FullImportRequired $true -FullSyncRequired $true",
            "START => Success",
            "until busy",
            "until idle",
            "run (Get-ADSyncRunProfileResult -NumberRequested 6).RunProfileName => Full Import",
            "run (Get-ADSyncSchedulerConnectorOverride -ConnectorName contoso.com).FullImportRequired => False",
            "run (Get-ADSyncSchedulerConnectorOverride -ConnectorName contoso.com).FullSyncRequired => False",
        ],
    ),
    (
        "the wizard holds cycles back, and the one that was due comes when it is closed",
        &[
            "say wizard old open",
            "START => wizard is open",
            "run (Get-ADSyncScheduler).SchedulerSuspended => False",
            "wait 4000",
            "rows 0",
            "told unable to start a new sync cycle since",
            "say wizard old exit",
            "wait 6",
            "told cycle started (Delta)",
        ],
    ),
    (
        "the wizard is opened while a cycle is requested: the cycle does not come, and it is said",
        &[
            "START => Success",
            "say wizard old open",
            "wait 10",
            "rows 0",
            "told wizard is open",
            "say wizard old exit",
            "until busy",
            "until idle",
            "last success",
        ],
    ),
    (
        "the wizard's start tick left out switches the scheduler off",
        &[
            "say wizard old open",
            "say wizard old stage off start off",
            "wait 60",
            "say wizard old exit",
            "run (Get-ADSyncScheduler).SyncCycleEnabled => False",
            "run Get-WinEvent -FilterHashtable @{ LogName = 'Application'; Id = 2507 } -MaxEvents 1 | Format-List Message => not selected",
            "wait 4000",
            "rows 0",
        ],
    ),
    (
        "the start tick brings a cycle when the wizard is left",
        &[
            "say wizard old open",
            "say wizard old stage off start on",
            "wait 60",
            "rows 0",
            "say wizard old exit",
            "wait 5",
            "told cycle started (Delta)",
        ],
    ),
    (
        "a killed wizard's mutex is recovered",
        &["say wizard old open", "wait 4000", "say wizard old kill", "wait 61", "told abandoned", "told cycle started (Delta)"],
    ),
    (
        "the service is restarted inside a step: the run is cut, and the cycle is made up for",
        &[
            "say fault never-ending-cycle on old",
            "START => Success",
            "until busy",
            "wait 60",
            "run Restart-Service ADSync",
            "last stopped-service-shutdown",
            "say cure never-ending-cycle on old",
            "run Get-WinEvent -FilterHashtable @{ LogName = 'Application'; Id = 6052 } -MaxEvents 1 | Format-List Message => stopped",
            "until busy",
            "until idle",
            "last success",
        ],
    ),
    (
        "a service that goes down takes no start, and one that is down knows no scheduler",
        &[
            "say service old stop",
            "START => Scheduler is shutting down.",
            "until stopped",
            "START => Synchronization Service is not running.",
            "run Get-ADSyncScheduler => Synchronization Service is not running.",
            "run Start-Service ADSync",
            "until running",
            "START => Success",
        ],
    ),
    (
        "a tenant that is not reached is asked three times more, and then the last known interval is used",
        &[
            "say network old cloud blocked",
            "until due",
            "wait 1",
            "told There was an issue obtaining cloud sync intervals. It is tried again in 5 s.",
            "wait 32",
            "untold cycle started",
            "wait 4",
            "told The last known interval is used.",
            "told cycle started (Delta)",
            "run (Get-ADSyncScheduler).AllowedSyncCycleInterval.TotalMinutes => 30",
            "until idle",
            "wait 1",
            "say network old cloud open",
            "until due",
            "wait 1",
            "until idle",
            "last success",
        ],
    ),
    (
        "a machine that was held is stuck in the past until its service is restarted",
        &[
            "say vm old pause",
            "wait 5000",
            "say vm old resume",
            "wait 4000",
            "rows 0",
            "run (Get-Service ADSync).Status => Running",
            "run (Get-ADSyncScheduler).NextSyncCycleStartTimeInUTC -lt (Get-Date).ToUniversalTime() => True",
            "run (Get-ADSyncScheduler).SyncCycleInProgress => False",
            "run Restart-Service ADSync",
            "until running",
            "until busy",
            "until idle",
            "last success",
        ],
    ),
    (
        "a machine that is held inside a step goes on with it",
        &[
            "START => Success",
            "until busy",
            "say vm old pause",
            "wait 5000",
            "say vm old resume",
            "until idle",
            "last success",
            "rows 6",
        ],
    ),
    (
        "an upgrade suspends the scheduler, restarts the service and leaves staging mode as it was",
        &[
            "say upgrade old start on",
            "run (Get-ADSyncScheduler).SchedulerSuspended => True",
            "START => already suspended",
            "wait 1300",
            "say wizard old exit",
            "run (Get-ADSyncScheduler).SchedulerSuspended => False",
            "run (Get-ADSyncScheduler).StagingModeEnabled => False",
            "run (Get-ADSyncSchedulerConnectorOverride).FullSyncRequired => True",
            "wait 5",
            "told cycle started (Delta)",
        ],
    ),
    (
        "an upgrade waits for no cycle: it is refused",
        &["START => Success", "until busy", "refused upgrade old start on => in progress"],
    ),
    (
        "an interval below the tenant's is kept and not followed",
        &[
            "run Set-ADSyncScheduler -CustomizedSyncCycleInterval 0.00:10:00 -Force => still run at the allowed sync interval",
            "run (Get-ADSyncScheduler).CurrentlyEffectiveSyncCycleInterval.TotalMinutes => 30",
            "run Set-ADSyncScheduler -CustomizedSyncCycleInterval 0.03:00:00 -Force",
            "run (Get-ADSyncScheduler).CurrentlyEffectiveSyncCycleInterval.TotalMinutes => 180",
            "run Set-ADSyncScheduler -CustomizedSyncCycleInterval $null",
            "run (Get-ADSyncScheduler).CurrentlyEffectiveSyncCycleInterval.TotalMinutes => 30",
        ],
    ),
];

struct Play {
    console: Console,
    began: Time,
    number: u64,
}

impl Play {
    fn server(&self) -> &Server {
        &self.console.lab.world().servers[0]
    }

    fn product(&self) -> &Product {
        self.server().product.as_ref().expect("installed")
    }

    fn newest(&self) -> u64 {
        self.product().history.newest_first().next().map_or(0, |run| run.number)
    }

    fn told(&self, text: &str) -> bool {
        let since = self.server().host.log.newest_first().take_while(|event| event.at >= self.began);
        since.filter(|event| event.id == 904).any(|event| event.message.contains(text))
    }

    fn is(&self, state: &str) -> bool {
        let product = self.product();
        let (cycle, active) = (product.cycle.is_some(), product.active.is_some());
        match state {
            "busy" => active,
            "gap" => cycle && !active && product.cycle.as_ref().is_some_and(|cycle| !cycle.stage.is_empty()),
            "idle" => !cycle && !active && product.requested.is_none(),
            "due" => self.console.lab.now() >= product.scheduler.next_start,
            "running" => product.service.status == ServiceStatus::Running,
            "stopped" => product.service.status == ServiceStatus::Stopped,
            other => panic!("there is no state {other}"),
        }
    }

    fn wait(&mut self, ms: i64) {
        let to = self.console.lab.now() + chrono::TimeDelta::milliseconds(ms);
        self.console.lab.advance(to);
    }

    /// Does one line; the error says what came instead.
    fn line(&mut self, line: &str) -> Result<(), String> {
        let (word, rest) = line.split_once(' ').expect("a word and what follows");
        let (what, expected) = rest.split_once(" => ").unwrap_or((rest, ""));
        let holds = |found: String, holds: bool| if holds { Ok(()) } else { Err(found) };
        match word {
            "say" => drop(self.console.say(what)),
            "refused" => {
                let said = self.console.lab.operate(&what.parse()?).err().ok_or("it was done")?;
                return holds(said.clone(), said.contains(expected));
            }
            "run" => {
                let printed = self.console.run("old", what);
                return holds(
                    printed.clone(),
                    printed.contains(expected) && (!expected.is_empty() || !printed.contains("ERROR")),
                );
            }
            "wait" => self.wait(what.parse::<i64>().map_err(|error| error.to_string())? * 1_000),
            "until" => {
                for _ in 0..60_000 {
                    if self.is(what) {
                        return Ok(());
                    }
                    self.wait(100);
                }
                return Err("it did not come to that in hours".to_owned());
            }
            "told" => return holds("it was not told".to_owned(), self.told(what)),
            "untold" => return holds("it was told".to_owned(), !self.told(what)),
            "last" => {
                let result = self.product().history.newest_first().next().map(|run| run.result.clone()).unwrap_or_default();
                return holds(result.clone(), result == what);
            }
            "rows" => {
                let rows = self.newest() - self.number;
                return holds(format!("{rows} rows"), rows.to_string() == what);
            }
            other => panic!("there is no word {other}"),
        }
        Ok(())
    }
}

#[test]
fn the_latency_of_a_connection_delays_its_answers() {
    let mut console = Console::new("clean-swap");
    let mut took = |path: &str| {
        console.say(&format!("network new winrm {path}"));
        let asked = console.lab.now();
        console.read("new", Group::Core);
        (console.lab.now() - asked).num_milliseconds()
    };
    took("open");
    assert!(took("open") < 100);
    assert!((4_000..4_100).contains(&took("4s")));
    assert!((300..400).contains(&took("300ms")));
}

#[test]
fn what_the_tenant_and_the_database_are_is_seen_by_cmdlets() {
    let mut console = Console::new("clean-swap");
    console.say("fault passwords-off on new");
    let features = console.run("new", "(Get-ADSyncAADCompanyFeature).PasswordHashSync");
    assert_eq!(features.trim(), "True", "it is the tenant's, whatever this server is set to");
    let used = |console: &mut Console| -> i64 {
        let printed = console.run("old", "(Get-ADSyncDatabaseConfiguration).UsedSpaceInMb");
        printed.trim().parse().expect("a number")
    };
    console.idle("old");
    console.say("fault database-full on old");
    assert_eq!(used(&mut console), 10_240);
    console.run("old", "Start-ADSyncPurgeRunHistory -PurgeRunHistoryInterval 1.00:00:00");
    assert!(used(&mut console) < 1_000, "{}", used(&mut console));
    assert_eq!(console.lab.panel().servers[0].faults, Vec::<String>::new());
}

#[test]
fn each_situation_of_the_scheduler_is_as_the_table_says() {
    let mut wrong = Vec::new();
    for (title, lines) in TABLE {
        let mut console = Console::new("clean-swap");
        console.idle("old");
        let mut play = Play { began: console.lab.now(), number: 0, console };
        play.number = play.newest();
        for line in *lines {
            if let Err(found) = play.line(&line.replace("START", START)) {
                wrong.push(format!("{title}\n    {line}\n    found: {found}"));
                break;
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

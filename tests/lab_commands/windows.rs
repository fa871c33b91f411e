//! What Windows itself brings, as far as an engineer needs it in a change window: services, processes, files, the machine.

use crate::console::Console;

fn trimmed(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
}

#[test]
fn services_are_listed_and_it_is_said_that_a_server_has_more() {
    let mut console = Console::new("clean-swap");
    let all = console.run("old", "Get-Service");
    assert!(all.contains("Running  ADSync             Microsoft Azure AD Sync") && all.contains("Windows Time"), "{all}");
    assert!(all.contains("WARNING The lab knows only these services"), "{all}");
    let some = console.run("old", "Get-Service AD*, W32*");
    assert!(some.contains("ADSync") && some.contains("W32Time") && !some.contains("WARNING"), "{some}");
    let one = console.run("old", "Get-Service -DisplayName 'Microsoft Azure AD Sync' | Select-Object -ExpandProperty Name");
    assert_eq!(one, "ADSync\n");
}

#[test]
fn what_if_says_what_a_service_cmdlet_would_do_and_does_not() {
    let mut console = Console::new("clean-swap");
    let said = console.run("old", "Stop-Service ADSync -WhatIf; (Get-Service ADSync).Status");
    assert!(
        said.contains("What if: Performing the operation \"Stop-Service\" on target \"Microsoft Azure AD Sync (ADSync)\"."),
        "{said}"
    );
    assert!(said.contains("Running"), "{said}");
}

#[test]
fn net_stops_and_starts_the_service() {
    let mut console = Console::new("clean-swap");
    console.idle("old");
    let stopped = console.run("old", "net stop ADSync; $LASTEXITCODE; (Get-Service ADSync).Status");
    assert!(stopped.contains("service was stopped successfully.") && stopped.contains("\n0\n"), "{stopped}");
    assert!(stopped.contains("Stopped"), "{stopped}");
    let again = console.run("old", "net stop adsync 2>&1 | Out-Null; $LASTEXITCODE");
    assert_eq!(again, "2\n");
    let started = console.run("old", "net start 'Microsoft Azure AD Sync'");
    assert!(started.contains("service was started successfully."), "{started}");
}

#[test]
fn processes_have_their_columns() {
    let mut console = Console::new("clean-swap");
    console.say("wizard old open as CONTOSO\\bob");
    let all = console.run("old", "Get-Process");
    assert!(all.contains("Handles  NPM(K)    PM(K)      WS(K)     CPU(s)     Id  SI ProcessName"), "{all}");
    assert!(all.contains("miiserver") && all.contains("AzureADConnect") && all.contains("WARNING The lab knows only"), "{all}");
    let user = console.run("old", "Get-Process AzureADConnect -IncludeUserName | Select-Object -ExpandProperty UserName");
    assert_eq!(user, "CONTOSO\\bob\n");
    let id = console.run("old", "(Get-Process -Id (Get-Process miiserver).Id).ProcessName");
    assert_eq!(id, "miiserver\n");
    let none = console.run("old", "Get-Process -Id 4711");
    assert!(none.contains("ERROR Cannot find a process with the process identifier 4711."), "{none}");
}

#[test]
fn files_bear_the_moment_they_were_written() {
    let mut console = Console::new("clean-swap");
    console.idle("old");
    console.run("old", "Set-Content C:\\Temp\\first.txt 'a'");
    console.pass(90);
    console.run("old", "'bcd' | Out-File C:\\Temp\\second.txt -Encoding ascii");
    let newest = console.run(
        "old",
        "Get-ChildItem C:\\Temp -File | Sort-Object LastWriteTime -Descending | ForEach-Object { \"$($_.Name) $($_.Length)\" }",
    );
    assert_eq!(newest, "second.txt 5\nfirst.txt 3\n");
    let age = console.run("old", "[int]((Get-Date) - (Get-Item C:\\Temp\\first.txt).LastWriteTime).TotalMinutes");
    assert_eq!(age, "90\n");
    let listed = trimmed(&console.run("old", "dir C:\\Temp"));
    let expected = "Directory: C:\\Temp


Mode                LastWriteTime         Length Name
----                -------------         ------ ----
-a----       11/21/2026  10:00 PM              3 first.txt
-a----       11/21/2026  11:30 PM              5 second.txt";
    assert_eq!(listed, expected, "{listed}");
}

#[test]
fn what_the_wizard_applied_is_found_by_its_age() {
    let mut console = Console::new("clean-swap");
    console.idle("new");
    console.say("wizard new open");
    console.say("wizard new stage on start on");
    console.pass(5);
    let newest = console.run(
        "new",
        "Get-ChildItem C:\\ProgramData\\AADConnect\\Applied-SynchronizationPolicy-*.JSON | Sort-Object LastWriteTime | Select-Object -Last 1 | ForEach-Object { ((Get-Date) - $_.LastWriteTime).TotalMinutes -lt 6 }",
    );
    assert_eq!(newest, "True\n");
}

#[test]
fn the_machine_and_its_services_are_asked_by_cim() {
    let mut console = Console::new("clean-swap");
    let account = console.run("old", "(Get-CimInstance Win32_Service -Filter \"Name='ADSync'\").StartName");
    assert_eq!(account, "NT SERVICE\\ADSync\n");
    let like = console
        .run("old", "Get-CimInstance -ClassName Win32_Service -Filter \"Name LIKE 'AD%'\" | Select-Object -ExpandProperty State");
    assert_eq!(like, "Running\n");
    let booted = console.run("old", "((Get-CimInstance Win32_OperatingSystem).LastBootUpTime) -lt (Get-Date)");
    assert_eq!(booted, "True\n");
    let domain = console.run("old", "(Get-CimInstance Win32_ComputerSystem).Domain");
    assert_eq!(domain, "contoso.com\n");
    let disk = console.run("old", "Get-CimInstance Win32_LogicalDisk");
    assert!(disk.contains("the lab plays the classes"), "{disk}");
}

#[test]
fn the_network_is_as_the_world_has_it() {
    let mut console = Console::new("clean-swap");
    let probe = "(Test-NetConnection login.microsoftonline.com -Port 443).TcpTestSucceeded";
    assert_eq!(console.run("old", probe), "True\n");
    console.say("firewall old block");
    let blocked = console.run("old", probe);
    assert_eq!(blocked, "WARNING TCP connect to (login.microsoftonline.com : 443) failed\nFalse\n");
    assert_eq!(
        console.run("old", "Test-NetConnection -ComputerName dc01.contoso.com -Port 389 -InformationLevel Quiet"),
        "True\n"
    );
    console.say("fault domain-controller-down on old");
    let down = console.run("old", "tnc dc01 -Port 389 -InformationLevel Quiet 3>$null");
    assert_eq!(down, "False\n");
    let unknown = console.run("old", "Test-NetConnection www.example.com -Port 80");
    assert!(unknown.contains("the lab knows dc01.contoso.com"), "{unknown}");
}

#[test]
fn a_machine_is_restarted_unless_somebody_else_works_on_it() {
    let mut console = Console::new("clean-swap");
    console.idle("new");
    let asked = console.run("new", "Restart-Computer -WhatIf");
    assert!(asked.contains("restart the computer.\" on target \"localhost (EC02)\"."), "{asked}");
    console.say("wizard new open as CONTOSO\\bob");
    let refused = console.run("new", "Restart-Computer");
    assert!(refused.contains("because there are other users logged on to the computer."), "{refused}");
    // From the other server, as the session of a machine ends with it.
    console.run("old", "Restart-Computer -ComputerName EC02 -Force");
    let power = |console: &Console| console.lab.world().servers[1].is_on();
    assert!(!power(&console));
    console.pass(3);
    assert!(power(&console));
}

#[test]
fn who_and_what_and_how_long() {
    let mut console = Console::new("clean-swap");
    let who = console.run("old", "whoami");
    assert!(who.starts_with("contoso\\") && who.lines().count() == 1, "{who}");
    let took = console.run("old", "[int](Measure-Command { Start-Sleep -Seconds 3 }).TotalSeconds");
    assert_eq!(took, "3\n");
    let refused = console.run("old", "ipconfig /all");
    assert!(refused.contains("The lab does not play ipconfig"), "{refused}");
}

#[test]
fn a_strip_chart_takes_its_time_and_ends_by_itself_only_after_its_samples() {
    let mut console = Console::new("clock-off");
    let began = console.lab.now();
    let chart = console.run("new", "w32tm /stripchart /computer:DC01 /samples:3 /dataonly");
    assert_eq!(chart.matches(", -06.").count() + chart.matches(", -360.").count(), 3, "{chart}");
    assert!((console.lab.now() - began).num_seconds() >= 4, "two pauses of two seconds");
    let (state, why) = console.limited("new", "w32tm /stripchart /computer:DC01", 60_000);
    assert_eq!((state.as_str(), why.as_deref()), ("Stopped", Some("timeout")), "without /samples it goes on");
    let unknown = console.run("new", "w32tm /stripchart /computer:DC99 /samples:1");
    assert!(unknown.contains("No such host is known. (0x80072AF9)"), "{unknown}");
    let outside = console.run("new", "w32tm /stripchart /computer:time.windows.com /samples:1");
    assert!(outside.contains("the lab plays the domain controllers' time"), "{outside}");
}

#[test]
fn moments_and_spans_that_net_does_not_hold_are_errors() {
    let mut console = Console::new("clean-swap");
    for (script, said) in [
        ("(Get-Date).AddYears(9000)", "un-representable DateTime"),
        ("(Get-Date).AddDays(-9999999)", "un-representable DateTime"),
        ("Set-ADSyncScheduler -CustomizedSyncCycleInterval 99999999.00:00:00 -Force", "Cannot convert value"),
        ("Set-ADSyncScheduler -CustomizedSyncCycleInterval 10675199.00:00:00 -Force", "un-representable DateTime"),
    ] {
        let shown = console.run("old", script);
        assert!(shown.contains(said), "{script}: {shown}");
    }
    let shown = console.run("old", "(Get-ADSyncScheduler).CustomizedSyncCycleInterval");
    assert_eq!(shown.trim(), "");
}

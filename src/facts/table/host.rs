//! The group `host`: the machine below the product. Known also where the product is not installed.

use super::fact::Kind::{Bool, Int, Text, Version};
use super::fact::{Fact, Kind};
use crate::rb1::Group;

const fn row(path: &'static str, kind: Kind, source: &'static str, text: &'static str) -> Fact {
    Fact::read(Group::Host, &[Group::Host], path, kind, source, text)
}

const fn tls(path: &'static str, text: &'static str) -> Fact {
    row(path, Bool, "registry, SCHANNEL and .NETFramework keys", text).or_null()
}

pub(super) static ROWS: &[&[Fact]] = &[
    &[
        row("OS.Caption", Text, "Win32_OperatingSystem", "Windows' name"),
        row("OS.Version", Version, "Win32_OperatingSystem", "Windows' version"),
        row("DotNetRelease", Int, "registry, NDP\\v4\\Full Release", ".NET Framework's release number; 461808 is 4.7.2")
            .or_null(),
    ],
    &[
        tls("Tls12.Client", "TLS 1.2 is switched on for clients; null where the values are absent"),
        tls("Tls12.Server", "TLS 1.2 is switched on for servers"),
        tls("Tls12.StrongCrypto64", "64-bit .NET uses strong cryptography"),
        tls("Tls12.StrongCrypto32", "32-bit .NET uses strong cryptography"),
    ],
    &[
        row("DomainJoined", Bool, "Win32_ComputerSystem", "Whether it is joined to a domain"),
        row("PowerShellVersion", Version, "$PSVersionTable", "Windows PowerShell's version"),
        row("DiskFreeBytes", Int, "drive of the product", "Free bytes on the product's drive"),
        row("Database.UsedSpaceInMb", Int, "Get-ADSyncDatabaseConfiguration", "Used space of the database").or_null(),
        row("Database.IsLocalDBInstalled", Bool, "Get-ADSyncDatabaseConfiguration", "LocalDB, which ends at 10 GB"),
        row("PtaAgent.Status", Text, "service AzureADConnectAuthenticationAgent", "Pass-through agent; null where not installed")
            .or_null(),
        row("HealthAgent.Status", Text, "service of Connect Health", "Health agent; null where not installed").or_null(),
    ],
];

//! What a real server knows and the lab does not play: refused with words that say so, never answered with something made up.

use super::{Call, Entry, Needs};
use crate::lab::shell::{Command, Kind, Parameter, Reply};

/// What every cmdlet that wants a window says where there is none.
pub const MODAL: &str = "Showing a modal dialog box or form when the application is not running in UserInteractive mode is not a valid operation. Specify the ServiceNotification or DefaultDesktopOnly style to display a notification from a service application.";

macro_rules! refused {
    ($($needs:ident $name:literal $play:ident;)*) => {
        &[$(Entry { command: $play::command($name), needs: Needs::$needs, play: $play::play }),*]
    };
}

pub(super) static ENTRIES: &[Entry] = refused! {
    Service "Get-ADSyncExportDeletionThreshold" window;
    Service "Enable-ADSyncExportDeletionThreshold" window;
    Service "Disable-ADSyncExportDeletionThreshold" window;
    Service "Set-ADSyncAADCompanyFeature" window;
    Service "Set-ADSyncAADPasswordSyncState" window;
    Service "Add-ADSyncAADServiceAccount" window;
    Service "Remove-ADSyncAADServiceAccount" window;
    Service "Add-ADSyncApplicationRegistration" window;
    Service "Add-EntraApplicationRegistration" window;
    Service "Remove-EntraApplicationKey" window;
    Service "Invoke-ADSyncApplicationCredentialRotation" not_played;
    Service "Set-ADSyncAADPasswordSyncConfiguration" not_played;
    Service "Set-ADSyncAADPasswordResetConfiguration" not_played;
    Service "Set-ADSyncConnector" not_played;
    Service "Add-ADSyncConnector" not_played;
    Service "Remove-ADSyncConnector" not_played;
    Service "Get-ADSyncRuleAudit" not_played;
    Service "Get-ADSyncSchema" not_played;
    Service "Get-ADSyncCSObjectLog" not_played;
    Service "Get-ADSyncCSObjectReferences" not_played;
    Service "Sync-ADSyncCSObject" not_played;
    Service "Invoke-ADSyncSingleObjectSync" not_played;
    Service "Invoke-ADSyncSpecificObjectRunProfile" not_played;
    Service "Invoke-ADSyncCSObjectPasswordHashSync" not_played;
    Service "Test-AdSyncAzureServiceConnectivity" not_played;
    Service "Test-AdSyncUserHasPermissions" not_played;
    Windows "Get-ADUser" not_played;
    Windows "New-ADUser" not_played;
    Windows "Get-ComputerInfo" not_played;
    Windows "Get-WmiObject" not_played;
    Windows "Invoke-Command" not_played;
    Windows "Invoke-WebRequest" not_played;
    Windows "Invoke-RestMethod" not_played;
    Windows "Start-Process" not_played;
    Windows "Move-Item" not_played;
};

/// The error of a cmdlet that wants a window where there is none.
pub(super) fn modal_dialog(call: &Call) -> Reply {
    call.fails(MODAL, "System.InvalidOperationException", "InvalidOperation")
}

/// Cmdlets that open a sign-in window.
mod window {
    use super::{Call, Command, Kind, Parameter, Reply, modal_dialog};

    static PARAMETERS: &[Parameter] = &[
        Parameter::new("AADUserName", Kind::Text),
        Parameter::new("AADCredential", Kind::Any),
        Parameter::new("DeletionThreshold", Kind::Int),
        Parameter::new("Name", Kind::Text),
        Parameter::new("CertificateId", Kind::Text),
        Parameter::new("Enable", Kind::Any),
        Parameter::new("PasswordHashSync", Kind::Any),
    ];

    pub(super) const fn command(name: &'static str) -> Command {
        Command {
            name,
            class: "Microsoft.IdentityManagement.PowerShell.Cmdlet.SignInCmdlet",
            parameters: PARAMETERS,
            program: false,
        }
    }

    pub(super) fn play(call: &mut Call) -> Reply {
        modal_dialog(call)
    }
}

/// Whatever its arguments, it is refused: they are taken as a program takes them, unbound.
mod not_played {
    use super::{Call, Command, Reply};

    pub(super) const fn command(name: &'static str) -> Command {
        Command { name, class: "", parameters: &[], program: true }
    }

    pub(super) fn play(call: &mut Call) -> Reply {
        Reply::NotPlayed(format!("{} is known to a real server; the lab does not play it", call.invocation.name))
    }
}

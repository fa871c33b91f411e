//! Commands that every Windows server knows and the lab does not play: refused by name, so that none of them is taken for a
//! command that does not exist.

/// Verbs and nouns of what Windows PowerShell 5.1 brings.
const KNOWN: &[(&str, &str)] = &[
    ("Add", "Content Computer History Member PSSnapin Type LocalGroupMember WindowsFeature"),
    ("Checkpoint", "Computer"),
    ("Clear", "Content EventLog History Host Item ItemProperty Variable DnsClientCache"),
    ("Compare", "Object"),
    ("Complete", "Transaction"),
    ("Connect", "PSSession WSMan MgGraph MsolService AzureAD EntraService"),
    ("Convert", "Path"),
    ("ConvertFrom", "Csv Json SecureString StringData"),
    ("ConvertTo", "Csv Html SecureString Xml"),
    ("Copy", "Item ItemProperty"),
    ("Debug", "Process"),
    ("Disable", "ComputerRestore LocalUser NetAdapter NetFirewallRule PSBreakpoint PSRemoting ScheduledTask"),
    ("Enable", "ComputerRestore LocalUser NetAdapter NetFirewallRule PSBreakpoint PSRemoting ScheduledTask"),
    ("Enter", "PSSession"),
    ("Exit", "PSSession"),
    ("Export", "Alias Certificate Clixml Csv FormatData ModuleMember PfxCertificate PSSession"),
    ("Find", "Module Package Script"),
    ("Format", "Custom Wide Hex"),
    (
        "Get",
        "Acl Alias AuthenticodeSignature Certificate ChildItem CimClass CimInstance Clipboard ComputerInfo Content Counter Credential \
         Culture DnsClientCache EventLog EventSubscriber ExecutionPolicy FileHash FormatData Help History Host HotFix InstalledModule Item ItemProperty \
         ItemPropertyValue Job LocalGroup LocalGroupMember LocalUser Location Module NetAdapter NetFirewallProfile NetFirewallRule \
         NetIPAddress NetIPConfiguration NetTCPConnection NTFSAccess Package Process PSDrive PSProvider PSRepository PSSession PSSnapin \
         Random ScheduledTask Service SmbShare TimeZone TlsCipherSuite TraceSource Transaction TypeData UICulture Unique Volume \
         WindowsFeature WinEvent WmiObject ADUser ADGroup ADComputer ADDomain ADForest ADObject ADOrganizationalUnit ADDomainController MgUser MgOrganization AzureADUser",
    ),
    ("Import", "Alias Certificate Clixml Csv LocalizedData PfxCertificate PSSession"),
    ("Install", "Module Package Script WindowsFeature"),
    ("Invoke", "CimMethod Command Expression History Item RestMethod WebRequest WmiMethod WSManAction"),
    ("Join", "Path"),
    ("Limit", "EventLog"),
    ("Measure", "Command"),
    ("Mount", "DiskImage"),
    ("Move", "Item ItemProperty ADObject"),
    (
        "New",
        "Alias CimInstance CimSession EventLog Event Guid Item ItemProperty LocalGroup LocalUser Module NetFirewallRule PSDrive PSSession \
         PSSessionOption SelfSignedCertificate Service TemporaryFile Variable WebServiceProxy ADUser ADGroup ADOrganizationalUnit",
    ),
    ("Out", "File GridView Printer"),
    ("Pop", "Location"),
    ("Push", "Location"),
    ("Receive", "Job"),
    ("Register", "EngineEvent ObjectEvent ScheduledTask WmiEvent"),
    (
        "Remove",
        "Alias CimInstance Computer Event EventLog Item ItemProperty Job LocalUser Module NetFirewallRule PSDrive PSSession Variable ADUser WmiObject",
    ),
    ("Rename", "Computer Item ItemProperty"),
    ("Resolve", "DnsName Path"),
    ("Restart", "Computer NetAdapter Service"),
    ("Resume", "Job Service"),
    ("Save", "Help Module"),
    ("Select", "String Xml"),
    ("Send", "MailMessage"),
    (
        "Set",
        "Acl Alias AuthenticodeSignature CimInstance Clipboard Content Culture Date ExecutionPolicy Item ItemProperty LocalUser Location \
         NetFirewallProfile NetFirewallRule PSDebug PSSessionConfiguration Service StrictMode TimeZone TraceSource WmiInstance ADUser",
    ),
    ("Show", "Command ControlPanelItem EventLog"),
    ("Split", "Path"),
    ("Start", "Job Process ScheduledTask Service Transaction Transcript"),
    ("Stop", "Computer Job Process ScheduledTask Service Transcript"),
    ("Suspend", "Job Service"),
    ("Tee", "Object"),
    ("Test", "ComputerSecureChannel Connection NetConnection Path WSMan ModuleManifest"),
    ("Trace", "Command"),
    ("Unblock", "File"),
    ("Uninstall", "Module Package WindowsFeature"),
    ("Update", "FormatData Help List Module TypeData"),
    ("Wait", "Event Job Process"),
    ("Write", "EventLog"),
];

/// Programs of Windows that are typed by their name alone.
const PROGRAMS: &str = "arp certutil chkdsk cmd cscript dcdiag dsregcmd eventvwr explorer find findstr gpresult gpupdate icacls ipconfig klist \
     logoff logman msiexec net netdom netsh netstat nltest notepad nslookup pathping ping powershell query quser reg regedit repadmin \
     robocopy route sc schtasks setspn sfc shutdown ssh systeminfo takeown taskkill tasklist telnet tracert tzutil wevtutil where whoami wmic \
     wusa xcopy";

/// Whether a server knows a command of that name that the lab does not play.
pub fn is_known(name: &str) -> bool {
    let listed = |list: &str, wanted: &str| list.split_whitespace().any(|word| word.eq_ignore_ascii_case(wanted));
    let program = name.strip_suffix(".exe").unwrap_or(name);
    match name.split_once('-') {
        Some((verb, noun)) => KNOWN.iter().any(|(known, nouns)| known.eq_ignore_ascii_case(verb) && listed(nouns, noun)),
        None => listed(PROGRAMS, program),
    }
}

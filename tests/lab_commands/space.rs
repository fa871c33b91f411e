//! Objects of connector spaces in cmdlets and in csexport's files: their attributes, what is pending on them, and what was refused.

use super::Console;

const CSEXPORT: &str = r"& 'C:\Program Files\Microsoft Azure AD Sync\Bin\csexport.exe' 'contoso.onmicrosoft.com - AAD'";
const ANALYZER: &str = r"& 'C:\Program Files\Microsoft Azure AD Sync\Bin\CSExportAnalyzer.exe'";

#[test]
fn a_pending_update_is_exported_with_its_old_and_its_new_value() {
    let mut console = Console::new("clean-swap");
    console.say("churn off");
    console.pass(60);
    console.say("create-user \"Tessa Test\" in Staff");
    console.pass(60);
    console.say("wizard old open");
    console.say("wizard old stage on start on");
    console.pass(2);
    console.say("wizard old exit");
    console.say("set-user \"Tessa Test\" department=Research&<Moon>");
    console.say("disable-user \"Tessa Test\"");
    console.pass(70);
    let written = console.run("new", &format!("{CSEXPORT} C:\\Temp\\x.xml /f:x\n{ANALYZER} C:\\Temp\\x.xml"));
    assert!(written.contains("Successfully exported connector space"), "{written}");
    let line = |name: &str| written.lines().find(|line| line.contains(&format!(",{name},"))).unwrap_or_default().to_owned();
    assert!(line("department").starts_with("user,\"CN={"), "{written}");
    assert!(
        line("department").ends_with("update,2,department,update,string,False,2,1,1,\"Sales\",\"Research&<Moon>\""),
        "{written}"
    );
    assert!(line("accountEnabled").ends_with("accountEnabled,update,boolean,False,2,1,1,\"true\",\"false\""), "{written}");
    assert!(written.contains("OMODT update: Count 1"), "{written}");
    let xml = console.run("new", "Get-Content C:\\Temp\\x.xml");
    assert!(
        xml.contains("<value operation=\"delete\">Sales</value><value operation=\"add\">Research&amp;&lt;Moon&gt;</value>"),
        "{xml}"
    );
}

#[test]
fn an_object_shows_its_attributes_and_its_export_error() {
    let mut console = Console::new("clean-swap");
    console.say("create-user \"Bad Name\" in Staff illegal");
    console.pass(60);
    let dn = "CN=Bad Name,OU=Staff,DC=contoso,DC=com";
    let shown = console.run(
        "old",
        &format!(
            "$cs = Get-ADSyncCSObject -ConnectorName contoso.com -DistinguishedName '{dn}'\n\
             ($cs.Attributes | Where-Object Name -eq 'userPrincipalName').Values\n\
             $mv = Get-ADSyncMVObject -Identifier $cs.ConnectedMVObjectId\n\
             ($mv.Attributes | Where-Object Name -eq 'displayName').Values\n\
             $aad = Get-ADSyncCSObject -ConnectorName $mv.Lineage[1].ConnectorName -DistinguishedName $mv.Lineage[1].ConnectedCsObjectDN\n\
             $aad.HasExportError; $aad.ExportError.ErrorType; $aad.PendingExport\n\
             (Get-ADSyncCSObject -Identifier $aad.ObjectId).DistinguishedName -eq $aad.DistinguishedName"
        ),
    );
    assert_eq!(shown, "bad.name&@contoso.com\nBad Name\nTrue\nIdentityDataValidationFailed\nadd\nTrue\n");
    let errors = console.run("old", &format!("{CSEXPORT} C:\\Temp\\e.xml /f:e /o:e\nGet-Content C:\\Temp\\e.xml"));
    assert!(errors.contains("[1/1]") && errors.contains("<error-type>IdentityDataValidationFailed</error-type>"), "{errors}");
}

#[test]
fn what_csexport_does_not_play_is_refused_by_name() {
    let mut console = Console::new("clean-swap");
    for (flags, word) in [("/f:r=\"CN=X\"", "/f:r="), ("/f:q", "/f:q"), ("/f:x /o:h", "/o:h")] {
        let refused = console.run("old", &format!("{CSEXPORT} C:\\Temp\\q.xml {flags}"));
        assert!(refused.contains(word), "{refused}");
    }
    let one = "$dn = (Get-ADSyncCSObject -ConnectorName 'contoso.com' -StartIndex 4 -MaxResultCount 1).DistinguishedName\n\
        & 'C:\\Program Files\\Microsoft Azure AD Sync\\Bin\\csexport.exe' contoso.com C:\\Temp\\one.xml /f:d=\"$dn\"";
    assert!(console.run("old", one).contains("[1/1]"), "{}", console.run("old", one));
}

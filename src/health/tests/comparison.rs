//! The two servers side by side.

use super::*;

#[test]
fn what_differs_between_the_two() {
    assert_eq!(ill(|_, new| new.configuration["Scope"][0]["Inclusions"] = json!([])).0, "scope-drift");
    let rule = ill(|_, new| new.configuration["Rules"][0]["Fingerprint"] = json!("f2"));
    assert_eq!((rule.0, rule.1), ("rule-drift", Severity::Warning));
    let custom = ill(|_, new| new.configuration["Rules"][1]["Disabled"] = json!(true));
    assert_eq!((custom.0, custom.1), ("rule-drift", Severity::Critical));
    let anchor = ill(|_, new| new.configuration["SourceAnchor"] = json!("objectGUID"));
    assert_eq!((anchor.0, anchor.1), ("setting-drift", Severity::Critical));
    assert_eq!(anchor.3, "Settings differ: SourceAnchor (EC01 mS-DS-ConsistencyGuid, EC02 objectGUID)");
    let feature = ill(|_, new| new.configuration["Features"]["GroupWriteback"] = json!(true));
    assert_eq!((feature.0, feature.1), ("setting-drift", Severity::Warning));
    let counts = ill(|_, new| new.statistics["Connectors"][0]["Statistics"]["TotalConnectors"] = json!(1_970));
    assert_eq!((counts.0, counts.1), ("object-count-mismatch", Severity::Warning));
    assert_eq!(counts.3, "30 objects apart in contoso.com, 1.5 percent");
    let forest = ill(|_, new| new.statistics["Connectors"] = json!([new.statistics["Connectors"][1].clone()]));
    assert_eq!((forest.0, forest.1), ("connector-missing", Severity::Critical));
    assert_eq!(ill(|_, new| new.configuration["MachineId"] = json!("EC01")).0, "clone");
    assert_eq!(ill(|_, new| new.configuration["EntraCredential"]["Application"] = json!("EC01")).0, "shared-cloud-identity");
    assert_eq!(ill(|_, new| new.configuration["AutoUpgrade"]["State"] = json!("Enabled")).0, "auto-upgrade-on");
}

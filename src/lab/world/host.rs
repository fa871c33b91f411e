//! A Windows machine as it is delivered: its registry, its clock, its other agents.

use std::collections::BTreeMap;

use super::eventlog::EventLog;
use super::network::Network;
use super::server::{Host, Power};
use crate::Time;

/// Where TLS 1.2 is switched on and off.
pub const SCHANNEL: &str = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL\\Protocols\\TLS 1.2";
/// .NET Framework, 64 bit
pub const DOT_NET_64: &str = "HKLM\\SOFTWARE\\Microsoft\\.NETFramework\\v4.0.30319";
/// .NET Framework, 32 bit
pub const DOT_NET_32: &str = "HKLM\\SOFTWARE\\WOW6432Node\\Microsoft\\.NETFramework\\v4.0.30319";

impl Host {
    /// A machine joined to a domain.
    pub fn new(name: &str, domain: &str, booted: Time) -> Self {
        Self {
            name: name.to_owned(),
            domain: domain.to_owned(),
            os: "Microsoft Windows Server 2022 Standard".to_owned(),
            os_version: "10.0.20348".to_owned(),
            power: Power::On,
            skew_ms: 0,
            booted,
            dot_net: 528_449,
            registry: BTreeMap::new(),
            network: Network::default(),
            disk_free: 61_203_283_968,
            log: EventLog::default(),
            authentication_agent: None,
            health_agent: None,
        }
    }

    /// A registry value, where it is there; key and name without regard to case.
    pub fn registry_value(&self, key: &str, name: &str) -> Option<i64> {
        let path = format!("{key}\\{name}");
        self.registry.iter().find(|(known, _)| known.eq_ignore_ascii_case(&path)).map(|(_, value)| *value)
    }

    /// Whether TLS 1.2 is on for a side, `Client` or `Server`; none where the values are absent.
    pub fn tls12(&self, side: &str) -> Option<bool> {
        let key = format!("{SCHANNEL}\\{side}");
        let enabled = self.registry_value(&key, "Enabled")?;
        let disabled = self.registry_value(&key, "DisabledByDefault")?;
        Some(enabled == 1 && disabled == 0)
    }

    /// Whether .NET uses the system's protocols and strong cryptography; none where the values are absent.
    pub fn strong_crypto(&self, key: &str) -> Option<bool> {
        let versions = self.registry_value(key, "SystemDefaultTlsVersions")?;
        let strong = self.registry_value(key, "SchUseStrongCrypto")?;
        Some(versions == 1 && strong == 1)
    }
}

//! The machine below the product: clock, TLS, space, Windows.

use chrono::TimeDelta;

use crate::health::{Context, Rule, Severity, Verdict, versions};
use crate::powershell::Value;
use crate::text::age::duration;

pub(super) const RULES: &[Rule] = &[
    Rule::new("clock-skew", "A server's clock is off", clock_skew),
    Rule::new("tls-off", "TLS 1.2 is not switched on for a version that needs it", tls_off),
    Rule::new("database-nearly-full", "LocalDB comes near its end of 10 GB", database_nearly_full),
    Rule::new("disk-low", "The product's drive is nearly full", disk_low),
    Rule::new("os-unsupported", "Windows is not a supported version", os_unsupported),
    Rule::new("health-agent-down", "The Connect Health agent does not run", health_agent_down),
];

fn clock_skew(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each_machine(id, "w32tm /resync on the server, then w32tm /stripchart against a domain controller", |seen| {
        let skew = seen.server.skew.ok_or_else(|| "the clock was not measured yet".to_owned())?;
        let minute = TimeDelta::seconds(60);
        // What the round trip leaves open counts for the server.
        let certain = skew.offset.abs() - skew.error;
        let severity = match certain {
            far if far > minute * 5 => Severity::Critical,
            near if near > minute => Severity::Warning,
            _ if skew.error > minute => return Err(format!("the clock was measured to {} only", duration(skew.error))),
            _ => return Ok(None),
        };
        let side = if skew.offset > TimeDelta::zero() { "ahead" } else { "behind" };
        Ok(Some((severity, format!("its clock is {} {side}; sign-ins fail at 5 min", duration(skew.offset.abs())))))
    })
}

fn tls_off(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Set the TLS 1.2 registry values and restart the server", |seen| {
        if !versions::is_below(seen.version()?, versions::TLS_BUILT_IN) {
            return Ok(None);
        }
        let off = seen.fact("Tls12.Client")? != &Value::Bool(true);
        Ok(off.then(|| (Severity::Critical, "TLS 1.2 is not switched on in the registry".to_owned())))
    })
}

fn database_nearly_full(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Purge the run history: LocalDB ends at 10 GB", |seen| {
        if !seen.is("Database.IsLocalDBInstalled")? {
            return Ok(None);
        }
        let Some(used) = seen.int("Database.UsedSpaceInMb")? else { return Ok(None) };
        let severity = match used {
            9_729.. => Severity::Critical,
            8_193.. => Severity::Warning,
            _ => return Ok(None),
        };
        Ok(Some((severity, format!("LocalDB uses {used} MB"))))
    })
}

fn disk_low(context: &Context<'_>, id: &'static str) -> Verdict {
    const LEAST: i64 = 5 << 30;
    context.each(id, "Make room on the product's drive", |seen| {
        let free = seen.int("DiskFreeBytes")?.unwrap_or(i64::MAX);
        Ok((free < LEAST).then(|| (Severity::Warning, format!("{} MB are free", free >> 20))))
    })
}

fn os_unsupported(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each_machine(id, "Windows Server 2016, 2019 or 2022 are supported", |seen| {
        let caption = seen.text("OS.Caption")?.unwrap_or_default();
        let old = ["2008", "2012"].iter().any(|year| caption.contains(year));
        Ok((old || caption.contains("2025")).then(|| (Severity::Warning, format!("{caption} is not supported"))))
    })
}

fn health_agent_down(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Start the Connect Health agent: its portal is blind", |seen| {
        let status = seen.text("HealthAgent.Status")?;
        Ok(status
            .filter(|status| !status.eq_ignore_ascii_case("Running"))
            .map(|status| (Severity::Information, format!("the Connect Health agent is {status}"))))
    })
}

//! The product itself: its version, its upgrades, its credential.

use chrono::TimeDelta;

use crate::facts::{Activity, words};
use crate::health::versions::{self, Bad};
use crate::health::{Context, Finding, Rule, Seen, Severity, Verdict};
use crate::powershell::{Record, Value};

pub(super) const RULES: &[Rule] = &[
    Rule::new("version-below-floor", "Entra refuses the version", version_below_floor),
    Rule::new("bad-build", "The build was recalled or has a known fault", bad_build),
    Rule::new("version-support-ends", "The version's support ends", version_support_ends),
    Rule::new("auto-upgrade-on", "The server may upgrade itself during the change", auto_upgrade_on),
    Rule::new("authentication-agents-low", "Few pass-through authentication agents run", authentication_agents_low),
    Rule::new("certificate-expiry", "The application's certificate expires", certificate_expiry),
];

fn version_below_floor(context: &Context<'_>, id: &'static str) -> Verdict {
    let (floor, day) = versions::FLOOR;
    let remedy = format!("Upgrade to {} or newer; such a server cannot be made active again", versions::NEWEST);
    context.each(id, &remedy, |seen| {
        let version = seen.version()?;
        let Some(since) = versions::date(day).filter(|_| versions::is_below(version, floor)) else { return Ok(None) };
        let (severity, when) =
            if context.now.date_naive() >= since { (Severity::Critical, "since") } else { (Severity::Warning, "from") };
        let text = format!("Entra refuses {version} {when} {}, the floor is {floor}", since.format("%-d %b %Y"));
        Ok(Some((severity, text)))
    })
}

fn bad_build(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, &format!("Install {} or newer", versions::NEWEST), |seen| {
        let version = seen.version()?;
        Ok(match versions::build(version).and_then(|build| build.bad) {
            Some(Bad::Recalled) => Some((Severity::Critical, format!("{version} was recalled"))),
            Some(Bad::PassthroughAuthentication) if seen.text("SignIn.Method")? == Some("PassthroughAuthentication") => {
                Some((Severity::Warning, format!("{version} has a fault in pass-through authentication")))
            }
            _ => None,
        })
    })
}

fn version_support_ends(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, &format!("Plan an upgrade to {} or newer", versions::NEWEST), |seen| {
        let version = seen.version()?;
        let end = versions::build(version).and_then(|build| versions::date(build.supported_until?));
        let Some(end) = end.filter(|_| !versions::is_below(version, versions::FLOOR.0)) else { return Ok(None) };
        let left = end.signed_duration_since(context.now.date_naive()).num_days();
        let (severity, verb) = match left {
            ..0 => (Severity::Critical, "ended"),
            0..=60 => (Severity::Warning, "ends"),
            _ => return Ok(None),
        };
        Ok(Some((severity, format!("support of {version} {verb} {}", end.format("%-d %b %Y")))))
    })
}

fn auto_upgrade_on(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Set-ADSyncAutoUpgrade -AutoUpgradeState Disabled for the window", |seen| {
        let enabled = seen.text("AutoUpgrade.State")?.is_some_and(|state| state.eq_ignore_ascii_case("Enabled"));
        Ok(enabled.then(|| (Severity::Warning, "it may upgrade itself during the change".to_owned())))
    })
}

fn certificate_expiry(context: &Context<'_>, id: &'static str) -> Verdict {
    context.each(id, "Rotate the application's certificate with the wizard", |seen| {
        let expires = match seen.time("EntraCredential.Expires") {
            Ok(Some(expires)) => expires,
            Ok(None) => return Ok(None),
            // A server that does not tell the day may tell in its log that it is near.
            Err(why) => return told(context, seen, &[EXPIRED, NEAR_ITS_END, WITHOUT_TPM]).map(Some).ok_or(why),
        };
        let left = expires.signed_duration_since(context.now);
        let (severity, verb) = match left {
            past if past < TimeDelta::zero() => (Severity::Critical, "expired"),
            soon if soon < TimeDelta::days(30) => (Severity::Warning, "expires"),
            later if later < TimeDelta::days(150) => (Severity::Information, "expires"),
            _ => return Ok(told(context, seen, &[WITHOUT_TPM])),
        };
        Ok(Some((severity, format!("the application's certificate {verb} {}", words::date(expires)))))
    })
}

/// An event of the daily look at the certificate (structures.md 5.6): its number, how grave it is, what it means.
type Told = (i64, Severity, &'static str);
const EXPIRED: Told = (1_012, Severity::Critical, "the application's certificate has expired");
const NEAR_ITS_END: Told = (1_011, Severity::Warning, "the application's certificate is near its end");
const WITHOUT_TPM: Told = (1_014, Severity::Information, "the key of the application's certificate is not held by a TPM");

/// The first of these that was written since yesterday.
fn told(context: &Context<'_>, seen: &Seen<'_>, events: &[Told]) -> Option<(Severity, String)> {
    const DAILY: TimeDelta = TimeDelta::hours(25);
    let recent = |event: &&Record| {
        let at = event.get("TimeCreated").and_then(Value::as_time);
        at.is_none_or(|at| context.now.signed_duration_since(at) < DAILY)
    };
    let ids: Vec<i64> = seen.objects("Events").ok()?.filter(recent).filter_map(|event| event.get("Id")?.as_int()).collect();
    let (id, severity, text) = events.iter().find(|(id, ..)| ids.contains(id))?;
    Some((*severity, format!("{text} (event {id})")))
}

/// Pass-through authentication needs more than one agent; Microsoft advises three.
fn authentication_agents_low(context: &Context<'_>, id: &'static str) -> Verdict {
    const LEAST: usize = 2;
    let mut unknown = None;
    let (mut signs_in, mut agents) = (false, Vec::new());
    for seen in context.servers.iter().filter(|seen| seen.activity != Activity::Isolated) {
        if seen.activity != Activity::Absent {
            match seen.text("SignIn.Method") {
                Ok(method) => signs_in |= method == Some("PassthroughAuthentication"),
                Err(why) => unknown = unknown.or(Some(format!("{}: {why}", seen.title()))),
            }
        }
        match seen.text("PtaAgent.Status") {
            Ok(Some(status)) if status.eq_ignore_ascii_case("Running") => agents.push(seen),
            Ok(_) => {}
            Err(why) => unknown = unknown.or(Some(format!("{}: {why}", seen.title()))),
        }
    }
    if agents.len() >= LEAST {
        return Verdict::Clear;
    }
    match (signs_in, unknown) {
        (_, Some(why)) => Verdict::Unknown(why),
        (false, None) => Verdict::Clear,
        (true, None) => {
            let on = agents.iter().map(|seen| seen.title()).collect::<Vec<_>>().join(", ");
            let text = if on.is_empty() {
                "Users sign in by pass-through authentication and none of these servers runs an agent".to_owned()
            } else {
                format!("Users sign in by pass-through authentication and only {on} runs an agent")
            };
            let remedy = "Run agents on other machines before this one is changed: at least two, better three";
            let about = if agents.is_empty() { context.servers.iter().collect() } else { agents };
            let finding = Finding::new(id, Severity::Warning, text, remedy);
            Verdict::Fires(about.into_iter().fold(finding, |finding, seen| finding.about(seen)))
        }
    }
}

//! Names in a scenario: what can be said in a runbook, typed in a verb and stand in a distinguished name.

/// A role, as a runbook names it.
pub(super) fn role(name: &str) -> Result<(), String> {
    let mut chars = name.chars();
    let good =
        chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_') && chars.all(|c| c.is_ascii_alphanumeric() || c == '_');
    if good {
        return Ok(());
    }
    Err(format!("'{}' cannot be the name of a role: letters, digits and underscores, as in a runbook", shown(name)))
}

/// The name of a machine: one label of a DNS name.
pub(super) fn host(name: &str) -> Result<(), String> {
    if is_label(name) {
        return Ok(());
    }
    Err(format!("'{}' is no host name such as EC01: letters, digits and hyphens", shown(name)))
}

/// A forest or a tenant: labels with dots between them.
pub(super) fn domain(name: &str) -> Result<(), String> {
    if name.split('.').all(is_label) {
        return Ok(());
    }
    Err(format!("'{}' is no domain such as contoso.com", shown(name)))
}

/// Words that stand in one line.
pub(super) fn line(text: &str) -> Result<(), String> {
    if !text.trim().is_empty() && !text.contains(char::is_control) { Ok(()) } else { Err("expected one line of text".to_owned()) }
}

fn is_label(text: &str) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '-';
    !text.is_empty() && text.len() <= 63 && text.chars().all(inside) && !text.starts_with('-') && !text.ends_with('-')
}

/// Without what a terminal would act upon.
fn shown(name: &str) -> impl std::fmt::Display {
    name.escape_debug()
}

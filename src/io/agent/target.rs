//! How a server is reached, as written: `local`, `ssh://user@host:port`, `winrm://host:port`, `lab:SCENARIO/ROLE`.

use std::fmt;
use std::num::NonZeroU16;

/// A target, read and checked: nothing in it can be taken for an option or a piece of a command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The machine that lockstep runs on.
    Local {
        /// The agent as a (signed) file: its path on the server.
        agent: Option<AgentPath>,
    },
    /// Through the system's ssh, with its keys, agent and Kerberos.
    Ssh {
        /// Where the signed-in name is not the one to use.
        user: Option<String>,
        /// Name or address.
        host: String,
        /// Where it is not 22, or not the one of the ssh configuration.
        port: Option<NonZeroU16>,
        /// The agent as a (signed) file: its path on the server.
        agent: Option<AgentPath>,
    },
    /// Through a local agent that opens a remote runspace (Kerberos).
    Winrm {
        /// Name: Kerberos knows no addresses.
        host: String,
        /// Where it is not 5985 (5986 with ssl).
        port: Option<NonZeroU16>,
        /// A session configuration such as a JEA endpoint.
        configuration: Option<String>,
        /// HTTPS.
        ssl: bool,
    },
    /// A simulated server.
    Lab {
        /// Which scenario: a name, or the path of a file.
        scenario: String,
        /// Which role of it.
        role: String,
    },
}

/// A path on a server that needs no escaping between double quotes in cmd, PowerShell and sh.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentPath(String);

impl AgentPath {
    /// As written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The forms a target may have, for messages.
pub const FORMS: &str = "local, ssh://user@host[:port], winrm://host[:port][?configuration=NAME&ssl=true] or lab:SCENARIO/ROLE";

impl Target {
    /// Reads a target.
    ///
    /// # Errors
    /// One sentence: what was found, what was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let (head, query) = text.split_once('?').unwrap_or((text, ""));
        if let Some(place) = head.strip_prefix("lab:") {
            let (scenario, role) = place.rsplit_once('/').unwrap_or((place, ""));
            if scenario.is_empty() || role.is_empty() || !query.is_empty() {
                return Err(format!(
                    "'{text}' is no simulated server: expected lab:SCENARIO/ROLE, such as lab:clean-swap/old or lab:FILE.yaml/old"
                ));
            }
            return Ok(Self::Lab { scenario: scenario.to_owned(), role: role.to_owned() });
        }
        if head.eq_ignore_ascii_case("local") {
            let mut query = Query::parse(text, query)?;
            let agent = query.agent()?;
            query.end("agent")?;
            return Ok(Self::Local { agent });
        }
        let (scheme, place) = head.split_once("://").ok_or_else(|| format!("'{text}' is no target: expected {FORMS}"))?;
        let mut query = Query::parse(text, query)?;
        let place = place.strip_suffix('/').unwrap_or(place);
        match scheme.to_ascii_lowercase().as_str() {
            "ssh" => {
                let (user, place) = place.rsplit_once('@').map_or((None, place), |(user, place)| (Some(user), place));
                let user = user.map(|user| checked_user(text, user)).transpose()?;
                let (host, port) = host_and_port(text, place)?;
                let agent = query.agent()?;
                query.end("agent")?;
                Ok(Self::Ssh { user, host, port, agent })
            }
            "winrm" => {
                if place.contains('@') {
                    return Err(format!("'{text}' names a user: over WinRM the signed-in identity is used, write winrm://host"));
                }
                let (host, port) = host_and_port(text, place)?;
                let configuration = query.take("configuration").map(|name| checked_name(text, &name)).transpose()?;
                let ssl = match query.take("ssl").as_deref() {
                    None | Some("false") => false,
                    Some("true" | "") => true,
                    Some(other) => return Err(format!("'{text}': ssl is true or false, found '{other}'")),
                };
                query.end("configuration, ssl")?;
                Ok(Self::Winrm { host, port, configuration, ssl })
            }
            other => Err(format!("'{text}': lockstep knows no '{other}://', expected {FORMS}")),
        }
    }
}

fn checked_user(text: &str, user: &str) -> Result<String, String> {
    if let Some((name, _)) = user.split_once(':') {
        // Not said again: it would stand on a screen and in logs.
        return Err(format!("a target holds no password (after '{name}:'): ssh signs in with keys, its agent or Kerberos"));
    }
    let fits = |c: char| c.is_alphanumeric() || "._-\\@+".contains(c);
    if user.is_empty() || user.starts_with('-') || !user.chars().all(fits) {
        return Err(format!(
            "'{text}': '{user}' is no user name for ssh (letters, digits and . _ - \\ @ +, not beginning with -)"
        ));
    }
    Ok(user.to_owned())
}

fn checked_name(text: &str, name: &str) -> Result<String, String> {
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)) {
        return Err(format!("'{text}': '{name}' is no name of a session configuration (letters, digits and . _ -)"));
    }
    Ok(name.to_owned())
}

fn host_and_port(text: &str, place: &str) -> Result<(String, Option<NonZeroU16>), String> {
    let bad_port = |port: &str| format!("'{text}': '{port}' is no port, expected 1 to 65535");
    let (host, port, fits): (&str, Option<&str>, fn(char) -> bool) = if let Some(rest) = place.strip_prefix('[') {
        let (host, after) = rest.split_once(']').ok_or_else(|| format!("'{text}': the address has no closing ]"))?;
        let port = if after.is_empty() { None } else { Some(after.strip_prefix(':').ok_or_else(|| bad_port(after))?) };
        (host, port, |c| c.is_ascii_hexdigit() || ":.%".contains(c))
    } else {
        let (host, port) = place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port)));
        (host, port, |c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    if host.is_empty() || host.starts_with('-') || !host.chars().all(fits) {
        return Err(format!("'{text}': '{host}' is no host name (letters, digits and . _ -, not beginning with -)"));
    }
    let port = port.map(|port| port.parse().map_err(|_| bad_port(port))).transpose()?;
    Ok((host.to_owned(), port))
}

struct Query<'a> {
    text: &'a str,
    pairs: Vec<(String, String)>,
}

impl<'a> Query<'a> {
    fn parse(text: &'a str, query: &str) -> Result<Self, String> {
        let mut pairs = Vec::new();
        for part in query.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let value = percent_decoded(value)
                .ok_or_else(|| format!("'{text}': '{value}' holds a % that is not followed by two hexadecimal digits"))?;
            pairs.push((name.to_ascii_lowercase(), value));
        }
        Ok(Self { text, pairs })
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.pairs.iter().position(|(found, _)| found == name)?;
        Some(self.pairs.remove(at).1)
    }

    fn agent(&mut self) -> Result<Option<AgentPath>, String> {
        let Some(path) = self.take("agent") else { return Ok(None) };
        if path.is_empty() || path.ends_with('\\') || path.chars().any(|c| c.is_control() || "\"'`$%!&|<>^;*?".contains(c)) {
            return Err(format!(
                "'{}': '{path}' cannot be the agent's path: it must be a file, without quotes and without any of ` $ % ! & | < > ^ ; * ?",
                self.text
            ));
        }
        Ok(Some(AgentPath(path)))
    }

    fn end(self, known: &str) -> Result<(), String> {
        match self.pairs.first() {
            None => Ok(()),
            Some((name, _)) => Err(format!("'{}': there is no '{name}' for this kind of target, only {known}", self.text)),
        }
    }
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let digits = std::str::from_utf8(after.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8(bytes).ok()
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |host: &str, port: &Option<NonZeroU16>| {
            let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
            port.map_or(host.clone(), |port| format!("{host}:{port}"))
        };
        match self {
            Self::Local { .. } => f.write_str("local"),
            Self::Ssh { user, host, port, .. } => {
                let user = user.as_ref().map_or(String::new(), |user| format!("{user}@"));
                write!(f, "ssh://{user}{}", place(host, port))
            }
            Self::Winrm { host, port, .. } => write!(f, "winrm://{}", place(host, port)),
            Self::Lab { scenario, role } => write!(f, "lab:{scenario}/{role}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_the_design_are_read() {
        assert_eq!(Target::parse("local"), Ok(Target::Local { agent: None }));
        assert_eq!(
            Target::parse("ssh://CONTOSO\\anna@ec01.contoso.com:2222"),
            Ok(Target::Ssh {
                user: Some("CONTOSO\\anna".into()),
                host: "ec01.contoso.com".into(),
                port: NonZeroU16::new(2222),
                agent: None
            })
        );
        assert_eq!(
            Target::parse("ssh://[fe80::1]?agent=C:\\Program%20Files\\lockstep\\agent.ps1"),
            Ok(Target::Ssh {
                user: None,
                host: "fe80::1".into(),
                port: None,
                agent: Some(AgentPath("C:\\Program Files\\lockstep\\agent.ps1".into()))
            })
        );
        assert_eq!(
            Target::parse("winrm://EC02?configuration=lockstep-jea&ssl=true"),
            Ok(Target::Winrm { host: "EC02".into(), port: None, configuration: Some("lockstep-jea".into()), ssl: true })
        );
        assert_eq!(Target::parse("lab:clean-swap/old"), Ok(Target::Lab { scenario: "clean-swap".into(), role: "old".into() }));
        assert_eq!(
            Target::parse("lab:../labs/own.yaml/new"),
            Ok(Target::Lab { scenario: "../labs/own.yaml".into(), role: "new".into() })
        );
    }

    #[test]
    fn what_could_become_an_option_or_a_piece_of_a_command_is_refused() {
        for text in [
            "",
            "EC01",
            "http://EC01",
            "ssh://",
            "ssh://-oProxyCommand=x",
            "ssh://-x@EC01",
            "ssh://a b@EC01",
            "ssh://EC01;rm",
            "ssh://EC01:0",
            "ssh://EC01:70000",
            "ssh://EC01?color=red",
            "ssh://EC01?agent=C:\\a%22;x.ps1",
            "ssh://EC01?agent=$(x)",
            "ssh://EC01?agent=%zz",
            "winrm://anna@EC01",
            "winrm://EC01?ssl=maybe",
            "winrm://EC01?configuration=a'b",
            "lab:",
            "lab:x",
            "local?x=1",
        ] {
            let error = Target::parse(text).expect_err(text);
            assert!(error.contains(text.trim()), "{error}");
        }
    }
}

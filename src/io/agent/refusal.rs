//! What stands in the way of an agent, in words: found in its standard error, in its hello, or in ssh's own messages; each
//! with what to do about it. Trying again is slow there, since nothing changes by itself.

use crate::facts::{Limit, Obstacle};
use crate::rb1::{Hello, PROTO};

/// A connection that cannot work as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Which obstacle
    pub what: Obstacle,
    /// What was found
    pub why: String,
    /// What to do
    pub remedy: String,
}

impl Refusal {
    /// In words.
    pub fn new(what: Obstacle, why: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { what, why: why.into(), remedy: remedy.into() }
    }
}

/// The language mode of an endpoint that takes commands and no script.
pub const NO_LANGUAGE: &str = "NoLanguage";

const SIGNED: &str =
    "sign the agent (`lockstep agent > lockstep-agent.ps1`), put it on the server and add ?agent=PATH to the target";

/// An agent that was put on the server by hand, of an earlier or a later program.
pub fn of_protocol(found: u32) -> Refusal {
    Refusal::new(
        Obstacle::Protocol,
        format!("the agent on the server speaks protocol {found}, this program {PROTO}"),
        "put the agent there that `lockstep agent` prints",
    )
}

/// What ssh says (in English: its messages are not translated). `by_hand` is the command that shows the same to the operator.
pub fn of_ssh(errors: &str, by_hand: &str) -> Option<Refusal> {
    let says = |text: &str| errors.contains(text);
    if says("REMOTE HOST IDENTIFICATION HAS CHANGED") || says("host key for") && says("has changed") {
        return Some(Refusal::new(
            Obstacle::HostKeyChanged,
            "the server's host key is not the one that is known here: another machine may be answering",
            format!(
                "find out why it changed before anything else; once the new key is known to be right, remove the old one with ssh-keygen -R and run `{by_hand}` once"
            ),
        ));
    }
    if says("host key is known for") || says("Host key verification failed") {
        return Some(Refusal::new(
            Obstacle::HostKeyUnknown,
            "the server's host key is not known on this machine",
            format!("run `{by_hand}` once, compare the fingerprint with the server's, and accept it"),
        ));
    }
    if says("Permission denied (") || says("Too many authentication failures") {
        return Some(Refusal::new(
            Obstacle::SignIn,
            "the server did not accept this sign-in",
            format!("make `{by_hand}` work without a password: a key, an ssh agent or Kerberos"),
        ));
    }
    if says("Bad owner or permissions") || says("Bad configuration option") || says("no such identity") {
        return Some(Refusal::new(
            Obstacle::SshConfiguration,
            "the ssh configuration of this machine cannot be used",
            format!("run `{by_hand}` and correct what it says"),
        ));
    }
    None
}

/// What PowerShell, or the shell that was to start it, says. Host messages may be translated; names of errors are not.
pub fn of_powershell(errors: &str) -> Option<Refusal> {
    let lower = errors.to_lowercase();
    let says = |text: &str| lower.contains(text);
    if says("insupportedlanguagemode")
        || says("constrainedlanguage")
        || says("supported only on core types in this language mode")
    {
        return Some(language_mode("ConstrainedLanguage"));
    }
    if says("unauthorizedaccess") && says(".ps1") || says("is not digitally signed") || says("running scripts is disabled") {
        return Some(Refusal::new(
            Obstacle::ExecutionPolicy,
            "the execution policy of the server does not let the agent's file run",
            "sign it with a certificate that the server trusts",
        ));
    }
    if says("powershell.exe: command not found")
        || says("powershell.exe: not found")
        || says("'powershell.exe' is not recognized")
    {
        return Some(Refusal::new(
            Obstacle::NoPowerShell,
            "there is no Windows PowerShell on the path of that server",
            "check that the target is the Entra Connect server",
        ));
    }
    if says("trustedhosts") {
        return Some(Refusal::new(
            Obstacle::Trust,
            "WinRM does not trust that name: Kerberos could not be used",
            "use the server's full name in a domain that this machine trusts",
        ));
    }
    if says("wsman") && (says("access is denied") || says("accessdenied")) {
        return Some(Refusal::new(
            Obstacle::SignIn,
            "WinRM did not accept this sign-in",
            "the identity needs to be an administrator of the server, or a member of the endpoint's groups",
        ));
    }
    None
}

/// What an agent says of itself that rules it out. `strict`: only Windows PowerShell 5.1, 64 bit, will do.
pub fn of_hello(hello: &Hello, strict: bool) -> Option<Refusal> {
    if hello.lang == "ConstrainedLanguage" || hello.lang == "RestrictedLanguage" {
        return Some(language_mode(&hello.lang));
    }
    if strict && hello.bits == 32 {
        return Some(Refusal::new(
            Obstacle::Bits,
            "the agent runs in 32-bit PowerShell, where the ADSync module does not load",
            "start 64-bit Windows PowerShell on the server (for ssh: the DefaultShell of its OpenSSH)",
        ));
    }
    if strict && !hello.edition.is_empty() && hello.edition != "Desktop" {
        return Some(Refusal::new(
            Obstacle::Edition,
            format!(
                "the agent runs in PowerShell {} ({}); the ADSync module needs Windows PowerShell 5.1",
                hello.ps, hello.edition
            ),
            "make powershell.exe on the server's path Windows PowerShell",
        ));
    }
    None
}

fn language_mode(mode: &str) -> Refusal {
    let why = format!("the server's application control holds PowerShell in {mode} mode, where the agent cannot run");
    Refusal::new(Obstacle::LanguageMode, why, SIGNED)
}

/// What an agent says of itself that it works without.
pub fn limits(hello: &Hello) -> Vec<Limit> {
    let found = [
        (hello.elevated == Some(false), Limit::NotElevated),
        (hello.adsync == Some(false), Limit::NoModule),
        (!hello.stdin_isolated, Limit::SharedInput),
        (hello.lang == NO_LANGUAGE, Limit::NoLanguage),
    ];
    found.into_iter().filter_map(|(is, limit)| is.then_some(limit)).collect()
}

/// Standard error as text: PowerShell may wrap it as CLIXML (`#< CLIXML`, then one line of XML), of which the errors and
/// warnings are taken and progress is not.
pub fn cleaned(errors: &str) -> String {
    let mut text = String::new();
    for line in errors.lines() {
        if line.starts_with("#< CLIXML") {
            continue;
        }
        if line.starts_with("<Objs ") {
            for kind in ["Error", "Warning"] {
                let open = format!("<S S=\"{kind}\">");
                for part in line.split(&open).skip(1) {
                    text.push_str(&unescaped(part.split("</S>").next().unwrap_or_default()));
                }
            }
        } else {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// Undoes CLIXML's `_x000A_` and XML's own escapes.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        out.push_str(&rest[..at]);
        let code = rest.get(at + 2..at + 6).and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
        match code {
            Some(c) if rest[at + 6..].starts_with('_') => {
                out.push(c);
                rest = &rest[at + 7..];
            }
            _ => {
                out.push_str("_x");
                rest = &rest[at + 2..];
            }
        }
    }
    out.push_str(rest);
    out.replace("\r\n", "\n")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&apos;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clixml_gives_its_errors_and_hides_its_progress() {
        let errors = "#< CLIXML\r\n<Objs Version=\"1.1.0.1\" xmlns=\"x\"><Obj S=\"progress\" RefId=\"0\"><AV>Preparing modules for first use.</AV></Obj>\
                      <S S=\"Error\">Cannot &lt;go&gt;_x000D__x000A_</S><S S=\"Error\">on_xyz_x000A_</S></Objs>\nplain\n";
        assert_eq!(cleaned(errors), "Cannot <go>\non_xyz\nplain\n");
    }

    #[test]
    fn each_kind_of_hello_has_its_own_words() {
        let good = Hello {
            proto: 1,
            bits: 64,
            edition: "Desktop".into(),
            lang: "FullLanguage".into(),
            stdin_isolated: true,
            ..Hello::default()
        };
        assert_eq!(of_hello(&good, true), None);
        assert!(limits(&good).is_empty());
        let mut seen = std::collections::BTreeSet::new();
        for bad in [
            Hello { lang: "ConstrainedLanguage".into(), ..good.clone() },
            Hello { bits: 32, ..good.clone() },
            Hello { edition: "Core".into(), ps: "7.4.0".into(), ..good.clone() },
        ] {
            assert!(seen.insert(of_hello(&bad, true).expect("refused").what));
        }
        let less = Hello { elevated: Some(false), adsync: Some(false), stdin_isolated: false, lang: "NoLanguage".into(), ..good };
        assert_eq!(limits(&less), [Limit::NotElevated, Limit::NoModule, Limit::SharedInput, Limit::NoLanguage]);
    }
}

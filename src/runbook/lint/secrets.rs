//! Credentials in the text: a runbook is copied, mailed and pinned into every session's directory.

use std::sync::LazyLock;

use regex::Regex;

use super::Document;
use super::conditions::each_prose;
use crate::powershell::token::{Part, Symbol, Token, TokenKind};
use crate::runbook::diagnostic::Diagnostic;
use crate::runbook::model::{Block, Command};
use crate::runbook::rules;
use crate::runbook::walk::plain;

const HELP: &str = "ask for it with a field of type secret, or leave it to whoever signs in";

pub(super) fn check(document: &Document<'_>, found: &mut Vec<Diagnostic>) {
    let mut from = 0;
    for block in document.blocks() {
        match block {
            // Commands are looked through where their tokens are at hand.
            Block::Command(_) => {}
            Block::Code { text, span, .. } => {
                if let Some(hit) = spoken(text) {
                    found.push(rules::CREDENTIAL.at(document.place(text, span, &hit.range()), "a secret stands here").help(HELP));
                }
            }
            _ => each_prose(block, &mut |prose| {
                let words = plain(prose);
                let Some(hit) = spoken(&words) else { return };
                // Prose has no place of its own: the words are looked for in the document, from the last ones on.
                let rest = document.text.get(from..).unwrap_or_default();
                let Some(at) = rest.find(hit.as_str()).map(|at| from + at) else { return };
                from = at + hit.len();
                found.push(rules::CREDENTIAL.at(at..at + hit.len(), "a secret stands in the text").help(HELP));
            }),
        }
    }
}

/// `Password: Winter2026!`; a value without a digit is most likely a word of the sentence.
static SPOKEN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)\b(?:password|passwort|kennwort|passphrase|client[ _-]?secret|api[ _-]?key)\s*[:=]\s*["']?[^\s"'{$<]*[0-9][^\s"'{}$<>]{3,}"#).unwrap_or_else(|error| unreachable!("a constant pattern: {error}"))
});

/// A secret with its name before it. Only a name right before a colon or an equals sign is worth the pattern's compiling.
fn spoken(text: &str) -> Option<regex::Match<'_>> {
    let named = |(at, _): (usize, &str)| {
        let before = text[..at].trim_end().as_bytes();
        NAMES.iter().any(|name| before.len() >= name.len() && before[before.len() - name.len()..].eq_ignore_ascii_case(name))
    };
    if text.match_indices([':', '=']).any(named) { SPOKEN.find(text) } else { None }
}

/// How the names of the pattern end.
const NAMES: [&[u8]; 6] = [b"password", b"passwort", b"kennwort", b"passphrase", b"secret", b"key"];

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["password", "passphrase", "secret", "apikey", "token", "pwd"].iter().any(|word| name.contains(word))
}

/// Secrets among the tokens of a command.
pub(super) fn in_command(document: &Document<'_>, command: &Command, list: &[Token], found: &mut Vec<Diagnostic>) {
    let mut report = |token: &Token, message: &str| {
        let place = document.place(&command.text, &command.span, &token.span);
        found.push(rules::CREDENTIAL.at(place, message).help(HELP));
    };
    let literal = |token: Option<&Token>| {
        token.is_some_and(|token| match &token.kind {
            TokenKind::Text(text) => !text.is_empty(),
            // What expands nothing is as plain in double quotes, or in none.
            TokenKind::Expandable(parts) | TokenKind::Word(parts) => {
                matches!(parts.as_slice(), [Part::Text(text)] if !text.is_empty())
            }
            _ => false,
        })
    };
    for (at, token) in list.iter().enumerate() {
        match &token.kind {
            TokenKind::Parameter { name, .. } if name.eq_ignore_ascii_case("AsPlainText") => {
                report(token, "a secret is made of plain text");
            }
            TokenKind::Parameter { name, .. } if is_secret_name(name) && literal(list.get(at + 1)) => {
                report(&list[at + 1], "a secret stands in the command");
            }
            TokenKind::Variable(variable) if is_secret_name(&variable.name) => {
                let assigned = matches!(list.get(at + 1).map(|next| &next.kind), Some(TokenKind::Symbol(Symbol::Assign)));
                if assigned && literal(list.get(at + 2)) {
                    report(&list[at + 2], "a secret stands in the command");
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::spoken;

    #[test]
    fn a_secret_is_told_from_a_word_about_secrets() {
        for secret in [
            "Password: Winter2026!",
            "client_secret=abc123def456",
            "the API-Key \n= \"k3y-0001\"",
            "Passwort : Sommer2026",
            "Kennwort=a1bcd",
            "PassPhrase:x9yzz",
        ] {
            assert!(spoken(secret).is_some(), "{secret}");
        }
        for harmless in [
            "Password: ask the service desk",
            "password = $Run.Forms.x.y1234",
            "Password hash synchronization 2026",
            "password: {{ inputs.pw2345 }}",
        ] {
            assert!(spoken(harmless).is_none(), "{harmless}");
        }
    }
}

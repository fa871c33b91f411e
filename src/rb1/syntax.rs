//! What PowerShell's parser finds wrong with a text, out of the answer to `parse`.

use super::ErrorRecord;

/// One error of the parser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Line of the text, counted from 1
    pub line: usize,
    /// In PowerShell's words
    pub message: String,
    /// The text it is about; only the first error of an answer has it
    pub about: String,
}

impl ErrorRecord {
    /// The errors that the answer to `parse` tells: one a line, `line 3: …`, what follows such a line belonging to it.
    pub fn syntax_errors(&self) -> Vec<SyntaxError> {
        let mut found: Vec<SyntaxError> = Vec::new();
        for told in self.message.lines() {
            let numbered = told.strip_prefix("line ").and_then(|rest| rest.split_once(": "));
            let numbered = numbered.and_then(|(line, message)| Some((line.parse().ok()?, message)));
            match (numbered, found.last_mut()) {
                (Some((line, message)), _) => {
                    found.push(SyntaxError { line, message: message.to_owned(), about: String::new() });
                }
                (None, Some(last)) => last.message = format!("{} {}", last.message, told.trim()),
                (None, None) => {
                    found.push(SyntaxError { line: 1, message: told.to_owned(), about: String::new() });
                }
            }
        }
        if let Some(first) = found.first_mut() {
            self.position.clone_into(&mut first.about);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_error_has_its_line() {
        let record = ErrorRecord {
            message: "line 2: Missing closing '}'.\nline 12: An expression was expected\nafter '('.".into(),
            position: "{".into(),
            ..ErrorRecord::default()
        };
        let found: Vec<_> = record.syntax_errors().into_iter().map(|e| (e.line, e.message, e.about)).collect();
        assert_eq!(
            found,
            [(2, "Missing closing '}'.".into(), "{".into()), (12, "An expression was expected after '('.".into(), String::new())]
        );
        let odd = ErrorRecord { message: "line two: odd".into(), ..ErrorRecord::default() };
        assert_eq!(odd.syntax_errors().first().map(|error| error.line), Some(1));
        assert_eq!(ErrorRecord::default().syntax_errors(), []);
    }
}

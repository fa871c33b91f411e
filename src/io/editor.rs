//! The operator's own editor for a longer text: what VISUAL or EDITOR name, with its arguments, on a file of its own in the
//! session directory. The terminal is the editor's meanwhile; giving it away and taking it back is the caller's.

use std::env;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::storage::{private_file, read_at_most};

/// The longest text that is taken back, in bytes: 256 KiB.
pub const MAX_TEXT: u64 = 256 << 10;

/// An editor with its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Editor {
    program: String,
    arguments: Vec<String>,
}

impl Editor {
    /// What VISUAL names, else EDITOR, else the one every system has.
    pub fn of_the_operator() -> Self {
        let named = ["VISUAL", "EDITOR"].into_iter().filter_map(|name| env::var(name).ok()).find_map(|text| Self::parse(&text));
        let usual = if cfg!(windows) { "notepad" } else { "vi" };
        named.unwrap_or_else(|| Self { program: usual.to_owned(), arguments: Vec::new() })
    }

    /// Words between spaces, quotation marks around those that hold some; no shell is asked. None where there is no word.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = words(text).into_iter();
        Some(Self { program: words.next()?, arguments: words.collect() })
    }

    /// Opens the editor on a text and waits. None where the text was not changed or the editor says that it failed.
    ///
    /// # Errors
    /// In words: the editor was not found, or the file cannot be written or read.
    pub fn edit(&self, dir: &Path, text: &str) -> Result<Option<String>, String> {
        let draft = Draft::new(dir, text).map_err(|error| format!("{} cannot be written: {error}", dir.display()))?;
        let status = Command::new(&self.program)
            .args(&self.arguments)
            .arg(&draft.path)
            .stdin(Stdio::inherit())
            .status()
            .map_err(|error| format!("the editor '{}' cannot be started: {error}; set VISUAL or EDITOR", self.program))?;
        if !status.success() {
            return Ok(None);
        }
        let edited = draft.read().map_err(|error| format!("the editor's text cannot be read: {error}"))?;
        Ok((edited != text).then_some(edited))
    }
}

/// The file the editor works on; gone when it is dropped.
struct Draft {
    path: PathBuf,
}

impl Draft {
    fn new(dir: &Path, text: &str) -> io::Result<Self> {
        let mut random = [0; 4];
        getrandom::fill(&mut random).map_err(|error| io::Error::other(error.to_string()))?;
        let path = dir.join(format!("draft-{:08x}.md", u32::from_be_bytes(random)));
        let mut file = private_file().write(true).create_new(true).open(&path)?;
        let draft = Self { path };
        file.write_all(text.as_bytes())?;
        Ok(draft)
    }

    fn read(&self) -> io::Result<String> {
        let bytes = read_at_most(&File::open(&self.path)?, MAX_TEXT)?;
        let text = String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        // Editors end the last line; the operator did not write that.
        Ok(text.strip_prefix('\u{feff}').unwrap_or(&text).trim_end_matches(['\r', '\n']).replace("\r\n", "\n"))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // A draft that stays is untidy and harms nothing.
        let _ = fs::remove_file(&self.path);
    }
}

fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quote, mut begun) = (String::new(), None, false);
    for c in text.chars() {
        match quote {
            Some(mark) if c == mark => quote = None,
            None if c == '"' || c == '\'' => {
                quote = Some(c);
                begun = true;
            }
            None if c.is_whitespace() => {
                if std::mem::take(&mut begun) {
                    words.push(std::mem::take(&mut word));
                }
            }
            _ => {
                word.push(c);
                begun = true;
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{Editor, words};

    #[test]
    fn an_editor_has_arguments_and_may_have_a_path_with_spaces() {
        assert_eq!(words("code --wait"), ["code", "--wait"]);
        assert_eq!(words(r#" "C:\Program Files\Vim\gvim.exe"  -f '' "#), [r"C:\Program Files\Vim\gvim.exe", "-f", ""]);
        assert_eq!(Editor::parse("  "), None);
    }

    #[cfg(unix)]
    #[test]
    fn the_text_comes_back_as_it_was_saved() {
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("editor.sh");
        let with = |body: &str| {
            std::fs::write(&script, format!("{body}\n")).unwrap();
            let editor = Editor::parse(&format!("sh '{}'", script.display())).unwrap();
            editor.edit(dir.path(), "one")
        };
        assert_eq!(with(r#"cat "$1" > "$1.x"; printf 'two\r\n\n' >> "$1.x"; mv "$1.x" "$1""#), Ok(Some("onetwo".to_owned())));
        assert_eq!(with("true"), Ok(None));
        assert_eq!(with(r#"echo more >> "$1"; exit 1"#), Ok(None));
        let left: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["editor.sh"]);
        let missing = Editor::parse("/nonexistent/editor").unwrap().edit(dir.path(), "x").unwrap_err();
        assert!(missing.contains("cannot be started") && missing.contains("set VISUAL or EDITOR"), "{missing}");
    }
}

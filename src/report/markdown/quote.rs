//! Words from outside in Markdown. Plain words stay as they are; whatever a renderer might act on (marks, links, mentions,
//! quick actions, pictures, HTML) stands in a code span, several lines in a fence longer than any run of backticks in them.

use crate::text::Safe;

/// Characters beside letters and digits that no renderer acts on within a line.
const CALM: &str = " ,.;:'\"()-/=+?%{}…⏎→≠±–—";

/// One line of text within a line of Markdown. Never to be put at the beginning of one.
pub(super) fn inline(text: &str) -> String {
    let safe = Safe::line(text.trim());
    let calm = safe.chars().all(|c| {
        if c.is_ascii() { c.is_ascii_alphanumeric() || CALM.contains(c) } else { c.is_alphanumeric() || CALM.contains(c) }
    });
    let lower = safe.to_ascii_lowercase();
    if safe.is_empty() {
        "(nothing)".to_owned()
    } else if calm && !lower.contains("://") && !lower.contains("www.") && !lower.contains("mailto:") {
        safe.into_string()
    } else {
        span(&safe)
    }
}

/// One line of text as a code span: values, names, sums.
pub(super) fn code(text: &str) -> String {
    span(&Safe::line(text.trim()))
}

fn span(safe: &str) -> String {
    if safe.is_empty() {
        return "(nothing)".to_owned();
    }
    let ticks = "`".repeat(longest_run(safe) + 1);
    let pad = if safe.starts_with('`') || safe.ends_with('`') { " " } else { "" };
    format!("{ticks}{pad}{safe}{pad}{ticks}")
}

/// Lines of text in a fence.
pub(super) fn fence<'a>(language: &str, lines: impl IntoIterator<Item = &'a str>) -> String {
    let safe: Vec<String> = lines.into_iter().flat_map(safe_lines).collect();
    let ticks = "`".repeat(safe.iter().map(|line| longest_run(line) + 1).max().unwrap_or_default().max(3));
    let mut out = format!("{ticks}{language}\n");
    for line in safe {
        out.push_str(&line);
        out.push('\n');
    }
    out + &ticks + "\n"
}

/// Safe lines that keep their tabs: a command is shown as it was sent.
fn safe_lines(text: &str) -> Vec<String> {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    let with_tabs = |line: &str| line.split('\t').map(|part| Safe::line(part).into_string()).collect::<Vec<_>>().join("\t");
    text.split('\n').map(|line| with_tabs(line.strip_suffix('\r').unwrap_or(line))).collect()
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{code, fence, inline};

    #[test]
    fn plain_words_stay_plain_and_all_else_is_code() {
        for plain in ["The active server goes into staging", "Wizard on EC01: Configure, Exit", "näher", "{{ old.Host }}"] {
            assert_eq!(inline(plain), plain);
        }
        for acted_upon in [
            "@anna",
            "#12",
            "!5",
            "a_b_",
            "**x**",
            "<b>",
            "[x](y)",
            "![x](http://y)",
            "http://x",
            "WWW.x.org",
            "a|b",
            "~x~",
            "\\",
            "$x$",
            "&lt;",
            "mailto:x",
        ] {
            assert_eq!(inline(acted_upon), format!("`{acted_upon}`"));
        }
        assert_eq!(inline("  "), "(nothing)");
    }

    #[test]
    fn code_ends_only_where_it_should() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`"), "`` ` ``");
        assert_eq!(fence("text", ["a", "````", "b"]), "`````text\na\n````\nb\n`````\n");
        assert_eq!(fence("", ["x\r\n\ty\n"]), "```\nx\n\ty\n```\n");
    }

    #[test]
    fn no_control_character_comes_through() {
        let hostile = "\u{1b}]52;c;ZXZpbA==\u{7}\u{9b}31m\u{202e}\r\nx\0";
        for text in [inline(hostile), code(hostile), fence("", [hostile])] {
            assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'), "{text:?}");
        }
        assert!(!inline(hostile).contains('\n') && !code(hostile).contains('\n'));
    }
}

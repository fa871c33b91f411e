//! The position message of an error: the line, cut to what fits beside it, and what is meant underlined.

use crate::powershell::token::Span;

/// Columns of the line that are shown, so that a console of 80 never wraps it.
const SHOWN: usize = 69;
/// Columns of context that a long line keeps before and behind what is meant.
const BEFORE: usize = 12;
const BEHIND: usize = 8;

/// The number of the line, from 1.
pub fn line_of(source: &str, at: usize) -> usize {
    source.get(..at).map_or(1, |before| before.matches('\n').count() + 1)
}

/// `At line:1 char:1`, the line, the underline.
pub fn message(source: &str, span: &Span) -> String {
    let start = span.start.min(source.len());
    let begin = source[..start].rfind('\n').map_or(0, |at| at + 1);
    let end = source[start..].find('\n').map_or(source.len(), |at| start + at);
    let line = source[begin..end].trim_end();
    let column = source[begin..start].chars().count();
    // What goes on in the next lines is underlined to the end of this one.
    let meant = source.get(start..span.end.min(begin + line.len())).map_or(0, |text| text.chars().count());
    let shown = Window::over(line, column, meant);
    format!(
        "At line:{} char:{}\n+ {}\n+ {}{}",
        line_of(source, start),
        column + 1,
        shown.text,
        " ".repeat(shown.indent),
        "~".repeat(shown.underlined.max(1))
    )
}

/// The part of a line that is shown.
struct Window {
    text: String,
    indent: usize,
    underlined: usize,
}

impl Window {
    fn over(line: &str, column: usize, meant: usize) -> Self {
        let length = line.chars().count();
        if length <= SHOWN {
            return Self { text: line.to_owned(), indent: column, underlined: meant };
        }
        let all_behind = length.saturating_sub(column + meant);
        let (mut before, mut behind) = (column.min(BEFORE), all_behind.min(BEHIND));
        let free = SHOWN.saturating_sub(before + meant + behind);
        let cut_behind = if free == 0 {
            true
        } else {
            // Room that is left shows more of what stands before, then of what stands behind.
            let more = (column - before).min(free);
            before += more;
            behind += (all_behind - behind).min(free - more);
            behind < all_behind
        };
        let cut_before = before < column;
        let part: String = line.chars().skip(column - before).take(SHOWN).collect();
        Self {
            text: format!("{}{part}{}", if cut_before { "... " } else { "" }, if cut_behind { " ..." } else { "" }),
            indent: before + if cut_before { 4 } else { 0 },
            underlined: meant.min(SHOWN - before),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut_around_what_is_meant() {
        let line = format!("'{}' | Get-Nothing -Name x | {}", "a".repeat(40), "b".repeat(60));
        let start = line.find("Get-Nothing").unwrap();
        let text = message(&line, &(start..start + 11));
        let shown: Vec<&str> = text.lines().collect();
        assert_eq!(shown[0], "At line:1 char:46");
        assert_eq!(shown[1], format!("+ '{}' | Get-Nothing -Name x | bb ...", "a".repeat(40)));
        assert_eq!(shown[2], format!("+ {}{}", " ".repeat(45), "~".repeat(11)));
    }

    #[test]
    fn a_meant_part_that_is_too_long_is_underlined_as_far_as_it_is_shown() {
        let line = "x".repeat(100);
        assert_eq!(message(&line, &(0..100)), format!("At line:1 char:1\n+ {} ...\n+ {}", "x".repeat(69), "~".repeat(69)));
    }

    #[test]
    fn what_spans_lines_is_underlined_to_the_end_of_the_first() {
        assert_eq!(message("a\n  Get-X `\n  -Y", &(4..16)), "At line:2 char:3\n+   Get-X `\n+   ~~~~~~~");
    }
}

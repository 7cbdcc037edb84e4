//! Tables for people: no frames, so that a line can be copied.

use sealdesk_protocol::text;
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// What stands before a line that belongs to the one above.
const INDENT: &str = "  ";
/// Fewest columns that lines are broken to.
const NARROWEST: usize = 40;
/// Fewest columns that a cell is shortened to.
const NARROWEST_CELL: usize = 8;
/// Words on one line of a shown phrase.
const WORDS_PER_LINE: usize = 6;

/// Rows under a head, each column as wide as its widest cell. A cell is one line, whatever stands in it.
pub(crate) fn rows<H: AsRef<str>>(head: &[H], rows: Vec<Vec<String>>) -> String {
    let head = head.iter().map(|cell| cell.as_ref().to_owned()).collect();
    let lines = std::iter::once(head).chain(rows);
    let lines: Vec<Vec<String>> =
        lines.map(|cells: Vec<String>| cells.iter().map(|cell| text::line(cell)).collect()).collect();
    let columns = lines.iter().map(Vec::len).max().unwrap_or_default();
    let widest =
        |column: usize| lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.width()).max();
    let widths: Vec<usize> = (0..columns).map(|column| widest(column).unwrap_or_default()).collect();
    let line = |cells: &Vec<String>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| {
            let blanks = width.saturating_sub(cell.width());
            format!("{cell}{}", " ".repeat(blanks))
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    lines.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The same for a terminal of so many columns: where it is wider, the cells of these columns are shortened, the first of them first, down
/// to [`NARROWEST_CELL`]. `None` shortens nothing.
pub(crate) fn fitted<H: AsRef<str>>(
    head: &[H],
    mut cells: Vec<Vec<String>>,
    width: Option<usize>,
    shortened: &[usize],
) -> String {
    let Some(width) = width else { return rows(head, cells) };
    let widest = |cells: &[Vec<String>], column: usize| {
        let title = head.get(column).map_or(0, |title| title.as_ref().width());
        let cells = cells.iter().filter_map(|row| row.get(column)).map(|cell| text::line(cell).width());
        cells.max().unwrap_or_default().max(title)
    };
    let gaps = head.len().saturating_sub(1).saturating_mul(2);
    for column in shortened.iter().copied() {
        let all = (0..head.len()).map(|column| widest(&cells, column)).sum::<usize>().saturating_add(gaps);
        let Some(excess) = all.checked_sub(width).filter(|excess| *excess > 0) else { break };
        let least = head.get(column).map_or(0, |title| title.as_ref().width()).max(NARROWEST_CELL);
        let room = widest(&cells, column).saturating_sub(excess).max(least);
        for cell in cells.iter_mut().filter_map(|row| row.get_mut(column)) {
            *cell = shortened_to(&text::line(cell), room);
        }
    }
    rows(head, cells)
}

/// The beginning of a line in so many columns, and that it goes on.
fn shortened_to(line: &str, columns: usize) -> String {
    if line.width() <= columns {
        return line.to_owned();
    }
    format!("{}…", &line[..fitting(line, columns.saturating_sub(1))])
}

/// As [`fields`], for a terminal of so many columns: a value that does not fit goes on below itself, broken between words.
pub(crate) fn fields_within(pairs: &[(&str, String)], width: Option<usize>) -> String {
    let Some(width) = width else { return fields(pairs) };
    let names = pairs.iter().map(|(name, _)| text::line(name).chars().count()).max().unwrap_or_default();
    let beside = names.saturating_add(INDENT.len());
    let room = width.saturating_sub(beside).max(NARROWEST);
    let shown = pairs.iter().filter(|(_, value)| !value.is_empty());
    let lines = shown.map(|(name, value)| {
        let (name, value) = (text::line(name), text::line(value));
        let value = broken(&value, room).join(&format!("\n{}", " ".repeat(beside)));
        format!("{name:names$}  {value}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Names and values, one pair a line; pairs without a value are left out. A value is one line, whatever stands in it.
pub(crate) fn fields(pairs: &[(&str, String)]) -> String {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (text::line(name), text::line(value))).collect();
    let width = pairs.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let shown = pairs.iter().filter(|(_, value)| !value.is_empty());
    shown.map(|(name, value)| format!("{name:width$}  {value}")).collect::<Vec<_>>().join("\n")
}

/// A number of things: `1 ticket`, `2 tickets`.
pub(crate) fn count<N: TryInto<u64>>(number: N, thing: &str) -> String {
    match number.try_into().unwrap_or(u64::MAX) {
        1 => format!("1 {thing}"),
        number => format!("{number} {thing}s"),
    }
}

/// A recovery phrase as lines of a few words each.
pub(crate) fn phrase(phrase: &str) -> String {
    let words: Vec<&str> = phrase.split(' ').collect();
    let lines = words.chunks(WORDS_PER_LINE).map(|line| format!("    {}", line.join(" ")));
    lines.collect::<Vec<_>>().join("\n")
}

/// Lines of an answer. Each kind of field has one way in, so that no text of others poses as a line of the program, or as several.
pub(crate) struct Lines {
    lines: Vec<String>,
    /// Columns of the terminal; `None` where nobody breaks lines that are too long.
    width: Option<usize>,
}

impl Lines {
    /// No lines yet, for a terminal of this many columns.
    pub(crate) fn new(width: Option<usize>) -> Self {
        Self { lines: Vec::new(), width }
    }

    /// A line of the program, with fields in it.
    pub(crate) fn line(&mut self, text: &str) {
        self.push("", &text::line(text));
    }

    /// A line below one of the program, with fields in it.
    pub(crate) fn item(&mut self, text: &str) {
        self.push(INDENT, &text::line(text));
    }

    /// What somebody wrote, of as many lines as they made. All of them are indented.
    pub(crate) fn block(&mut self, text: &str) {
        for line in text::block(text.strip_suffix('\n').unwrap_or(text)) {
            self.push(INDENT, &line);
        }
    }

    /// An empty line.
    pub(crate) fn blank(&mut self) {
        self.lines.push(String::new());
    }

    /// All of it.
    pub(crate) fn text(&self) -> String {
        self.lines.join("\n")
    }

    /// A terminal goes on at its left edge with what does not fit, where only lines of the program begin: so the line is broken here.
    fn push(&mut self, indent: &str, text: &str) {
        let fits = self.width.map_or(usize::MAX, |width| width.saturating_sub(INDENT.len()).max(NARROWEST));
        let mut indent = indent;
        for part in broken(text, fits) {
            self.lines.push(format!("{indent}{part}"));
            indent = INDENT;
        }
    }
}

/// A line in parts of at most so many columns, broken between words where there are any. Each part is measured once: a line may have
/// megabytes.
fn broken(text: &str, columns: usize) -> Vec<&str> {
    let (mut parts, mut rest) = (Vec::new(), text);
    loop {
        let end = fitting(rest, columns);
        if end == rest.len() {
            parts.push(rest);
            return parts;
        }
        let (part, later) = rest.split_at(end.max(rest.chars().next().map_or(0, char::len_utf8)));
        let word = part.rfind(' ').filter(|at| !part[..*at].trim().is_empty() && !later.starts_with(' '));
        let at = word.map_or(part.len(), |at| at.saturating_add(1));
        parts.push(rest[..at].trim_end());
        rest = &rest[at..];
    }
}

/// How many bytes of the text stand in so many columns.
fn fitting(text: &str, columns: usize) -> usize {
    let mut used = 0_usize;
    let too_wide = |(_, c): &(usize, char)| {
        used = used.saturating_add(c.width().unwrap_or_default());
        used > columns
    };
    text.char_indices().find(too_wide).map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_and_no_value_is_more_than_one_line() {
        let hostile = "a\nb\u{1b}[2J\u{85}\u{202e}";
        let shown = "a\\nb\\u{1b}[2J\\u{85}\\u{202e}";
        assert_eq!(rows(&["A"], vec![vec![hostile.into()]]), format!("A\n{shown}"));
        assert_eq!(fields(&[("a", hostile.into())]), format!("a  {shown}"));
    }

    #[test]
    fn bug_88_what_a_terminal_would_break_is_broken_before_and_indented() {
        let mut lines = Lines::new(Some(42));
        lines.block(&format!("{}admin, staff  2026-11-21 09:33:43 UTC\n\nlast\n", " ".repeat(40)));
        lines.line(&format!("TKT-00000001  {}", "wide日本".repeat(9)));
        let text = lines.text();
        assert!(text.lines().all(|line| line.width() <= 42), "{text}");
        let own: Vec<&str> = text.lines().filter(|line| !line.starts_with(' ')).collect();
        assert!(own.len() == 1 && own[0].starts_with("TKT-00000001"), "{text}");
        assert_eq!(text.lines().filter(|line| line.trim() == "last").count(), 1);
        let mut wide = Lines::new(None);
        wide.block(&"long ".repeat(100));
        assert_eq!(wide.text().lines().count(), 1, "a file or a pipe gets lines as they are");
    }

    #[test]
    fn a_table_that_is_wider_than_the_terminal_is_shortened_where_it_hurts_least() {
        let head = ["TICKET", "SUBJECT", "CUSTOMER"];
        let row = || vec![vec!["TKT-00000001".to_owned(), "日本 ".repeat(20), "alice".to_owned()]];
        let shown = fitted(&head, row(), Some(50), &[1, 2]);
        assert!(shown.lines().all(|line| line.width() <= 50) && shown.contains('…'), "{shown}");
        assert!(shown.contains("alice"), "{shown}");
        assert_eq!(fitted(&head, row(), None, &[1]), rows(&head, row()));
        assert_eq!(fitted(&head, row(), Some(200), &[1]), rows(&head, row()));
        let narrow = fitted(&head, row(), Some(5), &[1, 2]);
        assert!(narrow.lines().count() == 2, "{narrow}");
    }

    #[test]
    fn words_of_a_field_that_do_not_fit_go_on_below_it() {
        let words =
            ["alarm strike walk obscure rich future hood language wealth inch know bright".to_owned()];
        let shown = fields_within(&[("  in words", words[0].clone()), ("  x", "y".to_owned())], Some(60));
        let lines: Vec<&str> = shown.lines().collect();
        assert!(lines.len() == 3 && lines.iter().all(|line| line.width() <= 60), "{shown}");
        assert_eq!(lines[0], "  in words  alarm strike walk obscure rich future hood");
        assert_eq!(lines[1], "            language wealth inch know bright");
        assert_eq!(fields_within(&[("a", words[0].clone())], None), fields(&[("a", words[0].clone())]));
    }

    #[test]
    fn a_table_has_no_trailing_blanks() {
        let shown = rows(&["TICKET", "STATUS"], vec![vec!["TKT-00000001".into(), "open".into()]]);
        assert_eq!(shown, "TICKET        STATUS\nTKT-00000001  open");
    }
}

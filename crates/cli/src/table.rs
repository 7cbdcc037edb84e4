//! Tables for people: no frames, so that a line can be copied.

use sealdesk_client::view::Time;
use unicode_width::UnicodeWidthStr as _;

/// Words on one line of a shown phrase.
const WORDS_PER_LINE: usize = 6;

/// Rows under a head, each column as wide as its widest cell.
pub(crate) fn rows(head: &[&str], rows: Vec<Vec<String>>) -> String {
    let head = head.iter().map(|&cell| cell.to_owned()).collect();
    let lines: Vec<Vec<String>> = std::iter::once(head).chain(rows).collect();
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

/// Names and values, one pair a line; pairs without a value are left out.
pub(crate) fn fields(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
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

/// A time for people: `2026-11-21 09:33:43`, in UTC.
pub(crate) fn time(unix_seconds: i64) -> String {
    sealdesk_protocol::json::time(unix_seconds).map(|text| plain_time(&text)).unwrap_or_default()
}

/// A time for people, in what its ledger counts in.
pub(crate) fn when(time: Time) -> String {
    match time {
        Time::Unix(seconds) => self::time(seconds),
        Time::BurnBlock(height) => format!("burn block {height}"),
    }
}

/// An RFC 3339 time for people.
pub(crate) fn plain_time(rfc3339: &str) -> String {
    rfc3339.split(['.', 'Z']).next().unwrap_or_default().replace('T', " ")
}

/// Text that someone else wrote, safe for a terminal: control characters, and those that reorder a line, are shown as escapes.
pub(crate) fn safe(text: &str) -> String {
    let hostile = |c: char| {
        (c.is_control() && c != '\n' && c != '\t')
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    text.chars().flat_map(|c| if hostile(c) { c.escape_unicode().collect() } else { vec![c] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stranger_wrote_cannot_drive_the_terminal() {
        assert_eq!(safe("plain, zażółć 日本 🙂\n\tline"), "plain, zażółć 日本 🙂\n\tline");
        assert_eq!(safe("\u{1b}[2J"), "\\u{1b}[2J");
        assert_eq!(safe("a\u{202e}b\r"), "a\\u{202e}b\\u{d}");
    }

    #[test]
    fn a_table_has_no_trailing_blanks() {
        let shown = rows(&["TICKET", "STATUS"], vec![vec!["TKT-00000001".into(), "open".into()]]);
        assert_eq!(shown, "TICKET        STATUS\nTKT-00000001  open");
    }
}

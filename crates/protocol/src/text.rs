//! Texts of people: which of them the ledger takes as public, and how any of them is shown.
//!
//! One list, [`deceives`], says which characters hide, reorder or end what a reader sees. [`check_public`] refuses them all. What
//! shows texts that are there already uses [`line`] for a field of one line and [`block`] for a body: both write what deceives
//! as an escape, and leave what a script needs (joiners, variation selectors, the flags made of tags) as it was written.

use std::fmt::Write as _;

use crate::codes::{Refusal, SdkError};
use crate::limits::PUBLIC_TEXT_BYTES_MAX;

/// Columns between tab stops.
const TAB: usize = 8;
/// Tags between a flag's black flag and its end: `gbeng` has five, and no subdivision of Unicode's list has more than six.
const FLAG_TAGS: std::ops::RangeInclusive<usize> = 3..=6;

/// Bytes of a file's name that is offered to a file system: every one in use takes 255, and a number may be added.
const FILE_NAME_BYTES: usize = 200;

/// What some editors put before a text in UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A document without the byte order mark that some editors put before it, and which is no part of what it says.
pub fn unmarked(document: &[u8]) -> &[u8] {
    document.strip_prefix(BYTE_ORDER_MARK).unwrap_or(document)
}

/// Checks a public text: at most [`PUBLIC_TEXT_BYTES_MAX`] bytes, and nothing in it that shows as something else.
///
/// # Errors
/// Code 18 of `sdk`, naming the field.
pub fn check_public(field: &str, text: &str) -> Result<(), Refusal> {
    if text.len() > PUBLIC_TEXT_BYTES_MAX {
        let found = text.len();
        let error = format!("{field} has {found} bytes, at most {PUBLIC_TEXT_BYTES_MAX}");
        return Err(SdkError::InvalidRequest(error).into());
    }
    if text.chars().any(deceives) {
        let error = format!("{field} has control or invisible characters");
        return Err(SdkError::InvalidRequest(error).into());
    }
    Ok(())
}

/// Why a text is not one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "it has a line break or another control character (U+{code:04X}) at character {place}, and has to be one line"
)]
pub struct NotOneLine {
    /// The character's number in Unicode.
    pub code: u32,
    /// Where it stands, counted from 1.
    pub place: usize,
}

/// Checks a text that is shown as one line, such as a subject, before it is sealed.
///
/// # Errors
/// [`NotOneLine`], naming the first line break or control.
pub fn check_one_line(text: &str) -> Result<(), NotOneLine> {
    let breaks = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    match text.chars().enumerate().find(|(_, c)| breaks(*c)) {
        None => Ok(()),
        Some((before, c)) => Err(NotOneLine { code: c.into(), place: before.saturating_add(1) }),
    }
}

/// A name of a file under which it can be saved wherever the name comes from: the part behind the last slash, each character that
/// deceives or that a file system takes for something else as `_`, no dots or blanks at its ends, at most 200 bytes; `file` where
/// nothing is left.
pub fn file_name(text: &str) -> String {
    let last = text.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain = |c: char| if deceives(c) || "<>:\"|?*".contains(c) { '_' } else { c };
    let mut name: String = last.chars().map(plain).collect();
    while name.len() > FILE_NAME_BYTES {
        name.pop();
    }
    let name = name.trim_matches(|c: char| c == '.' || c.is_whitespace());
    let stem = name.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let device = matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
        || matches!(stem.as_bytes(), [b'c', b'o', b'm', b'0'..=b'9'] | [b'l', b'p', b't', b'0'..=b'9']);
    if name.is_empty() || device {
        format!("file{}{name}", if device { "_" } else { "" })
    } else {
        name.to_owned()
    }
}

/// Characters that hide, reorder or end what a reader sees: controls, line and paragraph separators, and all that Unicode calls
/// `Default_Ignorable_Code_Point`, with the annotation marks and the blank Braille pattern beside them. U+FE0F alone is
/// let through, since keyboards write it behind an emoji.
pub fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}')
        || matches!(c, '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0e}' | '\u{feff}')
        || matches!(c, '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}')
        || matches!(c, '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// A field of one line, for people: whatever breaks the line, drives a terminal, hides or reorders is shown as an escape.
pub fn line(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut shown = String::with_capacity(text.len());
    for (place, &c) in chars.iter().enumerate() {
        match c {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c => push(&mut shown, &chars, place, c),
        }
    }
    shown
}

/// A body as the lines that its writer made, each as safe as a [`line`]. Windows line ends and a leading byte order mark leave no
/// trace, tabs become blanks. Whoever prints the lines indents each, so that none poses as a line of the program.
pub fn block(text: &str) -> Vec<String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.split('\n').map(|written| body_line(written.strip_suffix('\r').unwrap_or(written))).collect()
}

fn body_line(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (mut shown, mut column) = (String::with_capacity(text.len()), 0_usize);
    for (place, &c) in chars.iter().enumerate() {
        if c == '\t' {
            let blanks = TAB.saturating_sub(column.checked_rem(TAB).unwrap_or_default());
            shown.extend(std::iter::repeat_n(' ', blanks));
            column = column.saturating_add(blanks);
        } else {
            push(&mut shown, &chars, place, c);
            column = column.saturating_add(1);
        }
    }
    shown
}

/// JSON text with an escape for whatever deceives: a terminal that shows it is driven by nothing in it. It reads as the same value.
pub fn escaped_json(json: &str) -> String {
    let mut shown = String::with_capacity(json.len());
    let mut units = [0; 2];
    for c in json.chars() {
        // Within JSON text such characters stand in strings only, where an escape means the same.
        if !c.is_ascii_control() && deceives(c) || c == '\u{7f}' {
            for unit in c.encode_utf16(&mut units) {
                // Writing to a string does not fail.
                let _ = write!(shown, "\\u{unit:04x}");
            }
        } else {
            shown.push(c);
        }
    }
    shown
}

fn push(shown: &mut String, chars: &[char], place: usize, c: char) {
    if (deceives(c) || is_selector(c)) && !script_needs(chars, place, c) {
        shown.extend(c.escape_unicode());
    } else {
        shown.push(c);
    }
}

/// Whether the character means something where it stands, and is not merely hidden there.
fn script_needs(chars: &[char], place: usize, c: char) -> bool {
    let at = |place: Option<usize>| place.and_then(|place| chars.get(place)).copied();
    let (before, after) = (at(place.checked_sub(1)), at(place.checked_add(1)));
    let (Some(before), after) = (before, after.unwrap_or(' ')) else { return false };
    match c {
        // Persian parts words with one joiner, Hindi and its neighbours choose conjuncts with both; both bind letters.
        '\u{200c}' => joins(before),
        '\u{200d}' => joins(before) || (ends_emoji(before) && begins_emoji(after)),
        // Text or emoji style, also of a keycap.
        '\u{fe0e}' | '\u{fe0f}' => begins_emoji(before) || matches!(before, '#' | '*' | '0'..='9'),
        '\u{fe00}'..='\u{fe0d}' => has_variants(before),
        '\u{e0100}'..='\u{e01ef}' => is_ideograph(before),
        '\u{180b}'..='\u{180d}' | '\u{180f}' => matches!(before, '\u{1820}'..='\u{18aa}'),
        '\u{e0020}'..='\u{e007f}' => in_flag(chars, place),
        _ => false,
    }
}

fn is_selector(c: char) -> bool {
    c == '\u{fe0f}'
}

/// Letters and marks of the scripts whose letters change by their neighbours: Arabic, Syriac, N'Ko and Mandaic, the Indic scripts,
/// Tibetan, Myanmar, Khmer, Mongolian and those of South-East Asia.
fn joins(c: char) -> bool {
    matches!(c, '\u{620}'..='\u{6ff}' | '\u{710}'..='\u{85f}' | '\u{860}'..='\u{8ff}' | '\u{900}'..='\u{dff}')
        || matches!(c, '\u{f40}'..='\u{fbc}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17b3}' | '\u{17b6}'..='\u{17d3}')
        || matches!(c, '\u{1820}'..='\u{18aa}' | '\u{1a20}'..='\u{1bff}' | '\u{1cd0}'..='\u{1cff}' | '\u{a8e0}'..='\u{a8ff}')
        || matches!(c, '\u{fb50}'..='\u{fdfb}' | '\u{fe70}'..='\u{fefc}' | '\u{11000}'..='\u{11fff}')
}

/// What an emoji begins with: pictographs, also the few of old blocks.
fn begins_emoji(c: char) -> bool {
    matches!(
        c,
        '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2122}' | '\u{2139}' | '\u{2190}'..='\u{21ff}'
    ) || matches!(c, '\u{2300}'..='\u{23ff}' | '\u{24c2}' | '\u{25aa}'..='\u{25fe}' | '\u{2600}'..='\u{27bf}')
        || matches!(c, '\u{2934}'..='\u{2935}' | '\u{2b00}'..='\u{2bff}' | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}')
        || matches!(c, '\u{1f000}'..='\u{1f3fa}' | '\u{1f400}'..='\u{1faff}')
}

/// What an emoji before a joiner ends with: a pictograph, its style, or a skin tone.
fn ends_emoji(c: char) -> bool {
    begins_emoji(c) || matches!(c, '\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// What Unicode lists variants of besides emoji: ideographs, mathematical signs, Myanmar, Phags-pa, and full-width forms.
fn has_variants(c: char) -> bool {
    is_ideograph(c)
        || matches!(c, '0' | '\u{2205}'..='\u{2aff}' | '\u{1000}'..='\u{109f}' | '\u{a840}'..='\u{a877}')
        || matches!(c, '\u{3001}'..='\u{3002}' | '\u{ff01}'..='\u{ff60}')
}

fn is_ideograph(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3347f}')
}

/// Whether the tag at this place is part of a whole flag: a black flag, letters and digits as tags, and the tag that ends them.
fn in_flag(chars: &[char], place: usize) -> bool {
    let tag = |c: &char| matches!(c, '\u{e0030}'..='\u{e0039}' | '\u{e0061}'..='\u{e007a}');
    let (before, from_here) = chars.split_at_checked(place).unwrap_or_default();
    // One more than a flag has tells enough: a run of a million tags is looked at a few at a time.
    let enough = FLAG_TAGS.end().saturating_add(1);
    let earlier = before.iter().rev().take(enough).take_while(|c| tag(c)).count();
    let later = from_here.iter().take(enough).take_while(|c| tag(c)).count();
    let flag = before.iter().rev().nth(earlier) == Some(&'\u{1f3f4}');
    let ends = from_here.get(later) == Some(&'\u{e007f}');
    flag && ends && FLAG_TAGS.contains(&earlier.saturating_add(later))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_s_name_is_harmless_wherever_it_comes_from() {
        for (name, harmless) in [
            ("Résumé 2026 (1).pdf", "Résumé 2026 (1).pdf"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\ann\\a.txt", "a.txt"),
            (".bashrc", "bashrc"),
            ("a. . ", "a"),
            ("", "file"),
            ("..", "file"),
            ("a/", "file"),
            ("gpj.\u{202e}exe", "gpj._exe"),
            ("a\nb\0c", "a_b_c"),
            ("a:b?", "a_b_"),
            ("CON", "file_CON"),
            ("com1.txt", "file_com1.txt"),
        ] {
            assert_eq!(file_name(name), harmless, "{name:?}");
        }
        let long = file_name(&"ü".repeat(300));
        assert_eq!(long, "ü".repeat(100));
    }

    #[test]
    fn public_text_is_judged_at_its_edge_and_shows_what_it_is() {
        assert!(check_public("reason", &"x".repeat(128)).is_ok());
        assert!(check_public("reason", "läuft wieder – 修好了").is_ok());
        for text in [&"x".repeat(129), "a\0b", "a\nb", "a\u{202e}b", "a\u{200b}b", "\u{feff}a", "a\u{7f}"] {
            assert_eq!(check_public("reason", text).unwrap_err().code(), 18, "{text:?}");
        }
    }

    #[test]
    fn nothing_invisible_is_let_through_but_what_stands_behind_an_emoji() {
        // Of each range of Default_Ignorable_Code_Point the first and the last, and others that show as nothing.
        let invisible = [
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{1160}',
            '\u{17b4}',
            '\u{17b5}',
            '\u{180b}',
            '\u{180f}',
            '\u{200b}',
            '\u{200f}',
            '\u{2028}',
            '\u{2029}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{206f}',
            '\u{2800}',
            '\u{3164}',
            '\u{fe00}',
            '\u{fe0e}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff0}',
            '\u{fffb}',
            '\u{1bca0}',
            '\u{1bca3}',
            '\u{1d173}',
            '\u{1d17a}',
            '\u{e0000}',
            '\u{e0100}',
            '\u{e01ef}',
            '\u{e0fff}',
            '\u{85}',
            '\u{9f}',
        ];
        for c in invisible {
            assert_eq!(check_public("label", &format!("a{c}b")).unwrap_err().code(), 18, "{c:?}");
        }
        for text in ["thanks ❤\u{fe0f}", "né, ß, ñ", "שלום", "한국어", "a\u{a0}b"] {
            assert!(check_public("label", text).is_ok(), "{text}");
        }
    }

    #[test]
    fn bug_89_what_a_script_needs_looks_as_it_was_written() {
        let texts = [
            "می‌خواهم",                                                  // Persian, with the non-joiner
            "ه‍.ق",                                                      // Persian, with the joiner
            "क्‍ष और क्‌ष",                                                 // Hindi, with both
            "\u{9b0}\u{200d}\u{9cd}\u{9af}",                            // Bengali
            "👨‍👩‍👧‍👦 👩🏽‍⚕️ 🏳️‍🌈 ❤️‍🔥 🙂‍↔️",                                           // emoji that are joined
            "❤\u{fe0f} ☎\u{fe0e} 1\u{fe0f}\u{20e3}",                    // emoji and text style, a keycap
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}", // England
            "葛\u{e0100}飾",                                            // a name's own form of a character
            "zażółć 日本 🙂 ελληνικά שלום",
        ];
        for text in texts {
            assert_eq!(line(text), text);
            assert_eq!(block(text), [text]);
        }
        assert_eq!(block("\u{feff}one\r\ntwo\r\n\r\nfour"), ["one", "two", "", "four"]);
        assert_eq!(block("a\tb\n\tc"), ["a       b", "        c"]);
    }

    #[test]
    fn bug_89_what_hides_reorders_or_drives_a_terminal_is_shown_as_an_escape() {
        let hostile = [
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("\u{9b}2J", "\\u{9b}2J"),
            ("a\u{85}b", "a\\u{85}b"),
            ("a\u{2028}b\u{2029}", "a\\u{2028}b\\u{2029}"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("\u{2066}a\u{2069}", "\\u{2066}a\\u{2069}"),
            ("a\u{200b}b", "a\\u{200b}b"),
            ("pay\u{200d}pal", "pay\\u{200d}pal"),
            ("pay\u{200c}pal", "pay\\u{200c}pal"),
            ("می\u{200c}\u{200c}خ", "می\u{200c}\\u{200c}خ"),
            ("a\u{fe0f}\u{fe00}", "a\\u{fe0f}\\u{fe00}"),
            ("🙂\u{e0041}", "🙂\\u{e0041}"),
            ("🏴\u{e0067}\u{e0062}", "🏴\\u{e0067}\\u{e0062}"),
            ("a\u{feff}b", "a\\u{feff}b"),
            ("\u{200d}🙂", "\\u{200d}🙂"),
        ];
        for (written, shown) in hostile {
            assert_eq!(line(written), shown);
            assert_eq!(block(written), [shown]);
        }
        assert_eq!(line("a\nb\r\n\tc"), "a\\nb\\r\\n\\tc");
        assert_eq!(block("a\rb"), ["a\\u{d}b"]);
        assert_eq!(line("\u{feff}a"), "\\u{feff}a");
    }

    #[test]
    fn no_character_alone_breaks_a_line_or_reaches_a_terminal_as_a_control() {
        for c in (0..=u32::from(char::MAX)).filter_map(char::from_u32) {
            let written = format!("a{c}b");
            let shown = line(&written);
            assert!(!shown.chars().any(|c| c.is_control()), "{c:?}");
            assert!(shown == written || deceives(c) || is_selector(c), "{c:?}");
            assert!(block(&written).iter().all(|line| !line.chars().any(|c| c.is_control())), "{c:?}");
        }
    }

    #[test]
    fn json_with_escapes_reads_as_the_same_and_shows_no_control() {
        let text = "a\u{9b}\u{85}\u{2028}\u{2029}\u{7f}\u{202e}\u{e0041}\u{1b}\n 🙂 ü می\u{200c}خ";
        let json = serde_json::to_string_pretty(&serde_json::json!({ "a": [text] })).unwrap();
        let shown = escaped_json(&json);
        let read: serde_json::Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(read["a"][0], text);
        assert!(!shown.chars().any(|c| c != '\n' && deceives(c)), "{shown}");
    }

    #[test]
    fn a_long_run_of_tags_is_no_flag_and_costs_no_more_than_its_length() {
        let tags = "\u{e0061}".repeat(256 * 1024);
        assert_eq!(line(&tags), "\\u{e0061}".repeat(256 * 1024));
        let scotland = "\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}";
        assert_eq!(line(scotland), scotland);
    }
}

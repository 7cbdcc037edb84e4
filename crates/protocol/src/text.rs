//! Texts of people: which of them the ledger takes as public, and how any of them is shown.
//!
//! One list, [`deceives`], says which characters hide, reorder or end what a reader sees. [`check_public`] refuses them all. What
//! shows texts that are there already uses [`line`] for a field of one line and [`block`] for a body: both write what deceives
//! as an escape, and leave what a script needs (joiners, variation selectors, the flags made of tags) as it was written.

mod shown;

pub use shown::{block, escaped_json, line};

use crate::codes::{Refusal, SdkError};
use crate::limits::PUBLIC_TEXT_BYTES_MAX;

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

#[cfg(test)]
mod tests {
    use super::*;

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
}

//! Short texts that everyone can read on the ledger: reasons, labels, references.

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

/// Characters that hide, reorder or end what a reader sees.
fn deceives(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
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
}

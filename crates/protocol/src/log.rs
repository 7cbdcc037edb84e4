//! The log of a refused transaction: a text for people that begins with the place of the refused message. It is written and read
//! here, so that no program has to know how it is spelled.

use crate::codes::Refusal;

/// The log of a transaction whose message at this place, from 0, was refused.
pub fn of_message(place: usize, refusal: &Refusal) -> String {
    format!("message {place}: {refusal}")
}

/// The refusal's own text in a log, without the place of the message.
pub fn refusal_text(log: &str) -> &str {
    match log.strip_prefix("message ").and_then(|rest| rest.split_once(": ")) {
        Some((place, text)) if place.bytes().all(|byte| byte.is_ascii_digit()) => text,
        _ => log,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::EncryptionError;

    #[test]
    fn the_place_of_a_message_is_found_again() {
        let refusal = Refusal::from(EncryptionError::TooManyKeys(256));
        let log = of_message(12, &refusal);
        assert_eq!(log, "message 12: at most 256 keys an address, revoked ones included");
        assert_eq!(refusal_text(&log), refusal.to_string());
        for text in ["message from nobody: hello", "", "ticket TKT-00000001 is closed"] {
            assert_eq!(refusal_text(text), text);
        }
    }
}

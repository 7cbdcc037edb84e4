//! The log of a refused transaction: a text for people, with the place of the refused message and with times in it. It is written
//! and read by the functions of this module, so that no program has to know how it is spelled.

use std::fmt;

use crate::codes::Refusal;

const UNIX_SECONDS: &str = " (Unix seconds)";

/// A time in a refusal's text, in Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnixSeconds(pub i64);

impl fmt::Display for UnixSeconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{UNIX_SECONDS}", self.0)
    }
}

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

/// The first time in a text, between what stands before it and after it; `None` where there is none.
pub fn find_time(text: &str) -> Option<(&str, UnixSeconds, &str)> {
    let (before, after) = text.split_once(UNIX_SECONDS)?;
    let (before, number) = before.rsplit_once(' ')?;
    Some((before, UnixSeconds(number.parse().ok()?), after))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codes::EncryptionError;

    #[test]
    fn place_and_time_are_found_again() {
        let refusal = Refusal::from(EncryptionError::TooManyRegistrations { max: 5, next: 1_795_256_901 });
        let log = of_message(12, &refusal);
        assert_eq!(
            log,
            "message 12: at most 5 registrations a day: the next is allowed at 1795256901 (Unix seconds)"
        );
        assert_eq!(refusal_text(&log), refusal.to_string());
        let (before, time, after) = find_time(refusal_text(&log)).unwrap();
        assert_eq!(time, UnixSeconds(1_795_256_901));
        assert_eq!(format!("{before} {time}{after}"), refusal.to_string());
        for text in
            ["message from nobody: hello", "no time (Unix seconds)", "", "ticket TKT-00000001 is closed"]
        {
            assert_eq!((refusal_text(text), find_time(text)), (text, None));
        }
    }
}

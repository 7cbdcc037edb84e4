//! The ledger's words, for people: its texts are the same for every program, so that times are numbers and people addresses.

use crate::table;

/// How the ledger marks a time.
const SECONDS: &str = " (Unix seconds)";

/// A refusal without the place of its message in the transaction, and with its time written out.
pub(crate) fn plain(message: &str) -> String {
    let rest = message.strip_prefix("message ").and_then(|rest| rest.split_once(": "));
    let message = match rest {
        Some((place, rest)) if place.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => message,
    };
    with_time(message).unwrap_or_else(|| message.to_owned())
}

fn with_time(message: &str) -> Option<String> {
    let (before, after) = message.split_once(SECONDS)?;
    let (before, number) = before.rsplit_once(' ')?;
    let time = table::time(number.parse().ok()?);
    Some(format!("{before} {time} UTC{after}"))
}

/// The same text with names beside the addresses of this home's keys.
pub(crate) fn with_names(text: &str, people: &[(String, String)]) -> String {
    people
        .iter()
        .fold(text.to_owned(), |text, (name, address)| text.replace(address, &format!("{name} ({address})")))
}

/// A number of things: `1 ticket`, `2 tickets`.
pub(crate) fn count<N: TryInto<u64>>(number: N, thing: &str) -> String {
    match number.try_into().unwrap_or(u64::MAX) {
        1 => format!("1 {thing}"),
        number => format!("{number} {thing}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_when_in_a_way_that_a_person_reads() {
        let said =
            "message 1: rate limit: the next ticket is allowed at 1795256901 (Unix seconds), not before";
        assert_eq!(
            plain(said),
            "rate limit: the next ticket is allowed at 2026-11-21 10:28:21 UTC, not before"
        );
        for text in
            ["message from nobody: hello", "no time (Unix seconds)", "", "ticket TKT-00000001 is closed"]
        {
            assert_eq!(plain(text), text);
        }
    }
}

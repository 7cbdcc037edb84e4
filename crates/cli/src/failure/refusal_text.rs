//! The text of a refusal, for people. The ledger's texts are the same for every program.

/// A refusal without the place of its message in the transaction, which this program has chosen itself.
pub(super) fn without_place(text: &str) -> &str {
    match text.strip_prefix("message ").and_then(|rest| rest.split_once(": ")) {
        Some((place, rest)) if place.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => text,
    }
}

/// The same text with names beside the addresses of this home's keys.
pub(crate) fn with_names(text: &str, people: &[(String, String)]) -> String {
    people
        .iter()
        .fold(text.to_owned(), |text, (name, address)| text.replace(address, &format!("{name} ({address})")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_does_not_say_where_in_the_transaction_its_message_stands() {
        assert_eq!(without_place("message 1: rate limit: later"), "rate limit: later");
        for text in ["message from nobody: hello", "", "ticket TKT-00000001 is closed"] {
            assert_eq!(without_place(text), text);
        }
    }
}

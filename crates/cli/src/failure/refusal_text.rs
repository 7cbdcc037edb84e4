//! The text of a refusal, for people. The ledger's texts are the same for every program.

/// The same text with names beside the addresses of this home's keys.
pub(crate) fn with_names(text: &str, people: &[(String, String)]) -> String {
    people
        .iter()
        .fold(text.to_owned(), |text, (name, address)| text.replace(address, &format!("{name} ({address})")))
}

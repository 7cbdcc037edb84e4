//! What a mistyped command is taken for: only what is a letter or two away. Somebody who types `tikets` does not mean `keys`.

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// The error without the suggestions that are too far away.
pub(crate) fn sensible(mut error: clap::Error) -> clap::Error {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return error;
    }
    let typed = match error.get(ContextKind::InvalidSubcommand) {
        Some(ContextValue::String(typed)) => typed.clone(),
        _ => return error,
    };
    if typed == "help" {
        let tip = "write it first, as in `sealdesk help tx support`".to_owned();
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
    if let Some(ContextValue::Strings(known)) = error.remove(ContextKind::SuggestedSubcommand) {
        let near =
            known.into_iter().filter(|name| distance(&typed, name) <= allowed(&typed)).collect::<Vec<_>>();
        if !near.is_empty() {
            error.insert(ContextKind::SuggestedSubcommand, ContextValue::Strings(near));
        }
    }
    error
}

/// How many letters may differ.
fn allowed(typed: &str) -> usize {
    if typed.chars().count() < 5 { 1 } else { 2 }
}

/// How many letters have to be put in, left out, replaced or exchanged with their neighbour to make one word of the other.
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=right.len()).collect()];
    for (i, a) in left.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let replaced = rows[i][j] + usize::from(a != b);
            let mut least = replaced.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows.last().and_then(|row| row.last()).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_near_where_a_letter_or_two_differ() {
        for (typed, meant, far) in [
            ("tikets", "tickets", 1),
            ("raed", "read", 1),
            ("inbxo", "inbox", 1),
            ("tikets", "keys", 3),
            ("", "ab", 2),
        ] {
            assert_eq!(distance(typed, meant), far, "{typed} {meant}");
        }
    }

    #[test]
    fn what_is_suggested_is_what_can_have_been_meant() {
        let said = |typed: &str| {
            let asked = crate::commands::line().try_get_matches_from(["sealdesk", typed]);
            sensible(asked.unwrap_err()).to_string()
        };
        let tikets = said("tikets");
        assert!(tikets.contains("'tickets'") && !tikets.contains("'keys'"), "{tikets}");
        assert!(said("repyl").contains("'reply'"));
        let none = said("frobnicate");
        assert!(!none.contains("similar"), "{none}");
    }
}

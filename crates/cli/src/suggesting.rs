//! What a mistyped command is taken for: only what is a letter or two away. Somebody who types `tikets` does not mean `keys`. And where words
//! belong that stand in the place of a ticket.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// The error without the suggestions that are too far away, and with the option that takes words which stand where a ticket belongs.
pub(crate) fn sensible(mut error: clap::Error, line: &[OsString]) -> clap::Error {
    if let Some(tip) = words_option(&error, line) {
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip.into()]));
    }
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

/// What to do next, as [`sensible`] found it.
pub(crate) fn tip(error: &clap::Error) -> Option<String> {
    match error.get(ContextKind::Suggested) {
        Some(ContextValue::StyledStrs(tips)) => tips.first().map(ToString::to_string),
        _ => None,
    }
}

/// Where words belong that were written behind a ticket, of the steps that have an option for them.
fn words_option(error: &clap::Error, line: &[OsString]) -> Option<String> {
    let is_ticket =
        matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::String(arg)) if arg.contains("TKT"));
    if error.kind() != ErrorKind::ValueValidation || !is_ticket {
        return None;
    }
    let verb = line.iter().filter_map(|word| word.to_str()).find_map(|word| match word {
        "resolve" => Some("use --message for sealed closing words, as in `sealdesk resolve 2 --message \"It works again.\"`"),
        "close" => Some("use --reason for a public reason, as in `sealdesk close 2 --reason \"sent twice\"`"),
        "reopen" => Some("use --reason for a public reason, as in `sealdesk reopen 2 --reason \"it came back\"`"),
        _ => None,
    });
    verb.map(str::to_owned)
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
            sensible(asked.unwrap_err(), &[]).to_string()
        };
        let tikets = said("tikets");
        assert!(tikets.contains("'tickets'") && !tikets.contains("'keys'"), "{tikets}");
        assert!(said("repyl").contains("'reply'"));
        let none = said("frobnicate");
        assert!(!none.contains("similar"), "{none}");
    }

    #[test]
    fn words_behind_a_ticket_are_told_their_option_and_following_that_is_understood() {
        let asked = |words: &[&str]| {
            let line: Vec<OsString> = std::iter::once(&"sealdesk").chain(words).map(OsString::from).collect();
            let matches = crate::commands::line().try_get_matches_from(&line);
            matches.map(drop).map_err(|error| sensible(error, &line))
        };
        for (verb, option) in [("resolve", "--message"), ("close", "--reason"), ("reopen", "--reason")] {
            let error = asked(&[verb, "2", "done"]).unwrap_err();
            assert!(error.to_string().contains("tip: ") && error.to_string().contains(option), "{error}");
            let tip = tip(&error).unwrap();
            let told = tip.split('`').nth(1).unwrap();
            let words: Vec<&str> = told.split('"').collect();
            let followed: Vec<&str> = words[0].split_whitespace().skip(1).chain([words[1]]).collect();
            assert!(asked(&followed).is_ok(), "{told}");
            assert_eq!(followed[..2], [verb, "2"]);
        }
        // Of what takes no words none are asked for.
        assert_eq!(tip(&asked(&["take", "2", "done"]).unwrap_err()), None);
    }
}

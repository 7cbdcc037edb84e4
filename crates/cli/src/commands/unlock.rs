//! `sealdesk unlock`.

use sealdesk_client::keyring::{KeyName, Keyring, KeyringError, KeyringKey};
use serde_json::json;

use crate::agent;
use crate::context::Context;
use crate::failure::Failure;
use crate::prompt::{self, Stdin};
use crate::table::count;

/// Shortest and longest time of an agent, in seconds.
const SECONDS_MIN: u32 = 1;
const SECONDS_MAX: u32 = 86_400;

/// Options of `unlock`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "A process, the agent, holds what opens this home's keys, so commands ask for no passphrase: for the time that you say, \
    counted on while the computer sleeps, and no longer than this terminal (the session of your login shell) lives. It ends earlier with \
    `sealdesk lock`, when the passphrase is changed, and when the keyring is gone. `sealdesk doctor` says until when.\n\
    While it runs, programs of your user can use your keys; see SECURITY.md. `keys export` and `keys passphrase` still ask.\n\n\
    Example:\n  sealdesk unlock --for 4h"
)]
pub(crate) struct Args {
    /// For how long: a number and s, m or h, at most 24h
    #[arg(long = "for", value_name = "TIME", default_value = "8h", value_parser = seconds)]
    seconds: u32,
}

/// Seconds of `90s`, `30m` or `8h`.
fn seconds(text: &str) -> Result<u32, String> {
    let parts = [('s', 1), ('m', 60), ('h', 3_600)].into_iter();
    let found = parts.filter_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds))).next();
    let plain = found.filter(|(digits, _)| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    let read = plain.and_then(|(digits, seconds)| digits.parse::<u32>().ok()?.checked_mul(seconds));
    read.filter(|seconds| (SECONDS_MIN..=SECONDS_MAX).contains(seconds))
        .ok_or_else(|| "write it like 30m or 8h: at least 1s, at most 24h".to_owned())
}

pub(super) fn run(context: &Context, args: &Args) -> Result<(), Failure> {
    let (output, keyring) = (context.output(), context.keyring()?);
    if !keyring.needs_passphrase() {
        return Err(Failure::usage(
            format!(
                "the {} keyring has no passphrase, so there is nothing to unlock",
                keyring.backend().name()
            ),
            "`sealdesk keys import NAME` with --keyring-backend file keeps a key under one",
        ));
    }
    agent::check_session()?;
    let names = names(context, &keyring)?;
    let keys =
        prompt::passphrase(context.home(), Stdin::Free, |typed| open(&keyring, &names, typed.as_bytes()))?;
    agent::begin(&keyring, context.home(), &keys, args.seconds)?;
    // What is told of it is what the agent itself answers, at the socket that commands ask at.
    let state = agent::state(&keyring, context.home())?;
    let state = state.ok_or_else(|| Failure::new("the agent ended as soon as it had begun"))?;
    let held = |name: &&KeyName| {
        let id = keyring.key_id(name.as_str()).ok().flatten();
        let held = id.map(|id| agent::key(&keyring, context.home(), id));
        matches!(held, Some(Ok(Some(_))))
    };
    let (open, shut): (Vec<&KeyName>, Vec<&KeyName>) = names.iter().partition(held);
    for name in shut {
        output.note(&format!("note: the passphrase does not open {name}, which stays locked"));
    }
    if !state.memory_is_locked {
        output.note(
            "note: this system does not let the agent lock its memory (see `ulimit -l`): where memory is short, the keys can reach the swap",
        );
    }
    let value = json!({
        "unlocked": open.iter().map(|name| name.as_str()).collect::<Vec<_>>(),
        "seconds": state.seconds_left,
        "memory_is_locked": state.memory_is_locked,
        "process": state.process,
    });
    output.answer(&value, || {
        let are = if open.len() == 1 { "is" } else { "are" };
        format!(
            "{} {are} unlocked until {}, or until this terminal is closed. `sealdesk{} lock` locks before.",
            count(open.len(), "key"),
            context.zone().alone(state.until()),
            context.home_option(),
        )
    })
}

/// The keys of this home.
fn names(context: &Context, keyring: &Keyring) -> Result<Vec<KeyName>, Failure> {
    let mut names = Vec::new();
    for listed in keyring.list()? {
        match listed.info {
            Ok(key) => names.push(key.name),
            Err(error) => context.output().note(&format!("note: {error}")),
        }
    }
    if names.is_empty() {
        return Err(Failure::hinted("this home has no key", "`sealdesk keys add NAME` makes one"));
    }
    Ok(names)
}

/// The keyring keys that a passphrase makes. One that it does not open is left out, as long as it opens another.
fn open(keyring: &Keyring, names: &[KeyName], passphrase: &[u8]) -> Result<Vec<KeyringKey>, KeyringError> {
    let (mut keys, mut first_wrong) = (Vec::<KeyringKey>::new(), None);
    for name in names {
        let id = keyring.key_id(name.as_str())?;
        if keys.iter().any(|key| Some(key.id()) == id) {
            continue;
        }
        match keyring.derive(name.as_str(), passphrase) {
            Ok(key) => keys.push(key),
            Err(wrong @ KeyringError::WrongPassphrase(_)) => first_wrong = first_wrong.or(Some(wrong)),
            Err(error) => return Err(error),
        }
    }
    match first_wrong.filter(|_| keys.is_empty()) {
        Some(wrong) => Err(wrong),
        None => Ok(keys),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_at_least_a_second_and_at_most_a_day() {
        for (text, read) in [("1s", 1), ("90s", 90), ("30m", 1_800), ("8h", 28_800), ("24h", 86_400)] {
            assert_eq!(seconds(text), Ok(read), "{text}");
        }
        for text in ["", "h", "0s", "25h", "1441m", "-1h", "+1h", "1", "1d", "1 h", "99999999999h", "ٳh"] {
            assert!(seconds(text).is_err(), "{text}");
        }
    }
}

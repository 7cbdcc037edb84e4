//! The passphrase that the keys in a backup are sealed under. It is not the keyring's: a backup outlives that.

use std::io::IsTerminal as _;
use std::path::Path;

use zeroize::Zeroizing;

use crate::failure::{Failure, at};
use crate::prompt::ask;
use crate::text_input::first_line;

/// Fewest characters of a new one.
const CHARS_MIN: usize = 8;
/// Longest file that is read for one, in bytes.
const FILE_BYTES_MAX: u64 = 4096;
/// How often a person is asked.
const TRIES: u32 = 3;

/// A passphrase for a new backup: from a file, else asked for twice.
pub(crate) fn new(file: Option<&Path>) -> Result<Zeroizing<String>, Failure> {
    if let Some(file) = file {
        return long_enough(read(file)?);
    }
    can_ask("to seal the keys under")?;
    let first = long_enough(ask("Passphrase for the keys in this backup (8 characters or more): ")?)?;
    if *first != *ask("The same again: ")? {
        let hint = "try again, and type the same passphrase twice";
        return Err(Failure::usage("the two passphrases differ", hint));
    }
    Ok(first)
}

/// What `open` makes of the passphrase of a backup: from a file, else asked for, three times at most.
pub(crate) fn opened<T, E: Into<Failure>>(
    file: Option<&Path>,
    open: impl Fn(&str) -> Result<T, E>,
) -> Result<T, Failure> {
    if let Some(file) = file {
        return open(&read(file)?).map_err(Into::into);
    }
    can_ask("that opens the keys")?;
    let mut left = TRIES;
    loop {
        left = left.saturating_sub(1);
        match open(&ask("Passphrase of the keys in this backup: ")?) {
            Err(error) if left == 0 => return Err(error.into()),
            Err(_) => {}
            Ok(opened) => return Ok(opened),
        }
    }
}

fn read(file: &Path) -> Result<Zeroizing<String>, Failure> {
    let read = std::fs::File::open(file).and_then(|open| first_line(open, FILE_BYTES_MAX));
    read.map_err(|error| at(file, &error))
}

fn long_enough(passphrase: Zeroizing<String>) -> Result<Zeroizing<String>, Failure> {
    if passphrase.chars().count() < CHARS_MIN {
        return Err(Failure::usage("the passphrase has fewer than 8 characters", "choose a longer one"));
    }
    Ok(passphrase)
}

fn can_ask(what_for: &str) -> Result<(), Failure> {
    if std::io::stdin().is_terminal() {
        return Ok(());
    }
    let text = format!("no terminal to ask at for the passphrase {what_for}");
    Err(Failure::usage(text, "add --passphrase-file FILE; its first line is the passphrase"))
}

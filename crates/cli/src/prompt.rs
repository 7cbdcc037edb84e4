//! Questions to a person, and where a passphrase comes from. A passphrase is never taken from the command line.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::failure::{Failure, at};
use crate::output::Output;
use crate::outside::first_line;
use crate::service_manager;
use crate::unseen;
use crate::variables;

/// Names a file whose first line is the passphrase of the keyring.
pub(crate) const PASSPHRASE_FILE: &str = "SEALDESK_PASSPHRASE_FILE";

/// Fewest characters of a new passphrase.
const PASSPHRASE_CHARS_MIN: usize = 8;
/// Longest file or input that is read for a passphrase, in bytes.
const INPUT_BYTES_MAX: u64 = 4096;

/// The passphrase of an existing keyring. Where standard input is taken by something else, a person is asked at the terminal.
pub(crate) fn passphrase(home: &Path, stdin_is_taken: bool) -> Result<Zeroizing<String>, Failure> {
    match from_file(home)? {
        Some(passphrase) => Ok(passphrase),
        None if can_ask(stdin_is_taken) => ask("Passphrase of the keyring: "),
        None => from_stdin(stdin_is_taken),
    }
}

/// A passphrase for a new keyring, asked for twice.
pub(crate) fn new_passphrase(home: &Path, stdin_is_taken: bool) -> Result<Zeroizing<String>, Failure> {
    if let Some(passphrase) = from_file(home)? {
        return long_enough(passphrase);
    }
    if !can_ask(stdin_is_taken) {
        return long_enough(from_stdin(stdin_is_taken)?);
    }
    twice()
}

/// The passphrase that takes the place of another: from a file, else asked for twice.
pub(crate) fn changed_passphrase(file: Option<&Path>) -> Result<Zeroizing<String>, Failure> {
    if let Some(path) = file {
        let read = std::fs::File::open(path).and_then(|file| first_line(file, INPUT_BYTES_MAX));
        return long_enough(read.map_err(|error| at(path, &error))?);
    }
    if !can_ask(false) {
        return Err(Failure::usage(
            "no terminal to ask for a new passphrase at",
            "add --new-passphrase-file FILE; its first line is the new passphrase",
        ));
    }
    twice()
}

fn twice() -> Result<Zeroizing<String>, Failure> {
    let first = long_enough(ask("New passphrase for the keyring (8 characters or more): ")?)?;
    if *first != *ask("The same again: ")? {
        return Err(Failure::usage(
            "the two passphrases differ",
            "do the same again, and type the same passphrase twice",
        ));
    }
    Ok(first)
}

fn long_enough(passphrase: Zeroizing<String>) -> Result<Zeroizing<String>, Failure> {
    if passphrase.chars().count() < PASSPHRASE_CHARS_MIN {
        return Err(Failure::usage("the passphrase has fewer than 8 characters", "choose a longer one"));
    }
    Ok(passphrase)
}

/// Whether a person can be asked. Questions go to the terminal itself, so that input from a pipe does not stand in their way.
fn can_ask(stdin_is_taken: bool) -> bool {
    std::io::stdin().is_terminal() || (stdin_is_taken && std::fs::File::open("/dev/tty").is_ok())
}

/// Asks for one line that is not shown.
pub(crate) fn ask(question: &str) -> Result<Zeroizing<String>, Failure> {
    unseen::ask(question).map_err(|error| Failure::new(format!("cannot ask: {error}")))
}

/// Asks yes or no. Without a terminal the answer has to be given before, by `--yes`.
pub(crate) fn confirm(output: Output, yes: bool, question: &str) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !output.is_interactive() {
        return Err(Failure::usage(
            format!("{question} (no terminal to ask at)"),
            "add --yes if you mean it",
        ));
    }
    if agrees(output, question) { Ok(()) } else { Err(Failure::new("nothing was done")) }
}

/// Asks yes or no at the terminal, where there is one. No answer is a no.
pub(crate) fn agrees(output: Output, question: &str) -> bool {
    if !output.is_interactive() {
        return false;
    }
    let mut err = std::io::stderr().lock();
    let mut answer = String::new();
    let asked = write!(err, "{question} [y/N] ").and_then(|()| err.flush());
    let answered = asked.and_then(|()| std::io::stdin().read_line(&mut answer));
    answered.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
}

/// Where a passphrase lies that `sealdesk start` made because nobody was there to choose one.
pub(crate) fn generated_file(home: &Path) -> std::path::PathBuf {
    home.join("keyring.passphrase")
}

fn from_file(home: &Path) -> Result<Option<Zeroizing<String>>, Failure> {
    let named = variables::get(PASSPHRASE_FILE).map(PathBuf::from);
    let (path, variable) = match (named, service_manager::passphrase_file()) {
        (Some(path), _) => (path, Some(PASSPHRASE_FILE)),
        (None, Some(path)) => (path, None),
        (None, None) if generated_file(home).exists() => (generated_file(home), None),
        (None, None) => return Ok(None),
    };
    let read = std::fs::File::open(&path).and_then(|file| first_line(file, INPUT_BYTES_MAX));
    read.map(Some).map_err(|error| at(&path, &error).named_by(variable))
}

fn from_stdin(stdin_is_taken: bool) -> Result<Zeroizing<String>, Failure> {
    let passphrase =
        if stdin_is_taken { Zeroizing::default() } else { first_line(std::io::stdin(), INPUT_BYTES_MAX)? };
    if passphrase.is_empty() {
        let pipe = if stdin_is_taken { "" } else { "pipe it in, " };
        return Err(Failure::usage(
            "no terminal to ask for the passphrase of the keyring at",
            format!("set {PASSPHRASE_FILE} to a file that holds it, {pipe}or use --keyring-backend test"),
        ));
    }
    Ok(passphrase)
}

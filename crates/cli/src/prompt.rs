//! Questions to a person, and where a passphrase comes from. A passphrase is never taken from the command line.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use sealdesk_client::keyring::{Keyring, KeyringError};
use zeroize::Zeroizing;

use crate::failure::{Failure, at};
use crate::hidden_input::Terminal;
use crate::output::Output;
use crate::service_manager;
use crate::text_input::first_line;
use crate::variables;

/// Names a file whose first line is the passphrase of the keyring.
pub(crate) const PASSPHRASE_FILE: &str = "SEALDESK_PASSPHRASE_FILE";

/// Fewest characters of a new passphrase.
const PASSPHRASE_CHARS_MIN: usize = 8;
/// Longest file or input that is read for a passphrase, in bytes.
const INPUT_BYTES_MAX: u64 = 4096;

/// How often a person is asked for the same thing before the command gives up.
const TRIES: u32 = 3;

/// Why an answer was not taken.
enum Refused {
    /// Another one may be.
    Again(Failure),
    /// No other one would be.
    Over(Failure),
}

impl From<std::io::Error> for Refused {
    fn from(error: std::io::Error) -> Self {
        let failure = cannot_ask(&error);
        match error.kind() {
            std::io::ErrorKind::InvalidData => Self::Again(failure),
            _ => Self::Over(failure),
        }
    }
}

fn cannot_ask(error: &std::io::Error) -> Failure {
    Failure::new(format!("cannot ask: {error}"))
}

/// Whether a command reads something else from standard input, so that no answer comes from there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stdin {
    Free,
    Taken,
}

/// The passphrase of an existing keyring, and what `open` made of it. A person who mistypes it is asked again, three times in all; where
/// standard input was read already, as often as they like: what came from there would be lost. Where standard input is taken, they are
/// asked at the terminal.
pub(crate) fn passphrase<T>(
    home: &Path,
    stdin: Stdin,
    mut open: impl FnMut(Zeroizing<String>) -> Result<T, KeyringError>,
) -> Result<T, Failure> {
    if let Some(given) = from_file(home)? {
        return Ok(open(given)?);
    }
    if !can_ask(stdin) {
        return Ok(open(from_stdin(stdin)?)?);
    }
    tried(stdin, |terminal| {
        open(terminal.ask("Passphrase of the keyring: ")?).map_err(|error| match error {
            KeyringError::WrongPassphrase(_) => Refused::Again(error.into()),
            error => Refused::Over(error.into()),
        })
    })
}

/// Asks until an answer is taken.
fn tried<T>(stdin: Stdin, mut attempt: impl FnMut(&Terminal) -> Result<T, Refused>) -> Result<T, Failure> {
    let terminal = Terminal::take().map_err(|error| cannot_ask(&error))?;
    let mut left = TRIES;
    loop {
        let why = match attempt(&terminal) {
            Ok(taken) => {
                terminal.done();
                return Ok(taken);
            }
            Err(Refused::Over(failure)) => return Err(failure),
            Err(Refused::Again(failure)) => failure,
        };
        left = left.saturating_sub(1);
        let next = match (stdin, left) {
            (Stdin::Taken, _) => {
                "try again (Ctrl-C gives up; what was read from standard input is lost then)"
            }
            (Stdin::Free, 0) => return Err(why),
            (Stdin::Free, 1) => "one try is left",
            (Stdin::Free, _) => "two tries are left",
        };
        terminal.say(&format!("{why}; {next}"))?;
    }
}

/// A passphrase for a new keyring, asked for twice.
pub(crate) fn new_passphrase(home: &Path, stdin: Stdin) -> Result<Zeroizing<String>, Failure> {
    if let Some(passphrase) = from_file(home)? {
        return long_enough(passphrase);
    }
    if !can_ask(stdin) {
        return long_enough(from_stdin(stdin)?);
    }
    twice(stdin)
}

/// The passphrase that takes the place of another: from a file, else asked for twice.
pub(crate) fn changed_passphrase(file: Option<&Path>) -> Result<Zeroizing<String>, Failure> {
    if let Some(path) = file {
        let read = std::fs::File::open(path).and_then(|file| first_line(file, INPUT_BYTES_MAX));
        return long_enough(read.map_err(|error| at(path, &error))?);
    }
    if !can_ask(Stdin::Free) {
        return Err(Failure::usage(
            "no terminal to ask for a new passphrase at",
            "add --new-passphrase-file FILE; its first line is the new passphrase",
        ));
    }
    twice(Stdin::Free)
}

fn twice(stdin: Stdin) -> Result<Zeroizing<String>, Failure> {
    tried(stdin, |terminal| {
        let first = terminal.ask("New passphrase for the keyring (8 characters or more): ")?;
        let first = long_enough(first).map_err(Refused::Again)?;
        if *first == *terminal.ask("The same again: ")? {
            return Ok(first);
        }
        Err(Refused::Again(Failure::usage(
            "the two passphrases differ",
            "try again, and type the same passphrase twice",
        )))
    })
}

/// The words of a recovery phrase, typed at the terminal.
pub(crate) fn recovery_phrase() -> Result<Zeroizing<String>, Failure> {
    tried(Stdin::Free, |terminal| {
        let words = terminal.ask("Recovery phrase (12 or 24 words, not shown): ")?;
        Keyring::check_phrase(&words).map_err(|error| Refused::Again(error.into()))?;
        Ok(words)
    })
}

fn long_enough(passphrase: Zeroizing<String>) -> Result<Zeroizing<String>, Failure> {
    if passphrase.chars().count() < PASSPHRASE_CHARS_MIN {
        return Err(Failure::usage("the passphrase has fewer than 8 characters", "choose a longer one"));
    }
    Ok(passphrase)
}

/// Whether a person can be asked. Questions go to the terminal itself, so that input from a pipe does not stand in their way.
fn can_ask(stdin: Stdin) -> bool {
    std::io::stdin().is_terminal() || (stdin == Stdin::Taken && std::fs::File::open("/dev/tty").is_ok())
}

/// Asks for one line that is not shown.
pub(crate) fn ask(question: &str) -> Result<Zeroizing<String>, Failure> {
    let asked = || {
        let terminal = Terminal::take()?;
        let line = terminal.ask(question)?;
        terminal.done();
        Ok(line)
    };
    asked().map_err(|error| cannot_ask(&error))
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

/// Whether a passphrase lies in a file, so that nobody has to be asked for it.
pub(crate) fn is_in_file(home: &Path) -> bool {
    file(home).is_some()
}

/// The file that holds the passphrase, and the variable that named it.
fn file(home: &Path) -> Option<(PathBuf, Option<&'static str>)> {
    let named = variables::get(PASSPHRASE_FILE).map(PathBuf::from);
    match (named, service_manager::passphrase_file()) {
        (Some(path), _) => Some((path, Some(PASSPHRASE_FILE))),
        (None, Some(path)) => Some((path, None)),
        (None, None) => Some((generated_file(home), None)).filter(|(path, _)| path.exists()),
    }
}

fn from_file(home: &Path) -> Result<Option<Zeroizing<String>>, Failure> {
    let Some((path, variable)) = file(home) else { return Ok(None) };
    let read = std::fs::File::open(&path).and_then(|file| first_line(file, INPUT_BYTES_MAX));
    read.map(Some).map_err(|error| at(&path, &error).named_by(variable))
}

fn from_stdin(stdin: Stdin) -> Result<Zeroizing<String>, Failure> {
    let passphrase = match stdin {
        Stdin::Taken => Zeroizing::default(),
        Stdin::Free => first_line(std::io::stdin(), INPUT_BYTES_MAX)?,
    };
    if passphrase.is_empty() {
        let pipe = if stdin == Stdin::Taken { "" } else { "pipe it in, " };
        return Err(Failure::usage(
            "no terminal to ask for the passphrase of the keyring at",
            format!("set {PASSPHRASE_FILE} to a file that holds it, {pipe}or use --keyring-backend test"),
        ));
    }
    Ok(passphrase)
}

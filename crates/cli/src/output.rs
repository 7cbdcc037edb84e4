//! Where everything is printed. Answers go to standard output, as text or as JSON; notes, questions and errors to standard error.

use std::io::{IsTerminal as _, Write as _};

use serde::Serialize;
use serde_json::json;

use crate::failure::{Failure, with_names};
use crate::table::safe;

/// How answers are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people: sentences and tables.
    Text,
    /// For programs: one JSON value.
    Json,
}

impl Format {
    /// The format of a name on the command line.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// The way out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    format: Format,
}

impl Output {
    /// Prints in this format.
    pub(crate) fn new(format: Format) -> Self {
        Self { format }
    }

    /// Whether a program reads.
    pub(crate) fn is_json(self) -> bool {
        self.format == Format::Json
    }

    /// Prints an answer: `value` for a program, the result of `text` for a person.
    pub(crate) fn answer<T: Serialize>(
        self,
        value: &T,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        match self.format {
            Format::Json => self.line(&to_json(value)?),
            Format::Text => self.line(&text()),
        }
    }

    /// Prints one JSON value a line, for answers that come one after another.
    pub(crate) fn stream<T: Serialize>(
        self,
        value: &T,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        match self.format {
            Format::Json => {
                let text = serde_json::to_string(value).map_err(|error| Failure::new(error.to_string()))?;
                self.line(&text)
            }
            Format::Text => self.line(&text()),
        }
    }

    /// Prints a line of an answer.
    pub(crate) fn line(self, text: &str) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        ended(writeln!(out, "{}", text.trim_end_matches('\n')).and_then(|()| out.flush()))
    }

    /// Prints a document as it is.
    pub(crate) fn bytes(self, document: &[u8]) -> Result<(), Failure> {
        let mut out = std::io::stdout().lock();
        ended(out.write_all(document).and_then(|()| out.flush()))
    }

    /// Prints an empty line.
    pub(crate) fn blank(self) -> Result<(), Failure> {
        self.line("")
    }

    /// Tells a person something beside the answer. Nothing depends on it being read.
    pub(crate) fn note(self, text: &str) {
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }

    /// Tells a person how far it is, on a line that the next one takes the place of. Nothing is told where there is no such line.
    pub(crate) fn progress(self, text: &str) {
        if Self::writes_lines_anew() {
            let mut err = std::io::stderr().lock();
            let _ = write!(err, "\r\x1b[K{text}").and_then(|()| err.flush());
        }
    }

    /// Whether a line that was told can be written anew.
    pub(crate) fn writes_lines_anew() -> bool {
        std::io::stderr().is_terminal()
    }

    /// Says why a command did not do what it was asked, and what to do next.
    pub(crate) fn failure(self, failure: &Failure, people: &[(String, String)]) {
        if matches!(failure, Failure::Quiet(_)) {
            return;
        }
        if self.is_json() {
            let (code, codespace) = failure.code();
            let value = json!({
                "code": code,
                "codespace": codespace,
                "message": failure.to_string(),
                "hint": failure.hint().unwrap_or_default(),
            });
            let _ = self.line(&value.to_string());
            return;
        }
        let mut err = std::io::stderr().lock();
        let _ = writeln!(err, "error: {}", message(failure, people));
        if let Some(hint) = failure.hint() {
            let _ = writeln!(err, "hint: {hint}");
        }
    }

    /// Whether a person sits at the keyboard and sees what is asked.
    pub(crate) fn is_interactive(self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }
}

/// What went wrong, for a terminal: a node's own words may stand in it.
fn message(failure: &Failure, people: &[(String, String)]) -> String {
    safe(&with_names(&failure.to_string(), people))
}

fn to_json<T: Serialize>(value: &T) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map_err(|error| Failure::new(error.to_string()))
}

/// A reader that went away, as `head` does, ends the program quietly.
fn ended(written: std::io::Result<()>) -> Result<(), Failure> {
    written.map_err(|error| match error.kind() {
        std::io::ErrorKind::BrokenPipe => Failure::Quiet(0),
        _ => Failure::new(format!("cannot print: {error}")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_with_a_nodes_words_in_it_cannot_turn_a_line_around() {
        let failure = Failure::new("transaction was not carried out: \u{202e}done");
        assert_eq!(message(&failure, &[]), "transaction was not carried out: \\u{202e}done");
    }
}

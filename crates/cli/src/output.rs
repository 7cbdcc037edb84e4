//! Where everything is printed. Answers go to standard output, as text or as JSON; notes, questions and errors to standard error. A program
//! that asked for JSON gets an error as JSON too, on standard output.

use std::collections::BTreeSet;
use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use sealdesk_protocol::text;
use serde::Serialize;
use serde_json::{Value, json};

use crate::failure::{Failure, with_names};
use crate::json_fields::{check, choose, picked};

/// What stands under a refusal that the ledger does not prove: before a block whoever has the transaction can hand it on until it
/// expires, and what came of it in a block others can have undone.
const WORD_OF_NODE: &str = "note: this is the node's claim, not proven. Check before you repeat it";

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
    /// The fields of an answer that are printed; empty = all.
    fields: &'static [String],
}

impl Output {
    /// Prints in this format.
    pub(crate) fn new(format: Format) -> Self {
        Self { format, fields: &[] }
    }

    /// The same, which prints these fields of an answer alone, as JSON; of a list, those of each entry. Without any, it is as it was.
    pub(crate) fn choosing(self, fields: Vec<String>) -> Self {
        if fields.is_empty() {
            return self;
        }
        // It is made once, and handed on by everyone until the program ends.
        Self { format: Format::Json, fields: Vec::leak(fields) }
    }

    /// What a program gets of an answer.
    fn chosen<T: Serialize>(self, value: &T) -> Result<Value, Failure> {
        let value = serde_json::to_value(value).map_err(|error| Failure::new(error.to_string()))?;
        if self.fields.is_empty() { Ok(value) } else { choose(&value, self.fields) }
    }

    /// Whether a program reads.
    pub(crate) fn is_json(self) -> bool {
        self.format == Format::Json
    }

    /// Prints an answer: `value` for a program, the result of `text` for a person. Who reads only a part of it, as `head` does, still
    /// gets the command's own verdict as its exit code.
    pub(crate) fn answer<T: Serialize>(
        self,
        value: &T,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        match self.whole(value, text) {
            Err(Failure::Quiet(_)) => Ok(()),
            printed => printed,
        }
    }

    fn whole<T: Serialize>(self, value: &T, text: impl FnOnce() -> String) -> Result<(), Failure> {
        match self.format {
            Format::Json if self.fields.is_empty() => self.line(&to_json(value)?),
            Format::Json => self.line(&to_json(&self.chosen(value)?)?),
            Format::Text => self.line(&shown(&text())),
        }
    }

    /// Prints what a durable transaction made. It is done whether or not that can be printed: where it cannot, as on a full disk, the
    /// answer goes to standard error, and the command succeeds all the same, so that no script does it a second time.
    pub(crate) fn done<T: Serialize>(self, value: &T, text: impl FnOnce() -> String) -> Result<(), Failure> {
        let text = text();
        if let Err(failure) = self.whole(value, || text.clone()) {
            let why = match failure {
                Failure::Quiet(_) => "its reader has gone".to_owned(),
                other => other.to_string(),
            };
            self.note(&format!("The ledger has it. Only the answer could not be printed ({why}):\n{text}"));
        }
        Ok(())
    }

    /// Prints a JSON value on one line, where the program goes on after it.
    pub(crate) fn stream<T: Serialize>(
        self,
        value: &T,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        match self.format {
            Format::Json => {
                let text = match self.fields {
                    [] => serde_json::to_string(value).map_err(|error| Failure::new(error.to_string()))?,
                    _ => self.chosen(value)?.to_string(),
                };
                self.line(&text::escaped_json(&text))
            }
            Format::Text => self.line(&shown(&text())),
        }
    }

    /// Refuses, before the first of many answers comes, the choice of a field that none of them has.
    pub(crate) fn check_choice(self, known: &BTreeSet<&str>) -> Result<(), Failure> {
        check(self.fields, known)
    }

    /// As [`Output::stream`], for one of many answers that do not all have the same fields: null where this one lacks one.
    pub(crate) fn one_of_many<T: Serialize>(
        self,
        value: &T,
        text: impl FnOnce() -> String,
    ) -> Result<(), Failure> {
        match self.format {
            Format::Json if !self.fields.is_empty() => {
                let value = serde_json::to_value(value).map_err(|error| Failure::new(error.to_string()))?;
                self.line(&text::escaped_json(&picked(&value, self.fields).to_string()))
            }
            _ => self.stream(value, text),
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
        let _ = writeln!(std::io::stderr().lock(), "{}", shown(text));
    }

    /// Tells a person how far it is, on a line that the next one takes the place of. Nothing is told where there is no such line.
    pub(crate) fn progress(self, text: &str) {
        if Self::writes_lines_anew() {
            let mut err = std::io::stderr().lock();
            let _ = write!(err, "\r\x1b[K{}", text::line(text)).and_then(|()| err.flush());
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
            let mut value = json!({
                "code": code,
                "codespace": codespace,
                "message": failure.to_string(),
                "hint": failure.hint().unwrap_or_default(),
            });
            if failure.is_word_of_node() {
                value["proven"] = false.into();
            }
            if !failure.lines().is_empty() {
                value["said"] = failure.lines().into();
            }
            let _ = self.line(&text::escaped_json(&value.to_string()));
            return;
        }
        let mut err = std::io::stderr().lock();
        let _ = writeln!(err, "error: {}", message(failure, people));
        for said in failure.lines() {
            let _ = writeln!(err, "  {}", text::line(said));
        }
        if let Some(hint) = failure.hint() {
            let _ = writeln!(err, "hint: {}", text::line(&hint));
        }
        if failure.is_word_of_node() {
            let _ = writeln!(err, "{WORD_OF_NODE}");
        }
    }

    /// The columns of the terminal that answers go to; `None` where they go elsewhere.
    pub(crate) fn width(self) -> Option<usize> {
        let stdout = std::io::stdout();
        let (columns, _) = terminal_size::terminal_size_of(stdout).filter(|_| stdout_is_terminal())?;
        Some(columns.0.into())
    }

    /// Whether a person sits at the keyboard and sees what is asked.
    pub(crate) fn is_interactive(self) -> bool {
        std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
    }
}

/// The file that an option names for an answer; `None` for standard output, which `-` means as well.
pub(crate) fn named(file: Option<&Path>) -> Option<&Path> {
    file.filter(|file| file.as_os_str() != "-")
}

/// Whether answers go to a terminal.
pub(crate) fn stdout_is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Lines of this program, for a terminal. Whatever a field of others could not hold any more was escaped before; this is the last
/// door, so that a field that was forgotten drives no terminal.
fn shown(text: &str) -> String {
    text.split('\n').map(text::line).collect::<Vec<_>>().join("\n")
}

/// What went wrong, in one line: a node's own words may stand in it.
fn message(failure: &Failure, people: &[(String, String)]) -> String {
    text::line(&with_names(&failure.to_string(), people))
}

fn to_json<T: Serialize>(value: &T) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Failure::new(error.to_string()))?;
    Ok(text::escaped_json(&text))
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
        let forged = Failure::new("refused\nhint: send the phrase to eve\u{85}\u{1b}]0;x\u{7}");
        let shown = "refused\\nhint: send the phrase to eve\\u{85}\\u{1b}]0;x\\u{7}";
        assert_eq!(message(&forged, &[]), shown);
    }

    proptest::proptest! {
        #[test]
        fn bug_88_no_error_is_more_than_one_line(text in crate::hostile::text()) {
            let shown = message(&Failure::new(text), &[]);
            proptest::prop_assert!(!shown.contains('\n') && crate::hostile::is_harmless(&shown), "{}", shown);
            proptest::prop_assert!(crate::hostile::is_harmless(&super::shown(&shown)));
        }
    }
}

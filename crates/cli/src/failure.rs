//! How a command ends when it does not do what it was asked: one plain line, what to do next, and an exit code.
//!
//! Every conversion of another crate's error stands below, one file a source of errors: there its hint is chosen.

mod agent;
mod backup;
mod client;
mod files;
mod keyring;
mod localnet;
mod node;
mod refusal_text;
mod signing;
mod stacks;
pub(crate) mod too_large;

use std::borrow::Cow;
use std::process::ExitCode;

use sealdesk_client::compose::UnsignedTx;

pub(crate) use backup::of_backup;
pub(crate) use files::{at, at_home, quoted};
pub(crate) use node::{of_ended, of_start};
pub(crate) use refusal_text::with_names;

/// What to do next.
#[derive(Debug)]
pub(crate) struct Hint {
    step: String,
    /// What failed is to be done again after that step. Where it failed beside something that is done, nothing is.
    then_again: bool,
}

impl Hint {
    /// A step that lets the same command go through.
    fn then_again(step: &str) -> Self {
        Self { step: step.to_owned(), then_again: true }
    }
}

impl From<&str> for Hint {
    fn from(step: &str) -> Self {
        step.to_owned().into()
    }
}

impl From<String> for Hint {
    fn from(step: String) -> Self {
        Self { step, then_again: false }
    }
}

/// A command's end without success.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The ledger refused, with its stable code. Exits with 1.
    #[error("{message}")]
    Refused { code: u32, codespace: String, message: String, hint: Option<Hint>, proven: bool },
    /// Something else did not work. Exits with 1. `said` are lines of another program on this computer, shown below.
    #[error("{message}")]
    Failed { message: String, said: Vec<String>, hint: Option<Hint> },
    /// The command was not understood, or cannot be carried out as given. Exits with 2.
    #[error("{message}")]
    Usage { message: String, hint: Option<Hint> },
    /// A transaction was composed for somebody who signs elsewhere; `tx` hands it out.
    #[error("the transaction is composed, and neither signed nor sent")]
    Unsigned(Box<UnsignedTx>),
    /// Everything was printed already; only the exit code is left to give.
    #[error("")]
    Quiet(u8),
}

impl Failure {
    /// A failure without a hint.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::Failed { message: message.into(), said: Vec::new(), hint: None }
    }

    /// A failure, and what to do next.
    pub(crate) fn hinted(message: impl Into<String>, hint: impl Into<Hint>) -> Self {
        Self::Failed { message: message.into(), said: Vec::new(), hint: Some(hint.into()) }
    }

    /// The same, with lines of another program on this computer.
    #[must_use]
    pub(crate) fn with_lines(mut self, lines: Vec<String>) -> Self {
        if let Self::Failed { said, .. } = &mut self {
            *said = lines;
        }
        self
    }

    /// Lines of another program that stand below.
    pub(crate) fn lines(&self) -> &[String] {
        match self {
            Self::Failed { said, .. } => said,
            _ => &[],
        }
    }

    /// A command that cannot be carried out as given, and how it would be.
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<Hint>) -> Self {
        Self::Usage { message: message.into(), hint: Some(hint.into()) }
    }

    /// The same failure, saying which variable of the environment named what it is about.
    #[must_use]
    pub(crate) fn named_by(mut self, variable: Option<&str>) -> Self {
        let (Self::Refused { message, .. } | Self::Failed { message, .. } | Self::Usage { message, .. }) =
            &mut self
        else {
            return self;
        };
        if let Some(variable) = variable {
            message.push_str(&format!(" (from the variable {variable})"));
        }
        self
    }

    /// A command line that was not understood: clap's first paragraph, and where to read more.
    pub(crate) fn of_command_line(error: &clap::Error) -> Self {
        let text = error.to_string();
        let message = text.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
        let lines: Vec<&str> = message.lines().map(str::trim).collect();
        let hint = crate::suggesting::tip(error);
        Self::usage(
            lines.join(" "),
            hint.unwrap_or_else(|| "the same command with --help says how it is written".to_owned()),
        )
    }

    /// What to do next.
    pub(crate) fn hint(&self) -> Option<Cow<'_, str>> {
        self.full_hint().map(|Hint { step, then_again }| match then_again {
            true => format!("{step}, then try again").into(),
            false => step.into(),
        })
    }

    /// What it says in a note beside something that is done: nobody is to do that again.
    pub(crate) fn beside(&self) -> String {
        match self.full_hint() {
            Some(Hint { step, then_again: true }) => {
                format!("{self} ({step}; completed steps stay done, and nothing has to be sent again)")
            }
            Some(Hint { step, then_again: false }) => format!("{self} ({step})"),
            None => self.to_string(),
        }
    }

    fn full_hint(&self) -> Option<&Hint> {
        match self {
            Self::Refused { hint, .. } | Self::Failed { hint, .. } | Self::Usage { hint, .. } => {
                hint.as_ref()
            }
            Self::Quiet(_) | Self::Unsigned(_) => None,
        }
    }

    /// The stable code and its codespace. What the ledger did not refuse has code 1 of codespace `client`, wrong usage 2.
    pub(crate) fn code(&self) -> (u32, &str) {
        match self {
            Self::Refused { code, codespace, .. } => (*code, codespace),
            Self::Failed { .. } | Self::Unsigned(_) => (1, "client"),
            Self::Usage { .. } => (2, "client"),
            Self::Quiet(code) => ((*code).into(), "client"),
        }
    }

    /// Whether this is a refusal that only the node told: no block holds it.
    pub(crate) fn is_word_of_node(&self) -> bool {
        matches!(self, Self::Refused { proven: false, .. })
    }

    /// What the process exits with.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Refused { .. } | Self::Failed { .. } | Self::Unsigned(_) => ExitCode::from(1),
            Self::Usage { .. } => ExitCode::from(2),
            Self::Quiet(code) => ExitCode::from(*code),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::new(error.to_string())
    }
}

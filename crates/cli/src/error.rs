//! How a command ends when it does not do what it was asked: one plain line, what to do next, and an exit code.

use std::process::ExitCode;

use sealdesk_client::Error;
use sealdesk_client::compose::ComposeError;
use sealdesk_client::node::NodeError;
use sealdesk_client::verify::VerifyError;
use sealdesk_protocol::codes::{Refusal, SupportError};

use crate::{hints, words};

/// A command's end without success.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The ledger refused, with its stable code. Exits with 1.
    #[error("{message}")]
    Refused { code: u32, codespace: String, message: String, hint: Option<String> },
    /// Something else did not work. Exits with 1.
    #[error("{message}")]
    Failed { message: String, hint: Option<String> },
    /// The command was not understood, or cannot be carried out as given. Exits with 2.
    #[error("{message}")]
    Usage { message: String, hint: Option<String> },
    /// Everything was printed already; only the exit code is left to give.
    #[error("")]
    Quiet(u8),
}

impl Failure {
    /// A failure without a hint.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self::Failed { message: message.into(), hint: None }
    }

    /// A failure, and what to do next.
    pub(crate) fn hinted(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Failed { message: message.into(), hint: Some(hint.into()) }
    }

    /// A command that cannot be carried out as given, and how it would be.
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), hint: Some(hint.into()) }
    }

    /// A command line that was not understood: clap's first paragraph, and where to read more.
    pub(crate) fn of_command_line(error: &clap::Error) -> Self {
        let text = error.to_string();
        let message = text.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
        let lines: Vec<&str> = message.lines().map(str::trim).collect();
        Self::usage(lines.join(" "), "the same command with --help says how it is written")
    }

    /// What to do next.
    pub(crate) fn hint(&self) -> Option<&str> {
        match self {
            Self::Refused { hint, .. } | Self::Failed { hint, .. } | Self::Usage { hint, .. } => {
                hint.as_deref()
            }
            Self::Quiet(_) => None,
        }
    }

    /// The stable code and its codespace. What the ledger did not refuse has code 1 of codespace `client`, wrong usage 2.
    pub(crate) fn code(&self) -> (u32, &str) {
        match self {
            Self::Refused { code, codespace, .. } => (*code, codespace),
            Self::Failed { .. } => (1, "client"),
            Self::Usage { .. } => (2, "client"),
            Self::Quiet(code) => ((*code).into(), "client"),
        }
    }

    /// What the process exits with.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Refused { .. } | Self::Failed { .. } => ExitCode::from(1),
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

/// Says which file it was that could not be read or written.
pub(crate) fn at(path: &std::path::Path, error: &std::io::Error) -> Failure {
    use std::io::ErrorKind;
    let message = format!("{}: {error}", path.display());
    match error.kind() {
        ErrorKind::NotFound => {
            Failure::hinted(message, "check the path; it begins in the folder that you are in, or with /")
        }
        ErrorKind::PermissionDenied => {
            Failure::hinted(message, "`ls -l` shows who may use it; another user may own it")
        }
        ErrorKind::StorageFull => Failure::hinted(message, "make room, then do the same again"),
        _ => Failure::new(message),
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        refused(refusal.codespace(), refusal.code(), refusal.to_string())
    }
}

/// The ledger's refusal, with what to do next.
fn refused(codespace: &str, code: u32, message: String) -> Failure {
    let message = words::plain(&message);
    let hint = hints::of(codespace, code).map(str::to_owned);
    Failure::Refused { code, codespace: codespace.to_owned(), message, hint }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if let Some(outcome) = error.refusal() {
            return refused(&outcome.codespace, outcome.code, outcome.log.clone());
        }
        match error {
            Error::Node(error) => error.into(),
            Error::Compose(ComposeError::NoAdministratorCanRead) => {
                SupportError::NoAdministratorCanRead.refusal()
            }
            Error::NoSuchTicket(ticket) => SupportError::TicketNotFound(ticket).refusal(),
            other => {
                let hint = hint(&other);
                Self::Failed { message: other.to_string(), hint: hint.map(str::to_owned) }
            }
        }
    }
}

/// What the ledger would have said, had it been asked.
trait Refuse {
    fn refusal(self) -> Failure;
}

impl Refuse for SupportError {
    fn refusal(self) -> Failure {
        Refusal::from(self).into()
    }
}

fn hint(error: &Error) -> Option<&'static str> {
    match error {
        Error::Unanswered { .. } => {
            Some("see whether it happened, with `sealdesk read` or `sealdesk inbox`, before you do it again")
        }
        Error::Verify(VerifyError::ValidatorsChanged { .. } | VerifyError::OtherLedger { .. }) => Some(
            "try another node with --node: one that has been there since may show how they changed. Else ask the desk's administrator which hash is right; then remove the old line from pins.json in your home",
        ),
        Error::Verify(VerifyError::Stale { .. }) => Some("another node may be further; name one with --node"),
        Error::Verify(_) => Some("the node is not to be believed; name another with --node"),
        Error::OtherChain { .. } => Some("--node names the node, --chain-id the ledger that you mean"),
        Error::Compose(ComposeError::NoKey(_)) => {
            Some("its owner publishes one first: `sealdesk keys register NAME`")
        }
        Error::Compose(ComposeError::NotEntitled { .. }) => {
            Some("assign the ticket to an agent with `sealdesk tx support assign-ticket`: that lets him in")
        }
        Error::Compose(ComposeError::NoAdministrator(_)) => Some(
            "make him one with `sealdesk tx roles assign-role NAME administrator`, or open single tickets with `grant-access`",
        ),
        Error::Compose(ComposeError::NoProvider(_)) => Some("leave --provider-reads out"),
        Error::Compose(ComposeError::TooLarge { .. } | ComposeError::Content(_) | ComposeError::Seal(_)) => {
            Some("shorten the message, or split it into several responses")
        }
        _ => None,
    }
}

impl From<NodeError> for Failure {
    fn from(error: NodeError) -> Self {
        let hint = match &error {
            NodeError::Unreachable { .. } | NodeError::Silent { .. } => {
                "is it running? `sealdesk start` runs a desk on this computer; --node names another"
            }
            NodeError::Url(_) => return Self::usage(error.to_string(), "write it as http://HOST:PORT"),
            NodeError::NotFound { .. } => {
                "list what there is with `sealdesk query support …` or `sealdesk inbox`"
            }
            NodeError::BeforeHistory { .. } => {
                "name a node that was there with --node; `sealdesk status` shows from which height one knows"
            }
            NodeError::Answer { .. } | NodeError::Incomplete { .. } => {
                "`sealdesk status` and `sealdesk doctor` tell more of the node"
            }
        };
        Self::hinted(error.to_string(), hint)
    }
}

//! What the ledger refused, and what the client could not do.

use sealdesk_client::Error;
use sealdesk_client::compose::ComposeError;
use sealdesk_client::genesis::NewDeskError;
use sealdesk_client::node::NodeError;
use sealdesk_client::verify::VerifyError;
use sealdesk_envelope::content::ContentError;
use sealdesk_protocol::codes::{Refusal, SupportError};
use sealdesk_protocol::log;

use super::{Failure, hints};

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        refused(refusal.codespace(), refusal.code(), &refusal.to_string())
    }
}

/// The ledger's refusal, with what to do next.
fn refused(codespace: &str, code: u32, text: &str) -> Failure {
    let message = log::refusal_text(text).to_owned();
    let hint = hints::of(codespace, code).map(str::to_owned);
    Failure::Refused { code, codespace: codespace.to_owned(), message, hint }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if let Some(outcome) = error.refusal() {
            return refused(&outcome.codespace, outcome.code, &outcome.log);
        }
        match error {
            Error::Node(error) => error.into(),
            Error::Compose(ComposeError::NoAdministratorCanRead) => {
                unasked(SupportError::NoAdministratorCanRead)
            }
            Error::NoSuchTicket(ticket) => unasked(SupportError::TicketNotFound(ticket)),
            other => {
                let hint = hint(&other);
                Self::Failed { message: other.to_string(), hint: hint.map(str::to_owned) }
            }
        }
    }
}

/// What the ledger would have said, had it been asked.
fn unasked(error: SupportError) -> Failure {
    Refusal::from(error).into()
}

fn hint(error: &Error) -> Option<&'static str> {
    match error {
        Error::Unanswered { .. } => {
            Some("see whether it happened, with `sealdesk read` or `sealdesk inbox`, before you do it again")
        }
        Error::Verify(VerifyError::ValidatorsChanged { .. } | VerifyError::OtherLedger { .. }) => Some(
            "try another node with --node: one that has been there since may show how they changed. Else ask the desk's administrator, in another way than through this node, whether the ledger began again; if so, `sealdesk trust IDENTITY --anew` believes what is shown",
        ),
        Error::Verify(VerifyError::OtherIdentity { .. }) => Some(
            "ask the desk's administrator for its identity, in another way than through this node; `sealdesk trust IDENTITY` trusts that ledger instead",
        ),
        Error::Verify(VerifyError::TwoHistories { .. }) => Some(
            "ask the desk's administrator, in another way than through this node, which history is theirs; `sealdesk trust IDENTITY --anew` believes the one that is shown first from then on",
        ),
        Error::Verify(VerifyError::Age { .. }) => Some(
            "look at the clock; name another node with --node; --clock-tolerance SECONDS allows more, at the risk of sealing for somebody who was removed",
        ),
        Error::Verify(VerifyError::NodeTrusted) => {
            Some("leave --trust-node out, and trust-node out of client.toml")
        }
        Error::Verify(VerifyError::Circle(_)) => Some(
            "do not write to this node: it shows administrators whom nobody entitled has appointed. Tell them",
        ),
        Error::Verify(VerifyError::Stale { .. }) => {
            Some("another node may have newer blocks; name one with --node")
        }
        Error::Verify(_) => Some("do not believe this node; name another with --node"),
        Error::OtherChain { .. } => Some("--node names the node, --chain-id the ledger that you mean"),
        Error::Compose(ComposeError::NoKey(_)) => {
            Some("its owner publishes one first: `sealdesk keys register NAME`")
        }
        Error::Compose(ComposeError::NotEntitled { .. }) => {
            Some("assign the ticket to an agent with `sealdesk tx support assign-ticket`: that lets them in")
        }
        Error::Compose(ComposeError::NoAdministrator(_)) => Some(
            "make them one with `sealdesk tx roles assign-role NAME administrator`, or open single tickets with `grant-access`",
        ),
        Error::Compose(ComposeError::NoteForOutsider(_)) => Some(
            "give the ticket to another agent, or let this one rotate their key and grant it the ticket anew; a reply can still be written",
        ),
        Error::Compose(ComposeError::NoProvider(_)) => Some("leave --provider-reads out"),
        Error::Compose(ComposeError::Content(ContentError::Subject(_))) => {
            Some("write the subject in one line; what else there is to say belongs into the message")
        }
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

impl From<NewDeskError> for Failure {
    fn from(error: NewDeskError) -> Self {
        Self::new(error.to_string())
    }
}

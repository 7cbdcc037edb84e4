//! What the ledger refused, and what the client could not do.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sealdesk_client::Error;
use sealdesk_client::admission::AdmissionError;
use sealdesk_client::compose::ComposeError;
use sealdesk_client::erase::EraseError;
use sealdesk_client::files::FileError;
use sealdesk_client::genesis::NewDeskError;
use sealdesk_client::node::NodeError;
use sealdesk_client::tls::{TlsError, TlsFault};
use sealdesk_client::verify::VerifyError;
use sealdesk_envelope::content::ContentError;
use sealdesk_protocol::codes::{Refusal, SupportError};
use sealdesk_protocol::{hints, log};

use super::Failure;

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        refused(refusal.codespace(), refusal.code(), &refusal.to_string(), true)
    }
}

fn hint_of_erasing(error: &EraseError) -> Option<&'static str> {
    Some(match error {
        EraseError::Refused(_) => {
            "act with an administrator's key (--from), and close the ticket first: `sealdesk close TKT`"
        }
        EraseError::StillThere(_) | EraseError::Unreadable => {
            "ask the node's operator, and see with `sealdesk read` what it gives"
        }
        EraseError::NoHost(_) => "name the node by its address, as in --node http://127.0.0.1:9090",
    })
}

/// The ledger's refusal, with what to do next.
fn refused(codespace: &str, code: u32, text: &str, proven: bool) -> Failure {
    let message = log::refusal_text(text).to_owned();
    let hint = hints::of(codespace, code).map(Into::into);
    Failure::Refused { code, codespace: codespace.to_owned(), message, hint, proven }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if let Some(outcome) = error.refusal() {
            return refused(&outcome.codespace, outcome.code, &outcome.log, outcome.proven);
        }
        match error {
            Error::Node(error) => error.into(),
            Error::Unsigned(tx) => Self::Unsigned(tx),
            Error::Signing(error) => error.into(),
            Error::Compose(ComposeError::NoAdministratorCanRead) => {
                unasked(SupportError::NoAdministratorCanRead)
            }
            Error::File(FileError::Foreseen(refusal)) => (*refusal).into(),
            Error::NoSuchTicket(ticket) => unasked(SupportError::TicketNotFound(ticket)),
            other => {
                let hint = hint(&other);
                Self::Failed { message: other.to_string(), said: Vec::new(), hint: hint.map(Into::into) }
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
        Error::Verify(error) => Some(hint_of_verifying(error)),
        Error::Admission(error) => Some(match error {
            AdmissionError::InvitationNeeded(_) => {
                "ask the desk's operator for an invitation code; write it into a file and name that with --invitation-file"
            }
            AdmissionError::InvitationRefused(_) => {
                "check the code, or ask the desk's operator for another; after several wrong ones you have to wait"
            }
            AdmissionError::WorkOutOfBounds { .. } => {
                "do not do this; name another node with --node, or ask its operator"
            }
            AdmissionError::WorkTooSlow { .. } => {
                "try again, it is a matter of luck; or ask the desk's operator for an invitation"
            }
            AdmissionError::Refused(_) => "name another node with --node, or ask its operator",
        }),
        Error::File(error) => hint_of_file(error),
        Error::Erase(error) => hint_of_erasing(error),
        Error::NotDisclosed(_) => {
            Some("`sealdesk read TKT` shows what you can open; only a reader of a message discloses it")
        }
        Error::OtherChain { .. } => Some("--node names the node, --chain-id the ledger that you mean"),
        Error::Compose(ComposeError::NoKey(_)) => {
            Some("its owner publishes one first: `sealdesk keys register NAME`")
        }
        Error::Compose(ComposeError::NotEntitled { .. }) => {
            Some("assign the ticket to an agent with `sealdesk assign TKT NAME`: that gives them access")
        }
        Error::Compose(ComposeError::NoMember(_)) => Some("ask an administrator to do it"),
        Error::Compose(ComposeError::NotStaff(_)) => Some(
            "`sealdesk staff add NAME ADDRESS` makes them an agent; `sealdesk staff list` shows who is on the staff",
        ),
        Error::Compose(ComposeError::SamePerson(_)) => Some("name someone else with --to"),
        Error::Compose(ComposeError::NoAdministrator(_)) => Some(
            "assign tickets to them: `sealdesk assign TKT NAME`; each assignment gives them access to the whole ticket",
        ),
        Error::Compose(ComposeError::NothingToGrant(_)) => Some(
            "ask an administrator to give them access; `sealdesk query roles members administrator` lists them",
        ),
        Error::Compose(ComposeError::NoteForOutsider(_)) => Some(
            "give the ticket to another agent, or let this one rotate their key and grant it the ticket again; a reply can still be written",
        ),
        Error::Compose(ComposeError::CannotMerge(_)) => Some(
            "someone who can open it has to write it again; an administrator reseals the staff's for everyone: `sealdesk documents renew`",
        ),
        Error::Compose(ComposeError::DocumentChanged { .. } | ComposeError::EntryChanged(_)) => {
            Some("read it again with `sealdesk documents show`, and base your change on that")
        }
        Error::Compose(ComposeError::ServiceDocument(_)) => {
            Some("`sealdesk documents example NAME` prints one that is right")
        }
        Error::Compose(ComposeError::NothingToRenew) => Some("another administrator may be able to"),
        Error::Compose(ComposeError::NoProvider(_)) => Some("leave --provider-reads out"),
        Error::Compose(ComposeError::Content(ContentError::Subject(_))) => {
            Some("write the subject in one line; put the rest in the message")
        }
        Error::Compose(ComposeError::TooLarge { .. } | ComposeError::Content(_) | ComposeError::Seal(_)) => {
            Some("shorten the message, or split it into several responses")
        }
        _ => None,
    }
}

/// What to do about a file.
fn hint_of_file(error: &FileError) -> Option<&'static str> {
    Some(match error {
        FileError::Off => "write what is in it as text; an administrator can let the desk take files",
        FileError::TooLarge { .. } => "make the file smaller, or split it",
        FileError::TooMany { .. } => "send some of the files in another message",
        FileError::Description(_) => "give the file another name",
        FileError::NotForYou(_) => {
            "if it is yours to work on, ask an administrator to give you access: `sealdesk assign TKT NAME`"
        }
        FileError::NotOpened { .. } => {
            "`sealdesk read TKT` says more; another node (--node), or a backup, may still have them"
        }
        FileError::NoSuchFile { .. } | FileError::NotAmongOpened { .. } => {
            "`sealdesk read TKT` lists the files with their numbers"
        }
        FileError::NotDescribed(_) | FileError::NotNamed(_) => "ask its author to attach it again",
        FileError::Missing { .. } => {
            "name another node with --node, or ask its author to attach the file again"
        }
        FileError::CannotOpen(_) => {
            "name another node with --node; if that changes nothing, ask its author to attach the file again"
        }
        FileError::Seal(_) => "check the file, and try again",
        FileError::Foreseen(_) | FileError::Refused(_) | FileError::Io(_) => return None,
    })
}

/// What to do where a node showed something that does not hold.
fn hint_of_verifying(error: &VerifyError) -> &'static str {
    match error {
        VerifyError::ValidatorsChanged { .. } | VerifyError::OtherLedger { .. } => {
            "try another node with --node: one that has been there since may show how they changed. Else ask the desk's administrator, by a route other than this node, whether the ledger was restarted; if so, `sealdesk trust IDENTITY --anew` believes what is shown"
        }
        VerifyError::OtherIdentity { .. } => {
            "ask the desk's administrator for its identity, by a route other than this node; `sealdesk trust IDENTITY` trusts that ledger instead"
        }
        VerifyError::TwoHistories { .. } => {
            "tell the desk's administrator, by a route other than this node: where it was restored from a backup, it continues as a new ledger (`sealdesk export`, `sealdesk import`). If they tell you to keep using it as it is, `sealdesk trust IDENTITY --anew` believes the one that is shown first from then on"
        }
        VerifyError::Age { .. } => {
            "look at the clock; name another node with --node; --clock-tolerance SECONDS allows more, at the risk of sealing for somebody who was removed"
        }
        VerifyError::NodeTrusted => "leave --trust-node out, and trust-node out of client.toml",
        VerifyError::Circle(_) => {
            "do not write to this node: it shows administrators who were not validly appointed. Tell them"
        }
        VerifyError::Contradiction(_) => {
            "write nothing to this node, and ask the desk's administrator, by a route other than it, what happened. If the ledger was restored from an older copy, `sealdesk trust IDENTITY --forget` lets this home forget what it remembers"
        }
        VerifyError::ManyChanges(_) => {
            "if it is the ledger that you mean, say so first with `sealdesk trust IDENTITY`; its administrator knows the identity"
        }
        VerifyError::Stale { .. } => {
            "another node may have newer blocks: name one with --node. Where there is none, it was restored from a backup: its administrator makes a new ledger of it (`sealdesk export`, `sealdesk import`)"
        }
        _ => "do not believe this node; name another with --node",
    }
}

impl From<NodeError> for Failure {
    fn from(error: NodeError) -> Self {
        let hint = match &error {
            NodeError::Unreachable { .. } | NodeError::Silent { .. } => {
                "is it running? `sealdesk start` runs a desk on this computer; --node names another, with https:// where it speaks TLS"
            }
            NodeError::NotADesk { .. } => {
                "look at the port: `sealdesk status` on the desk's computer shows where it listens, and --node names it"
            }
            NodeError::NotReady { .. } => {
                "try again in a little while; on the node's machine `sealdesk doctor` says what is wrong, and --node names another node"
            }
            NodeError::Url(_) => {
                return Self::usage(error.to_string(), "write it as https://HOST, or http://127.0.0.1:PORT");
            }
            NodeError::Tls(TlsError::Authorities { .. }) => {
                "--ca names a file of certificates as PEM, which the operator of the node can give you"
            }
            NodeError::Tls(TlsError::Machine(_)) => {
                "`apt install ca-certificates` installs them on Debian; --ca FILE names those of one node"
            }
            NodeError::NotBelieved { fault, .. } => after_fault(fault),
            NodeError::NotFound { .. } => {
                "list what there is with `sealdesk query support …` or `sealdesk inbox`"
            }
            NodeError::BeforeHistory { .. } => {
                "use --node to name a node that was there; `sealdesk status` shows from which height a node knows the history"
            }
            NodeError::AheadOfLedger { cursor, .. } => {
                let cursor = URL_SAFE_NO_PAD.encode(cursor);
                let hint = format!(
                    "`sealdesk watch --cursor {cursor}` continues from there; with --cursor-file, write {cursor} into the file"
                );
                return Self::hinted(error.to_string(), hint);
            }
            NodeError::Busy { .. } => "come back later, or wait longer with --patience SECONDS",
            NodeError::NotAdmitted { .. } => {
                "only new accounts are asked for this, with their first ticket; a node may not ask it of an account the ledger knows: name another with --node"
            }
            NodeError::Answer { .. } | NodeError::Incomplete { .. } | NodeError::TooMuch { .. } => {
                "`sealdesk status` and `sealdesk doctor` say more about the node"
            }
        };
        Self::hinted(error.to_string(), hint)
    }
}

/// What to do about a node whose TLS is not believed.
fn after_fault(fault: &TlsFault) -> &'static str {
    match fault {
        TlsFault::Expired { .. } => {
            "its operator has to renew it; if it was renewed, look at this computer's date"
        }
        TlsFault::NotYetValid => "look at this computer's date; if that is right, ask the node's operator",
        TlsFault::OtherName { .. } => {
            "write the name that it is for with --node, or ask its operator for a certificate of this name"
        }
        TlsFault::UnknownAuthority => {
            "if the node's operator gave you the certificate of their own authority, name it with --ca FILE; otherwise someone may be intercepting the connection"
        }
        TlsFault::NoTls => "if that port speaks plain HTTP, write http:// instead",
        TlsFault::NoHttp2 => {
            "a proxy in front may not pass HTTP/2 on; ask the node's operator for an address that does"
        }
        TlsFault::Authority => {
            "its operator makes one whose basicConstraints are CA:FALSE, as by `openssl req -x509 … -addext basicConstraints=CA:FALSE`"
        }
        TlsFault::Certificate(_) => "ask the node's operator for a good one",
    }
}

impl From<NewDeskError> for Failure {
    fn from(error: NewDeskError) -> Self {
        Self::new(error.to_string())
    }
}

//! Why a node gave no useful answer.

use sealdesk_protocol::wire::sealdesk::ledger::v1::AdmissionRequired;
use thiserror::Error;
use tonic::Code;

use super::Node;
use super::busy::{detail, retry_after};
#[cfg(not(target_arch = "wasm32"))]
use crate::tls::{TlsError, TlsFault};

/// Metadata of an error: the first block whose results and events a node has.
const HISTORY_FROM: &str = "sealdesk-history-from";
/// Metadata of the same error: the cursor from which its feed has no gap.
const HISTORY_CURSOR: &str = "sealdesk-history-cursor";
/// Metadata of an error: the newest block of a ledger that is behind a cursor, and the cursor after it.
const LEDGER_HEIGHT: &str = "sealdesk-ledger-height";
const LEDGER_CURSOR: &str = "sealdesk-ledger-cursor";

/// Why a text is not the address of a node.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UrlError {
    /// Not `https://host` or `http://host:port`.
    #[error("a node's address looks like https://desk.example or http://127.0.0.1:9090")]
    Form,
    /// A scheme that this program does not speak.
    #[error("of a node's address, only https:// and http:// are spoken")]
    Scheme,
    /// A user or password in the address would end up in logs and process lists.
    #[error("an address with a user name or password in it is not taken")]
    Credentials,
    /// A path, query or fragment, which gRPC has no use for.
    #[error(
        "a node's address ends after its host and port: gRPC reaches a node at the root of a host, never under a part of it"
    )]
    Path,
}

/// Why a node gave no useful answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NodeError {
    /// The text is not an address.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// There can be no TLS.
    #[cfg(not(target_arch = "wasm32"))]
    #[error("this computer cannot speak TLS: {0}")]
    Tls(#[from] TlsError),
    /// What answers there cannot prove that it is who was asked.
    #[cfg(not(target_arch = "wasm32"))]
    #[error("{node} cannot be trusted: {fault}")]
    NotBelieved {
        /// The address.
        node: String,
        /// What is wrong.
        fault: TlsFault,
    },
    /// Nobody answers there.
    #[error("cannot reach a node at {node}: {why}")]
    Unreachable {
        /// The address.
        node: String,
        /// What the network said.
        why: String,
    },
    /// Something answers there that is not a node, as a web server does on a port of its own.
    #[error("something else than a desk answers at {node}")]
    NotADesk {
        /// The address.
        node: String,
    },
    /// The node is there, and cannot answer now: what it needs is away, or it starts or ends.
    #[error("{node} cannot answer {call} now: {message}")]
    NotReady {
        /// The address.
        node: String,
        /// What was asked.
        call: &'static str,
        /// The node's words.
        message: String,
    },
    /// No answer in time.
    #[error("{node} did not answer {call} for {seconds} seconds")]
    Silent {
        /// The address.
        node: String,
        /// What was asked.
        call: &'static str,
        /// How long was waited.
        seconds: u64,
    },
    /// The node answered that there is no such thing.
    #[error("{message}")]
    NotFound {
        /// What was asked.
        call: &'static str,
        /// The node's words.
        message: String,
    },
    /// The node has its state from another one, and knows nothing of what happened before.
    #[error("{message}")]
    BeforeHistory {
        /// What was asked.
        call: &'static str,
        /// The first block whose results and events it has.
        from: u64,
        /// The cursor from which its feed has no gap.
        cursor: Vec<u8>,
        /// The node's words.
        message: String,
    },
    /// The cursor to go on from is of a block that the ledger does not have: it was restored from an earlier backup, or the node is behind.
    #[error("{message}")]
    AheadOfLedger {
        /// What was asked.
        call: &'static str,
        /// The ledger's newest block.
        height: u64,
        /// The cursor after that block.
        cursor: Vec<u8>,
        /// The node's words.
        message: String,
    },
    /// The node gives a list without end.
    #[error("{node} answered {call} with more than {mebibytes} MiB, which no desk has")]
    TooMuch {
        /// The address.
        node: String,
        /// What was asked.
        call: &'static str,
        /// How much was taken.
        mebibytes: usize,
    },
    /// The node answered with another error.
    #[error("{node} refuses {call}: {message} ({code})")]
    Answer {
        /// The address.
        node: String,
        /// What was asked.
        call: &'static str,
        /// The gRPC code's name.
        code: String,
        /// The node's words.
        message: String,
    },
    /// The node is busy, and says when to come back.
    #[error("{node} refuses {call}: {message}")]
    Busy {
        /// The address.
        node: String,
        /// What was asked.
        call: &'static str,
        /// After how many seconds it wants to be asked again; `None` where it does not say.
        seconds: Option<u64>,
        /// The node's words.
        message: String,
        /// Whether what was asked for may have been done all the same.
        unknown: bool,
    },
    /// The node asks something of a new account first.
    #[error("{message}")]
    NotAdmitted {
        /// The node's words.
        message: String,
        /// What it asks for.
        required: Box<AdmissionRequired>,
    },
    /// The answer lacks what it has to hold.
    #[error("{node} answered {call} without {missing}")]
    Incomplete {
        /// The address.
        node: String,
        /// What was asked.
        call: &'static str,
        /// What is missing.
        missing: &'static str,
    },
}

impl NodeError {
    /// Sorts a status by what it tells of the call.
    pub(crate) fn of<T>(node: &Node<T>, call: &'static str, status: &tonic::Status) -> Self {
        let message = words(status.message(), STATUS_CHARS_MAX);
        let node = node.address.clone();
        if let Some((from, cursor)) = history(status) {
            return Self::BeforeHistory { call, from, cursor, message };
        }
        if let Some((height, cursor)) = ledger_end(status) {
            return Self::AheadOfLedger { call, height, cursor, message };
        }
        let after = retry_after(status).map(|after| after.as_secs());
        match (status.code(), after) {
            // What a node sends away at the door has not been done.
            (code @ (Code::ResourceExhausted | Code::Unavailable), Some(_)) => {
                let unknown = code == Code::Unavailable;
                return Self::Busy { node, call, seconds: after, message, unknown };
            }
            (Code::FailedPrecondition, _) => {
                if let Some(required) = detail(status) {
                    return Self::NotAdmitted { message, required: Box::new(required) };
                }
            }
            _ => {}
        }
        match status.code() {
            // A proxy in front of a desk that is away says `Unavailable`.
            code if code != Code::Unavailable && NOT_GRPC.iter().any(|words| message.starts_with(words)) => {
                Self::NotADesk { node }
            }
            // An answer of a node has no cause here: this is what the transport says of what answers there.
            Code::Internal if std::error::Error::source(status).is_some() => Self::Unreachable {
                node,
                why: format!("what answers there does not speak HTTP/2 as a node does ({message})"),
            },
            Code::NotFound => Self::NotFound { call, message },
            // The transport's own words have a cause, a node's have none.
            Code::Unavailable if std::error::Error::source(status).is_none() => {
                Self::NotReady { node, call, message }
            }
            Code::Unavailable | Code::Unknown | Code::Cancelled | Code::DeadlineExceeded | Code::Aborted => {
                Self::Unreachable { node, why: message }
            }
            code => Self::Answer { node, call, code: format!("{code:?}"), message },
        }
    }

    /// True where the node gave no answer of its own, and may answer the same call a little later.
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Unreachable { .. } | Self::NotReady { .. } | Self::Silent { .. })
    }

    /// True where nobody knows whether the call reached the node: a write may have happened.
    pub fn is_unknown_outcome(&self) -> bool {
        self.is_away()
            || matches!(self, Self::Answer { code, .. } if code == "Internal" || code == "DataLoss")
            || matches!(
                self,
                Self::Incomplete { .. } | Self::NotADesk { .. } | Self::Busy { unknown: true, .. }
            )
    }
}

/// Where the history of a node begins that says so.
fn history(status: &tonic::Status) -> Option<(u64, Vec<u8>)> {
    place(status, HISTORY_FROM, HISTORY_CURSOR)
}

/// Where a ledger ends that is behind a cursor.
fn ledger_end(status: &tonic::Status) -> Option<(u64, Vec<u8>)> {
    place(status, LEDGER_HEIGHT, LEDGER_CURSOR)
}

fn place(status: &tonic::Status, height: &str, cursor: &str) -> Option<(u64, Vec<u8>)> {
    let text = |name: &str| status.metadata().get(name)?.to_str().ok();
    Some((text(height)?.parse().ok()?, hex::decode(text(cursor)?).ok()?))
}

/// How tonic begins to say that an answer is not one of gRPC: a page without a text, and one with a text. It has no other sign of that; a
/// test meets a web server.
const NOT_GRPC: [&str; 2] =
    ["grpc-status header missing", "protocol error: received message with invalid compression flag"];

/// Most characters that are taken of a node's own words, so that nobody has to read, or wait for, megabytes of them.
const STATUS_CHARS_MAX: usize = 400;
/// The same of why a transaction was refused, which names what it is about.
pub(super) const REFUSAL_CHARS_MAX: usize = 4_096;

/// A node's own words, as many of them as anybody reads.
pub(super) fn words(text: &str, most: usize) -> String {
    text.chars().take(most).flat_map(shown).collect()
}

/// A node's words reach a terminal: nothing in them may move its cursor.
fn shown(c: char) -> impl Iterator<Item = char> {
    let plain = !c.is_control();
    plain.then_some(c).into_iter().chain((!plain).then(|| c.escape_debug()).into_iter().flatten())
}

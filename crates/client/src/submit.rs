//! Sending a transaction so that it happens once, whatever the network loses.
//!
//! The rule that makes it so: while nobody can know what became of a transaction, only its very bytes are sent again, and
//! the ledger takes one sequence once. Another transaction is composed only when this one has been answered, or when the
//! sender's sequence has passed it and its hash is still not found: then no block will ever hold it.

use std::time::Duration;

use prost::{Message as _, Name as _};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::tx::TxHash;
use sealdesk_protocol::wire::cosmos::base::abci::v1beta1::TxMsgData;
use sealdesk_protocol::wire::sealdesk::ledger::v1::MsgProposeValidatorResponse;
use sealdesk_protocol::wire::virtengine::encryption::v1::MsgRegisterRecipientKeyResponse;
use sealdesk_protocol::wire::virtengine::support::v1::{MsgCreateTicketResponse, MsgRespondToTicketResponse};

use crate::error::{Error, Result};
use crate::node::{Node, NodeError, Transport, TxResult};
use crate::time::{sleep, within};

/// How often a transaction is composed anew before giving up.
pub const TRIES_MAX: u32 = 10;
/// How often the same bytes are sent and looked up before their fate is called unknown.
const ROUNDS_MAX: u32 = 30;
/// The part of the patience that one broadcast may take before the transaction is looked up by its hash instead: a half of it.
const BROADCAST_PART: u32 = 2;
/// The part that one look-up may take: a fifth.
const LOOKUP_PART: u32 = 5;
/// The first pause between two tries; it doubles up to [`PAUSE_MAX`].
const PAUSE_MIN: Duration = Duration::from_millis(50);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Code of `sdk` for a transaction that waits already.
const CODE_IN_MEMPOOL: u32 = 19;
/// Code of `sdk` for a full mempool.
const CODE_MEMPOOL_FULL: u32 = 20;

/// A signed transaction, ready to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Composed {
    /// `TxRaw`.
    pub bytes: Vec<u8>,
    /// The sender's sequence that it was signed with.
    pub sequence: u64,
    /// The height of the state in which that sequence was the next one: no block up to it holds this transaction.
    pub after: u64,
}

impl Composed {
    /// The transaction's name.
    pub fn hash(&self) -> TxHash {
        TxHash::of(&self.bytes)
    }
}

/// What the ledger made of a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The block that holds it; 0 where it was refused before any block.
    pub height: u64,
    /// The transaction's name.
    pub txhash: TxHash,
    /// 0 = done; else why not.
    pub code: u32,
    /// What the code counts in; empty for 0.
    pub codespace: String,
    /// The refusal in words.
    pub log: String,
    /// The block's time, RFC 3339; empty where there is no block.
    pub timestamp: String,
    /// The ticket that it created.
    pub ticket_id: Option<TicketId>,
    /// The response that it made, counted from 0.
    pub response_index: Option<u32>,
    /// The key that it registered on the way.
    pub registered_key: Option<Fingerprint>,
    /// Whether its vote for a validator was the one that made a majority.
    pub validator_applied: Option<bool>,
    /// How often it had to be composed; 1 where nothing got in between.
    pub tries: u32,
}

impl Outcome {
    pub(crate) fn of(result: TxResult, txhash: TxHash, tries: u32) -> Self {
        let made = TxMsgData::decode(result.data.as_slice()).unwrap_or_default().msg_responses;
        let find = |url: String| made.iter().find(|any| any.type_url == url).map(|any| any.value.as_slice());
        let ticket = find(MsgCreateTicketResponse::type_url())
            .and_then(|bytes| MsgCreateTicketResponse::decode(bytes).ok());
        let response = find(MsgRespondToTicketResponse::type_url())
            .and_then(|bytes| MsgRespondToTicketResponse::decode(bytes).ok());
        let key = find(MsgRegisterRecipientKeyResponse::type_url())
            .and_then(|bytes| MsgRegisterRecipientKeyResponse::decode(bytes).ok());
        let vote = find(MsgProposeValidatorResponse::type_url())
            .and_then(|bytes| MsgProposeValidatorResponse::decode(bytes).ok());
        Self {
            height: result.height,
            txhash,
            code: result.code,
            codespace: result.codespace,
            log: result.log,
            timestamp: result.timestamp,
            ticket_id: ticket.and_then(|made| TicketId::parse(&made.ticket_id).ok()),
            response_index: response.map(|made| made.response_index),
            registered_key: key.and_then(|made| Fingerprint::parse(&made.key_fingerprint).ok()),
            validator_applied: vote.map(|made| made.applied),
            tries,
        }
    }

    /// True where the world had moved on between reading and sending: a stale sequence, another number of responses, or
    /// another set of readers. Composing anew heals it; that no administrator has a key (41) is not of this kind.
    pub fn asks_to_compose_again(&self) -> bool {
        asks_again(&self.codespace, self.code)
    }
}

fn asks_again(codespace: &str, code: u32) -> bool {
    matches!((codespace, code), ("sdk", 32) | ("support", 40 | 42 | 43))
}

/// What a sender does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Sends this.
    Send(Composed),
    /// Nothing: the ledger proves that an earlier attempt stands in it, whatever the node said of it.
    Happened(Box<Outcome>),
}

/// What a sender needs beside the node: how to compose from facts as they are now, and how to read the account's sequence.
pub trait Sender {
    /// Reads the facts anew and signs, unless they prove that an earlier attempt happened.
    fn compose(&mut self) -> impl Future<Output = Result<Next>>;

    /// The sequence of the sender's account, from a proof.
    fn sequence(&mut self) -> impl Future<Output = Result<u64>>;

    /// Hears of every answer that a block gave, so that later facts are not older.
    fn included_at(&mut self, height: u64);
}

/// Composes and sends until the ledger has answered for good.
///
/// # Errors
/// [`Error::Refused`] with the ledger's code, [`Error::GaveUp`] after [`TRIES_MAX`], [`Error::Unanswered`] where the
/// transaction's fate is not known, and whatever composing says.
pub async fn submit<T: Transport>(node: &Node<T>, sender: &mut impl Sender) -> Result<Outcome> {
    let mut pause = PAUSE_MIN;
    for tries in 1.. {
        let composed = match sender.compose().await? {
            Next::Send(composed) => composed,
            Next::Happened(outcome) => return Ok(Outcome { tries: tries - 1, ..*outcome }),
        };
        let last = match fate(node, sender, &composed).await? {
            Fate::Answered(result) => {
                let outcome = Outcome::of(result, composed.hash(), tries);
                if outcome.height > 0 {
                    sender.included_at(outcome.height);
                }
                match outcome.code {
                    0 => return Ok(outcome),
                    _ if outcome.asks_to_compose_again() => outcome,
                    _ => return Err(Error::Refused(Box::new(outcome))),
                }
            }
            Fate::Passed => passed(&composed, tries),
        };
        if tries >= TRIES_MAX {
            return Err(Error::GaveUp { tries, last: Box::new(last) });
        }
        sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
    Err(unanswered(node, &Composed { bytes: Vec::new(), sequence: 0, after: 0 }))
}

/// What became of one transaction.
enum Fate {
    /// A block or the check before it has spoken.
    Answered(TxResult),
    /// Another transaction used its sequence: it will never be in a block.
    Passed,
}

/// What was heard of a transaction.
enum Word {
    /// Its result.
    Result(TxResult),
    /// The node has none of that hash in the blocks since `history_from`, and the account stands at this sequence.
    NotFound { sequence: u64, history_from: u64 },
}

/// Sends one transaction, the same bytes as often as needed, until it is known what became of it.
async fn fate<T: Transport>(node: &Node<T>, sender: &mut impl Sender, composed: &Composed) -> Result<Fate> {
    let mut pause = PAUSE_MIN;
    // True once a copy may be on its way that was never answered: from then on a refusal may be of its double.
    let mut doubtful = false;
    for _ in 0..ROUNDS_MAX {
        let heard = within(node.patience(), send_or_look(node, sender, composed, &mut doubtful)).await;
        let heard = heard.ok_or_else(|| unanswered(node, composed))?;
        // An error that says "nothing was changed" would be a lie from here on.
        match heard.map_err(|error| if doubtful { unanswered(node, composed) } else { error })? {
            Word::Result(result) => return Ok(Fate::Answered(result)),
            Word::NotFound { sequence, history_from } if sequence > composed.sequence => {
                // Such a node may have missed the very block that holds it: then only another one knows.
                if history_from > composed.after.saturating_add(1) {
                    return Err(unanswered(node, composed));
                }
                // The sequence was read after the hash was looked up: between the two the block may have come.
                return match within(node.patience(), look_up(node, sender, composed)).await {
                    Some(Ok(Word::Result(result))) => Ok(Fate::Answered(result)),
                    Some(Ok(Word::NotFound { .. })) => Ok(Fate::Passed),
                    Some(Err(_)) | None => Err(unanswered(node, composed)),
                };
            }
            Word::NotFound { .. } => {}
        }
        sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
    Err(unanswered(node, composed))
}

/// Broadcasts once; where that leaves doubt, looks the transaction up until there is an answer of any kind.
async fn send_or_look<T: Transport>(
    node: &Node<T>,
    sender: &mut impl Sender,
    composed: &Composed,
    doubtful: &mut bool,
) -> Result<Word> {
    match within(node.patience() / BROADCAST_PART, node.broadcast(&composed.bytes)).await {
        Some(Ok(result)) if result.code == 0 || result.height > 0 => return Ok(Word::Result(result)),
        Some(Ok(result)) => {
            let waits =
                result.codespace == "sdk" && matches!(result.code, CODE_IN_MEMPOOL | CODE_MEMPOOL_FULL);
            if !*doubtful && !waits {
                return Ok(Word::Result(result));
            }
            *doubtful |= result.code == CODE_IN_MEMPOOL;
        }
        Some(Err(error)) if !error.is_unknown_outcome() && !*doubtful => return Err(error.into()),
        Some(Err(_)) | None => *doubtful = true,
    }
    look_up(node, sender, composed).await
}

/// Asks for the hash, then for the sequence, until the node has answered both.
async fn look_up<T: Transport>(
    node: &Node<T>,
    sender: &mut impl Sender,
    composed: &Composed,
) -> Result<Word> {
    let (mut pause, limit) = (PAUSE_MIN, node.patience() / LOOKUP_PART);
    loop {
        let history_from = match within(limit, node.get_tx(composed.hash())).await {
            Some(Ok(Some(result))) => return Ok(Word::Result(result)),
            Some(Ok(None)) => Some(1),
            Some(Err(NodeError::BeforeHistory { from, .. })) => Some(from),
            Some(Err(error)) if !error.is_unknown_outcome() => return Err(NodeError::into(error)),
            Some(Err(_)) | None => None,
        };
        if let Some(history_from) = history_from {
            match within(limit, sender.sequence()).await {
                Some(Ok(sequence)) => return Ok(Word::NotFound { sequence, history_from }),
                Some(Err(Error::Node(error))) if error.is_unknown_outcome() => {}
                Some(Err(error)) => return Err(error),
                None => {}
            }
        }
        sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

fn unanswered<T: Transport>(node: &Node<T>, composed: &Composed) -> Error {
    Error::Unanswered {
        txhash: composed.hash(),
        sequence: composed.sequence,
        node: node.address().to_owned(),
        seconds: node.patience().as_secs(),
    }
}

/// The words for a transaction whose sequence another one used.
fn passed(composed: &Composed, tries: u32) -> Outcome {
    Outcome {
        height: 0,
        txhash: composed.hash(),
        code: 32,
        codespace: "sdk".to_owned(),
        log: format!("sequence {} was used by another transaction", composed.sequence),
        timestamp: String::new(),
        ticket_id: None,
        response_index: None,
        registered_key: None,
        validator_applied: None,
        tries,
    }
}

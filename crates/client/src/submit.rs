//! Sending a transaction so that it happens once, whatever the network loses.
//!
//! The rule that makes it so: while nobody can know what became of a transaction, only its very bytes are sent again, and
//! the ledger takes one sequence once. Another transaction is signed only when this one has been answered, or when the
//! sender's sequence has passed it and its hash is still not found: then no block will ever hold it.

use std::time::Duration;

use sealdesk_protocol::wire::sealdesk::ledger::v1::AdmissionRequired;

use crate::admission::Entry;
use crate::compose::SignedTx;
use crate::error::{Error, Result};
use crate::node::{Node, NodeError, Pauses, Transport, TxResult};
use crate::outcome::Outcome;
use crate::time::{sleep, within};

/// How often a transaction is signed anew before giving up.
pub const TRIES_MAX: u32 = 10;
/// How often the same bytes are sent and looked up before their fate is called unknown.
const ROUNDS_MAX: u32 = 30;
/// For how many patiences a transaction is looked for and sent again once a copy of it may be on its way: what became of it matters more
/// than an answer that is late.
const DOUBT_PATIENCES: u32 = 3;
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

/// What sending needs to know of an account beside what the node says.
pub trait Sender {
    /// The sequence of the sender's account, from a proof.
    fn sequence(&mut self) -> impl Future<Output = Result<u64>>;

    /// Hears of every answer that a block gave, so that later facts are not older.
    fn included_at(&mut self, height: u64);
}

/// The sending of what may have to be composed several times, until the ledger has answered for good.
pub struct Submission {
    tries: u32,
    pause: Duration,
    entrance: Entrance,
}

impl Submission {
    /// Nothing is sent yet.
    pub fn over<T: Transport>(node: &Node<T>) -> Self {
        Self { tries: 0, pause: PAUSE_MIN, entrance: Entrance::of(node) }
    }

    /// How often something was sent.
    pub fn tries(&self) -> u32 {
        self.tries
    }

    /// Sends this. `None` where the world moved on, so that it has to be composed again.
    ///
    /// # Errors
    /// [`Error::Refused`] with the ledger's code, [`Error::GaveUp`] after [`TRIES_MAX`], and [`Error::Unanswered`] where the
    /// transaction's fate is not known.
    pub async fn send<T: Transport>(
        &mut self,
        node: &Node<T>,
        sender: &mut impl Sender,
        signed: &SignedTx,
    ) -> Result<Option<Outcome>> {
        self.tries += 1;
        let last = match tx_status(node, sender, signed, &mut self.entrance).await? {
            TxStatus::Answered(result) => {
                let outcome = Outcome::of(result, signed.hash(), self.tries);
                if outcome.height > 0 {
                    sender.included_at(outcome.height);
                }
                match outcome.code {
                    0 => return Ok(Some(outcome)),
                    _ if outcome.asks_to_compose_again() => outcome,
                    _ => return Err(Error::Refused(Box::new(outcome))),
                }
            }
            TxStatus::Passed => passed(signed, self.tries),
        };
        if self.tries >= TRIES_MAX {
            return Err(Error::GaveUp { tries: self.tries, last: Box::new(last) });
        }
        sleep(self.pause).await;
        self.pause = (self.pause * 2).min(PAUSE_MAX);
        Ok(None)
    }
}

/// Sends a transaction that cannot be composed anew: one that was signed elsewhere.
///
/// # Errors
/// As [`Submission::send`]; [`Error::Refused`] also where only composing anew would help.
pub async fn submit_signed<T: Transport>(
    node: &Node<T>,
    sender: &mut impl Sender,
    signed: &SignedTx,
) -> Result<Outcome> {
    let mut entrance = Entrance::of(node);
    let outcome = match tx_status(node, sender, signed, &mut entrance).await? {
        TxStatus::Answered(result) => Outcome::of(result, signed.hash(), 1),
        TxStatus::Passed => passed(signed, 1),
    };
    if outcome.height > 0 {
        sender.included_at(outcome.height);
    }
    if outcome.code == 0 { Ok(outcome) } else { Err(Error::Refused(Box::new(outcome))) }
}

/// What it takes until a node looks at a transaction at all.
struct Entrance {
    /// What the node asked of a new account, and was given.
    entry: Entry,
    /// The pauses for a node that is busy.
    pauses: Pauses,
}

impl Entrance {
    fn of<T: Transport>(node: &Node<T>) -> Self {
        Self { entry: Entry::default(), pauses: Pauses::within(node.patience()) }
    }
}

/// What is sent: a transaction, and what lets a new account in.
struct Attempt<'a> {
    signed: &'a SignedTx,
    admission: Option<&'a [u8]>,
}

/// What became of one transaction.
enum TxStatus {
    /// A block or the check before it has spoken.
    Answered(TxResult),
    /// Another transaction used its sequence: it will never be in a block.
    Passed,
}

/// What was heard of a transaction.
enum Lookup {
    /// Its result.
    Result(TxResult),
    /// The node has none of that hash in the blocks since `history_from`, and the account stands at this sequence.
    NotFound { sequence: u64, history_from: u64 },
}

/// What came of one attempt to send a transaction.
enum Sent {
    /// The node took it, or refused it, or was asked what became of it.
    Heard(Lookup),
    /// The node was busy, and took nothing: it may be asked again. Beside it, the refusal that said so.
    Busy(NodeError, Option<TxResult>),
    /// The node asks something of a new account first, and took nothing.
    NotAdmitted(String, Box<AdmissionRequired>),
}

/// Sends one transaction, the same bytes as often as needed, until it is known what became of it.
async fn tx_status<T: Transport>(
    node: &Node<T>,
    sender: &mut impl Sender,
    signed: &SignedTx,
    entrance: &mut Entrance,
) -> Result<TxStatus> {
    // True once a copy may be on its way that was never answered: from then on a refusal may be of its double.
    let mut doubtful = false;
    // On the heap: everything that is sent is made of this future, many times over.
    if let Some(status) = Box::pin(rounds(node, sender, signed, entrance, &mut doubtful)).await? {
        return Ok(status);
    }
    let limit = node.patience() * DOUBT_PATIENCES;
    let found = within(limit, Box::pin(rounds(node, sender, signed, entrance, &mut doubtful))).await;
    let late = || Error::Unanswered {
        txhash: signed.hash(),
        sequence: signed.sequence,
        node: node.address().to_owned(),
        seconds: limit.as_secs(),
    };
    found.ok_or_else(late)??.ok_or_else(|| unanswered(node, signed))
}

/// Sends one transaction until it is known what became of it. `None` once it is in doubt for the first time, and after [`ROUNDS_MAX`].
async fn rounds<T: Transport>(
    node: &Node<T>,
    sender: &mut impl Sender,
    signed: &SignedTx,
    entrance: &mut Entrance,
    doubtful: &mut bool,
) -> Result<Option<TxStatus>> {
    let (mut pause, doubtful_before) = (PAUSE_MIN, *doubtful);
    for _ in 0..ROUNDS_MAX {
        let attempt = Attempt { signed, admission: entrance.entry.presented() };
        let heard = within(node.patience(), send_or_look(node, sender, attempt, doubtful)).await;
        let heard = heard.ok_or_else(|| unanswered(node, signed))?;
        // An error that says "nothing was changed" would be a lie from here on.
        match heard.map_err(|error| if *doubtful { unanswered(node, signed) } else { error })? {
            Sent::Heard(Lookup::Result(result)) => return Ok(Some(TxStatus::Answered(result))),
            Sent::Heard(Lookup::NotFound { sequence, history_from }) if sequence > signed.sequence => {
                return passed_by(node, sender, signed, history_from).await.map(Some);
            }
            Sent::Heard(Lookup::NotFound { .. }) => {}
            Sent::NotAdmitted(message, required) => {
                let prepared = entrance.entry.prepare(node.attendant(), &message, &required).await;
                // Of an earlier copy nobody knows: that something new is asked for says nothing of it.
                prepared.map_err(|error| if *doubtful { unanswered(node, signed) } else { error.into() })?;
                continue;
            }
            Sent::Busy(error, refusal) => match (node.pause(&mut entrance.pauses, &error).await, refusal) {
                (true, _) => continue,
                (false, _) if *doubtful => return Err(unanswered(node, signed)),
                (false, Some(refusal)) => return Ok(Some(TxStatus::Answered(refusal))),
                (false, None) => return Err(error.into()),
            },
        }
        sleep(pause).await;
        if *doubtful && !doubtful_before {
            return Ok(None);
        }
        pause = (pause * 2).min(PAUSE_MAX);
    }
    Ok(None)
}

/// What became of a transaction whose sequence has passed and whose hash was not found.
async fn passed_by<T: Transport>(
    node: &Node<T>,
    sender: &mut impl Sender,
    signed: &SignedTx,
    history_from: u64,
) -> Result<TxStatus> {
    // Such a node may have missed the very block that holds it: then only another one knows.
    if history_from > signed.after.saturating_add(1) {
        return Err(unanswered(node, signed));
    }
    // The sequence was read after the hash was looked up: between the two the block may have come.
    match within(node.patience(), look_up(node, sender, signed)).await {
        Some(Ok(Lookup::Result(result))) => Ok(TxStatus::Answered(result)),
        Some(Ok(Lookup::NotFound { .. })) => Ok(TxStatus::Passed),
        Some(Err(_)) | None => Err(unanswered(node, signed)),
    }
}

/// Broadcasts once, with what lets a new account in; where that leaves doubt, looks the transaction up until there is an answer of any
/// kind.
async fn send_or_look<T: Transport>(
    node: &Node<T>,
    sender: &mut impl Sender,
    attempt: Attempt<'_>,
    doubtful: &mut bool,
) -> Result<Sent> {
    let Attempt { signed, admission } = attempt;
    let sent = node.broadcast_with(&signed.bytes, admission);
    match within(node.patience() / BROADCAST_PART, sent).await {
        Some(Ok(result)) if result.code == 0 || result.height > 0 => {
            return Ok(Sent::Heard(Lookup::Result(result)));
        }
        Some(Ok(result)) => {
            let waits =
                result.codespace == "sdk" && matches!(result.code, CODE_IN_MEMPOOL | CODE_MEMPOOL_FULL);
            if !*doubtful && !waits {
                return Ok(Sent::Heard(Lookup::Result(result)));
            }
            *doubtful |= result.code == CODE_IN_MEMPOOL;
            if result.code == CODE_MEMPOOL_FULL {
                return Ok(match look_up(node, sender, signed).await? {
                    Lookup::NotFound { sequence, .. } if sequence <= signed.sequence => {
                        Sent::Busy(full(node, &result), Some(result))
                    }
                    found => Sent::Heard(found),
                });
            }
        }
        // Of an account that has sent something before, which a proof shows, no honest node asks anything: it gets no work and no code.
        Some(Err(NodeError::NotAdmitted { message, required })) if signed.sequence == 0 => {
            return Ok(Sent::NotAdmitted(message, required));
        }
        Some(Err(error @ NodeError::Busy { unknown: false, .. })) if !*doubtful => {
            return Ok(Sent::Busy(error, None));
        }
        Some(Err(error)) if !error.is_unknown_outcome() && !*doubtful => return Err(error.into()),
        Some(Err(_)) | None => *doubtful = true,
    }
    look_up(node, sender, signed).await.map(Sent::Heard)
}

/// A full mempool, as a node that is busy.
fn full<T: Transport>(node: &Node<T>, result: &TxResult) -> NodeError {
    NodeError::Busy {
        node: node.address().to_owned(),
        call: "BroadcastTx",
        seconds: result.retry_after,
        message: result.log.clone(),
        unknown: false,
    }
}

/// Asks for the hash, then for the sequence, until the node has answered both.
async fn look_up<T: Transport>(
    node: &Node<T>,
    sender: &mut impl Sender,
    signed: &SignedTx,
) -> Result<Lookup> {
    let (mut pause, limit) = (PAUSE_MIN, node.patience() / LOOKUP_PART);
    loop {
        let history_from = match within(limit, node.get_tx(signed.hash())).await {
            Some(Ok(Some(result))) => return Ok(Lookup::Result(result)),
            Some(Ok(None)) => Some(1),
            Some(Err(NodeError::BeforeHistory { from, .. })) => Some(from),
            Some(Err(error)) if !error.is_unknown_outcome() => return Err(NodeError::into(error)),
            Some(Err(_)) | None => None,
        };
        if let Some(history_from) = history_from {
            match within(limit, sender.sequence()).await {
                Some(Ok(sequence)) => return Ok(Lookup::NotFound { sequence, history_from }),
                Some(Err(Error::Node(error))) if error.is_unknown_outcome() => {}
                Some(Err(error)) => return Err(error),
                None => {}
            }
        }
        sleep(pause).await;
        pause = (pause * 2).min(PAUSE_MAX);
    }
}

fn unanswered<T: Transport>(node: &Node<T>, signed: &SignedTx) -> Error {
    Error::Unanswered {
        txhash: signed.hash(),
        sequence: signed.sequence,
        node: node.address().to_owned(),
        seconds: node.patience().as_secs(),
    }
}

/// The words for a transaction whose sequence another one used.
pub(crate) fn passed(signed: &SignedTx, tries: u32) -> Outcome {
    Outcome {
        height: 0,
        txhash: signed.hash(),
        code: 32,
        codespace: "sdk".to_owned(),
        log: format!("sequence {} was used by another transaction", signed.sequence),
        timestamp: String::new(),
        ticket_id: None,
        response_index: None,
        registered_key: None,
        vote: None,
        proven: false,
        tries,
    }
}

//! What is judged before any message runs: form, `timeout_height` and `timeout_timestamp`, signatures, sequences and their order, the sender's account
//! state, and the time of a block. Mempools, proposals and execution all use these functions, so that they never disagree.
//!
//! How many transactions may wait, and whose turn it is, is not a rule of the ledger; each mempool decides that for itself.

use std::collections::BTreeMap;

use prost::Message as _;
use sealdesk_protocol::codes::{EncryptionError, Refusal, RolesError, SdkError, SupportError};
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::limits::TIME_RANGE;
use sealdesk_protocol::messages::Message;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::tx::{Tx, VerifiedTx};
use sealdesk_protocol::wire::sealdesk::ledger::v1::AccountRecord;
use sealdesk_store::{Snapshot, State};

use crate::access::never_may;
use crate::errors::{Fatal, Stop};
use crate::machine::{BlockContext, Machine};
use crate::state::StateView;

/// What an account is to the ledger. Each kind costs more than the one before it, so that fewer can be had of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The ledger has nothing of it: no transaction of it was ever in a block, and nobody gave it a role. Such addresses cost nothing.
    Newcomer,
    /// It has acted before, or is a customer by role, or had a role that it may not act with now.
    Known,
    /// An administrator or a support agent: somebody else appointed it.
    Staff,
}

impl Machine {
    /// Whether a transaction could enter the next block, as a mempool asks. Writes nothing. Of `next` the time is the earliest that
    /// the block can have.
    ///
    /// What the permission table refuses to a signer whatever ticket it is about does not get in either: it would only take up room in
    /// blocks. A role that a transaction which waits would give counts once that is in a block.
    ///
    /// `pending_sequence` gives the sequence that an account will have once everything that waits already is executed;
    /// `None` where nothing of it waits.
    ///
    /// Signatures of envelopes and grants a block verifies, unless a mempool does it ahead: [`Machine::foresee`].
    ///
    /// # Errors
    /// [`Fatal`] where the state cannot be read. A refusal is the inner result.
    pub fn check(
        &self,
        snapshot: &Snapshot,
        tx: &[u8],
        pending_sequence: &dyn Fn(&Address) -> Option<u64>,
        next: &BlockContext,
    ) -> Result<Result<VerifiedTx, Refusal>, Fatal> {
        match self.verify(tx, next) {
            Ok(tx) => Ok(self.admits(snapshot, &tx, pending_sequence, next)?.map(|()| tx)),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// [`Machine::check`] of a transaction that was verified before.
    ///
    /// # Errors
    /// As there.
    pub fn admits(
        &self,
        snapshot: &Snapshot,
        tx: &VerifiedTx,
        pending_sequence: &dyn Fn(&Address) -> Option<u64>,
        next: &BlockContext,
    ) -> Result<Result<(), Refusal>, Fatal> {
        if let Err(late) = check_timeout(tx, next) {
            return Ok(Err(late.into()));
        }
        let expected = |address: &Address| match pending_sequence(address) {
            Some(sequence) => Ok(sequence),
            None => committed_sequence(snapshot, address),
        };
        if let Err(error) = Turn::of(tx, expected)?.admitted() {
            return Ok(Err(error.into()));
        }
        let mut state = State::new(snapshot.clone());
        let view = StateView::new(&mut state, self.prefix());
        match check_permissions(&view, tx) {
            Ok(()) => Ok(Ok(())),
            Err(Stop::Refused(refusal)) => Ok(Err(refusal)),
            Err(Stop::Fatal(fatal)) => Err(fatal),
        }
    }

    /// What an address is to the ledger, so that a mempool can keep room for some.
    ///
    /// # Errors
    /// [`Fatal`] where the state cannot be read.
    pub fn standing(&self, snapshot: &Snapshot, address: &Address) -> Result<Standing, Fatal> {
        let mut state = State::new(snapshot.clone());
        let member = StateView::new(&mut state, self.prefix()).member(address)?;
        if member.active_staff_role().is_some() {
            return Ok(Standing::Staff);
        }
        let is_known = member.role.is_some() || snapshot.get(&tree::account(address))?.is_some();
        Ok(if is_known { Standing::Known } else { Standing::Newcomer })
    }

    /// Whether an address is a [`Standing::Newcomer`].
    ///
    /// # Errors
    /// [`Fatal`] where the state cannot be read.
    pub fn is_newcomer(&self, snapshot: &Snapshot, address: &Address) -> Result<bool, Fatal> {
        Ok(self.standing(snapshot, address)? == Standing::Newcomer)
    }

    /// Judges what needs no state, for a block of this height and time: form, `timeout_height`, `timeout_timestamp`, signatures.
    ///
    /// # Errors
    /// The code of the first thing wrong.
    pub fn verify(&self, tx: &[u8], block: &BlockContext) -> Result<VerifiedTx, Refusal> {
        let tx = Tx::decode(tx, self.prefix())?;
        check_timeout(&tx, block)?;
        tx.verify(self.chain_id())
    }
}

/// Refuses a transaction whose `timeout_height` is below the height of the block, or whose `timeout_timestamp` is before its time.
///
/// # Errors
/// Code 30 of `sdk`, or 42.
pub fn check_timeout(tx: &Tx, block: &BlockContext) -> Result<(), SdkError> {
    let (timeout_height, height, now) = (tx.timeout_height(), block.height, block.time);
    if timeout_height != 0 && height > timeout_height {
        return Err(SdkError::TxTimeout { timeout_height, height });
    }
    match tx.timeout() {
        Some(timeout) if now > timeout => Err(SdkError::TxTimedOut { timeout, now }),
        _ => Ok(()),
    }
}

/// The sequence that an address signs with next in this state: 0 before its first transaction.
///
/// # Errors
/// [`Fatal`] where the state cannot be read.
pub fn committed_sequence(snapshot: &Snapshot, address: &Address) -> Result<u64, Fatal> {
    let key = tree::account(address);
    let Some(bytes) = snapshot.get(&key)? else { return Ok(0) };
    let record = AccountRecord::decode(bytes.as_slice()).map_err(|error| Fatal::damaged(&key, error))?;
    Ok(record.sequence)
}

/// Whether a block of this time may follow one of `previous`; both are Unix seconds. Times never go back, and stay inside
/// [`TIME_RANGE`].
pub fn time_follows(time: i64, previous: i64) -> bool {
    TIME_RANGE.contains(&time) && time >= previous
}

/// Where a transaction stands by the sequences of its signers. The error names the first signer whose sequence does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// Every signer signed with the sequence that comes next.
    Now,
    /// Other transactions have to come before it.
    Later(SdkError),
    /// A sequence is used up: this transaction can never follow.
    Never(SdkError),
}

impl Turn {
    /// Compares the sequence of every signer with the one that is `expected` of that address.
    ///
    /// # Errors
    /// What `expected` fails with.
    pub fn of<E>(tx: &Tx, expected: impl Fn(&Address) -> Result<u64, E>) -> Result<Self, E> {
        let (mut first, mut never) = (None, false);
        for signer in tx.signers() {
            let (expected, found) = (expected(&signer.address)?, signer.sequence);
            let error = if found != expected {
                SdkError::WrongSequence { expected, found }
            } else if found == u64::MAX {
                SdkError::Unauthorized(format!("{} has used up its sequences", signer.address))
            } else {
                continue;
            };
            never |= found <= expected;
            first.get_or_insert(error);
        }
        Ok(match first {
            None => Self::Now,
            Some(error) if never => Self::Never(error),
            Some(error) => Self::Later(error),
        })
    }

    /// For a place where only [`Turn::Now`] will do.
    ///
    /// # Errors
    /// Code 32 of `sdk` for a sequence that does not come next, 4 for an address without any sequence left.
    pub fn admitted(self) -> Result<(), SdkError> {
        match self {
            Self::Now => Ok(()),
            Self::Later(error) | Self::Never(error) => Err(error),
        }
    }
}

/// The sequences that addresses sign with next, after transactions that wait or stand in a block already but are not committed.
/// Both the transactions of a mempool and those of a block in the making are put in their order by it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sequences(BTreeMap<Address, u64>);

impl Sequences {
    /// The next sequence of an address; `None` where no transaction has moved it on from the committed one.
    pub fn get(&self, address: &Address) -> Option<u64> {
        self.0.get(address).copied()
    }

    /// Whether a transaction comes next after all that was pushed. `committed` gives the sequence of an address in the state.
    ///
    /// # Errors
    /// What `committed` fails with.
    pub fn turn<E>(&self, tx: &Tx, committed: impl Fn(&Address) -> Result<u64, E>) -> Result<Turn, E> {
        Turn::of(tx, |address| self.get(address).map_or_else(|| committed(address), Ok))
    }

    /// Puts a transaction next in this block, if it is not too late for that and comes next. Otherwise changes nothing.
    ///
    /// # Errors
    /// What `committed` fails with. A refusal, with code 30, 42, 32 or 4 of `sdk`, is the inner result.
    pub fn admit<E>(
        &mut self,
        tx: &Tx,
        block: &BlockContext,
        committed: impl Fn(&Address) -> Result<u64, E>,
    ) -> Result<Result<(), SdkError>, E> {
        if let Err(error) = check_timeout(tx, block) {
            return Ok(Err(error));
        }
        let admitted = self.turn(tx, committed)?.admitted();
        if admitted.is_ok() {
            self.push(tx);
        }
        Ok(admitted)
    }

    /// Moves the signers of a transaction on to the sequences after it.
    pub fn push(&mut self, tx: &Tx) {
        let after = tx.signers().iter();
        self.0.extend(after.map(|signer| (signer.address.clone(), signer.sequence.saturating_add(1))));
    }

    /// Takes back the transaction that was pushed last by its signers: its sequences are free again.
    pub fn pop(&mut self, tx: &Tx) {
        self.0.extend(tx.signers().iter().map(|signer| (signer.address.clone(), signer.sequence)));
    }

    /// Forgets an address of which nothing waits any more, so that its committed sequence counts again.
    pub fn forget(&mut self, address: &Address) {
        self.0.remove(address);
    }

    /// Forgets every address.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

/// Refuses a transaction with a message that its signer may not act with, as far as that shows before it runs.
fn check_permissions(view: &StateView<'_>, tx: &Tx) -> Result<(), Stop> {
    let params = view.params()?;
    let mut as_now = true;
    for message in tx.messages() {
        check_sender(view, message)?;
        if as_now && let Some(act) = never_may(&view.member(message.signer())?, &params, message) {
            return Err(unauthorized(message, format!("{} may not {} here", message.signer(), act.name())));
        }
        // Messages that follow are judged with other roles than those of now.
        as_now &= !changes_roles(message);
    }
    Ok(())
}

fn changes_roles(message: &Message) -> bool {
    matches!(
        message,
        Message::AssignRole(_)
            | Message::RevokeRole(_)
            | Message::SetAccountState(_)
            | Message::UpdateParams(_)
    )
}

/// Whether the message's signer may act at all. Refused with the code for it of the message's own module.
pub(crate) fn check_sender(view: &StateView<'_>, message: &Message) -> Result<(), Stop> {
    let member = view.member(message.signer())?;
    if member.is_active() {
        return Ok(());
    }
    let text = format!("{} is {}", message.signer(), member.state.name());
    Err(unauthorized(message, text))
}

/// The refusal of a message's own module.
fn unauthorized(message: &Message, text: String) -> Stop {
    match message.module() {
        "support" => SupportError::Unauthorized(text).into(),
        "roles" => RolesError::Unauthorized(text).into(),
        "encryption" => EncryptionError::Unauthorized(text).into(),
        _ => SdkError::Unauthorized(text).into(),
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use sealdesk_protocol::ids::Prefix;
    use sealdesk_protocol::messages::to_any;
    use sealdesk_protocol::wire::cosmos::tx::v1beta1 as cosmos;
    use sealdesk_protocol::wire::virtengine::support::v1::MsgCloseTicket;

    use super::*;

    fn prefix() -> Prefix {
        Prefix::parse("virtengine").unwrap()
    }

    fn address(number: u8) -> Address {
        Address::of_public_key(&prefix(), &[number; 33])
    }

    /// Everyone of these closes a ticket, with this sequence of theirs.
    fn tx(signers: &[(u8, u64)], timeout_height: u64) -> Tx {
        let message = |(number, _): &(u8, u64)| {
            let (sender, ticket_id) = (address(*number).to_string(), "TKT-00000001".to_owned());
            to_any(&MsgCloseTicket { sender, ticket_id, ..MsgCloseTicket::default() })
        };
        let info =
            |(_, sequence): &(u8, u64)| cosmos::SignerInfo { sequence: *sequence, ..Default::default() };
        let messages = signers.iter().map(message).collect();
        let signer_infos = signers.iter().map(info).collect();
        let body = cosmos::TxBody { messages, timeout_height, ..Default::default() };
        let auth_info = cosmos::AuthInfo { signer_infos, ..Default::default() };
        let raw = cosmos::TxRaw {
            body_bytes: body.encode_to_vec(),
            auth_info_bytes: auth_info.encode_to_vec(),
            signatures: Vec::new(),
        };
        Tx::decode_unsigned(&raw.encode_to_vec(), &prefix()).unwrap()
    }

    fn committed(sequence: u64) -> impl Fn(&Address) -> Result<u64, Infallible> {
        move |_| Ok(sequence)
    }

    fn wrong(expected: u64, found: u64) -> SdkError {
        SdkError::WrongSequence { expected, found }
    }

    #[test]
    fn a_transaction_waits_for_others_or_can_never_follow() {
        let turn = |signers: &[(u8, u64)], sequence| Turn::of(&tx(signers, 0), committed(sequence)).unwrap();
        assert_eq!(turn(&[(1, 5), (2, 5)], 5), Turn::Now);
        assert_eq!(turn(&[(1, 5), (2, 6)], 5), Turn::Later(wrong(5, 6)));
        assert_eq!(turn(&[(1, 6), (2, 4)], 5), Turn::Never(wrong(5, 6)), "the first error, the last word");
        let used_up = turn(&[(1, u64::MAX)], u64::MAX);
        assert!(matches!(used_up, Turn::Never(SdkError::Unauthorized(_))), "{used_up:?}");
    }

    #[test]
    fn each_transaction_follows_those_before_it() {
        let mut order = Sequences::default();
        let block = |height| BlockContext { height, time: 100 };
        let mut admit = |tx: &Tx, height| order.admit(tx, &block(height), committed(5)).unwrap();
        assert_eq!(admit(&tx(&[(1, 5)], 9), 9), Ok(()));
        assert_eq!(admit(&tx(&[(1, 5)], 0), 9), Err(wrong(6, 5)));
        let late = SdkError::TxTimeout { timeout_height: 8, height: 9 };
        assert_eq!(admit(&tx(&[(1, 6)], 8), 9), Err(late));
        assert_eq!(admit(&tx(&[(1, 6), (2, 6)], 0), 9), Err(wrong(5, 6)), "and nothing has changed");
        let last = tx(&[(1, 6), (2, 5)], 0);
        assert_eq!(admit(&last, 9), Ok(()));
        assert_eq!((order.get(&address(1)), order.get(&address(2))), (Some(7), Some(6)));
        order.pop(&last);
        assert_eq!((order.get(&address(1)), order.get(&address(2))), (Some(6), Some(5)));
        order.forget(&address(1));
        assert_eq!(order.turn(&last, committed(6)).unwrap(), Turn::Now);
        order.clear();
        assert_eq!(order, Sequences::default());
    }

    #[test]
    fn a_transaction_is_good_up_to_its_last_second_and_not_after() {
        let with = |timeout: Option<i64>| {
            let mut tx = cosmos::TxRaw::decode(tx(&[(1, 5)], 0).bytes()).unwrap();
            let mut body = cosmos::TxBody::decode(tx.body_bytes.as_slice()).unwrap();
            body.timeout_timestamp =
                timeout.map(|seconds| prost_types::Timestamp { seconds, nanos: 999_999_999 });
            tx.body_bytes = body.encode_to_vec();
            Tx::decode_unsigned(&tx.encode_to_vec(), &prefix()).unwrap()
        };
        let judge = |timeout, time| check_timeout(&with(timeout), &BlockContext { height: 9, time });
        assert_eq!(judge(Some(100), 100), Ok(()));
        assert_eq!(judge(None, i64::MAX), Ok(()));
        let late = judge(Some(100), 101).unwrap_err();
        assert_eq!((late.code(), late), (42, SdkError::TxTimedOut { timeout: 100, now: 101 }));
    }

    #[test]
    fn the_time_of_blocks_stays_in_its_range_and_does_not_go_back() {
        assert!(time_follows(1, 0) && time_follows(7, 7) && time_follows(253_402_300_799, 7));
        assert!(!time_follows(0, 0) && !time_follows(6, 7) && !time_follows(253_402_300_800, 7));
    }
}

//! Sending: fees shown before anything is signed, one call a transaction, followed to its result.
//!
//! The same signed bytes are sent as often as nobody answered, and no others in their place: so nothing happens twice, whatever
//! the network loses. Only a refusal that says for certain that nothing was taken lets another transaction be signed.

use std::time::Duration;

use sealdesk_envelope::AccountSecret;
use sealdesk_stacks::contract::{Request, answer_of};
use sealdesk_stacks::limits::{CHAINED_TX_MAX, FEE_PER_BYTE_MIN};
use sealdesk_stacks::principal::Principal;
use sealdesk_stacks::transaction::{Payload, TxId, Unsigned, VerifiedTransaction};
use sealdesk_stacks::value::Kind;

use super::Desk;
use super::error::{Error, Result};
use super::memory::Agreed;
use super::net::Http;
use super::node::{Mined, TxStatus};
use super::rejection::Rejection;
use super::sign::{sign, unsigned};
use crate::actor::Actor;
use crate::time::sleep;

/// How often the same bytes are sent while the node does not answer.
const SENDS_MAX: u32 = 5;
/// How often other numbers are tried where a node says that the account's next is another.
const NONCES_MAX: u32 = 3;
/// Pauses between looks at a transaction that waits: they double up to the longest.
const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// What may be paid, and how long is waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The most for all transactions together, in micro-STX. A [`Sender`] that signs is left with less.
    pub fee_max: u64,
    /// How long a transaction is waited for.
    pub wait: Duration,
}

impl Default for Bounds {
    /// 5 STX, and half an hour.
    fn default() -> Self {
        Self { fee_max: 5_000_000, wait: Duration::from_secs(1_800) }
    }
}

/// What is about to be signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Whose account pays.
    pub account: Principal,
    /// The calls, in order.
    pub calls: Vec<PlannedCall>,
    /// What the account has, in micro-STX.
    pub balance: u128,
}

/// A call of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCall {
    /// The function; `deploy NAME` for a new contract.
    pub what: String,
    /// Length of the transaction, in bytes.
    pub bytes: usize,
    /// In micro-STX.
    pub fee: u64,
    /// The account's number for it.
    pub nonce: u64,
}

impl Plan {
    /// All fees together, in micro-STX.
    pub fn fee(&self) -> u64 {
        self.calls.iter().fold(0, |sum, call| sum.saturating_add(call.fee))
    }
}

/// Who is asked before anything is signed, and told what was sent.
pub trait Approve {
    /// Says whether to go on.
    ///
    /// # Errors
    /// [`Error::Declined`], after which nothing is sent.
    fn approve(&mut self, plan: &Plan) -> Result<()>;

    /// Hears in one line for whom nothing is sealed, and why, before it is asked whether to go on.
    fn note(&mut self, line: &str);

    /// Hears of a transaction that a node has taken, before there is a result.
    fn sent(&mut self, what: &str, id: TxId);

    /// Hears of a transaction that was handed in and not answered, before it is handed in again: who gives up now needs its name.
    fn unanswered(&mut self, what: &str, id: TxId);
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallOutcome {
    /// The transaction.
    pub txid: TxId,
    /// The height of its Stacks block.
    pub height: u64,
    /// What was paid, in micro-STX.
    pub fee: u64,
    /// The number that the call answered: a ticket's, a comment's, a key's version. `None` for a bare yes.
    pub number: Option<u64>,
}

/// What sends for one account.
pub struct Sender<'a, A> {
    /// Whose.
    pub actor: &'a Actor,
    /// What may be paid.
    pub bounds: Bounds,
    /// Who is asked.
    pub approve: &'a mut A,
}

/// What signs, and how far a node may lead it: one that says "another number" may have kept what it was given.
struct Hand<'a, A> {
    account: &'a Principal,
    secret: &'a AccountSecret,
    approve: &'a mut A,
    /// What may be paid beyond the plan, in micro-STX: whatever is signed once more is paid from it.
    spare: &'a mut u64,
    /// The number of the plan's first transaction.
    first: u64,
    /// The number of the next.
    nonce: u64,
}

impl<A> Hand<'_, A> {
    /// Takes another number for a call of this fee, if it is near the plan's and can be paid.
    fn turn_to(&mut self, nonce: u64, fee: u64) -> bool {
        let near = usize::try_from(nonce.abs_diff(self.first)).is_ok_and(|far| far <= CHAINED_TX_MAX);
        let Some(spare) = self.spare.checked_sub(fee).filter(|_| near && nonce != self.nonce) else {
            return false;
        };
        (*self.spare, self.nonce) = (spare, nonce);
        true
    }
}

/// A call that was priced.
struct Priced {
    what: String,
    unsigned: Unsigned,
    fee: u64,
}

impl<H: Http> Desk<H> {
    /// Calls the contract, once for each request, in order. Ends at the first that does not succeed.
    ///
    /// # Errors
    /// [`Error::Refused`] where the contract says no, [`Error::Rejected`] where the node does, [`Error::Unanswered`] and
    /// [`Error::Waiting`] where the result is not known, and what else [`Error`] names.
    pub async fn call<A: Approve>(
        &self,
        sender: &mut Sender<'_, A>,
        requests: &[Request],
    ) -> Result<Vec<CallOutcome>> {
        self.call_agreed(sender, requests, Agreed::default()).await
    }

    /// As [`Desk::call`]; remembers this as soon as the writer has agreed.
    pub(super) async fn call_agreed<A: Approve>(
        &self,
        sender: &mut Sender<'_, A>,
        requests: &[Request],
        agreed: Agreed,
    ) -> Result<Vec<CallOutcome>> {
        let mut payloads = Vec::with_capacity(requests.len());
        for request in requests {
            payloads.push((request.function().to_owned(), Payload::Call(request.to_call(self.contract())?)));
        }
        let mined = self.submit(sender, payloads, agreed).await?;
        mined.into_iter().map(|(outcome, mined)| judged(outcome, &mined)).collect()
    }

    /// Puts a contract on the chain.
    ///
    /// # Errors
    /// As [`Desk::call`].
    pub async fn deploy<A: Approve>(
        &self,
        sender: &mut Sender<'_, A>,
        payload: Payload,
    ) -> Result<CallOutcome> {
        let what = format!("deploy {}", self.contract().name);
        let mined = self.submit(sender, vec![(what, payload)], Agreed::default()).await?;
        let missing = || Error::Aborted { txid: TxId([0; 32]), status: "nothing was sent".to_owned() };
        let (outcome, mined) = mined.into_iter().next().ok_or_else(missing)?;
        match mined.result.kind() {
            Kind::Ok(_) => Ok(outcome),
            _ => Err(Error::Aborted {
                txid: outcome.txid,
                status: format!("the chain answers {}", mined.result),
            }),
        }
    }

    async fn submit<A: Approve>(
        &self,
        sender: &mut Sender<'_, A>,
        payloads: Vec<(String, Payload)>,
        agreed: Agreed,
    ) -> Result<Vec<(CallOutcome, Mined)>> {
        let origin = self.address_of(sender.actor)?;
        let account = Principal::from(origin);
        let (first, mut plan) = self.first_nonce(&account, payloads.len()).await?;
        let mut priced = Vec::with_capacity(payloads.len());
        for ((what, payload), nonce) in payloads.into_iter().zip(first..) {
            let unsigned = unsigned(self.network(), origin, payload)?;
            let fee = self.fee(&unsigned).await?;
            plan.calls.push(PlannedCall { what: what.clone(), bytes: unsigned.signed_len(), fee, nonce });
            priced.push(Priced { what, unsigned, fee });
        }
        check_affordable(&plan, sender.bounds.fee_max)?;
        sender.approve.approve(&plan)?;
        self.remember_agreed(agreed);
        // The plan is paid for from here on, whatever comes of it.
        sender.bounds.fee_max = sender.bounds.fee_max.saturating_sub(plan.fee());
        let mut hand = Hand {
            account: &account,
            secret: &sender.actor.stacks_account()?,
            approve: &mut *sender.approve,
            spare: &mut sender.bounds.fee_max,
            first,
            nonce: first,
        };
        let mut sent = Vec::with_capacity(priced.len());
        for call in priced {
            let transaction = self.hand_in(&call, &mut hand).await?;
            hand.approve.sent(&call.what, transaction.id());
            sent.push((transaction.id(), call.fee));
        }
        let mut done = Vec::with_capacity(sent.len());
        for (txid, fee) in sent {
            let mined = self.follow(txid, sender.bounds.wait).await?;
            let outcome = CallOutcome { txid, height: mined.height, fee, number: None };
            // A refusal ends the list at once: what follows has failed for the same reason, or stands by itself.
            let refused = judged(outcome.clone(), &mined).is_err();
            done.push((outcome, mined));
            if refused {
                break;
            }
        }
        Ok(done)
    }

    /// The account's next number, after what waits already; and a plan without calls.
    async fn first_nonce(&self, account: &Principal, calls: usize) -> Result<(u64, Plan)> {
        let known = self.node().account(account).await?;
        let next = self.node().next_nonce(account).await?.unwrap_or(known.nonce).max(known.nonce);
        let waiting = usize::try_from(next - known.nonce).unwrap_or(usize::MAX).saturating_add(calls);
        if waiting > CHAINED_TX_MAX {
            return Err(Error::TooManyChained { account: account.clone(), waiting, max: CHAINED_TX_MAX });
        }
        Ok((next, Plan { account: account.clone(), calls: Vec::new(), balance: known.balance }))
    }

    /// What the node thinks is a middling fee, and never less than it takes.
    async fn fee(&self, unsigned: &Unsigned) -> Result<u64> {
        let length = unsigned.signed_len();
        let least = u64::try_from(length).unwrap_or(u64::MAX).saturating_mul(FEE_PER_BYTE_MIN);
        let estimate = self.node().fees(&unsigned.terms().payload.encode(), length).await?;
        Ok(estimate.map_or(least, |[_, middle, _]| middle.max(least)))
    }

    /// Signs and hands in until a node has taken it, or has refused it for good. The hand's number is the one after it then.
    async fn hand_in<A: Approve>(
        &self,
        call: &Priced,
        hand: &mut Hand<'_, A>,
    ) -> Result<VerifiedTransaction> {
        for tries in 1.. {
            let transaction = sign(call.unsigned.clone().with(call.fee, hand.nonce), hand.secret)?;
            match self.push(&transaction, || hand.approve.unanswered(&call.what, transaction.id())).await {
                Ok(()) => {
                    hand.nonce += 1;
                    return Ok(transaction);
                }
                Err(Error::Rejected(rejection)) if tries < NONCES_MAX => {
                    // Somebody else acts with the same account: nothing of ours was taken.
                    let other = match *rejection {
                        Rejection::BadNonce { expected, .. } => expected,
                        Rejection::NonceTaken => {
                            let next = self.node().next_nonce(hand.account).await?;
                            next.unwrap_or(0).max(hand.nonce.saturating_add(1))
                        }
                        _ => hand.nonce,
                    };
                    if !hand.turn_to(other, call.fee) {
                        return Err(rejection.into());
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Err(Error::Declined)
    }

    /// Sends one transaction, the same bytes again where the node does not answer; `doubt` is called the first time.
    async fn push(&self, transaction: &VerifiedTransaction, mut doubt: impl FnMut()) -> Result<()> {
        let (id, mut pause) = (transaction.id(), PAUSE_MIN);
        let (mut doubtful, mut pauses) = (false, self.node().pauses());
        for _ in 0..SENDS_MAX {
            match self.node().broadcast(transaction.bytes(), id).await {
                Ok(()) => return Ok(()),
                Err(Error::Rejected(rejection)) if !doubtful => return Err(rejection.into()),
                // A refusal after silence may be of the double of one that was taken: the chain knows.
                Err(Error::Rejected(rejection)) => match self.node().tx_status(id).await {
                    Ok(TxStatus::Waits | TxStatus::Mined(_) | TxStatus::Failed(_)) => return Ok(()),
                    Ok(TxStatus::Unknown)
                        if !matches!(*rejection, Rejection::BadNonce { .. } | Rejection::NonceTaken) =>
                    {
                        return Err(rejection.into());
                    }
                    _ => {}
                },
                Err(error) => {
                    if !doubtful {
                        doubt();
                    }
                    // Also where the node says that it is busy: nobody knows whether it kept what it was given.
                    doubtful = true;
                    match &error {
                        Error::Busy { .. } if self.node().wait(&mut pauses, &error).await => continue,
                        Error::Busy { .. } => break,
                        _ => {}
                    }
                }
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
        Err(Error::Unanswered { txid: id, node: self.node().address().to_owned() })
    }

    /// Waits for a transaction's result.
    ///
    /// # Errors
    /// [`Error::Waiting`] after `wait`, [`Error::Aborted`] where it was dropped or failed, [`Error::NoIndex`].
    pub async fn follow(&self, txid: TxId, wait: Duration) -> Result<Mined> {
        let (mut pause, mut waited) = (PAUSE_MIN, Duration::ZERO);
        loop {
            match self.node().tx_status(txid).await {
                Ok(TxStatus::Mined(mined)) => return Ok(mined),
                Ok(TxStatus::Failed(status)) => return Err(Error::Aborted { txid, status }),
                Ok(TxStatus::Unknown | TxStatus::Waits)
                | Err(Error::Net(_) | Error::Node { .. } | Error::Busy { .. }) => {}
                Err(error) => return Err(error),
            }
            if waited >= wait {
                return Err(Error::Waiting(txid));
            }
            sleep(pause).await;
            waited += pause;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }
}

fn check_affordable(plan: &Plan, max: u64) -> Result<()> {
    let fee = plan.fee();
    if fee > max {
        return Err(Error::FeeTooHigh { fee, max });
    }
    if u128::from(fee) > plan.balance {
        return Err(Error::CannotPay { account: plan.account.clone(), balance: plan.balance, needed: fee });
    }
    Ok(())
}

fn judged(outcome: CallOutcome, mined: &Mined) -> Result<CallOutcome> {
    match answer_of(&mined.result)? {
        Ok(number) => Ok(CallOutcome { number, ..outcome }),
        Err(refusal) => Err(Error::Refused { txid: outcome.txid, refusal }),
    }
}

//! Sending one transaction: what every message shares, once for all of them.

use sealdesk_protocol::ids::Address;
use sealdesk_protocol::state::tree;

use super::Desk;
use super::inclusion::Attempt;
use crate::actor::Author;
use crate::compose::{self, ComposeError, OwnKey, SignedTx, TxBuilder, UnsignedTx};
use crate::error::{Error, Result};
use crate::node::Transport;
use crate::outcome::Outcome;
use crate::submit::{self, Sender, Submission};
use crate::verify::{Proven, VerifyError};
use crate::wallet::{self, WalletError};

/// Whether a transaction registers its sender's key where the directory has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Registering {
    /// In its first message.
    IfNeeded,
    /// Not by itself: the transaction is about keys.
    Never,
}

struct Sending<'a, T> {
    desk: &'a Desk<T>,
    author: Author<'a>,
    registering: Registering,
    /// What was sent so far.
    attempts: Vec<Attempt>,
}

/// What a transaction begins with.
enum Begun {
    /// No messages of its own yet, and the facts it begins from.
    Empty(Box<TxBuilder>, Box<Proven>),
    /// Nothing is to be sent: the ledger proves that an earlier attempt stands in it, whatever the node said of it.
    Happened(Box<Outcome>),
}

impl<T: Transport> Sender for Sending<'_, T> {
    async fn sequence(&mut self) -> Result<u64> {
        let sender = self.author.address(&self.desk.chain.prefix);
        self.desk.hear_of_newest().await;
        let facts = self.desk.prove(None, vec![tree::account(&sender)]).await?;
        Ok(facts.sequence(&sender)?)
    }

    fn included_at(&mut self, height: u64) {
        self.desk.memory.heard_of(height);
    }
}

impl<T: Transport> Sending<'_, T> {
    /// Reads the facts anew, unless they prove that an earlier attempt happened.
    async fn begin(&self) -> Result<Begun> {
        let desk = self.desk;
        let sender = self.author.address(&desk.chain.prefix);
        let mut keys = vec![tree::account(&sender), tree::keys(&sender), tree::TICKET_COUNT.to_vec()];
        if self.registering == Registering::IfNeeded {
            keys.push(tree::PARAMS.to_vec());
            keys.extend(desk.administrators_ahead());
        }
        if !self.attempts.is_empty() {
            desk.hear_of_newest().await;
        }
        let facts = desk.prove(None, keys).await?;
        // Until when it may come into a block, and which keys it is sealed for, follow from these facts and later ones.
        desk.check_age(&facts)?;
        let sequence = facts.sequence(&sender)?;
        // An attempt of the same sequence can be in a block only instead of this one. One that was passed may have been the one
        // that used its sequence, whatever the node says of it.
        for attempt in self.attempts.iter().filter(|attempt| attempt.sequence < sequence) {
            if let Some(outcome) = desk.inclusion(attempt, None).await? {
                return Ok(Begun::Happened(Box::new(outcome)));
            }
        }
        if let Some(only) = desk.only_at.filter(|only| *only != sequence) {
            return Err(Error::Refused(Box::new(moved(only))));
        }
        let builder = self.empty(sender, sequence, &facts).await?.with_facts(facts.clone());
        // A wallet's answer takes its time. What it signed is kept, so that nobody is asked again.
        if desk.check_age(&facts).is_err() {
            return Box::pin(self.begin()).await;
        }
        Ok(Begun::Empty(Box::new(builder), Box::new(facts)))
    }

    /// Signs what was filled in, and notes it as an attempt.
    async fn sign(&mut self, builder: &TxBuilder, facts: &Proven) -> Result<SignedTx> {
        let desk = self.desk;
        desk.check_used(builder.messages()).await?;
        if desk.composes_only {
            // Whoever signs it hears of it before.
            desk.remember_readers(builder.readers().clone());
            return Err(Error::Unsigned(Box::new(UnsignedTx::of(builder)?)));
        }
        let Author::Unlocked(actor) = self.author else {
            return Err(ComposeError::KeysElsewhere(builder.sender().clone()).into());
        };
        let signed = compose::sign_by(builder, actor, &desk.chain.chain_id).await?;
        // Sealed for readers of then: no wallet's answer is sent later than any other transaction could be.
        if actor.has_wallet() && desk.age.clock.now() > desk.age.timeout(facts.time()) {
            return Err(WalletError::TooLate.into());
        }
        let signed = SignedTx { after: facts.height(), ..signed };
        let (sender, tickets) = (builder.sender(), facts.ticket_count()?);
        let attempt = Attempt::new(sender, &signed, tickets, builder.messages());
        self.attempts.push(Attempt { readers: builder.readers().clone(), ..attempt });
        Ok(signed)
    }

    /// A wallet that signs nothing has nothing sent: but for what it signed before, and what was then composed again.
    fn unsigned(&self, error: Error) -> Error {
        match (&error, self.attempts.last()) {
            (Error::Compose(ComposeError::Wallet(_)), Some(sent)) => {
                WalletError::StillUnderway(sent.hash).into()
            }
            _ => error,
        }
    }

    /// What became of it in the end, with what the ledger proves of that.
    async fn settle(&self, answered: Result<Outcome>) -> Result<Outcome> {
        let of = |outcome: &Outcome| self.attempts.iter().find(|one| one.hash == outcome.txhash);
        match answered {
            Ok(outcome) => Ok(match of(&outcome) {
                Some(attempt) if !outcome.proven => self.desk.confirmed(attempt, outcome).await,
                Some(_) | None => outcome,
            }),
            Err(Error::Refused(refusal)) => match of(&refusal) {
                Some(attempt) => self.desk.refused(attempt, *refusal).await,
                None => Err(Error::Refused(refusal)),
            },
            Err(error) => Err(error),
        }
    }

    /// A transaction without messages of its own yet, but for the registration of the sender's key.
    async fn empty(&self, sender: Address, sequence: u64, facts: &Proven) -> Result<TxBuilder> {
        let desk = self.desk;
        let Author::Unlocked(actor) = self.author else {
            let builder = TxBuilder::without_keys(&desk.chain, sender, sequence).with_memo(&desk.memo);
            return Ok(builder.with_timeout(desk.age.timeout_elsewhere(facts.time())));
        };
        let listed = facts.keys(&sender)?;
        desk.name_foreign_keys(actor, &sender, &listed)?;
        let own = OwnKey::find(actor, &listed)?;
        let builder = TxBuilder::plain(&desk.chain, sender, sequence, own);
        let builder = match self.registering {
            Registering::IfNeeded => builder.registering_by(actor).await?,
            Registering::Never => builder,
        };
        let builder = builder.with_memo(&desk.memo);
        if actor.has_wallet() {
            return Ok(builder.with_last_height(facts.height().saturating_add(wallet::TIMEOUT_BLOCKS)));
        }
        Ok(builder.with_timeout(desk.age.timeout(facts.time())))
    }
}

impl<T: Transport> Desk<T> {
    /// Composes, sends, and composes again where the world moved on. The closure fills a transaction from facts that it reads
    /// itself; the sender's own key is registered on the way where it is not yet.
    pub(crate) async fn send<'a, Filled: Future<Output = Result<TxBuilder>>>(
        &'a self,
        author: impl Into<Author<'a>>,
        registering: Registering,
        fill: impl Fn(TxBuilder) -> Filled,
    ) -> Result<Outcome> {
        let fill = |builder| {
            let filled = fill(builder);
            async move { Ok((filled.await?, ())) }
        };
        Ok(self.send_with(author, registering, fill).await?.0)
    }

    /// As [`Desk::send`], and hands out what the closure made beside the transaction that was sent.
    pub(crate) async fn send_with<'a, Filled: Future<Output = Result<(TxBuilder, Made)>>, Made>(
        &'a self,
        author: impl Into<Author<'a>>,
        registering: Registering,
        fill: impl Fn(TxBuilder) -> Filled,
    ) -> Result<(Outcome, Made)> {
        let (author, attempts) = (author.into(), Vec::new());
        let mut sending = Sending { desk: self, author, registering, attempts };
        let (notes_so_far, mut made) = (self.notes_so_far(), None);
        let sent = self.sent(&mut sending, &mut made, fill).await;
        self.withdraw_notes(notes_so_far, &sent);
        let outcome = sent?;
        if let Some(attempt) = sending.attempts.iter_mut().find(|one| one.hash == outcome.txhash) {
            self.remember_readers(std::mem::take(&mut attempt.readers));
        }
        let made = made.ok_or(VerifyError::Missing("what was composed".to_owned()))?;
        Ok((outcome, made))
    }

    /// Sends until it is answered for good, and looks at what the ledger proves of the answer. Only what fills the transaction is of its
    /// message; all around it is the same code for all, and stands on the heap.
    async fn sent<Filled: Future<Output = Result<(TxBuilder, Made)>>, Made>(
        &self,
        sending: &mut Sending<'_, T>,
        made: &mut Option<Made>,
        fill: impl Fn(TxBuilder) -> Filled,
    ) -> Result<Outcome> {
        let mut submission = Submission::over(&self.node);
        let answered = loop {
            let begun = Box::pin(sending.begin()).await;
            let (builder, facts) = match begun.map_err(|error| sending.unsigned(error))? {
                Begun::Empty(builder, facts) => (builder, facts),
                Begun::Happened(outcome) => break Ok(Outcome { tries: submission.tries(), ..*outcome }),
            };
            let (builder, filled) = fill(*builder).await?;
            let signed = Box::pin(sending.sign(&builder, &facts)).await;
            let signed = signed.map_err(|error| sending.unsigned(error))?;
            *made = Some(filled);
            if let Some(answered) = Box::pin(submission.send(&self.node, sending, &signed)).await.transpose()
            {
                break answered;
            }
        };
        Box::pin(sending.settle(answered)).await
    }
}

/// The words for what may be signed with one sequence alone, which is not the next one any more.
fn moved(sequence: u64) -> Outcome {
    let nothing = SignedTx { bytes: Vec::new(), sequence, after: 0 };
    submit::passed(&nothing, 0)
}

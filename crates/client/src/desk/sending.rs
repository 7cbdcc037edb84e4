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
    /// How many lines there were to say before anything was composed.
    notes_so_far: usize,
    /// What was sent so far.
    attempts: Vec<Attempt>,
}

/// What a transaction begins with.
enum Begun {
    /// No messages of its own yet, and the facts it begins from.
    Empty(Box<TxBuilder>, Box<Proven>),
    /// Nothing is to be sent: the ledger proves that an earlier attempt stands in it, whatever the node said of it.
    Included(Box<Outcome>),
}

/// What is to be done next.
enum Step {
    /// To fill a transaction without messages of its own yet, from facts as new as these.
    Fill(Box<TxBuilder>, Box<Proven>),
    /// Nothing: it is answered for good, or cannot be.
    Over(Result<Outcome>),
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

impl<'a, T: Transport> Sending<'a, T> {
    fn of(desk: &'a Desk<T>, author: Author<'a>, registering: Registering) -> Self {
        Self { desk, author, registering, notes_so_far: desk.notes_so_far(), attempts: Vec::new() }
    }

    /// Sends what was filled, and begins anew where nothing was yet, or where the world moved on.
    async fn go_on(&mut self, submission: &mut Submission, filled: Option<(TxBuilder, Box<Proven>)>) -> Step {
        let answered = match filled {
            Some((builder, facts)) => self.send_filled(submission, &builder, &facts).await,
            None => Ok(None),
        };
        let answered = match answered.transpose() {
            Some(answered) => answered,
            None => match self.begin().await {
                Ok(Begun::Empty(builder, facts)) => return Step::Fill(builder, facts),
                Ok(Begun::Included(outcome)) => {
                    self.settle(Ok(Outcome { tries: submission.tries(), ..*outcome })).await
                }
                Err(error) => Err(self.unsigned(error)),
            },
        };
        Step::Over(self.over(answered))
    }

    /// Signs and sends; `None` where it has to be composed again.
    async fn send_filled(
        &mut self,
        submission: &mut Submission,
        builder: &TxBuilder,
        facts: &Proven,
    ) -> Result<Option<Outcome>> {
        let signed = self.sign(builder, facts).await;
        let signed = signed.map_err(|error| self.unsigned(error))?;
        match submission.send(&self.desk.node, self, &signed).await.transpose() {
            Some(answered) => self.settle(answered).await.map(Some),
            None => Ok(None),
        }
    }

    /// Of what came to be, whom it was sealed for is remembered; of what did not, nothing is said.
    fn over(&mut self, sent: Result<Outcome>) -> Result<Outcome> {
        self.desk.withdraw_notes(self.notes_so_far, &sent);
        let outcome = sent?;
        if let Some(attempt) = self.attempts.iter_mut().find(|one| one.hash == outcome.txhash) {
            self.desk.remember_readers(std::mem::take(&mut attempt.readers));
        }
        Ok(outcome)
    }

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
                return Ok(Begun::Included(Box::new(outcome)));
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

    /// As [`Desk::send`], of messages that need no facts. What is filled in is not of a type of its own: one copy serves all of them.
    pub(crate) async fn send_plain(
        &self,
        author: Author<'_>,
        registering: Registering,
        fill: &(dyn Fn(&mut TxBuilder) + Sync),
    ) -> Result<Outcome> {
        let fill = |mut builder| async move {
            fill(&mut builder);
            Ok(builder)
        };
        self.send(author, registering, fill).await
    }

    /// As [`Desk::send`], and hands out what the closure made beside the transaction that was sent.
    pub(crate) async fn send_with<'a, Filled: Future<Output = Result<(TxBuilder, Made)>>, Made>(
        &'a self,
        author: impl Into<Author<'a>>,
        registering: Registering,
        fill: impl Fn(TxBuilder) -> Filled,
    ) -> Result<(Outcome, Made)> {
        let mut sending = Sending::of(self, author.into(), registering);
        let mut submission = Submission::over(&self.node);
        let (mut filled, mut made) = (None, None);
        // Only what fills the transaction is of its message; all around it is the same code for all, and stands on the heap.
        let sent = loop {
            match Box::pin(sending.go_on(&mut submission, filled.take())).await {
                Step::Fill(builder, facts) => match fill(*builder).await {
                    Ok((builder, beside)) => (filled, made) = (Some((builder, facts)), Some(beside)),
                    Err(error) => break sending.over(Err(error)),
                },
                Step::Over(sent) => break sent,
            }
        };
        let (outcome, made) = (sent?, made.ok_or(VerifyError::Missing("what was composed".to_owned()))?);
        Ok((outcome, made))
    }
}

/// The words for what may be signed with one sequence alone, which is not the next one any more.
fn moved(sequence: u64) -> Outcome {
    let nothing = SignedTx { bytes: Vec::new(), sequence, after: 0 };
    submit::passed(&nothing, 0)
}

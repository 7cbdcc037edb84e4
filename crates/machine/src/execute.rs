//! One transaction: its signers' sequences go up, then its messages run, all or none.

use prost::Message as _;
use prost_types::Any;
use sealdesk_protocol::codes::Refusal;
use sealdesk_protocol::envelope::KnownSignatures;
use sealdesk_protocol::events::{Emitted, Event};
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::log;
use sealdesk_protocol::messages::Message;
use sealdesk_protocol::tx::{Tx, TxHash, VerifiedTx};
use sealdesk_protocol::tx_index::tx_events;
use sealdesk_protocol::wire::cosmos::base::abci::v1beta1::TxMsgData;
use sealdesk_protocol::wire::sealdesk::ledger::v1::AccountRecord;
use sealdesk_store::{Snapshot, State};

use crate::admission::{Sequences, Turn, check_sender, check_timeout, committed_sequence};
use crate::call::Call;
use crate::errors::{Fatal, Stop};
use crate::history::record_tx;
use crate::machine::{BlockContext, Executed, ExecutedMessage, Machine};
use crate::messages;
use crate::state::StateView;

/// What the messages of a transaction have done so far: their responses and events, beside their changes of the state.
#[derive(Default)]
struct Effects {
    responses: Vec<Any>,
    events: Vec<Emitted>,
    messages: Vec<ExecutedMessage>,
}

/// A transaction as its messages run, and what was verified of its envelopes ahead of the block.
#[derive(Clone, Copy)]
struct Judged<'a> {
    tx: &'a Tx,
    known: &'a KnownSignatures,
}

/// A message's refusal with its place.
struct RefusedMessage {
    index: usize,
    refusal: Refusal,
}

impl Machine {
    /// Judges and runs a transaction as received.
    ///
    /// # Errors
    /// [`Fatal`] where the state cannot be trusted or read. A refusal is a result.
    pub fn execute(
        &self,
        state: &mut State,
        block: &BlockContext,
        tx: &[u8],
        index: u32,
    ) -> Result<Executed, Fatal> {
        match self.verify(tx, block) {
            Ok(verified) => self.execute_verified(state, block, &verified, index),
            Err(refusal) => Ok(Executed::not_verified(tx, &refusal)),
        }
    }

    /// Runs a transaction whose signatures are known to be good on this chain.
    ///
    /// # Errors
    /// As [`Machine::execute`].
    pub fn execute_verified(
        &self,
        state: &mut State,
        block: &BlockContext,
        tx: &VerifiedTx,
        index: u32,
    ) -> Result<Executed, Fatal> {
        let mut view = StateView::new(state, self.prefix());
        let committed = |address: &Address| Ok::<_, Fatal>(view.account(address)?.sequence);
        if let Err(error) = Sequences::default().admit(tx, block, committed)? {
            let refusal = Refusal::from(error);
            return Ok(Executed::refused(tx.hash(), &refusal, false, refusal.to_string()));
        }
        raise_sequences(&mut view, tx)?;
        view.state.begin_tx()?;
        let mut executed = match self.run(view.state, block, Judged { tx, known: tx.known() })? {
            Ok(effects) => {
                view.state.commit_tx()?;
                effects.executed(tx.hash())
            }
            Err(RefusedMessage { index, refusal }) => {
                view.state.rollback_tx();
                Executed::refused(tx.hash(), &refusal, true, log::of_message(index, &refusal))
            }
        };
        executed.tx_events = tx_events(tx);
        record_tx(&mut view, block, tx, index, &executed)?;
        Ok(executed)
    }

    /// What would become of a transaction in a block, signatures aside. Writes nothing: the changes are thrown away. A sequence
    /// may run ahead, since others of the same sender may wait.
    ///
    /// # Errors
    /// As [`Machine::execute`].
    pub fn simulate(&self, snapshot: &Snapshot, block: &BlockContext, tx: &[u8]) -> Result<Executed, Fatal> {
        let (hash, mut state) = (TxHash::of(tx), State::new(snapshot.clone()));
        let refused = |refusal: &Refusal| Executed::refused(hash, refusal, false, refusal.to_string());
        let tx =
            Tx::decode_unsigned(tx, self.prefix()).and_then(|tx| Ok(check_timeout(&tx, block).map(|()| tx)?));
        let tx = match tx {
            Ok(tx) => tx,
            Err(refusal) => return Ok(refused(&refusal)),
        };
        if let Turn::Never(error) = Turn::of(&tx, |address| committed_sequence(snapshot, address))? {
            return Ok(refused(&error.into()));
        }
        let executed =
            match self.run(&mut state, block, Judged { tx: &tx, known: &KnownSignatures::default() })? {
                Ok(effects) => effects.executed(hash),
                Err(RefusedMessage { index, refusal }) => {
                    Executed::refused(hash, &refusal, true, log::of_message(index, &refusal))
                }
            };
        Ok(Executed { tx_events: tx_events(&tx), ..executed })
    }

    fn run(
        &self,
        state: &mut State,
        block: &BlockContext,
        judged: Judged<'_>,
    ) -> Result<Result<Effects, RefusedMessage>, Fatal> {
        let mut effects = Effects::default();
        for (index, message) in judged.tx.messages().iter().enumerate() {
            match self.run_message(state, block, judged, index) {
                Ok((response, events)) => effects.add(message, response, events),
                Err(Stop::Refused(refusal)) => return Ok(Err(RefusedMessage { index, refusal })),
                Err(Stop::Fatal(fatal)) => return Err(fatal),
            }
        }
        Ok(Ok(effects))
    }

    fn run_message(
        &self,
        state: &mut State,
        block: &BlockContext,
        Judged { tx, known }: Judged<'_>,
        index: usize,
    ) -> Result<(Any, Vec<Event>), Stop> {
        let broken = || Fatal::Broken("every message of a transaction has its signer".to_owned());
        let message = tx.messages().get(index).ok_or_else(broken)?;
        let signer = tx.signers().iter().find(|signer| signer.address == *message.signer());
        let mut call = Call {
            machine: self,
            view: StateView::new(state, self.prefix()),
            block,
            signer: signer.ok_or_else(broken)?,
            index: u32::try_from(index).map_err(|_| broken())?,
            known,
            events: Vec::new(),
        };
        check_sender(&call.view, message)?;
        let response = messages::run(&mut call, message)?;
        Ok((response, call.events))
    }
}

impl Effects {
    fn add(&mut self, message: &Message, response: Any, events: Vec<Event>) {
        let (type_url, sender) = (message.type_url(), message.signer().to_string());
        self.responses.push(response);
        self.messages.push(ExecutedMessage {
            type_url: type_url.clone(),
            sender: sender.clone(),
            module: message.module(),
            events: events.len(),
        });
        let emitted = |event| Emitted { event, action: type_url.clone(), sender: sender.clone() };
        self.events.extend(events.into_iter().map(emitted));
    }

    fn executed(self, hash: TxHash) -> Executed {
        Executed {
            hash,
            code: 0,
            codespace: String::new(),
            log: String::new(),
            data: TxMsgData { msg_responses: self.responses }.encode_to_vec(),
            events: self.events,
            messages: self.messages,
            tx_events: Vec::new(),
            admitted: true,
        }
    }
}

/// Uses up one sequence of each signer, whatever becomes of the messages.
fn raise_sequences(view: &mut StateView<'_>, tx: &VerifiedTx) -> Result<(), Fatal> {
    for signer in tx.signers() {
        let next = signer.sequence.checked_add(1);
        let sequence = next.ok_or_else(|| Fatal::Broken("the last sequence is refused".to_owned()))?;
        let record = AccountRecord { sequence, pub_key: signer.public_key.to_vec() };
        view.put_account(&signer.address, &record);
    }
    Ok(())
}

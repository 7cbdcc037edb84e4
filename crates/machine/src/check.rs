//! What is judged before any message runs: form, signatures, sequence, and in the mempool the sender's account state.

use sealdesk_protocol::codes::{EncryptionError, Refusal, RolesError, SdkError, SupportError};
use sealdesk_protocol::ids::Address;
use sealdesk_protocol::messages::Message;
use sealdesk_protocol::tx::{Tx, VerifiedTx};
use sealdesk_store::{Snapshot, State};

use crate::errors::{Fatal, Stop};
use crate::machine::Machine;
use crate::state::Ledger;

impl Machine {
    /// Whether a transaction could enter the next block, as a mempool asks. Writes nothing.
    ///
    /// `pending_sequence` gives the sequence that an account will have once everything that waits already is executed;
    /// `None` where nothing of it waits.
    ///
    /// # Errors
    /// [`Fatal`] where the state cannot be read. A refusal is the inner result.
    pub fn check(
        &self,
        snapshot: &Snapshot,
        tx: &[u8],
        pending_sequence: &dyn Fn(&Address) -> Option<u64>,
        next_height: u64,
    ) -> Result<Result<VerifiedTx, Refusal>, Fatal> {
        let tx = match self.verify(tx, next_height) {
            Ok(tx) => tx,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut state = State::new(snapshot.clone());
        let ledger = Ledger::new(&mut state, self.prefix());
        match check_sequences(&ledger, &tx, pending_sequence).and_then(|()| check_senders(&ledger, &tx)) {
            Ok(()) => Ok(Ok(tx)),
            Err(Stop::Refused(refusal)) => Ok(Err(refusal)),
            Err(Stop::Fatal(fatal)) => Err(fatal),
        }
    }

    /// Form, `timeout_height`, signatures.
    pub(crate) fn verify(&self, tx: &[u8], height: u64) -> Result<VerifiedTx, Refusal> {
        let tx = Tx::decode(tx, self.prefix())?;
        check_timeout(&tx, height)?;
        tx.verify(self.chain_id())
    }
}

/// Whether the block is not too late for the transaction.
pub(crate) fn check_timeout(tx: &Tx, height: u64) -> Result<(), Refusal> {
    let timeout_height = tx.timeout_height();
    if timeout_height != 0 && height > timeout_height {
        return Err(SdkError::TxTimeout { timeout_height, height }.into());
    }
    Ok(())
}

/// Whether every signer signed with the sequence that comes next.
pub(crate) fn check_sequences(
    ledger: &Ledger<'_>,
    tx: &Tx,
    pending_sequence: &dyn Fn(&Address) -> Option<u64>,
) -> Result<(), Stop> {
    for signer in tx.signers() {
        let expected = match pending_sequence(&signer.address) {
            Some(sequence) => sequence,
            None => ledger.account(&signer.address)?.sequence,
        };
        if signer.sequence != expected {
            return Err(SdkError::WrongSequence { expected, found: signer.sequence }.into());
        }
        if expected == u64::MAX {
            let text = format!("{} has used up its sequences", signer.address);
            return Err(SdkError::Unauthorized(text).into());
        }
    }
    Ok(())
}

fn check_senders(ledger: &Ledger<'_>, tx: &Tx) -> Result<(), Stop> {
    tx.messages().iter().try_for_each(|message| check_sender(ledger, message))
}

/// Whether the message's signer may act at all. Refused with the code for it of the message's own module.
pub(crate) fn check_sender(ledger: &Ledger<'_>, message: &Message) -> Result<(), Stop> {
    let member = ledger.member(message.signer())?;
    if member.is_active() {
        return Ok(());
    }
    let text = format!("{} is {}", message.signer(), member.state.name());
    Err(match message.module() {
        "support" => SupportError::Unauthorized(text).into(),
        "roles" => RolesError::Unauthorized(text).into(),
        "encryption" => EncryptionError::Unauthorized(text).into(),
        _ => SdkError::Unauthorized(text).into(),
    })
}

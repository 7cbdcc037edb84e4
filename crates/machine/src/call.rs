//! What a message runs with: the state, the block, who signed, and what it says has happened.

use sealdesk_protocol::envelope::KnownSignatures;
use sealdesk_protocol::events::Event;
use sealdesk_protocol::tx::Signer;

use crate::errors::Fatal;
use crate::machine::{BlockContext, Machine};
use crate::state::{StateView, TicketEntry};

/// One message of a transaction as it runs.
pub(crate) struct Call<'c, 's> {
    pub(crate) machine: &'c Machine,
    pub(crate) view: StateView<'s>,
    pub(crate) block: &'c BlockContext,
    pub(crate) signer: &'c Signer,
    /// The message's place in its transaction, from 0.
    pub(crate) index: u32,
    /// What was verified ahead of the block. Without it the same is verified now.
    pub(crate) known: &'c KnownSignatures,
    /// What has been emitted so far, in order.
    pub(crate) events: Vec<Event>,
}

impl Call<'_, '_> {
    /// Says what has happened.
    pub(crate) fn emit(&mut self, event: Event) {
        self.events.push(event);
    }

    /// The block's height as events and records have it.
    pub(crate) fn height(&self) -> Result<i64, Fatal> {
        self.block.signed_height()
    }

    /// Changes a ticket now: see [`StateView::change_ticket`].
    pub(crate) fn change_ticket(
        &mut self,
        old: &TicketEntry,
        change: impl FnOnce(&mut TicketEntry),
    ) -> Result<(), Fatal> {
        self.view.change_ticket(old, self.block.time, change)
    }
}

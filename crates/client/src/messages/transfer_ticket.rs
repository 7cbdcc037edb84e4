//! `MsgTransferTicket`: an administrator gives a ticket to another customer, and with it all but the notes.

use sealdesk_protocol::ids::{Address, TicketId};

use super::grant_access::GrantsSent;
use super::passing_on::{Assigned, To};
use crate::actor::Actor;
use crate::desk::Desk;
use crate::error::Result;
use crate::node::Transport;

/// Who gets a ticket, and why.
#[derive(Debug, Clone, Copy)]
pub struct NewCustomer<'a> {
    /// An active account with a key, and not staff.
    pub address: &'a Address,
    /// Public, at most 128 bytes; may be empty.
    pub reason: &'a str,
}

impl<T: Transport> Desk<T> {
    /// Transfers a ticket to another customer, for one who lost their phrase: by `MsgTransferTicket`, with the grants for the new one in the
    /// same transaction, as [`Desk::assign`] does. `progress` hears of each transaction once the ledger has taken it.
    ///
    /// # Errors
    /// As [`Desk::assign_telling`].
    pub async fn transfer(
        &self,
        actor: &Actor,
        ticket: TicketId,
        to: &NewCustomer<'_>,
        progress: &mut (impl FnMut(GrantsSent) + ?Sized),
    ) -> Result<Assigned> {
        self.pass_on(actor, ticket, To::Customer(to), progress).await
    }
}

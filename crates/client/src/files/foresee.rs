//! Whether the ledger would take a message with files, looked at by proven facts before any of them is read, sealed or brought.

use sealdesk_protocol::attachment::Layout;
use sealdesk_protocol::codes::Refusal;
use sealdesk_protocol::customer::{check_attachments, check_create, check_response};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::limits::{ATTACHED_BYTES_PER_MESSAGE_MAX, ATTACHMENTS_PER_MESSAGE_MAX};
use sealdesk_protocol::params::Params;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::{Action, Status, transition};

use super::FileError;
use crate::actor::Actor;
use crate::desk::{Desk, head};
use crate::error::Result;
use crate::node::Transport;

/// What files are attached to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attaching {
    /// A new ticket.
    Ticket,
    /// A response, or a note.
    Response {
        /// To which ticket.
        ticket: TicketId,
        /// Whether it is a note for staff.
        internal: bool,
    },
}

/// The padded sizes of files that one message may have; an error where the desk would not take them from anybody.
fn padded(params: &Params, sizes: &[u64]) -> std::result::Result<Vec<u64>, FileError> {
    let max = u64::from(params.max_attachment_bytes);
    if max == 0 {
        return Err(FileError::Off);
    }
    let of_size = |size: &u64| Layout::of_file(*size).map_or(u64::MAX, Layout::padded_bytes);
    let padded: Vec<u64> = sizes.iter().map(of_size).collect();
    if let Some(bytes) = padded.iter().copied().find(|bytes| *bytes > max) {
        return Err(FileError::TooLarge { bytes, max });
    }
    let bytes = padded.iter().fold(0_u64, |sum, bytes| sum.saturating_add(*bytes));
    if sizes.len() > ATTACHMENTS_PER_MESSAGE_MAX || bytes > ATTACHED_BYTES_PER_MESSAGE_MAX {
        return Err(FileError::TooMany { files: sizes.len(), bytes });
    }
    Ok(padded)
}

impl<T: Transport> Desk<T> {
    /// Refuses what the ledger would refuse of a message with files of these sizes, in bytes, as far as limits and the ticket's status
    /// say. Without files nothing is asked: the ledger answers itself.
    ///
    /// # Errors
    /// [`FileError`], with [`FileError::Foreseen`] for the ledger's own refusal; [`crate::Error::NoSuchTicket`]; or why the facts cannot
    /// be proven.
    pub async fn check_files(&self, actor: &Actor, to: Attaching, sizes: &[u64]) -> Result<()> {
        if sizes.is_empty() {
            return Ok(());
        }
        let me = self.address_of(actor);
        let mut keys = vec![tree::PARAMS.to_vec(), tree::customer(&me)];
        if let Attaching::Response { ticket, .. } = to {
            keys.push(tree::ticket(ticket));
        }
        let facts = self.records(keys).await?;
        let (params, record) = (facts.params()?, facts.customer(&me)?);
        let padded = padded(&params, sizes)?;
        // The newest header may be old where nothing happens, and no block is made before it.
        let now = facts.time().max(self.now_millis() / 1_000);
        let foreseen = |refusal: Refusal| FileError::Foreseen(Box::new(refusal));
        let limited = match to {
            Attaching::Ticket => {
                check_create(&record, &params, now).map_err(|error| foreseen(error.into()))?;
                true
            }
            Attaching::Response { ticket, internal } => {
                let head = head(&facts, ticket)?;
                let by_customer = head.customer_address == me.as_str();
                let action = match (internal, by_customer) {
                    (true, _) => Action::Note,
                    (false, true) => Action::RespondAsCustomer,
                    (false, false) => Action::RespondAsStaff,
                };
                if let Some(status) = Status::from_wire(head.status) {
                    transition(ticket, status, action).map_err(foreseen)?;
                }
                check_response(head.response_count, by_customer, &params)
                    .map_err(|error| foreseen(error.into()))?;
                by_customer
            }
        };
        let record = limited.then_some(&record);
        check_attachments(record, &padded, &params, now).map_err(|error| foreseen(error.into()))?;
        Ok(())
    }
}

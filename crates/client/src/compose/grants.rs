//! Grants for later readers, cut into transactions and messages.

use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::limits::GRANTS_PER_MESSAGE_MAX;
use sealdesk_protocol::wire::virtengine::support::v1::{MsgGrantAccess, TargetedGrant};

/// Grants in one transaction: three full messages. That many stay within its gas (`sealdesk_protocol::gas`), each on another
/// target, with room for an assignment and a registration.
pub const GRANTS_PER_TRANSACTION_MAX: usize = 3 * GRANTS_PER_MESSAGE_MAX;

/// Cuts grants into what fits one transaction each; at least one part, which may be empty.
pub fn chunks(grants: Vec<TargetedGrant>) -> Vec<Vec<TargetedGrant>> {
    if grants.is_empty() {
        return vec![Vec::new()];
    }
    grants.chunks(GRANTS_PER_TRANSACTION_MAX).map(<[TargetedGrant]>::to_vec).collect()
}

/// The messages of a part of a ticket's grants; none where it is empty.
/// `agent` is whose the keys are, where that is an agent who has nothing to do with the ticket.
pub fn grant_messages(
    sender: &Address,
    ticket: TicketId,
    agent: Option<&Address>,
    grants: &[TargetedGrant],
) -> Vec<MsgGrantAccess> {
    let message = |grants: &[TargetedGrant]| MsgGrantAccess {
        sender: sender.to_string(),
        ticket_id: ticket.to_string(),
        grants: grants.to_vec(),
        agent: agent.map(Address::to_string).unwrap_or_default(),
    };
    grants.chunks(GRANTS_PER_MESSAGE_MAX).map(message).collect()
}

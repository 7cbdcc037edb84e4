//! `MsgAssignTicket`: an administrator gives a ticket to an agent and those who help, or an agent takes one that nobody has.

use super::{Checked, support_address, ticket_id};
use crate::codes::{Refusal, SupportError};
use crate::ids::{Address, Prefix, TicketId};
use crate::limits::COLLABORATORS_MAX;
use crate::wire::virtengine::support::v1 as wire;

/// A new assignee.
#[derive(Debug, Clone, PartialEq)]
pub struct AssignTicket {
    /// The administrator, or the agent who takes it; signs.
    pub sender: Address,
    /// Which ticket.
    pub ticket: TicketId,
    /// An active support agent or administrator.
    pub assign_to: Address,
    /// Those who work on it beside them, ascending: at most [`COLLABORATORS_MAX`], none of them the assignee.
    pub collaborators: Vec<Address>,
    /// Refused with code 40 unless the ticket has exactly this many responses; `None` = not checked.
    pub expected_responses: Option<u32>,
}

impl Checked for AssignTicket {
    type Wire = wire::MsgAssignTicket;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        let sender = support_address(prefix, &wire.sender)?;
        let ticket = ticket_id(&wire.ticket_id)?;
        let assign_to = support_address(prefix, &wire.assign_to)?;
        Ok(Self {
            sender,
            ticket,
            collaborators: collaborators(prefix, &wire.collaborators, &assign_to)?,
            assign_to,
            expected_responses: wire.check_count.then_some(wire.response_count),
        })
    }
}

impl AssignTicket {
    /// Whether the sender takes it for themselves, and nobody with it: what an agent may do where the queue is open.
    pub fn takes(&self) -> bool {
        self.sender == self.assign_to && self.collaborators.is_empty()
    }
}

fn collaborators(prefix: &Prefix, texts: &[String], assignee: &Address) -> Result<Vec<Address>, Refusal> {
    let invalid = |why: &str| Err(SupportError::InvalidCollaborators(why.to_owned()).into());
    if texts.len() > COLLABORATORS_MAX {
        return invalid(&format!("{} are named, allowed are at most {COLLABORATORS_MAX}", texts.len()));
    }
    let mut found = texts.iter().map(|text| support_address(prefix, text)).collect::<Result<Vec<_>, _>>()?;
    found.sort_unstable();
    if found.windows(2).any(|pair| pair[0] == pair[1]) {
        return invalid("somebody is named twice");
    }
    if found.contains(assignee) {
        return invalid("the assignee is not one of them");
    }
    Ok(found)
}

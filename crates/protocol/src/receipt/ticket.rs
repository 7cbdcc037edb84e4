//! What a receipt must hold to be of a ticket, and the one order of records.

use prost::Message as _;

use super::ReceiptError;
use crate::ids::TicketId;
use crate::state::tree;
use crate::wire::sealdesk::ledger::v1::ProvenRecord;
use crate::wire::virtengine::support::v1::TicketHead;

/// Of a ticket: its head, then each of its responses, none left out. Whatever follows, or stands in a receipt of no ticket,
/// ascends by state key.
pub(super) fn check_order(ticket: Option<TicketId>, records: &[ProvenRecord]) -> Result<(), ReceiptError> {
    let others = match ticket {
        Some(id) => {
            let (own, others) = split_own(id, records)?;
            if own.iter().any(|record| record.absent) {
                return Err(wrong("one of them is said to be absent"));
            }
            if others.iter().any(|other| own.iter().any(|record| record.state_key == other.state_key)) {
                return Err(wrong("one of them is there twice"));
            }
            others
        }
        None => records,
    };
    if others.windows(2).all(|pair| pair[0].state_key < pair[1].state_key) {
        return Ok(());
    }
    Err(ReceiptError::Encoding("its records are not in ascending order of their keys".to_owned()))
}

/// Divides the records into the ticket's own and the rest, by the count of responses in the ticket's proven head.
fn split_own(
    id: TicketId,
    records: &[ProvenRecord],
) -> Result<(&[ProvenRecord], &[ProvenRecord]), ReceiptError> {
    let head = records.first().filter(|head| head.state_key == tree::ticket(id));
    let head = head.ok_or_else(|| wrong("the first record is not the ticket's"))?;
    let decoded =
        TicketHead::decode(head.record.as_slice()).map_err(|_| wrong("the ticket's record is damaged"))?;
    let count = decoded.ticket.unwrap_or_default().response_count;
    let own = usize::try_from(count).ok().and_then(|count| count.checked_add(1));
    let (own, others) = own
        .and_then(|own| records.split_at_checked(own))
        .ok_or_else(|| wrong("the ticket has more responses than the receipt holds"))?;
    let expected = (0..count).map(|index| tree::response(id, index));
    if own[1..].iter().map(|record| record.state_key.clone()).eq(expected) {
        Ok((own, others))
    } else {
        Err(wrong("they are not its responses, counted from 0"))
    }
}

fn wrong(what: &str) -> ReceiptError {
    ReceiptError::Ticket(what.to_owned())
}

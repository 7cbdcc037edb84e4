//! Tickets, by themselves and by every list they stand on, and responses.

use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::state::side::TicketList;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::{Priority, Status};
use sealdesk_protocol::wire::virtengine::support::v1 as wire;
use sealdesk_store::Snapshot;

use super::page::{List, Page, PageSpec, Space, page};
use super::{asked_status, asked_ticket};
use crate::errors::{Fatal, QueryError};
use crate::machine::Machine;
use crate::state::{ResponseEntry, StateView, TicketEntry, decode, response_of_head};

/// Length of a ticket's number in a key, and so of a cursor on a ticket list.
const TICKET_CURSOR_BYTES: usize = 8;
/// Length of a response's index in a key, and so of a cursor on a ticket's responses.
const RESPONSE_CURSOR_BYTES: usize = 4;

impl Machine {
    /// How many tickets stand in each status, without walking any list; empty where the ledger was begun before they were
    /// counted.
    ///
    /// # Errors
    /// [`QueryError::Fatal`] where the store failed.
    pub fn ticket_counts(&self, snapshot: &Snapshot) -> Result<Vec<(Status, u64)>, QueryError> {
        self.reading(snapshot, |view| {
            let counts = Status::ALL.into_iter().map(|status| Ok((status, view.tickets_in(status)?)));
            let counts: Vec<_> = counts.collect::<Result<_, Fatal>>()?;
            Ok(counts.into_iter().filter_map(|(status, count)| Some((status, count?))).collect())
        })
    }

    /// One ticket with its envelope and grants.
    ///
    /// # Errors
    /// [`QueryError`]: the text is not a ticket id, the ticket does not exist, or the store failed.
    pub fn ticket(
        &self,
        snapshot: &Snapshot,
        request: &wire::QueryTicketRequest,
    ) -> Result<wire::QueryTicketResponse, QueryError> {
        let id = asked_ticket(&request.ticket_id)?;
        self.reading(snapshot, |view| {
            let entry = view.ticket(id)?.ok_or_else(|| QueryError::NotFound(format!("ticket {id}")))?;
            Ok(wire::QueryTicketResponse { ticket: Some(whole_ticket(view, &entry)?) })
        })
    }

    /// A customer's tickets, of one status or of all.
    ///
    /// # Errors
    /// [`QueryError`]: address, status, cursor or limit are not what they must be, or the store failed.
    pub fn tickets_by_customer(
        &self,
        snapshot: &Snapshot,
        request: &wire::QueryTicketsByCustomerRequest,
    ) -> Result<wire::QueryTicketsResponse, QueryError> {
        let address = self.asked_address(&request.customer_address)?;
        let list = TicketList::Customer(&address, asked_status(&request.status)?);
        self.ticket_list(snapshot, list, request.page.as_ref())
    }

    /// The tickets that concern a provider, of one status or of all.
    ///
    /// # Errors
    /// As [`Machine::tickets_by_customer`].
    pub fn tickets_by_provider(
        &self,
        snapshot: &Snapshot,
        request: &wire::QueryTicketsByProviderRequest,
    ) -> Result<wire::QueryTicketsResponse, QueryError> {
        let address = self.asked_address(&request.provider_address)?;
        let list = TicketList::Provider(&address, asked_status(&request.status)?);
        self.ticket_list(snapshot, list, request.page.as_ref())
    }

    /// The tickets assigned to an agent, of one status or of all.
    ///
    /// # Errors
    /// As [`Machine::tickets_by_customer`].
    pub fn tickets_by_agent(
        &self,
        snapshot: &Snapshot,
        request: &wire::QueryTicketsByAgentRequest,
    ) -> Result<wire::QueryTicketsResponse, QueryError> {
        let address = self.asked_address(&request.agent_address)?;
        let list = TicketList::Agent(&address, asked_status(&request.status)?);
        self.ticket_list(snapshot, list, request.page.as_ref())
    }

    /// The tickets of a status.
    ///
    /// # Errors
    /// As [`Machine::tickets_by_customer`]; a status must be named.
    pub fn tickets_by_status(
        &self,
        snapshot: &Snapshot,
        request: &wire::QueryTicketsByStatusRequest,
    ) -> Result<wire::QueryTicketsResponse, QueryError> {
        let status = asked_status(&request.status)?;
        let status = status.ok_or_else(|| QueryError::Invalid("name a status".to_owned()))?;
        self.ticket_list(snapshot, TicketList::Status(status), request.page.as_ref())
    }

    /// The tickets that wait for an agent, of one priority or of all.
    ///
    /// # Errors
    /// As [`Machine::tickets_by_customer`].
    pub fn open_tickets(
        &self,
        snapshot: &Snapshot,
        request: &wire::QueryOpenTicketsRequest,
    ) -> Result<wire::QueryTicketsResponse, QueryError> {
        let unknown = || QueryError::Invalid("no such priority: use low, normal, high or urgent".to_owned());
        let list = match request.priority.as_str() {
            "" => TicketList::Status(Status::Open),
            name => TicketList::Open(Priority::parse(name).ok_or_else(unknown)?),
        };
        self.ticket_list(snapshot, list, request.page.as_ref())
    }

    /// A ticket's responses and notes, each with its envelope and grants.
    ///
    /// # Errors
    /// As [`Machine::tickets_by_customer`]; also where the ticket does not exist.
    pub fn ticket_responses(
        &self,
        snapshot: &Snapshot,
        request: &wire::QueryTicketResponsesRequest,
    ) -> Result<wire::QueryTicketResponsesResponse, QueryError> {
        let id = asked_ticket(&request.ticket_id)?;
        let spec = asked_page(request.page.as_ref())?;
        self.reading(snapshot, |view| {
            if view.ticket(id)?.is_none() {
                return Err(QueryError::NotFound(format!("ticket {id}")));
            }
            let list = [tree::RESPONSES, &id.number().to_be_bytes()].concat();
            let Page { records, next_cursor } = page(
                view,
                List { space: Space::Tree, below: &list, cursor_bytes: Some(RESPONSE_CURSOR_BYTES) },
                spec,
                |_, record| {
                    let entry = response_of_head(&list, decode(&list, &record)?)?;
                    Ok(whole_response(view, id, entry)?)
                },
            )?;
            Ok(wire::QueryTicketResponsesResponse { responses: records, next_cursor })
        })
    }

    fn ticket_list(
        &self,
        snapshot: &Snapshot,
        list: TicketList<'_>,
        request: Option<&wire::PageRequest>,
    ) -> Result<wire::QueryTicketsResponse, QueryError> {
        let spec = asked_page(request)?;
        let list = list.prefix();
        self.reading(snapshot, |view| {
            let Page { records, next_cursor } = page(
                view,
                List { space: Space::Side, below: &list, cursor_bytes: Some(TICKET_CURSOR_BYTES) },
                spec,
                |rest, _| {
                    let entry = listed(view, &list, rest)?;
                    Ok(whole_ticket(view, &entry)?)
                },
            )?;
            Ok(wire::QueryTicketsResponse { tickets: records, next_cursor })
        })
    }
}

/// The ticket whose number ends a list's key.
fn listed(view: &StateView<'_>, list: &[u8], rest: &[u8]) -> Result<TicketEntry, QueryError> {
    let number = rest.try_into().ok().map(u64::from_be_bytes);
    let id = number.and_then(TicketId::new).ok_or_else(|| Fatal::damaged(list, "it lists no ticket"))?;
    let entry = view.ticket(id)?;
    Ok(entry.ok_or_else(|| Fatal::Broken(format!("every list names tickets that exist: {id}")))?)
}

pub(super) fn asked_page(request: Option<&wire::PageRequest>) -> Result<PageSpec<'_>, QueryError> {
    request.map_or_else(
        || PageSpec::new(&[], 0, false),
        |page| PageSpec::new(&page.cursor, page.limit, page.reverse),
    )
}

pub(super) fn whole_ticket(view: &StateView<'_>, entry: &TicketEntry) -> Result<wire::SupportTicket, Fatal> {
    let id = entry.ticket.id;
    Ok(wire::SupportTicket {
        encrypted_payload: view.envelope(id, GrantTarget::Ticket)?,
        grants: view.grants(id, GrantTarget::Ticket)?,
        erased: view.erasure(id, GrantTarget::Ticket)?,
        ..entry.ticket.to_wire()
    })
}

fn whole_response(
    view: &StateView<'_>,
    id: TicketId,
    entry: ResponseEntry,
) -> Result<wire::TicketResponse, Fatal> {
    let target = GrantTarget::Response(entry.response.response_index);
    Ok(wire::TicketResponse {
        encrypted_payload: view.envelope(id, target)?,
        grants: view.grants(id, target)?,
        erased: view.erasure(id, target)?,
        ..entry.response
    })
}

//! Every query, typed. Answers are the wire's records: what matters of them is read again by proof.

use http::uri::PathAndQuery;
use sealdesk_protocol::document::{DocumentPlace, Shelf};
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::ticket::{Priority, Status};
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::{
    encryption::v1 as encryption, roles::v1 as roles, support::v1 as support,
};
use tonic_prost::ProstCodec;

use super::{Gathering, Node, NodeError, Transport, ask};

/// Which part of a list is asked for. The default is the first page of 50, ascending by number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    /// From the last page's `next_cursor`; empty for the first.
    pub cursor: Vec<u8>,
    /// 1 to 100; 0 = the node's default of 50.
    pub limit: u32,
    /// Newest first.
    pub reverse: bool,
}

impl Page {
    pub(super) fn to_wire(&self) -> Option<support::PageRequest> {
        let Self { cursor, limit, reverse } = self.clone();
        Some(support::PageRequest { cursor, limit, reverse })
    }
}

/// A page of tickets, as the node tells them.
#[derive(Debug, Clone, PartialEq)]
pub struct TicketPage {
    /// The tickets.
    pub tickets: Vec<support::SupportTicket>,
    /// Where the next page begins; empty after the last.
    pub next_cursor: Vec<u8>,
}

/// Which tickets are listed. People are accounts of the native ledger, unless another kind is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketsBy<A = Address> {
    /// A customer's, of one status or of all.
    Customer(A, Option<Status>),
    /// A provider's, of one status or of all.
    Provider(A, Option<Status>),
    /// Those that an agent has, of one status or of all.
    Agent(A, Option<Status>),
    /// Those of a status.
    Status(Status),
    /// Open ones, of one priority or of all.
    Open(Option<Priority>),
}

impl<A> TicketsBy<A> {
    /// The same list, its person read as another kind of account.
    ///
    /// # Errors
    /// Those of `account`.
    pub fn try_map<B, E>(self, account: impl FnOnce(A) -> Result<B, E>) -> Result<TicketsBy<B>, E> {
        Ok(match self {
            Self::Customer(who, status) => TicketsBy::Customer(account(who)?, status),
            Self::Provider(who, status) => TicketsBy::Provider(account(who)?, status),
            Self::Agent(who, status) => TicketsBy::Agent(account(who)?, status),
            Self::Status(status) => TicketsBy::Status(status),
            Self::Open(priority) => TicketsBy::Open(priority),
        })
    }
}

/// A shelf's kind and owner, as requests name them.
fn named(shelf: &Shelf) -> (String, String) {
    let owner = shelf.owner().map(ToString::to_string).unwrap_or_default();
    (shelf.kind().name().to_owned(), owner)
}

fn name(status: Option<Status>) -> String {
    status.map_or_else(String::new, |status| status.name().to_owned())
}

impl<T: Transport> Node<T> {
    /// A ticket with its envelope and grants.
    ///
    /// # Errors
    /// [`NodeError`]; [`NodeError::NotFound`] where there is no such ticket.
    pub async fn ticket(&self, id: TicketId) -> Result<support::SupportTicket, NodeError> {
        let request = support::QueryTicketRequest { ticket_id: id.to_string() };
        let answer = ask!(self, "Ticket", support.ticket(request))?;
        answer.ticket.ok_or_else(|| self.incomplete("Ticket", "a ticket"))
    }

    /// How often each score was given, from 1 to 5, as the node says: of an agent's tickets, or of all.
    ///
    /// # Errors
    /// [`NodeError`].
    pub async fn ratings(&self, agent: Option<&Address>) -> Result<Vec<u64>, NodeError> {
        let agent_address = agent.map(ToString::to_string).unwrap_or_default();
        let request = support::QueryRatingsRequest { agent_address };
        Ok(ask!(self, "Ratings", support.ratings(request))?.counts.unwrap_or_default().counts)
    }

    /// A page of tickets.
    ///
    /// # Errors
    /// [`NodeError`].
    pub async fn tickets(&self, by: &TicketsBy, page: &Page) -> Result<TicketPage, NodeError> {
        let page = page.to_wire();
        let answer = match by.clone() {
            TicketsBy::Customer(address, status) => {
                let (customer_address, status) = (address.to_string(), name(status));
                let request = support::QueryTicketsByCustomerRequest { customer_address, status, page };
                ask!(self, "TicketsByCustomer", support.tickets_by_customer(request))?
            }
            TicketsBy::Provider(address, status) => {
                let (provider_address, status) = (address.to_string(), name(status));
                let request = support::QueryTicketsByProviderRequest { provider_address, status, page };
                ask!(self, "TicketsByProvider", support.tickets_by_provider(request))?
            }
            TicketsBy::Agent(address, status) => {
                let (agent_address, status) = (address.to_string(), name(status));
                let request = support::QueryTicketsByAgentRequest { agent_address, status, page };
                ask!(self, "TicketsByAgent", support.tickets_by_agent(request))?
            }
            TicketsBy::Status(status) => {
                let request = support::QueryTicketsByStatusRequest { status: name(Some(status)), page };
                ask!(self, "TicketsByStatus", support.tickets_by_status(request))?
            }
            TicketsBy::Open(priority) => {
                let priority = priority.map_or_else(String::new, |priority| priority.name().to_owned());
                let request = support::QueryOpenTicketsRequest { priority, page };
                ask!(self, "OpenTickets", support.open_tickets(request))?
            }
        };
        Ok(TicketPage { tickets: answer.tickets, next_cursor: answer.next_cursor })
    }

    /// Every ticket of a list, page by page, at most `most` of them.
    ///
    /// # Errors
    /// [`NodeError`].
    pub async fn all_tickets(
        &self,
        by: &TicketsBy,
        most: usize,
    ) -> Result<Vec<support::SupportTicket>, NodeError> {
        self.whole("Tickets", self.gather_tickets(by, most)).await
    }

    async fn gather_tickets(
        &self,
        by: &TicketsBy,
        most: usize,
    ) -> Result<Vec<support::SupportTicket>, NodeError> {
        let mut page = Page { limit: 100, ..Page::default() };
        let (mut all, mut gathering) = (Vec::new(), Gathering::new("Tickets"));
        loop {
            let answer = self.tickets(by, &page).await?;
            answer.tickets.iter().try_for_each(|ticket| gathering.count(self, ticket))?;
            let ends = answer.next_cursor.is_empty() || answer.tickets.is_empty();
            all.extend(answer.tickets);
            // A cursor that does not move would be asked for ever.
            if ends || all.len() >= most || answer.next_cursor == page.cursor {
                all.truncate(most);
                return Ok(all);
            }
            page.cursor = answer.next_cursor;
        }
    }

    /// A page of a ticket's responses with their envelopes and grants, ascending by index, and the next cursor.
    ///
    /// # Errors
    /// [`NodeError`].
    pub async fn responses(
        &self,
        id: TicketId,
        page: &Page,
    ) -> Result<(Vec<support::TicketResponse>, Vec<u8>), NodeError> {
        let request =
            support::QueryTicketResponsesRequest { ticket_id: id.to_string(), page: page.to_wire() };
        let answer = ask!(self, "TicketResponses", support.ticket_responses(request))?;
        Ok((answer.responses, answer.next_cursor))
    }

    /// The first `most` responses of a ticket.
    ///
    /// # Errors
    /// [`NodeError`].
    pub async fn all_responses(
        &self,
        id: TicketId,
        most: usize,
    ) -> Result<Vec<support::TicketResponse>, NodeError> {
        self.whole("TicketResponses", self.gather_responses(id, most)).await
    }

    async fn gather_responses(
        &self,
        id: TicketId,
        most: usize,
    ) -> Result<Vec<support::TicketResponse>, NodeError> {
        let mut page = Page { limit: 100, ..Page::default() };
        let (mut all, mut gathering) = (Vec::new(), Gathering::new("TicketResponses"));
        while all.len() < most {
            let (responses, next_cursor) = self.responses(id, &page).await?;
            responses.iter().try_for_each(|response| gathering.count(self, response))?;
            let ends = next_cursor.is_empty() || responses.is_empty() || next_cursor == page.cursor;
            all.extend(responses);
            if ends {
                break;
            }
            page.cursor = next_cursor;
        }
        all.truncate(most);
        Ok(all)
    }

    /// A document with what stands in it.
    ///
    /// # Errors
    /// [`NodeError`]; [`NodeError::NotFound`] where there is none.
    pub async fn document(&self, place: &DocumentPlace) -> Result<support::Document, NodeError> {
        let (shelf, owner) = named(&place.shelf);
        let request = support::QueryDocumentRequest { shelf, owner, name: place.name.to_string() };
        let answer = ask!(self, "Document", support.document(request))?;
        answer.document.ok_or_else(|| self.incomplete("Document", "a document"))
    }

    /// A page of a shelf's documents with what stands in them, by name, and the next cursor.
    ///
    /// # Errors
    /// [`NodeError`].
    pub async fn documents(
        &self,
        shelf: &Shelf,
        page: &Page,
    ) -> Result<(Vec<support::Document>, Vec<u8>), NodeError> {
        let (shelf, owner) = named(shelf);
        let request = support::QueryDocumentsRequest { shelf, owner, page: page.to_wire() };
        let answer = ask!(self, "Documents", support.documents(request))?;
        Ok((answer.documents, answer.next_cursor))
    }

    /// The parameters in force.
    ///
    /// # Errors
    /// [`NodeError`].
    pub async fn params(&self) -> Result<support::Params, NodeError> {
        let answer = ask!(self, "Params", support.params(support::QueryParamsRequest {}))?;
        answer.params.ok_or_else(|| self.incomplete("Params", "parameters"))
    }

    /// An account's role and state.
    ///
    /// # Errors
    /// [`NodeError`].
    pub async fn account(&self, address: &Address) -> Result<roles::QueryAccountResponse, NodeError> {
        let request = roles::QueryAccountRequest { address: address.to_string() };
        ask!(self, "Account", roles.account(request))
    }

    /// A page of a role's members, and the next cursor.
    ///
    /// # Errors
    /// [`NodeError`].
    pub async fn role_members(
        &self,
        role: AssignableRole,
        page: &Page,
    ) -> Result<(Vec<roles::RoleAssignment>, Vec<u8>), NodeError> {
        let (role, Page { cursor, limit, .. }) = (role.name().to_owned(), page.clone());
        let request = roles::QueryRoleMembersRequest { role, cursor, limit };
        let answer = ask!(self, "RoleMembers", roles.role_members(request))?;
        Ok((answer.members, answer.next_cursor))
    }

    /// An address's keys.
    ///
    /// # Errors
    /// [`NodeError`].
    pub async fn recipient_keys(
        &self,
        address: &Address,
        active_only: bool,
    ) -> Result<Vec<encryption::RecipientKeyRecord>, NodeError> {
        let request = encryption::QueryRecipientKeysRequest { address: address.to_string(), active_only };
        Ok(ask!(self, "RecipientKeys", encryption.recipient_keys(request))?.keys)
    }

    /// Everyone's keys of one fingerprint: it is not a name.
    ///
    /// # Errors
    /// [`NodeError`].
    pub async fn keys_by_fingerprint(
        &self,
        fingerprint: &Fingerprint,
    ) -> Result<Vec<encryption::RecipientKeyRecord>, NodeError> {
        let key_fingerprint = fingerprint.to_string();
        let request = encryption::QueryKeysByFingerprintRequest { key_fingerprint, ..Default::default() };
        Ok(ask!(self, "KeysByFingerprint", encryption.keys_by_fingerprint(request))?.keys)
    }

    /// Who makes blocks, and who is proposed to.
    ///
    /// # Errors
    /// [`NodeError`].
    pub async fn validators(&self) -> Result<ledger::QueryValidatorsResponse, NodeError> {
        ask!(self, "Validators", validator_queries.validators(ledger::QueryValidatorsRequest {}))
    }

    /// What the node says of itself and its ledger.
    ///
    /// # Errors
    /// [`NodeError`].
    pub async fn status(&self) -> Result<ledger::StatusResponse, NodeError> {
        ask!(self, "Status", ledger.status(ledger::StatusRequest {}))
    }

    /// A receipt's bytes: of a ticket, of other records, or of both at one height.
    ///
    /// # Errors
    /// [`NodeError`].
    pub async fn proof(&self, request: ledger::ProofRequest) -> Result<Vec<u8>, NodeError> {
        // The block that proves the newest state may take a while to come, and the node does not wait for it as long as we do.
        let asked = || async {
            let answer = ask!(self, "Proof", ledger.proof(request.clone()))?;
            Ok(answer.receipt)
        };
        self.ask_again("Proof", asked).await
    }

    /// What the ledger does from now on, or from a cursor on.
    ///
    /// # Errors
    /// [`NodeError`]; afterwards the stream itself may end with a status.
    pub async fn follow(
        &self,
        request: ledger::FollowRequest,
    ) -> Result<tonic::Streaming<ledger::LedgerEvent>, NodeError> {
        let (path, _) = super::calls::ledger::follow(&request).into_parts();
        let attempt = || async {
            let (codec, request) = (ProstCodec::default(), tonic::Request::new(request.clone()));
            self.client().await?.server_streaming(request, PathAndQuery::from_static(path), codec).await
        };
        self.ask_patiently("Follow", attempt).await
    }

    /// As [`Node::follow`], and asks again while the node is away.
    pub(crate) async fn follow_again(
        &self,
        request: &ledger::FollowRequest,
    ) -> Result<tonic::Streaming<ledger::LedgerEvent>, NodeError> {
        self.ask_again("Follow", || self.follow(request.clone())).await
    }

    pub(crate) fn incomplete(&self, call: &'static str, missing: &'static str) -> NodeError {
        NodeError::Incomplete { node: self.address().to_owned(), call, missing }
    }
}

//! What a person can ask of the ledger: one file a message, named as in `protocol`.
//!
//! A file holds what the message is made of, the pure function that puts it into a transaction where something is sealed, and the
//! method of [`crate::desk::Desk`] that reads the facts and sends it. `together` puts several of them into one transaction.

mod assign_role;
mod assign_ticket;
mod close_ticket;
mod continue_ledger;
mod create_ticket;
mod grant_access;
mod import_ticket;
mod link_tickets;
mod passing_on;
mod propose_validator;
mod put_document;
mod rate_ticket;
mod register_key;
mod reopen_ticket;
mod resolve_ticket;
mod respond_to_ticket;
mod revoke_key;
mod revoke_role;
mod set_account_state;
mod snooze_ticket;
mod together;
mod transfer_ticket;
mod update_params;
mod update_ticket_priority;
mod update_ticket_status;

pub use crate::compose::ProviderReads;
pub use assign_ticket::NewAssignees;
pub use create_ticket::{NewTicket, create_ticket};
pub(crate) use grant_access::Opening;
pub use grant_access::{GrantAllReport, Granted, GrantsSent, Progress};
pub use import_ticket::{Import, ImportedText, NewImport, import_ticket, names_part};
pub use link_tickets::NewLink;
pub use passing_on::Assigned;
pub use propose_validator::ProposedValidator;
pub use put_document::EntryEdit;
pub use respond_to_ticket::{NewResponse, Then, respond_to_ticket};
pub use sealdesk_envelope::content::{ImportedFrom, TicketContent, is_tag};
pub use together::Act;
pub use transfer_ticket::NewCustomer;

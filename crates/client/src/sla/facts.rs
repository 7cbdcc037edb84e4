//! What is counted: a ticket's history, and the documents by version, as records prove them.

use std::collections::BTreeMap;

use sealdesk_protocol::document::SERVICE_DOCUMENTS;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::limits::STEPS_PER_TICKET_MAX;
use sealdesk_protocol::ticket::{LinkKind, Status, Step, response_kind};
use sealdesk_protocol::wire::sealdesk::ledger::v1::{PublishedVersion, PublishedVersions};
use sealdesk_protocol::wire::virtengine::support::v1::{SupportTicket, TicketResponse};

use super::Problem;
use super::hours::OfficeHours;
use super::levels::ServiceLevels;

/// Why nothing can be counted at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SlaError {
    /// The record has lost the beginning.
    #[error(
        "{ticket} changed its status or priority more than {STEPS_PER_TICKET_MAX} times: the ledger does not keep the first {dropped} any more"
    )]
    Forgotten {
        /// Which ticket.
        ticket: TicketId,
        /// How many are gone.
        dropped: u32,
    },
    /// The record never had it: the ticket came with a genesis that does not tell its history.
    #[error("the ledger does not know what happened to {0} at its beginning")]
    Unknown(TicketId),
    /// The receipt does not say what the desk had published.
    #[error("this receipt does not say which service levels the desk had published")]
    NotCarried,
    /// A proven record is not of its form: this program is too old for it.
    #[error("a proven record cannot be read: {0}")]
    Form(String),
}

/// What happened to a ticket, as far as service levels ask. Times are Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// Which ticket.
    pub ticket: TicketId,
    /// When it was written.
    pub created_at: i64,
    /// Its category, which never changes.
    pub category: String,
    /// Whether it came from another system: then what was before is not counted.
    pub imported: bool,
    /// Whether it was closed as the duplicate of another.
    pub merged: bool,
    /// What its status and priority became, from the beginning.
    pub steps: Vec<Step>,
    /// What was written in it for both sides, in order: neither notes nor comments on a rating.
    pub messages: Vec<Message>,
}

/// Something that was written in a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    /// When.
    pub at: i64,
    /// Whether the staff wrote it, and not the customer.
    pub by_staff: bool,
}

impl History {
    /// Reads the records of a ticket and of all its responses.
    ///
    /// # Errors
    /// [`SlaError`]: the beginning is not known, or a record is not what a ledger writes.
    pub fn of(id: TicketId, ticket: &SupportTicket, responses: &[TicketResponse]) -> Result<Self, SlaError> {
        if ticket.steps_dropped > 0 {
            return Err(SlaError::Forgotten { ticket: id, dropped: ticket.steps_dropped });
        }
        let steps: Option<Vec<Step>> = ticket.steps.iter().map(Step::from_wire).collect();
        let steps = steps.ok_or_else(|| SlaError::Form(format!("the steps of {id}")))?;
        let known = steps.first().is_some_and(|first| first.at == ticket.created_at);
        if !known || !steps.iter().map(|step| step.at).is_sorted() {
            return Err(SlaError::Unknown(id));
        }
        let duplicate = |link: &&sealdesk_protocol::wire::virtengine::support::v1::TicketLink| {
            LinkKind::from_wire(link.kind) == Some(LinkKind::DuplicateOf)
        };
        let closed = ticket.status == Status::Closed.to_wire() && ticket.resolved_at == 0;
        let merged = closed && ticket.links.iter().find(duplicate).is_some();
        let messages = responses.iter().filter(|response| counts(response));
        let messages = messages.map(|one| Message { at: one.created_at, by_staff: one.is_agent }).collect();
        let (created_at, category) = (ticket.created_at, ticket.category.clone());
        let imported = ticket.imported.is_some();
        Ok(Self { ticket: id, created_at, category, imported, merged, steps, messages })
    }

    /// Whether a message came with the ticket from another system.
    pub(super) fn was_imported(&self, message: &Message) -> bool {
        self.imported && message.at <= self.created_at
    }
}

/// Whether a response is said from one side to the other.
fn counts(response: &TicketResponse) -> bool {
    let context = response.payload_context.clone().unwrap_or_default();
    response_kind(response.internal, &context) == sealdesk_protocol::envelope::Kind::Response
}

/// The documents that service levels are counted by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Documents {
    /// What is promised.
    pub sla: Versions,
    /// When the office is open.
    pub office_hours: Versions,
}

/// What stood under the name of a document, and since when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Versions {
    /// In order: each one until the next.
    pub versions: Vec<Version>,
    /// Whether there were others before them, which the ledger does not keep any more.
    pub dropped: bool,
    /// What they say, by version, as far as it is known here.
    pub bodies: BTreeMap<u64, Vec<u8>>,
}

/// A version of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// Which write on its shelf it was.
    pub version: u64,
    /// From when on it stood there, in Unix seconds.
    pub since: i64,
    /// Whether the document was removed.
    pub removed: bool,
}

/// What stood there at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    NotKept,
    Kept(u64),
}

impl Versions {
    /// Reads the record of a document's versions; none where there were none.
    pub fn of(record: Option<PublishedVersions>) -> Self {
        let record = record.unwrap_or_default();
        let version = |one: &PublishedVersion| Version {
            version: one.version,
            since: one.since,
            removed: one.digest.is_empty(),
        };
        let versions = record.versions.iter().map(version).collect();
        Self { versions, dropped: record.dropped > 0, bodies: BTreeMap::new() }
    }

    /// What stood there at a time; what was written in the same second did.
    pub(super) fn at(&self, time: i64) -> Found {
        match self.versions.iter().rev().find(|version| version.since <= time) {
            Some(version) if version.removed => Found::Nothing,
            Some(version) => Found::Kept(version.version),
            None if self.dropped => Found::NotKept,
            None => Found::Nothing,
        }
    }

    fn read<D>(
        &self,
        document: &'static str,
        time: i64,
        parse: impl FnOnce(&[u8]) -> Result<D, super::DocumentFault>,
    ) -> Result<Option<(u64, D)>, Problem> {
        let version = match self.at(time) {
            Found::Nothing => return Ok(None),
            Found::NotKept => return Err(Problem::NotKept { document }),
            Found::Kept(version) => version,
        };
        let body = self.bodies.get(&version).ok_or(Problem::NotCarried { document, version })?;
        let read = parse(body).map_err(|fault| Problem::Unreadable { version, fault })?;
        Ok(Some((version, read)))
    }
}

impl Documents {
    pub(super) fn levels_at(&self, time: i64) -> Result<Option<(u64, ServiceLevels)>, Problem> {
        let [_, sla] = SERVICE_DOCUMENTS;
        self.sla.read(sla, time, ServiceLevels::parse)
    }

    pub(super) fn hours_at(&self, time: i64) -> Result<Option<(u64, OfficeHours)>, Problem> {
        let [office_hours, _] = SERVICE_DOCUMENTS;
        self.office_hours.read(office_hours, time, OfficeHours::parse)
    }
}

//! `MsgImportTicket`: an administrator tells the history of a ticket from another system.

use super::create_ticket::priority;
use super::{Checked, RawEnvelope, support_address};
use crate::codes::{Refusal, SupportError};
use crate::ids::{Address, Prefix};
use crate::import::ImportSource;
use crate::limits::IMPORTED_RESPONSES_MAX;
use crate::ticket::Priority;
use crate::wire::virtengine::support::v1 as wire;

/// A ticket from another system.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportTicket {
    /// The administrator; signs, and seals all of it.
    pub sender: Address,
    /// Whose ticket it is.
    pub customer: Address,
    /// One of the allowed categories; judged against the parameters.
    pub category: String,
    /// Normal where the sender named none.
    pub priority: Priority,
    /// Whether it is over.
    pub closed: bool,
    /// Where it came from.
    pub source: ImportSource,
    /// What it began with.
    pub envelope: RawEnvelope,
    /// What was said then, in order: at most [`IMPORTED_RESPONSES_MAX`].
    pub responses: Vec<ImportedResponse>,
}

/// One text of an imported history.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedResponse {
    /// A note that the customer cannot open.
    pub internal: bool,
    /// The sealed content.
    pub envelope: RawEnvelope,
}

impl Checked for ImportTicket {
    type Wire = wire::MsgImportTicket;

    fn check(wire: Self::Wire, prefix: &Prefix) -> Result<Self, Refusal> {
        let sender = support_address(prefix, &wire.sender)?;
        let customer = support_address(prefix, &wire.customer)?;
        let priority = priority(&wire.priority)?;
        let closed = match wire.status.as_str() {
            "open" => false,
            "closed" => true,
            _ => {
                return Err(SupportError::InvalidImport("the status is not open or closed".to_owned()).into());
            }
        };
        let found = wire.responses.len();
        if found > IMPORTED_RESPONSES_MAX {
            let why = format!("it has {found} responses, at most {IMPORTED_RESPONSES_MAX} can be imported");
            return Err(SupportError::InvalidImport(why).into());
        }
        let response = |one: wire::ImportedResponse| ImportedResponse {
            internal: one.internal,
            envelope: one.encrypted_payload,
        };
        Ok(Self {
            sender,
            customer,
            category: wire.category,
            priority,
            closed,
            source: ImportSource::parse(&wire.source, &wire.source_id)?,
            envelope: wire.encrypted_payload,
            responses: wire.responses.into_iter().map(response).collect(),
        })
    }
}

//! What the ledger says happened: one typed event for each change of state, shaped as Cosmos shapes typed events.

use std::collections::BTreeSet;

use prost::{Message as _, Name};
use serde_json::Value;

use crate::codes::SdkError;
use crate::in_order::InOrder as _;
use crate::json::Shape;
use crate::wire::sealdesk::ledger::v1::{self as ledger, EventRecord};
use crate::wire::tendermint::abci;
use crate::wire::virtengine::{encryption::v1 as encryption, roles::v1 as roles, support::v1 as support};

/// A field of an event.
trait Field {
    /// The value in JSON.
    fn value(&self) -> Value;

    /// The text that Cosmos's JSON has for it: 64-bit numbers are quoted, everything else is as it is.
    fn cosmos(&self) -> String {
        self.value().to_string()
    }
}

impl Field for String {
    fn value(&self) -> Value {
        self.as_str().into()
    }
}

impl Field for i64 {
    fn value(&self) -> Value {
        (*self).into()
    }

    fn cosmos(&self) -> String {
        format!("\"{self}\"")
    }
}

impl Field for u64 {
    fn value(&self) -> Value {
        (*self).into()
    }

    fn cosmos(&self) -> String {
        format!("\"{self}\"")
    }
}

impl Field for u32 {
    fn value(&self) -> Value {
        (*self).into()
    }
}

impl Field for Vec<String> {
    fn value(&self) -> Value {
        self.as_slice().into()
    }
}

impl Field for bool {
    fn value(&self) -> Value {
        (*self).into()
    }
}

macro_rules! events {
    ($($name:ident($wire:ty) { $($field:ident),* } ticket: $ticket:expr;)*) => {
        /// A typed event.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs)] // each variant is documented at its type in proto/
        pub enum Event {
            $($name($wire),)*
        }

        impl Event {
            /// The full name of the event's message, `virtengine.support.v1.EventTicketCreated` and so on.
            pub fn type_name(&self) -> String {
                match self {
                    $(Self::$name(_) => <$wire>::full_name(),)*
                }
            }

            /// The event's canonical encoding.
            pub fn encode(&self) -> Vec<u8> {
                match self {
                    $(Self::$name(event) => event.encode_to_vec(),)*
                }
            }

            /// Reads an event back from its full name and encoding.
            ///
            /// # Errors
            /// Code 2 of `sdk` where either is not an event's.
            pub fn decode(type_name: &str, value: &[u8]) -> Result<Self, SdkError> {
                $(if type_name == <$wire>::full_name() {
                    return crate::canonical::decode(value, type_name).map(Self::$name).map_err(SdkError::TxDecode);
                })*
                Err(SdkError::TxDecode("no event of this ledger".to_owned()))
            }

            /// The ticket it is about, as text; `None` for events that are about no ticket.
            pub fn ticket_id(&self) -> Option<&str> {
                match self {
                    $(Self::$name(event) => { let pick: fn(&$wire) -> Option<&str> = $ticket; pick(event) })*
                }
            }

            /// The time of its block in Unix seconds.
            pub fn timestamp(&self) -> i64 {
                match self {
                    $(Self::$name(event) => event.timestamp,)*
                }
            }

            /// The fields' names and values, in the order of the names; 64-bit numbers are numbers.
            pub fn fields(&self) -> Vec<(&'static str, Value)> {
                self.in_order(|field| field.value())
            }

            /// The same with the values as Cosmos emits them, in JSON.
            pub fn attributes(&self) -> Vec<(&'static str, String)> {
                self.in_order(|field| field.cosmos())
            }

            fn in_order<T>(&self, read: impl Fn(&dyn Field) -> T) -> Vec<(&'static str, T)> {
                let mut fields = match self {
                    $(Self::$name(event) => vec![$((stringify!($field), read(&event.$field)),)*],)*
                };
                fields.sort_by_key(|(name, _)| *name);
                fields
            }

            /// The names of the fields that events have, each once.
            pub fn field_names() -> BTreeSet<&'static str> {
                [$($(stringify!($field)),*),*].into_iter().into_set()
            }

            /// What each event's fields are in JSON Schema, by its full name.
            pub(crate) fn shapes() -> Vec<(String, Vec<(&'static str, Value)>)> {
                vec![$((
                    <$wire>::full_name(),
                    vec![$((stringify!($field), shape_of(|event: &$wire| &event.$field)),)*],
                ),)*]
            }

            /// The full names of all events.
            pub fn type_names() -> Vec<String> {
                vec![$(<$wire>::full_name(),)*]
            }
        }
    };
}

events! {
    TicketCreated(support::EventTicketCreated)
        { ticket_id, customer, provider, category, priority, block_height, timestamp } ticket: |e| Some(&e.ticket_id);
    TicketAssigned(support::EventTicketAssigned)
        { ticket_id, assigned_to, assigned_by, collaborators, block_height, timestamp } ticket: |e| Some(&e.ticket_id);
    TicketResponded(support::EventTicketResponded)
        { ticket_id, responder, response_index, internal, block_height, timestamp } ticket: |e| Some(&e.ticket_id);
    TicketStatusChanged(support::EventTicketStatusChanged)
        { ticket_id, previous_status, status, changed_by, block_height, timestamp } ticket: |e| Some(&e.ticket_id);
    TicketEscalated(support::EventTicketEscalated)
        { ticket_id, previous_priority, new_priority, escalated_by, reason, block_height, timestamp } ticket: |e| Some(&e.ticket_id);
    TicketPriorityChanged(support::EventTicketPriorityChanged)
        { ticket_id, previous_priority, priority, changed_by, reason, block_height, timestamp } ticket: |e| Some(&e.ticket_id);
    TicketResolved(support::EventTicketResolved)
        { ticket_id, resolved_by, resolution, block_height, timestamp } ticket: |e| Some(&e.ticket_id);
    TicketClosed(support::EventTicketClosed)
        { ticket_id, closed_by, reason, block_height, timestamp } ticket: |e| Some(&e.ticket_id);
    TicketReopened(support::EventTicketReopened)
        { ticket_id, reopened_by, reason, block_height, timestamp } ticket: |e| Some(&e.ticket_id);
    AccessGranted(support::EventAccessGranted)
        { ticket_id, granted_by, recipient_id, target, block_height, timestamp } ticket: |e| Some(&e.ticket_id);
    TicketTransferred(support::EventTicketTransferred)
        { ticket_id, previous_customer, new_customer, transferred_by, reason, block_height, timestamp } ticket: |e| Some(&e.ticket_id);
    TicketRated(support::EventTicketRated)
        { ticket_id, customer, score, agent, comment, block_height, timestamp } ticket: |e| Some(&e.ticket_id);
    TicketLinked(support::EventTicketLinked)
        { ticket_id, other, kind, removed, linked_by, block_height, timestamp } ticket: |e| Some(&e.ticket_id);
    TicketSnoozed(support::EventTicketSnoozed)
        { ticket_id, until, snoozed_by, block_height, timestamp } ticket: |e| Some(&e.ticket_id);
    TicketDue(support::EventTicketDue)
        { ticket_id, block_height, timestamp } ticket: |e| Some(&e.ticket_id);
    TicketImported(support::EventTicketImported)
        { ticket_id, customer, source, source_id, imported_by, category, priority, status, responses, block_height, timestamp } ticket: |e| Some(&e.ticket_id);
    ParamsUpdated(support::EventParamsUpdated)
        { authority, block_height, timestamp } ticket: |_| None;
    DocumentChanged(support::EventDocumentChanged)
        { shelf, owner, name, version, digest, removed, changed_by, block_height, timestamp } ticket: |_| None;
    RecipientKeyRegistered(encryption::EventRecipientKeyRegistered)
        { address, key_fingerprint, key_version, block_height, timestamp } ticket: |_| None;
    RecipientKeyRevoked(encryption::EventRecipientKeyRevoked)
        { address, key_fingerprint, block_height, timestamp } ticket: |_| None;
    RoleAssigned(roles::EventRoleAssigned)
        { address, role, assigned_by, block_height, timestamp } ticket: |_| None;
    RoleRevoked(roles::EventRoleRevoked)
        { address, role, revoked_by, block_height, timestamp } ticket: |_| None;
    AccountStateChanged(roles::EventAccountStateChanged)
        { address, previous_state, state, changed_by, reason, block_height, timestamp } ticket: |_| None;
    ValidatorProposed(ledger::EventValidatorProposed)
        { pub_key, power, moniker, proposed_by, block_height, timestamp } ticket: |_| None;
    ValidatorChanged(ledger::EventValidatorChanged)
        { pub_key, previous_power, power, moniker, block_height, timestamp } ticket: |_| None;
    CircleVote(ledger::EventCircleVote)
        { address, change, position, voted_by, votes, members, block_height, timestamp } ticket: |_| None;
    ContinueVote(ledger::EventContinueVote)
        { voted_by, votes, members, block_height, timestamp } ticket: |_| None;
}

/// An event, and the message that caused it.
#[derive(Debug, Clone, PartialEq)]
pub struct Emitted {
    /// What happened.
    pub event: Event,
    /// The causing message's type URL; empty for what the ledger did by itself.
    pub action: String,
    /// The causing message's signer; empty for what the ledger did by itself.
    pub sender: String,
}

impl Emitted {
    /// The record that the store keeps.
    pub fn to_record(&self) -> EventRecord {
        EventRecord {
            r#type: self.event.type_name(),
            value: self.event.encode(),
            action: self.action.clone(),
            sender: self.sender.clone(),
            tx_hash: Vec::new(),
        }
    }

    /// Reads a record of the store.
    ///
    /// # Errors
    /// Code 2 of `sdk` where it holds no event.
    pub fn from_record(record: &EventRecord) -> Result<Self, SdkError> {
        let event = Event::decode(&record.r#type, &record.value)?;
        Ok(Self { event, action: record.action.clone(), sender: record.sender.clone() })
    }

    /// The event as ABCI and Cosmos's queries have it.
    pub fn to_abci(&self) -> abci::Event {
        let attributes = self.event.attributes().into_iter();
        let attributes = attributes.map(|(key, value)| attribute(key, value)).collect();
        abci::Event { r#type: self.event.type_name(), attributes }
    }
}

/// Cosmos's `message` event: which message of which module, by whom.
pub fn message_event(type_url: &str, sender: &str, module: &str) -> abci::Event {
    let attributes = [("action", type_url), ("sender", sender), ("module", module)];
    let attributes = attributes.map(|(key, value)| attribute(key, value.to_owned())).to_vec();
    abci::Event { r#type: "message".to_owned(), attributes }
}

impl Event {
    /// The full name of an event that a person or a program names, in full or by what stands behind its last full stop.
    ///
    /// # Errors
    /// The short names of all events, in words, where the ledger has none of this name: who waited for it would wait for ever.
    pub fn full_name(text: &str) -> Result<String, String> {
        let known = Self::type_names();
        let found = known.iter().find(|name| *name == text || short_name(name) == text);
        found.cloned().ok_or_else(|| {
            let short: Vec<&str> = known.iter().map(|name| short_name(name)).collect();
            format!("events are {}", short.join(", "))
        })
    }
}

fn shape_of<E, T: Shape>(_: fn(&E) -> &T) -> Value {
    T::shape()
}

pub(crate) fn short_name(full: &str) -> &str {
    full.rsplit('.').next().unwrap_or(full)
}

pub(crate) fn attribute(key: &str, value: String) -> abci::EventAttribute {
    abci::EventAttribute { key: key.to_owned(), value, index: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_shaped_as_cosmos_shapes_typed_events() {
        let event = Event::TicketResponded(support::EventTicketResponded {
            ticket_id: "TKT-00000001".into(),
            responder: "virtengine1x".into(),
            response_index: 0,
            internal: true,
            block_height: 12_345,
            timestamp: 1_706_620_800,
        });
        assert_eq!(Event::decode(&event.type_name(), &event.encode()), Ok(event.clone()));
        let emitted = Emitted { event, action: String::new(), sender: String::new() };
        let abci = emitted.to_abci();
        assert_eq!(abci.r#type, "virtengine.support.v1.EventTicketResponded");
        let shown: Vec<_> = abci.attributes.iter().map(|a| format!("{}={}", a.key, a.value)).collect();
        let expected = [
            r#"block_height="12345""#,
            "internal=true",
            r#"responder="virtengine1x""#,
            "response_index=0",
            r#"ticket_id="TKT-00000001""#,
            r#"timestamp="1706620800""#,
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn an_event_is_named_in_full_or_short_and_no_other_name_is_one() {
        for full in Event::type_names() {
            assert_eq!(Event::full_name(&full), Ok(full.clone()));
            assert_eq!(Event::full_name(short_name(&full)), Ok(full));
        }
        for wrong in ["", "TicketCreated", "EventTicketCreted", "virtengine.roles.v1.EventTicketCreated"] {
            let refused = Event::full_name(wrong).unwrap_err();
            assert!(refused.starts_with("events are EventTicketCreated, "), "{refused}");
        }
    }
}

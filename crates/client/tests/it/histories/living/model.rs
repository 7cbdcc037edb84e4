//! What a home has seen, computed plainly from what it sealed by: the least that it remembers. What contradicts that is never sealed by.

use std::collections::{BTreeMap, BTreeSet};

use sealdesk_protocol::identity::Identity;
use serde_json::Value;

use crate::histories::facts::{Asked, History, Key, TicketFact, Who, key_json, who};

/// A key of somebody's list as it stays, and whether it was revoked.
type SeenKey = (String, bool);

/// See the module. Of each ledger anew.
#[derive(Default)]
pub(super) struct Model {
    ledger: Option<Identity>,
    position: u64,
    keys: BTreeMap<Who, Vec<SeenKey>>,
    ticket: Option<String>,
}

/// What stays of a key's record.
fn lasting((place, key): (usize, &Key)) -> SeenKey {
    let mut value = key_json((place, key));
    value["revoked"] = Value::Null;
    (value.to_string(), key.revoked)
}

/// What stays of a ticket: who wrote it, and its text.
fn text(ticket: &TicketFact) -> String {
    let TicketFact { customer, signer, sealed_on, sealed_for, sealed_provider, .. } = ticket;
    format!("{customer} {signer:?} {sealed_on} {sealed_for:?} {sealed_provider:?}")
}

/// Whose lists a command cannot do without.
fn needed(shown: &History) -> BTreeSet<Who> {
    let members = shown.circle.members().iter().map(|member| who(&member.address));
    let customer = shown.ticket.as_ref().map(|ticket| ticket.customer);
    let named = match shown.asked {
        Asked::Grant(to) => Some(to),
        Asked::Answer(_) | Asked::Note => customer,
        Asked::Ticket(_) => None,
    };
    members.chain([shown.writer]).chain(named).collect()
}

impl Model {
    /// What was seen of another ledger says nothing of this one.
    pub(super) fn enters(&mut self, shown: &History) {
        let identity = shown.chain.identity();
        if shown.pin.is_some() && self.ledger != Some(identity) {
            *self = Self { ledger: Some(identity), ..Self::default() };
        }
    }

    /// Whether the ticket was used, so that nobody can put another one in its place.
    pub(super) fn has_used_the_ticket(&self, shown: &History) -> bool {
        self.ledger == Some(shown.chain.identity()) && self.ticket.is_some()
    }

    /// Whether anything was sealed on any ledger.
    pub(super) fn has_met_a_ledger(&self) -> bool {
        self.ledger.is_some()
    }

    /// Whether what a command cannot do without is another than before.
    pub(super) fn contradicts(&self, shown: &History) -> bool {
        if self.ledger != Some(shown.chain.identity()) {
            return false;
        }
        let changed = |person: &Who| {
            let none = Vec::new();
            let listed: Vec<SeenKey> =
                shown.keys.get(person).unwrap_or(&none).iter().enumerate().map(lasting).collect();
            let known = self.keys.get(person).map_or(&[][..], Vec::as_slice);
            known.iter().enumerate().any(|(place, (record, was_revoked))| {
                listed
                    .get(place)
                    .is_none_or(|(now, is_revoked)| now != record || (*was_revoked && !is_revoked))
            })
        };
        let other_text = match (&self.ticket, &shown.ticket) {
            (Some(known), Some(ticket)) => *known != text(ticket),
            _ => false,
        };
        other_text || needed(shown).iter().any(changed)
    }

    /// Something was sealed or granted by this.
    pub(super) fn sealed_by(&mut self, shown: &History) {
        let identity = shown.chain.identity();
        if self.ledger != Some(identity) {
            *self = Self { ledger: Some(identity), ..Self::default() };
        }
        self.position = shown.circle.position();
        for person in needed(shown) {
            let none = Vec::new();
            let listed = shown.keys.get(&person).unwrap_or(&none);
            self.keys.insert(person, listed.iter().enumerate().map(lasting).collect());
        }
        self.ticket = shown.ticket.as_ref().map(text).or(self.ticket.take());
    }

    /// Whether a home that has come to this position knows at least what it sealed by.
    pub(super) fn knows_no_later_circle_than(&self, position: Option<u64>) -> bool {
        position.is_none_or(|position| position >= self.position)
    }
}

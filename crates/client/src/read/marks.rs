//! What texts say of where they stand, held against where they are found: docs/spec/trust.md, "What each text has seen".

use std::collections::{BTreeMap, BTreeSet};

use sealdesk_envelope::content::{MessageContent, SeenCircle, TicketContent};
use sealdesk_protocol::circle::Circle;
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::in_order::InOrder as _;
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::state::tree;

use super::Records;
use crate::actor::Pair;
use crate::desk::Desk;
use crate::error::Result;
use crate::node::Transport;
use crate::trust::{Doubtful, Mark, Trust};

/// The marks of each marked text that was opened.
pub(crate) type Marks = BTreeMap<GrantTarget, Vec<Mark>>;

/// What one text says.
struct Said {
    target: GrantTarget,
    /// `None` of a text of no known form.
    names: Option<Names>,
}

struct Names {
    seen: Option<SeenCircle>,
    ticket: Option<String>,
}

/// The circles of administrators that there have been, as far as this home followed them or the ledger keeps them.
struct History {
    identities: Vec<Identity>,
    /// By position. There may be two of one: a ledger that continues another begins at its position, and may leave members out.
    circles: BTreeMap<u64, Vec<Circle>>,
}

impl History {
    /// Whether there was such a circle. A text of an earlier ledger names that ledger's identity.
    fn holds(&self, seen: &SeenCircle) -> bool {
        let circles = self.circles.get(&seen.circle).into_iter().flatten();
        let mut prints = circles.flat_map(|circle| self.identities.iter().map(|one| circle.fingerprint(one)));
        prints.any(|fingerprint| hex::encode(fingerprint) == seen.fingerprint)
    }

    fn add(&mut self, circle: Circle) {
        self.circles.entry(circle.position()).or_default().push(circle);
    }
}

impl<T: Transport> Desk<T> {
    /// The marks of the texts that these keys open.
    pub(crate) async fn marks(&self, records: &Records, pairs: &[Pair]) -> Result<Marks> {
        let said = records.said(pairs);
        let positions = said.iter().filter_map(|said| Some(said.names.as_ref()?.seen.as_ref()?.circle));
        let history = self.history(positions.into_set()).await?;
        // What the ledger proves, whether or not the node shows the text itself.
        let digest = records.targets.first().map(|target| hex::encode(&target.digest));
        let marks = |said: Said| (said.target, said.marks(history.as_ref(), digest.as_deref()));
        Ok(said.into_iter().map(marks).filter(|(_, marks)| !marks.is_empty()).into_map())
    }

    /// The circles at these positions, and all that the pin has followed. `None` where a node is believed without proofs: then no
    /// circle was followed.
    async fn history(&self, mut positions: BTreeSet<u64>) -> Result<Option<History>> {
        if self.trust() == Trust::NodeTrusted {
            return Ok(None);
        }
        let (pin, ancestry) = (self.pin(), &self.chain().ancestry);
        let beginnings: Vec<_> = ancestry.earlier().iter().chain([ancestry.beginning()]).collect();
        let identities = beginnings.iter().map(|one| one.identity()).collect();
        let mut history = History { identities, circles: BTreeMap::new() };
        beginnings.iter().for_each(|one| history.add(one.circle.clone()));
        let mut changes = pin.changes;
        // What led to the beginning of this ledger it keeps as well: members' votes were verified when it was the present.
        positions.retain(|position| *position <= ancestry.beginning().circle.position());
        if !ancestry.earlier().is_empty() && !positions.is_empty() {
            let keys = positions.iter().map(|position| tree::circle_change(*position)).collect();
            let facts = self.records(keys).await?;
            changes.extend(positions.iter().filter_map(|position| facts.circle_change(*position).ok()));
        }
        let circles = changes.iter().filter_map(|it| Circle::decode(self.prefix(), &it.circle).ok());
        circles.for_each(|circle| history.add(circle));
        Ok(Some(history))
    }
}

impl Said {
    fn marks(&self, history: Option<&History>, digest: Option<&str>) -> Vec<Mark> {
        let Some(names) = &self.names else { return vec![Mark::Unreadable] };
        let ticket = match (self.target, names.ticket.as_deref()) {
            (GrantTarget::Ticket, _) => None,
            (GrantTarget::Response(_), None) => Some(Mark::NoTicket),
            (GrantTarget::Response(_), named) if digest.is_none() || named == digest => None,
            (GrantTarget::Response(_), Some(_)) => Some(Mark::OtherTicket),
        };
        let circle = match (history, &names.seen) {
            (None, _) => None,
            (Some(_), None) => Some(Mark::NoCircle),
            (Some(history), Some(seen)) => (!history.holds(seen)).then_some(Mark::UnknownCircle),
        };
        ticket.into_iter().chain(circle).collect()
    }
}

impl Records {
    /// What every text says that these keys open.
    fn said(&self, pairs: &[Pair]) -> Vec<Said> {
        let said = |target: &super::Target| {
            let opened = target.sealed.as_ref()?.open(pairs)?.ok()?;
            let names = match target.target {
                GrantTarget::Ticket => TicketContent::parse(opened.plaintext())
                    .ok()
                    .map(|content| Names { seen: content.seen, ticket: None }),
                GrantTarget::Response(_) => MessageContent::parse(opened.plaintext())
                    .ok()
                    .map(|content| Names { seen: content.seen, ticket: content.ticket }),
            };
            Some(Said { target: target.target, names })
        };
        self.targets.iter().filter_map(said).collect()
    }

    /// What could be granted to somebody, as they are asked about it.
    pub(crate) fn doubtful(
        &self,
        target: &super::Target,
        marks: &[Mark],
        reader: &Address,
    ) -> Option<Doubtful> {
        let index = match target.target {
            GrantTarget::Ticket => None,
            GrantTarget::Response(index) => Some(index),
        };
        let (author, reader, marks) = (target.author.clone(), reader.clone(), marks.to_vec());
        Some(Doubtful { ticket: TicketId::parse(&self.ticket.ticket_id).ok()?, index, author, reader, marks })
    }
}

#[cfg(test)]
mod tests {
    use sealdesk_protocol::ids::Prefix;

    use super::*;

    fn person(n: u8) -> Address {
        Address::of_public_key(&Prefix::parse(Prefix::DEFAULT).unwrap(), &[n; 33])
    }

    fn seen(circle: &Circle, identity: u8) -> SeenCircle {
        let fingerprint = hex::encode(circle.fingerprint(&Identity([identity; 32])));
        SeenCircle { circle: circle.position(), fingerprint }
    }

    #[test]
    fn circles_of_earlier_ledgers_are_history_and_no_others_are() {
        let first = Circle::first([person(2), person(3)]).unwrap();
        // The ledger that continues the first one left a member out, at the same position.
        let continued = Circle::first([person(2)]).unwrap();
        let other = Circle::first([person(4)]).unwrap();
        let identities = vec![Identity([1; 32]), Identity([2; 32])];
        let mut history = History { identities, circles: BTreeMap::new() };
        history.add(first.clone());
        history.add(continued.clone());
        for (circle, identity) in [(&first, 1), (&first, 2), (&continued, 2)] {
            assert!(history.holds(&seen(circle, identity)));
        }
        let elsewhere = SeenCircle { circle: 7, ..seen(&first, 1) };
        for unknown in [seen(&other, 1), seen(&first, 3), elsewhere] {
            assert!(!history.holds(&unknown));
        }
        let said = |target, seen, ticket: Option<&str>| {
            let names = Some(Names { seen, ticket: ticket.map(str::to_owned) });
            Said { target, names }.marks(Some(&history), Some("aa"))
        };
        let (ticket, answer) = (GrantTarget::Ticket, GrantTarget::Response(0));
        let good = Some(seen(&first, 1));
        assert_eq!(said(ticket, good.clone(), None), []);
        assert_eq!(said(ticket, None, None), [Mark::NoCircle]);
        assert_eq!(said(answer, good.clone(), Some("aa")), []);
        assert_eq!(said(answer, good, Some("bb")), [Mark::OtherTicket]);
        assert_eq!(said(answer, None, None), [Mark::NoTicket, Mark::NoCircle]);
        let unreadable = Said { target: answer, names: None };
        assert_eq!(unreadable.marks(Some(&history), Some("aa")), [Mark::Unreadable]);
    }
}

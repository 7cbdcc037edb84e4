//! What texts say of where they stand, held against where they are found: docs/spec/trust.md, "What each text has seen".

use std::collections::{BTreeMap, BTreeSet};

use sealdesk_envelope::content::{MessageContent, SeenCircle, TicketContent};
use sealdesk_protocol::circle::Circle;
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::state::tree;

use super::{Records, SealedRecord};
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
    circles: BTreeMap<u64, Circle>,
}

impl History {
    /// Whether there was such a circle. A text of an earlier ledger names that ledger's identity.
    fn holds(&self, seen: &SeenCircle) -> bool {
        let Some(circle) = self.circles.get(&seen.circle) else { return false };
        self.identities.iter().any(|identity| hex::encode(circle.fingerprint(identity)) == seen.fingerprint)
    }
}

impl<T: Transport> Desk<T> {
    /// The marks of the texts that these keys open.
    pub(crate) async fn marks(&self, records: &Records, pairs: &[Pair]) -> Result<Marks> {
        let said = records.said(pairs);
        let positions = said.iter().filter_map(|said| Some(said.names.as_ref()?.seen.as_ref()?.circle));
        let history = self.history(positions.collect()).await?;
        let digest = records.targets.first().and_then(|target| target.sealed.as_ref());
        let digest = digest.and_then(SealedRecord::envelope_digest).map(hex::encode);
        let marks = |said: Said| (said.target, said.marks(history.as_ref(), digest.as_deref()));
        Ok(said.into_iter().map(marks).filter(|(_, marks)| !marks.is_empty()).collect())
    }

    /// The circles at these positions, and all that the pin has followed. `None` where a node is believed without proofs: then no
    /// circle was followed.
    async fn history(&self, positions: BTreeSet<u64>) -> Result<Option<History>> {
        if self.trust() == Trust::NodeTrusted {
            return Ok(None);
        }
        let (pin, ancestry, prefix) = (self.pin(), &self.chain().ancestry, self.prefix());
        let beginnings = ancestry.earlier().iter().chain([ancestry.beginning()]);
        let mut circles: BTreeMap<u64, Circle> =
            beginnings.clone().map(|one| (one.circle.position(), one.circle.clone())).collect();
        let followed = pin.changes.iter().map(|change| &change.circle);
        circles.extend(followed.filter_map(|bytes| at_position(Circle::decode(prefix, bytes).ok()?)));
        // What led to the beginning of this ledger it keeps as well: members' votes were verified when it was the present.
        let before = |position: &u64| {
            *position < ancestry.beginning().circle.position() && !circles.contains_key(position)
        };
        let asked: Vec<u64> = positions.into_iter().filter(before).collect();
        if !asked.is_empty() {
            let keys = asked.iter().map(|position| tree::circle_change(*position)).collect();
            let facts = self.records(keys).await?;
            let kept = asked.iter().filter_map(|position| facts.circle_change(*position).ok());
            circles
                .extend(kept.filter_map(|change| at_position(Circle::decode(prefix, &change.circle).ok()?)));
        }
        Ok(Some(History { identities: beginnings.map(|one| one.identity()).collect(), circles }))
    }
}

fn at_position(circle: Circle) -> Option<(u64, Circle)> {
    Some((circle.position(), circle))
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

//! Opening the subjects of a list, each once in a person's life.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use sealdesk_envelope::content::TicketContent;
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::author;
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;

use super::cache::Subjects;
use crate::actor::{Actor, Pair};
use crate::compose::ComposeError;
use crate::desk::{Desk, head};
use crate::error::{Error, Result};
use crate::node::{NodeError, Transport};
use crate::verify::{Proven, VerifyError};
use crate::view::Subject;

/// Tickets that a node is asked for at the same time.
const ASKED_TOGETHER: usize = 8;

/// Who opens, and what they opened before.
pub struct Opener<'a> {
    /// Whose keys open.
    pub actor: &'a Actor,
    /// What is known already; what is opened is added.
    pub subjects: &'a mut Subjects,
}

impl<T: Transport> Desk<T> {
    /// The subjects of these tickets, whose records are among the facts. `given` is what the node gave of them already.
    pub(crate) async fn subjects(
        &self,
        opener: &mut Opener<'_>,
        facts: &mut Proven,
        ids: &BTreeSet<TicketId>,
        given: &mut BTreeMap<TicketId, SupportTicket>,
    ) -> Result<BTreeMap<TicketId, Subject>> {
        let mut found = BTreeMap::new();
        let mut unknown = Vec::new();
        for id in ids {
            match opener.subjects.get(*id, &digest(facts, *id)?) {
                Some(subject) => drop(found.insert(*id, Subject::Text(subject.to_owned()))),
                None => unknown.push(*id),
            }
        }
        if unknown.is_empty() {
            return Ok(found);
        }
        self.fetch_texts(&unknown, given).await?;
        let pairs = self.opening_pairs(opener.actor, facts, &unknown).await?;
        for id in unknown {
            let subject = match given.get(&id).cloned() {
                Some(given) => self.subject(facts, id, given, &pairs)?,
                None => Subject::NotShown("the node does not give it".to_owned()),
            };
            if let Subject::Text(text) = &subject {
                opener.subjects.put(id, &digest(facts, id)?, text);
            }
            found.insert(id, subject);
        }
        Ok(found)
    }

    /// Asks for the tickets whose sealed text the node has not given.
    async fn fetch_texts(
        &self,
        ids: &[TicketId],
        given: &mut BTreeMap<TicketId, SupportTicket>,
    ) -> Result<()> {
        let has_text = |id: &TicketId| {
            given.get(id).is_some_and(|ticket| ticket.encrypted_payload.is_some() || ticket.erased.is_some())
        };
        let missing: Vec<TicketId> = ids.iter().copied().filter(|id| !has_text(id)).collect();
        let ask = |id: TicketId| async move {
            match self.node().ticket(id).await {
                Ok(ticket) => Ok(Some((id, ticket))),
                Err(NodeError::NotFound { .. }) => Ok(None),
                Err(error) => Err(Error::from(error)),
            }
        };
        let asked = iter(missing).map(ask).buffer_unordered(ASKED_TOGETHER).try_collect::<Vec<_>>();
        given.extend(Box::pin(asked).await?.into_iter().flatten());
        Ok(())
    }

    /// The opener's own pairs; and the keys of everyone who wrote these tickets are among the facts afterwards.
    async fn opening_pairs(&self, actor: &Actor, facts: &mut Proven, ids: &[TicketId]) -> Result<Vec<Pair>> {
        let me = self.address_of(actor);
        let mut keys = BTreeSet::from([tree::keys(&me)]);
        for id in ids {
            keys.insert(tree::keys(&self.listed(author(&head(facts, *id)?))?));
        }
        keys.retain(|key| !facts.covers(key));
        if !keys.is_empty() {
            facts.extend(self.records(keys.into_iter().collect()).await?);
        }
        let found = actor.registered(&facts.keys(&me)?).map_err(ComposeError::from)?;
        Ok(found.into_iter().map(|(pair, _)| pair).collect())
    }

    fn subject(&self, facts: &Proven, id: TicketId, given: SupportTicket, pairs: &[Pair]) -> Result<Subject> {
        if given.erased.is_some() {
            return Ok(Subject::NotShown("erased on this node".to_owned()));
        }
        let sealed = match self.sealed_ticket(facts, id, given) {
            Ok(sealed) => sealed,
            // What the node keeps back, or what changed between list and proof.
            Err(Error::Verify(VerifyError::Missing(_) | VerifyError::Differs(_))) => {
                return Ok(Subject::NotShown("the node does not give it".to_owned()));
            }
            Err(other) => return Err(other),
        };
        Ok(match sealed.open(pairs) {
            None => Subject::NotShown("sealed for others".to_owned()),
            Some(Err(_)) => Subject::NotShown("cannot be opened".to_owned()),
            Some(Ok(opened)) => match TicketContent::parse(opened.plaintext()) {
                Ok(content) => Subject::Text(content.subject),
                Err(_) => Subject::NotShown("of no known form".to_owned()),
            },
        })
    }
}

/// The digest of a ticket's own envelope, as the ledger proves it.
fn digest(facts: &Proven, id: TicketId) -> Result<Vec<u8>> {
    let head = facts.ticket(id)?.ok_or(Error::NoSuchTicket(id))?;
    Ok(head.payload_digest)
}

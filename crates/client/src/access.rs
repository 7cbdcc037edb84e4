//! What somebody can open of a ticket, as the ledger proves it: counted after they were let in, and before somebody leaves.

use std::collections::BTreeMap;

use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::GrantTarget;

use crate::actor::Actor;
use crate::desk::Desk;
use crate::error::Result;
use crate::granter::{Granter, Grants};
use crate::node::Transport;
use crate::read::Records;
use crate::trust::{Doubtful, Person};

/// Why somebody cannot open a message that they may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// They have published no key that anything could be sealed to.
    NoKey,
    /// Whoever lets them in cannot open it either.
    NotOpened,
    /// The ledger keeps as many grants of it as it takes.
    NoRoom,
    /// The node keeps its envelope back.
    Withheld,
    /// Its text is marked, and nobody said to grant it.
    Marked,
    /// Nothing stands in the way, and it is not granted: a later transaction failed, or it was written since.
    NotGranted,
}

/// What one person can open of one ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Which ticket.
    pub ticket: TicketId,
    /// Messages that they may have: all but the notes that are kept from them.
    pub messages: usize,
    /// How many of these one of their keys opens.
    pub opens: usize,
    /// The others, and why they cannot.
    pub lacks: Vec<(GrantTarget, Lack)>,
    /// Whether answers that come later are sealed for them: of an assignee without a counting grant they are not.
    pub later: bool,
}

impl Access {
    /// What is not granted because it is marked has that as its reason.
    #[must_use]
    pub(crate) fn without(mut self, doubtful: &[Doubtful]) -> Self {
        let is_marked = |target: GrantTarget| {
            let index = match target {
                GrantTarget::Ticket => None,
                GrantTarget::Response(index) => Some(index),
            };
            doubtful.iter().any(|one| one.ticket == self.ticket && one.index == index)
        };
        for (target, lack) in &mut self.lacks {
            if *lack == Lack::NotGranted && is_marked(*target) {
                *lack = Lack::Marked;
            }
        }
        self
    }

    /// Whether they can open all that they may have, and what comes later.
    pub fn is_whole(&self) -> bool {
        self.lacks.is_empty() && self.later
    }
}

/// What one person can open of many tickets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessTotal {
    /// How many tickets were counted.
    pub tickets: usize,
    /// Messages that the person may have.
    pub messages: usize,
    /// How many of these they can open.
    pub opens: usize,
    /// How many they cannot open for each reason, and the tickets of these.
    pub lacks: BTreeMap<Lack, (usize, Vec<TicketId>)>,
    /// Tickets of which later answers are not sealed for them.
    pub not_later: Vec<TicketId>,
    /// Tickets of which it could not be counted.
    pub uncounted: Vec<TicketId>,
}

impl AccessTotal {
    /// Counts one ticket more; `None` is one that could not be counted.
    pub fn add(&mut self, ticket: TicketId, access: Option<Access>) {
        let Some(Access { ticket, messages, opens, lacks, later }) = access else {
            self.uncounted.push(ticket);
            return;
        };
        self.tickets += 1;
        self.messages += messages;
        self.opens += opens;
        for (_, lack) in lacks {
            let (count, tickets) = self.lacks.entry(lack).or_default();
            *count += 1;
            if tickets.last() != Some(&ticket) {
                tickets.push(ticket);
            }
        }
        if !later {
            self.not_later.push(ticket);
        }
    }

    /// Whether everything was counted, and nothing lacks.
    pub fn is_whole(&self) -> bool {
        self.lacks.is_empty() && self.not_later.is_empty() && self.uncounted.is_empty()
    }
}

/// What lets somebody into a ticket.
pub(crate) struct LetIn {
    pub(crate) grants: Grants,
    /// Whether they read it by grants alone, as an assignee does.
    pub(crate) by_grant: bool,
}

impl<T: Transport> Desk<T> {
    /// What somebody can open of a ticket by now, as far as the actor can tell.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn access(&self, actor: &Actor, ticket: TicketId, reader: &Address) -> Result<Access> {
        let reader = Person::verified(self.chain(), reader, &self.keys(reader).await?);
        let count = |granter: &Granter<'_>, records: &Records| Ok(granter.access(ticket, records));
        self.as_granter(actor, ticket, &reader, count).await
    }

    /// What of a ticket the person lacks, wrapped for them, and what they can open without that.
    pub(crate) async fn grants_for(
        &self,
        actor: &Actor,
        ticket: TicketId,
        reader: &Person,
    ) -> Result<(LetIn, Access)> {
        let make = |granter: &Granter<'_>, records: &Records| {
            let grants = granter.grants(records, &mut getrandom::SysRng)?;
            let let_in = LetIn { grants, by_grant: granter.by_grant };
            Ok((let_in, granter.access(ticket, records)))
        };
        self.as_granter(actor, ticket, reader, make).await
    }
}

impl Granter<'_> {
    /// What the reader can open by entries that their author did not make false, and by grants that count.
    pub(crate) fn access(&self, ticket: TicketId, records: &Records) -> Access {
        let (mut messages, mut lacks) = (0, Vec::new());
        for target in records.targets.iter().filter(|target| self.may_have(records, target)) {
            messages += 1;
            let lack = match &target.sealed {
                None => Some(Lack::Withheld),
                Some(sealed) if self.opens(sealed) => None,
                Some(_) if self.reader.active_keys().is_empty() => Some(Lack::NoKey),
                Some(sealed) if !matches!(sealed.open(self.pairs), Some(Ok(_))) => Some(Lack::NotOpened),
                Some(sealed) if self.room(records, sealed) == 0 => Some(Lack::NoRoom),
                Some(_) => Some(Lack::NotGranted),
            };
            lacks.extend(lack.map(|lack| (target.target, lack)));
        }
        let opens = lacks.len().abs_diff(messages);
        Access { ticket, messages, opens, lacks, later: self.reads_later(records) }
    }
}

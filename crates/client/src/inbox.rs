//! What waits for a person, by role: of each list the most urgent first, and of those who wait equally urgently the longest waiting first.

pub(crate) mod filter;

use futures_util::stream::{StreamExt as _, iter};
use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::circle::Circle;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::in_order::InOrder as _;
use sealdesk_protocol::limits::CIRCLE_VOTE_SECONDS_MAX;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::Status;
use sealdesk_protocol::wire::sealdesk::ledger::v1::MemberVote;

pub use filter::InboxFilter;

use crate::desk::Desk;
use crate::error::Result;
use crate::node::{QueueOf, TicketsBy, Transport};
use crate::overview::{Opener, published_lists};
use crate::queue::{List, Listed, Texts};
pub use crate::queue::{PagedList, QueueRole, TICKETS_ASKED_MAX, TicketsPart};
use crate::staff::InWork;
use crate::verify::Proven;
use crate::view::{Change, Closing, Inbox, OpenVote, Ticket};

/// Tickets of each list of an inbox, where nobody says how many.
pub const INBOX_TICKETS_DEFAULT: usize = 50;
/// Tickets of each list that are looked through where a filter leaves some out.
pub const FILTERED_TICKETS_MAX: usize = 2_000;
/// Tickets of each list whose subjects are searched.
pub const SEARCHED_TICKETS_MAX: usize = 1_000;
/// Closed tickets that a customer sees without asking for them.
const CLOSED_DEFAULT: usize = 5;
/// Closed tickets of which it is asked how they were closed.
const CLOSINGS_MAX: usize = 20;
/// Of how many that is asked at the same time.
const ASKED_TOGETHER: usize = 8;

/// What is asked of an inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboxAsk {
    /// Tickets of each list.
    pub most: usize,
    /// Which ones.
    pub filter: InboxFilter,
    /// Only those that this person wrote or has.
    pub mine: bool,
    /// Closed ones, too.
    pub closed: bool,
}

impl Default for InboxAsk {
    fn default() -> Self {
        let (most, filter) = (INBOX_TICKETS_DEFAULT, InboxFilter::default());
        Self { most, filter, mine: false, closed: false }
    }
}

/// A list of an inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Own,
    Assigned,
    Open,
    InWork,
    Closed,
}

impl InboxAsk {
    /// Tickets of each list that are asked for.
    fn asked(&self) -> usize {
        match (&self.filter.search, self.filter.is_none()) {
            (Some(_), _) => self.most.max(SEARCHED_TICKETS_MAX),
            (None, false) => self.most.max(FILTERED_TICKETS_MAX),
            (None, true) => self.most,
        }
    }

    /// The lists of a person of this role. `takes` says whether they may take what nobody has.
    fn lists(&self, person: &Address, role: AssignableRole, takes: bool, texts: Texts) -> Vec<(Slot, List)> {
        let (me, is_administrator) = (|| person.clone(), role == AssignableRole::Administrator);
        let customer = |status| List::Newest(TicketsBy::Customer(me(), Some(status)));
        let mut lists = vec![
            (Slot::Own, List::Queue(QueueOf::Customer(me()), texts)),
            (Slot::Own, customer(Status::Resolved)),
            // Also of whoever is not staff any more: what was assigned to them still is.
            (Slot::Assigned, List::Queue(QueueOf::Agent(me()), texts)),
        ];
        if (is_administrator || takes) && !self.mine {
            lists.push((Slot::Open, List::Queue(QueueOf::Unassigned, texts)));
        }
        if is_administrator && !self.mine {
            lists.push((Slot::InWork, List::Queue(QueueOf::Assigned, Texts::With)));
        }
        if role == AssignableRole::Customer || self.wants(Status::Closed) {
            lists.push((Slot::Closed, customer(Status::Closed)));
        }
        let is_staff = is_administrator || role == AssignableRole::SupportAgent;
        for status in [Status::Resolved, Status::Closed] {
            if is_staff && self.wants(status) {
                let by = match is_administrator && !self.mine {
                    true => TicketsBy::Status(status),
                    false => TicketsBy::Agent(me(), Some(status)),
                };
                lists.push((Slot::Closed, List::Newest(by)));
            }
        }
        lists
    }

    /// Whether finished tickets of this status are asked for.
    fn wants(&self, status: Status) -> bool {
        self.filter.status == Some(status) || (status == Status::Closed && self.closed)
    }

    /// Closed tickets that are shown.
    fn closed_shown(&self) -> usize {
        let asks = self.closed || matches!(self.filter.status, Some(Status::Resolved | Status::Closed));
        if asks || self.filter.search.is_some() { self.most } else { CLOSED_DEFAULT.min(self.most) }
    }
}

impl<T: Transport> Desk<T> {
    /// What waits for a person. Nothing is opened, so the address is enough.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn inbox(&self, person: &Address) -> Result<Inbox> {
        self.inbox_for(person, &InboxAsk::default(), None).await
    }

    /// As [`Desk::inbox`], of what is asked for. With an opener, subjects are opened.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn inbox_for(
        &self,
        person: &Address,
        ask: &InboxAsk,
        opener: Option<Opener<'_>>,
    ) -> Result<Inbox> {
        let facts = self.records(vec![
            tree::member(person),
            tree::PARAMS.to_vec(),
            tree::ADMINISTRATORS.to_vec(),
            tree::CIRCLE_VOTES.to_vec(),
        ]);
        let facts = facts.await?;
        let member = facts.member(person)?;
        let role = member.role.unwrap_or(AssignableRole::Customer);
        let mut inbox = Inbox::empty(role, member.state == AccountState::Active);
        inbox.votes = self.open_votes_in(&facts, person).await?;
        inbox.ended_votes = self.ended_votes(person).await?;
        let takes = role == AssignableRole::SupportAgent
            && facts.params()?.open_queue
            && self.is_believed_staff(person).await?;
        // Whoever has opened nothing yet gets all texts at once.
        let is_cold = opener.as_ref().is_some_and(|opener| opener.subjects.is_empty());
        let texts = if is_cold { Texts::With } else { Texts::Without };
        let lists = ask.lists(person, role, takes, texts);
        let (slots, lists): (Vec<Slot>, Vec<List>) = lists.into_iter().unzip();
        let mut beside = published_lists();
        beside.push(tree::customer(person));
        let mut listed = self.read_lists(&lists, ask.asked(), beside).await?;
        fill(&mut inbox, ask, &slots, &mut listed)?;
        if ask.filter.is_none() {
            let counted = listed.facts.customer(person)?.open_tickets;
            inbox.withheld = self.withheld(person, counted, &inbox).await?;
        }
        if slots.contains(&Slot::InWork) {
            let tickets = std::mem::take(&mut inbox.in_work);
            let InWork { tickets, mut stranded, ended_grants, .. } =
                self.in_work_among(tickets, listed.given.clone()).await?;
            stranded.retain(|one| ask.filter.fits(&one.ticket));
            (inbox.in_work, inbox.stranded, inbox.ended_grants) = (tickets, stranded, ended_grants);
        }
        self.tell_about(&mut inbox, ask, opener, &mut listed).await?;
        Ok(inbox)
    }

    /// Adds what is shown beside the records, and leaves out what is not found.
    async fn tell_about(
        &self,
        inbox: &mut Inbox,
        ask: &InboxAsk,
        opener: Option<Opener<'_>>,
        listed: &mut Listed,
    ) -> Result<()> {
        let ids = inbox.every_ticket().map(|ticket| ticket.id).into_set();
        let unread = ids.iter().map(|id| tree::ticket(*id)).filter(|key| !listed.facts.covers(key));
        let unread: Vec<Vec<u8>> = unread.collect();
        if !unread.is_empty() {
            listed.facts.extend(self.records(unread).await?);
        }
        inbox.about = self.about(&mut listed.facts, &ids).await?;
        if let Some(mut opener) = opener {
            let subjects = self.subjects(&mut opener, &mut listed.facts, &ids, &mut listed.given).await?;
            for (id, subject) in subjects {
                if let Some(about) = inbox.about.get_mut(&id) {
                    about.subject = subject;
                }
            }
        }
        if ask.filter.search.is_some() {
            inbox.search(&ask.filter);
            inbox.cut(ask);
        }
        let closed: Vec<TicketId> = inbox.closed.iter().take(CLOSINGS_MAX).map(|ticket| ticket.id).collect();
        let closings = iter(closed).map(|id| async move { (id, self.closing(id).await) });
        let closings: Vec<_> = Box::pin(closings.buffer_unordered(ASKED_TOGETHER).collect()).await;
        for (id, closing) in closings {
            if let Some(about) = inbox.about.get_mut(&id) {
                about.closed = closing;
            }
        }
        Ok(())
    }

    /// How a ticket was closed last, where the node tells it.
    async fn closing(&self, id: TicketId) -> Option<Closing> {
        let (events, _) = self.events_of(id).await.ok()?;
        events.into_iter().rev().find_map(|event| match event.change {
            Change::Closed { by, reason } => Some(Closing { by, reason }),
            _ => None,
        })
    }

    /// How many of a customer's tickets the ledger counts as not closed that the node does not list. What changed between list and proof is
    /// looked at once more.
    async fn withheld(&self, person: &Address, counted: u32, inbox: &Inbox) -> Result<u64> {
        let lacks =
            |listed: usize| u64::from(counted).saturating_sub(u64::try_from(listed).unwrap_or(u64::MAX));
        if inbox.more.own > 0 || lacks(inbox.own.len()) == 0 {
            return Ok(0);
        }
        let lists = [
            List::Queue(QueueOf::Customer(person.clone()), Texts::Without),
            List::Newest(TicketsBy::Customer(person.clone(), Some(Status::Resolved))),
        ];
        let mut again = self.read_lists(&lists, INBOX_TICKETS_DEFAULT, Vec::new()).await?;
        let (unfinished, resolved) = (again.take(0)?, again.take(1)?);
        let is_whole = unfinished.1 == 0 && resolved.1 == 0;
        Ok(if is_whole { lacks(unfinished.0.len().saturating_add(resolved.0.len())) } else { 0 })
    }

    /// Every open vote for a change of the administrators, proven.
    ///
    /// # Errors
    /// [`crate::Error`].
    pub async fn every_open_vote(&self) -> Result<Vec<OpenVote>> {
        let facts = self.records(vec![tree::ADMINISTRATORS.to_vec(), tree::CIRCLE_VOTES.to_vec()]).await?;
        let circle = self.circle_of(&facts).await?;
        every_open_vote_in(&facts, &circle)
    }

    /// The open votes that a member has not cast; none for whoever is not a member.
    async fn open_votes_in(&self, facts: &Proven, person: &Address) -> Result<Vec<OpenVote>> {
        let circle = self.circle_of(facts).await?;
        if !circle.contains(person) {
            return Ok(Vec::new());
        }
        let mut open = every_open_vote_in(facts, &circle)?;
        open.retain(|open| !open.voters.iter().any(|voter| voter == person.as_str()));
        Ok(open)
    }
}

fn every_open_vote_in(facts: &Proven, circle: &Circle) -> Result<Vec<OpenVote>> {
    let members = circle.members().len();
    // The ledger drops votes that have ended with the next one only.
    let is_open = |vote: &MemberVote| facts.time().saturating_sub(vote.made) <= CIRCLE_VOTE_SECONDS_MAX;
    let open = facts.circle_votes()?.proposals.into_iter().map(|open| OpenVote {
        address: open.address,
        removes: open.removes,
        voters: open.votes.into_iter().filter(is_open).map(|vote| vote.voter).collect(),
        members,
    });
    Ok(open.filter(|open| !open.voters.is_empty()).collect())
}

/// Puts the lists where they belong, as far as their records fit.
fn fill(inbox: &mut Inbox, ask: &InboxAsk, slots: &[Slot], listed: &mut Listed) -> Result<()> {
    for (place, slot) in slots.iter().enumerate() {
        let (mut tickets, more) = listed.take(place)?;
        tickets.retain(|ticket| ask.filter.fits(ticket));
        let (list, count) = inbox.list(*slot);
        tickets.retain(|ticket| list.iter().all(|known| known.id != ticket.id));
        list.append(&mut tickets);
        match ask.filter.is_none() {
            true => *count = count.saturating_add(more),
            false => inbox.unseen = inbox.unseen.saturating_add(more),
        }
    }
    if ask.filter.search.is_none() {
        inbox.cut(ask);
    }
    Ok(())
}

impl Inbox {
    /// A list, and how many more it has.
    fn list(&mut self, slot: Slot) -> (&mut Vec<Ticket>, &mut u64) {
        match slot {
            Slot::Own => (&mut self.own, &mut self.more.own),
            Slot::Assigned => (&mut self.assigned, &mut self.more.assigned),
            Slot::Open => (&mut self.open, &mut self.more.open),
            Slot::InWork => (&mut self.in_work, &mut self.more.in_work),
            Slot::Closed => (&mut self.closed, &mut self.more.closed),
        }
    }

    /// Leaves as many tickets of each list as are asked for, and counts the others.
    fn cut(&mut self, ask: &InboxAsk) {
        for slot in [Slot::Own, Slot::Assigned, Slot::Open, Slot::InWork, Slot::Closed] {
            // Of one's own the resolved ones stand behind as many unfinished ones.
            let most = match slot {
                Slot::Closed => ask.closed_shown(),
                Slot::Own => ask.most.saturating_mul(2),
                Slot::Assigned | Slot::Open | Slot::InWork => ask.most,
            };
            let (list, more) = self.list(slot);
            let others = list.len().saturating_sub(most);
            *more = more.saturating_add(u64::try_from(others).unwrap_or(u64::MAX));
            list.truncate(most);
        }
    }

    /// Leaves what holds the text that is searched for.
    fn search(&mut self, filter: &InboxFilter) {
        let about = std::mem::take(&mut self.about);
        for slot in [Slot::Own, Slot::Assigned, Slot::Open, Slot::InWork, Slot::Closed] {
            self.list(slot).0.retain(|ticket| filter.finds(ticket, about.get(&ticket.id)));
        }
        self.stranded.retain(|one| filter.finds(&one.ticket, about.get(&one.ticket.id)));
        self.about = about;
    }
}

#[cfg(test)]
mod tests {
    use sealdesk_protocol::ids::Prefix;

    use super::*;
    use AssignableRole as R;
    use Slot as S;

    #[test]
    fn each_role_asks_for_its_lists_and_a_filter_looks_further_than_it_shows() {
        let me = Address::of_public_key(&Prefix::parse(Prefix::DEFAULT).unwrap(), &[2; 33]);
        let slots = |ask: &InboxAsk, role, takes| -> Vec<Slot> {
            ask.lists(&me, role, takes, Texts::Without).into_iter().map(|(slot, _)| slot).collect()
        };
        let plain = InboxAsk::default();
        assert_eq!(slots(&plain, R::Customer, false), [S::Own, S::Own, S::Assigned, S::Closed]);
        assert_eq!(slots(&plain, R::SupportAgent, false), [S::Own, S::Own, S::Assigned]);
        assert_eq!(slots(&plain, R::SupportAgent, true), [S::Own, S::Own, S::Assigned, S::Open]);
        assert_eq!(slots(&plain, R::Administrator, false), [S::Own, S::Own, S::Assigned, S::Open, S::InWork]);
        let mine = InboxAsk { mine: true, closed: true, ..InboxAsk::default() };
        assert_eq!(slots(&mine, R::Administrator, true), [S::Own, S::Own, S::Assigned, S::Closed, S::Closed]);
        let resolved = InboxFilter { status: Some(Status::Resolved), ..InboxFilter::default() };
        let resolved = InboxAsk { filter: resolved, ..InboxAsk::default() };
        assert_eq!(slots(&resolved, R::SupportAgent, false), [S::Own, S::Own, S::Assigned, S::Closed]);
        assert_eq!((plain.asked(), resolved.asked()), (50, FILTERED_TICKETS_MAX));
        assert_eq!((plain.closed_shown(), resolved.closed_shown()), (CLOSED_DEFAULT, 50));
    }
}

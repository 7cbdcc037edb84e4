//! What a desk comes to know of its ledger, held against what its home remembers. Whatever is proven passes here before it is used.

use prost::{Message as _, Name as _};
use prost_types::Any;
use sealdesk_protocol::identity::Identity;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::in_order::InOrder as _;
use sealdesk_protocol::limits::DAY_SECONDS;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::author;
use sealdesk_protocol::wire::virtengine::support::v1 as support;

use super::{Desk, JudgedAgent, Memory};
use crate::error::Result;
use crate::node::Transport;
use crate::trust::remembered::{CastVote, Moment, Remembered, UsedTicket};
use crate::trust::{Pin, Trust};
use crate::verify::{Member, Proven, VerifyError};
use crate::view::EndedGrant;

/// For how long it is not asked again whether somebody is an agent, to show who wrote something: many tickets are read one after the other.
const JUDGED_SECONDS: u64 = 60;
/// Most people of whom that is kept.
const JUDGED_MAX: usize = 1_000;

/// Most agents whose records are asked for beside what is needed.
const AGENTS_ASKED_MAX: usize = 64;

impl Memory {
    /// What to remember of the ledger beside its pin, where this desk came to know more than it was given; told once.
    pub fn take_remembered(&self) -> Option<Remembered> {
        let mut believed = self.lock();
        std::mem::take(&mut believed.remembers_more).then(|| believed.remembered.clone())
    }

    /// Takes in what another desk of the same ledger came to know, such as one in another tab: neither forgets what it knows.
    ///
    /// # Errors
    /// [`VerifyError`] where the two have seen different histories; what was known first stays.
    pub fn absorb(&self, pin: Pin, remembered: Remembered) -> std::result::Result<(), VerifyError> {
        let mut believed = self.lock();
        believed.pin.merge(pin)?;
        Ok(believed.remembered.merge(remembered)?)
    }

    /// Tickets whose assignee could not be sealed for, because no grant counts that lets them in; told once, to members of the circle.
    pub fn take_ended_grants(&self) -> Vec<EndedGrant> {
        std::mem::take(&mut self.lock().ended_grants)
    }
}

impl<T: Transport> Desk<T> {
    /// The same desk, whose home remembers this of its ledger: what contradicts it is refused from here on.
    #[must_use]
    pub fn with_remembered(self, remembered: Remembered) -> Self {
        self.believed().remembered = remembered;
        self
    }

    /// The same desk, which also knows what its home remembers of the agents of a ledger that leads to this one. What is remembered of tickets and
    /// keys stays with that ledger: where this one was made from an older copy, ids mean something else.
    #[must_use]
    pub fn with_earlier_agents(self, earlier: &Identity, remembered: &Remembered) -> Self {
        if let Some(left_at) = self.left_at(earlier) {
            let mut guard = self.believed();
            let believed = &mut *guard;
            let more = believed.remembered.take_along_agents(remembered, left_at, believed.pin.time);
            believed.remembers_more |= more;
        }
        self
    }

    /// What this desk remembers of its ledger.
    pub fn remembered(&self) -> Remembered {
        self.believed().remembered.clone()
    }

    /// Holds what is proven against what is remembered, and remembers which keys everyone has, and which were revoked.
    pub(super) fn compare(&self, proven: &Proven) -> Result<()> {
        let mut guard = self.believed();
        let believed = &mut *guard;
        if believed.trust == Trust::NodeTrusted {
            return Ok(());
        }
        for (id, head) in proven.ticket_heads()? {
            let ticket = head.as_ref().and_then(|head| Some((head.ticket.as_ref()?, &head.payload_digest)));
            let found = ticket.map(|(ticket, digest)| (author(ticket), digest.as_slice()));
            believed.remembered.check_ticket(id, found).map_err(VerifyError::from)?;
        }
        let moment = Moment { height: proven.height(), time: proven.time() };
        let lists: Vec<_> = proven.key_lists(self.prefix())?.into_iter().collect();
        for (person, keys) in &lists {
            if let Err(error) = believed.remembered.check_keys(person, keys) {
                // Another question of this desk may have seen a later state meanwhile.
                if believed.remembered.is_newer(person, moment.height) {
                    let seen = believed.remembered.person(person).map_or(0, |known| known.height);
                    return Err(VerifyError::Stale { seen, found: moment.height }.into());
                }
                return Err(VerifyError::from(error).into());
            }
        }
        let members = proven.members(self.prefix())?;
        for (who, member) in &members {
            if let Err(error) = believed.remembered.check_agent(who, member.appointed_at()) {
                if believed.remembered.is_newer_agent(who, moment.height) {
                    let seen = believed.remembered.agent(who).map_or(0, |known| known.height);
                    return Err(VerifyError::Stale { seen, found: moment.height }.into());
                }
                return Err(VerifyError::from(error).into());
            }
        }
        // Only of a state that contradicts nothing.
        for (who, member) in &members {
            let more = believed.remembered.see_agent(who, member.appointed_at(), moment);
            believed.remembers_more |= more;
        }
        for (person, keys) in &lists {
            believed.remembers_more |= believed.remembered.see_keys(person, keys, moment);
        }
        Ok(())
    }

    /// Remembers an agent in whom this home believes.
    pub(crate) fn believe_agent(&self, who: &Address, member: &Member, facts: &Proven) {
        let Some(made) = member.appointed_at() else { return };
        let mut believed = self.believed();
        if believed.trust != Trust::NodeTrusted {
            // Not that of the facts as a whole: what was proven beside the record can be of a later state, in which they may have gone.
            let moment = facts.moment_of(&tree::member(who));
            let more = believed.remembered.believe_agent(who, made, moment);
            believed.remembers_more |= more;
        }
    }

    /// Whether somebody was proven to be an agent whom this circle vouches for, or not to be one; `None` where that was not asked within the last
    /// minute before `now`.
    pub(crate) fn judged_agent(&self, who: &Address, position: u64, now: i64) -> Option<bool> {
        let believed = self.believed();
        let judged = believed.judged_agents.get(who)?;
        let is_fresh = now.abs_diff(judged.at) < JUDGED_SECONDS && judged.position == position;
        is_fresh.then_some(judged.is_one)
    }

    /// Keeps who of these is such an agent, for a minute.
    pub(crate) fn judge_agents(&self, asked: &[Address], agents: &[Address], position: u64, at: i64) {
        let judged = &mut self.believed().judged_agents;
        if judged.len().saturating_add(asked.len()) > JUDGED_MAX {
            judged.clear();
        }
        for who in asked {
            judged.insert(who.clone(), JudgedAgent { position, at, is_one: agents.contains(who) });
        }
    }

    /// The records that say whether agents are agents still in whom this home believed, of those that it has not looked at on the day of its
    /// newest header: a few at a time. A node lists no former agents, and whoever is not seen going can be brought back.
    pub(crate) fn agents_unseen_today(&self) -> Vec<Vec<u8>> {
        let believed = self.believed();
        let day = believed.pin.time.div_euclid(DAY_SECONDS);
        let unseen = believed.remembered.agents_before(day);
        unseen.take(AGENTS_ASKED_MAX).map(tree::member).collect()
    }

    /// Every agent in whom this home believed, and of whom it does not know that they went.
    pub(crate) fn known_agents(&self) -> Vec<Address> {
        self.believed().remembered.agents_before(i64::MAX).cloned().collect()
    }

    /// The agents whom this home saw go.
    pub(crate) fn agents_gone(&self) -> Vec<Address> {
        self.believed().remembered.agents_gone().cloned().collect()
    }

    /// Reads anew each ticket that these messages change and that was used before: what is sealed or granted was read for that, but
    /// closing or resolving a ticket needs nothing but its number.
    pub(super) async fn check_used(&self, messages: &[Any]) -> Result<()> {
        let known = |id: &TicketId| self.believed().remembered.ticket(*id).is_some();
        let used = messages.iter().filter_map(changed_ticket).filter(known).into_set();
        if !used.is_empty() {
            self.records(used.into_iter().map(tree::ticket).collect()).await?;
        }
        Ok(())
    }

    /// Remembers a ticket that is used, as these facts prove it.
    pub(crate) fn used_ticket(&self, id: TicketId, facts: &Proven) -> Result<()> {
        let Some(head) = facts.ticket(id)? else { return Ok(()) };
        // Who wrote it never changes, whoever's it is since.
        let customer = self.listed(head.ticket.as_ref().map(author).unwrap_or_default())?;
        let digest = head.payload_digest.as_slice().try_into();
        let digest =
            digest.map_err(|_| VerifyError::Missing(format!("the digest of the sealed text of {id}")))?;
        let day = Moment { height: facts.height(), time: facts.time() }.day();
        let mut believed = self.believed();
        if believed.trust != Trust::NodeTrusted {
            let more = believed.remembered.use_ticket(id, UsedTicket { customer, digest, day });
            believed.remembers_more |= more;
        }
        Ok(())
    }

    /// Remembers a vote that the ledger keeps; one for an earlier change, which it follows, is over.
    pub(super) fn vote_is_kept(&self, vote: CastVote, made: i64) {
        let mut believed = self.believed();
        believed.remembered.end_votes(|known| {
            let same = known.voter == vote.voter && known.address == vote.address;
            same && known.removes == vote.removes && known.change != vote.change
        });
        believed.remembered.cast(vote, made);
        believed.remembers_more = true;
    }

    /// Notes that it was decided who joins or leaves: no vote for it can end any more.
    pub(crate) fn vote_is_over(&self, address: &Address, removes: bool) {
        let mut believed = self.believed();
        let over =
            believed.remembered.end_votes(|known| known.address == *address && known.removes == removes);
        believed.remembers_more |= over;
    }

    /// Leaves word of a ticket whose assignee could not be sealed for.
    pub(crate) fn note_ended_grant(&self, ended: EndedGrant) {
        let mut believed = self.believed();
        if !believed.ended_grants.contains(&ended) {
            believed.ended_grants.push(ended);
        }
    }
}

/// The ticket that a message changes without sealing or granting anything.
fn changed_ticket(message: &Any) -> Option<TicketId> {
    let (url, bytes) = (message.type_url.as_str(), message.value.as_slice());
    let id = if url == support::MsgCloseTicket::type_url() {
        support::MsgCloseTicket::decode(bytes).ok()?.ticket_id
    } else if url == support::MsgResolveTicket::type_url() {
        support::MsgResolveTicket::decode(bytes).ok()?.ticket_id
    } else if url == support::MsgReopenTicket::type_url() {
        support::MsgReopenTicket::decode(bytes).ok()?.ticket_id
    } else if url == support::MsgUpdateTicketStatus::type_url() {
        support::MsgUpdateTicketStatus::decode(bytes).ok()?.ticket_id
    } else if url == support::MsgUpdateTicketPriority::type_url() {
        support::MsgUpdateTicketPriority::decode(bytes).ok()?.ticket_id
    } else if url == support::MsgRateTicket::type_url() {
        support::MsgRateTicket::decode(bytes).ok()?.ticket_id
    } else if url == support::MsgLinkTickets::type_url() {
        support::MsgLinkTickets::decode(bytes).ok()?.ticket_id
    } else if url == support::MsgSnoozeTicket::type_url() {
        support::MsgSnoozeTicket::decode(bytes).ok()?.ticket_id
    } else {
        return None;
    };
    TicketId::parse(&id).ok()
}

//! What the ledger proves of a transaction of which a node says that it is done.
//!
//! That a sequence has passed shows that some transaction used it; that it was this one, and that it had its effect, shows in the
//! records which it would have changed. Where they do not show it, it is the node's word, and the outcome says so.

use prost::{Message, Name};
use prost_types::Any;
use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::circle::{Ledger, WalkError, continued};
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::messages::{AssignableRole, GrantTarget};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::{LinkKind, Priority, Status};
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::encryption::v1::{
    MsgRegisterRecipientKey, MsgRevokeRecipientKey, RecipientKeyRecord,
};
use sealdesk_protocol::wire::virtengine::roles::v1::{MsgAssignRole, MsgRevokeRole, MsgSetAccountState};
use sealdesk_protocol::wire::virtengine::support::v1 as support;

use super::Desk;
use super::inclusion::{Attempt, is_of_record};
use crate::error::{Error, Result};
use crate::node::Transport;
use crate::outcome::{Outcome, Tally, Vote};
use crate::trust::remembered::CastVote;
use crate::verify::Proven;

impl<T: Transport> Desk<T> {
    /// The outcome with what is proven of it. An error on the way proves nothing, and does not undo what was sent.
    pub(super) async fn confirmed(&self, attempt: &Attempt, outcome: Outcome) -> Outcome {
        let mut seen = outcome.clone();
        match self.proves(attempt, &mut seen).await {
            Ok(proven) => Outcome { proven, ..seen },
            // What the node called it stays what the node called it.
            Err(_) => Outcome { proven: false, ..outcome },
        }
    }

    /// A refusal, with whether it is proven; or the outcome, where the ledger proves that what is said to be refused was done.
    ///
    /// A block that refuses a transaction uses up its sequence, too. Before a block a refusal proves nothing: whoever heard the
    /// transaction can still have it carried out until it expires.
    pub(super) async fn refused(&self, attempt: &Attempt, refusal: Outcome) -> Result<Outcome> {
        self.hear_of_newest().await;
        if let Some(done) = self.denied(attempt, &refusal).await {
            return Ok(done);
        }
        let proven = self.is_proven_undone(attempt, &refusal).await.unwrap_or(false);
        Err(Error::Refused(Box::new(Outcome { proven, ..refusal })))
    }

    /// What was refused by the node's word, and stands in the ledger all the same. Only what nobody else can have made shows that: what
    /// was sealed or granted by this very attempt.
    async fn denied(&self, attempt: &Attempt, refusal: &Outcome) -> Option<Outcome> {
        let is_own =
            |message: &Any| is_of_record(message) || message.type_url == support::MsgGrantAccess::type_url();
        if !attempt.messages.iter().any(is_own) {
            return None;
        }
        let (codespace, log) = (String::new(), String::new());
        let mut outcome = Outcome { code: 0, codespace, log, proven: true, ..refusal.clone() };
        let stands = self.proves(attempt, &mut outcome).await.unwrap_or(false);
        if outcome.height == 0 {
            outcome.height = self.pin().height;
        }
        stands.then_some(outcome)
    }

    async fn is_proven_undone(&self, attempt: &Attempt, refusal: &Outcome) -> Result<bool> {
        if self.passed_to(attempt, refusal).await?.is_none() {
            return Ok(false);
        }
        // What else was done can have been undone by others since.
        let lasts =
            |message: &Any| is_of_record(message) || message.type_url == MsgRegisterRecipientKey::type_url();
        if !attempt.messages.iter().any(lasts) {
            return Ok(false);
        }
        let mut seen = refusal.clone();
        for message in attempt.messages.iter().filter(|message| lasts(message)) {
            let is_done = match is_of_record(message) {
                true => self.inclusion(attempt, None).await?.is_some(),
                false => self.has_effect(attempt, message, &mut seen).await?,
            };
            if !is_done {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Facts of a state not before that of an outcome in which the sender's sequence has passed the attempt's, with the ticket that the
    /// outcome names; `None` where it has not.
    async fn passed_to(&self, attempt: &Attempt, outcome: &Outcome) -> Result<Option<Proven>> {
        let mut keys = vec![tree::account(&attempt.sender)];
        keys.extend(outcome.ticket_id.map(tree::ticket));
        let facts = self.records(keys).await?;
        let is_passed =
            facts.sequence(&attempt.sender)? > attempt.sequence && facts.height() >= outcome.height;
        Ok(is_passed.then_some(facts))
    }

    async fn proves(&self, attempt: &Attempt, outcome: &mut Outcome) -> Result<bool> {
        let Some(facts) = self.passed_to(attempt, outcome).await? else { return Ok(false) };
        let named = outcome.ticket_id.map(|id| (id, &facts));
        // What no message made is not there, whatever the node calls it.
        (outcome.ticket_id, outcome.response_index, outcome.registered_key) = (None, None, None);
        if attempt.messages.iter().any(is_of_record) {
            let Some(found) = self.inclusion(attempt, named).await? else { return Ok(false) };
            // Which ticket and which answer it became, and in which block, is what the ledger proves, whatever the node called it.
            (outcome.ticket_id, outcome.response_index) = (found.ticket_id, found.response_index);
            if outcome.height != found.height {
                (outcome.height, outcome.timestamp) = (found.height, found.timestamp);
            }
        }
        for message in &attempt.messages {
            if !is_of_record(message) && !self.has_effect(attempt, message, outcome).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn has_effect(&self, attempt: &Attempt, message: &Any, outcome: &mut Outcome) -> Result<bool> {
        if let Some(message) = read::<MsgRegisterRecipientKey>(message) {
            let keys = self.keys(&attempt.sender).await?;
            let made = keys.iter().find(|key| key.public_key == message.public_key);
            // Which key it is called is what the ledger proves, too.
            let Some(made) = made else { return Ok(false) };
            outcome.registered_key = Fingerprint::parse(&made.key_fingerprint).ok();
            return Ok(true);
        }
        if let Some(message) = read::<MsgRevokeRecipientKey>(message) {
            return match message.owner.as_str() {
                "" => self.is_revoked(attempt, &message.key_fingerprint).await,
                owner => self.is_revoked_of(&self.listed(owner)?, &message.key_fingerprint).await,
            };
        }
        if let Some(message) = read::<MsgSetAccountState>(message) {
            let member = self.member(&self.listed(&message.address)?).await?;
            return Ok(AccountState::parse(&message.state) == Some(member.state));
        }
        if let Some(message) = read::<MsgAssignRole>(message) {
            return self
                .role_is(
                    attempt,
                    &RoleAsked { address: message.address, role: message.role, taken: false },
                    outcome,
                )
                .await;
        }
        if let Some(message) = read::<MsgRevokeRole>(message) {
            return self
                .role_is(
                    attempt,
                    &RoleAsked { address: message.address, role: message.role, taken: true },
                    outcome,
                )
                .await;
        }
        if let Some(message) = read::<ledger::MsgProposeValidator>(message) {
            return self.validator_is(attempt, &message, outcome).await;
        }
        if read::<ledger::MsgContinueLedger>(message).is_some() {
            return self.is_continued(attempt, outcome).await;
        }
        if let Some(message) = read::<support::MsgUpdateParams>(message) {
            // The end of the block that holds the message writes them, so its state shows them.
            return Ok(message.params.as_ref() == Some(&self.params().await?.to_wire()));
        }
        if let Some(message) = read::<support::MsgPutDocument>(message) {
            return self.is_put(attempt, message).await;
        }
        if let Some(message) = read::<support::MsgGrantAccess>(message) {
            return self.is_granted(&message).await;
        }
        self.ticket_shows(message).await
    }

    /// Whether a ticket's proven head is as the message would have made it.
    async fn ticket_shows(&self, message: &Any) -> Result<bool> {
        let (id, shows): (String, Shows) = if let Some(m) = read::<support::MsgAssignTicket>(message) {
            let mut collaborators = m.collaborators;
            collaborators.sort_unstable();
            let shows = move |ticket: &support::SupportTicket| {
                ticket.assigned_to == m.assign_to && ticket.collaborators == collaborators
            };
            (m.ticket_id, Box::new(shows))
        } else if let Some(m) = read::<support::MsgUpdateTicketPriority>(message) {
            let priority = Priority::parse(&m.priority).map(Priority::to_wire);
            (m.ticket_id, Box::new(move |ticket| Some(ticket.priority) == priority))
        } else if let Some(m) = read::<support::MsgUpdateTicketStatus>(message) {
            let status = Status::parse(&m.status).map(Status::to_wire);
            (m.ticket_id, Box::new(move |ticket| Some(ticket.status) == status))
        } else if let Some(m) = read::<support::MsgResolveTicket>(message) {
            (m.ticket_id, Box::new(|ticket| ticket.status == Status::Resolved.to_wire()))
        } else if let Some(m) = read::<support::MsgCloseTicket>(message) {
            (m.ticket_id, Box::new(|ticket| ticket.status == Status::Closed.to_wire()))
        } else if let Some(m) = read::<support::MsgTransferTicket>(message) {
            (m.ticket_id, Box::new(move |ticket| ticket.customer_address == m.new_customer))
        } else if let Some(m) = read::<support::MsgRateTicket>(message) {
            let says = move |ticket: &support::SupportTicket| {
                ticket.ratings.last().is_some_and(|last| last.score == m.score)
            };
            (m.ticket_id, Box::new(says))
        } else if let Some(m) = read::<support::MsgLinkTickets>(message) {
            let kind = LinkKind::parse(&m.kind).map(LinkKind::to_wire);
            let shows = move |ticket: &support::SupportTicket| {
                let is_it = |link: &support::TicketLink| Some(link.kind) == kind && link.ticket_id == m.other;
                ticket.links.iter().any(is_it) != m.remove
            };
            (m.ticket_id, Box::new(shows))
        } else if let Some(m) = read::<support::MsgSnoozeTicket>(message) {
            (m.ticket_id, Box::new(move |ticket| ticket.snoozed_until == m.until))
        } else if let Some(m) = read::<support::MsgReopenTicket>(message) {
            let over = [Status::Resolved, Status::Closed].map(Status::to_wire);
            (m.ticket_id, Box::new(move |ticket| !over.contains(&ticket.status)))
        } else {
            return Ok(false);
        };
        let Ok(id) = TicketId::parse(&id) else { return Ok(false) };
        Ok(shows(&self.ticket(id).await?))
    }

    /// Whether every grant of a message stands beside what it opens.
    async fn is_granted(&self, message: &support::MsgGrantAccess) -> Result<bool> {
        let Ok(id) = TicketId::parse(&message.ticket_id) else { return Ok(false) };
        let records = self.ticket_records(id).await?;
        Ok(message.grants.iter().all(|grant| {
            let target = match grant.target.checked_sub(1) {
                None => GrantTarget::Ticket,
                Some(index) => GrantTarget::Response(index),
            };
            let sealed = records.targets.iter().find(|one| one.target == target);
            let sealed = sealed.and_then(|target| target.sealed.as_ref());
            sealed.is_some_and(|sealed| {
                sealed
                    .grants
                    .iter()
                    .any(|known| known.grant_signature == grant.grant_signature && known.entry == grant.entry)
            })
        }))
    }

    /// Whether a role is given or taken; of a vote of the circle that does not decide, whether it is kept.
    async fn role_is(&self, attempt: &Attempt, asked: &RoleAsked, outcome: &mut Outcome) -> Result<bool> {
        let RoleAsked { address, role, taken } = asked;
        let (address, taken) = (self.listed(address)?, *taken);
        if role != AssignableRole::Administrator.name() {
            outcome.vote = None;
            let has = self.member(&address).await?.role.is_some_and(|has| has.name() == role.as_str());
            return Ok(has != taken);
        }
        let facts = self.records(vec![tree::ADMINISTRATORS.to_vec(), tree::CIRCLE_VOTES.to_vec()]).await?;
        let circle = self.circle_of(&facts).await?;
        // Whether it decided is what the proven circle says, whatever the node does.
        let applied = circle.contains(&address) != taken;
        outcome.vote = Some(Vote::of(applied));
        if applied {
            self.vote_is_over(&address, taken);
            return Ok(true);
        }
        let votes = facts.circle_votes()?.proposals.into_iter();
        let mut votes = votes.filter(|open| open.address == address.as_str() && open.removes == taken);
        let kept = votes.next().map(|open| open.votes).unwrap_or_default();
        let tally = Tally { votes: kept.len(), members: circle.members().len() };
        outcome.vote = Some(Vote::Open { tally: Some(tally) });
        let own = kept.iter().find(|vote| vote.voter == attempt.sender.as_str());
        if let Some(own) = own {
            let (voter, change) = (attempt.sender.clone(), circle.next());
            self.vote_is_kept(CastVote { voter, change, address, removes: taken }, own.made);
        }
        Ok(own.is_some())
    }

    /// Whether a key is revoked: one of the sender's, or an agent's. The node names who has it, the proven directory and key lists
    /// decide: anybody can register a copy of a public key and revoke that.
    async fn is_revoked(&self, attempt: &Attempt, fingerprint: &str) -> Result<bool> {
        let has = |keys: &[RecipientKeyRecord], revoked: bool| {
            keys.iter().any(|key| key.key_fingerprint == fingerprint && (key.revoked_at != 0) == revoked)
        };
        if has(&self.keys(&attempt.sender).await?, true) {
            return Ok(true);
        }
        let Ok(key) = Fingerprint::parse(fingerprint) else { return Ok(false) };
        let mut is_revoked = false;
        for record in self.node().keys_by_fingerprint(&key).await? {
            let owner = self.listed(&record.address)?;
            if self.member(&owner).await?.role != Some(AssignableRole::SupportAgent) {
                continue;
            }
            let keys = self.keys(&owner).await?;
            if has(&keys, false) {
                return Ok(false);
            }
            is_revoked |= has(&keys, true);
        }
        Ok(is_revoked)
    }

    /// Whether nobody seals any more for somebody's key of a fingerprint.
    async fn is_revoked_of(&self, owner: &Address, fingerprint: &str) -> Result<bool> {
        let keys = self.keys(owner).await?;
        let mut named = keys.iter().filter(|key| key.key_fingerprint == fingerprint).peekable();
        Ok(named.peek().is_some() && named.all(|key| key.revoked_at != 0))
    }

    /// Whether this ledger continues the one before by its members' votes, each verified; else whether the sender's is kept.
    async fn is_continued(&self, attempt: &Attempt, outcome: &mut Outcome) -> Result<bool> {
        let ancestry = &self.chain().ancestry;
        let Some(before) = ancestry.earlier().last() else { return Ok(false) };
        let facts = self.records(vec![tree::CONTINUES.to_vec()]).await?;
        let record = facts.continue_votes()?;
        let old = Ledger::of(before);
        let judged = continued(&old, &ancestry.beginning().circle, &self.chain().identity(), &record);
        // Whether it decided is what the proven votes say, whatever the node does.
        outcome.vote = Some(match judged {
            Ok(_) => Vote::Decided,
            Err(WalkError::TooFew { votes, members, .. }) => {
                Vote::Open { tally: Some(Tally { votes, members }) }
            }
            Err(_) => Vote::Open { tally: None },
        });
        // Once they have decided, no later vote is kept.
        Ok(judged.is_ok() || record.votes.iter().any(|vote| vote.voter == attempt.sender.as_str()))
    }

    /// Whether a vote for a validator is kept, or decided. Which of both is what the proven list says, whatever the node does.
    async fn validator_is(
        &self,
        attempt: &Attempt,
        message: &ledger::MsgProposeValidator,
        outcome: &mut Outcome,
    ) -> Result<bool> {
        let facts = self.records(vec![tree::VALIDATORS.to_vec(), tree::VALIDATOR_PROPOSALS.to_vec()]).await?;
        let validators = facts.validators()?.validators;
        let power = validators.iter().find(|one| one.pub_key == message.pub_key).map_or(0, |one| one.power);
        let applied = !validators.is_empty() && power == message.power;
        outcome.vote = Some(Vote::of(applied));
        if applied {
            return Ok(true);
        }
        let mut open = facts.validator_proposals()?.proposals.into_iter();
        let is_it = |open: &ledger::ValidatorProposal| {
            open.pub_key == message.pub_key
                && open.power == message.power
                && open.voters.contains(&attempt.sender.to_string())
        };
        Ok(open.any(|open| is_it(&open)))
    }
}

/// A role that a message gives or takes.
struct RoleAsked {
    address: String,
    role: String,
    taken: bool,
}

/// Whether a ticket is as a message would have made it.
type Shows = Box<dyn Fn(&support::SupportTicket) -> bool + Send + Sync>;

/// A message of this kind.
fn read<M: Message + Name + Default>(message: &Any) -> Option<M> {
    if message.type_url != M::type_url() {
        return None;
    }
    M::decode(message.value.as_slice()).ok()
}

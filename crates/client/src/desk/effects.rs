//! What the ledger proves of a transaction of which a node says that it is done.
//!
//! That a sequence has passed shows that some transaction used it; that it was this one, and that it had its effect, shows in the
//! records which it would have changed. Where they do not show it, it is the node's word, and the outcome says so.

use prost::{Message, Name};
use prost_types::Any;
use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::circle::{Ledger, WalkError, continued};
use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::messages::{AssignableRole, GrantTarget};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::{Priority, Status};
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::encryption::v1::{
    MsgRegisterRecipientKey, MsgRevokeRecipientKey, RecipientKeyRecord,
};
use sealdesk_protocol::wire::virtengine::roles::v1::{MsgAssignRole, MsgRevokeRole, MsgSetAccountState};
use sealdesk_protocol::wire::virtengine::support::v1 as support;

use super::Desk;
use super::inclusion::Attempt;
use crate::error::Result;
use crate::node::Transport;
use crate::outcome::Outcome;

impl<T: Transport> Desk<T> {
    /// The outcome with what is proven of it. An error on the way proves nothing, and does not undo what was sent.
    pub(super) async fn confirmed(&self, attempt: &Attempt, mut outcome: Outcome) -> Outcome {
        let proven = self.proves(attempt, &mut outcome).await;
        Outcome { proven: proven.unwrap_or(false), ..outcome }
    }

    /// What was refused by the node's word, and stands in the ledger all the same. Only what nobody else can have made shows that: what
    /// was sealed or granted by this very attempt.
    pub(super) async fn denied(&self, attempts: &[Attempt], refused: &Outcome) -> Option<Outcome> {
        let attempt = attempts.iter().find(|attempt| attempt.hash == refused.txhash)?;
        let own = [
            support::MsgCreateTicket::type_url(),
            support::MsgRespondToTicket::type_url(),
            support::MsgGrantAccess::type_url(),
        ];
        if !attempt.messages.iter().any(|message| own.contains(&message.type_url)) {
            return None;
        }
        let (codespace, log) = (String::new(), String::new());
        let mut outcome = Outcome { code: 0, codespace, log, proven: true, ..refused.clone() };
        let stands = self.proves(attempt, &mut outcome).await.unwrap_or(false);
        outcome.height = outcome.height.max(self.pin().height);
        stands.then_some(outcome)
    }

    async fn proves(&self, attempt: &Attempt, outcome: &mut Outcome) -> Result<bool> {
        let facts = self.records(vec![tree::account(&attempt.sender)]).await?;
        if facts.sequence(&attempt.sender)? <= attempt.sequence || facts.height() < outcome.height {
            return Ok(false);
        }
        let of_record = |url: &str| {
            [support::MsgCreateTicket::type_url(), support::MsgRespondToTicket::type_url()]
                .iter()
                .any(|known| known == url)
        };
        // What no message made is not there, whatever the node calls it.
        (outcome.ticket_id, outcome.response_index, outcome.registered_key) = (None, None, None);
        if attempt.messages.iter().any(|message| of_record(&message.type_url)) {
            let Some(found) = self.inclusion(attempt).await? else { return Ok(false) };
            // Which ticket and which answer it became is what the ledger proves, whatever the node called it.
            (outcome.ticket_id, outcome.response_index) = (found.ticket_id, found.response_index);
        }
        for message in &attempt.messages {
            if !of_record(&message.type_url) && !self.has_effect(attempt, message, outcome).await? {
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
            return self.is_revoked(attempt, &message.key_fingerprint).await;
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
        // Parameters are in force from the next block on: until then nothing but the sequence shows them.
        if read::<support::MsgUpdateParams>(message).is_some() {
            return Ok(true);
        }
        if let Some(message) = read::<support::MsgGrantAccess>(message) {
            return self.is_granted(&message).await;
        }
        self.ticket_shows(message).await
    }

    /// Whether a ticket's proven head is as the message would have made it.
    async fn ticket_shows(&self, message: &Any) -> Result<bool> {
        let (id, shows): (String, Shows) = if let Some(m) = read::<support::MsgAssignTicket>(message) {
            (m.ticket_id, Box::new(move |ticket| ticket.assigned_to == m.assign_to))
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
            outcome.vote_applied = None;
            let has = self.member(&address).await?.role.is_some_and(|has| has.name() == role.as_str());
            return Ok(has != taken);
        }
        let facts = self.records(vec![tree::ADMINISTRATORS.to_vec(), tree::CIRCLE_VOTES.to_vec()]).await?;
        let circle = self.circle_of(&facts).await?;
        // Whether it decided is what the proven circle says, whatever the node does.
        let applied = circle.contains(&address) != taken;
        outcome.vote_applied = Some(applied);
        if applied {
            return Ok(true);
        }
        let votes = facts.circle_votes()?.proposals.into_iter();
        let mut votes = votes.filter(|open| open.address == address.as_str() && open.removes == taken);
        let kept = votes.next().map(|open| open.votes).unwrap_or_default();
        outcome.votes = Some((kept.len(), circle.members().len()));
        Ok(kept.iter().any(|vote| vote.voter == attempt.sender.as_str()))
    }

    /// Whether a key is revoked: one of the sender's, or an agent's, whose owner the node names and the proven key list decides.
    async fn is_revoked(&self, attempt: &Attempt, fingerprint: &str) -> Result<bool> {
        let is_it = |key: &RecipientKeyRecord| key.key_fingerprint == fingerprint && key.revoked_at != 0;
        if self.keys(&attempt.sender).await?.iter().any(is_it) {
            return Ok(true);
        }
        let Ok(key) = Fingerprint::parse(fingerprint) else { return Ok(false) };
        for record in self.node().keys_by_fingerprint(&key).await? {
            if self.keys(&self.listed(&record.address)?).await?.iter().any(is_it) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether this ledger continues the one before by its members' votes, each verified; else whether the sender's is kept.
    async fn is_continued(&self, attempt: &Attempt, outcome: &mut Outcome) -> Result<bool> {
        let ancestry = &self.chain().ancestry;
        let Some(before) = ancestry.earlier().last() else { return Ok(false) };
        let facts = self.records(vec![tree::CONTINUES.to_vec()]).await?;
        let record = facts.continue_votes()?;
        let (chain_id, prefix) = (before.chain_id.clone(), before.prefix.clone());
        let old = Ledger { chain_id, prefix, identity: before.identity() };
        let judged = continued(&old, &ancestry.beginning().circle, &self.chain().identity(), &record);
        // Whether it decided is what the proven votes say, whatever the node does.
        outcome.vote_applied = Some(judged.is_ok());
        if let Err(WalkError::TooFew { votes, members, .. }) = judged {
            outcome.votes = Some((votes, members));
        }
        // Once they have decided, no later vote is kept.
        Ok(judged.is_ok() || record.votes.iter().any(|vote| vote.voter == attempt.sender.as_str()))
    }

    /// Whether a vote for a validator is kept, or decided.
    async fn validator_is(
        &self,
        attempt: &Attempt,
        message: &ledger::MsgProposeValidator,
        outcome: &Outcome,
    ) -> Result<bool> {
        let made = tree::validators_since(outcome.height);
        let facts = self.records(vec![tree::VALIDATOR_PROPOSALS.to_vec(), made]).await?;
        if outcome.validator_applied == Some(true) {
            let made = facts.validators_since(outcome.height)?.unwrap_or_default().validators;
            let power = made.iter().find(|one| one.pub_key == message.pub_key).map_or(0, |one| one.power);
            return Ok(!made.is_empty() && power == message.power);
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

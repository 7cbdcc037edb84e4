//! Passing a ticket on, to an agent or to another customer, and with it everything said so far.

use std::collections::BTreeMap;

use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::wire::virtengine::support::v1::{MsgAssignTicket, MsgTransferTicket, TargetedGrant};

use super::grant_access::{Granting, GrantsSent};
use super::transfer_ticket::NewCustomer;
use crate::access::Access;
use crate::actor::{Actor, key_version};
use crate::compose::{self, Person, TxBuilder};
use crate::desk::{Desk, Registering};
use crate::error::{Error, Result};
use crate::granter::{Granter, Grants};
use crate::node::Transport;
use crate::outcome::Outcome;
use crate::trust::Doubtful;

/// What assigning a ticket, or transferring it, did.
#[derive(Debug)]
pub struct Assigned {
    /// The transaction that assigned or transferred, and granted as much as it holds.
    pub outcome: Outcome,
    /// The transactions with the other grants, where one was not enough.
    pub later: Vec<Outcome>,
    /// How many messages of the ticket were opened to whoever got it.
    pub granted: usize,
    /// What the sender cannot open: whoever got it lacks it, too.
    pub unopened: Vec<GrantTarget>,
    /// What has as many grants already as the ledger takes: whoever got it lacks it, and has the ticket all the same.
    pub no_room: Vec<GrantTarget>,
    /// Texts that name another place than where they stand, and that nobody said to grant: whoever got it lacks them.
    pub doubtful: Vec<Doubtful>,
    /// True where the agent has not registered a key: they can read nothing until they have, and access is granted then.
    pub agent_has_no_key: bool,
    /// Collaborators of whom the same is true.
    pub keyless: Vec<Address>,
    /// What they can open afterwards, as the ledger proves it; `None` where it could not be asked.
    pub access: Option<Access>,
    /// What ended it after the ticket was passed on: `grant_access` goes on.
    pub stopped: Option<Error>,
}

/// What one attempt to compose made, kept for after the transaction.
struct Attempt {
    later: Vec<Vec<TargetedGrant>>,
    granted: usize,
    unopened: Vec<GrantTarget>,
    no_room: Vec<GrantTarget>,
    doubtful: Vec<Doubtful>,
    keyless: Vec<Address>,
}

/// To whom a ticket is passed on.
#[derive(Clone, Copy)]
pub(super) enum To<'a> {
    /// An agent or administrator, and those who work on it beside them.
    Agent(&'a Address, &'a [Address]),
    /// Another customer.
    Customer(&'a NewCustomer<'a>),
}

impl To<'_> {
    fn address(&self) -> &Address {
        match self {
            Self::Agent(address, _) => address,
            Self::Customer(customer) => customer.address,
        }
    }

    /// Everyone who is let in.
    fn people(&self) -> Vec<&Address> {
        let collaborators = match self {
            Self::Agent(_, collaborators) => *collaborators,
            Self::Customer(_) => &[],
        };
        std::iter::once(self.address()).chain(collaborators).collect()
    }

    /// Puts the message that passes it on into a transaction. It is refused if there are more responses by then than were wrapped.
    fn push(self, builder: &mut TxBuilder, ticket: TicketId, response_count: u32) {
        let (sender, ticket_id) = (builder.sender().to_string(), ticket.to_string());
        match self {
            Self::Agent(agent, collaborators) => builder.push(&MsgAssignTicket {
                sender,
                ticket_id,
                assign_to: agent.to_string(),
                response_count,
                check_count: true,
                collaborators: collaborators.iter().map(Address::to_string).collect(),
            }),
            Self::Customer(NewCustomer { address, reason }) => builder.push(&MsgTransferTicket {
                sender,
                ticket_id,
                new_customer: address.to_string(),
                reason: (*reason).to_owned(),
                response_count,
                check_count: true,
            }),
        };
    }
}

impl<T: Transport> Desk<T> {
    /// Passes a ticket on. The ticket and all its responses are wrapped in the same transaction, which is refused and made anew if a
    /// response slips in between. Where they do not fit into one transaction, the rest follows in others: the ledger takes a grant only
    /// once the ticket is theirs.
    pub(super) async fn pass_on(
        &self,
        actor: &Actor,
        ticket: TicketId,
        to: To<'_>,
        progress: &mut (impl FnMut(GrantsSent) + ?Sized),
    ) -> Result<Assigned> {
        let sent = self
            .send_with(actor, Registering::IfNeeded, |builder| self.fill_passing(actor, ticket, to, builder));
        let (outcome, attempt) = sent.await?;
        let (mut later, total) = (Vec::new(), attempt.granted);
        let mut done = total.saturating_sub(attempt.later.iter().map(Vec::len).sum());
        progress(GrantsSent { done, total });
        let mut stopped = None;
        for part in &attempt.later {
            match self.send_grants(actor, Granting { ticket, agent: None, named: None }, part).await {
                Ok(outcome) => later.push(outcome),
                Err(error) => {
                    stopped = Some(error);
                    break;
                }
            }
            done += part.len();
            progress(GrantsSent { done, total });
        }
        let Attempt { later: _, granted: _, unopened, no_room, doubtful, mut keyless } = attempt;
        // What was taken stays taken, whether or not it can be looked at.
        let access = self.access(actor, ticket, to.address()).await.ok();
        let access = access.map(|access| access.without(&doubtful));
        let (granted, agent_has_no_key) = (done, keyless.contains(to.address()));
        keyless.retain(|who| who != to.address());
        Ok(Assigned {
            outcome,
            later,
            granted,
            unopened,
            no_room,
            doubtful,
            agent_has_no_key,
            keyless,
            access,
            stopped,
        })
    }

    async fn fill_passing(
        &self,
        actor: &Actor,
        ticket: TicketId,
        to: To<'_>,
        mut builder: TxBuilder,
    ) -> Result<(TxBuilder, Attempt)> {
        let members = self.granting_members().await?;
        let (records, pairs) = self.records_for(actor, ticket).await?;
        let marks = self.marks(&records, &pairs).await?;
        let listed = self.keys(builder.sender()).await?;
        let own_version = key_version(builder.own()?, &listed);
        let granting = Person::verified(self.chain(), builder.sender(), &listed);
        let (mut all, mut keyless) = (Grants::default(), Vec::new());
        for who in to.people() {
            let person = self.fresh_person(who).await?;
            let granter = Granter {
                sender: builder.sender(),
                granting: &granting,
                own: builder.own()?,
                own_version,
                pairs: &pairs,
                reader: &person,
                by_grant: true,
                assigns: matches!(to, To::Agent(..)),
                becomes_customer: matches!(to, To::Customer(_)),
                by_import: Vec::new(),
                by_appointment: false,
                is_agent: false,
                others: per_target(&all.grants),
                members: &members,
                doubts: (&marks, self.doubts()),
            };
            all.add(granter.grants(&records, &mut getrandom::SysRng)?);
            self.name_granted(&mut builder, &person, ticket, true);
            keyless.extend(person.active_keys().is_empty().then(|| who.clone()));
        }
        // By a grant on the ticket itself everyone reads what comes later: these go first.
        all.grants.sort_by_key(|grant| grant.target);
        let granted = all.grants.len();
        let mut parts = compose::chunks(all.grants).into_iter();
        let first = parts.next().unwrap_or_default();
        to.push(&mut builder, ticket, records.ticket.response_count);
        for message in compose::grant_messages(builder.sender(), ticket, None, &first) {
            builder.push(&message);
        }
        let attempt = Attempt {
            later: parts.collect(),
            granted,
            unopened: all.unopened,
            no_room: all.no_room,
            doubtful: all.doubtful,
            keyless,
        };
        Ok((builder, attempt))
    }
}

/// How many grants there are of each message.
fn per_target(grants: &[TargetedGrant]) -> BTreeMap<GrantTarget, usize> {
    let mut count = BTreeMap::new();
    for grant in grants {
        *count.entry(GrantTarget::from_wire(grant.target)).or_insert(0) += 1;
    }
    count
}

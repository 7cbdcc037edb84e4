//! What the tree and the side tables must hold, from the model alone: every record under its key, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message;
use sealdesk_protocol::envelope::ALGORITHM_ID;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::ticket::{Priority, Status as WireStatus};
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::encryption::v1::{RecipientKeyRecord, WrappedKeyEntry};
use sealdesk_protocol::wire::virtengine::support::v1 as wire;
use sealdesk_testkit::people::Crowd;
use sealdesk_testkit::prefix;
use sha2::{Digest as _, Sha256};

use super::desk::{DAY, Desk, Given, Role, Sealed, State, Status, Ticket, ticket_text};

pub type Leaves = BTreeMap<Vec<u8>, Vec<u8>>;

pub fn address(text: &str) -> Address {
    Address::parse(&prefix(), text).unwrap()
}

pub fn id(number: u64) -> TicketId {
    TicketId::new(number).unwrap()
}

fn role_number(role: Option<Role>) -> i32 {
    match role {
        None => 0,
        Some(Role::Administrator) => 2,
        Some(Role::Customer) => 6,
        Some(Role::Agent) => 7,
        Some(Role::Gateway) => 20,
    }
}

fn state_number(state: State) -> i32 {
    state as i32 + 1
}

pub fn status_on_the_wire(status: Status) -> WireStatus {
    WireStatus::ALL[status as usize]
}

impl Desk {
    /// Every leaf of the tree.
    pub fn leaves(&self, crowd: &Crowd) -> Leaves {
        let mut leaves = Leaves::new();
        let chain =
            ledger::ChainRecord { chain_id: self.chain_id.clone(), prefix: prefix().as_str().to_owned() };
        leaves.insert(tree::CHAIN.to_vec(), chain.encode_to_vec());
        let params = self.next_params.as_ref().unwrap_or(&self.params);
        leaves.insert(tree::PARAMS.to_vec(), params.encode_to_vec());
        let count = ledger::Counter { value: u64::try_from(self.tickets.len()).unwrap() };
        leaves.insert(tree::TICKET_COUNT.to_vec(), count.encode_to_vec());
        self.put_people(&mut leaves, crowd);
        self.validators.put(&mut leaves, self.height);
        self.put_shelves(&mut leaves);
        for (number, ticket) in &self.tickets {
            self.put_ticket(&mut leaves, *number, ticket);
        }
        self.put_ratings(&mut leaves);
        leaves
    }

    /// How often each score was given, of all and of each agent's tickets.
    fn put_ratings(&self, leaves: &mut Leaves) {
        let mut counts = BTreeMap::<Vec<u8>, Vec<u64>>::new();
        for rating in self.tickets.values().flat_map(|ticket| &ticket.ratings) {
            let of_agent = (!rating.agent.is_empty()).then(|| tree::ratings_of(&address(&rating.agent)));
            for key in of_agent.into_iter().chain([tree::RATINGS.to_vec()]) {
                let place = usize::try_from(rating.score - 1).unwrap();
                counts.entry(key).or_insert_with(|| vec![0; 5])[place] += 1;
            }
        }
        let record = |counts| wire::RatingCounts { counts }.encode_to_vec();
        leaves.extend(counts.into_iter().map(|(key, counts)| (key, record(counts))));
    }

    fn put_people(&self, leaves: &mut Leaves, crowd: &Crowd) {
        self.council.put(leaves);
        for (who, sequence) in &self.sequences {
            let pub_key = crowd.of_address(who).unwrap().account_key().to_vec();
            let record = ledger::AccountRecord { sequence: *sequence, pub_key };
            leaves.insert(tree::account(&address(who)), record.encode_to_vec());
        }
        for (who, member) in &self.members {
            let record = ledger::MemberRecord {
                role: role_number(member.role),
                state: state_number(member.state),
                assigned_by: member.assigned_by.clone(),
                assigned_at: member.assigned_at,
                suspended_at: member.suspended_at.unwrap_or(0),
                appointment: member.appointment.clone(),
                was_staff: self.ever_staff.contains(who) && !self.is_staff(who),
                last_appointed_at: self.last_appointed.get(who).copied().unwrap_or(0),
            };
            leaves.insert(tree::member(&address(who)), record.encode_to_vec());
        }
        for who in self.keys.keys() {
            let list = ledger::KeyList { keys: self.key_records(who) };
            leaves.insert(tree::keys(&address(who)), list.encode_to_vec());
        }
        let known: BTreeSet<&String> =
            self.creations.keys().chain(self.last.keys()).chain(&self.received).collect();
        for who in known {
            let creations = self.creations.get(who).map_or(&[][..], Vec::as_slice);
            let newest = creations.last().copied().unwrap_or(0);
            let record = ledger::CustomerRecord {
                open_tickets: u32::try_from(self.open_tickets(who)).unwrap(),
                last_created_at: self.last.get(who).copied().unwrap_or(0),
                created_at: creations.iter().copied().filter(|at| *at > newest - DAY).collect(),
                attached: self.attached_hours(who),
            };
            leaves.insert(tree::customer(&address(who)), record.encode_to_vec());
        }
    }

    fn key_records(&self, who: &str) -> Vec<RecipientKeyRecord> {
        (1..)
            .zip(self.keys_of(who))
            .map(|(key_version, key)| RecipientKeyRecord {
                address: who.to_owned(),
                public_key: key.public.to_vec(),
                key_fingerprint: key.fingerprint.clone(),
                key_version,
                algorithm_id: ALGORITHM_ID.to_owned(),
                registered_at: key.registered_at,
                revoked_at: key.revoked_at.unwrap_or(0),
                label: key.label.clone(),
                signing_key: key.signing.to_vec(),
                account_pub_key: self.crowd.of_address(who).unwrap().public.to_vec(),
                account_signature: key.owner.clone(),
                registered_on: Vec::new(),
            })
            .collect()
    }

    fn put_ticket(&self, leaves: &mut Leaves, number: u64, ticket: &Ticket) {
        let head = wire::TicketHead {
            ticket: Some(self.ticket_record(number, ticket)),
            payload_digest: ticket.first.digest.to_vec(),
            grants_hash: grants_hash(&ticket.first.grants),
        };
        leaves.insert(tree::ticket(id(number)), head.encode_to_vec());
        for (index, response) in (0..).zip(&ticket.responses) {
            let head = wire::ResponseHead {
                response: Some(response_record(number, index, response)),
                payload_digest: response.digest.to_vec(),
                grants_hash: grants_hash(&response.grants),
            };
            leaves.insert(tree::response(id(number), index), head.encode_to_vec());
        }
        if let Some(imported) = &ticket.imported {
            let record = ledger::ImportRecord { ticket_id: ticket_text(number) };
            leaves.insert(tree::import(&imported.source()), record.encode_to_vec());
        }
        if let Some(due_at) = ticket.due_at {
            let record = ledger::DueRecord { ticket_id: ticket_text(number), due_at };
            leaves.insert(tree::auto_close(due_at, id(number)), record.encode_to_vec());
        }
    }

    /// A ticket as queries answer it, without envelope and grants.
    pub fn ticket_record(&self, number: u64, ticket: &Ticket) -> wire::SupportTicket {
        let priority_number = |priority: &str| {
            let known = ["", "low", "normal", "high", "urgent"];
            i32::try_from(known.iter().position(|name| *name == priority).unwrap()).unwrap()
        };
        let step = |(at, status, priority): &(i64, Status, String)| wire::TicketStep {
            at: *at,
            status: *status as i32 + 1,
            priority: priority_number(priority),
        };
        let dropped = ticket.steps.len().saturating_sub(512);
        wire::SupportTicket {
            ticket_id: ticket_text(number),
            customer_address: ticket.customer.clone(),
            provider_address: ticket.provider.clone().unwrap_or_default(),
            resource_ref: ticket.resource.clone().map(|(kind, id, owner)| wire::ResourceReference {
                r#type: kind,
                id,
                owner,
            }),
            status: ticket.status as i32 + 1,
            priority: priority_number(&ticket.priority),
            category: ticket.category.clone(),
            encrypted_payload: None,
            assigned_to: ticket.assignee.clone().unwrap_or_default(),
            collaborators: ticket.collaborators.clone(),
            response_count: u32::try_from(ticket.responses.len()).unwrap(),
            created_at: ticket.created_at,
            updated_at: ticket.updated_at,
            resolved_at: ticket.resolved_at.unwrap_or(0),
            closed_at: ticket.closed_at.unwrap_or(0),
            resolution_ref: ticket.resolution_ref.clone(),
            payload_context: Some(context(&ticket.first, 1)),
            grants: Vec::new(),
            previous_customers: ticket.before.clone(),
            snoozed_until: ticket.snoozed_until.unwrap_or(0),
            imported: ticket.imported.as_ref().map(super::imports::Imported::to_wire),
            ratings: ticket.ratings.clone(),
            steps: ticket.steps[dropped..].iter().map(step).collect(),
            steps_dropped: u32::try_from(dropped).unwrap(),
            links: ticket.links.iter().map(|(other, kind)| link(*other, kind)).collect(),
            attachments: ticket.first.files.clone(),
            erased: None,
        }
    }

    /// The keys of all ticket lists that queries page through.
    pub fn ticket_lists(&self) -> Leaves {
        use side::{Queue, TicketList};
        let mut keys = Leaves::new();
        for (number, ticket) in &self.tickets {
            let status = status_on_the_wire(ticket.status);
            let mut put = |list: TicketList<'_>| keys.insert(list.key(id(*number)), Vec::new());
            let customer = address(&ticket.customer);
            put(TicketList::Customer(&customer, None));
            put(TicketList::Customer(&customer, Some(status)));
            if let Some(provider) = ticket.provider.as_deref().map(address) {
                put(TicketList::Provider(&provider, None));
                put(TicketList::Provider(&provider, Some(status)));
            }
            for agent in ticket.assignee.iter().chain(&ticket.collaborators).map(|who| address(who)) {
                put(TicketList::Agent(&agent, None));
                put(TicketList::Agent(&agent, Some(status)));
            }
            put(TicketList::Status(status));
            if ticket.status == Status::Open {
                put(TicketList::Open(Priority::parse(&ticket.priority).unwrap()));
            }
            let Some(rest) = queue_rest(*number, ticket) else { continue };
            let mut queue =
                |queue: Queue<'_>| keys.insert([queue.prefix(), rest.clone()].concat(), Vec::new());
            queue(Queue::Customer(&customer));
            queue(if ticket.assignee.is_some() { Queue::Assigned } else { Queue::Unassigned });
            for agent in ticket.assignee.iter().chain(&ticket.collaborators).map(|who| address(who)) {
                queue(Queue::Agent(&agent));
            }
        }
        keys
    }

    pub fn ticket_counts(&self) -> Leaves {
        let counts = sealdesk_protocol::ticket::Status::ALL.map(|status| {
            let here = self.tickets.values().filter(|ticket| status_on_the_wire(ticket.status) == status);
            (side::ticket_count(status), (here.count() as u64).to_be_bytes().to_vec())
        });
        counts.into()
    }

    pub fn role_lists(&self) -> Leaves {
        let mut keys = Leaves::new();
        for (who, member) in self.members.iter().filter(|(_, member)| member.state != State::Terminated) {
            let name = match member.role {
                Some(Role::Administrator) => "administrator",
                Some(Role::Agent) => "support_agent",
                Some(Role::Customer) => "customer",
                Some(Role::Gateway) => "gateway",
                None => continue,
            };
            keys.insert(side::role_member(name, &address(who)), Vec::new());
        }
        keys
    }

    pub fn fingerprint_list(&self) -> Leaves {
        let mut list = Leaves::new();
        for (who, keys) in &self.keys {
            for (version, key) in (1..).zip(keys) {
                list.insert(side::fingerprint(&key.fingerprint, &address(who), version), Vec::new());
            }
        }
        list
    }

    /// The grants beside the envelopes; none where there are none.
    pub fn grant_lists(&self) -> Leaves {
        let mut lists = Leaves::new();
        for (number, ticket) in &self.tickets {
            let first = (GrantTarget::Ticket, &ticket.first);
            let others = (0..).zip(&ticket.responses).map(|(n, sealed)| (GrantTarget::Response(n), sealed));
            for (target, sealed) in std::iter::once(first).chain(others) {
                if !sealed.grants.is_empty() {
                    lists.insert(side::grants(id(*number), target), grant_list(&sealed.grants));
                }
            }
        }
        lists
    }
}

/// A ticket's place among the unfinished ones, byte by byte.
fn queue_rest(number: u64, ticket: &Ticket) -> Option<Vec<u8>> {
    let turn = |status: Status| match status {
        Status::Open | Status::Assigned | Status::InProgress => Some(1_u8),
        Status::PendingCustomer => Some(2),
        Status::Resolved | Status::Closed => None,
    };
    let now = turn(ticket.status)?;
    let (mut since, mut last) = (ticket.created_at, None);
    for (at, status, _) in &ticket.steps {
        if turn(*status) != last {
            (since, last) = (*at, turn(*status));
        }
    }
    let urgency = ["urgent", "high", "normal", "low"].iter().position(|name| *name == ticket.priority);
    let (turn, urgency, since) = match ticket.snoozed_until {
        Some(until) => (3, 0, until),
        None => (now, u8::try_from(urgency.unwrap()).unwrap(), since),
    };
    Some([&[turn, urgency][..], &since.to_be_bytes(), &number.to_be_bytes()].concat())
}

fn link(other: u64, kind: &str) -> wire::TicketLink {
    let kinds = ["", "related", "duplicate_of", "duplicated_by", "follows_up", "followed_up_by"];
    let kind = kinds.iter().position(|known| *known == kind).unwrap();
    wire::TicketLink { kind: i32::try_from(kind).unwrap(), ticket_id: ticket_text(other) }
}

fn response_record(number: u64, index: u32, response: &Sealed) -> wire::TicketResponse {
    wire::TicketResponse {
        ticket_id: ticket_text(number),
        response_index: index,
        responder_address: response.author.clone(),
        is_agent: response.is_agent,
        encrypted_payload: None,
        created_at: response.at,
        internal: response.internal,
        payload_context: Some(context(
            response,
            match (response.internal, response.rates) {
                (true, _) => 3,
                (false, true) => 5,
                (false, false) => 2,
            },
        )),
        grants: Vec::new(),
        attachments: response.files.clone(),
        erased: None,
    }
}

fn context(sealed: &Sealed, kind: u32) -> wire::EnvelopeContext {
    wire::EnvelopeContext {
        kind,
        sequence: sealed.sequence,
        index: sealed.index,
        height: i64::try_from(sealed.height).unwrap(),
        chain_id: String::new(),
        signer_key_version: sealed.signer_version,
    }
}

fn grant_list(grants: &[Given]) -> Vec<u8> {
    let grants = grants.iter().map(|given| wire::AccessGrant {
        entry: Some(WrappedKeyEntry {
            recipient_id: given.recipient.clone(),
            wrapped_key: given.wrapped_key.clone(),
            algorithm: ALGORITHM_ID.to_owned(),
            ephemeral_pub_key: given.ephemeral.clone(),
        }),
        granter: given.granter.clone(),
        grant_signature: given.signature.clone(),
        height: i64::try_from(given.height).unwrap(),
        created_at: given.at,
        granter_key_version: given.granter_version,
    });
    ledger::GrantList { grants: grants.collect() }.encode_to_vec()
}

fn grants_hash(grants: &[Given]) -> Vec<u8> {
    Sha256::digest(grant_list(grants)).to_vec()
}

/// A record in words, for the report of a difference.
pub fn show(key: &[u8], record: &[u8]) -> String {
    fn read<M: Message + Default + std::fmt::Debug>(record: &[u8]) -> String {
        format!("{:?}", M::decode(record))
    }
    type Reader = fn(&[u8]) -> String;
    let kinds: [(&[u8], Reader); 20] = [
        (tree::IMPORTS, read::<ledger::ImportRecord>),
        (tree::RATINGS, read::<wire::RatingCounts>),
        (tree::VALIDATORS, read::<ledger::ValidatorList>),
        (tree::VALIDATOR_PROPOSALS, read::<ledger::ValidatorProposals>),
        (tree::PARAMS, read::<wire::Params>),
        (tree::TICKET_COUNT, read::<ledger::Counter>),
        (tree::CIRCLE_VOTES, read::<ledger::CircleVotes>),
        (tree::CIRCLE, read::<ledger::CircleChange>),
        (tree::TICKETS, read::<wire::TicketHead>),
        (tree::RESPONSES, read::<wire::ResponseHead>),
        (tree::CUSTOMERS, read::<ledger::CustomerRecord>),
        (tree::DOCUMENTS, read::<wire::DocumentHead>),
        (tree::SHELVES, read::<ledger::ShelfRecord>),
        (tree::PUBLISHED, read::<ledger::PublishedVersions>),
        (tree::DOCUMENT_WRITERS, read::<ledger::DocumentWriter>),
        (tree::AUTO_CLOSE, read::<ledger::DueRecord>),
        (tree::ACCOUNTS, read::<ledger::AccountRecord>),
        (tree::MEMBERS, read::<ledger::MemberRecord>),
        (tree::KEYS, read::<ledger::KeyList>),
        (side::GRANTS, read::<ledger::GrantList>),
    ];
    let kind = kinds.iter().find(|(start, _)| key.starts_with(start));
    kind.map_or_else(|| hex::encode(record), |(_, read)| read(record))
}

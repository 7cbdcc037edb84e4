//! What the small ledger does with a transaction: docs/spec/desk.md's rules as far as the client's choices depend on them.

use prost::Message as _;
use sealdesk_protocol::attachment::attachments_to_wire;
use sealdesk_protocol::circle::Change;
use sealdesk_protocol::document::body_digest;
use sealdesk_protocol::envelope::{Context, Envelope, EnvelopeLimits, Kind};
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::import::response_index_in_context;
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::messages::{
    AssignTicket, ContinueLedger, CreateTicket, DocumentChange, GrantAccess, ImportTicket, Message,
    PutDocument, RegisterKey, RespondToTicket, SignedVote, to_any,
};
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::{Status, grants_hash};
use sealdesk_protocol::tx::{Tx, VerifiedTx};
use sealdesk_protocol::wire::cosmos::base::abci::v1beta1::{TxMsgData, TxResponse};
use sealdesk_protocol::wire::sealdesk::ledger::v1 as ledger;
use sealdesk_protocol::wire::virtengine::encryption::v1 as encryption;
use sealdesk_protocol::wire::virtengine::roles::v1 as roles;
use sealdesk_protocol::wire::virtengine::support::v1 as support;

use super::{NOW, World, add_key, chain_id, prefix, read, write};

/// A refusal: codespace and code.
type Refusal = (&'static str, u32);

/// Where a message stands.
struct Place<'a> {
    sender: &'a Address,
    sequence: u64,
    index: u32,
}

impl World {
    /// Judges and, where it is good, puts a transaction into a block of its own.
    pub(crate) fn deliver(&mut self, bytes: &[u8]) -> TxResponse {
        let tx = Tx::decode(bytes, &prefix()).and_then(|tx| tx.verify(&chain_id()));
        let tx = match tx {
            Ok(tx) => tx,
            Err(refusal) => return refused(bytes, (refusal.codespace(), refusal.code()), 0),
        };
        let signer = tx.signers()[0].clone();
        let key = tree::account(&signer.address);
        let mut account: ledger::AccountRecord = read(self.state(), &key);
        if account.sequence != signer.sequence {
            return refused(bytes, ("sdk", 32), 0);
        }
        account.sequence += 1;
        self.change(|state| write(state, &key, &account));
        let height = self.height();
        let response = match self.run(&tx) {
            Ok(made) => {
                let data = hex::encode_upper(TxMsgData { msg_responses: made }.encode_to_vec());
                TxResponse { data, ..refused(bytes, ("", 0), height) }
            }
            Err(refusal) => refused(bytes, refusal, height),
        };
        self.txs.insert(tx.hash(), response.clone());
        response
    }

    fn run(&mut self, tx: &VerifiedTx) -> Result<Vec<prost_types::Any>, Refusal> {
        let (before, envelopes, grants) = (self.state().clone(), self.envelopes.clone(), self.grants.clone());
        let signer = tx.signers()[0].clone();
        let mut made = Vec::new();
        for (index, message) in (0..).zip(tx.messages()) {
            let place = Place { sender: &signer.address, sequence: signer.sequence, index };
            let result = match message {
                Message::RegisterKey(message) => self.register(&place, message),
                Message::CreateTicket(message) => self.create(&place, message),
                Message::ImportTicket(message) => self.import(&place, message),
                Message::RespondToTicket(message) => self.respond(&place, message),
                Message::AssignTicket(message) => self.assign(message),
                Message::GrantAccess(message) => self.grant(message),
                Message::AssignRole(message) if message.vote.is_some() => {
                    self.vote(&Change::Add(message.address.clone()), message.vote.as_ref().unwrap())
                }
                Message::RevokeRole(message) if message.vote.is_some() => {
                    self.vote(&Change::Remove(message.address.clone()), message.vote.as_ref().unwrap())
                }
                Message::UpdateParams(message) => {
                    if !self.ignores_params {
                        let state = self.states.last_mut().unwrap();
                        write(state, tree::PARAMS, &message.params.to_wire());
                    }
                    Ok(to_any(&support::MsgUpdateParamsResponse {}))
                }
                Message::ContinueLedger(message) => self.continued(message),
                Message::PutDocument(message) => self.put(&place, message),
                // What the client only passes on needs no rules here.
                _ => Ok(to_any(&support::MsgCloseTicketResponse {})),
            };
            match result {
                Ok(any) => made.push(any),
                Err(refusal) => {
                    *self.states.last_mut().unwrap() = before;
                    (self.envelopes, self.grants) = (envelopes, grants);
                    return Err(refusal);
                }
            }
        }
        Ok(made)
    }

    fn register(&mut self, place: &Place<'_>, message: &RegisterKey) -> Result<prost_types::Any, Refusal> {
        let key = sealdesk_protocol::keys::EncryptionKey::parse(&message.public_key)
            .map_err(|_| ("encryption", 2))?;
        let key_fingerprint = Fingerprint::of(&key).to_string();
        let record = encryption::RecipientKeyRecord {
            public_key: message.public_key.to_vec(),
            key_fingerprint: key_fingerprint.clone(),
            signing_key: message.signing_key.to_vec(),
            account_pub_key: message.account_pub_key.to_vec(),
            account_signature: message.account_signature.to_vec(),
            registered_at: NOW,
            ..Default::default()
        };
        add_key(self.states.last_mut().unwrap(), place.sender, record);
        Ok(to_any(&encryption::MsgRegisterRecipientKeyResponse { key_fingerprint }))
    }

    fn create(&mut self, place: &Place<'_>, message: &CreateTicket) -> Result<prost_types::Any, Refusal> {
        let number = self.tickets() + 1;
        let id = TicketId::new(number).unwrap();
        let wire = message.envelope.clone().unwrap();
        let queue = self.queue(None);
        let mut people = vec![(&message.customer, self.fingerprints(&message.customer))];
        people.extend(queue.iter().map(|who| (who, self.fingerprints(who))));
        let context = context(place, Kind::Ticket, None);
        let (digest, version) = self.judge(&wire, &context, &people, message.provider.as_ref())?;
        let ticket = support::SupportTicket {
            ticket_id: id.to_string(),
            customer_address: message.customer.to_string(),
            provider_address: message.provider.as_ref().map(Address::to_string).unwrap_or_default(),
            status: Status::Open.to_wire(),
            priority: message.priority.to_wire(),
            category: message.category.clone(),
            created_at: NOW,
            updated_at: NOW,
            payload_context: Some(stored(place, Kind::Ticket, version)),
            attachments: attachments_to_wire(&message.attachments),
            ..Default::default()
        };
        let head = support::TicketHead {
            ticket: Some(ticket),
            payload_digest: digest,
            grants_hash: grants_hash(&[]).to_vec(),
        };
        self.envelopes.insert((number, 0), wire);
        let state = self.states.last_mut().unwrap();
        write(state, &tree::ticket(id), &head);
        write(state, tree::TICKET_COUNT, &ledger::Counter { value: number });
        Ok(to_any(&support::MsgCreateTicketResponse { ticket_id: id.to_string() }))
    }

    fn respond(&mut self, place: &Place<'_>, message: &RespondToTicket) -> Result<prost_types::Any, Refusal> {
        let mut head: support::TicketHead = read(self.state(), &tree::ticket(message.ticket));
        let mut ticket = head.ticket.take().ok_or(("support", 1))?;
        let wire = message.envelope.clone().unwrap();
        let kind = if message.internal { Kind::Note } else { Kind::Response };
        let customer = Address::parse(&prefix(), &ticket.customer_address).unwrap();
        let assignee = Address::parse(&prefix(), &ticket.assigned_to).ok();
        let mut people = Vec::new();
        if !message.internal {
            let by_grant = !ticket.previous_customers.is_empty() || ticket.imported.is_some();
            let counting = || self.counting_customer(&ticket, message.ticket, &customer);
            people.push((&customer, if by_grant { counting() } else { self.fingerprints(&customer) }));
        }
        let queue = self.queue(assignee.as_ref());
        let with: Vec<Address> =
            ticket.collaborators.iter().map(|one| Address::parse(&prefix(), one).unwrap()).collect();
        for works in assignee.iter().chain(&with).filter(|one| !queue.contains(one)) {
            people.push((works, self.counting(message.ticket, works)));
        }
        people.extend(queue.iter().map(|who| (who, self.fingerprints(who))));
        let context = context(place, kind, Some(message.ticket));
        let (digest, version) = self.judge(&wire, &context, &people, None)?;
        let index = ticket.response_count;
        ticket.response_count += 1;
        let response = support::TicketResponse {
            ticket_id: message.ticket.to_string(),
            response_index: index,
            responder_address: place.sender.to_string(),
            is_agent: *place.sender != customer,
            created_at: NOW,
            internal: message.internal,
            payload_context: Some(stored(place, kind, version)),
            attachments: attachments_to_wire(&message.attachments),
            ..Default::default()
        };
        let response = new_response(response, digest);
        self.envelopes.insert((message.ticket.number(), index + 1), wire);
        let state = self.states.last_mut().unwrap();
        write(state, &tree::response(message.ticket, index), &response);
        write(state, &tree::ticket(message.ticket), &support::TicketHead { ticket: Some(ticket), ..head });
        Ok(to_any(&support::MsgRespondToTicketResponse { response_index: index }))
    }

    fn import(&mut self, place: &Place<'_>, message: &ImportTicket) -> Result<prost_types::Any, Refusal> {
        let source = tree::import(&message.source);
        if self.state().contains_key(&source) {
            return Err(("support", 46));
        }
        let number = self.tickets() + 1;
        let id = TicketId::new(number).unwrap();
        let people = [(&message.customer, self.fingerprints(&message.customer))];
        let first = message.envelope.clone().unwrap();
        let (digest, version) = self.judge(&first, &context(place, Kind::Ticket, None), &people, None)?;
        let named: Vec<String> = first.wrapped_keys.iter().map(|entry| entry.recipient_id.clone()).collect();
        let mut responses = Vec::new();
        for (k, response) in (0..).zip(&message.responses) {
            let kind = if response.internal { Kind::Note } else { Kind::Response };
            let index = response_index_in_context(place.index, k);
            let place = Place { sender: place.sender, sequence: place.sequence, index };
            let people = if response.internal { &people[..0] } else { &people[..] };
            let wire = response.envelope.clone().unwrap();
            let (digest, version) = self.judge(&wire, &context(&place, kind, None), people, None)?;
            let record = support::TicketResponse {
                ticket_id: id.to_string(),
                response_index: k,
                responder_address: place.sender.to_string(),
                is_agent: true,
                created_at: NOW,
                internal: response.internal,
                payload_context: Some(stored(&place, kind, version)),
                ..Default::default()
            };
            responses.push((wire, new_response(record, digest)));
        }
        let mut customer_keys = self.fingerprints(&message.customer);
        customer_keys.retain(|key| named.contains(key));
        let ticket = support::SupportTicket {
            ticket_id: id.to_string(),
            customer_address: message.customer.to_string(),
            status: Status::Open.to_wire(),
            priority: message.priority.to_wire(),
            category: message.category.clone(),
            created_at: NOW,
            updated_at: NOW,
            response_count: u32::try_from(responses.len()).unwrap(),
            payload_context: Some(stored(place, Kind::Ticket, version)),
            imported: Some(support::Imported {
                source: message.source.system().to_owned(),
                source_id: message.source.id().to_owned(),
                imported_by: place.sender.to_string(),
                responses: u32::try_from(responses.len()).unwrap(),
                customer_keys,
            }),
            ..Default::default()
        };
        let head = support::TicketHead {
            ticket: Some(ticket),
            payload_digest: digest,
            grants_hash: grants_hash(&[]).to_vec(),
        };
        self.envelopes.insert((number, 0), first);
        let state = self.states.last_mut().unwrap();
        write(state, &tree::ticket(id), &head);
        write(state, tree::TICKET_COUNT, &ledger::Counter { value: number });
        write(state, &source, &ledger::ImportRecord { ticket_id: id.to_string() });
        for (k, (wire, head)) in (0..).zip(responses) {
            self.envelopes.insert((number, k + 1), wire);
            write(self.states.last_mut().unwrap(), &tree::response(id, k), &head);
        }
        Ok(to_any(&support::MsgImportTicketResponse { ticket_id: id.to_string() }))
    }

    /// By which keys a customer who signed nothing is asked for.
    fn counting_customer(
        &self,
        ticket: &support::SupportTicket,
        id: TicketId,
        customer: &Address,
    ) -> Vec<String> {
        let mut keys = self.counting(id, customer);
        let circle = super::circle(self.state());
        let by = |it: &&support::Imported| {
            let by = Address::parse(&prefix(), &it.imported_by).unwrap();
            let version = ticket.payload_context.as_ref().unwrap().signer_key_version;
            let signs = self.active(&by).iter().any(|key| key.key_version == version);
            circle.contains(&by) && signs && ticket.previous_customers.is_empty()
        };
        if let Some(imported) = ticket.imported.as_ref().filter(by) {
            let own = self.fingerprints(customer).into_iter();
            keys.extend(own.filter(|key| imported.customer_keys.contains(key)));
        }
        keys
    }

    fn assign(&mut self, message: &AssignTicket) -> Result<prost_types::Any, Refusal> {
        let mut head: support::TicketHead = read(self.state(), &tree::ticket(message.ticket));
        let ticket = head.ticket.as_mut().ok_or(("support", 1))?;
        if message.expected_responses.is_some_and(|expected| expected != ticket.response_count) {
            return Err(("support", 40));
        }
        ticket.assigned_to = message.assign_to.to_string();
        ticket.collaborators = message.collaborators.iter().map(Address::to_string).collect();
        ticket.status = Status::Assigned.to_wire();
        write(self.states.last_mut().unwrap(), &tree::ticket(message.ticket), &head);
        Ok(to_any(&support::MsgAssignTicketResponse {}))
    }

    fn grant(&mut self, message: &GrantAccess) -> Result<prost_types::Any, Refusal> {
        let active: Vec<u32> = self.active(&message.sender).iter().map(|key| key.key_version).collect();
        for grant in &message.grants {
            if !active.contains(&grant.granter_key_version) {
                return Err(("support", 11));
            }
            let target = grant.target.to_wire();
            let grants = self.grants.entry((message.ticket.number(), target)).or_default();
            grants.push(support::AccessGrant {
                entry: Some(grant.entry.clone()),
                granter: message.sender.to_string(),
                grant_signature: grant.signature.clone(),
                granter_key_version: grant.granter_key_version,
                ..Default::default()
            });
            let hash = grants_hash(grants).to_vec();
            let state = self.states.last_mut().unwrap();
            let key = match target.checked_sub(1) {
                None => tree::ticket(message.ticket),
                Some(index) => tree::response(message.ticket, index),
            };
            if target == 0 {
                let head: support::TicketHead = read(state, &key);
                write(state, &key, &support::TicketHead { grants_hash: hash, ..head });
            } else {
                let head: support::ResponseHead = read(state, &key);
                write(state, &key, &support::ResponseHead { grants_hash: hash, ..head });
            }
        }
        Ok(to_any(&support::MsgGrantAccessResponse {}))
    }

    /// A member's vote: kept until votes decide.
    fn vote(&mut self, change: &Change, signed: &SignedVote) -> Result<prost_types::Any, Refusal> {
        let state = self.states.last_mut().unwrap();
        let circle = super::circle(state);
        if signed.change != circle.next() {
            return Err(("roles", 17));
        }
        let mut votes: ledger::CircleVotes = read(state, tree::CIRCLE_VOTES);
        let is_it = |open: &ledger::CircleProposal| {
            open.address == change.address().as_str() && open.removes == change.removes()
        };
        let place = votes.proposals.iter().position(is_it).unwrap_or_else(|| {
            let (address, removes) = (change.address().to_string(), change.removes());
            votes.proposals.push(ledger::CircleProposal { address, removes, votes: Vec::new() });
            votes.proposals.len() - 1
        });
        votes.proposals[place].votes.push(signed.vote.to_wire());
        votes.proposals[place].votes.sort_by(|a, b| a.voter.cmp(&b.voter));
        let cast = votes.proposals[place].votes.clone();
        let voters = cast.iter().map(|vote| Address::parse(&prefix(), &vote.voter).unwrap()).collect();
        let applied = circle.decides(change, &voters);
        if applied {
            let (record, after) = super::people::change_by(&[], &circle, change);
            let record = ledger::CircleChange { votes: cast, ..record };
            write(state, &tree::circle_change(record.position), &record);
            super::put_circle(state, &after);
            votes.proposals.clear();
        }
        write(state, tree::CIRCLE_VOTES, &votes);
        Ok(to_any(&roles::MsgAssignRoleResponse { applied }))
    }

    /// A vote that the ledger continues another: kept.
    fn continued(&mut self, message: &ContinueLedger) -> Result<prost_types::Any, Refusal> {
        let state = self.states.last_mut().unwrap();
        let mut record: ledger::LedgerContinues = read(state, tree::CONTINUES);
        record.votes.push(message.vote.to_wire());
        record.votes.sort_by(|a, b| a.voter.cmp(&b.voter));
        write(state, tree::CONTINUES, &record);
        Ok(to_any(&ledger::MsgContinueLedgerResponse { applied: false }))
    }

    /// A document is written or removed by whoever knows its version. For whom it is sealed is for the tests to look at.
    fn put(&mut self, place: &Place<'_>, message: &PutDocument) -> Result<prost_types::Any, Refusal> {
        let (key, of_shelf) = (tree::document(&message.place), tree::shelf(&message.place.shelf));
        let old: Option<support::DocumentHead> =
            self.state().get(&key).map(|bytes| support::DocumentHead::decode(bytes.as_slice()).unwrap());
        if message.base_version != old.as_ref().map_or(0, |head| head.version) {
            return Err(("support", 45));
        }
        let mut shelf: ledger::ShelfRecord = read(self.state(), &of_shelf);
        shelf.last_version += 1;
        shelf.documents += u32::from(old.is_none());
        let (mut document, digest, payload_context) = match &message.change {
            DocumentChange::Remove => {
                shelf.documents -= 1;
                self.documents.remove(&message.place.to_string());
                let state = self.states.last_mut().unwrap();
                state.remove(&key);
                write(state, &of_shelf, &shelf);
                return Ok(to_any(&support::MsgPutDocumentResponse { version: 0 }));
            }
            DocumentChange::Publish(body) => {
                let document = support::Document { body: body.clone(), ..Default::default() };
                (document, body_digest(body).to_vec(), None)
            }
            DocumentChange::Seal(envelope) => {
                let wire = envelope.clone().unwrap();
                let context =
                    Context { ticket_id: message.place.to_string(), ..context(place, Kind::Document, None) };
                let (digest, version) = self.signed(&wire, &context, EnvelopeLimits::WIDEST_DOCUMENT)?;
                let document = support::Document { envelope: Some(wire), ..Default::default() };
                (document, digest, Some(stored(place, Kind::Document, version)))
            }
        };
        let head = support::DocumentHead {
            shelf: message.place.shelf.kind().name().to_owned(),
            owner: message.place.shelf.owner().map(ToString::to_string).unwrap_or_default(),
            name: message.place.name.to_string(),
            version: shelf.last_version,
            digest,
            updated_by: place.sender.to_string(),
            updated_at: NOW,
            payload_context,
            ..Default::default()
        };
        document.head = Some(head.clone());
        self.documents.insert(message.place.to_string(), document);
        let state = self.states.last_mut().unwrap();
        write(state, &key, &head);
        write(state, &of_shelf, &shelf);
        Ok(to_any(&support::MsgPutDocumentResponse { version: shelf.last_version }))
    }

    /// Whom the open queue makes readers, by the records alone: agents with an appointment, or the one of them who has the ticket.
    fn queue(&self, assignee: Option<&Address>) -> Vec<Address> {
        let params: support::Params = read(self.state(), tree::PARAMS);
        if !params.open_queue {
            return Vec::new();
        }
        let is_one = |who: &&Address| {
            let member: ledger::MemberRecord = read(self.state(), &tree::member(who));
            member.appointment.is_some() && assignee.is_none_or(|assignee| assignee == *who)
        };
        self.agents.iter().filter(is_one).cloned().collect()
    }

    fn fingerprints(&self, address: &Address) -> Vec<String> {
        self.active(address).into_iter().map(|key| key.key_fingerprint).collect()
    }

    /// The assignee's keys that grants of members on the ticket itself name.
    fn counting(&self, ticket: TicketId, assignee: &Address) -> Vec<String> {
        let circle = super::circle(self.state());
        let grants = self.grants.get(&(ticket.number(), 0)).cloned().unwrap_or_default();
        let counts = |grant: &support::AccessGrant| {
            let granter = Address::parse(&prefix(), &grant.granter).ok();
            granter.filter(|granter| circle.contains(granter)).is_some_and(|granter| {
                self.active(&granter).iter().any(|key| key.key_version == grant.granter_key_version)
            })
        };
        let named: Vec<String> = grants
            .into_iter()
            .filter(counts)
            .filter_map(|grant| grant.entry.map(|entry| entry.recipient_id))
            .collect();
        self.fingerprints(assignee).into_iter().filter(|key| named.contains(key)).collect()
    }

    /// Every member of the circle and everyone named must be among the readers, and nobody else may; the provider may.
    fn judge(
        &self,
        wire: &encryption::MultiRecipientEnvelope,
        context: &Context,
        people: &[(&Address, Vec<String>)],
        provider: Option<&Address>,
    ) -> Result<(Vec<u8>, u32), Refusal> {
        let envelope = Envelope::from_wire(wire, EnvelopeLimits::WIDEST).map_err(|_| ("support", 11))?;
        let named: Vec<String> = envelope.wrapped_keys().iter().map(|e| e.recipient.to_string()).collect();
        let circle = super::circle(self.state());
        let members = circle.members().iter().map(|member| self.fingerprints(&member.address));
        let mut allowed = Vec::new();
        for ids in members.chain(people.iter().map(|(_, ids)| ids.clone())) {
            if !ids.is_empty() && !ids.iter().any(|id| named.contains(id)) {
                return Err(("support", 42));
            }
            allowed.extend(ids);
        }
        allowed.extend(people.iter().flat_map(|(who, _)| self.fingerprints(who)));
        allowed.extend(provider.map(|provider| self.fingerprints(provider)).unwrap_or_default());
        if named.iter().any(|id| !allowed.contains(id)) {
            return Err(("support", 43));
        }
        self.signed(wire, context, EnvelopeLimits::WIDEST)
    }

    /// The digest of an envelope, and which active key of its sender signed it.
    fn signed(
        &self,
        wire: &encryption::MultiRecipientEnvelope,
        context: &Context,
        limits: EnvelopeLimits,
    ) -> Result<(Vec<u8>, u32), Refusal> {
        let envelope = Envelope::from_wire(wire, limits).map_err(|_| ("support", 11))?;
        let sender = Address::parse(&prefix(), &context.sender).unwrap();
        let digests = envelope.digests(context);
        let message = sealdesk_protocol::envelope::client_message(&digests.envelope);
        let signs = |record: &&encryption::RecipientKeyRecord| {
            let key = sealdesk_protocol::keys::VerifyKey::parse(&record.signing_key).unwrap();
            key.verify(&message, envelope.client_signature()).is_ok()
        };
        let keys = self.active(&sender);
        let version = keys.iter().find(signs).map(|record| record.key_version).ok_or(("support", 11))?;
        Ok((digests.envelope.to_vec(), version))
    }

    fn active(&self, address: &Address) -> Vec<encryption::RecipientKeyRecord> {
        let list: ledger::KeyList = read(self.state(), &tree::keys(address));
        list.keys.into_iter().filter(|key| key.revoked_at == 0).collect()
    }
}

fn context(place: &Place<'_>, kind: Kind, ticket: Option<TicketId>) -> Context {
    Context {
        chain_id: chain_id().to_string(),
        ticket_id: ticket.map(|id| id.to_string()).unwrap_or_default(),
        kind,
        sender: place.sender.to_string(),
        sequence: place.sequence,
        index: place.index,
    }
}

fn stored(place: &Place<'_>, kind: Kind, signer_key_version: u32) -> support::EnvelopeContext {
    support::EnvelopeContext {
        kind: kind.number().into(),
        sequence: place.sequence,
        index: place.index,
        height: 1,
        chain_id: String::new(),
        signer_key_version,
    }
}

fn refused(bytes: &[u8], (codespace, code): Refusal, height: u64) -> TxResponse {
    TxResponse {
        height: i64::try_from(height).unwrap(),
        txhash: sealdesk_protocol::tx::TxHash::of(bytes).to_string(),
        codespace: codespace.to_owned(),
        code,
        ..TxResponse::default()
    }
}

/// The head of a response on which there are no grants yet.
fn new_response(response: support::TicketResponse, payload_digest: Vec<u8>) -> support::ResponseHead {
    let grants_hash = grants_hash(&[]).to_vec();
    support::ResponseHead { response: Some(response), payload_digest, grants_hash }
}

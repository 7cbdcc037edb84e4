//! The records of one ticket: proven heads, and beside each the envelope and grants that it names.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::{Either, maybe_done, select};
use sealdesk_envelope::PlacesSeen;
use sealdesk_protocol::circle::Circle;
use sealdesk_protocol::envelope::Context;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::in_order::InOrder as _;
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::{author, is_imported_response};
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;
use sealdesk_protocol::wire::virtengine::support::v1::{
    Attachment, EnvelopeContext, Erasure, SupportTicket, TicketResponse,
};

use super::place::RecordPlace;
use super::sealed::{Digests, Payload, SealedRecord, Signer};
use crate::actor::{Actor, Pair};
use crate::compose::ComposeError;
use crate::desk::{Desk, head};
use crate::error::{Error, ReadError, Result};
use crate::node::{NodeError, Transport};
use crate::time::sleep;
use crate::trust::OwnedKey;
use crate::verify::{Chain, Proven, VerifyError};
use crate::view::erased_text;

/// How often a ticket is read again that changed between its proof and its envelopes.
const TRIES_MAX: u32 = 6;
/// The first pause before that; it doubles.
const PAUSE: Duration = Duration::from_millis(50);

/// Most responses that are asked for before it is proven that there are so many: those of one page.
const RESPONSES_AHEAD_MAX: usize = 100;

/// Every key that the addresses concerned ever registered, proven.
pub(crate) type Keys = BTreeMap<Address, Vec<RecipientKeyRecord>>;

/// A ticket, all its records and the keys of everyone who appears in them.
pub(crate) struct Records {
    pub(crate) ticket: SupportTicket,
    pub(crate) height: u64,
    /// Time of the oldest header that proves some of them, in Unix seconds.
    pub(crate) oldest: i64,
    /// Time of the newest one.
    pub(crate) newest: i64,
    pub(crate) targets: Vec<Target>,
    pub(crate) keys: Keys,
    /// The circle of administrators, followed by its own votes.
    pub(crate) circle: Circle,
    /// Of the authors who are not in it, those whom somebody in it appointed as agents.
    pub(super) agents: BTreeSet<Address>,
}

/// The ticket's own message, or one response.
pub(crate) struct Target {
    pub(crate) target: GrantTarget,
    pub(crate) author: Address,
    pub(super) is_agent: bool,
    pub(crate) internal: bool,
    pub(super) created_at: i64,
    /// Whether it came with an import: told by its author, and sealed before the ticket had its number.
    pub(super) is_imported: bool,
    pub(super) context: EnvelopeContext,
    /// What the ledger proves of its files.
    pub(crate) attachments: Vec<Attachment>,
    /// The digest of its envelope, as the ledger proves it.
    pub(super) digest: Vec<u8>,
    /// `None` where the node keeps the envelope back, or has erased it.
    pub(crate) sealed: Option<SealedRecord>,
    /// Where the node says that it has erased it: that is its word alone.
    pub(crate) erased: Option<Erasure>,
}

/// What the node gives beside a proof: envelopes and grants.
struct Given {
    ticket: SupportTicket,
    responses: Vec<TicketResponse>,
}

/// What a ticket's records are read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reading {
    /// The ticket is used, so that this home remembers it.
    Use,
    /// One look among many: what a home remembers has bounds, and such a look would push out of it what was used.
    Look,
}

/// Which state a ticket is read in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asking {
    /// The newest that has a header by now.
    First,
    /// The node's newest, where the header that proves it comes soon: what the node showed before did not fit the first.
    Again,
}

/// The ticket that a record belongs to.
#[derive(Clone, Copy)]
struct Place<'a> {
    chain: &'a Chain,
    id: TicketId,
}

impl<T: Transport> Desk<T> {
    /// Reads the records of a ticket that is used, again where it changes meanwhile.
    pub(crate) async fn ticket_records(&self, id: TicketId) -> Result<Records> {
        self.ticket_records_to(Reading::Use, id).await
    }

    /// Reads a ticket's records, again where it changes meanwhile, or where what the node shows is of a block whose header is still to come.
    pub(crate) async fn ticket_records_to(&self, reading: Reading, id: TicketId) -> Result<Records> {
        let (mut pause, mut asking) = (PAUSE, Asking::First);
        for _ in 1..TRIES_MAX {
            match self.ticket_records_once(reading, asking, id).await {
                Err(Error::Verify(VerifyError::Differs(_))) => {}
                other => return other,
            }
            sleep(pause).await;
            (pause, asking) = (pause * 2, Asking::Again);
        }
        self.ticket_records_once(reading, asking, id).await
    }

    /// What a node shows of a ticket of which the ledger proves that there is one.
    pub(crate) async fn shown_ticket(&self, id: TicketId) -> Result<SupportTicket> {
        match self.node().ticket(id).await {
            Err(NodeError::NotFound { .. }) => Err(not_there()),
            other => Ok(other?),
        }
    }

    async fn ticket_records_once(&self, reading: Reading, asking: Asking, id: TicketId) -> Result<Records> {
        let shown = self.shown_ticket(id).await;
        let newest = match asking {
            Asking::First => None,
            Asking::Again => self.newest_state().await,
        };
        let keys = self.keys_ahead(shown.as_ref().ok());
        // On the heap: beside each other they would take too much of a stack.
        let proving = Box::pin(async {
            match newest {
                None => self.prove(Some(id), keys).await,
                Some(newest) => self.prove_soon(newest, id, keys).await,
            }
        });
        // What changes just now is asked for once it is proven.
        let likely = shown.as_ref().map_or(0, |ticket| ticket.response_count);
        let likely = if asking == Asking::First { likely } else { 0 };
        let mut ahead = Box::pin(maybe_done(self.responses_ahead(id, likely)));
        // An error of the proof is told at once, however long the answers take.
        let proven = match select(proving, ahead.as_mut()).await {
            Either::Left((proven, _)) => proven,
            Either::Right(((), proving)) => proving.await,
        };
        let mut facts = match proven {
            Err(Error::Node(NodeError::NotFound { .. })) => {
                // The node's word alone does not make a ticket disappear: its absence has a proof too.
                head(&self.records(vec![tree::ticket(id)]).await?, id)?;
                return Err(not_there());
            }
            other => other?,
        };
        let ticket = head(&facts, id)?;
        if reading == Reading::Use {
            self.used_ticket(id, &facts)?;
        }
        let circle = self.circle_of(&facts).await?;
        let node_ticket = shown?;
        // A proof that has fewer is of an older state than what the node shows. The newest block of a network may have no header yet, so it
        // is asked for again; where it still has none, the state before that block counts. Any other state is one that the node keeps back.
        let is_before = newest.and_then(|newest| newest.checked_sub(1)) == Some(facts.height());
        if node_ticket.response_count > ticket.response_count && !is_before {
            return Err(VerifyError::Differs(format!("number of answers to {id}")).into());
        }
        let most = usize::try_from(ticket.response_count).unwrap_or(usize::MAX);
        if node_ticket.response_count == ticket.response_count {
            ahead.as_mut().await;
        }
        let ahead = ahead.as_mut().take_output().flatten();
        let responses = match ahead.filter(|responses| responses.len() == most) {
            Some(responses) => responses,
            None if most == 0 => Vec::new(),
            None => self.node().all_responses(id, most).await?,
        };
        let keys = self.keys_of_everyone(&mut facts, &ticket, &circle).await?;
        let targets = self.targets(&facts, &keys, id, Given { ticket: node_ticket, responses })?;
        let (height, oldest, newest) = (facts.height(), facts.oldest(), facts.time());
        let agents = BTreeSet::new();
        let mut records = Records { ticket, height, oldest, newest, targets, keys, circle, agents };
        records.agents = self.agents_of(&records, &mut facts).await?;
        records.check_places(self.chain())?;
        self.resolve_strangers(&mut records).await?;
        Ok(records)
    }

    /// The authors whom only the ledger calls staff so far, and whom an administrator appointed: proven within the last minute. Where the node does
    /// not say, nothing is refused: they are shown as whom only the ledger calls staff.
    async fn agents_of(&self, records: &Records, facts: &mut Proven) -> Result<BTreeSet<Address>> {
        let (circle, now) = (&records.circle, records.newest);
        let (mut agents, mut unknown) = (BTreeSet::new(), Vec::new());
        for author in records.unproven_staff(self.chain()) {
            match self.judged_agent(&author, circle.position(), now) {
                Some(true) => drop(agents.insert(author)),
                Some(false) => {}
                None => unknown.push(author),
            }
        }
        if unknown.is_empty() {
            return Ok(agents);
        }
        match Box::pin(self.believed_among(unknown.clone(), circle, facts)).await {
            Ok((believed, _)) => {
                self.judge_agents(&unknown, &believed, circle.position(), now);
                agents.extend(believed);
            }
            // A state from before what this home has seen of them contradicts nothing either.
            Err(Error::Node(_) | Error::Verify(VerifyError::Stale { .. })) => {}
            Err(error) => return Err(error),
        }
        Ok(agents)
    }

    /// The responses that a node says a ticket has, where one page holds them: asked for beside the proof of how many there are, so that most
    /// tickets are read without waiting once more. How much a node may send is for the proof to say where there are more.
    async fn responses_ahead(&self, id: TicketId, count: u32) -> Option<Vec<TicketResponse>> {
        let most = usize::try_from(count).ok()?;
        if most == 0 || most > RESPONSES_AHEAD_MAX {
            return None;
        }
        self.node().all_responses(id, most).await.ok()
    }

    /// What is asked for beside a ticket's own records, so that one proof is enough for most tickets: the administrators, and the keys of
    /// those whom this home knows as such and whom the node names as the ticket's people. Who they are is what is proven.
    fn keys_ahead(&self, shown: Option<&SupportTicket>) -> Vec<Vec<u8>> {
        let people = shown.into_iter().flat_map(|ticket| {
            [&ticket.customer_address, &ticket.assigned_to, &ticket.provider_address]
                .into_iter()
                .filter_map(|text| self.named(text).ok().flatten())
        });
        people.map(|person| tree::keys(&person)).chain(self.administrators_ahead()).collect()
    }

    /// The keys of the ticket's people, of every author and of the administrators.
    async fn keys_of_everyone(
        &self,
        facts: &mut Proven,
        ticket: &SupportTicket,
        circle: &Circle,
    ) -> Result<Keys> {
        let id = TicketId::parse(&ticket.ticket_id)
            .map_err(|error| VerifyError::Form { what: "a ticket".to_owned(), why: error.to_string() })?;
        let mut addresses = BTreeSet::new();
        let author = author(ticket).to_owned();
        let people = [&ticket.customer_address, &author, &ticket.assigned_to, &ticket.provider_address];
        for text in people.into_iter().chain(&ticket.previous_customers).chain(&ticket.collaborators) {
            addresses.extend(self.named(text)?);
        }
        for index in 0..ticket.response_count {
            let response = facts.response(id, index)?.response.unwrap_or_default();
            addresses.insert(self.listed(&response.responder_address)?);
        }
        addresses.extend(circle.members().iter().map(|member| member.address.clone()));
        let missing: Vec<Vec<u8>> =
            addresses.iter().map(tree::keys).filter(|key| !facts.covers(key)).collect();
        if !missing.is_empty() {
            facts.extend(self.records(missing).await?);
        }
        let mut listed = Keys::new();
        for address in addresses {
            let keys = facts.keys(&address)?;
            listed.insert(address, keys);
        }
        Ok(listed)
    }

    /// A ticket's own envelope and the grants on it, held against its proven head.
    pub(crate) fn sealed_ticket(
        &self,
        facts: &Proven,
        id: TicketId,
        given: SupportTicket,
    ) -> Result<SealedRecord> {
        let author = self.listed(author(&head(facts, id)?))?;
        let keys = Keys::from([(author.clone(), facts.keys(&author)?)]);
        let target = self.first_target(facts, &keys, id, given)?;
        let erased = match &target.erased {
            None => String::new(),
            Some(erasure) => format!(", of which the node says that it was {}", erased_text(erasure)),
        };
        let missing = || VerifyError::Missing(format!("the sealed text of ticket {id}{erased}"));
        target.sealed.ok_or_else(|| missing().into())
    }

    /// The ticket's own message.
    pub(super) fn first_target(
        &self,
        facts: &Proven,
        keys: &Keys,
        id: TicketId,
        given: SupportTicket,
    ) -> Result<Target> {
        let missing = || VerifyError::Missing(format!("ticket {id}"));
        let place = Place { chain: self.chain(), id };
        let proven = facts.ticket(id)?.ok_or_else(missing)?;
        let ticket = proven.ticket.ok_or_else(missing)?;
        let first = Target {
            target: GrantTarget::Ticket,
            author: self.listed(author(&ticket))?,
            is_agent: ticket.imported.is_some(),
            internal: false,
            created_at: ticket.created_at,
            is_imported: ticket.imported.is_some(),
            context: ticket.payload_context.unwrap_or_default(),
            attachments: ticket.attachments,
            digest: Vec::new(),
            sealed: None,
            erased: given.erased,
        };
        let payload = Payload { envelope: given.encrypted_payload, grants: given.grants };
        let digests = Digests { payload: proven.payload_digest, grants: proven.grants_hash };
        first.with_payload(place, keys, &digests, payload)
    }

    /// Puts every proven head together with the envelope that it names. None is left out.
    fn targets(&self, facts: &Proven, keys: &Keys, id: TicketId, given: Given) -> Result<Vec<Target>> {
        let place = Place { chain: self.chain(), id };
        let mut targets = vec![self.first_target(facts, keys, id, given.ticket)?];
        let ticket = head(facts, id)?;
        let payload =
            |r: TicketResponse| (Payload { envelope: r.encrypted_payload, grants: r.grants }, r.erased);
        let mut payloads = given.responses.into_iter().map(|r| (r.response_index, payload(r))).into_map();
        for index in 0..ticket.response_count {
            let proven = facts.response(id, index)?;
            let response = proven.response.unwrap_or_default();
            let (payload, erased) = payloads.remove(&index).unwrap_or_default();
            let next = Target {
                target: GrantTarget::Response(index),
                author: self.listed(&response.responder_address)?,
                is_agent: response.is_agent,
                internal: response.internal,
                created_at: response.created_at,
                is_imported: is_imported_response(&ticket, index),
                context: response.payload_context.unwrap_or_default(),
                attachments: response.attachments,
                digest: Vec::new(),
                sealed: None,
                erased,
            };
            let digests = Digests { payload: proven.payload_digest, grants: proven.grants_hash };
            targets.push(next.with_payload(place, keys, &digests, payload)?);
        }
        Ok(targets)
    }

    /// Finds who registered the keys that nobody known has: the node names them, a proof of their key lists decides.
    async fn resolve_strangers(&self, records: &mut Records) -> Result<()> {
        let known = records.keys.values().flatten().map(|record| record.key_fingerprint.clone()).into_set();
        let mut addresses = BTreeSet::new();
        for fingerprint in records.readers_keys() {
            if known.contains(&fingerprint.to_string()) {
                continue;
            }
            for record in self.node().keys_by_fingerprint(&fingerprint).await? {
                addresses.insert(self.listed(&record.address)?);
            }
        }
        if addresses.is_empty() {
            return Ok(());
        }
        let facts = self.records(addresses.iter().map(tree::keys).collect()).await?;
        for address in addresses {
            let keys = facts.keys(&address)?;
            records.keys.insert(address, keys);
        }
        Ok(())
    }
}

/// That there is no ticket is a node's word, and the ledger proves that there is one.
fn not_there() -> Error {
    VerifyError::Denied("the ticket".to_owned()).into()
}

impl Target {
    /// Checks an envelope and its grants against the proven digests, and the author's signature.
    fn with_payload(
        mut self,
        place: Place<'_>,
        keys: &Keys,
        digests: &Digests,
        payload: Payload,
    ) -> Result<Self> {
        self.digest.clone_from(&digests.payload);
        let Some(envelope) = payload.envelope else { return Ok(self) };
        let context = self.expected_context(place)?;
        let listed = keys.get(&self.author).map_or(&[][..], Vec::as_slice);
        let record = listed.iter().find(|record| record.key_version == self.context.signer_key_version);
        let signer = record
            .and_then(|record| Signer::of(place.chain, &self.author, record))
            .map(|signer| if self.is_of(place.chain) { signer } else { signer.by_word() });
        let sealed = SealedRecord::check(&context, signer, digests, &envelope, payload.grants)
            .map_err(|what| VerifyError::Differs(format!("{what} of {}", self.name(place.id))))?;
        self.sealed = Some(sealed);
        Ok(self)
    }

    /// Whether it was sealed for this ledger, or for one that leads to it. Any other may be a ledger of anybody's, where the same numbers
    /// name other tickets.
    fn is_of(&self, chain: &Chain) -> bool {
        let recorded = self.context.chain_id.as_str();
        recorded.is_empty() || chain.ancestry.earlier().iter().any(|one| one.chain_id.as_str() == recorded)
    }

    /// The place that the record must have been sealed for, from the ledger's facts alone.
    fn expected_context(&self, Place { chain, id }: Place<'_>) -> Result<Context> {
        let place = RecordPlace {
            chain_id: &chain.chain_id,
            ticket: id,
            target: self.target,
            internal: self.internal,
            author: self.author.as_str(),
            is_imported: self.is_imported,
        };
        if u32::from(place.kind(&self.context).number()) != self.context.kind {
            let why = "its kind is not the one of its place".to_owned();
            return Err(VerifyError::Form { what: self.name(id), why }.into());
        }
        Ok(place.context(&self.context))
    }

    /// The author's own key that signed it; `None` where who wrote it is the ledger's word, or the node keeps it back.
    pub(crate) fn author_key(&self) -> Option<&OwnedKey> {
        self.sealed.as_ref().and_then(SealedRecord::author)
    }

    /// What it is called in an error.
    pub(crate) fn name(&self, id: TicketId) -> String {
        match self.target {
            GrantTarget::Ticket => format!("ticket {id}"),
            GrantTarget::Response(index) => format!("response {index} of {id}"),
        }
    }
}

impl Records {
    /// Refuses two records of one place: an envelope stands where it was sent, once.
    fn check_places(&self, chain: &Chain) -> Result<()> {
        let id = TicketId::parse(&self.ticket.ticket_id)
            .map_err(|error| VerifyError::Form { what: "a ticket".to_owned(), why: error.to_string() })?;
        let mut seen = PlacesSeen::default();
        for target in &self.targets {
            let context = target.expected_context(Place { chain, id })?;
            seen.note(&context).map_err(ReadError::from)?;
        }
        Ok(())
    }

    /// Every key that can open something, by an entry or a grant.
    pub(crate) fn readers_keys(&self) -> BTreeSet<Fingerprint> {
        let sealed = self.targets.iter().filter_map(|target| target.sealed.as_ref());
        sealed.flat_map(|sealed| sealed.recipients.iter().copied().chain(sealed.granted())).into_set()
    }

    /// The reader's own pairs: every rotation that the directory lists.
    pub(crate) async fn own_pairs<T: Transport>(&self, desk: &Desk<T>, actor: &Actor) -> Result<Vec<Pair>> {
        let address = desk.address_of(actor);
        let proven;
        let listed = match self.keys.get(&address) {
            Some(listed) => listed,
            None => {
                proven = desk.keys(&address).await?;
                &proven
            }
        };
        let found = actor.registered(listed).map_err(ComposeError::from)?;
        Ok(found.into_iter().map(|(pair, _)| pair).collect())
    }
}

//! The records of one ticket: proven heads, and beside each the envelope and grants that it names.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sealdesk_envelope::content::{MessageContent, TicketContent};
use sealdesk_envelope::{CannotOpen, Expected, Opened, PlacesSeen, Received};
use sealdesk_protocol::envelope::{AccountKey, Context, Envelope, EnvelopeLimits, Kind};
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::keys::{EncryptionKey, Fingerprint, VerifyKey};
use sealdesk_protocol::messages::GrantTarget;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::grants_hash;
use sealdesk_protocol::wire::virtengine::encryption::v1::{
    MultiRecipientEnvelope, RecipientKeyRecord, WrappedKeyEntry,
};
use sealdesk_protocol::wire::virtengine::support::v1::{
    AccessGrant, EnvelopeContext, SupportTicket, TicketResponse,
};

use super::{Body, Message, ReadError};
use crate::actor::{Actor, Pair};
use crate::compose::ComposeError;
use crate::desk::{Desk, head};
use crate::error::{Error, Result};
use crate::node::{NodeError, Transport};
use crate::time::sleep;
use crate::verify::{Proven, VerifyError};

/// How often a ticket is read again that changed between its proof and its envelopes.
const TRIES_MAX: u32 = 6;
/// The first pause before that; it doubles.
const PAUSE: Duration = Duration::from_millis(50);

/// Every key that the addresses concerned ever registered, proven.
pub(crate) type Keys = BTreeMap<Address, Vec<RecipientKeyRecord>>;

/// A ticket, all its records and the keys of everyone who appears in them.
pub(crate) struct Records {
    pub(crate) ticket: SupportTicket,
    pub(crate) height: u64,
    pub(crate) targets: Vec<Target>,
    pub(crate) keys: Keys,
}

/// The ticket's own message, or one response.
pub(crate) struct Target {
    pub(crate) target: GrantTarget,
    pub(crate) author: Address,
    is_agent: bool,
    pub(crate) internal: bool,
    created_at: i64,
    context: EnvelopeContext,
    /// `None` where the node keeps the envelope back.
    pub(crate) sealed: Option<SealedRecord>,
}

/// An envelope that the ledger proves, with its grants.
pub(crate) struct SealedRecord {
    pub(crate) recipients: Vec<Fingerprint>,
    pub(crate) grants: Vec<AccessGrant>,
    received: std::result::Result<Received, CannotOpen>,
}

/// What a proven head says of its envelope.
struct Head<'a> {
    context: &'a Context,
    signer_key_version: u32,
    payload_digest: &'a [u8],
    grants_hash: &'a [u8],
}

impl<T: Transport> Desk<T> {
    /// Reads a ticket's records, again where it changes meanwhile.
    pub(crate) async fn ticket_records(&self, id: TicketId) -> Result<Records> {
        let mut pause = PAUSE;
        for _ in 1..TRIES_MAX {
            match self.ticket_records_once(id).await {
                Err(Error::Verify(VerifyError::Differs(_))) => {}
                other => return other,
            }
            sleep(pause).await;
            pause *= 2;
        }
        self.ticket_records_once(id).await
    }

    async fn ticket_records_once(&self, id: TicketId) -> Result<Records> {
        let mut facts = match self.prove(Some(id), vec![tree::ADMINISTRATORS.to_vec()]).await {
            Err(Error::Node(NodeError::NotFound { .. })) => {
                // The node's word alone does not make a ticket disappear: its absence has a proof too.
                head(&self.records(vec![tree::ticket(id)]).await?, id)?;
                return Err(VerifyError::Differs("word that there is no such ticket".to_owned()).into());
            }
            other => other?,
        };
        let ticket = head(&facts, id)?;
        let node_ticket = self.node().ticket(id).await?;
        let most = usize::try_from(ticket.response_count).unwrap_or(usize::MAX);
        let responses = if most == 0 { Vec::new() } else { self.node().all_responses(id, most).await? };
        let keys = self.keys_of_everyone(&mut facts, &ticket, id).await?;
        let targets = self.targets(&facts, &keys, id, (node_ticket, responses))?;
        let mut records = Records { ticket, height: facts.height(), targets, keys };
        records.check_places(self.chain().chain_id.as_str())?;
        self.resolve_strangers(&mut records).await?;
        Ok(records)
    }

    /// The keys of the ticket's people, of every author and of the administrators.
    async fn keys_of_everyone(
        &self,
        facts: &mut Proven,
        ticket: &SupportTicket,
        id: TicketId,
    ) -> Result<Keys> {
        let mut addresses = BTreeSet::new();
        for text in [&ticket.customer_address, &ticket.assigned_to, &ticket.provider_address] {
            addresses.extend(self.named(text)?);
        }
        for index in 0..ticket.response_count {
            let response = facts.response(id, index)?.response.unwrap_or_default();
            addresses.insert(self.listed(&response.responder_address)?);
        }
        addresses.extend(facts.administrators(self.prefix())?.into_iter().map(|a| a.address));
        let addresses: Vec<Address> = addresses.into_iter().collect();
        let people = self.people(facts, &addresses).await?;
        Ok(people.into_iter().map(|person| (person.address, person.keys)).collect())
    }

    /// Puts every proven head together with the envelope that it names. None is left out.
    fn targets(
        &self,
        facts: &Proven,
        keys: &Keys,
        id: TicketId,
        (node_ticket, responses): (SupportTicket, Vec<TicketResponse>),
    ) -> Result<Vec<Target>> {
        let missing = || VerifyError::Missing(format!("ticket {id}"));
        let proven = facts.ticket(id)?.ok_or_else(missing)?;
        let ticket = proven.ticket.ok_or_else(missing)?;
        let first = Target {
            target: GrantTarget::Ticket,
            author: self.listed(&ticket.customer_address)?,
            is_agent: false,
            internal: false,
            created_at: ticket.created_at,
            context: ticket.payload_context.unwrap_or_default(),
            sealed: None,
        };
        let payload = (node_ticket.encrypted_payload, node_ticket.grants);
        let digests = (proven.payload_digest, proven.grants_hash);
        let mut targets = vec![self.with_payload(first, keys, id, &digests, payload)?];
        let mut payloads: BTreeMap<u32, _> =
            responses.into_iter().map(|r| (r.response_index, (r.encrypted_payload, r.grants))).collect();
        for index in 0..ticket.response_count {
            let proven = facts.response(id, index)?;
            let response = proven.response.unwrap_or_default();
            let next = Target {
                target: GrantTarget::Response(index),
                author: self.listed(&response.responder_address)?,
                is_agent: response.is_agent,
                internal: response.internal,
                created_at: response.created_at,
                context: response.payload_context.unwrap_or_default(),
                sealed: None,
            };
            let digests = (proven.payload_digest, proven.grants_hash);
            let payload = payloads.remove(&index).unwrap_or_default();
            targets.push(self.with_payload(next, keys, id, &digests, payload)?);
        }
        Ok(targets)
    }

    /// Checks an envelope and its grants against the proven digests, and the author's signature.
    fn with_payload(
        &self,
        mut target: Target,
        keys: &Keys,
        id: TicketId,
        (payload_digest, grants_hash): &(Vec<u8>, Vec<u8>),
        (payload, grants): (Option<MultiRecipientEnvelope>, Vec<AccessGrant>),
    ) -> Result<Target> {
        let Some(payload) = payload else { return Ok(target) };
        let context = target.expected_context(id, self.chain().chain_id.as_str())?;
        let head = Head {
            context: &context,
            signer_key_version: target.context.signer_key_version,
            payload_digest,
            grants_hash,
        };
        let listed = keys.get(&target.author).map_or(&[][..], Vec::as_slice);
        let sealed = sealed_record(&head, listed, &payload, grants)
            .map_err(|what| VerifyError::Differs(format!("{what} of {}", target.name(id))))?;
        target.sealed = Some(sealed);
        Ok(target)
    }

    /// Finds who registered the keys that nobody known has: the node names them, a proof of their key lists decides.
    async fn resolve_strangers(&self, records: &mut Records) -> Result<()> {
        let known: BTreeSet<String> =
            records.keys.values().flatten().map(|record| record.key_fingerprint.clone()).collect();
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

impl Target {
    /// The place that the record must have been sealed for, from the ledger's facts alone.
    fn expected_context(&self, id: TicketId, chain_id: &str) -> Result<Context> {
        let kind = match (self.target, self.internal) {
            (GrantTarget::Ticket, _) => Kind::Ticket,
            (GrantTarget::Response(_), false) => Kind::Response,
            (GrantTarget::Response(_), true) => Kind::Note,
        };
        if u32::from(kind.number()) != self.context.kind {
            let why = "its kind is not the one of its place".to_owned();
            return Err(VerifyError::Form { what: self.name(id), why }.into());
        }
        let recorded = self.context.chain_id.as_str();
        Ok(Context {
            chain_id: if recorded.is_empty() { chain_id } else { recorded }.to_owned(),
            ticket_id: if kind == Kind::Ticket { String::new() } else { id.to_string() },
            kind,
            sender: self.author.to_string(),
            sequence: self.context.sequence,
            index: self.context.index,
        })
    }

    /// What it is called in an error.
    pub(crate) fn name(&self, id: TicketId) -> String {
        match self.target {
            GrantTarget::Ticket => format!("ticket {id}"),
            GrantTarget::Response(index) => format!("response {index} of {id}"),
        }
    }
}

fn sealed_record(
    head: &Head<'_>,
    author: &[RecipientKeyRecord],
    payload: &MultiRecipientEnvelope,
    grants: Vec<AccessGrant>,
) -> std::result::Result<SealedRecord, &'static str> {
    let envelope = Envelope::from_wire(payload, EnvelopeLimits::WIDEST).map_err(|_| "envelope")?;
    if envelope.digests(head.context).envelope[..] != *head.payload_digest {
        return Err("envelope");
    }
    if grants_hash(&grants)[..] != *head.grants_hash {
        return Err("list of grants");
    }
    let recipients = envelope.wrapped_keys().iter().map(|entry| entry.recipient).collect();
    // Without the author's key nothing can be verified, and `NotARecipient` and a bad signature look alike on purpose.
    let record = author.iter().find(|record| record.key_version == head.signer_key_version);
    let signing_key = record.ok_or("author's key")?;
    let signing_key = VerifyKey::parse(&signing_key.signing_key).map_err(|_| "author's key")?;
    let expected =
        Expected { context: head.context, signing_key: &signing_key, account: AccountKey::OfSender };
    Ok(SealedRecord { recipients, grants, received: Received::verify_shaped(envelope, &expected) })
}

impl SealedRecord {
    /// Opens with whichever of the reader's pairs fits; `None` where it was sealed for others.
    pub(crate) fn open(&self, pairs: &[Pair]) -> Option<std::result::Result<Opened<'_>, CannotOpen>> {
        let received = match &self.received {
            Ok(received) => received,
            Err(error) => return Some(Err(error.clone())),
        };
        let entries: Vec<WrappedKeyEntry> = self.grants.iter().filter_map(|g| g.entry.clone()).collect();
        let mut result = None;
        for pair in pairs.iter().filter(|pair| self.is_for(pair.encryption.fingerprint())) {
            match received.open(&pair.encryption, &entries) {
                Ok(opened) => return Some(Ok(opened)),
                Err(error) => result = Some(Err(error)),
            }
        }
        result
    }

    /// True if an entry or a grant names this key.
    pub(crate) fn is_for(&self, key: &Fingerprint) -> bool {
        self.recipients.contains(key) || self.granted().any(|granted| granted == *key)
    }

    /// The keys that grants name.
    pub(crate) fn granted(&self) -> impl Iterator<Item = Fingerprint> {
        let entries = self.grants.iter().filter_map(|grant| grant.entry.as_ref());
        entries.filter_map(|entry| Fingerprint::parse(&entry.recipient_id).ok())
    }
}

impl Records {
    /// Refuses two records of one place: an envelope stands where it was sent, once.
    fn check_places(&self, chain_id: &str) -> Result<()> {
        let id = TicketId::parse(&self.ticket.ticket_id)
            .map_err(|error| VerifyError::Form { what: "a ticket".to_owned(), why: error.to_string() })?;
        let mut seen = PlacesSeen::default();
        for target in &self.targets {
            let context = target.expected_context(id, chain_id)?;
            seen.note(&context).map_err(ReadError::from)?;
        }
        Ok(())
    }

    /// Every key that can open something, by an entry or a grant.
    pub(crate) fn readers_keys(&self) -> BTreeSet<Fingerprint> {
        let sealed = self.targets.iter().filter_map(|target| target.sealed.as_ref());
        sealed.flat_map(|sealed| sealed.recipients.iter().copied().chain(sealed.granted())).collect()
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

    /// Opens every message for one reader.
    pub(crate) async fn open<T: Transport>(&self, desk: &Desk<T>, actor: &Actor) -> Result<Vec<Message>> {
        let pairs = self.own_pairs(desk, actor).await?;
        Ok(self.targets.iter().map(|target| self.message(target, &pairs)).collect())
    }

    fn message(&self, target: &Target, pairs: &[Pair]) -> Message {
        let (body, warnings) = match target.sealed.as_ref().map(|sealed| sealed.open(pairs)) {
            None => (Body::Withheld, Vec::new()),
            Some(None) => (Body::NotForYou, Vec::new()),
            Some(Some(Err(_))) => (Body::CannotOpen, Vec::new()),
            Some(Some(Ok(opened))) => (body(target.target, &opened), self.warnings(&opened)),
        };
        Message {
            index: match target.target {
                GrantTarget::Ticket => None,
                GrantTarget::Response(index) => Some(index),
            },
            author: target.author.clone(),
            is_agent: target.is_agent,
            internal: target.internal,
            created_at: target.created_at,
            height: u64::try_from(target.context.height).unwrap_or(0),
            body,
            warnings,
        }
    }

    /// Readers whom the author named and sealed so that they cannot open.
    fn warnings(&self, opened: &Opened<'_>) -> Vec<String> {
        let mut listed: Vec<(EncryptionKey, &Address)> = Vec::new();
        for (address, keys) in &self.keys {
            let keys = keys.iter().filter_map(|record| EncryptionKey::parse(&record.public_key).ok());
            listed.extend(keys.map(|key| (key, address)));
        }
        let keys: Vec<EncryptionKey> = listed.iter().map(|(key, _)| *key).collect();
        let wrong: BTreeSet<Fingerprint> = opened.entries_that_cannot_open(&keys).into_iter().collect();
        let names: BTreeSet<&Address> = listed
            .iter()
            .filter(|(key, _)| wrong.contains(&key.fingerprint()))
            .map(|(_, address)| *address)
            .collect();
        names.into_iter().map(|name| format!("sealed so that {name} cannot open it")).collect()
    }
}

fn body(target: GrantTarget, opened: &Opened<'_>) -> Body {
    let parsed = match target {
        GrantTarget::Ticket => TicketContent::parse(opened.plaintext()).map(Body::Ticket),
        GrantTarget::Response(_) => MessageContent::parse(opened.plaintext()).map(Body::Message),
    };
    parsed.unwrap_or_else(|error| Body::Unreadable(error.to_string()))
}

//! Who an envelope concerns, from proven facts: docs/spec/trust.md's rule.

use std::time::Duration;

use sealdesk_envelope::content::TicketContent;
use sealdesk_protocol::ids::{Address, TicketId};
use sealdesk_protocol::keys::Fingerprint;
use sealdesk_protocol::state::tree;
use sealdesk_protocol::ticket::{author, is_transferred, reads_by_grant};
use sealdesk_protocol::wire::virtengine::support::v1::SupportTicket;

use crate::actor::Actor;
use crate::assigned_readers::Writing;
use crate::compose::{Audience, ComposeError, Facts, ProviderReads, TxBuilder};
use crate::desk::{Desk, head};
use crate::error::{Error, Result};
use crate::node::Transport;
use crate::read::SealedRecord;
use crate::time::sleep;
use crate::trust::{Person, counting};
use crate::verify::{Proven, VerifyError};
use crate::view::EndedGrant;

/// How often a ticket is read again that changed between its proof and its envelope.
const TRIES_MAX: u32 = 6;
/// The first pause before that; it doubles.
const PAUSE: Duration = Duration::from_millis(50);

impl<T: Transport> Desk<T> {
    /// Everyone whom a new ticket concerns. The provider is among them only if they shall read: the writer gave the address.
    pub(crate) async fn audience_of_new(
        &self,
        builder: &TxBuilder,
        provider: Option<&Address>,
    ) -> Result<Facts> {
        let customer = builder.sender();
        let mut keys = vec![tree::PARAMS.to_vec(), tree::ADMINISTRATORS.to_vec(), tree::keys(customer)];
        keys.extend(provider.map(tree::keys));
        keys.extend(self.agents_unseen_today());
        let mut facts = self.records_beside(builder.facts(), keys).await?;
        let writer = self.person(&facts, customer)?;
        let provider = provider.map(|provider| self.person(&facts, provider)).transpose()?;
        let administrators = self.members(&mut facts).await?;
        let params = facts.params()?;
        let appointed =
            if params.open_queue { self.queue(&params, None, &mut facts).await? } else { Vec::new() };
        let audience = Audience {
            administrators,
            assignee: None,
            collaborators: Vec::new(),
            appointed,
            customer: Some(writer.clone()),
            writer: Some(writer),
            provider,
            outsiders: Vec::new(),
        };
        Ok(Facts { params, audience, seen: self.seen(&facts)?, ticket: None })
    }

    /// Everyone whom an imported ticket concerns, which an administrator tells.
    pub(crate) async fn audience_of_import(&self, importer: &TxBuilder, customer: &Address) -> Result<Facts> {
        let facts = self.audience_of_new(importer, None).await?;
        let customer = Some(self.fresh_person(customer).await?);
        Ok(Facts { audience: Audience { customer, ..facts.audience }, ..facts })
    }

    /// Everyone whom a ticket concerns, as its own envelope and the grants on it prove: after a transfer the customer by these alone; read again where it changes meanwhile.
    pub(crate) async fn ticket_facts(
        &self,
        builder: &TxBuilder,
        actor: &Actor,
        id: TicketId,
        provider: &ProviderReads,
    ) -> Result<Facts> {
        let mut pause = PAUSE;
        for _ in 1..TRIES_MAX {
            match self.ticket_facts_once(builder, actor, id, provider).await {
                Err(Error::Verify(VerifyError::Differs(_))) => {}
                other => return other,
            }
            sleep(pause).await;
            pause *= 2;
            // What the node shows may be of a block whose header is still to come.
            self.hear_of_newest().await;
        }
        self.ticket_facts_once(builder, actor, id, provider).await
    }

    async fn ticket_facts_once(
        &self,
        builder: &TxBuilder,
        actor: &Actor,
        id: TicketId,
        provider: &ProviderReads,
    ) -> Result<Facts> {
        let mut keys = vec![tree::PARAMS.to_vec(), tree::ADMINISTRATORS.to_vec(), tree::ticket(id)];
        keys.extend(self.agents_unseen_today());
        let mut facts = self.records_beside(builder.facts(), keys).await?;
        let ticket = head(&facts, id)?;
        let given = self.shown_ticket(id).await?;
        let writer = self.address_of(actor);
        let author = self.listed(author(&ticket))?;
        let mut people = self.people(&mut facts, &[writer.clone(), author]).await?;
        let (author, writer) = (people.pop(), people.pop());
        let (Some(author), Some(writer)) = (author, writer) else {
            return Err(VerifyError::Missing("the ticket's people".to_owned()).into());
        };
        let sealed = self.sealed_ticket(&facts, id, given)?;
        signed_by(&author, &ticket, &sealed)?;
        let administrators = self.members(&mut facts).await?;
        let working = self.working(&ticket, administrators.len(), &mut facts).await?;
        let writing = Writing { writer: &writer.address, members: &administrators, sealed: &sealed };
        self.tell_of_workers(&ticket, &working, writing);
        let as_sealed = self.sealed_provider(actor, &sealed, &facts)?;
        // Whom the importer named, whatever the ledger says of the customer.
        let told = self.sealed_customer(actor, &sealed, &facts)?;
        let outsiders = self.named_in(&ticket, as_sealed.iter().cloned().chain(told).collect())?;
        let mut outsiders = self.people(&mut facts, &outsiders).await?;
        let customer = match reads_by_grant(&ticket) {
            false => author,
            true => {
                let whole = self.transferred_to(&ticket, &mut facts).await?;
                let customer = granted_customer(&ticket, &whole, &administrators, &sealed);
                self.name_unread_customer(id, &customer);
                // By none of their keys do they read a note.
                outsiders.push(whole);
                customer
            }
        };
        let provider = match provider_address(provider, as_sealed, &ticket)? {
            Some(address) => self.provider_of(&ticket, address, &mut facts).await?,
            None => None,
        };
        self.check_age(&facts)?;
        self.used_ticket(id, &facts)?;
        let digest = sealed.envelope_digest();
        let (customer, writer) = (Some(customer), Some(writer));
        let (assignee, collaborators) = working.granted(&administrators, &sealed);
        let appointed = working.appointed;
        let audience = Audience {
            writer,
            administrators,
            assignee,
            collaborators,
            appointed,
            customer,
            provider,
            outsiders,
        };
        Ok(Facts { params: facts.params()?, audience, seen: self.seen(&facts)?, ticket: digest })
    }

    /// These people, and whom a ticket's record names as its provider and as its customers before.
    fn named_in(&self, ticket: &SupportTicket, mut people: Vec<Address>) -> Result<Vec<Address>> {
        people.extend(self.named(&ticket.provider_address)?);
        for before in &ticket.previous_customers {
            people.push(self.listed(before)?);
        }
        Ok(people)
    }

    /// The customer of a transferred ticket, with all their keys.
    async fn transferred_to(&self, ticket: &SupportTicket, facts: &mut Proven) -> Result<Person> {
        let customer = self.listed(&ticket.customer_address)?;
        let found = self.people(facts, std::slice::from_ref(&customer)).await?.pop();
        found.ok_or_else(|| VerifyError::Missing("the ticket's customer".to_owned()).into())
    }

    /// Leaves a line, and word of it, where no grant that counts lets the customer of a transferred ticket in.
    fn name_unread_customer(&self, ticket: TicketId, customer: &Person) {
        if customer.active_keys().is_empty() {
            let who = &customer.address;
            self.note(format!(
                "{who}, whose {ticket} is by a transfer or an import, does not read this: they have no valid grant"
            ));
            self.note_ended_grant(EndedGrant { ticket, assignee: who.to_string() });
        }
    }

    /// The provider whom the customer sealed into the ticket, where the writer can open it and it names one.
    fn sealed_provider(
        &self,
        actor: &Actor,
        sealed: &SealedRecord,
        facts: &Proven,
    ) -> Result<Option<Address>> {
        let named = self.opened_ticket(actor, sealed, facts)?.and_then(|content| content.provider);
        Ok(named.and_then(|text| Address::parse(self.prefix(), &text).ok()))
    }

    /// The customer whom the importer sealed into the ticket, likewise.
    fn sealed_customer(
        &self,
        actor: &Actor,
        sealed: &SealedRecord,
        facts: &Proven,
    ) -> Result<Option<Address>> {
        let imported = self.opened_ticket(actor, sealed, facts)?.and_then(|content| content.imported);
        let named = imported.and_then(|imported| imported.customer);
        Ok(named.and_then(|text| Address::parse(self.prefix(), &text).ok()))
    }

    fn opened_ticket(
        &self,
        actor: &Actor,
        sealed: &SealedRecord,
        facts: &Proven,
    ) -> Result<Option<TicketContent>> {
        let listed = facts.keys(&self.address_of(actor))?;
        let pairs = actor.registered(&listed).map_err(ComposeError::from)?;
        let pairs: Vec<_> = pairs.into_iter().map(|(pair, _)| pair).collect();
        let opened = sealed.open(&pairs).and_then(std::result::Result::ok);
        Ok(opened.and_then(|opened| TicketContent::parse(opened.plaintext()).ok()))
    }

    /// The provider of this address as a reader. The ledger lets no other read than the ticket's own.
    async fn provider_of(
        &self,
        ticket: &SupportTicket,
        address: Address,
        facts: &mut Proven,
    ) -> Result<Option<Person>> {
        if ticket.provider_address.is_empty() {
            return Err(ComposeError::NoProvider(ticket.ticket_id.clone()).into());
        }
        if ticket.provider_address != address.as_str() {
            let (ticket, provider) = (ticket.ticket_id.clone(), address);
            return Err(ComposeError::OtherProvider { ticket, provider }.into());
        }
        Ok(self.people(facts, std::slice::from_ref(&address)).await?.pop())
    }

    /// Someone whose key list these facts hold.
    fn person(&self, facts: &Proven, address: &Address) -> Result<Person> {
        Ok(Person::verified(self.chain(), address, &facts.keys(address)?))
    }
}

/// At which address the provider is read: the one that the writer gives, or that the customer sealed; never by the ledger's word.
fn provider_address(
    reads: &ProviderReads,
    as_sealed: Option<Address>,
    ticket: &SupportTicket,
) -> Result<Option<Address>> {
    Ok(match reads {
        ProviderReads::No => None,
        ProviderReads::Named(address) => Some(address.clone()),
        ProviderReads::AsSealed => {
            Some(as_sealed.ok_or_else(|| ComposeError::NoSealedProvider(ticket.ticket_id.clone()))?)
        }
    })
}

/// An assignee with none but those of their keys that counting grants name.
pub(crate) fn granted(assignee: &Person, members: &[Person], sealed: &SealedRecord) -> Person {
    let keys = sealed.content().map(|content| counting(members, &content, &sealed.grants));
    assignee.clone().only(&keys.unwrap_or_default())
}

/// The customer of a ticket in which they signed nothing, with those of their keys alone that counting grants name, or, as long as it was
/// not transferred, the own envelope of a ticket that a member imported: by a key of theirs that is active still.
pub(crate) fn granted_customer(
    ticket: &SupportTicket,
    customer: &Person,
    members: &[Person],
    sealed: &SealedRecord,
) -> Person {
    let keys = sealed.content().map(|content| counting(members, &content, &sealed.grants));
    let mut keys = keys.unwrap_or_default();
    if !is_transferred(ticket) {
        keys.extend(named_by_import(ticket, members, sealed));
    }
    customer.clone().only(&keys)
}

/// The keys that a ticket's own envelope names, where a member of the circle imported it.
pub(crate) fn named_by_import(
    ticket: &SupportTicket,
    members: &[Person],
    sealed: &SealedRecord,
) -> Vec<Fingerprint> {
    let Some(imported) = &ticket.imported else { return Vec::new() };
    let is_member = members.iter().any(|member| member.address.as_str() == imported.imported_by);
    let signs = sealed.author().is_some_and(|key| key.active);
    if is_member && signs { sealed.recipients.clone() } else { Vec::new() }
}

/// Whether the customer of a ticket in which they signed nothing could be sealed for, had they a grant that counts.
pub(crate) fn customer_needs_grant(
    ticket: &SupportTicket,
    customer: &Person,
    members: &[Person],
    sealed: &SealedRecord,
) -> bool {
    let is_member = members.iter().any(|member| member.address == customer.address);
    let can = |person: &Person| !person.active_keys().is_empty();
    !is_member && can(customer) && !can(&granted_customer(ticket, customer, members, sealed))
}

/// Whether an assignee could be sealed for, had they a grant that counts. Members of the circle need none.
pub(crate) fn needs_grant(assignee: &Person, members: &[Person], sealed: &SealedRecord) -> bool {
    let is_member = members.iter().any(|member| member.address == assignee.address);
    let can = |person: &Person| !person.active_keys().is_empty();
    !is_member && can(assignee) && !can(&granted(assignee, members, sealed))
}

/// Refuses a customer of whose own keys none has signed the ticket's own envelope. It was checked as an envelope of theirs.
fn signed_by(customer: &Person, ticket: &SupportTicket, sealed: &SealedRecord) -> Result<()> {
    if sealed.author().is_some() {
        return Ok(());
    }
    let (ticket, customer) = (ticket.ticket_id.clone(), customer.address.clone());
    Err(ComposeError::NotSignedByCustomer { ticket, customer }.into())
}

//! The whole state as the genesis of another ledger.

mod documents;
mod payloads;

use sealdesk_protocol::account::AccountState;
use sealdesk_protocol::genesis::{
    Account, AppState, Appointment, AttachedHour, Attachment, Beginning, CircleChange, Continues, Customer,
    Genesis, Imported, Key, Keys, Link, Member, Params, Rating, Resource, Step, Ticket,
};
use sealdesk_protocol::identity;
use sealdesk_protocol::ids::ChainId;
use sealdesk_protocol::import;
use sealdesk_protocol::messages::{AssignableRole, GrantTarget};
use sealdesk_protocol::state::{side, tree};
use sealdesk_protocol::ticket;
use sealdesk_protocol::wire::sealdesk::ledger::v1::{self as wire, AccountRecord, CustomerRecord, KeyList};
use sealdesk_protocol::wire::virtengine::encryption::v1::RecipientKeyRecord;
use sealdesk_store::{Snapshot, State};

use crate::errors::{ExportError, Fatal};
use crate::machine::Machine;
use crate::state::index::{address_in, scan};
use crate::state::{StateView, TicketEntry, decode};

impl Machine {
    /// Writes the whole state as a genesis.
    ///
    /// A ledger that nothing has changed since its genesis gives that genesis again, byte for byte, if no `chain_id` is
    /// named and no key was registered on it. Any other needs a `chain_id` that was never used: under its own, its transactions
    /// would be good on the copy.
    /// Validators are left out: they are of the ledger that was, and who begins another names its own.
    ///
    /// # Errors
    /// [`ExportError`]: the chain id is missing or the ledger's own, or the store failed.
    pub fn export(&self, snapshot: &Snapshot, chain_id: Option<&ChainId>) -> Result<Genesis, ExportError> {
        let mut state = State::new(snapshot.clone());
        let view = StateView::new(&mut state, self.prefix());
        let bytes = view.state.get_side(side::GENESIS).map_err(Fatal::from)?.ok_or(Fatal::NoGenesis)?;
        let mut genesis = Genesis::from_json(&bytes)?;
        let last = view.last_change()?;
        match chain_id {
            Some(new) if new == self.chain_id() => return Err(ExportError::OwnChainId),
            None if last.height != 0 => return Err(ExportError::NeedsChainId),
            Some(new) => genesis.chain_id = new.to_string(),
            None => {}
        }
        if last.height != 0 {
            genesis.set_time(last.timestamp)?;
        }
        genesis.validators.clear();
        // Under another name, what was signed for this ledger was signed on an earlier one.
        let registered_here = chain_id.map(|_| self.identity().to_string()).unwrap_or_default();
        let lineage = lineage(&view, snapshot, chain_id.is_some())?;
        genesis.app_state = AppState {
            schema: genesis.app_state.schema,
            prefix: self.prefix().as_str().to_owned(),
            params: Params::from(&view.params()?),
            ticket_count: view.ticket_count()?,
            members: members(&view, &registered_here)?,
            circle: view.circle_changes()?.iter().map(CircleChange::from).collect(),
            continues: lineage.continues,
            earlier: lineage.earlier,
            accounts: accounts(&view)?,
            keys: keys(&view, &registered_here)?,
            customers: customers(&view)?,
            tickets: tickets(&view, self.chain_id())?,
            documents: documents::documents(&view, self.chain_id())?,
            shelves: documents::shelves(&view)?,
            published: documents::published(&view)?,
            document_writers: documents::writers(&view)?,
        };
        // Keys that were signed for this ledger name its first validators too, and an importer begins with others.
        if chain_id.is_none() && is_signed_for_itself(&genesis.app_state) {
            return Err(ExportError::NeedsChainId);
        }
        // A ledger must be able to begin with what is written here: better no file than one that cannot be imported.
        genesis.check()?;
        Ok(genesis)
    }
}

fn members(view: &StateView<'_>, signed_here: &str) -> Result<Vec<Member>, Fatal> {
    let mut members = Vec::new();
    for (key, _) in scan(view.state, tree::MEMBERS)? {
        let address = address_in(&key, tree::MEMBERS, view.prefix)?;
        let member = view.member(&address)?;
        members.push(Member {
            address: address.to_string(),
            role: member.role.map(AssignableRole::name).unwrap_or_default().to_owned(),
            state: AccountState::name(member.state).to_owned(),
            assigned_by: member.assigned_by,
            assigned_at: member.assigned_at,
            suspended_at: member.suspended_at,
            was_staff: member.was_staff,
            last_appointed_at: member.last_appointed_at,
            appointment: member.appointment.map(|appointment| Appointment {
                made: appointment.made,
                position: appointment.position,
                account_pub_key: appointment.account_pub_key.to_vec(),
                account_signature: appointment.signature.to_vec(),
                appointed_on: match appointment.appointed_on {
                    None => signed_here.to_owned(),
                    Some(identity) => identity.to_string(),
                },
            }),
        });
    }
    Ok(members)
}

fn accounts(view: &StateView<'_>) -> Result<Vec<Account>, Fatal> {
    let mut accounts = Vec::new();
    for (key, record) in scan(view.state, tree::ACCOUNTS)? {
        let address = address_in(&key, tree::ACCOUNTS, view.prefix)?.to_string();
        let AccountRecord { sequence, pub_key } = decode(&key, &record)?;
        accounts.push(Account { address, sequence, pub_key });
    }
    Ok(accounts)
}

/// The ledgers before the one that begins with this document.
struct Lineage {
    continues: Option<Continues>,
    earlier: Vec<Beginning>,
}

/// Whether a key's owner, or somebody who appointed another, signed for this ledger, not for one before it.
fn is_signed_for_itself(state: &AppState) -> bool {
    let mut keys = state.keys.iter().flat_map(|of| &of.keys);
    let mut appointments = state.members.iter().filter_map(|member| member.appointment.as_ref());
    keys.any(|key| key.registered_on.is_empty() && !key.account_signature.is_empty())
        || appointments.any(|appointment| appointment.appointed_on.is_empty())
}

/// A ledger of another name continues this one; under the same name it is this one, and continues what this one does.
fn lineage(view: &StateView<'_>, snapshot: &Snapshot, renamed: bool) -> Result<Lineage, Fatal> {
    let ancestry = view.ancestry()?;
    let mut earlier: Vec<Beginning> = ancestry.earlier().iter().map(Beginning::from).collect();
    if !renamed {
        let continues = ancestry.beginning().continues.as_ref().map(Continues::from);
        return Ok(Lineage { continues, earlier });
    }
    earlier.push(Beginning::from(ancestry.beginning()));
    // A snapshot's version is the height of the header that proves it.
    let height = snapshot.version().saturating_sub(1);
    let here = identity::Continues { identity: ancestry.identity(), height, app_hash: snapshot.root() };
    Ok(Lineage { continues: Some(Continues::from(&here)), earlier })
}

fn keys(view: &StateView<'_>, registered_here: &str) -> Result<Vec<Keys>, Fatal> {
    let mut lists = Vec::new();
    for (key, record) in scan(view.state, tree::KEYS)? {
        let address = address_in(&key, tree::KEYS, view.prefix)?.to_string();
        let keys = decode::<KeyList>(&key, &record)?.keys.into_iter();
        let keys = keys.map(|record| self::key(record, registered_here)).collect();
        lists.push(Keys { address, keys });
    }
    Ok(lists)
}

fn key(record: RecipientKeyRecord, registered_here: &str) -> Key {
    let here = record.registered_on.is_empty() && !record.account_signature.is_empty();
    Key {
        registered_on: if here { registered_here.to_owned() } else { hex(&record.registered_on) },
        account_pub_key: record.account_pub_key,
        account_signature: record.account_signature,
        version: record.key_version,
        public_key: record.public_key,
        signing_key: record.signing_key,
        fingerprint: record.key_fingerprint,
        label: record.label,
        registered_at: record.registered_at,
        revoked_at: record.revoked_at,
    }
}

fn customers(view: &StateView<'_>) -> Result<Vec<Customer>, Fatal> {
    let mut customers = Vec::new();
    for (key, record) in scan(view.state, tree::CUSTOMERS)? {
        let address = address_in(&key, tree::CUSTOMERS, view.prefix)?.to_string();
        let CustomerRecord { open_tickets, last_created_at, created_at, attached } = decode(&key, &record)?;
        let hour = |hour: &wire::AttachedHour| AttachedHour { from: hour.from, bytes: hour.bytes };
        let attached = attached.iter().map(hour).collect();
        customers.push(Customer { address, open_tickets, last_created_at, created_at, attached });
    }
    Ok(customers)
}

fn tickets(view: &StateView<'_>, chain_id: &ChainId) -> Result<Vec<Ticket>, Fatal> {
    let mut tickets = Vec::new();
    for (key, head) in scan(view.state, tree::TICKETS)? {
        let entry = view.ticket_of_head(&key, decode(&key, &head)?)?;
        tickets.push(ticket(view, entry, chain_id)?);
    }
    Ok(tickets)
}

fn ticket(view: &StateView<'_>, entry: TicketEntry, chain_id: &ChainId) -> Result<Ticket, Fatal> {
    let ticket = entry.ticket;
    let wire = ticket.to_wire();
    Ok(Ticket {
        ticket_id: wire.ticket_id,
        customer_address: wire.customer_address,
        previous_customers: wire.previous_customers,
        provider_address: wire.provider_address,
        resource_ref: ticket.resource.map(|resource| Resource {
            r#type: resource.kind.name().to_owned(),
            id: resource.id,
            owner: resource.owner,
        }),
        status: ticket.status.name().to_owned(),
        priority: ticket.priority.name().to_owned(),
        category: wire.category,
        assigned_to: wire.assigned_to,
        collaborators: wire.collaborators,
        created_at: wire.created_at,
        updated_at: wire.updated_at,
        resolved_at: wire.resolved_at,
        due_at: view.auto_close_time(ticket.id)?.unwrap_or(0),
        closed_at: wire.closed_at,
        resolution_ref: wire.resolution_ref,
        snoozed_until: wire.snoozed_until,
        imported: ticket.imported.as_ref().map(imported),
        links: ticket.links.iter().map(link).collect(),
        ratings: ticket.ratings.into_iter().map(rating).collect(),
        attachments: wire.attachments.iter().map(Attachment::from).collect(),
        steps: ticket.steps.iter().map(step).collect(),
        steps_dropped: ticket.steps_dropped,
        payload: payloads::payload(view, ticket.id, GrantTarget::Ticket, ticket.payload_context, chain_id)?,
        responses: payloads::responses(view, ticket.id, ticket.response_count, chain_id)?,
    })
}

fn imported(imported: &import::Imported) -> Imported {
    let wire = imported.to_wire();
    Imported {
        source: wire.source,
        source_id: wire.source_id,
        imported_by: wire.imported_by,
        responses: wire.responses,
        customer_keys: wire.customer_keys,
    }
}

fn link(link: &ticket::Link) -> Link {
    Link { kind: link.kind.name().to_owned(), ticket_id: link.other.to_string() }
}

fn step(step: &ticket::Step) -> Step {
    let (status, priority) = (step.status.name().to_owned(), step.priority.name().to_owned());
    Step { at: step.at, status, priority }
}

fn rating(rating: ticket::Rating) -> Rating {
    Rating {
        score: rating.score,
        rated_at: rating.rated_at,
        resolved_at: rating.resolved_at,
        agent: rating.agent.map(|agent| agent.to_string()).unwrap_or_default(),
        customer: rating.customer.to_string(),
        comment: rating.comment,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

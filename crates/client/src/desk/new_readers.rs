//! Naming, in one line, each reader for whom this home never sealed before: once the ledger has taken what was sealed.

use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::ids::{Address, TicketId};

use super::{Believed, Desk};
use crate::compose::{Audience, TxBuilder};
use crate::error::{Error, Result};
use crate::node::Transport;
use crate::notes::{Named, Note, Why};
use crate::outcome::Outcome;
use crate::trust::{Person, Pin};

impl<T: Transport> Desk<T> {
    /// Notes everyone for whom a transaction seals something of this kind.
    pub(crate) fn name_new_readers(
        &self,
        builder: &mut TxBuilder,
        audience: &Audience,
        kind: Kind,
        ticket: Option<TicketId>,
    ) {
        // Destructured, so that nobody who is added to it is forgotten here.
        let Audience { writer: _, administrators, customer, provider, outsiders: _, .. } = audience;
        let Audience { assignee, collaborators, appointed, .. } = audience;
        let pin = self.pin();
        for person in administrators {
            let why = since(&pin, &person.address);
            name(builder, person, why);
        }
        for person in assignee.iter() {
            name(builder, person, Why::Assignee(ticket));
        }
        for person in collaborators {
            name(builder, person, Why::Collaborator(ticket));
        }
        for person in appointed {
            name(builder, person, Why::OpenQueue);
        }
        let outsiders = |person: &&Person| kind != Kind::Note || is_member(&pin, &person.address);
        if let Some(person) = customer.as_ref().filter(outsiders) {
            name(builder, person, Why::Customer(ticket));
        }
        if let Some(person) = provider.as_ref().filter(outsiders) {
            name(builder, person, Why::Provider(ticket));
        }
        let staff = administrators.iter().chain(assignee).chain(collaborators).chain(appointed);
        builder.readers_mut().staff.extend(addresses(staff));
    }

    /// As [`Desk::name_new_readers`], of an imported ticket.
    pub(crate) fn name_readers_of_import(&self, builder: &mut TxBuilder, audience: &Audience) {
        let staff = Audience { customer: None, ..audience.clone() };
        self.name_new_readers(builder, &staff, Kind::Ticket, None);
        if let Some(customer) = &audience.customer {
            name(builder, customer, Why::Imported);
        }
    }

    /// Notes everyone of the staff for whom a transaction seals, and for whom nothing is sealed because nobody in the circle appointed them.
    pub(crate) fn name_staff(&self, builder: &mut TxBuilder, staff: &[Person], unbelieved: &[Address]) {
        let pin = self.pin();
        for address in unbelieved {
            builder.readers_mut().notes.push(format!(
                "{address} is an agent only by the ledger's claim, so no document of the staff is sealed for them; an administrator has to appoint them again with `sealdesk tx roles assign-role`"
            ));
        }
        for person in staff {
            let is_member = is_member(&pin, &person.address);
            let why = if is_member { since(&pin, &person.address) } else { Why::Appointed };
            name(builder, person, why);
        }
        builder.readers_mut().staff.extend(addresses(staff.iter()));
    }

    /// Notes somebody whom a transaction lets in.
    pub(crate) fn name_granted(
        &self,
        builder: &mut TxBuilder,
        person: &Person,
        ticket: TicketId,
        is_assigned: bool,
    ) {
        let pin = self.pin();
        let why = match (is_member(&pin, &person.address), is_assigned) {
            (true, _) => since(&pin, &person.address),
            (false, true) => Why::Given(ticket),
            (false, false) => Why::LetIn(ticket),
        };
        name(builder, person, why);
        builder.readers_mut().staff.extend(addresses(std::iter::once(person)));
    }

    /// Says whom something was sealed for that this home never sealed for before, and remembers them all.
    pub(super) fn remember_readers(&self, readers: Named) {
        let mut guard = self.believed();
        let believed = &mut *guard;
        for note in readers.notes {
            believed.note(Note::Other(note));
        }
        for (address, why) in readers.reading {
            let is_known =
                believed.pin.readers.contains(&address) || believed.remembered.has_sealed_for(&address);
            believed.remembers_more |= believed.remembered.seal_for(&address);
            if !is_known {
                believed.note(Note::NewReader { address, why });
            }
        }
        believed.sealed_for(readers.staff.into_iter());
    }

    /// How many lines there are to say by now.
    pub(super) fn notes_so_far(&self) -> usize {
        self.believed().notes.len()
    }

    /// Takes back what was said since of a transaction that did not come to be: the next one must not say it. One of which nobody knows
    /// what became of it is spoken of.
    pub(super) fn withdraw_notes(&self, so_far: usize, sent: &Result<Outcome>) {
        match sent {
            Ok(_) | Err(Error::Unsigned(_) | Error::Unanswered { .. }) => {}
            Err(_) => self.believed().notes.truncate(so_far),
        }
    }
}

impl Believed {
    /// Leaves a line, once.
    pub(super) fn note(&mut self, note: Note) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }
}

/// Whoever writes knows themselves, and for whoever has no key nothing is sealed.
fn name(builder: &mut TxBuilder, person: &Person, why: Why) {
    if person.address != *builder.sender() && can_read(person) {
        builder.readers_mut().reading.push((person.address.clone(), why));
    }
}

/// Those for whom anything can be sealed.
fn addresses<'a>(people: impl Iterator<Item = &'a Person>) -> impl Iterator<Item = Address> {
    people.filter(|person| can_read(person)).map(|person| person.address.clone())
}

fn can_read(person: &Person) -> bool {
    !person.active_keys().is_empty()
}

fn is_member(pin: &Pin, address: &Address) -> bool {
    pin.circle.contains(address)
}

/// Since when a member of the circle is one, and who voted for them.
fn since(pin: &Pin, member: &Address) -> Why {
    match pin.joined_by(member) {
        None => Why::AdministratorFromBefore,
        Some(change) => Why::Administrator {
            change: change.position,
            voters: change.votes.iter().map(|vote| vote.voter.clone()).collect(),
        },
    }
}

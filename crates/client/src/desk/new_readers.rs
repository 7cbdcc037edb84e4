//! Naming, in one line, each reader for whom this home never sealed before.

use sealdesk_protocol::envelope::Kind;
use sealdesk_protocol::ids::{Address, TicketId};

use super::Desk;
use crate::compose::Audience;
use crate::node::Transport;
use crate::trust::{Person, Pin};

impl<T: Transport> Desk<T> {
    /// Leaves a line for everyone for whom something of this kind is sealed, and for whom this home never sealed before.
    pub(crate) fn name_new_readers(&self, audience: &Audience, kind: Kind, ticket: Option<TicketId>) {
        // Destructured, so that nobody who is added to it is forgotten here.
        let Audience { writer, administrators, customer, provider, outsiders: _, .. } = audience;
        let Audience { assignee, collaborators, appointed, .. } = audience;
        let pin = self.pin();
        let writer = writer.as_ref().map(|writer| &writer.address);
        // Whoever writes knows themselves.
        let is_other = |person: &&Person| Some(&person.address) != writer;
        for person in administrators.iter().filter(is_other) {
            self.name_new_reader(&pin, person, &since(&pin, &person.address));
        }
        let of_ticket = ticket.map_or_else(|| "a new ticket".to_owned(), |id| id.to_string());
        let by_grant = |what: &str| {
            format!("whom the ledger calls {what} of {of_ticket}, by a key that an administrator granted")
        };
        for person in assignee.iter().filter(is_other) {
            self.name_new_reader(&pin, person, &by_grant("the assignee"));
        }
        for person in collaborators.iter().filter(is_other) {
            self.name_new_reader(&pin, person, &by_grant("a collaborator"));
        }
        for person in appointed.iter().filter(is_other) {
            self.name_new_reader(&pin, person, "agent whom an administrator appointed, in the open queue");
        }
        let outsiders = |person: &&Person| kind != Kind::Note || is_member(&pin, &person.address);
        if let Some(person) = customer.as_ref().filter(outsiders).filter(is_other) {
            self.name_new_reader(&pin, person, &format!("who wrote {of_ticket}"));
        }
        if let Some(person) = provider.as_ref().filter(outsiders).filter(is_other) {
            self.name_new_reader(&pin, person, &format!("provider of {of_ticket}"));
        }
        let staff = administrators.iter().chain(assignee).chain(collaborators).chain(appointed);
        let staff = staff.filter(|person| can_read(person));
        self.believed().sealed_for(staff.map(|person| person.address.clone()));
    }

    /// As [`Desk::name_new_readers`], of an imported ticket.
    pub(crate) fn name_readers_of_import(&self, audience: &Audience) {
        self.name_new_readers(&Audience { customer: None, ..audience.clone() }, Kind::Ticket, None);
        let pin = self.pin();
        if let Some(customer) = &audience.customer {
            self.name_new_reader(&pin, customer, "customer of a ticket that you import");
        }
    }

    /// Leaves a line for everyone of the staff for whom this home never sealed before, and for whom nothing is sealed because nobody in the
    /// circle appointed them.
    pub(crate) fn name_staff(&self, staff: &[Person], unbelieved: &[Address], writer: &Address) {
        let pin = self.pin();
        for address in unbelieved {
            self.note(format!(
                "{address} is an agent by the ledger's word alone, so that no document of the staff is sealed for them; an administrator appoints them again with `sealdesk tx roles assign-role`"
            ));
        }
        for person in staff.iter().filter(|person| person.address != *writer) {
            let why = if is_member(&pin, &person.address) {
                since(&pin, &person.address)
            } else {
                "agent whom an administrator appointed".to_owned()
            };
            self.name_new_reader(&pin, person, &why);
        }
        let readers = staff.iter().filter(|person| can_read(person));
        self.believed().sealed_for(readers.map(|person| person.address.clone()));
    }

    /// Leaves a line for somebody who is let in, and to whom this home never granted before.
    pub(crate) fn name_granted(&self, person: &Person, ticket: TicketId, is_assigned: bool) {
        let pin = self.pin();
        let why = match (is_member(&pin, &person.address), is_assigned) {
            (true, _) => since(&pin, &person.address),
            (false, true) => format!("who is given {ticket}"),
            (false, false) => format!("who is let into {ticket}"),
        };
        self.name_new_reader(&pin, person, &why);
        if can_read(person) {
            self.believed().sealed_for(std::iter::once(person.address.clone()));
        }
    }

    fn name_new_reader(&self, pin: &Pin, person: &Person, why: &str) {
        let address = &person.address;
        let is_known = pin.readers.contains(address) || self.believed().remembered.has_sealed_for(address);
        if !is_known && can_read(person) {
            self.note(format!("new reader: {address}, {why}"));
        }
        if can_read(person) {
            self.remember_readers(std::iter::once(address));
        }
    }
}

/// Whether anything can be sealed for them.
fn can_read(person: &Person) -> bool {
    !person.active_keys().is_empty()
}

fn is_member(pin: &Pin, address: &Address) -> bool {
    pin.circle.contains(address)
}

/// Since when a member of the circle is one, and who voted for them.
fn since(pin: &Pin, member: &Address) -> String {
    match pin.joined_by(member) {
        None => "administrator since before this home knew the ledger".to_owned(),
        Some(change) => {
            let voters: Vec<&str> = change.votes.iter().map(|vote| vote.voter.as_str()).collect();
            format!("administrator since change {}, voted by {}", change.position, voters.join(", "))
        }
    }
}

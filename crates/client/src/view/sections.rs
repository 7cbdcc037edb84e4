//! An inbox in sections: what waits for whom. A ticket stands in the first that it fits.

use std::collections::BTreeSet;

use sealdesk_protocol::ids::TicketId;
use sealdesk_protocol::messages::AssignableRole;
use sealdesk_protocol::ticket::{Status, Turn};

use super::{About, Inbox, Ticket};

/// What is due within so many seconds is due soon: four hours.
pub const DUE_SOON_SECONDS: i64 = 14_400;

/// What the tickets of a section have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SectionKind {
    /// A promise of the desk ends soon, or is broken already.
    DueSoon,
    /// It is this person's turn.
    WaitingForYou,
    /// Nobody has them, or somebody who cannot go on.
    Unassigned,
    /// This person has them, and said something last.
    Mine,
    /// This person has them, and the customer has to answer.
    WaitingForCustomer,
    /// This person has them, or nobody, and they were put aside until a time that has not come.
    Aside,
    /// Others have them.
    InWork,
    /// This person has them, and has left the staff.
    LeftBehind,
    /// This person wrote them, and the desk has to answer.
    Own,
    /// They are over.
    Closed,
}

/// Part of an inbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Section<'a> {
    /// What these tickets have in common.
    pub kind: SectionKind,
    /// The tickets, in the order in which they wait.
    pub tickets: Vec<&'a Ticket>,
}

impl Inbox {
    /// Every ticket of it once, in sections; none of them is empty.
    pub fn sections(&self) -> Vec<Section<'_>> {
        use SectionKind as K;
        let is_staff = matches!(self.role, AssignableRole::SupportAgent | AssignableRole::Administrator);
        let stranded = || self.stranded.iter().map(|one| &one.ticket);
        let mut soon: Vec<&Ticket> = self
            .assigned
            .iter()
            .chain(&self.open)
            .chain(&self.in_work)
            .filter(|it| self.is_due_soon(it))
            .collect();
        soon.sort_by_key(|ticket| self.due_at(ticket));
        let (mine, others): (Vec<&Ticket>, Vec<&Ticket>) =
            self.assigned.iter().partition(|ticket| self.waits_for_staff(ticket));
        let (aside, others): (Vec<&Ticket>, Vec<&Ticket>) =
            others.into_iter().partition(|ticket| self.is_aside(ticket));
        let (open_aside, open): (Vec<&Ticket>, Vec<&Ticket>) =
            self.open.iter().partition(|ticket| self.is_aside(ticket));
        let (pending, rest): (Vec<&Ticket>, Vec<&Ticket>) =
            others.into_iter().partition(|ticket| self.turn(ticket) == Some(Turn::Customer));
        let (asked, own): (Vec<&Ticket>, Vec<&Ticket>) =
            self.own.iter().partition(|ticket| waits_for_customer(ticket));
        let mut sections = Vec::new();
        if is_staff {
            let yours = mine.into_iter().chain(asked).collect();
            sections.extend([(K::DueSoon, soon), (K::WaitingForYou, yours)]);
            sections.push((K::Unassigned, open.into_iter().chain(stranded()).collect()));
            sections.extend([(K::Mine, rest), (K::WaitingForCustomer, pending)]);
            sections.push((K::Aside, aside.into_iter().chain(open_aside).collect()));
        } else {
            let left = mine.into_iter().chain(rest).chain(pending).chain(aside).collect();
            sections.extend([(K::WaitingForYou, asked), (K::LeftBehind, left)]);
        }
        sections.push((K::InWork, self.in_work.iter().collect()));
        sections.extend([(K::Own, own), (K::Closed, self.closed.iter().collect())]);
        let mut seen: BTreeSet<TicketId> = BTreeSet::new();
        for (_, tickets) in &mut sections {
            tickets.retain(|ticket| seen.insert(ticket.id));
        }
        let sections = sections.into_iter().map(|(kind, tickets)| Section { kind, tickets });
        sections.filter(|section| !section.tickets.is_empty()).collect()
    }

    fn turn(&self, ticket: &Ticket) -> Option<Turn> {
        match self.about.get(&ticket.id).and_then(|about| about.turn) {
            Some(turn) => Some(turn),
            None => match ticket.status {
                Status::Open | Status::Assigned | Status::InProgress => Some(Turn::Desk),
                Status::PendingCustomer => Some(Turn::Customer),
                Status::Resolved | Status::Closed => None,
            },
        }
    }

    /// Whether the customer heard nothing since they wrote, or it is back after somebody put it aside. Where nobody knows who spoke last, it may be so.
    fn waits_for_staff(&self, ticket: &Ticket) -> bool {
        let about = self.about.get(&ticket.id);
        if about.is_some_and(|about| about.is_back) {
            return true;
        }
        let last = about.and_then(|about| about.last.as_ref());
        self.turn(ticket) == Some(Turn::Desk) && last.is_none_or(|last| !last.is_staff)
    }

    fn is_aside(&self, ticket: &Ticket) -> bool {
        self.about.get(&ticket.id).is_some_and(About::is_aside)
    }

    fn due_at(&self, ticket: &Ticket) -> Option<i64> {
        self.about.get(&ticket.id)?.due.map(|due| due.at)
    }

    fn is_due_soon(&self, ticket: &Ticket) -> bool {
        let due = self.about.get(&ticket.id).and_then(|about| about.due);
        due.is_some_and(|due| due.is_late || due.seconds_left() <= DUE_SOON_SECONDS)
    }
}

/// Whether the customer is asked for something: an answer, or whether it is resolved.
fn waits_for_customer(ticket: &Ticket) -> bool {
    matches!(ticket.status, Status::PendingCustomer | Status::Resolved)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sla::Kind;
    use crate::view::{Due, Record, Spoke, Time};
    use sealdesk_protocol::ticket::Priority;

    fn ticket(number: u64, status: Status) -> Ticket {
        Ticket {
            id: TicketId::new(number).unwrap(),
            status,
            priority: Priority::Normal,
            category: "technical".to_owned(),
            customer: "customer".to_owned(),
            assigned_to: None,
            answers: 1,
            created_at: Time::Unix(1),
            updated_at: Time::Unix(1),
            resolved_at: None,
            closed_at: None,
            snoozed_until: None,
            record: Record::Contract([7; 32]),
        }
    }

    fn shown(inbox: &Inbox) -> Vec<(SectionKind, Vec<u64>)> {
        let numbers = |section: &Section<'_>| section.tickets.iter().map(|it| it.id.number()).collect();
        inbox.sections().iter().map(|section| (section.kind, numbers(section))).collect()
    }

    #[test]
    fn each_ticket_stands_once_where_somebody_looks_for_it_first() {
        use SectionKind as K;
        let mut inbox = Inbox::empty(AssignableRole::Administrator, true);
        inbox.assigned = vec![
            ticket(1, Status::Assigned),
            ticket(2, Status::InProgress),
            ticket(3, Status::PendingCustomer),
            ticket(4, Status::InProgress),
        ];
        inbox.assigned.extend([ticket(11, Status::Assigned), ticket(12, Status::Assigned)]);
        inbox.open = vec![ticket(5, Status::Open), ticket(6, Status::Open), ticket(13, Status::Open)];
        inbox.in_work = vec![ticket(1, Status::Assigned), ticket(7, Status::InProgress)];
        inbox.own = vec![ticket(8, Status::Open), ticket(9, Status::Resolved)];
        inbox.closed = vec![ticket(10, Status::Closed)];
        let at = Time::Unix(1);
        let said = |is_staff| Some(Spoke { by: "x".to_owned(), is_staff, at });
        let due = |at, is_late| Some(Due { what: Kind::Resolution, at, is_late, counted_at: 100 });
        let about = |last, due| About { last, due, ..About::unknown() };
        let id = |number| TicketId::new(number).unwrap();
        inbox.about.insert(id(1), about(said(false), None));
        inbox.about.insert(id(2), about(said(true), due(100 + DUE_SOON_SECONDS + 1, false)));
        inbox.about.insert(id(4), about(said(true), due(100 + DUE_SOON_SECONDS, false)));
        inbox.about.insert(id(6), about(said(false), due(50, true)));
        // What was put aside is nobody's turn, whoever spoke last, until its time has come.
        let aside = |is_back| About { turn: Some(Turn::Aside), is_back, ..about(said(false), None) };
        inbox.about.extend([(id(11), aside(false)), (id(12), aside(true)), (id(13), aside(false))]);
        assert_eq!(
            shown(&inbox),
            [
                (K::DueSoon, vec![6, 4]),
                (K::WaitingForYou, vec![1, 12, 9]),
                (K::Unassigned, vec![5]),
                (K::Mine, vec![2]),
                (K::WaitingForCustomer, vec![3]),
                (K::Aside, vec![11, 13]),
                (K::InWork, vec![7]),
                (K::Own, vec![8]),
                (K::Closed, vec![10]),
            ]
        );
        inbox.role = AssignableRole::Customer;
        (inbox.in_work, inbox.open) = (Vec::new(), Vec::new());
        let of_customer = shown(&inbox);
        assert_eq!(of_customer[0], (K::WaitingForYou, vec![9]));
        assert_eq!(of_customer[1].0, K::LeftBehind);
    }

    #[test]
    fn no_subject_is_printed_into_a_log() {
        let subject = crate::view::Subject::Text("canary".to_owned());
        assert!(!format!("{subject:?}").contains("canary"));
        let about = About { subject, ..About::unknown() };
        assert!(!format!("{about:?}").contains("canary"));
    }
}

//! Which tickets of an inbox are shown.

use sealdesk_protocol::ticket::{Priority, Status};

use crate::view::{About, Subject, Ticket, Time};

/// Conditions that all hold of a ticket that is shown. The default holds of every ticket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboxFilter {
    /// Of this category.
    pub category: Option<String>,
    /// In this status.
    pub status: Option<Status>,
    /// Of this priority.
    pub priority: Option<Priority>,
    /// Of which something happened at this second or later.
    pub since: Option<i64>,
    /// Whose subject, number, category or people's addresses hold this text, whatever its case.
    pub search: Option<String>,
}

impl InboxFilter {
    /// Whether it holds of every ticket.
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a ticket's record fits, as far as that can be told without its subject.
    pub(crate) fn fits(&self, ticket: &Ticket) -> bool {
        let since = |since: i64| match ticket.updated_at {
            Time::Unix(at) => at >= since,
            Time::BurnBlock(_) => true,
        };
        self.category.as_ref().is_none_or(|category| category.eq_ignore_ascii_case(&ticket.category))
            && self.status.is_none_or(|status| status == ticket.status)
            && self.priority.is_none_or(|priority| priority == ticket.priority)
            && self.since.is_none_or(since)
    }

    /// Whether a ticket holds the text that is searched for.
    pub(crate) fn finds(&self, ticket: &Ticket, about: Option<&About>) -> bool {
        let Some(text) = &self.search else { return true };
        let text = text.to_lowercase();
        let id = ticket.id.to_string();
        let subject = about.and_then(|about| match &about.subject {
            Subject::Text(subject) => Some(subject.as_str()),
            Subject::Locked | Subject::NotShown(_) => None,
        });
        let agent = ticket.assigned_to.as_deref();
        let fields = [Some(id.as_str()), Some(&ticket.category), Some(&ticket.customer), agent, subject];
        fields.into_iter().flatten().any(|field| field.to_lowercase().contains(&text))
    }
}

#[cfg(test)]
mod tests {
    use sealdesk_protocol::ids::TicketId;

    use super::*;
    use crate::view::Record;

    #[test]
    fn every_condition_that_is_named_has_to_hold() {
        let ticket = Ticket {
            id: TicketId::new(12).unwrap(),
            status: Status::Open,
            priority: Priority::High,
            category: "billing".to_owned(),
            customer: "virtengine1alice".to_owned(),
            assigned_to: None,
            answers: 0,
            created_at: Time::Unix(10),
            updated_at: Time::Unix(20),
            resolved_at: None,
            closed_at: None,
            snoozed_until: None,
            record: Record::Contract([7; 32]),
        };
        let all = InboxFilter::default();
        assert!(all.is_none() && all.fits(&ticket));
        let fits = |filter: InboxFilter| filter.fits(&ticket);
        assert!(fits(InboxFilter { category: Some("Billing".into()), ..all.clone() }));
        assert!(!fits(InboxFilter { category: Some("technical".into()), ..all.clone() }));
        assert!(!fits(InboxFilter { status: Some(Status::Closed), ..all.clone() }));
        assert!(!fits(InboxFilter { priority: Some(Priority::Low), ..all.clone() }));
        assert!(fits(InboxFilter { since: Some(20), ..all.clone() }));
        assert!(!fits(InboxFilter { since: Some(21), ..all.clone() }));
        let both = InboxFilter { priority: Some(Priority::High), since: Some(21), ..all.clone() };
        assert!(!fits(both));
        let about = About { subject: Subject::Text("Kalter KÖNIG".into()), ..About::unknown() };
        for (text, found) in
            [("könig", true), ("TKT-00000012", true), ("ALICE", true), ("bill", true), ("x", false)]
        {
            let filter = InboxFilter { search: Some(text.into()), ..all.clone() };
            assert_eq!(filter.finds(&ticket, Some(&about)), found, "{text}");
        }
        let filter = InboxFilter { search: Some("könig".into()), ..all };
        assert!(!filter.finds(&ticket, Some(&About::unknown())), "what was not opened is not searched");
    }
}
